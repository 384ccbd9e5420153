package weft.format.safetensors;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

import weft.format.Checkpoint;
import weft.format.MappedTensor;
import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Json;
import weft.io.Problem;
import weft.io.Progress;
import weft.io.SourceFile;
import weft.tensor.DType;
import weft.tensor.Shape;
import weft.tensor.TensorInfo;
import weft.tensor.TensorSource;

/**
 * Reads a header as strictly as the Rust library's {@code Metadata::validate} does: the tensors lie one after another,
 * from the first byte on, without gap or overlap, and each takes as many bytes as its type and shape say. It is more
 * patient in three places: white space before the header, a type it doesn't know, and a file that ends too early or too
 * late; names and shapes of such a file are still worth seeing.
 */
final class SafetensorsHeader {
    /** Bytes of the length field, and so where the header starts. */
    static final int START = 8;
    /** The library's {@code MAX_HEADER_SIZE}. */
    static final int LONGEST = 100_000_000;
    static final String METADATA = "__metadata__";

    private final SourceFile file;
    private final long length;
    private final JsonParser json;
    private final List<Entry> entries = new ArrayList<>();
    private final Map<String, Entry> byName = new HashMap<>();
    private final Map<String, String> metadata = new LinkedHashMap<>();

    /** A tensor as the header has it; offsets count from the end of the header. */
    private record Entry(String name, @Nullable DType dtype, String type, Shape shape, long begin, long end) {
        @Override
        public String toString() {
            return name + " [" + begin + ", " + end + ")";
        }
    }

    private SafetensorsHeader(SourceFile file, long length, JsonParser json) {
        this.file = file;
        this.length = length;
        this.json = json;
    }

    static Checkpoint read(SourceFile file, Progress progress) throws CheckpointException {
        if (file.size() < START) {
            throw file.problem(Code.TRUNCATED, 0).field("header length").found(file.size()).expected(START)
                    .asException();
        }
        return SourceFile.guarded(() -> {
            long length = file.segment(0, START).get(SourceFile.I64, 0);
            if (length < 0 || length > LONGEST) {
                throw file.problem(Code.LIMIT, 0).field("header length").found(Long.toUnsignedString(length))
                        .expected("<= " + LONGEST).asException();
            }
            if (length > file.size() - START) {
                throw file.problem(Code.TRUNCATED, START).field("header").found(file.size())
                        .expected(START + length).asException();
            }
            requireBrace(file, length);
            try (var json = Json.stream(file.stream(START, length))) {
                var header = new SafetensorsHeader(file, length, json);
                header.parse(progress);
                return header.checkpoint();
            } catch (JacksonException e) {
                throw Json.bad(e, file.name(), START);
            }
        });
    }

    /** The first character after white space is the object's brace, in UTF-8: the parser would take UTF-16 as well. */
    private static void requireBrace(SourceFile file, long length) throws CheckpointException {
        var bytes = file.segment(START, length);
        long at = 0;
        while (at < length && " \t\r\n".indexOf(bytes.get(java.lang.foreign.ValueLayout.JAVA_BYTE, at)) >= 0) {
            at++;
        }
        if (at == length || bytes.get(java.lang.foreign.ValueLayout.JAVA_BYTE, at) != '{'
                || at + 1 < length && bytes.get(java.lang.foreign.ValueLayout.JAVA_BYTE, at + 1) == 0) {
            throw file.problem(Code.BAD_HEADER, START + at).field("header").expected("{").asException();
        }
    }

    private void parse(Progress progress) throws CheckpointException {
        next(JsonToken.START_OBJECT, "header");
        while (json.nextToken() != JsonToken.END_OBJECT) {
            var name = name();
            if (name.equals(METADATA)) {
                readMetadata();
            } else {
                readEntry(name);
            }
            if ((entries.size() & 1023) == 0) {
                progress.check();
                progress.at(offset() - START, length);
            }
        }
        if (json.nextToken() != null) {
            throw bad("header").found(json.currentToken()).expected("end of header").asException();
        }
    }

