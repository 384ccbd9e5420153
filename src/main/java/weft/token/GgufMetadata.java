package weft.token;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;

import org.jspecify.annotations.Nullable;

/**
 * A vocabulary as the metadata of a GGUF file, from which llama.cpp makes a tokenizer that gives the same ids:
 * byte-level BPE ({@code gpt2}) and SentencePiece's BPE ({@code llama}). What llama.cpp has no words for isn't written
 * nearly right: there is no metadata then. The way back is {@link GgufVocabulary}. Source: the GGUF specification, and
 * how llama.cpp reads these fields.
 */
final class GgufMetadata {
    /** Of llama.cpp's names for ways to cut, the one written for each of ours; of these, one takes whole words first. */
    private static final Map<String, String> PRE = Map.of("gpt2", "gpt-2", "cl100k", "dbrx", "qwen2", "qwen2",
            "starcoder",
            "starcoder", "o200k", "gpt-4o");
    private static final String WHOLE_WORDS = "llama-bpe";

    private final int rows;
    private final Map<String, Object> found = new TreeMap<>();
    private final List<String> tokens = new ArrayList<>();
    private final List<SentencePiece.Type> types = new ArrayList<>();

    private GgufMetadata(int rows) {
        this.rows = rows;
    }

    /**
     * Keys and values of {@code tokenizer.ggml.*}, sorted: text, truth values, whole numbers, and lists of them.
     *
     * @param rows of the embedding: llama.cpp wants as many tokens, so what the vocabulary lacks is named and not used
     * @return empty for a vocabulary that llama.cpp can't be told of
     */
    static Map<String, Object> of(Tokenizer tokenizer, int rows) {
        var metadata = new GgufMetadata(rows);
        boolean told = tokenizer.size() <= rows && switch (tokenizer) {
            case Pipeline pipeline -> metadata.pairs(pipeline);
            case SentencePiece pieces -> metadata.pieces(pieces);
            default -> false;
        };
        if (!told) { return Map.of(); }
        metadata.ends(tokenizer);
        return metadata.found;
    }

    private boolean pairs(Pipeline pipeline) {
        var parts = pipeline.parts();
        if (!(parts.model() instanceof WordModel.Pairs model) || model.unknown() >= 0 || !model.prefix().isEmpty()
                || !model.suffix().isEmpty() || model.bytes().length > 0 || parts.decoders() == null
                || !parts.decoders().equals(List.of(new Decoding.Bytes()))
                // Qwen's files ask for NFC, which llama.cpp leaves out for every model.
                || !parts.rewrites().stream().allMatch(new Rewrite.Form(Normalizer.Form.NFC)::equals)) { return false; }
        var pre = pre(parts.cuts(), model.whole());
        if (pre == null) { return false; }
        var vocabulary = pipeline.vocabulary();
        var end = vocabulary.endOfText();
        for (int id = 0; id < rows; id++) {
            var token = vocabulary.token(id);
            add(token, vocabulary.isSpecial(id) || end.isPresent() && end.getAsInt() == id
                    ? SentencePiece.Type.CONTROL
                    : SentencePiece.Type.NORMAL);
        }
        for (var added : parts.added()) {
            types.set(added.id(), SentencePiece.Type.USER_DEFINED);
        }
        put("model", "gpt2");
        put("pre", pre);
        put("merges", model.merges().inOrder().stream()
                .map(pair -> vocabulary.token(pair[0]) + " " + vocabulary.token(pair[1])).toList());
        return true;
    }

    private static @Nullable String pre(List<Cut> cuts, boolean whole) {
        if (cuts.isEmpty() || !(cuts.getLast() instanceof Cut.Bytes)) { return null; }
        var sources = new ArrayList<String>();
        for (var cut : cuts.subList(0, cuts.size() - 1)) {
            if (!(cut instanceof Cut.Split split) || split.behavior() != Cut.Behavior.ISOLATED || split.invert()
                    || !(split.at() instanceof Expression.Regex regex)) {
                return null;
            }
            sources.add(regex.source());
        }
        return Expression.WORDS.entrySet().stream()
                .filter(words -> words.getValue().stream().map(Expression.Regex::source).toList().equals(sources))
                .map(words -> whole ? words.getKey().equals("cl100k") ? WHOLE_WORDS : null : PRE.get(words.getKey()))
                .findFirst().orElse(null);
    }

    private boolean pieces(SentencePiece tokenizer) {
        var preparation = tokenizer.preparation();
        if (tokenizer.kind() != SentencePiece.Kind.BPE || preparation.map() != null || preparation.oneSpace()
                || !preparation.escape() || preparation.spaceBehind()) {
            return false;
        }
        var pieces = tokenizer.pieces();
        var scores = new float[rows];
        for (int id = 0; id < rows; id++) {
            var piece = id < pieces.size() ? pieces.get(id) : null;
            var text = piece == null ? null : utf8(piece.text());
            if (piece != null && text == null) { return false; }
            scores[id] = piece == null ? 0 : piece.score();
            add(text, piece == null ? SentencePiece.Type.UNUSED : piece.type());
        }
        put("model", "llama");
        put("pre", "default");
        put("scores", scores);
        put("add_space_prefix", preparation.dummyPrefix());
        put("unknown_token_id", types.indexOf(SentencePiece.Type.UNKNOWN));
        return true;
    }

    /** @param token {@code null} for a row that has none */
    private void add(@Nullable String token, SentencePiece.Type type) {
        types.add(token == null ? SentencePiece.Type.UNUSED : type);
        tokens.add(token == null ? "[PAD" + tokens.size() + "]" : token); // as llama.cpp's own converter names them
    }

    private void ends(Tokenizer tokenizer) {
        put("tokens", List.copyOf(tokens));
        put("token_type", types.stream().mapToInt(type -> type.ordinal() + 1).toArray());
        var end = tokenizer.endOfText();
        var start = tokenizer.start();
        // Without them llama.cpp takes ids of its own, which mean something else here.
        var first = start.length > 0 ? OptionalInt.of(start[0]) : end;
        token("bos_token_id", first);
        token("eos_token_id", end);
        put("add_bos_token", found.containsKey(GgufVocabulary.PREFIX + "bos_token_id") && start.length > 0);
    }

    /** A mark that lies behind the rows of the embedding is none that the model could give or take. */
    private void token(String key, OptionalInt id) {
        if (id.isPresent() && id.getAsInt() < rows) {
            put(key, id.getAsInt());
        }
    }

    private void put(String key, Object value) {
        found.put(GgufVocabulary.PREFIX + key, value);
    }

    private static @Nullable String utf8(String chars) {
        try {
            return StandardCharsets.UTF_8.newDecoder()
                    .decode(ByteBuffer.wrap(chars.getBytes(StandardCharsets.ISO_8859_1))).toString();
        } catch (CharacterCodingException _) {
            return null;
        }
    }
}
