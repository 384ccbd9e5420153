package weft.io;

import java.util.Arrays;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.ObjectReader;

/**
 * Reads a JSON document inside a file token by token, for headers and indexes too long for a tree. Every method reads
 * one value and throws {@link Code#BAD_HEADER} with the byte offset if another kind of value stands there. Keys that
 * come twice are for whoever reads to find: only it knows what to say about them.
 */
public final class JsonReader {
    private static final ObjectReader TREES = Json.mapper().reader()
            .without(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private final SourceFile file;
    private final long start;
    private final JsonParser parser;

    private JsonReader(SourceFile file, long start, JsonParser parser) {
        this.file = file;
        this.start = start;
        this.parser = parser;
    }

    /** Reads the one value of a document. */
    @FunctionalInterface
    public interface Document<T> {
        T read(JsonReader json) throws CheckpointException;
    }

    /** Reads the value of the member it is told the name of. */
    @FunctionalInterface
    public interface Members {
        void member(String name) throws CheckpointException;
    }

    /**
     * Reads the bytes {@code [offset, offset + length)} of a file as one UTF-8 document; white space may surround it and
     * nothing else.
     */
    public static <T> T read(SourceFile file, long offset, long length, Document<T> document)
            throws CheckpointException {
        return SourceFile.guarded(() -> {
            requireUtf8(file, offset, length);
            try (var parser = Json.stream(file.stream(offset, length))) {
                var json = new JsonReader(file, offset, parser);
                try {
                    return json.whole(document);
                } catch (StreamConstraintsException e) {
                    throw json.bad("JSON").found(e.getOriginalMessage()).asException(e); // it doesn't say where
                }
            } catch (JacksonException e) {
                throw Json.bad(e, file.name(), offset);
            }
        });
    }

    private <T> T whole(Document<T> document) throws CheckpointException {
        var value = document.read(this);
        if (parser.nextToken() != null) { throw bad("JSON").found(token()).expected("end").asException(); }
        return value;
    }

    /** The parser would take UTF-16 and UTF-32 as well; in either, one of the first two bytes is zero. */
    private static void requireUtf8(SourceFile file, long offset, long length) throws CheckpointException {
        var head = file.bytes(offset, Math.min(2, length), 2);
        for (var value : head) {
            if (value == 0) {
                throw file.problem(Code.BAD_HEADER, offset).field("JSON").found("0x00").expected("UTF-8").asException();
            }
        }
    }

    public void object(String field, Members members) throws CheckpointException {
        next(JsonToken.START_OBJECT, field);
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            members.member(parser.currentName());
        }
    }

    public String string(String field) throws CheckpointException {
        next(JsonToken.VALUE_STRING, field);
        return parser.getString();
    }

    /** An array of integers from 0 to 2⁶³−1. */
    public long[] naturals(String field) throws CheckpointException {
        next(JsonToken.START_ARRAY, field);
        var values = new long[4];
        int count = 0;
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            boolean isLong = parser.currentToken() == JsonToken.VALUE_NUMBER_INT
                    && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER;
            if (!isLong || parser.getLongValue() < 0) {
                throw bad(field).found(token()).expected("integer from 0 to 2^63-1").asException();
            }
            if (count == values.length) {
                values = Arrays.copyOf(values, 2 * count);
            }
            values[count++] = parser.getLongValue();
        }
        return Arrays.copyOf(values, count);
    }

    /** Any value as plain Java values, as {@link Json#plain} gives them. */
    public @Nullable Object value() {
        parser.nextToken();
        return Json.plain(TREES.readTree(parser));
    }

    public void skip() {
        parser.nextToken();
        parser.skipChildren();
    }

    /** Where in the file the last token read starts. */
    public long offset() {
        return start + Math.max(0, parser.currentTokenLocation().getByteOffset());
    }

    /** A problem at the last token read. */
    public Problem problem(Code code) {
        return file.problem(code, offset());
    }

    private Problem bad(String field) {
        return problem(Code.BAD_HEADER).field(field);
    }

    private void next(JsonToken expected, String field) throws CheckpointException {
        if (parser.nextToken() != expected) { throw bad(field).found(token()).expected(kind(expected)).asException(); }
    }

    /** What stands at the current token, cut short. */
    private String token() {
        var token = parser.currentToken();
        if (token == null || !token.isScalarValue()) { return token == null ? "end" : kind(token); }
        var text = parser.getString();
        return text.length() > 40 ? text.substring(0, 40) + "…" : text;
    }

    private static String kind(JsonToken token) {
        return switch (token) {
            case START_OBJECT -> "object";
            case START_ARRAY -> "array";
            case VALUE_STRING -> "string";
            default -> token.name(); // the parser's own word for what needs none of Weft's
        };
    }
}
