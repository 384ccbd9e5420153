package weft.format.tensorflow;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

import org.jspecify.annotations.Nullable;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.ProtoReader;
import weft.io.SourceFile;
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
            var content = field(CONTENT);
            if (content == null || content.byteSize() != count * dtype.bytes()) {
                throw wrongSize(content == null ? 0 : content.byteSize(), count * dtype.bytes());
            }
            return TensorData.of(content, dtype, as);
        }
        int list = list(dtype);
        int pieces = dtype == DType.C64 || dtype == DType.C128 ? 2 : 1;
        int width = dtype.bytes() / pieces;
        boolean varints = !(dtype == DType.F32 || dtype == DType.F64 || pieces == 2);
        long found = count(list, varints, width) / pieces;
        if (found == count && !varints) {
            var run = field(list);
            if (run != null && run.byteSize() == count * dtype.bytes()) { return TensorData.of(run, dtype, as); }
        }
        if (found > count || found < count && !mayRepeat) { throw wrongSize(found, count); }
        if (count == 0) { return TensorData.of(Arena.ofAuto().allocate(1), dtype, as); }
        if (found < 2) {
            // One value for all: a view whose strides are 0.
            var one = Arena.ofAuto().allocate(dtype.bytes(), 16);
            fill(list, varints, width, one, found * pieces);
            return TensorData.strided(one, dtype, 0, as, new long[as.rank()]);
        }
        if (found < count && count * dtype.bytes() > UNROLLED) {
            throw message.problem(Code.LIMIT).field("values").found(count * dtype.bytes()).expected("<= " + UNROLLED)
                    .asException();
        }
        var values = Arena.ofAuto().allocate(count * dtype.bytes(), 16);
        fill(list, varints, width, values, found * pieces);
        for (long i = found; i < count; i++) {
            MemorySegment.copy(values, (found - 1) * dtype.bytes(), values, i * dtype.bytes(), dtype.bytes());
        }
        return TensorData.of(values, dtype, as);
    }

    /** The field that lists values of a type; float8 stands there as bytes and is as good as content. */
    private static int list(DType dtype) {
        return switch (dtype) {
            case F32 -> 5;
            case F64 -> 6;
            case I32, I16, I8, U8, U16 -> 7;
            case C64 -> 9;
            case I64 -> 10;
            case BOOL -> 11;
            case C128 -> 12;
            case F16, BF16 -> 13;
            case U32 -> 16;
            case U64 -> 17;
            case F8_E4M3, F8_E5M2 -> 18;
            case STRING, UNKNOWN -> throw new IllegalStateException(dtype + " has no numbers");
        };
    }

    /** The content of a field if it is there exactly once and delimited. */
    private @Nullable MemorySegment field(int number) throws CheckpointException {
        var reader = message.again();
        MemorySegment found = null;
        int times = 0;
        while (reader.next()) {
            if (reader.field() == number && reader.isDelimited()) {
                found = reader.bytes();
                times++;
            } else {
                times += reader.field() == number ? 2 : 0;
                reader.skip();
            }
        }
        return times == 1 ? found : null;
    }

    private long count(int list, boolean varints, int width) throws CheckpointException {
        long count = 0;
        var reader = message.again();
        while (reader.next()) {
            if (reader.field() != list || !reader.isDelimited()) {
                count += reader.field() == list ? 1 : 0;
                reader.skip();
                continue;
            }
            var run = reader.bytes();
            if (list == 18) {
                count += run.byteSize();
            } else if (!varints) {
                if (run.byteSize() % width != 0) { throw wrongSize(run.byteSize(), run.byteSize() / width * width); }
                count += run.byteSize() / width;
            } else {
                for (long i = 0; i < run.byteSize(); i++) {
                    count += run.get(ValueLayout.JAVA_BYTE, i) >= 0 ? 1 : 0;
                }
            }
        }
        return count;
    }

    /** Puts the first {@code limit} numbers of the list, one after another, {@code width} bytes each. */
    private void fill(int list, boolean varints, int width, MemorySegment into, long limit) throws CheckpointException {
        long at = 0;
        var reader = message.again();
        while (reader.next() && at < limit) {
            if (reader.field() != list) {
                reader.skip();
            } else if (!reader.isDelimited()) {
                put(into, at++, width, !varints ? width == 4 ? reader.fixed32() : reader.fixed64() : reader.int64());
            } else if (varints && list != 18) {
                for (var run = reader.message(); run.hasMore() && at < limit;) {
                    put(into, at++, width, run.varint());
                }
            } else {
                var run = reader.bytes();
                long numbers = Math.min(run.byteSize() / width, limit - at);
                MemorySegment.copy(run, 0, into, at * width, numbers * width);
                at += numbers;
            }
        }
    }

    private static void put(MemorySegment into, long index, int width, long bits) {
        switch (width) {
            case 1 -> into.set(ValueLayout.JAVA_BYTE, index, (byte) bits);
            case 2 -> into.set(SourceFile.I16, index * 2, (short) bits);
            case 4 -> into.set(SourceFile.I32, index * 4, (int) bits);
            default -> into.set(SourceFile.I64, index * 8, bits);
        }
    }

    private CheckpointException wrongSize(long found, long expected) {
        return message.problem(Code.STORAGE_SIZE).field("values").found(found).expected(expected).asException();
    }
}
