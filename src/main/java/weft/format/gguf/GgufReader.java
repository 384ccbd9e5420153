package weft.format.gguf;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;

import org.jspecify.annotations.Nullable;

import weft.format.Checkpoint;
import weft.format.MappedTensor;
import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.io.Progress;
import weft.io.SourceFile;
import weft.tensor.DType;
import weft.tensor.Shape;
import weft.tensor.TensorInfo;
import weft.tensor.TensorSource;

/** Walks a GGUF header from its first byte on. */
final class GgufReader {
    static final String ALIGNMENT = "general.alignment";
    static final int DEFAULT_ALIGNMENT = 32;
    private static final int RANK = 4; // GGML_MAX_DIMS
    private static final int LONGEST_ALIGNMENT = 1 << 20;
    /** Numbers of an array that are shown; of text arrays (vocabularies) only how many there are. */
    private static final int SHOWN = 16;
    private static final int LONGEST_TEXT = 1 << 26;
    private static final int DEPTH = 4;
    static final String ARCHITECTURE = "general.architecture";
    /** Bytes the smallest entry takes: an empty key, a type and a byte; an empty name, no dimension, type and offset. */
    private static final int LEAST_PAIR = 8 + 4 + 1;
    private static final int LEAST_TENSOR = 8 + 4 + 4 + 8;

    private final SourceFile file;
    private final MemorySegment all;
    private final Map<String, String> metadata = new LinkedHashMap<>();
    private final Map<String, Object> scalars = new LinkedHashMap<>();
    private final List<Problem> warnings = new ArrayList<>();
    private boolean bigEndian;
    private long at;
    private long alignment = DEFAULT_ALIGNMENT;

    /** @param start from the data's start; @param type null for one this version doesn't know */
    private record Described(String name, long[] dims, int id, @Nullable GgmlType type, long start, long bytes,
            long place) {
    }

    GgufReader(SourceFile file) throws CheckpointException {
        this.file = file;
        this.all = file.segment(0, file.size());
    }

    Checkpoint read(Progress progress) throws CheckpointException {
        if (u32("magic") != GgufFormat.MAGIC) { throw problem(Code.BAD_HEADER, 0).field("magic").asException(); }
        int version = u32("version");
        if (Integer.reverseBytes(version) == 3) { // since version 3 a file may be big-endian, and this is where it shows
            bigEndian = true;
            version = 3;
            metadata.put("gguf.endianness", "big");
        }
        if (version != 2 && version != 3) {
            throw problem(Code.UNSUPPORTED_VERSION, 4).found(Integer.toUnsignedString(version)).expected("2, 3")
                    .asException();
        }
        metadata.put("gguf.version", Integer.toString(version));
        long tensors = count("tensor count", LEAST_TENSOR);
        long pairs = count("metadata count", LEAST_PAIR);
        for (long i = 0; i < pairs; i++) {
            progress.check();
            pair();
        }
        var described = new ArrayList<Described>();
        var names = new HashSet<String>();
        for (long i = 0; i < tensors; i++) {
            progress.check();
            long place = at;
            var tensor = tensor();
            if (!names.add(tensor.name)) { throw problem(Code.DUPLICATE_NAME, place).field(tensor.name).asException(); }
            described.add(tensor);
        }
        long data = (at + alignment - 1) / alignment * alignment;
        refuseOverlaps(described, data);
        if (described.isEmpty()) {
            warnings.add(problem(Code.NOT_A_MODEL, data).found(metadata.containsKey("tokenizer.ggml.tokens")
                    ? "vocabulary"
                    : "0 tensors"));
        }
        var sources = described.stream().map(t -> source(t, data)).toList();
        checkEnd(described, data);
        return new Checkpoint("gguf", List.of(file.path()), sources, metadata, settings(), List.of(),
                List.copyOf(warnings));
    }

    /**
     * What the metadata says of the model: the keys of its architecture without that word in front
     * ({@code llama.rope.freq_base}), and the architecture itself. Numbers are numbers.
     */
    private Map<String, Object> settings() {
        var settings = new LinkedHashMap<String, Object>();
        var architecture = metadata.get(ARCHITECTURE);
        if (architecture == null) { return settings; }
        settings.put(ARCHITECTURE, architecture);
        scalars.forEach((key, value) -> {
            if (key.startsWith(architecture + ".")) {
                settings.put(key.substring(architecture.length() + 1), value);
            }
        });
        return settings;
    }

    /** A value as a number or a truth value; text stays text, a list is none. */
    private static @Nullable Object scalar(int type, String value) {
        return switch (type) {
            case 0, 1, 2, 3, 4, 5, 11 -> Long.valueOf(value);
            case 10 -> value.length() < 19 ? Long.valueOf(value) : null;
            case 6, 12 -> Double.valueOf(value);
            case 7 -> Boolean.valueOf(value);
            case 8 -> value;
            default -> null;
        };
    }

