package weft.format.mindspore;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import weft.format.Checkpoint;
import weft.format.Checkpoint.Ignored;
import weft.format.JoinedTensor;
import weft.format.JoinedTensor.Slice;
import weft.format.MappedTensor;
import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.io.Progress;
import weft.io.ProtoReader;
import weft.io.SourceFile;
import weft.tensor.DType;
import weft.tensor.Shape;
import weft.tensor.TensorInfo;
import weft.tensor.TensorSource;

/** Walks the values of one file; of a tensor's content only place and length are looked at. */
final class CheckpointReader {
    private static final int RANK = 64;
    /** MindSpore's {@code crc_check} ends a file with this word and ten bytes of checksum, which are no message. */
    private static final String CHECKSUM = "crc_num";
    private static final int CHECKSUM_BYTES = 17;
    private static final String TEXT = "str";
    /** Bytes whose checksum is compared on opening. */
    private static final long CHECKED = 4L << 20;

    private final SourceFile file;
    private final List<TensorSource> tensors = new ArrayList<>();
    private final List<Ignored> ignored = new ArrayList<>();
    private final List<Problem> warnings = new ArrayList<>();
    private final Set<String> tags = new HashSet<>();
    private @Nullable Value last;
    private List<Slice> slices = new ArrayList<>();

    /** @param offset of the value in the file */
    private record Value(String tag, List<Long> dims, String type, Slice content, long offset) {
        boolean continues(Value other) {
            return dims.equals(other.dims) && type.equals(other.type);
        }
    }

    CheckpointReader(SourceFile file) {
        this.file = file;
    }

    Checkpoint read(MemorySegment all, Progress progress) throws CheckpointException {
        var reader = ProtoReader.of(withoutChecksum(all), file.name(), 0);
        while (reader.next()) {
            progress.check();
            if (reader.field() != 1) {
                reader.skip();
                continue;
            }
            long place = reader.offset() - 1;
            ProtoReader message;
            try {
                message = reader.message();
            } catch (CheckpointException e) {
                cutShort(e, place);
                break;
            }
            add(message, place);
        }
        finish();
        check(all);
        if (tensors.isEmpty() && ignored.isEmpty()) {
            throw file.problem(Code.NOT_A_MODEL, 0).found("0 tensors").asException();
        }
        return new Checkpoint("mindspore", List.of(file.path()), List.copyOf(tensors), Map.of(), Map.of(),
                List.copyOf(ignored), List.copyOf(warnings));
    }

    /**
     * {@code crc_check=True} ends a file with the CRC-32 of everything before it, a big-endian number of ten bytes
     * ({@code _parse_ckpt_proto}). A small file's is compared at once, a large one's when somebody wants to export from it.
     */
    private void check(MemorySegment all) throws CheckpointException {
        long end = withoutChecksum(all).byteSize();
        if (end == all.byteSize()) { return; }
        var checksum = new FileChecksum(file, end, new BigInteger(1,
                all.asSlice(end + CHECKSUM.length(), CHECKSUM_BYTES - CHECKSUM.length())
                        .toArray(ValueLayout.JAVA_BYTE)));
        if (end <= CHECKED) {
            checksum.compare().ifPresent(warnings::add);
        } else {
            tensors.replaceAll(tensor -> new ChecksummedTensor(tensor, checksum));
        }
    }

    private static MemorySegment withoutChecksum(MemorySegment all) {
        long end = all.byteSize() - CHECKSUM_BYTES;
        if (end < 0) { return all; }
        var word = all.asSlice(end, CHECKSUM.length()).toArray(ValueLayout.JAVA_BYTE);
        return new String(word, StandardCharsets.ISO_8859_1).equals(CHECKSUM) ? all.asSlice(0, end) : all;
    }

    /** The last value goes beyond the file's end: what came before it is whole. */
    private void cutShort(CheckpointException cause, long place) throws CheckpointException {
        var problem = file.problem(Code.TRUNCATED, place).found(file.size());
        if (cause.problem().found() != null && cause.problem().expected() != null) {
            problem = problem.expected(cause.problem().offset() + "+" + cause.problem().found());
        }
        if (last == null) { throw problem.asException(cause); }
        warnings.add(problem);
    }

