package weft.rule;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.tensor.DType;
import weft.tensor.Numbers;
import weft.tensor.Shape;
import weft.tensor.TensorData;

/**
 * {@code mul · x + add}, in f64 with one rounding to the tensor's own type: {@code affine mul=1 add=-1} turns a
 * norm's weight as PyTorch keeps it, around 1, into one that is kept around 0 and gets 1 added where it is used (Gemma's). Shapes
 * stay.
 */
public record Affine(double mul, double add) implements Op {

    /** Only floating tensors can be computed with. */
    static void checkFloating(Op op, DType dtype) throws CheckpointException {
        if (!dtype.isFloating()) {
            throw Problem.of(Code.UNKNOWN_DTYPE).field(op.toString()).found(dtype).expected("float").asException();
        }
    }

    @Override
    public List<Shape> shapes(List<Shape> in, Sizes sizes) {
        return in;
    }

    @Override
    public List<TensorData> apply(List<TensorData> in, Sizes sizes) throws CheckpointException {
        var out = new ArrayList<TensorData>();
        for (var data : in) {
            if (isIdentity()) { // 1 · −0 + 0 would be +0
                out.add(data);
                continue;
            }
            checkFloating(this, data.dtype());
            var plain = data.contiguous();
            int size = data.dtype().bytes();
            var memory = Arena.ofAuto().allocate(Math.max(1, plain.byteSize()), 64);
            long end = plain.byteSize();
            for (long at = 0; at < end; at += size) {
                Numbers.put(memory, at, data.dtype(),
                        Math.fma(mul, data.dtype().get(plain.segment(), plain.offset() + at), add));
            }
            out.add(TensorData.of(memory, data.dtype(), data.shape()));
        }
        return out;
    }

    /** Empty: rounding loses bits. {@link #undo()} gives the values back within a tolerance. */
    @Override
    public Optional<Op> inverse(List<Shape> in, Sizes sizes) {
        return isIdentity() ? Optional.of(this) : Optional.empty();
    }

    private boolean isIdentity() {
        return mul == 1 && add == 0;
    }

    /** {@code (x − add) / mul}, which gives the values back within rounding; empty if {@code mul} is 0. */
    public Optional<Affine> undo() {
        return mul == 0 ? Optional.empty() : Optional.of(new Affine(1 / mul, add == 0 ? 0 : -add / mul));
    }

    @Override
    public Place origin(Place out, List<Shape> in, Sizes sizes) {
        return out;
    }

    @Override
    public String toString() {
        return "affine mul=" + OpReader.number(mul) + " add=" + OpReader.number(add);
    }
}
