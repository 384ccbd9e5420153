package weft.work;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

import org.jspecify.annotations.Nullable;

import weft.arch.Settings;
import weft.io.CheckpointException;

/**
 * The tokens a tokenizer beside a model knows, by their ids.
 *
 * @param base entries of its own vocabulary
 * @param added tokens added to it afterwards; none of them is in {@code base}
 */
public record Vocabulary(Map<Long, String> base, Map<Long, String> added) {
    private static final String ADDED = "added_tokens.json";

    /** How many tokens there are. */
    public long all() {
        return (long) base.size() + added.size();
    }

    /** One more than the largest id: the rows an embedding needs. */
    public long rows() {
        return Math.max(last(base), last(added)) + 1;
    }

    private static long last(Map<Long, String> tokens) {
        return tokens.keySet().stream().mapToLong(Long::longValue).max().orElse(-1);
    }

    /** The token of an id, or {@code null}. */
    public @Nullable String token(long id) {
        var own = base.get(id);
        return own != null ? own : added.get(id);
    }

    /** The tokens of ids from one up to, not including, another; at most so many. */
    public List<String> tokens(long from, long to, int most) {
        var some = new ArrayList<String>();
        for (long id = from; id < to && some.size() < most; id++) {
            var token = token(id);
            if (token != null) {
                some.add(token);
            }
        }
        return some;
    }

    /** How many ids mean another token here than there, or none at all. */
    public long differences(Vocabulary other) {
        long ids = Math.max(rows(), other.rows());
        long different = 0;
        for (long id = 0; id < ids; id++) {
            different += java.util.Objects.equals(token(id), other.token(id)) ? 0 : 1;
        }
        return different;
    }

    /**
     * Of a folder: {@code tokenizer.json}, or {@code vocab.json}, {@code encoder.json} or {@code vocab.txt} with
     * {@code added_tokens.json}, or whatever else the model's tokenizer is read from. Empty if there is none that can be
     * read: what a model is held against does not depend on it.
     *
     * @param model the model it belongs to, or {@code null} if nothing but its configuration is there
     */
    public static Optional<Vocabulary> of(Path folder, @Nullable Model model) {
        try {
            return read(folder, model);
        } catch (CheckpointException e) {
            return Optional.empty();
        }
    }

    private static Optional<Vocabulary> read(Path folder, @Nullable Model model) throws CheckpointException {
        var whole = folder.resolve("tokenizer.json");
        if (Files.isRegularFile(whole)) { return Optional.of(json(whole)); }
        var base = new TreeMap<Long, String>();
        for (var name : List.of("vocab.json", "encoder.json")) {
            if (base.isEmpty() && Files.isRegularFile(folder.resolve(name))) {
                byToken(folder.resolve(name), base);
            }
        }
        if (base.isEmpty() && Files.isRegularFile(folder.resolve("vocab.txt"))) {
            new String(Folders.bytes(folder.resolve("vocab.txt")), StandardCharsets.UTF_8).lines()
                    .forEach(line -> base.put((long) base.size(), line));
        }
        if (base.isEmpty() && model != null && !model.tokenizer().isEmpty()) {
            var tokenizer = TokenizerFiles.find(model, null, 0);
            for (int id = 0; tokenizer != null && id < tokenizer.size(); id++) {
                base.put((long) id, tokenizer.decode(id));
            }
        }
        if (base.isEmpty()) { return Optional.empty(); }
        var added = new TreeMap<Long, String>();
        if (Files.isRegularFile(folder.resolve(ADDED))) {
            byToken(folder.resolve(ADDED), added);
            added.keySet().removeAll(base.keySet());
        }
        return Optional.of(new Vocabulary(base, added));
    }

    private static void byToken(Path file, Map<Long, String> ids) throws CheckpointException {
        Settings.read(Folders.bytes(file), file.getFileName().toString()).values().forEach((token, id) -> {
            if (id instanceof Long number) {
                ids.put(number, token);
            }
        });
    }

    private static Vocabulary json(Path file) throws CheckpointException {
        var json = Settings.read(Folders.bytes(file), file.getFileName().toString()).values();
        var base = new TreeMap<Long, String>();
        if (json.get("model") instanceof Map<?, ?> model) {
            if (model.get("vocab") instanceof Map<?, ?> vocabulary) {
                vocabulary.forEach((token, id) -> {
                    if (id instanceof Long number) {
                        base.put(number, String.valueOf(token));
                    }
                });
            } else if (model.get("vocab") instanceof List<?> pieces) { // Unigram: pieces with their scores
                pieces.forEach(p -> base.put((long) base.size(), p instanceof List<?> piece && !piece.isEmpty()
                        ? String.valueOf(piece.getFirst())
                        : String.valueOf(p)));
            }
        }
        var added = new TreeMap<Long, String>();
        if (json.get("added_tokens") instanceof List<?> list) {
            list.forEach(t -> {
                if (t instanceof Map<?, ?> token && token.get("id") instanceof Long id && !base.containsKey(id)) {
                    added.put(id, String.valueOf(token.get("content")));
                }
            });
        }
        return new Vocabulary(base, added);
    }
}
