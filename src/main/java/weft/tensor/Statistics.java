package weft.tensor;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.stream.LongStream;

import weft.io.CheckpointException;
import weft.io.Progress;
import weft.io.SourceFile;

/**
 * What can be said of a tensor's values in a few numbers. Minimum, maximum, mean and standard deviation are of the
 * finite values, computed in f64; without any they are NaN.
 *
 * @param count all elements
 * @param std population standard deviation (divided by n)
 * @param nan elements that are not a number
 * @param inf elements that are infinite, of either sign
 * @param zeros elements that are 0 or −0
 */
public record Statistics(long count, double min, double max, double mean, double std, long nan, long inf, long zeros) {
    /** Values looked at together: two passes over them cost one read of memory. */
    private static final int CHUNK = 1 << 15;
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED
            .withOrder(ByteOrder.LITTLE_ENDIAN);

    /** Whether there is anything to compute with: complex numbers and strings have no order and no mean. */
    public static boolean canDescribe(DType type) {
        return type.isReal();
    }

    /**
     * Reads all values once, a stretch at a time, on several threads where they stand side by side.
     *
     * @throws CheckpointException {@code CANCELLED}, {@code CHANGED}
     */
    public static Statistics of(TensorData data, Progress progress) throws CheckpointException {
        int size = data.dtype().bytes();
        if (data.shape().count() == 0) {
            return Part.NONE.statistics();
        }
        if (data.isContiguous()) {
            var bytes = data.bytes();
            long count = data.shape().count();
            long chunks = (count + CHUNK - 1) / CHUNK;
            return SourceFile.guarded(() -> {
                progress.check();
                var indices = LongStream.range(0, chunks);
                return (chunks > 8 ? indices.parallel() : indices)
                        .mapToObj(i -> progress.cancelled() ? Part.NONE
                                : Part.of(bytes, data.dtype(), i * CHUNK, (int) Math.min(CHUNK, count - i * CHUNK)))
                        .reduce(Part.NONE, Part::with).statistics();
            });
        }
        var sum = new Part[] {Part.NONE};
        var scratch = Arena.ofAuto().allocate((long) CHUNK * size, 64);
        return SourceFile.guarded(() -> {
            data.forEachChunk(scratch, bytes -> {
                progress.check();
                long count = bytes.byteSize() / size;
                for (long at = 0; at < count; at += CHUNK) {
                    sum[0] = sum[0].with(Part.of(bytes, data.dtype(), at, (int) Math.min(CHUNK, count - at)));
                }
            });
            return sum[0].statistics();
        });
    }

