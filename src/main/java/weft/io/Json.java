package weft.io;

import java.io.InputStream;
import java.io.OutputStream;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
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
            .enable(tools.jackson.databind.DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(SerializationFeature.INDENT_OUTPUT).build();

    private Json() {
    }

    public static JsonMapper mapper() {
        return MAPPER;
    }

    /** Parses a document; {@code file} and {@code base} (the document's offset in it) name the place of an error. */
    public static JsonNode parse(byte[] document, String file, long base) throws CheckpointException {
        try {
            return MAPPER.readTree(document);
        } catch (JacksonException e) {
            throw bad(e, file, base);
        }
    }

    public static JsonNode parse(String document, String file) throws CheckpointException {
        return parse(document.getBytes(java.nio.charset.StandardCharsets.UTF_8), file, 0);
    }

    /**
     * Reads a document token by token, with the same limits, for headers too long for a tree. Whoever reads looks for
     * duplicate keys of its own.
     */
    public static JsonParser stream(InputStream document) {
        return STREAMS.createParser(ObjectReadContext.empty(), document);
    }

    /** Writes a document token by token, without white space. */
    public static JsonGenerator generator(OutputStream document) {
        return STREAMS.createGenerator(ObjectWriteContext.empty(), document);
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
        if (node.isBoolean()) {
            return node.booleanValue();
        }
        if (node.isIntegralNumber()) {
            BigInteger big = node.bigIntegerValue();
            return big.bitLength() < 64 ? (Object) big.longValue() : big;
        }
        if (node.isNumber()) {
            return node.doubleValue();
        }
        return node.isNull() ? null : node.stringValue();
    }
}
