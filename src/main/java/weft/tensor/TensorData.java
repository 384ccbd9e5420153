package weft.tensor;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

import weft.io.CheckpointException;
import weft.io.SourceFile;

/**
 * Values as a strided view: a memory segment (a mapped file or off-heap memory, little-endian), an offset and one
 * stride an axis. Permuting, slicing and splitting an axis move no byte; only {@link #contiguous()} and
 * {@link #copyInto(MemorySegment)} do.
 *
 * <p>
 * Element {@code (i, j, …)} stands at byte {@code offset + (i·strides[0] + j·strides[1] + …) · dtype.bytes()}.
 * Offsets are bytes, strides are elements; a stride may be 0 (an expanded axis).
 */
public final class TensorData {
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED
            .withOrder(ByteOrder.LITTLE_ENDIAN);

    /** Where the values lie: in a segment as they are, or in blocks that decode to one. */
    private sealed interface Memory {
        MemorySegment segment();

        record Plain(MemorySegment segment) implements Memory {
        }

        record Quantised(BlockData blocks) implements Memory {
            @Override
            public MemorySegment segment() {
                return blocks.decoded();
            }
        }
    }

    private final Memory memory;
    private final DType dtype;
    private final long offset;
    private final Shape shape;
    private final long[] strides;

    private TensorData(MemorySegment segment, DType dtype, long offset, Shape shape, long[] strides) {
        this(new Memory.Plain(segment), dtype, offset, shape, strides);
    }

    private TensorData(Memory memory, DType dtype, long offset, Shape shape, long[] strides) {
        this.memory = memory;
        this.dtype = dtype;
        this.offset = offset;
        this.shape = shape;
        this.strides = strides;
    }

    /** A whole segment in row-major order. */
    public static TensorData of(MemorySegment segment, DType dtype, Shape shape) {
        return strided(segment, dtype, 0, shape, shape.strides());
    }

    /** f32 in row-major order that lies in quantised blocks; what only looks at some of it decodes no more. */
    public static TensorData ofBlocks(BlockData blocks, Shape shape) {
        if (shape.count() != blocks.count()) {
            throw new IllegalArgumentException(shape + " has not as many elements as " + blocks.count());
        }
        return new TensorData(new Memory.Quantised(blocks), DType.F32, 0, shape, shape.strides());
    }

    /**
     * Any view inside a segment.
     *
     * @throws IllegalArgumentException if an element would stand outside the segment or a stride is negative
     */
    public static TensorData strided(MemorySegment segment, DType dtype, long offset, Shape shape, long[] strides) {
        if (strides.length != shape.rank()) {
            throw new IllegalArgumentException(strides.length + " strides for " + shape);
        }
        if (Arrays.stream(strides).anyMatch(s -> s < 0)) { throw new IllegalArgumentException("negative stride"); }
        // An empty view has no last element, however large its other dimensions are.
        if (shape.count() > 0) {
            long last = 0;
            for (int axis = 0; axis < strides.length; axis++) {
                last = Math.addExact(last, Math.multiplyExact(strides[axis], shape.dim(axis) - 1));
            }
            long end = Math.addExact(offset, Math.multiplyExact(Math.addExact(last, 1), dtype.bytes()));
            if (offset < 0 || end > segment.byteSize()) {
                throw new IllegalArgumentException("view ends at byte " + end + " of " + segment.byteSize());
            }
        }
        return new TensorData(segment, dtype, offset, shape, strides.clone());
    }