    private void readMetadata() throws CheckpointException {
        if (!metadata.isEmpty()) { throw problem(Code.DUPLICATE_NAME).field(METADATA).asException(); }
        if (json.nextToken() == JsonToken.VALUE_NULL) {
            return; // the library writes no metadata as nothing, and reads null as none
        }
        if (json.currentToken() != JsonToken.START_OBJECT) {
            throw bad(METADATA).found(json.currentToken()).expected("object").asException();
        }
        while (json.nextToken() != JsonToken.END_OBJECT) {
            var key = name();
            next(JsonToken.VALUE_STRING, METADATA + "." + key);
            if (metadata.put(key, json.getString()) != null) {
                throw problem(Code.DUPLICATE_NAME).field(METADATA + "." + key).asException();
            }
        }
    }

    private void readEntry(String name) throws CheckpointException {
        String type = null;
        Shape shape = null;
        long[] range = null;
        next(JsonToken.START_OBJECT, name);
        while (json.nextToken() != JsonToken.END_OBJECT) {
            switch (name()) {
                case "dtype" -> {
                    once(type, name, "dtype");
                    next(JsonToken.VALUE_STRING, name);
                    type = json.getString();
                }
                case "shape" -> {
                    once(shape, name, "shape");
                    shape = Shape.of(integers(name, "shape"));
                }
                case "data_offsets" -> {
                    once(range, name, "data_offsets");
                    range = integers(name, "data_offsets");
                }
                default -> { // the library passes over what it doesn't know
                    json.nextToken();
                    json.skipChildren();
                }
            }
        }
        if (type == null || shape == null || range == null) {
            throw bad(name).found("-").expected(type == null ? "dtype" : shape == null ? "shape" : "data_offsets")
                    .asException();
        }
        if (range.length != 2 || range[1] < range[0]) {
            throw bad(name).found("data_offsets " + Arrays.toString(range)).expected("[begin, end]").asException();
        }
        var entry = new Entry(name, dtype(type), type, shape, range[0], range[1]);
        var twin = byName.put(name, entry);
        if (twin != null) { throw problem(Code.DUPLICATE_NAME).field(name).found(entry).expected(twin).asException(); }
        checkSize(entry);
        entries.add(entry);
    }

    private void checkSize(Entry entry) throws CheckpointException {
        var dtype = entry.dtype();
        if (dtype == null) { return; }
        long bytes;
        try {
            bytes = Math.multiplyExact(entry.shape().count(), dtype.bytes());
        } catch (ArithmeticException e) {
            throw bad(entry.name()).found(entry.shape()).expected("< 2^63").asException(e);
        }
        if (bytes != entry.end() - entry.begin()) {
            throw bad(entry.name()).found(entry.end() - entry.begin())
                    .expected(bytes + " = " + dtype + " " + entry.shape()).asException();
        }
    }

    private void once(@Nullable Object seen, String name, String field) throws CheckpointException {
        if (seen != null) { throw bad(name).found("2 × " + field).expected("1").asException(); }
    }

    private long[] integers(String name, String field) throws CheckpointException {
        next(JsonToken.START_ARRAY, name);
        var values = new long[4];
        int count = 0;
        while (json.nextToken() != JsonToken.END_ARRAY) {
            var number = json.currentToken() == JsonToken.VALUE_NUMBER_INT
                    && json.getNumberType() != JsonParser.NumberType.BIG_INTEGER ? json.getLongValue() : -1;
            if (number < 0) {
                throw bad(name).found(field + " " + (json.currentToken().isStructStart()
                        ? json.currentToken()
                        : json.getString())).expected("integer").asException();
            }
            if (count == values.length) {
                values = Arrays.copyOf(values, 2 * count);
            }
            values[count++] = number;
        }
        return Arrays.copyOf(values, count);
    }

