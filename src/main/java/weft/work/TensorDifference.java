package weft.work;

import java.util.ArrayList;
import java.util.List;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.io.Progress;
import weft.io.SourceFile;
import weft.tensor.TensorData;

/**
 * Two tensors of one shape held against each other, element by element, in f64.
 *
 * @param equal elements that are equal; two NaN are
 * @param nan elements that are NaN in one of them only
 * @param maxAbs the largest |a − b|; NaN if {@code nan} is not 0
 * @param maxAt where that is, an index for each axis
 * @param meanAbs mean of |a − b| over the finite ones
 * @param relative ‖a − b‖ / ‖b‖, 0 for two zero tensors
 * @param cosine of the angle between both, 1 for two zero tensors
 * @param spread how the finite differences a − b are spread
 */
public record TensorDifference(long count, long equal, long nan, double maxAbs, long[] maxAt, double meanAbs,
        double relative, double cosine, Histogram spread) {
    private static final int CHUNK = 1 << 16;

    /** Whether every element is the same. */
    public boolean isSame() {
        return equal == count;
    }

    /** Sums of one pass. */
    private static final class Sums {
        private long equal;
        private long nan;
        private long finite;
        private double max = -1;
        private long at;
        private double abs;
        private double low = Double.POSITIVE_INFINITY;
        private double high = Double.NEGATIVE_INFINITY;
        private double squares;
        private double ofA;
        private double ofB;
        private double dot;

        void add(long i, double a, double b) {
            if (a == b || Double.isNaN(a) && Double.isNaN(b)) {
                equal++;
            } else if (Double.isNaN(a) || Double.isNaN(b)) {
                nan++;
            }
            double apart = a == b ? 0 : a - b; // equal infinities are equal
            if (Double.isFinite(apart)) {
                finite++;
                abs += Math.abs(apart);
                low = Math.min(low, apart);
                high = Math.max(high, apart);
                squares += apart * apart;
                if (Double.isFinite(a)) {
                    ofA += a * a;
                    ofB += b * b;
                    dot += a * b;
                }
            }
            if (Math.abs(apart) > max) {
                max = Math.abs(apart);
                at = i;
            }
        }
    }

    /**
     * @throws CheckpointException {@code E_SHAPE} for two shapes (dimensions of 1 aside), {@code CANCELLED}, {@code CHANGED}
     */
    static TensorDifference of(TensorData a, TensorData b, int bins, Progress progress) throws CheckpointException {
        if (!a.shape().squeezed().equals(b.shape().squeezed())) {
            throw Problem.of(Code.E_SHAPE).found(a.shape()).expected(b.shape()).asException();
        }
        var x = a.contiguous();
        var y = b.contiguous();
        long n = a.shape().count();
        var sums = new Sums();
        each(x, y, n, 0, progress, sums::add);
        double from = sums.low;
        double to = sums.high;
        var counts = new long[bins];
        if (from <= to) {
            each(x, y, n, 1, progress, (_, p, q) -> {
                double apart = p == q ? 0 : p - q;
                if (Double.isFinite(apart)) {
                    int bin = to == from ? bins / 2 : (int) ((apart - from) / (to - from) * bins);
                    counts[Math.clamp(bin, 0, bins - 1)]++;
                }
            });
        }
        var list = new ArrayList<Long>();
        for (var count : counts) {
            list.add(count);
        }
        double norms = Math.sqrt(sums.ofA * sums.ofB);
        return new TensorDifference(n, sums.equal, sums.nan, sums.nan > 0 ? Double.NaN : Math.max(0, sums.max),
                index(sums.at, a), sums.finite == 0 ? Double.NaN : sums.abs / sums.finite,
                sums.squares == 0 ? 0 : Math.sqrt(sums.squares / sums.ofB),
                sums.ofA == 0 && sums.ofB == 0 ? 1 : sums.dot / norms,
                new Histogram(from <= to ? from : Double.NaN, from <= to ? to : Double.NaN, List.copyOf(list)));
    }

    private interface Pair {
        void take(long index, double a, double b);
    }

    private static void each(TensorData x, TensorData y, long n, int pass, Progress progress, Pair pair)
            throws CheckpointException {
        var p = x.bytes();
        var q = y.bytes();
        var typeX = x.dtype();
        var typeY = y.dtype();
        SourceFile.guarded(() -> {
            for (long i = 0; i < n; i++) {
                if (i % CHUNK == 0) {
                    progress.check();
                    progress.at(i + pass * n, 2 * n);
                }
                pair.take(i, typeX.get(p, i * typeX.bytes()), typeY.get(q, i * typeY.bytes()));
            }
            return pass;
        });
    }

    private static long[] index(long flat, TensorData data) {
        var index = new long[data.shape().rank()];
        for (int axis = index.length - 1; axis >= 0; axis--) {
            long size = Math.max(1, data.shape().dim(axis));
            index[axis] = flat % size;
            flat /= size;
        }
        return index;
    }
}
