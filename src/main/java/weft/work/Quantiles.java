package weft.work;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;

import weft.io.CheckpointException;
import weft.io.Progress;
import weft.io.SourceFile;
import weft.tensor.TensorData;

/**
 * Quantiles of a tensor's finite values, by nearest rank: the smallest value that at least this share of them does not
 * exceed (NumPy's {@code inverted_cdf}). Values are taken as f32. Two passes, no sorting, 512 kB of counters.
 *
 * @param values one for each share asked for; NaN where no value is finite
 */
public record Quantiles(List<Double> shares, List<Double> values) {
    private static final int HALF = 1 << 16;
    private static final int CHUNK = 1 << 18;

    static Quantiles of(TensorData data, List<Double> shares, Progress progress) throws CheckpointException {
        var high = new long[HALF];
        each(data, progress, 0, key -> high[key >>> 16]++);
        long count = 0;
        for (var n : high) {
            count += n;
        }
        var ranks = new long[shares.size()];
        var buckets = new int[shares.size()];
        var wanted = new java.util.HashMap<Integer, long[]>();
        for (int i = 0; i < ranks.length && count > 0; i++) {
            long rank = Math.clamp((long) Math.ceil(shares.get(i) * count) - 1, 0, count - 1);
            int bucket = 0;
            while (rank >= high[bucket]) {
                rank -= high[bucket++];
            }
            ranks[i] = rank;
            buckets[i] = bucket;
            wanted.computeIfAbsent(bucket, _ -> new long[HALF]);
        }
        if (count > 0) {
            each(data, progress, 1, key -> {
                var low = wanted.get(key >>> 16);
                if (low != null) {
                    low[key & 0xffff]++;
                }
            });
        }
        var values = new ArrayList<Double>();
        for (int i = 0; i < ranks.length; i++) {
            var low = count == 0 ? null : wanted.get(buckets[i]);
            if (low == null) {
                values.add(Double.NaN);
                continue;
            }
            int at = 0;
            long rank = ranks[i];
            while (rank >= low[at]) {
                rank -= low[at++];
            }
            values.add((double) value(buckets[i] << 16 | at));
        }
        return new Quantiles(shares, List.copyOf(values));
    }

    private interface Keys {
        void take(int key);
    }

    /** Hands out a number for each finite value; numbers are ordered, unsigned, as the values are. */
    private static void each(TensorData data, Progress progress, int pass, Keys keys) throws CheckpointException {
        int size = data.dtype().bytes();
        long all = Math.max(1, data.shape().count());
        var scratch = Arena.ofAuto().allocate((long) CHUNK * size, 64);
        var done = new long[1];
        SourceFile.guarded(() -> {
            data.forEachChunk(scratch, bytes -> {
                long n = bytes.byteSize() / size;
                for (long i = 0; i < n; i++) {
                    if ((i & 0xffff) == 0) {
                        progress.check();
                    }
                    float value = (float) data.dtype().get(bytes, i * size);
                    if (Float.isFinite(value)) {
                        keys.take(key(value == 0 ? 0f : value)); // −0 is 0
                    }
                }
                done[0] += n;
                progress.at(done[0] + pass * all, 2 * all);
            });
            return pass;
        });
    }

    private static int key(float value) {
        int bits = Float.floatToRawIntBits(value);
        return bits < 0 ? ~bits : bits | Integer.MIN_VALUE;
    }

    private static float value(int key) {
        return Float.intBitsToFloat(key < 0 ? key & Integer.MAX_VALUE : ~key);
    }
}
