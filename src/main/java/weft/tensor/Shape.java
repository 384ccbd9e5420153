package weft.tensor;

import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * Dimensions, outermost first, row-major: the one order Weft shows and stores, whatever the file's own order is.
 * Written {@code [768, 2304]}; a scalar is {@code []}.
 */
public final class Shape {
    public static final Shape SCALAR = new Shape(new long[0]);
    private final long[] dims;

    private Shape(long[] dims) {
        this.dims = dims;
    }

    /** @throws IllegalArgumentException for a negative dimension */
    public static Shape of(long... dims) {
        for (var dim : dims) {
            if (dim < 0) { throw new IllegalArgumentException("negative dimension " + dim); }
        }
        return dims.length == 0 ? SCALAR : new Shape(dims.clone());
    }

    public int rank() {
        return dims.length;
    }

    public long dim(int axis) {
        return dims[axis];
    }

    public long[] dims() {
        return dims.clone();
    }

    /** How many elements; 1 for a scalar. @throws ArithmeticException beyond 2⁶³−1, which {@link #isCountable} rules out */
    public long count() {
        long count = 1;
        for (var dim : dims) {
            if (dim == 0) { return 0; }
        }
        for (var dim : dims) {
            count = Math.multiplyExact(count, dim);
        }
        return count;
    }

    /**
     * Whether elements and bytes of such a tensor can be counted: at 16 bytes each, the largest element there is ({@code C128}), they
     * are fewer than 2⁶³, so no later product overflows. A reader asks this of every shape a file states.
     */
    public boolean isCountable() {
        long most = Long.MAX_VALUE / 16;
        long count = 1;
        for (var dim : dims) {
            if (dim == 0) { return true; }
        }
        for (var dim : dims) {
            if (count > most / dim) { return false; }
            count *= dim;
        }
        return true;
    }

    /** The shape without its dimensions of 1. */
    public Shape squeezed() {
        return of(Arrays.stream(dims).filter(d -> d != 1).toArray());
    }

    /** Whether the two differ in nothing but dimensions of 1. */
    public boolean isSqueezed(Shape other) {
        return equals(other) || squeezed().equals(other.squeezed());
    }

    public Shape with(int axis, long size) {
        var copy = dims.clone();
        copy[axis] = size;
        return of(copy);
    }

    /** Row-major strides in elements. */
    public long[] strides() {
        var strides = new long[dims.length];
        long step = 1;
        for (int axis = dims.length - 1; axis >= 0; axis--) {
            strides[axis] = step;
            step *= Math.max(1, dims[axis]);
        }
        return strides;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Shape shape && Arrays.equals(dims, shape.dims);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(dims);
    }

    @Override
    public String toString() {
        return Arrays.stream(dims).mapToObj(Long::toString).collect(Collectors.joining(", ", "[", "]"));
    }
}
