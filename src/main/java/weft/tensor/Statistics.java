package weft.tensor;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
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
    private static final int CHUNK = 1 << 13;

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
        if (data.shape().count() == 0) { return Part.NONE.statistics(); }
        if (data.isContiguous()) {
            var bytes = data.bytes();
            long count = data.shape().count();
            long chunks = (count + CHUNK - 1) / CHUNK;
            return SourceFile.guarded(() -> {
                progress.check();
                var indices = LongStream.range(0, chunks);
                return (chunks > 8 ? indices.parallel() : indices)
                        .mapToObj(i -> progress.cancelled()
                                ? Part.NONE
                                : Part.of(bytes, data.dtype(), i * CHUNK, (int) Math.min(CHUNK, count - i * CHUNK)))
                        .reduce(Part.NONE, Part::with).statistics();
            });
        }
        var sum = new Part[]{Part.NONE};
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
            return finite == 0
                    ? new Statistics(count, Double.NaN, Double.NaN, Double.NaN, Double.NaN, nan, inf, zeros)
                    : new Statistics(count, min, max, mean, Math.sqrt(squares / finite), nan, inf, zeros);
        }

        static Part of(MemorySegment bytes, DType type, long from, int count) {
            if (type == DType.F32 || type == DType.F16 || type == DType.BF16) {
                var scratch = Scratch.OF_THREAD.get();
                scratch.read(bytes, type, from, count);
                return scratch.describe(count);
            }
            var values = new double[count];
            for (int i = 0; i < count; i++) {
                values[i] = type.get(bytes, (from + i) * type.bytes());
            }
            return ofDoubles(values);
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

    /**
     * A thread's stretch of f32 values, twice: as numbers and as their bits. Written as loops the compiler turns into
     * vector instructions: whole-number reductions, and sums side by side in an array (it keeps the order of a sum of
     * floating numbers, so a plain one takes one value at a time).
     */
    private static final class Scratch {
        static final ThreadLocal<Scratch> OF_THREAD = ThreadLocal.withInitial(Scratch::new);
        private static final int LANES = 1024;
        /** Where the squares' lanes begin: whole cache lines on, and not a page on, where stores would look like the sums'. */
        private static final int SQUARES = LANES + 40;
        private final float[] values = new float[CHUNK];
        private final int[] bits = new int[CHUNK];
        private final short[] halves = new short[CHUNK];
        private final double[] lanes = new double[SQUARES + LANES];

        void read(MemorySegment bytes, DType type, long from, int count) {
            switch (type) {
                case F32 -> MemorySegment.copy(bytes, SourceFile.I32, from * 4, bits, 0, count);
                case BF16 -> {
                    MemorySegment.copy(bytes, SourceFile.I16, from * 2, halves, 0, count);
                    for (int i = 0; i < count; i++) {
                        bits[i] = halves[i] << 16;
                    }
                }
                default -> {
                    MemorySegment.copy(bytes, SourceFile.I16, from * 2, halves, 0, count);
                    for (int i = 0; i < count; i++) {
                        values[i] = Float.float16ToFloat(halves[i]);
                    }
                    copy(values, bits, count);
                    return;
                }
            }
            copy(bits, values, count);
        }

        /** From numbers to bits, or from bits to numbers. */
        private static void copy(Object from, Object to, int count) {
            var source = from instanceof int[] i ? MemorySegment.ofArray(i) : MemorySegment.ofArray((float[]) from);
            var target = to instanceof int[] i ? MemorySegment.ofArray(i) : MemorySegment.ofArray((float[]) to);
            MemorySegment.copy(source, 0, target, 0, 4L * count);
        }

        Part describe(int count) {
            // Lowest, highest, not zero: in one walk over the bits.
            int lowest = Integer.MAX_VALUE;
            int highest = Integer.MIN_VALUE;
            int filled = 0;
            for (int i = 0; i < count; i++) {
                int order = order(bits[i]);
                int magnitude = bits[i] << 1;
                lowest = Math.min(lowest, order);
                highest = Math.max(highest, order);
                filled += (magnitude | -magnitude) >>> 31; // 1 unless all bits but the sign are 0
            }
            float low = ordered(lowest);
            float high = ordered(highest);
            // In this order NaNs lie beyond the infinities, on either side.
            if (!Float.isFinite(low) || !Float.isFinite(high)) {
                var wide = new double[count];
                for (int i = 0; i < count; i++) {
                    wide[i] = values[i];
                }
                return Part.ofDoubles(wide);
            }
            // Sums of the distances from a value of the stretch, not from 0: squares of large equal numbers would swallow
            // their differences (shifted data: Chan, Golub and LeVeque, 1983).
            double shift = values[0];
            var sums = sums(values, count, shift, lanes);
            double apart = sums[0] / count;
            return new Part(count, count, low, high, shift + apart, Math.max(0, sums[1] - sums[0] * apart), 0, 0,
                    count - filled);
        }

        /** The bits of an f32 as a whole number that is ordered as the f32 are; its own inverse. */
        private static int order(int bits) {
            return bits ^ bits >> 31 & 0x7FFF_FFFF;
        }

        private static float ordered(int order) {
            return Float.intBitsToFloat(order(order));
        }

        /** Σ (x − shift) and Σ (x − shift)². */
        private static double[] sums(float[] values, int count, double shift, double[] lanes) {
            Arrays.fill(lanes, 0);
            int i = 0;
            for (; i <= count - LANES; i += LANES) {
                addLanes(values, i, shift, lanes);
            }
            double sum = 0;
            double squares = 0;
            for (int j = 0; j < LANES; j++) {
                sum += lanes[j];
                squares += lanes[j + SQUARES];
            }
            for (; i < count; i++) {
                double apart = values[i] - shift;
                sum += apart;
                squares += apart * apart;
            }
            return new double[]{sum, squares};
        }

        private static void addLanes(float[] values, int from, double shift, double[] lanes) {
            for (int j = 0; j < LANES; j++) {
                double apart = values[from + j] - shift;
                lanes[j] += apart;
                lanes[j + SQUARES] = Math.fma(apart, apart, lanes[j + SQUARES]);
            }
        }
    }
}
