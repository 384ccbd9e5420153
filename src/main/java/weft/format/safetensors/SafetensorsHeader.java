package weft.format.safetensors;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import weft.format.Checkpoint;
import weft.format.MappedTensor;
import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.JsonReader;
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
    private final JsonReader json;
    private final List<Entry> entries = new ArrayList<>();
    private final Map<String, Entry> byName = new HashMap<>();
    private final Map<String, String> metadata = new LinkedHashMap<>();
    private boolean hasMetadata;

    /** A tensor as the header has it; offsets count from the end of the header. */
    private record Entry(String name, DType dtype, @Nullable String unknown, Shape shape, long begin, long end) {
        @Override
        public String toString() {
            return name + " " + range();
        }

        String range() {
            return "[" + begin + ", " + end + ")";
        }
    }

    private SafetensorsHeader(SourceFile file, long length, JsonReader json) {
        this.file = file;
        this.length = length;
        this.json = json;
    }

    static Checkpoint read(SourceFile file, Progress progress) throws CheckpointException {
        if (file.size() < START) {
            throw file.problem(Code.TRUNCATED, 0).field("header length").found(file.size()).expected(START)
                    .asException();
        }
        long length = SourceFile.guarded(() -> file.segment(0, START).get(SourceFile.I64, 0));
        if (length < 0 || length > LONGEST) {
            throw file.problem(Code.LIMIT, 0).field("header length").found(Long.toUnsignedString(length))
                    .expected("<= " + LONGEST).asException();
        }
        if (length > file.size() - START) {
            throw file.problem(Code.TRUNCATED, START).field("header").found(file.size()).expected(START + length)
                    .asException();
        }
        return JsonReader.read(file, START, length, json -> {
            var header = new SafetensorsHeader(file, length, json);
            header.parse(progress);
            return header.checkpoint();
        });
    }

    private void parse(Progress progress) throws CheckpointException {
        json.object("header", name -> {
            if (name.equals(METADATA)) {
                readMetadata();
            } else {
                readEntry(name);
            }
            if ((entries.size() & 1023) == 0) {
                progress.check();
                progress.at(json.offset() - START, length);
            }
        });
    }

    private void readMetadata() throws CheckpointException {
        if (hasMetadata) { throw json.problem(Code.DUPLICATE_NAME).field(METADATA).asException(); }
        hasMetadata = true;
        json.object(METADATA, key -> {
            if (metadata.put(key, json.string(METADATA + "." + key)) != null) {
                throw json.problem(Code.DUPLICATE_NAME).field(METADATA + "." + key).asException();
            }
        });
    }

    /** What stands in one entry; each field once. */
    private final class Fields {
        private final String name;
        private @Nullable String type;
        private long @Nullable [] shape;
        private long @Nullable [] range;

        Fields(String name) {
            this.name = name;
        }

        void read(String field) throws CheckpointException {
            switch (field) {
                case "dtype" -> {
                    once(type, field);
                    type = json.string(name);
                }
                case "shape" -> {
                    once(shape, field);
                    shape = json.naturals(name);
                }
                case "data_offsets" -> {
                    once(range, field);
                    range = json.naturals(name);
                }
                default -> json.skip(); // as the library does
            }
        }

        private void once(@Nullable Object seen, String field) throws CheckpointException {
            if (seen != null) { throw bad(name).found("2 × " + field).expected("1").asException(); }
        }

        Entry entry() throws CheckpointException {
            if (type == null || shape == null || range == null) {
                throw bad(name).found("-").expected(type == null ? "dtype" : shape == null ? "shape" : "data_offsets")
                        .asException();
            }
            if (range.length != 2 || range[1] < range[0]) {
                throw bad(name).found("data_offsets " + Arrays.toString(range)).expected("[begin, end]").asException();
            }
            var known = dtype(type);
            return new Entry(name, known == null ? DType.UNKNOWN : known, known == null ? type : null, Shape.of(shape),
                    range[0], range[1]);
        }
    }

    private void readEntry(String name) throws CheckpointException {
        var fields = new Fields(name);
        json.object(name, fields::read);
        var entry = fields.entry();
        var twin = byName.put(name, entry);
        if (twin != null) {
            throw json.problem(Code.DUPLICATE_NAME).field(name).found(entry).expected(twin).asException();
        }
        checkSize(entry);
        entries.add(entry);
    }

    private void checkSize(Entry entry) throws CheckpointException {
        if (entry.dtype() == DType.UNKNOWN) { return; }
        long bytes;
        try {
            bytes = Math.multiplyExact(entry.shape().count(), entry.dtype().bytes());
        } catch (ArithmeticException e) {
            throw bad(entry.name()).found(entry.shape()).expected("< 2^63").asException(e);
        }
        if (bytes != entry.end() - entry.begin()) {
            throw bad(entry.name()).found(entry.end() - entry.begin())
                    .expected(bytes + " = " + entry.dtype() + " " + entry.shape()).asException();
        }
    }

    private Problem bad(String field) {
        return json.problem(Code.BAD_HEADER).field(field);
    }

    /**
     * Lists the tensors in the order of their values, which is the order the library writes its header in too; reading
     * them one after another is then reading the file once from front to back. Tensors without a byte stay in the order
     * of the header.
     */
    private Checkpoint checkpoint() throws CheckpointException {
        byName.clear(); // half a million names are worth giving back before the list is made
        entries.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
        long data = START + length;
        long present = file.size() - data;
        Entry previous = null;
        long end = 0;
        var tensors = new ArrayList<TensorSource>(entries.size());
        for (var entry : entries) {
            if (entry.begin() != end) {
                throw file.problem(Code.OVERLAP, data + entry.begin()).field(entry.name()).found(entry.range())
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
        return new Checkpoint("safetensors", List.of(file.path()), Collections.unmodifiableList(tensors), metadata,
                Map.of(), List.of(),
                warnings);
    }

    private TensorInfo info(Entry entry, long data, long present) {
        var info = new TensorInfo(entry.name(), entry.dtype(), entry.shape(), entry.end() - entry.begin());
        if (entry.unknown() != null) {
            return info.broken(file.problem(Code.UNKNOWN_DTYPE, data + entry.begin()).field(entry.name())
                    .found(entry.unknown()));
        }
        if (entry.end() > present) {
            return info.broken(file.problem(Code.TRUNCATED, data + entry.begin()).field(entry.name())
                    .found(Math.max(0, present - entry.begin())).expected(info.bytes()));
        }
        return info;
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
