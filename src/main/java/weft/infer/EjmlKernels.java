package weft.infer;

import org.ejml.data.FMatrixRMaj;
import org.ejml.dense.row.CommonOps_FDRM;
import org.jspecify.annotations.Nullable;

import weft.tensor.TensorData;

/**
 * The reference, written as algebra on EJML matrices. Weights are copied to the heap a few rows at a time, in the
 * order the file has them: the product takes the matrix as it is or transposed.
 */
final class EjmlKernels implements Kernels {
    static final EjmlKernels INSTANCE = new EjmlKernels();
    /** Elements of a weight on the heap at once: 16 MB. */
    private static final int PART = 1 << 22;

    private EjmlKernels() {
    }

    @Override
    public FMatrixRMaj linear(TensorData weight, float @Nullable [] bias, FMatrixRMaj x) {
        int out = (int) weight.shape().dim(0);
        int in = (int) weight.shape().dim(1);
        var y = new FMatrixRMaj(x.numRows, out); // [n, out]
        int step = Math.clamp(PART / Math.max(1, in), 1, Math.max(1, out));
        var product = new FMatrixRMaj(1, 1);
        var buffer = new float[Math.multiplyExact(step, in)];
        for (int from = 0; from < out; from += step) {
            int rows = Math.min(step, out - from);
            var part = weight.slice(0, from, from + rows, 1); // [rows, in]
            if (part.stride(0) == 1 && part.stride(1) != 1) {
                var w = heap(part.permute(1, 0), buffer); // [in, rows]
                CommonOps_FDRM.mult(x, w, product); // [n, rows]
            } else {
                var w = heap(part, buffer); // [rows, in]
                CommonOps_FDRM.multTransB(x, w, product); // [n, rows]
            }
            CommonOps_FDRM.insert(product, y, 0, from);
        }
        if (bias != null) {
            for (int i = 0; i < y.data.length; i++) {
                y.data[i] += bias[i % out];
            }
        }
        return y;
    }

    private static FMatrixRMaj heap(TensorData values, float[] buffer) {
        values.toFloats(buffer, 0);
        return FMatrixRMaj.wrap((int) values.shape().dim(0), (int) values.shape().dim(1), buffer);
    }

    @Override
    public FMatrixRMaj attend(Attention shape, FMatrixRMaj q, float[] keys, float[] values, int length) {
        return attend(shape, q, keys, values, length, (_, _) -> {
        });
    }

    /** What a caller may want to see of each head: its probabilities [n, length]. */
    interface Map {
        void head(int head, FMatrixRMaj probabilities);
    }

    FMatrixRMaj attend(Attention shape, FMatrixRMaj q, float[] keys, float[] values, int length, Map map) {
        int n = q.numRows;
        int k = shape.headSize();
        var allKeys = FMatrixRMaj.wrap(length, shape.groups() * k, keys); // [t, g·k]
        var allValues = FMatrixRMaj.wrap(length, shape.groups() * k, values); // [t, g·k]
        var mixed = new FMatrixRMaj(n, shape.heads() * k); // [n, h·k]
        for (int head = 0; head < shape.heads(); head++) {
            int group = shape.groupOffset(head);
            var qh = CommonOps_FDRM.extract(q, 0, n, head * k, (head + 1) * k); // [n, k]
            var kh = CommonOps_FDRM.extract(allKeys, 0, length, group, group + k); // [t, k]
            var vh = CommonOps_FDRM.extract(allValues, 0, length, group, group + k); // [t, k]
            var p = new FMatrixRMaj(n, length);
            CommonOps_FDRM.multTransB(shape.scale(), qh, kh, p); // [n, t] scores
            for (int row = 0; row < n; row++) {
                int position = length - n + row;
                softmax(p.data, row * length, length, shape.firstSeen(position), position);
            }
            map.head(head, p);
            var result = new FMatrixRMaj(n, k);
            CommonOps_FDRM.mult(p, vh, result); // [n, k]
            CommonOps_FDRM.insert(result, mixed, 0, head * k);
        }
        return mixed;
    }

    /** Scores of one query to probabilities: positions it doesn't see (outside first … last) get 0. */
    private static void softmax(float[] scores, int row, int length, int first, int last) {
        float top = Float.NEGATIVE_INFINITY;
        for (int t = first; t <= last; t++) {
            top = Math.max(top, scores[row + t]);
        }
        double sum = 0;
        for (int t = first; t <= last; t++) {
            scores[row + t] = (float) Math.exp(scores[row + t] - top);
            sum += scores[row + t];
        }
        for (int t = 0; t < length; t++) {
            scores[row + t] = t < first || t > last ? 0 : (float) (scores[row + t] / sum);
        }
    }

    @Override
    public FMatrixRMaj activate(Activation activation, FMatrixRMaj x) {
        var y = new FMatrixRMaj(x.numRows, x.numCols);
        for (int i = 0; i < y.data.length; i++) {
            y.data[i] = (float) activation.of(x.data[i]);
        }
        return y;
    }

    @Override
    public boolean finite(TensorData weight) {
        if (weight.shape().rank() == 0) { return Double.isFinite(weight.at()); }
        long rows = weight.shape().dim(0);
        long rowSize = rows == 0 ? 1 : weight.shape().count() / rows;
        long step = Math.clamp(PART / Math.max(1, rowSize), 1, Math.max(1, rows));
        var buffer = new float[Math.toIntExact(step * rowSize)];
        for (long from = 0; from < rows; from += step) {
            long to = Math.min(rows, from + step);
            weight.slice(0, from, to, 1).toFloats(buffer, 0);
            for (int i = 0; i < (to - from) * rowSize; i++) {
                if (!Float.isFinite(buffer[i])) { return false; }
            }
        }
        return true;
    }

    @Override
    public String toString() {
        return "EJML";
    }
}
