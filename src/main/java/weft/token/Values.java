package weft.token;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Json;
import weft.io.Problem;

/** What the readers of tokenizer files share: each value is what it should be, or a problem that names it. */
final class Values {
    private Values() {
    }

    /**
     * One rule; its two parts and what they join to must stand in the vocabulary.
     *
     * @param prefix characters of the second part that mark it as a continuation and fall away
     */
    static void addMerge(Merges merges, int rank, String[] pair, int prefix, Vocabulary tokens, Problem where)
            throws CheckpointException {
        if (pair.length != 2 || pair[0].isEmpty() || pair[1].length() < Math.max(1, prefix)) {
            throw where.found(String.join(" ", pair)).expected("two tokens").asException();
        }
        int left = tokens.id(pair[0]);
        int right = tokens.id(pair[1]);
        var joined = pair[0] + pair[1].substring(prefix);
        int result = tokens.id(joined);
        if (left < 0 || right < 0 || result < 0) {
            var missing = left < 0 ? pair[0] : right < 0 ? pair[1] : joined;
            throw where.found(missing).expected("in the vocabulary").asException();
        }
        merges.add(rank, left, right, result);
    }

    static @Nullable Object json(byte[] document, String file) throws CheckpointException {
        try {
            return Json.plain(Json.parse(document, file, 0));
        } catch (CheckpointException e) {
            var p = e.problem();
            throw Problem.of(Code.BAD_TOKENIZER).file(file).at(p.offset()).field(p.field()).found(p.found())
                    .asException(e);
        }
    }

    @SuppressWarnings("unchecked") // Json.plain makes maps with string keys only
    static Map<String, @Nullable Object> object(@Nullable Object value, String file, String field)
            throws CheckpointException {
        if (value instanceof Map<?, ?> map) { return (Map<String, @Nullable Object>) map; }
        throw Problem.of(Code.BAD_TOKENIZER).file(file).field(field).found(kind(value)).expected("object")
                .asException();
    }

    static long integer(@Nullable Object value, String file, String field) throws CheckpointException {
        if (value instanceof Long number) { return number; }
        throw Problem.of(Code.BAD_TOKENIZER).file(file).field(field).found(kind(value)).expected("integer")
                .asException();
    }

    static String kind(@Nullable Object value) {
        return switch (value) {
            case null -> "null";
            case Map<?, ?> _ -> "object";
            case List<?> _ -> "array";
            case String _ -> "string";
            case Boolean _ -> "boolean";
            default -> value.toString();
        };
    }

    static String text(byte[] bytes, String file) throws CheckpointException {
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
