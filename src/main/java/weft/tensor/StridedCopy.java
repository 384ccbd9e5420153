package weft.tensor;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * Copies the elements of a view in row-major order, bit for bit, as fast as the memory allows.
 *
 * <p>
 * Where the last axis stands in one piece, runs are copied whole. Where another axis does (a transpose), square
 * tiles of the two are walked through: their rows stay in the first-level cache until all of their elements are used.
 */
final class StridedCopy {
    /** Side of a tile; half of it for elements of 8 bytes and more. With 32, f32 takes half as long again. */
    private static final int SIDE = 64;
    /** Bytes from which copying a run at once beats copying its elements. */
    private static final int RUN = 32;

    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

    private final MemorySegment source;
    private final MemorySegment target;
    private final int size;
    private final long[] dims;
    /** Elements from one index to the next, in the source. */
    private final long[] steps;
    /** The same in the target. */
    private final long[] pitches;

    private StridedCopy(MemorySegment source, MemorySegment target, int size, long[] dims, long[] steps) {
        this.source = source;
        this.target = target;
        this.size = size;
        this.dims = dims;
        this.steps = steps;
        this.pitches = Shape.of(dims).strides();
    }

    /**
     * @param from byte offset of the first element in the source; the target is filled from its start
     * @param size bytes an element: 1, 2, 4, 8 or 16
     * @param shape no dimension is 0
     * @param strides of the source, in elements
     */
    static void copy(MemorySegment source, long from, int size, Shape shape, long[] strides, MemorySegment target) {
        // Axes of 1 out, neighbours that form one run merged: what is left decides how to go.
        int rank = 0;
        var dims = new long[shape.rank() + 1];
        var steps = new long[shape.rank() + 1];
        for (int axis = 0; axis < shape.rank(); axis++) {
            if (shape.dim(axis) == 1) {
                continue;
            }
            if (rank > 0 && steps[rank - 1] == strides[axis] * shape.dim(axis)) {
                dims[rank - 1] *= shape.dim(axis);
                steps[rank - 1] = strides[axis];
            } else {
                dims[rank] = shape.dim(axis);
                steps[rank++] = strides[axis];
            }
        }
        if (rank == 0) {
            dims[0] = 1;
            steps[rank++] = 1;
        }
        new StridedCopy(source, target, size, Arrays.copyOf(dims, rank), Arrays.copyOf(steps, rank)).run(from);
    }

    private void run(long from) {
        int last = dims.length - 1;
        if (steps[last] == 1 && dims[last] * size >= RUN) {
            each(0, last, -1, from, 0, (f, t) -> MemorySegment.copy(source, f, target, t, dims[last] * size));
            return;
        }
        // The axis to walk along together with the last one: what stands in one piece, else the one before.
        int along = Math.max(0, last - 1);
        for (int axis = 0; axis < last; axis++) {
            along = steps[axis] == 1 ? axis : along;
        }
        if (last == 0) {
            for (long c = 0; c < dims[0]; c += SIDE) {
                tile(1, (int) Math.min(SIDE, dims[0] - c), 0, steps[0] * size, from + c * steps[0] * size, c * size,
                        0);
            }
        } else {
            tiles(along, from);
        }
    }

    private interface Visitor {
        void visit(long from, long to);
    }

    /** Walks over all indices of the axes from {@code axis} up to {@code end}, without one of them. */
    private void each(int axis, int end, int without, long from, long to, Visitor visitor) {
        if (axis == end) {
            visitor.visit(from, to);
        } else if (axis == without) {
            each(axis + 1, end, without, from, to, visitor);
        } else {
            for (long i = 0; i < dims[axis]; i++) {
                each(axis + 1, end, without, from + i * steps[axis] * size, to + i * pitches[axis] * size, visitor);
            }
        }
    }

    private void tiles(int along, long from) {
        int last = dims.length - 1;
        int side = size >= 8 ? SIDE / 2 : SIDE;
        each(0, last, along, from, 0, (start, end) -> {
            for (long r = 0; r < dims[along]; r += side) {
                int rows = (int) Math.min(side, dims[along] - r);
                for (long c = 0; c < dims[last]; c += side) {
                    tile(rows, (int) Math.min(side, dims[last] - c), steps[along] * size, steps[last] * size,
                            start + (r * steps[along] + c * steps[last]) * size, end + (r * pitches[along] + c) * size,
                            pitches[along] * size);
                }
            }
        });
    }

