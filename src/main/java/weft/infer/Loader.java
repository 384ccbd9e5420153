package weft.infer;

import java.util.Arrays;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.tensor.Shape;
import weft.tensor.TensorData;

/** Takes a model's weights by role and checks each before any work starts: there, of the right shape, finite. */
final class Loader {
    private final Weights weights;
    private final Kernels kernels;
    private final Map<String, Layer> known;

    Loader(Weights weights, Kernels kernels) {
        this(weights, kernels, Map.of());
    }

    /** @param known layers of another model that serve this one as well, by name; nothing of them is read again */
    Loader(Weights weights, Kernels kernels, Map<String, Layer> known) {
        this.weights = weights;
        this.kernels = kernels;
        this.known = known;
    }

    boolean has(String role) {
        return weights.has(role);
    }

    /**
     * A tensor whose shape is {@code dims}; a −1 takes what is there.
     *
     * @throws CheckpointException NOT_COMPLETE if nothing feeds the role, E_SHAPE, UNKNOWN_DTYPE, NOT_FINITE
     */
    TensorData tensor(String role, long... dims) throws CheckpointException {
        if (!weights.has(role)) { throw Problem.of(Code.NOT_COMPLETE).field(role).asException(); }
        var tensor = weights.role(role);
        var shape = tensor.shape();
        boolean fits = shape.rank() == dims.length && shape.count() > 0;
        for (int axis = 0; fits && axis < dims.length; axis++) {
            fits = shape.dim(axis) <= Integer.MAX_VALUE && (dims[axis] < 0 || dims[axis] == shape.dim(axis));
        }
        if (!fits) {
            var expected = Arrays.toString(dims).replace("-1", "?");
            throw Problem.of(Code.E_SHAPE).field(role).found(shape).expected(expected).asException();
        }
        if (!tensor.dtype().isReal()) {
            throw Problem.of(Code.UNKNOWN_DTYPE).field(role).found(tensor.dtype()).asException();
        }
        if (!weights.areTrusted() && !kernels.finite(tensor)) {
            throw Problem.of(Code.NOT_FINITE).field(role).asException();
        }
        return tensor;
    }

    /** A matrix [out, in] in the order the file has it; a view no kernel can walk by rows or columns is copied. */
    TensorData matrix(String role, long out, long in) throws CheckpointException {
        var matrix = tensor(role, out, in);
        boolean walkable = matrix.stride(1) == 1 || matrix.stride(0) == 1;
        return walkable ? matrix : matrix.contiguous();
    }

    float[] vector(String role, long size) throws CheckpointException {
        return tensor(role, size).toFloats();
    }

    /** A vector that may be absent: its formula then leaves it out. */
    float @Nullable [] optionalVector(String role, long size) throws CheckpointException {
        return weights.has(role) ? vector(role, size) : null;
    }

    Layer.Linear linear(String name, long out, long in) throws CheckpointException {
        if (known.get(name) instanceof Layer.Linear linear) { return linear; }
        return new Layer.Linear(name, matrix(name + ".weight", out, in), optionalVector(name + ".bias", out));
    }

    Layer.LayerNorm layerNorm(String name, long size, double epsilon) throws CheckpointException {
        if (known.get(name) instanceof Layer.LayerNorm norm) { return norm; }
        return new Layer.LayerNorm(name, vector(name + ".weight", size), optionalVector(name + ".bias", size), epsilon);
    }

    Layer.RmsNorm rmsNorm(String name, long size, double epsilon) throws CheckpointException {
        if (known.get(name) instanceof Layer.RmsNorm norm) { return norm; }
        return new Layer.RmsNorm(name, vector(name + ".weight", size), epsilon);
    }

    Layer.@Nullable RmsNorm optionalRmsNorm(String name, long size, double epsilon) throws CheckpointException {
        return weights.has(name + ".weight") ? rmsNorm(name, size, epsilon) : null;
    }

    /** The output matrix [v, d]: its own, or the embedding's where nothing feeds it (tied). */
    Layer.Linear head(TensorData embedding) throws CheckpointException {
        if (known.get("head") instanceof Layer.Linear linear) { return linear; }
        long width = embedding.shape().dim(1);
        return weights.has("head.weight")
                ? linear("head", embedding.shape().dim(0), width)
                : new Layer.Linear("head", embedding, optionalVector("head.bias", embedding.shape().dim(0)));
    }

    static CheckpointException bad(Code code, String field, Object found, Object expected) {
        return Problem.of(code).field(field).found(found).expected(expected).asException();
    }

    /** The dimensions of a tensor as ints; {@link #tensor} has seen that they are. */
    static int dim(Shape shape, int axis) {
        return Math.toIntExact(shape.dim(axis));
    }
}
