package weft.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.lang.foreign.Arena;
import java.util.List;
import java.util.Random;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import weft.io.Progress;

class StatisticsTest {
    private static float[] random(int count, double shift) {
        var random = new Random(7);
        var values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (random.nextGaussian() + shift);
        }
        return values;
    }

    /** The textbook's two passes over everything. */
    private static void check(Statistics found, double[] values) {
        double sum = 0;
        double min = Double.POSITIVE_INFINITY;
        double max = Double.NEGATIVE_INFINITY;
        for (double v : values) {
            sum += v;
            min = Math.min(min, v);
            max = Math.max(max, v);
        }
        double mean = sum / values.length;
        double squares = 0;
        for (double v : values) {
            squares += (v - mean) * (v - mean);
        }
        double std = Math.sqrt(squares / values.length);
        assertThat(found.count()).isEqualTo(values.length);
        assertThat(found.min()).isEqualTo(min);
        assertThat(found.max()).isEqualTo(max);
        assertThat(found.mean()).isCloseTo(mean, within(1e-12 * (1 + Math.abs(mean))));
        assertThat(found.std()).isCloseTo(std, within(1e-10 * (1 + std)));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 1000, 32768, 32769, 700_001, 1_100_003})
    void equals_two_passes_in_f64_for_any_length(int count) throws Exception {
        for (double shift : new double[]{0, 1e4}) {
            var values = random(count, shift);
            var wide = new double[count];
            for (int i = 0; i < count; i++) {
                wide[i] = values[i];
            }
            check(Statistics.of(TensorData.ofFloats(values, count), Progress.NONE), wide);
        }
    }

    @Test
    void does_not_depend_on_how_the_values_lie() throws Exception {
        var data = TensorData.ofFloats(random(300 * 400, 1), 300, 400);
        var straight = Statistics.of(data, Progress.NONE);
        var turned = Statistics.of(data.permute(1, 0), Progress.NONE);
        assertThat(turned.mean()).isCloseTo(straight.mean(), within(1e-12));
        assertThat(turned.std()).isCloseTo(straight.std(), within(1e-12));
        assertThat(turned.min()).isEqualTo(straight.min());
        var column = Statistics.of(data.slice(1, 7, 8, 1), Progress.NONE);
        assertThat(column.count()).isEqualTo(300);
    }

    @Test
    void counts_what_is_not_finite_and_describes_the_rest() throws Exception {
        var values = new float[]{1, Float.NaN, -3, Float.POSITIVE_INFINITY, 0, -0f, Float.NEGATIVE_INFINITY, 4};
        var found = Statistics.of(TensorData.ofFloats(values, 8), Progress.NONE);
        assertThat(found.nan()).isEqualTo(1);
        assertThat(found.inf()).isEqualTo(2);
        assertThat(found.zeros()).isEqualTo(2);
        assertThat(found.min()).isEqualTo(-3);
        assertThat(found.max()).isEqualTo(4);
        assertThat(found.mean()).isCloseTo(0.4, within(1e-15));
        var none = Statistics.of(TensorData.ofFloats(new float[]{Float.NaN}, 1), Progress.NONE);
        assertThat(none.mean()).isNaN();
        assertThat(Statistics.of(TensorData.ofFloats(new float[0], 0), Progress.NONE).count()).isZero();
    }

    @Test
    void counts_what_is_not_finite_in_large_tensors_too() throws Exception {
        int count = 1_200_011;
        var values = random(count, 1);
        values[17] = Float.NaN;
        values[500_000] = Float.NEGATIVE_INFINITY;
        values[count - 1] = Float.NaN;
        values[3] = -0f;
        values[600_001] = 0;
        var found = Statistics.of(TensorData.ofFloats(values, count), Progress.NONE);
        assertThat(List.of(found.nan(), found.inf(), found.zeros())).containsExactly(2L, 1L, 2L);
        double sum = 0;
        for (float value : values) {
            sum += Float.isFinite(value) ? value : 0;
        }
        assertThat(found.mean()).isCloseTo(sum / (count - 3), within(1e-12));
    }

    @Test
    void reads_every_real_type() throws Exception {
        var plain = TensorData.ofFloats(new float[]{-2, 0, 1, 0.5f, 6}, 5);
        for (var type : new DType[]{DType.F64, DType.F16, DType.BF16, DType.F8_E4M3, DType.F8_E5M2}) {
            check(Statistics.of(Numbers.cast(plain, type), Progress.NONE), new double[]{-2, 0, 1, 0.5, 6});
        }
        var bytes = Arena.ofAuto().allocate(4);
        bytes.set(java.lang.foreign.ValueLayout.JAVA_BYTE, 0, (byte) -1);
        check(Statistics.of(TensorData.of(bytes, DType.U8, Shape.of(4)), Progress.NONE), new double[]{255, 0, 0, 0});
        check(Statistics.of(TensorData.of(bytes, DType.I8, Shape.of(4)), Progress.NONE), new double[]{-1, 0, 0, 0});
    }
}