    /**
     * Statistics of a stretch, in a form that can be added up (Chan, Golub and LeVeque, 1983).
     *
     * @param finite finite values
     * @param squares Σ (x − mean)²
     */
    private record Part(long count, long finite, double min, double max, double mean, double squares, long nan,
            long inf, long zeros) {
        static final Part NONE = new Part(0, 0, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 0, 0, 0, 0, 0);

        Part with(Part o) {
            long n = finite + o.finite;
            double apart = o.mean - mean;
            return new Part(count + o.count, n, Math.min(min, o.min), Math.max(max, o.max),
                    n == 0 ? 0 : mean + apart * o.finite / n,
                    n == 0 ? 0 : squares + o.squares + apart * apart * finite * o.finite / n, nan + o.nan, inf + o.inf,
                    zeros + o.zeros);
        }

        Statistics statistics() {
            return finite == 0 ? new Statistics(count, Double.NaN, Double.NaN, Double.NaN, Double.NaN, nan, inf, zeros)
                    : new Statistics(count, min, max, mean, Math.sqrt(squares / finite), nan, inf, zeros);
        }

        static Part of(MemorySegment bytes, DType type, long from, int count) {
            if (type == DType.F32 || type == DType.F16 || type == DType.BF16) {
                var values = new float[count];
                floats(bytes, type, from, values);
                return ofFloats(values);
            }
            var values = new double[count];
            for (int i = 0; i < count; i++) {
                values[i] = type.get(bytes, (from + i) * type.bytes());
            }
            return ofDoubles(values);
        }

        private static void floats(MemorySegment bytes, DType type, long from, float[] values) {
            if (type == DType.F32) {
                MemorySegment.copy(bytes, FLOAT, from * 4, values, 0, values.length);
            } else if (type == DType.BF16) {
                for (int i = 0; i < values.length; i++) {
                    values[i] = Float.intBitsToFloat(bytes.get(SourceFile.I16, (from + i) * 2) << 16);
                }
            } else {
                for (int i = 0; i < values.length; i++) {
                    values[i] = Float.float16ToFloat(bytes.get(SourceFile.I16, (from + i) * 2));
                }
            }
        }

        /** Four sums side by side, so that one addition needn't wait for the one before. */
        private static Part ofFloats(float[] v) {
            double s0 = 0;
            double s1 = 0;
            double s2 = 0;
            double s3 = 0;
            float low0 = Float.POSITIVE_INFINITY;
            float low1 = low0;
            float high0 = Float.NEGATIVE_INFINITY;
            float high1 = high0;
            int zeros = 0;
            int end = v.length & ~3;
            for (int i = 0; i < end; i += 4) {
                float a = v[i];
                float b = v[i + 1];
                float c = v[i + 2];
                float d = v[i + 3];
                s0 += a;
                s1 += b;
                s2 += c;
                s3 += d;
                low0 = Math.min(low0, Math.min(a, b));
                low1 = Math.min(low1, Math.min(c, d));
                high0 = Math.max(high0, Math.max(a, b));
                high1 = Math.max(high1, Math.max(c, d));
                zeros += (a == 0 ? 1 : 0) + (b == 0 ? 1 : 0) + (c == 0 ? 1 : 0) + (d == 0 ? 1 : 0);
            }
            for (int i = end; i < v.length; i++) {
                s0 += v[i];
                low0 = Math.min(low0, v[i]);
                high0 = Math.max(high0, v[i]);
                zeros += v[i] == 0 ? 1 : 0;
            }
            float low = Math.min(low0, low1);
            float high = Math.max(high0, high1);
            if (!Float.isFinite(low) || !Float.isFinite(high)) { // a NaN makes both NaN
                var wide = new double[v.length];
                for (int i = 0; i < v.length; i++) {
                    wide[i] = v[i];
                }
                return ofDoubles(wide);
            }
            double mean = (s0 + s1 + s2 + s3) / v.length;
            double q0 = 0;
            double q1 = 0;
            double q2 = 0;
            double q3 = 0;
            for (int i = 0; i < end; i += 4) {
                double a = v[i] - mean;
                double b = v[i + 1] - mean;
                double c = v[i + 2] - mean;
                double d = v[i + 3] - mean;
                q0 += a * a;
                q1 += b * b;
                q2 += c * c;
                q3 += d * d;
            }
            for (int i = end; i < v.length; i++) {
                q0 += (v[i] - mean) * (v[i] - mean);
            }
            return new Part(v.length, v.length, low, high, mean, q0 + q1 + q2 + q3, 0, 0, zeros);
        }

        private static Part ofDoubles(double[] v) {
            long finite = 0;
            long nan = 0;
            long inf = 0;
            long zeros = 0;
            double sum = 0;
            double low = Double.POSITIVE_INFINITY;
            double high = Double.NEGATIVE_INFINITY;
            for (double x : v) {
                if (Double.isFinite(x)) {
                    finite++;
                    sum += x;
                    low = Math.min(low, x);
                    high = Math.max(high, x);
                    zeros += x == 0 ? 1 : 0;
                } else if (Double.isNaN(x)) {
                    nan++;
                } else {
                    inf++;
                }
            }
            double mean = finite == 0 ? 0 : sum / finite;
            double squares = 0;
            for (double x : v) {
                if (Double.isFinite(x)) {
                    squares += (x - mean) * (x - mean);
                }
            }
            return new Part(v.length, finite, low, high, mean, squares, nan, inf, zeros);
        }
    }
}
