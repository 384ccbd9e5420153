package weft.rule;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.tensor.Shape;
import weft.tensor.TensorData;

/**
 * Every {@code step}-th index of an axis from {@code start} up to, not including, {@code stop}:
 * {@code slice @0 0:vocab}. Law: {@code 0 <= start <= stop <=} the axis, {@code step >= 1}. No byte moves.
 *
 * @param stop {@code null} for the end of the axis
 */
public record Slice(int axis, SizeExpr start, @Nullable SizeExpr stop, SizeExpr step) implements Op {

    /** Up to {@code stop}, every index. */
    public static Slice first(int axis, SizeExpr stop) {
        return new Slice(axis, SizeExpr.of(0), stop, SizeExpr.of(1));
    }

    /** {@code start:stop:step}, of which the stop and the step may be missing. */
    static Slice parse(int axis, String range) {
        var parts = range.split(":", -1);
        if (parts.length < 2 || parts.length > 3) { throw new IllegalArgumentException(range); }
        return new Slice(axis, SizeExpr.parse(parts[0]), parts[1].isEmpty() ? null : SizeExpr.parse(parts[1]),
                parts.length == 3 ? SizeExpr.parse(parts[2]) : SizeExpr.of(1));
    }

    private record Range(long start, long stop, long step) {
        long count() {
            return stop == start ? 0 : (stop - start - 1) / step + 1;
        }
    }

    private Range range(Shape in, Sizes sizes) throws CheckpointException {
        Op.axis(this, axis, in);
        long size = in.dim(axis);
        var range = new Range(start.value(sizes), stop == null ? size : stop.value(sizes), step.value(sizes));
        if (range.start < 0 || range.start > range.stop || range.stop > size || range.step < 1) {
            throw Problem.of(Code.E_SIZE).field(toString()).found(range.start + ":" + range.stop + ":" + range.step)
                    .expected("0:" + size).asException();
        }
        return range;
    }

    @Override
    public List<Shape> shapes(List<Shape> in, Sizes sizes) throws CheckpointException {
        var out = new ArrayList<Shape>();
        for (var shape : in) {
            out.add(shape.with(axis, range(shape, sizes).count()));
        }
        return out;
    }

    @Override
    public List<TensorData> apply(List<TensorData> in, Sizes sizes) throws CheckpointException {
        var out = new ArrayList<TensorData>();
        for (var data : in) {
            var range = range(data.shape(), sizes);
            out.add(data.slice(axis, range.start, range.stop, range.step));
        }
        return out;
    }

    /** Only a slice that leaves nothing out can be undone, by itself. */
    @Override
    public Optional<Op> inverse(List<Shape> in, Sizes sizes) throws CheckpointException {
        for (var shape : in) {
            if (range(shape, sizes).count() != shape.dim(axis)) { return Optional.empty(); }
        }
        return Optional.of(this);
    }

    @Override
    public Place origin(Place out, List<Shape> in, Sizes sizes) throws CheckpointException {
        var range = range(in.get(out.tensor()), sizes);
        var index = out.index().clone();
        index[axis] = range.start + index[axis] * range.step;
        return new Place(out.tensor(), index);
    }

    /** {@code start:stop:step} without a step of 1. */
    String range() {
        return start + ":" + (stop == null ? "" : stop) + (step.equals(SizeExpr.of(1)) ? "" : ":" + step);
    }

    @Override
    public String toString() {
        return "slice @" + axis + " " + range();
    }
}
