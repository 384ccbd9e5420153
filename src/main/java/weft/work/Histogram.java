package weft.work;

import java.util.ArrayList;
import java.util.List;

import weft.io.CheckpointException;
import weft.io.Progress;
import weft.io.SourceFile;
import weft.tensor.Statistics;
import weft.tensor.TensorData;

/**
 * How often values fall into stretches of equal width; NaN and infinities into none.
 *
 * @param from the lower end of the first bin
 * @param to the upper end of the last one, which holds values equal to it
 */
public record Histogram(double from, double to, List<Long> counts) {

    static Histogram of(TensorData data, Statistics statistics, int bins, Progress progress)
            throws CheckpointException {
        double from = statistics.min();
        double to = statistics.max();
        var counts = new long[bins];
        long n = data.shape().count();
        if (from <= to) { // false if there is no finite value
            var bytes = data.contiguous().bytes();
            var type = data.dtype();
            SourceFile.guarded(() -> {
                for (long i = 0; i < n; i++) {
                    if ((i & 0xffff) == 0) {
                        progress.check();
                        progress.at(i, n);
                    }
                    double value = type.get(bytes, i * type.bytes());
                    if (Double.isFinite(value)) {
                        int bin = to == from ? bins / 2 : (int) ((value - from) / (to - from) * bins);
                        counts[Math.clamp(bin, 0, bins - 1)]++;
                    }
                }
                return n;
            });
        }
        var list = new ArrayList<Long>();
        for (var count : counts) {
            list.add(count);
        }
        return new Histogram(from, to, List.copyOf(list));
    }
}
