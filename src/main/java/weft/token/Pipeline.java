package weft.token;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import weft.io.CheckpointException;

/**
 * A tokenizer as Hugging Face's {@code tokenizers} builds it: added tokens are found, the rest is rewritten, cut into
 * words, and each word becomes ids; back, tokens run through decoders.
 */
final class Pipeline implements Tokenizer {
    /**
     * @param raw added tokens looked for in the text as it is
     * @param normalized those looked for in the rewritten text
     * @param decoders {@code null} where the file has none: tokens are then joined by spaces
     * @param start ids before every text
     */
    record Parts(AddedTokens raw, List<Rewrite> rewrites, AddedTokens normalized, List<Cut> cuts, WordModel model,
            @Nullable List<Decoding> decoders, int[] start) {
        /** No added tokens, nothing rewritten, nothing before a text. */
        static Parts of(List<Cut> cuts, WordModel model, List<Decoding> decoders) {
            return new Parts(new AddedTokens(List.of()), List.of(), new AddedTokens(List.of()), cuts, model, decoders,
                    new int[0]);
        }

        /** All tokens that are found in a text as they stand. */
        List<AddedTokens.Added> added() {
            return Stream.concat(raw.tokens().stream(), normalized.tokens().stream()).toList();
        }
    }

    /** Words longer than this are not remembered within a text. */
    private static final int REMEMBERED = 200;

    private final String name;
    private final Vocabulary vocabulary;
    private final Parts parts;
    private final OptionalInt end;

    Pipeline(String name, Vocabulary vocabulary, Parts parts, OptionalInt end) {
        this.name = name;
        this.vocabulary = vocabulary;
        this.parts = parts;
        this.end = end;
    }

    Vocabulary vocabulary() {
        return vocabulary;
    }

    Parts parts() {
        return parts;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int[] encode(String text) throws CheckpointException {
        var plain = Utf8.wellFormed(text);
        var steps = new Steps(plain.length());
        var ids = new Ids();
        var known = new HashMap<String, int[]>();
        for (var raw : parts.raw.find(plain)) {
            if (raw.id() >= 0) {
                ids.add(raw.id());
                continue;
            }
            var rewritten = raw.text();
            for (var rewrite : parts.rewrites) {
                rewritten = rewrite.apply(rewritten, steps);
            }
            for (var stretch : parts.normalized.find(rewritten)) {
                if (stretch.id() >= 0) {
                    ids.add(stretch.id());
                } else if (!stretch.text().isEmpty()) {
                    boolean first = raw.start() == 0 && stretch.start() == 0;
                    for (var piece : Cut.all(parts.cuts, new Cut.Piece(stretch.text(), first), steps)) {
                        word(piece.text(), ids, known);
                    }
                }
            }
        }
        return ids.toArray();
    }

    private void word(String word, Ids ids, HashMap<String, int[]> known) throws CheckpointException {
        var before = known.get(word);
        if (before == null) {
            var made = new Ids();
            parts.model.encode(word, made);
            before = made.toArray();
            if (word.length() <= REMEMBERED) {
                known.put(word, before);
            }
        }
        ids.add(before);
    }

    @Override
    public int[] start() {
        return parts.start.clone();
    }

    @Override
    public byte[] bytes(int id) {
        var token = vocabulary.token(id);
        if (token == null) { return Utf8.REPLACEMENT.clone(); }
        if (parts.decoders == null) { return (" " + token).getBytes(StandardCharsets.UTF_8); }
        if (parts.decoders.stream().anyMatch(Decoding.Bytes.class::isInstance)) { return ByteAlphabet.bytes(token); }
        int value = Decoding.ByteFallback.value(token);
        if (value >= 0 && parts.decoders.stream().anyMatch(Decoding.ByteFallback.class::isInstance)) {
            return new byte[]{(byte) value};
        }
        return decoded(List.of(token), true).getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public String decode(int... ids) {
        var tokens = new ArrayList<String>(ids.length);
        for (var id : ids) {
            var token = vocabulary.token(id);
            tokens.add(token == null ? "\uFFFD" : token);
        }
        return decoded(tokens, false);
    }

    private String decoded(List<String> tokens, boolean goesOn) {
        if (parts.decoders == null) { return String.join(" ", tokens); }
        var texts = tokens;
        for (var decoder : parts.decoders) {
            try {
                texts = decoder.apply(texts, goesOn);
            } catch (CheckpointException e) {
                continue; // an expression that takes too many steps: the token is shown as it is written
            }
            if (goesOn && decoder instanceof Decoding.Fuse) {
                break; // what follows looks at the ends of a whole text
            }
        }
        return String.join("", texts);
    }

    @Override
    public int size() {
        return vocabulary.size();
    }

    @Override
    public OptionalInt endOfText() {
        return end;
    }
}