    /**
     * A tile [rows, columns] of the target.
     *
     * @param rowStep bytes in the source from one row to the next, and so {@code columnStep}
     * @param pitch bytes in the target from one row to the next
     */
    private void tile(int rows, int columns, long rowStep, long columnStep, long from, long to, long pitch) {
        switch (size) {
            case 1 -> tile1(source, target, rows, columns, rowStep, columnStep, from, to, pitch);
            case 2 -> tile2(source, target, rows, columns, rowStep, columnStep, from, to, pitch);
            case 4 -> tile4(source, target, rows, columns, rowStep, columnStep, from, to, pitch);
            case 8 -> tile8(source, target, rows, columns, rowStep, columnStep, from, to, pitch);
            default -> tile(source, target, rows, columns, rowStep, columnStep, from, to, pitch, size);
        }
    }

    // One small method a width: the compiler makes a tight loop of each.

    private static void tile1(MemorySegment source, MemorySegment target, int rows, int columns, long rowStep,
            long columnStep, long from, long to, long pitch) {
        for (int r = 0; r < rows; r++) {
            long start = from + r * rowStep;
            long end = to + r * pitch;
            for (int c = 0; c < columns; c++) {
                target.set(ValueLayout.JAVA_BYTE, end + c, source.get(ValueLayout.JAVA_BYTE, start + c * columnStep));
            }
        }
    }

    private static void tile2(MemorySegment source, MemorySegment target, int rows, int columns, long rowStep,
            long columnStep, long from, long to, long pitch) {
        for (int r = 0; r < rows; r++) {
            long start = from + r * rowStep;
            long end = to + r * pitch;
            for (int c = 0; c < columns; c++) {
                target.set(SHORT, end + 2L * c, source.get(SHORT, start + c * columnStep));
            }
        }
    }

    private static void tile4(MemorySegment source, MemorySegment target, int rows, int columns, long rowStep,
            long columnStep, long from, long to, long pitch) {
        int whole = columns & -8;
        for (int c = 0; c < whole; c += 8) {
            eight(source, target, rows, rowStep, columnStep, from + c * columnStep, to + 4L * c, pitch);
        }
        for (int r = 0; r < rows; r++) {
            long start = from + r * rowStep;
            long end = to + r * pitch;
            for (int c = whole; c < columns; c++) {
                target.set(INT, end + 4L * c, source.get(INT, start + c * columnStep));
            }
        }
    }

    /** Eight columns of 4 bytes: few enough lines of the source to stay in the cache, whatever their distance. */
    private static void eight(MemorySegment source, MemorySegment target, int rows, long rowStep, long columnStep,
            long from, long to, long pitch) {
        for (int r = 0; r < rows; r++) {
            long start = from + r * rowStep;
            long end = to + r * pitch;
            target.set(INT, end, source.get(INT, start));
            target.set(INT, end + 4, source.get(INT, start + columnStep));
            target.set(INT, end + 8, source.get(INT, start + 2 * columnStep));
            target.set(INT, end + 12, source.get(INT, start + 3 * columnStep));
            target.set(INT, end + 16, source.get(INT, start + 4 * columnStep));
            target.set(INT, end + 20, source.get(INT, start + 5 * columnStep));
            target.set(INT, end + 24, source.get(INT, start + 6 * columnStep));
            target.set(INT, end + 28, source.get(INT, start + 7 * columnStep));
        }
    }

    private static void tile8(MemorySegment source, MemorySegment target, int rows, int columns, long rowStep,
            long columnStep, long from, long to, long pitch) {
        for (int r = 0; r < rows; r++) {
            long start = from + r * rowStep;
            long end = to + r * pitch;
            for (int c = 0; c < columns; c++) {
                target.set(LONG, end + 8L * c, source.get(LONG, start + c * columnStep));
            }
        }
    }

    private static void tile(MemorySegment source, MemorySegment target, int rows, int columns, long rowStep,
            long columnStep, long from, long to, long pitch, int size) {
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < columns; c++) {
                MemorySegment.copy(source, from + r * rowStep + c * columnStep, target,
                        to + r * pitch + (long) c * size, size);
            }
        }
    }
}