    private void add(ProtoReader message, long place) throws CheckpointException {
        String tag = null;
        ProtoReader tensor = null;
        boolean map = false;
        while (message.next()) {
            switch (message.field()) {
                case 1 -> tag = message.text();
                case 2 -> tensor = message.message();
                case 3 -> { // a hash table (MapTensorProto, MindSpore 2): keys and values, no parameter of a plain shape
                    map = true;
                    message.skip();
                }
                default -> message.skip();
            }
        }
        if (tag == null) { throw bad(place, "tag").asException(); }
        if (tensor == null) {
            if (!map) { throw bad(place, "tensor").field(tag).asException(); }
            ignored.add(new Ignored(tag, "object"));
            return;
        }
        var value = value(tag, tensor, place);
        var before = last;
        if (before == null || !before.tag.equals(tag)) {
            finish();
            if (!tags.add(tag)) { throw file.problem(Code.DUPLICATE_NAME, place).field(tag).asException(); }
            last = value;
        } else if (!before.continues(value)) {
            throw bad(place, tag).found(value.type + " " + value.dims).expected(before.type + " " + before.dims)
                    .asException();
        }
        slices.add(value.content);
    }

    private Value value(String tag, ProtoReader tensor, long place) throws CheckpointException {
        var dims = new ArrayList<Long>();
        String type = null;
        Slice content = null;
        while (tensor.next()) {
            switch (tensor.field()) {
                case 1 -> {
                    if (tensor.isDelimited()) {
                        for (var packed = tensor.message(); packed.hasMore();) {
                            dims.add(dim(packed.varint(), dims, place, tag));
                        }
                    } else {
                        dims.add(dim(tensor.int64(), dims, place, tag));
                    }
                }
                case 2 -> type = tensor.text();
                case 3 -> {
                    long length = tensor.bytes().byteSize();
                    content = new Slice(tensor.offset() - length, length);
                }
                default -> tensor.skip();
            }
        }
        if (type == null) { throw bad(place, tag).expected("tensor_type").asException(); }
        if (content == null) { throw bad(place, tag).expected("tensor_content").asException(); }
        return new Value(tag, dims, type, content, place);
    }

    private long dim(long dim, List<Long> before, long place, String tag) throws CheckpointException {
        if (dim < 0) { throw bad(place, tag).found("dims " + dim).expected(">= 0").asException(); }
        if (before.size() == RANK) {
            throw file.problem(Code.LIMIT, place).field(tag).found("dims > " + RANK).asException();
        }
        return dim;
    }

    /** What was collected under one tag becomes a tensor. */
    private void finish() throws CheckpointException {
        var value = last;
        var parts = slices;
        if (value == null) { return; }
        last = null;
        slices = new ArrayList<>();
        if (value.type.equals(TEXT)) {
            ignored.add(new Ignored(value.tag, "string"));
            return;
        }
        var dtype = dtype(value.type);
        long present = parts.stream().mapToLong(Slice::length).sum();
        var shape = shape(value, dtype, present);
        long bytes = dtype.bytes() * shape.count();
        var info = new TensorInfo(value.tag, dtype, shape, dtype == DType.UNKNOWN ? present : bytes);
        if (shape.rank() != value.dims.size()) {
            info = info.fileShape(Shape.of(0));
        }
        long offset = parts.getFirst().offset();
        if (dtype == DType.UNKNOWN) {
            info = info.broken(file.problem(Code.UNKNOWN_DTYPE, offset).field(value.tag).found(value.type));
        } else if (bytes != present) {
            info = info.broken(file.problem(Code.STORAGE_SIZE, offset).field(value.tag).found(present).expected(bytes));
        }
        tensors.add(parts.size() == 1
                ? new MappedTensor(file, offset, info)
                : new JoinedTensor(file, List.copyOf(parts), info));
    }

    /** MindSpore writes a scalar's dimensions as {@code [0]}; one element under it tells it from an empty tensor. */
    private Shape shape(Value value, DType dtype, long present) throws CheckpointException {
        if (value.dims.equals(List.of(0L)) && present > 0 && present == dtype.bytes()) { return Shape.SCALAR; }
        var shape = Shape.of(value.dims.stream().mapToLong(Long::longValue).toArray());
        if (shape.isCountable()) { return shape; }
        throw file.problem(Code.SHAPE_BOMB, value.offset).field(value.tag).found(shape).asException();
    }

    /** {@code Float32}, {@code Uint8} (before 1.6: {@code UInt8}), {@code mindspore.float32}; of the real types and no other. */
    private static DType dtype(String type) {
        var word = type.toLowerCase(Locale.ROOT).replaceFirst("^mindspore\\.", "").replaceFirst("^bool_$", "bool");
        return switch (word) {
            case "float64", "float32", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint64", "uint32",
                    "uint16", "uint8", "bool", "complex64", "complex128" -> {
                var dtype = DType.parse(word);
                yield dtype == null ? DType.UNKNOWN : dtype;
            }
            default -> DType.UNKNOWN;
        };
    }

    private Problem bad(long place, String field) {
        return file.problem(Code.BAD_HEADER, place).field(field);
    }
}
