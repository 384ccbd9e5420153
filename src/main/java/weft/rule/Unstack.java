package weft.rule;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.tensor.Shape;
import weft.tensor.TensorData;

/**
 * Makes one tensor as many as an axis is long, without that axis: {@code unstack @0}. Law: the rank falls by one. No
 * byte moves.
 */
public record Unstack(int axis) implements Op {
    /** A tensor of a million pieces is a mistake, and would fill the memory with names. */
    private static final int MOST = 1_000_000;

    /** The shape with one more axis. */
    static Shape with(Op op, Shape shape, int axis, long size) throws CheckpointException {
        if (axis < 0 || axis > shape.rank()) {
            throw Problem.of(Code.E_SHAPE).field(op.toString()).found(shape).expected("axis " + axis).asException();
        }
        var dims = new long[shape.rank() + 1];
        for (int i = 0; i < dims.length; i++) {
            dims[i] = i < axis ? shape.dim(i) : i == axis ? size : shape.dim(i - 1);
        }
        return Shape.of(dims);
    }

    static long[] without(long[] index, int axis) {
        return IntStream.range(0, index.length).filter(i -> i != axis).mapToLong(i -> index[i]).toArray();
    }

    @Override
    public List<Shape> shapes(List<Shape> in, Sizes sizes) throws CheckpointException {
        var shape = Op.single(this, in);
        Op.axis(this, axis, shape);
        if (shape.dim(axis) > MOST) {
            throw Problem.of(Code.E_SIZE).field(toString()).found(shape).expected("<= " + MOST).asException();
        }
        var piece = Shape.of(without(shape.dims(), axis));
        return IntStream.range(0, (int) shape.dim(axis)).mapToObj(i -> piece).toList();
    }

    @Override
    public List<TensorData> apply(List<TensorData> in, Sizes sizes) throws CheckpointException {
        var data = Op.single(this, in);
        var shapes = shapes(List.of(data.shape()), sizes);
        var pieces = new ArrayList<TensorData>();
        for (int i = 0; i < shapes.size(); i++) {
            pieces.add(data.slice(axis, i, i + 1, 1).reshape(shapes.get(i)));
        }
        return pieces;
    }

    /** Empty where there are no pieces that could be stacked again. */
    @Override
    public Optional<Op> inverse(List<Shape> in, Sizes sizes) {
        return in.getFirst().dim(axis) == 0 ? Optional.empty() : Optional.of(new Stack(axis));
    }

    @Override
    public Place origin(Place out, List<Shape> in, Sizes sizes) {
        var index = new long[out.index().length + 1];
        for (int i = 0; i < index.length; i++) {
            index[i] = i < axis ? out.index()[i] : i == axis ? out.tensor() : out.index()[i - 1];
        }
        return new Place(0, index);
    }

    @Override
    public String toString() {
        return "unstack @" + axis;
    }
}
