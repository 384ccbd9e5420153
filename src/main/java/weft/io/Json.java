package weft.io;

import java.io.InputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Strict JSON: a duplicate key is an error, nesting is limited to 64 levels, and nothing follows the document. The
 * one mapper everything in Weft reads and writes JSON with.
 */
public final class Json {
    private static final StreamReadConstraints LIMITS = StreamReadConstraints.builder().maxNestingDepth(64)
            .maxNameLength(1_000_000).maxStringLength(100_000_000).build();
    private static final JsonFactory STREAMS = JsonFactory.builder().streamReadConstraints(LIMITS).build();
    private static final JsonMapper MAPPER = JsonMapper
            .builder(JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .streamReadConstraints(LIMITS).build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(SerializationFeature.INDENT_OUTPUT).build();

    private Json() {
    }

    public static JsonMapper mapper() {
        return MAPPER;
    }

    /** Parses a document; {@code file} and {@code base} (the document's offset in it) name the place of an error. */
    public static JsonNode parse(byte[] document, String file, long base) throws CheckpointException {
        try {
            var node = MAPPER.readTree(document);
            if (node.isMissingNode()) {
                throw Problem.of(Code.BAD_HEADER).file(file).at(base).field("JSON").found("nothing").asException();
            }
            return node;
        } catch (JacksonException e) {
            throw bad(e, file, base);
        }
    }

    public static JsonNode parse(String document, String file) throws CheckpointException {
        return parse(document.getBytes(StandardCharsets.UTF_8), file, 0);
    }

    /** A document as plain Java values, see {@link #plain}: for rooms that don't know the JSON library. */
    public static @Nullable Object read(String document, String file) throws CheckpointException {
        return plain(parse(document, file));
    }

    /** Reads a document token by token, with the same limits. */
    static JsonParser stream(InputStream document) {
        return STREAMS.createParser(ObjectReadContext.empty(), document);
    }

    /** The problem of a document that isn't JSON, with the byte offset in the file. */
    public static CheckpointException bad(JacksonException e, String file, long base) {
        var place = e.getLocation();
        var offset = place == null ? -1 : Math.max(place.getByteOffset(), place.getCharOffset());
        return Problem.of(Code.BAD_HEADER).file(file).at(offset < 0 ? base : base + offset).field("JSON")
                .found(e.getOriginalMessage()).asException(e);
    }

    /** A document as it is printed: indented, keys in the order given, a final line feed. */
    public static String print(Object value) {
        return MAPPER.writeValueAsString(value) + "\n";
    }

    /**
     * Plain values on one line, as people write them: a space after each comma and colon. Characters that can't be
     * seen (controls, direction marks, halves of surrogate pairs) are escaped.
     */
    public static String line(@Nullable Object value) {
        return switch (value) {
            case Map<?, ?> map -> map.entrySet().stream()
                    .map(e -> quote(String.valueOf(e.getKey())) + ": " + line(e.getValue()))
                    .collect(Collectors.joining(", ", "{", "}"));
            case List<?> list -> list.stream().map(Json::line)
                    .collect(Collectors.joining(", ", "[", "]"));
            case CharSequence text -> quote(text.toString());
            case null -> "null";
            case Number number -> number.toString();
            case Boolean truth -> truth.toString();
            default -> throw new IllegalArgumentException(value.getClass().getName());
        };
    }

    /** A string as JSON writes it, quotes and all. */
    public static String quote(String text) {
        var json = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean pair = Character.isHighSurrogate(c) && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1));
            if (pair) {
                json.append(c).append(text.charAt(++i));
            } else if (c == '"' || c == '\\') {
                json.append('\\').append(c);
            } else
                if (Character.isSurrogate(c) || Character.isISOControl(c) || c == '\u2028' || c == '\u2029'
                        || Character.getType(c) == Character.FORMAT) {
                            json.append(switch (c) {
                                case '\n' -> "\\n";
                                case '\t' -> "\\t";
                                case '\r' -> "\\r";
                                default -> "\\u" + HexFormat.of().toHexDigits(c);
                            });
                        } else {
                            json.append(c);
                        }
        }
        return json.append('"').toString();
    }

    /** Plain Java values of a node: maps keep their order, integers are {@code Long} or {@code BigInteger}. */
    public static @Nullable Object plain(JsonNode node) {
        if (node.isObject()) {
            Map<String, @Nullable Object> map = new LinkedHashMap<>();
            node.properties().forEach(e -> map.put(e.getKey(), plain(e.getValue())));
            return map;
        }
        if (node.isArray()) {
            List<@Nullable Object> list = new ArrayList<>();
            node.forEach(e -> list.add(plain(e)));
            return list;
        }
        if (node.isBoolean()) { return node.booleanValue(); }
        if (node.isIntegralNumber()) {
            BigInteger big = node.bigIntegerValue();
            return big.bitLength() < 64 ? (Object) big.longValue() : big;
        }
        if (node.isNumber()) { return node.doubleValue(); }
        return node.isNull() ? null : node.stringValue();
    }
}