    /** A property's name; half a surrogate pair can't be written again, and the library refuses it too. */
    private String name() throws CheckpointException {
        var name = json.currentName();
        for (int i = 0; i < name.length(); i++) {
            if (Character.isSurrogate(name.charAt(i))) {
                if (i + 1 == name.length() || !Character.isSurrogatePair(name.charAt(i), name.charAt(i + 1))) {
                    throw bad("name").found("U+" + Integer.toHexString(name.charAt(i))).expected("UTF-8").asException();
                }
                i++;
            }
        }
        return name;
    }

    private void next(JsonToken expected, String field) throws CheckpointException {
        var token = json.nextToken();
        if (token != expected) { throw bad(field).found(token).expected(expected).asException(); }
    }

    private Problem bad(String field) {
        return problem(Code.BAD_HEADER).field(field);
    }

    private Problem problem(Code code) {
        return file.problem(code, offset());
    }

    /** Where in the file the current token starts. */
    private long offset() {
        return START + Math.max(0, json.currentTokenLocation().getByteOffset());
    }

    /**
     * Lists the tensors in the order of their values, which is the order the library writes its header in too; reading
     * them one after another is then reading the file once from front to back. Tensors without a byte stay in the order
     * of the header.
     */
    private Checkpoint checkpoint() throws CheckpointException {
        entries.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
        long data = START + length;
        long present = file.size() - data;
        Entry previous = null;
        long end = 0;
        var tensors = new ArrayList<TensorSource>(entries.size());
        for (var entry : entries) {
            if (entry.begin() != end) {
                throw file.problem(Code.OVERLAP, data + entry.begin()).field(entry.name()).found(entry)
                        .expected(previous == null ? "[0, …)" : previous.toString()).asException();
            }
            tensors.add(new MappedTensor(file, data + entry.begin(), info(entry, data, present)));
            previous = entry;
            end = entry.end();
        }
        var warnings = new ArrayList<Problem>();
        if (end > present) {
            warnings.add(file.problem(Code.TRUNCATED, file.size()).found(file.size()).expected(data + end));
        } else if (end < present) {
            warnings.add(file.problem(Code.TRAILING_BYTES, data + end).found(present - end).expected(0));
        }
        return new Checkpoint("safetensors", List.of(file.path()), List.copyOf(tensors), metadata, Map.of(), List.of(),
                warnings);
    }

    private TensorInfo info(Entry entry, long data, long present) {
        var dtype = entry.dtype();
        Problem broken = null;
        if (dtype == null) {
            dtype = DType.UNKNOWN;
            broken = file.problem(Code.UNKNOWN_DTYPE, data + entry.begin()).field(entry.name()).found(entry.type());
        } else if (entry.end() > present) {
            broken = file.problem(Code.TRUNCATED, data + entry.begin()).field(entry.name())
                    .found(Math.max(0, present - entry.begin())).expected(entry.end() - entry.begin());
        }
        return new TensorInfo(entry.name(), dtype, entry.shape(), entry.end() - entry.begin()).broken(broken);
    }

    /** The library's spelling, and no other; null for what Weft can't decode (F4, F6, F8_E8M0 and the NUZ types). */
    static @Nullable DType dtype(String type) {
        return switch (type) {
            case "F64" -> DType.F64;
            case "F32" -> DType.F32;
            case "F16" -> DType.F16;
            case "BF16" -> DType.BF16;
            case "F8_E4M3" -> DType.F8_E4M3;
            case "F8_E5M2" -> DType.F8_E5M2;
            case "I64" -> DType.I64;
            case "I32" -> DType.I32;
            case "I16" -> DType.I16;
            case "I8" -> DType.I8;
            case "U64" -> DType.U64;
            case "U32" -> DType.U32;
            case "U16" -> DType.U16;
            case "U8" -> DType.U8;
            case "BOOL" -> DType.BOOL;
            case "C64" -> DType.C64;
            default -> null;
        };
    }
}
