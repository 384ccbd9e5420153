package weft.rule;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.tensor.Shape;
import weft.tensor.TensorData;

/**
 * Cuts one tensor along an axis: {@code split 3 @0} into equal parts, {@code split [h*k, g*k, g*k] @0} into parts of
 * stated sizes; {@code split 3 @0 [2, 0, 1]} hands out the last part first. Law: the sizes add up to the axis.
 *
 * @param parts number of equal parts, or 0 if {@code sizes} says them
 * @param sizes sizes along the axis, outermost part first; empty for equal parts
 * @param order which part comes out where; empty for the order they stand in
 */
public record Split(int parts, List<SizeExpr> sizes, int axis, List<Integer> order) implements Op {

    public Split {
        sizes = List.copyOf(sizes);
        order = List.copyOf(order);
        int n = sizes.isEmpty() ? parts : sizes.size();
        if (sizes.isEmpty() ? parts < 1 : parts != 0) {
            throw new IllegalArgumentException(parts + " " + sizes);
        }
        Concat.checkOrder(order, order.isEmpty() ? 0 : n);
    }

    /** This, with the parts handed out in another order. */
    Split ordered(List<Integer> other) {
        return new Split(parts, sizes, axis, other);
    }

    private int part(int place) {
        return order.isEmpty() ? place : order.get(place);
    }

    public static Split equal(int parts, int axis) {
        return new Split(parts, List.of(), axis, List.of());
    }

    public static Split sized(List<SizeExpr> sizes, int axis) {
        return new Split(0, sizes, axis, List.of());
    }

    private long[] bounds(Shape in, Sizes names) throws CheckpointException {
        Op.axis(this, axis, in);
        long total = in.dim(axis);
        int n = parts > 0 ? parts : sizes.size();
        var bounds = new long[n + 1];
        if (parts > 0 && total % parts != 0) {
            throw Problem.of(Code.E_SIZE).field(toString()).found(total + " @" + axis).expected("n × " + parts)
                    .asException();
        }
        for (int i = 0; i < n; i++) {
            long size = parts > 0 ? total / parts : sizes.get(i).value(names);
            bounds[i + 1] = bounds[i] + size;
            if (size < 0 || bounds[i + 1] < bounds[i]) {
                throw Problem.of(Code.E_SIZE).field(toString()).found(size).expected("0 …").asException();
            }
        }
        if (bounds[n] != total) {
            throw Problem.of(Code.E_SIZE).field(toString()).found(bounds[n]).expected(total + " @" + axis)
                    .asException();
        }
        return bounds;
    }

    @Override
    public List<Shape> shapes(List<Shape> in, Sizes names) throws CheckpointException {
        var shape = Op.single(this, in);
        var bounds = bounds(shape, names);
        return IntStream.range(0, bounds.length - 1).map(this::part)
                .mapToObj(i -> shape.with(axis, bounds[i + 1] - bounds[i])).toList();
    }

    @Override
    public List<TensorData> apply(List<TensorData> in, Sizes names) throws CheckpointException {
        var data = Op.single(this, in);
        var bounds = bounds(data.shape(), names);
        var pieces = new ArrayList<TensorData>();
        for (int i = 0; i < bounds.length - 1; i++) {
            pieces.add(data.slice(axis, bounds[part(i)], bounds[part(i) + 1], 1));
        }
        return pieces;
    }

    @Override
    public Optional<Op> inverse(List<Shape> in, Sizes names) {
        return Optional.of(new Concat(axis, Concat.inverse(order)));
    }

    @Override
    public Place origin(Place out, List<Shape> in, Sizes names) throws CheckpointException {
        var bounds = bounds(in.getFirst(), names);
        var index = out.index().clone();
        index[axis] += bounds[part(out.tensor())];
        return new Place(0, index);
    }

    @Override
    public String toString() {
        var what = parts > 0 ? Integer.toString(parts)
                : sizes.stream().map(SizeExpr::toString).collect(Collectors.joining(", ", "[", "]"));
        return "split " + what + " @" + axis + Concat.text(order);
    }
}
