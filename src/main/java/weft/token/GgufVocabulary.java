package weft.token;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

import org.jspecify.annotations.Nullable;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.io.SourceFile;

/**
 * The vocabulary a GGUF file carries in its metadata ({@code tokenizer.ggml.*}): byte-level BPE ({@code gpt2}),
 * SentencePiece's BPE ({@code llama}) and Unigram ({@code t5}), WordPiece ({@code bert}). Only the header is walked.
 * How a byte-level text is cut isn't in the file: {@code tokenizer.ggml.pre} names it, and a name that isn't known
 * here is a problem. Source: the GGUF specification, and how llama.cpp reads these fields.
 */
final class GgufVocabulary {
    static final String PREFIX = "tokenizer.ggml.";
    private static final int LONGEST_TEXT = 1 << 26;
    private static final String MARK = "\u2581";
    /** llama.cpp's names of ways to cut, and which of ours each is. */
    private static final Map<String, String> WORDS = new HashMap<>();

    static {
        List.of("gpt-2", "phi-2", "roberta-bpe", "olmo", "jais", "trillion", "mpt", "granite-docling")
                .forEach(name -> WORDS.put(name, "gpt2"));
        List.of("llama3", "llama-v3", "llama-bpe", "falcon3", "pixtral", "dbrx", "smaug-bpe")
                .forEach(name -> WORDS.put(name, "cl100k"));
        List.of("qwen2", "stablelm2", "deepseek-r1-qwen", "megrez").forEach(name -> WORDS.put(name, "qwen2"));
        List.of("starcoder", "refact", "command-r", "smollm", "codeshell", "exaone", "minerva-7b")
                .forEach(name -> WORDS.put(name, "starcoder"));
        List.of("gpt-4o", "llama4").forEach(name -> WORDS.put(name, "o200k"));
    }

    private final String file;
    private final MemorySegment all;
    private final Map<String, Object> values = new HashMap<>();
    private long at;

    private GgufVocabulary(String file, MemorySegment all) {
        this.file = file;
        this.all = all;
    }

    /**
     * @param all the file from its first byte
     * @return {@code null} if it carries no vocabulary
     * @throws CheckpointException BAD_TOKENIZER for one that is malformed, or of a kind that isn't known
     */
    static @Nullable Tokenizer read(MemorySegment all, String file) throws CheckpointException {
        return SourceFile.<Optional<Tokenizer>>guarded(() -> {
            var vocabulary = new GgufVocabulary(file, all);
            vocabulary.walk();
            return vocabulary.values.containsKey(PREFIX + "tokens")
                    ? Optional.of(vocabulary.tokenizer())
                    : Optional.empty();
        }).orElse(null);
    }

    // --- the header

    private void walk() throws CheckpointException {
        at = 8 + 8; // magic, version, how many tensors
        long pairs = take(8).get(SourceFile.I64, 0);
        for (long i = 0; i < pairs; i++) {
            var key = SentencePiece.chars(text());
            int type = take(4).get(SourceFile.I32, 0);
            if (key.startsWith(PREFIX)) {
                values.put(key, value(type, key));
            } else {
                skip(type, 0);
            }
        }
    }

    /** A number, a truth value, a byte string, or an array of one of them. */
    private Object value(int type, String key) throws CheckpointException {
        return switch (type) {
            case 4, 5 -> (long) take(4).get(SourceFile.I32, 0);
            case 10, 11 -> take(8).get(SourceFile.I64, 0);
            case 6 -> (double) Float.intBitsToFloat(take(4).get(SourceFile.I32, 0));
            case 7 -> take(1).get(ValueLayout.JAVA_BYTE, 0) != 0;
            case 8 -> text();
            case 9 -> array(key);
            default -> {
                skip(type, 0);
                yield "type " + type;
            }
        };
    }