    private void pair() throws CheckpointException {
        long place = at;
        var key = text("key");
        int type = u32(key);
        var value = value(key, type, 0);
        if (metadata.put(key, value) != null) { throw problem(Code.DUPLICATE_NAME, place).field(key).asException(); }
        var scalar = scalar(type, value);
        if (scalar != null) {
            scalars.put(key, scalar);
        }
        if (key.equals(ALIGNMENT)) {
            long number = type == 4 ? Long.parseLong(value) : 0;
            if (number < 1 || number > LONGEST_ALIGNMENT || Long.bitCount(number) != 1) {
                throw problem(Code.BAD_HEADER, place).field(key).found(value).expected("2^n").asException();
            }
            alignment = number;
        }
    }

    /** A value of the specification's {@code gguf_metadata_value_type}, as text. */
    private String value(String key, int type, int depth) throws CheckpointException {
        return switch (type) {
            case 0 -> Integer.toString(Byte.toUnsignedInt(take(1, key).get(ValueLayout.JAVA_BYTE, 0)));
            case 1 -> Byte.toString(take(1, key).get(ValueLayout.JAVA_BYTE, 0));
            case 2 -> Integer.toString(Short.toUnsignedInt(u16(key)));
            case 3 -> Short.toString(u16(key));
            case 4 -> Integer.toUnsignedString(u32(key));
            case 5 -> Integer.toString(u32(key));
            case 6 -> Float.toString(Float.intBitsToFloat(u32(key)));
            case 7 -> Boolean.toString(take(1, key).get(ValueLayout.JAVA_BYTE, 0) != 0);
            case 8 -> text(key);
            case 9 -> array(key, depth);
            case 10 -> Long.toUnsignedString(u64(key));
            case 11 -> Long.toString(u64(key));
            case 12 -> Double.toString(Double.longBitsToDouble(u64(key)));
            default -> throw problem(Code.BAD_HEADER, at - 4).field(key).found("type " + Integer.toUnsignedString(type))
                    .expected("0..12").asException();
        };
    }

    private String array(String key, int depth) throws CheckpointException {
        if (depth == DEPTH) { throw problem(Code.LIMIT, at).field(key).found("depth > " + DEPTH).asException(); }
        int type = u32(key);
        long place = at;
        long count = u64(key);
        int size = switch (type) {
            case 0, 1, 7 -> 1;
            case 2, 3 -> 2;
            case 4, 5, 6 -> 4;
            case 10, 11, 12 -> 8;
            case 8 -> 8; // at least its length
            case 9 -> 12;
            default -> throw problem(Code.BAD_HEADER, place - 4).field(key)
                    .found("type " + Integer.toUnsignedString(type)).expected("0..12").asException();
        };
        if (count < 0 || count > (file.size() - at) / size) {
            throw problem(Code.TRUNCATED, place).field(key).found(file.size() - at)
                    .expected(Long.toUnsignedString(count) + "*" + size).asException();
        }
        boolean shown = count <= SHOWN && type != 9;
        if (!shown && type != 8 && type != 9) {
            take(count * size, key);
            return count + " * " + name(type);
        }
        var values = new StringJoiner(", ", "[", "]");
        for (long i = 0; i < count; i++) {
            if (shown) {
                values.add(value(key, type, depth + 1));
            } else if (type == 8) {
                take(u64(key), key); // not decoded: a vocabulary has a hundred thousand of them
            } else {
                array(key, depth + 1);
            }
        }
        return shown ? values.toString() : count + " * " + name(type);
    }

    private static String name(int type) {
        return List.of("u8", "i8", "u16", "i16", "u32", "i32", "f32", "bool", "string", "array", "u64", "i64", "f64")
                .get(type);
    }

    private Described tensor() throws CheckpointException {
        long place = at;
        var name = text("tensor name");
        int rank = u32(name);
        if (rank < 0 || rank > RANK) {
            throw problem(Code.BAD_HEADER, at - 4).field(name).found("dims " + Integer.toUnsignedString(rank))
                    .expected("<= " + RANK).asException();
        }
        var dims = new long[rank];
        for (int i = 0; i < rank; i++) {
            dims[i] = u64(name);
            if (dims[i] < 0) { throw bomb(name, dims, i); }
        }
        if (!Shape.of(dims).isCountable()) { throw bomb(name, dims, rank); }
        long count = Shape.of(dims).count();
        int id = u32(name);
        long offsetAt = at;
        long start = u64(name);
        if (start < 0 || start % alignment != 0) {
            throw problem(Code.BAD_HEADER, offsetAt).field(name).found("offset " + Long.toUnsignedString(start))
                    .expected("n * " + alignment).asException();
        }
        var type = GgmlType.of(id);
        long row = rank == 0 ? 1 : dims[0];
        if (type != null && row % type.block() != 0) {
            throw problem(Code.BAD_HEADER, place).field(name).found(row + " " + type).expected("n * " + type.block())
                    .asException();
        }
        return new Described(name, dims, id, type, start, type == null ? 0 : count / type.block() * type.bytes(),
                place);
    }

    private CheckpointException bomb(String name, long[] dims, int rank) {
        var text = new StringJoiner(", ", "[", "]");
        for (int i = 0; i < Math.min(rank + 1, dims.length); i++) {
            text.add(Long.toUnsignedString(dims[i]));
        }
        return problem(Code.SHAPE_BOMB, at).field(name).found(text).asException();
    }

