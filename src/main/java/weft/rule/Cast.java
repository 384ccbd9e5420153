package weft.rule;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.tensor.DType;
import weft.tensor.Numbers;
import weft.tensor.Shape;
import weft.tensor.TensorData;

/** Changes the element type, rounding to nearest, ties to even (IEEE 754-2019 §4.3.1). Shapes stay. */
public record Cast(DType to) implements Op {

    @Override
    public List<Shape> shapes(List<Shape> in, Sizes sizes) {
        return in;
    }

    @Override
    public List<TensorData> apply(List<TensorData> in, Sizes sizes) throws CheckpointException {
        for (var data : in) {
            if (!data.dtype().isReal() || !to.isFloating()) {
                throw Problem.of(Code.UNKNOWN_DTYPE).field(toString()).found(data.dtype()).expected(to).asException();
            }
        }
        return in.stream().map(d -> Numbers.cast(d, to)).toList();
    }

    /** Which of two types holds every value of the other is decided when the rule is run, from the types it meets. */
    @Override
    public Optional<Op> inverse(List<Shape> in, Sizes sizes) {
        return Optional.empty();
    }

    @Override
    public Place origin(Place out, List<Shape> in, Sizes sizes) {
        return out;
    }

    @Override
    public DType dtype(DType in) {
        return to;
    }

    @Override
    public String toString() {
        return "cast " + to.name().toLowerCase(Locale.ROOT);
    }
}