    /** A whole big-endian segment in row-major order: a copy with the bytes of every number turned round. */
    public static TensorData ofBigEndian(MemorySegment bytes, DType dtype, Shape shape) {
        long size = bytes.byteSize();
        var copy = Arena.ofAuto().allocate(Math.max(1, size), 64);
        int width = switch (dtype) {
            case C64, C128 -> dtype.bytes() / 2; // two numbers an element
            default -> dtype.bytes();
        };
        var big = ByteOrder.BIG_ENDIAN;
        switch (width) {
            case 2 -> MemorySegment.copy(bytes, SourceFile.I16.withOrder(big), 0, copy, SourceFile.I16, 0, size / 2);
            case 4 -> MemorySegment.copy(bytes, SourceFile.I32.withOrder(big), 0, copy, SourceFile.I32, 0, size / 4);
            case 8 -> MemorySegment.copy(bytes, SourceFile.I64.withOrder(big), 0, copy, SourceFile.I64, 0, size / 8);
            default -> copy.copyFrom(bytes);
        }
        return of(copy, dtype, shape);
    }

    /** Row-major values from the heap: for tests, small constants and computed tensors. */
    public static TensorData ofFloats(float[] values, long... dims) {
        var segment = Arena.ofAuto().allocate(Math.max(1, values.length * 4L), 16);
        MemorySegment.copy(values, 0, segment, ValueLayout.JAVA_FLOAT.withOrder(ByteOrder.LITTLE_ENDIAN), 0,
                values.length);
        return of(segment, DType.F32, Shape.of(dims));
    }

    /** The memory of this and other views; asking for it decodes blocks, all of them. */
    public MemorySegment segment() {
        return memory.segment();
    }

    /**
     * The blocks the values lie in, if they do: element {@code (i, j, …)} is value number
     * {@code offset()/4 + i·strides[0] + j·strides[1] + …} of theirs.
     */
    public Optional<BlockData> blocks() {
        return memory instanceof Memory.Quantised(var blocks) ? Optional.of(blocks) : Optional.empty();
    }

    public DType dtype() {
        return dtype;
    }

    /** Byte offset of the first element. */
    public long offset() {
        return offset;
    }

    public Shape shape() {
        return shape;
    }

    /** Elements from one index of an axis to the next. */
    public long stride(int axis) {
        return strides[axis];
    }

    public long byteSize() {
        return Math.multiplyExact(shape.count(), dtype.bytes());
    }

    /** Axis {@code i} of the result is axis {@code axes[i]} of this view. */
    public TensorData permute(int... axes) {
        var dims = new long[axes.length];
        var steps = new long[axes.length];
        for (int i = 0; i < axes.length; i++) {
            dims[i] = shape.dim(axes[i]);
            steps[i] = strides[axes[i]];
        }
        return new TensorData(memory, dtype, offset, Shape.of(dims), steps);
    }

    /** The same with one axis at another place and the others in their order, as {@code numpy.moveaxis}. */
    public TensorData moveAxis(int from, int to) {
        var axes = new ArrayList<Integer>();
        for (int axis = 0; axis < shape.rank(); axis++) {
            axes.add(axis);
        }
        axes.add(to, axes.remove(from));
        return permute(axes.stream().mapToInt(Integer::intValue).toArray());
    }

    /** Every {@code step}-th index of an axis from {@code start} up to, not including, {@code stop}. */
    public TensorData slice(int axis, long start, long stop, long step) {
        if (start < 0 || stop < start || stop > shape.dim(axis) || step < 1) {
            throw new IndexOutOfBoundsException(start + ":" + stop + ":" + step + " of " + shape.dim(axis));
        }
        long count = stop == start ? 0 : (stop - start - 1) / step + 1;
        var steps = strides.clone();
        steps[axis] = count > 1 ? strides[axis] * step : strides[axis]; // a step beyond the end is never taken
        return new TensorData(memory, dtype, offset + start * strides[axis] * dtype.bytes(), shape.with(axis, count),
                steps);
    }

    /**
     * The same elements in row-major order under other dimensions: a view where the strides allow it, else a copy.
     * Only ops that spell out their axes may call this; there is no free reshape in a rule.
     */
    public TensorData reshape(Shape target) {
        if (target.count() != shape.count()) {
            throw new IllegalArgumentException(shape + " has not as many elements as " + target);
        }
        var steps = target.count() == 0 ? target.strides() : stridesFor(target);
        return steps == null
                ? contiguous().reshape(target)
                : new TensorData(memory, dtype, offset, target, steps);
    }