    private Object array(String key) throws CheckpointException {
        int type = take(4).get(SourceFile.I32, 0);
        long count = take(8).get(SourceFile.I64, 0);
        int least = type == 8 ? 8 : type == 4 || type == 5 || type == 6 ? 4 : 1;
        if (count < 0 || count > (all.byteSize() - at) / least) {
            throw bad(key).found(Long.toUnsignedString(count)).expected("<= " + (all.byteSize() - at) / least)
                    .asException();
        }
        return switch (type) {
            case 8 -> {
                var texts = new ArrayList<byte[]>();
                for (long i = 0; i < count; i++) {
                    texts.add(text());
                }
                yield texts;
            }
            case 0, 1 -> take(count).toArray(ValueLayout.JAVA_BYTE);
            case 4, 5 -> take(4 * count).toArray(SourceFile.I32);
            case 6 ->
                take(4 * count).toArray(ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN));
            default -> {
                for (long i = 0; i < count; i++) {
                    skip(type, 1);
                }
                yield count + " * type " + type;
            }
        };
    }

    private void skip(int type, int depth) throws CheckpointException {
        switch (type) {
            case 0, 1, 7 -> take(1);
            case 2, 3 -> take(2);
            case 4, 5, 6 -> take(4);
            case 10, 11, 12 -> take(8);
            case 8 -> take(take(8).get(SourceFile.I64, 0));
            case 9 -> {
                if (depth > 4) { throw bad("metadata").found("depth > 4").asException(); }
                int inner = take(4).get(SourceFile.I32, 0);
                long count = take(8).get(SourceFile.I64, 0);
                int size = switch (inner) {
                    case 0, 1, 7 -> 1;
                    case 2, 3 -> 2;
                    case 4, 5, 6 -> 4;
                    case 10, 11, 12 -> 8;
                    default -> 0;
                };
                if (count < 0 || count > all.byteSize()) { throw bad("metadata").found(count).asException(); }
                if (size > 0) {
                    take(count * size);
                }
                for (long i = 0; size == 0 && i < count; i++) {
                    skip(inner, depth + 1);
                }
            }
            default -> throw bad("metadata").found("type " + type).expected("0..12").asException();
        }
    }

    private byte[] text() throws CheckpointException {
        long length = take(8).get(SourceFile.I64, 0);
        if (length < 0 || length > LONGEST_TEXT) {
            throw bad("metadata").found(Long.toUnsignedString(length)).expected("<= " + LONGEST_TEXT).asException();
        }
        return take(length).toArray(ValueLayout.JAVA_BYTE);
    }

    private MemorySegment take(long bytes) throws CheckpointException {
        if (bytes < 0 || bytes > all.byteSize() - at) {
            throw bad("metadata").found(all.byteSize() - at).expected(Long.toUnsignedString(bytes)).asException();
        }
        var slice = all.asSlice(at, bytes);
        at += bytes;
        return slice;
    }

    // --- what it means

    private Tokenizer tokenizer() throws CheckpointException {
        return switch (word("model")) {
            case "gpt2" -> pairs();
            case "llama" -> sentencePiece(SentencePiece.Kind.BPE);
            case "t5" -> sentencePiece(SentencePiece.Kind.UNIGRAM);
            case "bert" -> wordPieces();
            default -> throw bad(PREFIX + "model").found(word("model")).expected("gpt2, llama, t5, bert").asException();
        };
    }

    private Tokenizer pairs() throws CheckpointException {
        var pre = word("pre");
        var words = WORDS.get(pre);
        if (words == null) {
            throw bad(PREFIX + "pre").found(pre).expected(String.join(", ", WORDS.keySet().stream().sorted().toList()))
                    .asException();
        }
        var vocabulary = new Vocabulary(file);
        var types = types();
        var added = new ArrayList<AddedTokens.Added>();
        var tokens = texts("tokens");
        for (int id = 0; id < tokens.size(); id++) {
            var token = Values.text(tokens.get(id), file);
            var type = types == null ? SentencePiece.Type.NORMAL : types[id];
            if (type == SentencePiece.Type.CONTROL || type == SentencePiece.Type.UNKNOWN) {
                vocabulary.addBeside(token, id);
            } else {
                vocabulary.add(token, id);
            }
            if (type == SentencePiece.Type.USER_DEFINED && !token.isEmpty()) {
                added.add(new AddedTokens.Added(token, id, false, false, false, false));
            }
        }
        var merges = new Merges();
        var rules = texts("merges");
        for (int rank = 0; rank < rules.size(); rank++) {
            Values.addMerge(merges, rank, Values.text(rules.get(rank), file).split(" ", -1), 0, vocabulary,
                    bad(PREFIX + "merges[" + rank + "]"));
        }
        var cuts = Cut.words(words);
        cuts.add(new Cut.Bytes());
        var model = new WordModel.Pairs(vocabulary, merges, -1, "", "", false, new int[0],
                pre.startsWith("llama") || pre.equals("falcon3") || pre.equals("pixtral"));
        var parts = new Pipeline.Parts(new AddedTokens(added), List.of(), new AddedTokens(List.of()),
                List.copyOf(cuts), model, List.of(new Decoding.Bytes()), start(pre.startsWith("llama")));
        return new Pipeline(file, vocabulary, parts, end().isPresent() ? end() : vocabulary.endOfText());
    }

    private Tokenizer sentencePiece(SentencePiece.Kind kind) throws CheckpointException {
        var types = types();
        var tokens = texts("tokens");
        var scores = values.get(PREFIX + "scores") instanceof float[] s ? s : new float[0];
        if (scores.length != tokens.size() || types == null) {
            throw bad(PREFIX + "scores").found(scores.length).expected(tokens.size()).asException();
        }
        var pieces = new ArrayList<SentencePiece.Piece>();
        boolean bytes = false;
        for (int id = 0; id < scores.length; id++) {
            pieces.add(new SentencePiece.Piece(SentencePiece.chars(tokens.get(id)), scores[id], types[id]));
            bytes |= types[id] == SentencePiece.Type.BYTE;
        }
        var map = values.get(PREFIX + "precompiled_charsmap") instanceof byte[] blob && blob.length > 0
                ? CharsMap.read(blob, file, PREFIX + "precompiled_charsmap")
                : null;
        var preparation = new SentencePiece.Preparation(map, is("add_space_prefix", true),
                is("remove_extra_whitespaces", false), true, false);
        return new SentencePiece(file, pieces, kind, preparation, bytes, " \u2047 ",
                start(kind == SentencePiece.Kind.BPE), end());
    }

    /** llama.cpp marks where words begin, not where they go on. */
    private Tokenizer wordPieces() throws CheckpointException {
        var vocabulary = new Vocabulary(file);
        var types = types();
        var tokens = texts("tokens");
        for (int id = 0; id < tokens.size(); id++) {
            var token = Values.text(tokens.get(id), file);
            boolean special = types != null && types[id] != SentencePiece.Type.NORMAL || token.startsWith("[");
            vocabulary.add(token.startsWith(MARK) ? token.substring(1) : special ? token : "##" + token, id);
        }
        int unknown = Math.toIntExact(number("unknown_token_id", vocabulary.id("[UNK]")));
        if (unknown < 0 || unknown >= vocabulary.size()) {
            throw bad(PREFIX + "unknown_token_id").found(unknown).asException();
        }
        var model = new WordModel.WordPieces(vocabulary, unknown, "##", Integer.MAX_VALUE);
        var rewrites = List.<Rewrite>of(new Rewrite.BertClean(true, true), new Rewrite.Form(Normalizer.Form.NFD),
                new Rewrite.Without(Rewrite::isNonspacing), new Rewrite.Lowercase());
        var cuts = List.<Cut>of(
                new Cut.Split(new Expression.Characters(Cut::isSpace), Cut.Behavior.REMOVED, false),
                new Cut.Split(new Expression.Characters(Cut::isPunctuation), Cut.Behavior.ISOLATED, false));
        var parts = new Pipeline.Parts(new AddedTokens(List.of()), rewrites, new AddedTokens(List.of()), cuts, model,
                List.of(new Decoding.WordPiece("##", false)), new int[0]);
        return new Pipeline(file, vocabulary, parts, vocabulary.endOfText());
    }

    private int[] start(boolean otherwise) throws CheckpointException {
        long id = number("bos_token_id", -1);
        return is("add_bos_token", otherwise) && id >= 0 ? new int[]{Math.toIntExact(id)} : new int[0];
    }

    private OptionalInt end() throws CheckpointException {
        long id = number("eos_token_id", -1);
        return id < 0 ? OptionalInt.empty() : OptionalInt.of(Math.toIntExact(id));
    }

    private SentencePiece.Type @Nullable [] types() throws CheckpointException {
        if (!(values.get(PREFIX + "token_type") instanceof int[] numbers)) { return null; }
        int tokens = texts("tokens").size();
        if (numbers.length != tokens) {
            throw bad(PREFIX + "token_type").found(numbers.length).expected(tokens).asException();
        }
        var types = new SentencePiece.Type[numbers.length];
        for (int i = 0; i < types.length; i++) {
            if (numbers[i] < 1 || numbers[i] > SentencePiece.Type.values().length) {
                throw bad(PREFIX + "token_type[" + i + "]").found(numbers[i]).expected("1 … 6").asException();
            }
            types[i] = SentencePiece.Type.values()[numbers[i] - 1];
        }
        return types;
    }

    @SuppressWarnings("unchecked") // array() makes lists of byte strings only
    private List<byte[]> texts(String key) throws CheckpointException {
        if (values.get(PREFIX + key) instanceof List<?> list) { return (List<byte[]>) list; }
        throw bad(PREFIX + key).expected("[string]").asException();
    }

    private String word(String key) throws CheckpointException {
        return values.get(PREFIX + key) instanceof byte[] text ? Values.text(text, file) : "";
    }

    private boolean is(String key, boolean otherwise) {
        return values.get(PREFIX + key) instanceof Boolean flag ? flag : otherwise;
    }

    /** @throws CheckpointException BAD_TOKENIZER for an id that is none */
    private long number(String key, long otherwise) throws CheckpointException {
        if (!(values.get(PREFIX + key) instanceof Long number)) { return otherwise; }
        if (number < -1 || number >= Integer.MAX_VALUE) { throw bad(PREFIX + key).found(number).asException(); }
        return number;
    }

    private Problem bad(String field) {
        return Problem.of(Code.BAD_TOKENIZER).file(file).at(at).field(field);
    }
}
