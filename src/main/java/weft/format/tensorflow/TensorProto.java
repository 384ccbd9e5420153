package weft.format.tensorflow;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.ProtoList;
import weft.io.ProtoList.Kind;
import weft.io.ProtoReader;
import weft.tensor.DType;
import weft.tensor.Shape;
import weft.tensor.TensorData;

/**
 * A tensor inside a message ({@code tensorflow/core/framework/tensor.proto}): its bytes in {@code tensor_content}, or
 * its values in the list that belongs to its type. Parsing notes where they stand; {@link #read} makes a view of them
 * where they stand as in memory, and unpacks them where they are varints.
 */
final class TensorProto {
    private static final int CONTENT = 4;
    /** A list that ends early goes on with its last value; unrolled up to this many bytes. */
    private static final long UNROLLED = 64 << 20;

    private final int type;
    private final Shape shape;
    private final ProtoReader message;
    private final long present;

    private TensorProto(int type, Shape shape, ProtoReader message, long present) {
        this.type = type;
        this.shape = shape;
        this.message = message;
        this.present = present;
    }

    static TensorProto parse(ProtoReader message) throws CheckpointException {
        int type = 0;
        var shape = Shape.SCALAR;
        long present = 0;
        while (message.next()) {
            switch (message.field()) {
                case 1 -> type = message.int32();
                case 2 -> shape = ShapeProto.parse(message.message());
                case CONTENT -> present += message.bytes().byteSize();
                default -> message.skip();
            }
        }
        return new TensorProto(type, shape, message.again(), present);
    }

    /** The same values, of the type that is noted elsewhere. */
    TensorProto as(int other) {
        return new TensorProto(other, shape, message, present);
    }

    int type() {
        return type;
    }

    DType dtype() {
        return TypeCode.of(type);
    }

    Shape shape() {
        return shape;
    }

    /**
     * The values.
     *
     * @param as their shape, which says how many there must be
     * @param mayRepeat whether a list may end early; the last value stands for all that follow (a graph's constants),
     *        no value at all for zeros
     */
    TensorData read(Shape as, boolean mayRepeat) throws CheckpointException {
        var dtype = dtype();
        long count = as.count();
        if (present > 0) {
            var content = new ProtoList(message, CONTENT, Kind.BYTES).run();
            if (content == null || content.byteSize() != count * dtype.bytes()) {
                throw wrongSize(content == null ? 0 : content.byteSize(), count * dtype.bytes());
            }
            return TensorData.of(content, dtype, as);
        }
        int pieces = dtype == DType.C64 || dtype == DType.C128 ? 2 : 1;
        int width = dtype.bytes() / pieces;
        var list = list(dtype);
        long found = list.count() / pieces;
        if (found == count) {
            var run = list.run();
            if (run != null && run.byteSize() == count * dtype.bytes()) { return TensorData.of(run, dtype, as); }
        }
        if (found > count || found < count && !mayRepeat) { throw wrongSize(found, count); }
        if (count == 0) { return TensorData.of(Arena.ofAuto().allocate(1), dtype, as); }
        if (found < 2) {
            // One value for all: a view whose strides are 0.
            var one = Arena.ofAuto().allocate(dtype.bytes(), 16);
            list.copy(one, width, found * pieces);
            return TensorData.strided(one, dtype, 0, as, new long[as.rank()]);
        }
        if (found < count && count * dtype.bytes() > UNROLLED) {
            throw message.problem(Code.LIMIT).field("values").found(count * dtype.bytes()).expected("<= " + UNROLLED)
                    .asException();
        }
        var values = Arena.ofAuto().allocate(count * dtype.bytes(), 16);
        list.copy(values, width, found * pieces);
        for (long i = found; i < count; i++) {
            MemorySegment.copy(values, (found - 1) * dtype.bytes(), values, i * dtype.bytes(), dtype.bytes());
        }
        return TensorData.of(values, dtype, as);
    }

    /** The field that lists values of a type; float8 stands there as bytes and is as good as content. */
    private ProtoList list(DType dtype) {
        return switch (dtype) {
            case F32 -> list(5, Kind.FIXED32);
            case F64 -> list(6, Kind.FIXED64);
            case I32, I16, I8, U8, U16 -> list(7, Kind.VARINT);
            case C64 -> list(9, Kind.FIXED32);
            case I64 -> list(10, Kind.VARINT);
            case BOOL -> list(11, Kind.VARINT);
            case C128 -> list(12, Kind.FIXED64);
            case F16, BF16 -> list(13, Kind.VARINT);
            case U32 -> list(16, Kind.VARINT);
            case U64 -> list(17, Kind.VARINT);
            case F8_E4M3, F8_E5M2 -> list(18, Kind.BYTES);
            case STRING, UNKNOWN -> throw new IllegalStateException(dtype + " has no numbers");
        };
    }

    private ProtoList list(int field, Kind kind) {
        return new ProtoList(message, field, kind);
    }

    private CheckpointException wrongSize(long found, long expected) {
        return message.problem(Code.STORAGE_SIZE).field("values").found(found).expected(expected).asException();
    }
}
