package weft.prove;

import java.util.ArrayList;
import java.util.List;

import weft.infer.PlanWeights;
import weft.io.CheckpointException;
import weft.io.Progress;
import weft.io.SourceFile;
import weft.plan.Execution;
import weft.plan.Plan;
import weft.prove.Orientation.Answer;
import weft.prove.Orientation.Verdict;
import weft.tensor.DType;
import weft.tensor.TensorData;
import weft.tensor.TensorSource;

/**
 * Finds out which way round square matrices are stored by looking into another checkpoint of the family, of the same
 * dialect or another: where it holds the same values, it holds them this way round or the other.
 */
public final class ValuesProof {
    private ValuesProof() {
    }

    /**
     * @param plan the source as a target of its own
     * @param other the reference as a target of its own, of the same family
     * @return verdicts for the squares the reference holds; none for those with other values
     */
    public static Orientation of(Plan plan, List<TensorSource> tensors, Plan other, List<TensorSource> reference,
            Progress progress) throws CheckpointException {
        var verdicts = new ArrayList<Verdict>();
        var stored = new PlanWeights(new Execution(plan, tensors));
        var turned = new PlanWeights(new Execution(plan, Square.turned(plan, tensors)));
        var theirs = new PlanWeights(new Execution(other, reference));
        var squares = Square.of(plan);
        for (int i = 0; i < squares.size(); i++) {
            progress.check();
            progress.at(i, squares.size());
            var square = squares.get(i);
            if (!theirs.has(square.role())) {
                continue;
            }
            var expected = theirs.role(square.role());
            if (same(stored.role(square.role()), expected)) {
                verdicts.add(new Verdict(square.tensor(), Answer.RIGHT, Double.POSITIVE_INFINITY));
            } else if (same(turned.role(square.role()), expected)) {
                verdicts.add(new Verdict(square.tensor(), Answer.TURNED, Double.POSITIVE_INFINITY));
            }
        }
        return new Orientation(null, Double.NaN, Double.NaN, true, List.of(), verdicts);
    }

    /**
     * Whether two tensors hold the same values, bit for bit if their type is one, else within the rounding of a cast
     * to the coarser type. Read row by row; the first difference ends it.
     */
    static boolean same(TensorData a, TensorData b) throws CheckpointException {
        if (!a.shape().equals(b.shape()) || !a.dtype().isReal() || !b.dtype().isReal()) {
            return false;
        }
        double half = a.dtype() == b.dtype() ? 0 : Math.max(rounding(a.dtype()), rounding(b.dtype()));
        double least = a.dtype() == b.dtype() ? 0 : Math.max(smallest(a.dtype()), smallest(b.dtype())) / 2;
        return SourceFile.guarded(() -> {
            for (long row = 0; row < (a.shape().rank() == 0 ? 1 : a.shape().dim(0)); row++) {
                var x = (a.shape().rank() == 0 ? a : a.slice(0, row, row + 1, 1)).toFloats();
                var y = (b.shape().rank() == 0 ? b : b.slice(0, row, row + 1, 1)).toFloats();
                for (int i = 0; i < x.length; i++) {
                    double difference = Math.abs((double) x[i] - y[i]);
                    if (Float.floatToRawIntBits(x[i]) != Float.floatToRawIntBits(y[i])
                            && !(half > 0 && difference <= Math.max(least, half * Math.max(Math.abs(x[i]), Math.abs(y[i]))))) {
                        return false;
                    }
                }
            }
            return true;
        });
    }

    /** Half the distance of neighbouring values, relative to them. */
    private static double rounding(DType type) {
        return switch (type) {
            case F16 -> 0x1p-11;
            case BF16 -> 0x1p-8;
            case F64, F32 -> 0x1p-24;
            default -> 0x1p-3;
        };
    }

    /** The smallest positive value. */
    private static double smallest(DType type) {
        return type == DType.F16 ? 0x1p-24 : type == DType.F32 || type == DType.F64 ? Float.MIN_VALUE : 0x1p-133;
    }
}
