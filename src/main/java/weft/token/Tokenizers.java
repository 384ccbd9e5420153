package weft.token;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Json;
import weft.io.Problem;

/** The tokenizers Weft knows, made from the bytes of their files. A file name is for problems only. */
public final class Tokenizers {
    private static final class BuiltIn {
        static final Tokenizer GPT2 = new Gpt2Tokenizer();
    }

    private Tokenizers() {
    }

    /** GPT-2's own, built in. */
    public static Tokenizer gpt2() {
        return BuiltIn.GPT2;
    }

    /**
     * Byte-level BPE from a vocabulary and its merge rules: {@code encoder.json} with {@code vocab.bpe} (OpenAI),
     * {@code vocab.json} with {@code merges.txt} (Hugging Face).
     *
     * @param vocabulary JSON: token in GPT-2's byte alphabet to id
     * @param merges one rule a line, the strongest first: {@code Ġ t}; a first line {@code #version …} is skipped
     * @throws CheckpointException BAD_TOKENIZER, with the byte offset of a line that is no rule
     */
    public static Tokenizer bytePair(byte[] vocabulary, String vocabularyFile, byte[] merges, String mergesFile)
            throws CheckpointException {
        var tokens = new Vocabulary(vocabularyFile);
        for (var entry : object(json(vocabulary, vocabularyFile), vocabularyFile, "JSON").entrySet()) {
            tokens.add(entry.getKey(), integer(entry.getValue(), vocabularyFile, entry.getKey()),
                    ByteAlphabet.bytes(entry.getKey()));
        }
        return new ByteLevelBpe(vocabularyFile, ByteLevelBpe.GPT2_WORDS, tokens,
                mergeLines(text(merges, mergesFile), mergesFile, tokens));
    }

    private static Merges mergeLines(String text, String file, Vocabulary tokens) throws CheckpointException {
        var merges = new Merges();
        int rank = 0;
        int line = 0;
        long offset = 0;
        for (int start = 0; start < text.length();) {
            int end = text.indexOf('\n', start);
            end = end < 0 ? text.length() : end;
            var rule = text.substring(start, end);
            if (!rule.isBlank() && !(line == 0 && rule.startsWith("#version"))) {
                var where = Problem.of(Code.BAD_TOKENIZER).file(file).at(offset).field("line " + (line + 1));
                addMerge(merges, rank++, rule.stripTrailing().split(" ", -1), tokens, where);
            }
            line++;
            offset += rule.getBytes(StandardCharsets.UTF_8).length + 1;
            start = end + 1;
        }
        return merges;
    }

    /** One rule; its two parts and what they join to must stand in the vocabulary. */
    private static void addMerge(Merges merges, int rank, String[] pair, Vocabulary tokens, Problem where)
            throws CheckpointException {
        if (pair.length != 2 || pair[0].isEmpty() || pair[1].isEmpty()) {
            throw where.found(String.join(" ", pair)).expected("two tokens").asException();
        }
        int left = tokens.id(pair[0]);
        int right = tokens.id(pair[1]);
        int result = tokens.id(pair[0] + pair[1]);
        if (left < 0 || right < 0 || result < 0) {
            var missing = left < 0 ? pair[0] : right < 0 ? pair[1] : pair[0] + pair[1];
            throw where.found(missing).expected("in the vocabulary").asException();
        }
        merges.add(rank, left, right, result);
    }

    private static @Nullable Object json(byte[] document, String file) throws CheckpointException {
        try {
            return Json.plain(Json.parse(document, file, 0));
        } catch (CheckpointException e) {
            var p = e.problem();
            throw Problem.of(Code.BAD_TOKENIZER).file(file).at(p.offset()).field(p.field()).found(p.found())
                    .asException(e);
        }
    }

    @SuppressWarnings("unchecked") // Json.plain makes maps with string keys only
    private static Map<String, @Nullable Object> object(@Nullable Object value, String file, String field)
            throws CheckpointException {
        if (value instanceof Map<?, ?> map) {
            return (Map<String, @Nullable Object>) map;
        }
        throw Problem.of(Code.BAD_TOKENIZER).file(file).field(field).found(kind(value)).expected("object").asException();
    }

    private static long integer(@Nullable Object value, String file, String field) throws CheckpointException {
        if (value instanceof Long number) {
            return number;
        }
        throw Problem.of(Code.BAD_TOKENIZER).file(file).field(field).found(kind(value)).expected("integer")
                .asException();
    }

    private static String kind(@Nullable Object value) {
        return switch (value) {
            case null -> "null";
            case Map<?, ?> _ -> "object";
            case java.util.List<?> _ -> "array";
            case String _ -> "string";
            case Boolean _ -> "boolean";
            default -> value.toString();
        };
    }

    private static String text(byte[] bytes, String file) throws CheckpointException {
        var decoder = StandardCharsets.UTF_8.newDecoder();
        var in = ByteBuffer.wrap(bytes);
        try {
            return decoder.decode(in).toString();
        } catch (CharacterCodingException e) {
            throw Problem.of(Code.BAD_TOKENIZER).file(file).at(in.position()).found("bytes").expected("UTF-8")
                    .asException(e);
        }
    }
}