    private void refuseOverlaps(List<Described> tensors, long data) throws CheckpointException {
        var sorted = tensors.stream().filter(t -> t.bytes > 0).sorted(Comparator.comparingLong(Described::start))
                .toList();
        for (int i = 1; i < sorted.size(); i++) {
            var before = sorted.get(i - 1);
            var tensor = sorted.get(i);
            if (tensor.start < before.start + before.bytes) {
                throw problem(Code.OVERLAP, data + tensor.start).field(tensor.name)
                        .found("[" + tensor.start + ", " + (tensor.start + tensor.bytes) + ")")
                        .expected(before.name + " [" + before.start + ", " + (before.start + before.bytes) + ")")
                        .asException();
            }
        }
    }

    private TensorSource source(Described tensor, long data) {
        var outermostFirst = new long[tensor.dims.length];
        for (int i = 0; i < outermostFirst.length; i++) {
            outermostFirst[i] = tensor.dims[outermostFirst.length - 1 - i];
        }
        var shape = Shape.of(outermostFirst);
        var fileShape = Shape.of(tensor.dims);
        var type = tensor.type;
        var dtype = type == null ? DType.UNKNOWN : type.dtype();
        var word = type == null ? "type " + Integer.toUnsignedString(tensor.id) : type.name();
        long offset = data + tensor.start;
        var info = new TensorInfo(tensor.name, dtype, shape, tensor.bytes)
                .fileShape(fileShape.equals(shape) ? null : fileShape)
                .fileType(type != null && type.isPlain() ? null : word);
        if (dtype == DType.UNKNOWN) {
            info = info.broken(problem(Code.UNKNOWN_DTYPE, offset).field(tensor.name).found(word));
        } else if (offset > file.size() || tensor.bytes > file.size() - offset) {
            info = info.broken(problem(Code.TRUNCATED, offset).field(tensor.name)
                    .found(Math.max(0, file.size() - offset)).expected(tensor.bytes));
        }
        if (bigEndian && type != null && !type.isPlain() && info.broken() == null) {
            // The numbers inside the blocks are turned, too, each kind in its own places.
            info = new TensorInfo(tensor.name, DType.UNKNOWN, shape, tensor.bytes).fileShape(info.fileShape())
                    .fileType(word).broken(problem(Code.UNKNOWN_DTYPE, offset).field(tensor.name)
                            .found(word + " (big-endian)"));
        }
        if (bigEndian && type != null && type.isPlain()) { return new TurnedTensor(file, offset, info); }
        return type == null || type.isPlain()
                ? new MappedTensor(file, offset, info)
                : new BlockTensor(file, offset, type, info);
    }

    private void checkEnd(List<Described> tensors, long data) {
        long end = data + tensors.stream().mapToLong(t -> t.start + t.bytes).max().orElse(0);
        long padded = (end + alignment - 1) / alignment * alignment;
        if (end > file.size() && !tensors.isEmpty()) {
            warnings.add(problem(Code.TRUNCATED, file.size()).found(file.size()).expected(end));
        } else if (file.size() > padded && tensors.stream().allMatch(t -> t.type != null)) {
            warnings.add(problem(Code.TRAILING_BYTES, padded).found(file.size() - padded));
        }
    }

    private long count(String field, int least) throws CheckpointException {
        long count = u64(field);
        if (count < 0 || count > (file.size() - at) / least) {
            throw problem(Code.LIMIT, at - 8).field(field).found(Long.toUnsignedString(count))
                    .expected("<= " + (file.size() - at) / least).asException();
        }
        return count;
    }

    private String text(String field) throws CheckpointException {
        long place = at;
        long length = u64(field);
        if (length > LONGEST_TEXT && length <= all.byteSize() - at) {
            throw problem(Code.LIMIT, place).field(field).found(length).expected("<= " + LONGEST_TEXT).asException();
        }
        var bytes = take(length, field).toArray(ValueLayout.JAVA_BYTE);
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            throw problem(Code.BAD_HEADER, place + 8).field(field).expected("UTF-8").asException(e);
        }
    }

    private short u16(String field) throws CheckpointException {
        short value = take(2, field).get(SourceFile.I16, 0);
        return bigEndian ? Short.reverseBytes(value) : value;
    }

    private int u32(String field) throws CheckpointException {
        int value = take(4, field).get(SourceFile.I32, 0);
        return bigEndian ? Integer.reverseBytes(value) : value;
    }

    private long u64(String field) throws CheckpointException {
        long value = take(8, field).get(SourceFile.I64, 0);
        return bigEndian ? Long.reverseBytes(value) : value;
    }

    private MemorySegment take(long length, String field) throws CheckpointException {
        long left = all.byteSize() - at;
        if (length < 0 || length > left) {
            throw problem(Code.TRUNCATED, at).field(field).found(left).expected(Long.toUnsignedString(length))
                    .asException();
        }
        var slice = all.asSlice(at, length);
        at += length;
        return slice;
    }

    private Problem problem(Code code, long place) {
        return file.problem(code, place);
    }
}
