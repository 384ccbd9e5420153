package weft.rule;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.tensor.Shape;
import weft.tensor.TensorData;

/**
 * Makes several tensors one with a new axis that counts them: {@code stack @0}. Law: all shapes are equal, the rank
 * grows by one.
 */
public record Stack(int axis) implements Op {

    @Override
    public List<Shape> shapes(List<Shape> in, Sizes sizes) throws CheckpointException {
        if (in.isEmpty()) { throw Problem.of(Code.E_SHAPE).field(toString()).found("0 tensors").asException(); }
        var first = in.getFirst();
        for (var shape : in) {
            if (!shape.equals(first)) {
                throw Problem.of(Code.E_SHAPE).field(toString()).found(shape).expected(first).asException();
            }
        }
        return List.of(Unstack.with(this, first, axis, in.size()));
    }

    @Override
    public List<TensorData> apply(List<TensorData> in, Sizes sizes) throws CheckpointException {
        shapes(in.stream().map(TensorData::shape).toList(), sizes);
        var slabs = new ArrayList<TensorData>();
        for (var data : in) {
            slabs.add(data.reshape(Unstack.with(this, data.shape(), axis, 1)));
        }
        return slabs.size() == 1 ? slabs : new Concat(axis).apply(slabs, sizes);
    }

    @Override
    public Optional<Op> inverse(List<Shape> in, Sizes sizes) {
        return Optional.of(new Unstack(axis));
    }

    @Override
    public Place origin(Place out, List<Shape> in, Sizes sizes) {
        return new Place((int) out.index()[axis], Unstack.without(out.index(), axis));
    }

    @Override
    public String toString() {
        return "stack @" + axis;
    }
}