    /** Strides that show this view's memory under other dimensions, or null where that takes a copy. */
    private long @Nullable [] stridesFor(Shape target) {
        var steps = new long[target.rank()];
        int to = target.rank() - 1;
        long run = 1; // elements of this view in the run of axes that follow each other in memory
        long cut = 1; // elements of the target's axes laid over that run so far
        long step = shape.rank() == 0 ? 1 : strides[shape.rank() - 1];
        for (int axis = shape.rank() - 1; axis >= -1; axis--) {
            run *= axis < 0 ? 1 : shape.dim(axis);
            boolean runGoesOn = axis > 0 && (shape.dim(axis - 1) == 1 || strides[axis - 1] == run * step);
            if (runGoesOn) {
                continue;
            }
            while (to >= 0 && (cut < run || target.dim(to) == 1)) {
                steps[to] = cut * step;
                cut *= target.dim(to--);
            }
            if (cut != run) { return null; }
            if (axis > 0) {
                step = strides[axis - 1];
                run = 1;
                cut = 1;
            }
        }
        return to < 0 ? steps : null;
    }

    /** Whether the elements already stand in row-major order without gaps. */
    public boolean isContiguous() {
        if (shape.count() == 0) { return true; }
        var plain = shape.strides();
        for (int axis = 0; axis < plain.length; axis++) {
            if (shape.dim(axis) > 1 && strides[axis] != plain[axis]) { return false; }
        }
        return true;
    }

    /** This view if it is contiguous, else a copy in off-heap memory. */
    public TensorData contiguous() {
        if (isContiguous()) { return this; }
        var copy = Arena.ofAuto().allocate(Math.max(1, byteSize()), 64);
        copyInto(copy);
        return of(copy, dtype, shape);
    }

    /** The bytes of a contiguous view. @throws IllegalStateException if it is not contiguous */
    public MemorySegment bytes() {
        if (!isContiguous()) { throw new IllegalStateException("not contiguous"); }
        return segment().asSlice(offset, byteSize());
    }

    /** One element as f64. */
    public double at(long... index) {
        if (index.length != shape.rank()) {
            throw new IllegalArgumentException(index.length + " indices for " + shape);
        }
        long place = 0;
        for (int axis = 0; axis < shape.rank(); axis++) {
            Objects.checkIndex(index[axis], shape.dim(axis));
            place += index[axis] * strides[axis];
        }
        return dtype.get(segment(), offset + place * dtype.bytes());
    }

    /** All elements in row-major order as f32. @throws ArithmeticException beyond what one array can hold */
    public float[] toFloats() {
        var values = new float[Math.toIntExact(shape.count())];
        toFloats(values, 0);
        return values;
    }

    /** Writes all elements in row-major order as f32 into an array from {@code start} on; no byte is moved before. */
    public void toFloats(float[] target, int start) {
        Objects.checkFromIndexSize(start, Math.toIntExact(shape.count()), target.length);
        if (shape.count() > 0) {
            floatAxes(0, offset, target, start);
        }
    }

    /** One run of values that stand side by side. */
    private boolean floatRun(long from, float[] target, int to, int count) {
        if (!(memory instanceof Memory.Quantised(var blocks))) { return false; }
        blocks.floats(from / dtype.bytes(), count, target, to);
        return true;
    }

