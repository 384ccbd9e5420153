package weft.rule;

import java.util.List;
import java.util.Optional;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.tensor.DType;
import weft.tensor.Shape;
import weft.tensor.TensorData;

/**
 * One step of a rule. An op takes a list of tensors and gives a list: {@code split} makes one into several,
 * {@code concat} several into one, the others work on each. The same object states the law of shapes, moves the
 * values, undoes itself and says where each element came from; nothing else in Weft moves values.
 */
public sealed interface Op permits Rearrange, Split, Concat, Stack, Unstack, Slice, Pad, Take, Affine, Cast, Combine {

    /**
     * The shapes that come out.
     *
     * @throws CheckpointException {@code E-SHAPE} or {@code E-SIZE} with the op, found and expected
     */
    List<Shape> shapes(List<Shape> in, Sizes sizes) throws CheckpointException;

    /** The values that come out: views wherever strides allow it, else off-heap copies. */
    List<TensorData> apply(List<TensorData> in, Sizes sizes) throws CheckpointException;

    /** The op that undoes this one for inputs of these shapes, or empty if values are lost. */
    Optional<Op> inverse(List<Shape> in, Sizes sizes) throws CheckpointException;

    /** Where an element of the output was in the input, or {@link Place#NOWHERE} if the op made it. */
    Place origin(Place out, List<Shape> in, Sizes sizes) throws CheckpointException;

    /** The element type that comes out. */
    default DType dtype(DType in) {
        return in;
    }

    /** One element of a list of tensors. */
    record Place(int tensor, long... index) {
        /** An element that no input holds. */
        public static final Place NOWHERE = new Place(-1);

        public boolean isNowhere() {
            return tensor < 0;
        }
    }

    /** The inputs must be {@code count}. */
    private static void expect(Op op, int found, int count) throws CheckpointException {
        if (found != count) {
            throw Problem.of(Code.E_SHAPE).field(op.toString()).found(found + " tensors").expected(count + " tensors")
                    .asException();
        }
    }

    /** Checks that an op which takes one tensor got one. */
    static <T> T single(Op op, List<T> in) throws CheckpointException {
        expect(op, in.size(), 1);
        return in.getFirst();
    }

    /** Checks an axis against a rank. */
    static void axis(Op op, int axis, Shape shape) throws CheckpointException {
        if (axis < 0 || axis >= shape.rank()) {
            throw Problem.of(Code.E_SHAPE).field(op.toString()).found(shape).expected("axis " + axis).asException();
        }
    }
}