    /** Decodes the axes from {@code axis} on; returns the place after the last element. */
    private int floatAxes(int axis, long from, float[] target, int to) {
        if (axis == shape.rank()) {
            target[to] = (float) dtype.get(segment(), from);
            return to + 1;
        }
        int size = dtype.bytes();
        int count = (int) shape.dim(axis);
        long step = strides[axis] * size;
        if (axis < shape.rank() - 1) {
            for (int i = 0; i < count; i++) {
                to = floatAxes(axis + 1, from + i * step, target, to);
            }
            return to;
        }
        if (step == size && floatRun(from, target, to, count)) { return to + count; }
        var segment = segment();
        if (dtype == DType.F32 && step == size) {
            MemorySegment.copy(segment, FLOAT, from, target, to, count);
        } else if (dtype == DType.F32) {
            for (int i = 0; i < count; i++) {
                target[to + i] = segment.get(FLOAT, from + i * step);
            }
        } else if (dtype == DType.BF16) {
            for (int i = 0; i < count; i++) {
                target[to + i] = Float.intBitsToFloat(segment.get(SourceFile.I16, from + i * step) << 16);
            }
        } else if (dtype == DType.F16) {
            for (int i = 0; i < count; i++) {
                target[to + i] = Float.float16ToFloat(segment.get(SourceFile.I16, from + i * step));
            }
        } else {
            for (int i = 0; i < count; i++) {
                target[to + i] = (float) dtype.get(segment, from + i * step);
            }
        }
        return to + count;
    }

    /** Copies all elements, bit for bit, in row-major order to the start of {@code target}. */
    public void copyInto(MemorySegment target) {
        if (shape.count() == 0) { return; }
        if (isContiguous()) {
            MemorySegment.copy(segment(), offset, target, 0, byteSize());
            return;
        }
        StridedCopy.copy(segment(), offset, dtype.bytes(), shape, strides, target);
    }

    /** Takes one stretch of values after another. */
    @FunctionalInterface
    public interface Chunks {
        void take(MemorySegment bytes) throws CheckpointException;
    }

    /**
     * Hands out all values in row-major order, a stretch of at most {@code scratch}'s size (at least one element) at a
     * time: stretches of the segment itself where the view is contiguous, else copies in {@code scratch}. However
     * large the tensor, no more memory than {@code scratch} is needed.
     */
    public void forEachChunk(MemorySegment scratch, Chunks chunks) throws CheckpointException {
        forEachChunk(scratch.byteSize(), () -> scratch, chunks);
    }

    /**
     * The same with other memory for each copy, so that one can be used while the next is made.
     *
     * @param limit bytes of a stretch at most, if an element is no larger
     * @param room gives {@code limit} bytes
     */
    public void forEachChunk(long limit, Supplier<MemorySegment> room, Chunks chunks) throws CheckpointException {
        if (shape.count() == 0) { return; }
        if (isContiguous() && memory instanceof Memory.Quantised(var blocks)) {
            var values = new float[(int) Math.min(limit / 4, 1 << 16)];
            for (long at = 0; at < shape.count(); at += values.length) {
                int count = (int) Math.min(values.length, shape.count() - at);
                blocks.floats(offset / 4 + at, count, values, 0);
                var scratch = room.get();
                MemorySegment.copy(values, 0, scratch, FLOAT, 0, count);
                chunks.take(scratch.asSlice(0, 4L * count));
            }
        } else if (isContiguous()) {
            long size = byteSize();
            for (long at = 0; at < size; at += limit) {
                chunks.take(segment().asSlice(offset + at, Math.min(limit, size - at)));
            }
        } else if (byteSize() <= limit) {
            var scratch = room.get();
            copyInto(scratch);
            chunks.take(scratch.asSlice(0, byteSize()));
        } else {
            // Whole rows of the first axis as far as they fit, else one row after another.
            long rows = Math.max(1, limit / (byteSize() / shape.dim(0)));
            for (long row = 0; row < shape.dim(0); row += rows) {
                var part = slice(0, row, Math.min(shape.dim(0), row + rows), 1);
                (part.shape.dim(0) == 1 ? part.row(0) : part).forEachChunk(limit, room, chunks);
            }
        }
    }

    /** One index of the first axis, without that axis. */
    private TensorData row(long index) {
        var dims = shape.dims();
        return new TensorData(memory, dtype, offset + index * strides[0] * dtype.bytes(),
                Shape.of(Arrays.copyOfRange(dims, 1, dims.length)), Arrays.copyOfRange(strides, 1, strides.length));
    }

    @Override
    public String toString() {
        return dtype + " " + shape;
    }
}
