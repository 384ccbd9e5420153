package weft.infer;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

import org.ejml.data.FMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import weft.tensor.BlockData;
import weft.tensor.DType;
import weft.tensor.Shape;
import weft.tensor.TensorData;

/** Both implementations against sums in f64, at sizes that divide into nothing. */
class KernelsTest {
    static Stream<Kernels> kernels() {
        return AllKernels.list().stream();
    }

    @Test
    void the_vector_kernels_are_tested_too() {
        assertThat(AllKernels.list()).hasAtLeastOneElementOfType(VectorKernels.class);
        assertThat(Kernels.best()).isInstanceOf(VectorKernels.class);
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void products_are_exact_in_every_type_layout_and_size(Kernels kernels) {
        var random = new Random(11);
        for (int round = 0; round < 150; round++) {
            int n = List.of(1, 2, 4, 5, 6, 7, 13, 30).get(random.nextInt(8));
            int in = random.nextInt(1, 90);
            int out = random.nextInt(1, 200);
            for (var type : List.of(DType.F32, DType.F16, DType.BF16, DType.F64, DType.I8)) {
                for (var weight : layouts(type, out, in, random)) {
                    var bias = random.nextBoolean() ? row(out, random) : null;
                    var x = FMatrixRMaj.wrap(n, in, row(n * in, random));
                    check(kernels.linear(weight, bias, x), weight, bias, x);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void large_products_go_through_several_parts(Kernels kernels) {
        var random = new Random(12);
        for (int n : List.of(1, 17)) {
            for (var weight : layouts(DType.F32, 2503, 301, random)) {
                var x = FMatrixRMaj.wrap(n, 301, row(n * 301, random));
                check(kernels.linear(weight, null, x), weight, null, x);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void products_are_exact_with_weights_in_blocks(Kernels kernels) {
        var random = new Random(16);
        for (var kind : List.of(BlockData.Kind.Q8_0, BlockData.Kind.Q4_0)) {
            for (int round = 0; round < 20; round++) {
                int in = 32 * random.nextInt(1, 9);
                int out = random.nextInt(1, 120);
                var all = blocks(kind, out + 5, in, random);
                var rows = all.slice(0, 3, 3 + out, 1);
                for (int n : List.of(1, 3, 19)) {
                    var x = FMatrixRMaj.wrap(n, in, row(n * in, random));
                    check(kernels.linear(rows, null, x), rows, null, x);
                }
                // Turned round, and cut where no block ends: the values count, however they are got at.
                var turned = all.permute(1, 0);
                var x = FMatrixRMaj.wrap(2, out + 5, row(2 * (out + 5), random));
                check(kernels.linear(turned, null, x), turned, null, x);
                if (in > 32) {
                    var cut = all.slice(1, 5, 5 + 32, 1);
                    var narrow = FMatrixRMaj.wrap(1, 32, row(32, random));
                    check(kernels.linear(cut, null, narrow), cut, null, narrow);
                }
                assertThat(kernels.finite(all)).isTrue();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void a_scale_that_is_no_number_is_found(Kernels kernels) {
        var random = new Random(17);
        var weight = blocks(BlockData.Kind.Q8_0, 9, 64, random);
        var bytes = weight.blocks().orElseThrow().blocks();
        bytes.set(ValueLayout.JAVA_SHORT_UNALIGNED, 34 * 11L, Float.floatToFloat16(Float.POSITIVE_INFINITY));
        assertThat(kernels.finite(weight)).isFalse();
    }

    /** Random blocks as ggml writes them, with a decoder written from its description. */
    private static TensorData blocks(BlockData.Kind kind, int out, int in, Random random) {
        int bytes = kind == BlockData.Kind.Q8_0 ? 34 : 18;
        var memory = Arena.ofAuto().allocate((long) out * in / 32 * bytes, 2);
        for (long at = 0; at < memory.byteSize(); at++) {
            memory.set(ValueLayout.JAVA_BYTE, at, (byte) random.nextInt());
        }
        for (long at = 0; at < memory.byteSize(); at += bytes) {
            memory.set(ValueLayout.JAVA_SHORT_UNALIGNED, at, Float.floatToFloat16((float) random.nextGaussian()));
        }
        BlockData.Decoder decoder = (segment, at, values, to) -> {
            float scale = Float.float16ToFloat(segment.get(ValueLayout.JAVA_SHORT_UNALIGNED, at));
            for (int i = 0; i < 32; i++) {
                int number = kind == BlockData.Kind.Q8_0
                        ? segment.get(ValueLayout.JAVA_BYTE, at + 2 + i)
                        : ((segment.get(ValueLayout.JAVA_BYTE, at + 2 + i % 16) & 0xFF) >> i / 16 * 4 & 15) - 8;
                values[to + i] = scale * number;
            }
        };
        return TensorData.ofBlocks(new BlockData(memory, kind, 32, bytes, decoder), Shape.of(out, in));
    }

    @Test
    void results_do_not_depend_on_the_number_of_threads() {
        var random = new Random(13);
        var one = Kernels.threads(1);
        var four = Kernels.threads(4);
        for (int n : List.of(1, 3, 40)) {
            for (var weight : layouts(DType.F32, 1511, 1023, random)) {
                var x = FMatrixRMaj.wrap(n, 1023, row(n * 1023, random));
                assertThat(four.linear(weight, null, x).data).isEqualTo(one.linear(weight, null, x).data);
            }
            var shape = new Attention(5, 5, 64, Integer.MAX_VALUE, 0.125f);
            var q = FMatrixRMaj.wrap(n, 320, row(n * 320, random));
            var keys = row(700 * 320, random);
            assertThat(four.attend(shape, q, keys, keys, 700).data)
                    .isEqualTo(one.attend(shape, q, keys, keys, 700).data);
        }
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void attention_is_exact_with_groups_windows_and_odd_heads(Kernels kernels) {
        var random = new Random(14);
        for (int round = 0; round < 60; round++) {
            int groups = random.nextInt(1, 4);
            int heads = groups * random.nextInt(1, 4);
            int k = random.nextInt(1, 40);
            int length = random.nextInt(1, 150);
            int n = round % 3 == 0 ? 1 : random.nextInt(1, length + 1);
            int window = random.nextBoolean() ? Integer.MAX_VALUE : random.nextInt(1, 40);
            var shape = new Attention(heads, groups, k, window, (float) (1 / Math.sqrt(k)));
            var q = FMatrixRMaj.wrap(n, heads * k, row(n * heads * k, random));
            var keys = row(length * groups * k + 7, random);
            var values = row(length * groups * k + 7, random);
            var mixed = kernels.attend(shape, q, keys, values, length);
            for (int row = 0; row < n; row++) {
                for (int head = 0; head < heads; head++) {
                    var expected = attention(shape, head, q, row, keys, values, length - n + row);
                    for (int j = 0; j < k; j++) {
                        close(mixed.get(row, head * k + j), expected[j], 5e-6);
                    }
                }
            }
        }
    }

    private static double[] attention(Attention shape, int head, FMatrixRMaj q, int row, float[] keys, float[] values,
            int last) {
        int k = shape.headSize();
        int pitch = shape.groups() * k;
        int group = head / (shape.heads() / shape.groups()) * k;
        var result = new double[k];
        double sum = 0;
        for (int t = Math.max(0, last - shape.window() + 1); t <= last; t++) {
            double score = 0;
            for (int j = 0; j < k; j++) {
                score += (double) q.get(row, head * k + j) * keys[t * pitch + group + j];
            }
            double weight = Math.exp(score * shape.scale());
            sum += weight;
            for (int j = 0; j < k; j++) {
                result[j] += weight * values[t * pitch + group + j];
            }
        }
        for (int j = 0; j < k; j++) {
            result[j] /= sum;
        }
        return result;
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void activations_are_exact(Kernels kernels) {
        var values = new float[20_003];
        for (int i = 0; i < values.length; i++) {
            values[i] = (i - 10_000) / 700f;
        }
        values[0] = -1e30f;
        values[1] = 1e30f;
        values[2] = -100;
        values[3] = 100;
        values[4] = -0f;
        for (var activation : Activation.values()) {
            var y = kernels.activate(activation, FMatrixRMaj.wrap(1, values.length, values.clone()));
            for (int i = 0; i < values.length; i++) {
                double exact = activation.of(values[i]);
                close(y.data[i], exact, 4e-7 * Math.max(1, Math.abs(exact)));
            }
        }
    }

    @Test
    void the_error_function_is_the_one_of_the_tables() {
        // Abramowitz, Stegun, table 7.1 (erf) and 7.3 (erfc beyond).
        assertThat(1 - Activation.erfc(0.5)).isEqualTo(0.5204998778, org.assertj.core.data.Offset.offset(1e-10));
        assertThat(1 - Activation.erfc(1)).isEqualTo(0.8427007929, org.assertj.core.data.Offset.offset(1e-10));
        assertThat(1 - Activation.erfc(2)).isEqualTo(0.9953222650, org.assertj.core.data.Offset.offset(1e-10));
        assertThat(Activation.erfc(-2)).isEqualTo(1.9953222650, org.assertj.core.data.Offset.offset(1e-10));
        assertThat(Activation.erfc(3)).isEqualTo(2.209049700e-5, org.assertj.core.data.Offset.offset(1e-14));
        assertThat(Activation.erfc(2.499999999)).isEqualTo(Activation.erfc(2.500000001),
                org.assertj.core.data.Offset.offset(1e-11));
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void a_value_that_is_no_number_is_found_wherever_it_stands(Kernels kernels) {
        var random = new Random(15);
        for (var type : List.of(DType.F32, DType.F16, DType.BF16, DType.F64)) {
            for (var weight : layouts(type, 37, 41, random)) {
                assertThat(kernels.finite(weight)).isTrue();
                for (var bad : List.of(Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY)) {
                    int i = random.nextInt(37);
                    int j = random.nextInt(41);
                    long place = weight.offset() + (i * weight.stride(0) + j * weight.stride(1)) * type.bytes();
                    double was = weight.at(i, j);
                    set(weight.segment(), type, place, bad);
                    assertThat(kernels.finite(weight)).as("%s %s at %d, %d", type, bad, i, j).isFalse();
                    set(weight.segment(), type, place, was);
                }
            }
        }
    }

    @Test
    void an_error_in_a_worker_reaches_the_caller() {
        var workers = new Workers(3);
        for (int round = 0; round < 20; round++) {
            org.assertj.core.api.Assertions.assertThatThrownBy(() -> workers.run(7, part -> {
                if (part == 5) { throw new InternalError("a fault in mapped memory"); }
            })).isInstanceOf(InternalError.class);
        }
        var seen = new java.util.concurrent.atomic.AtomicInteger();
        workers.run(100, _ -> seen.incrementAndGet());
        assertThat(seen).hasValue(100);
    }

    /** [out, in], the transposed view of [in, out], both inside a wider matrix, and a view that is neither. */
    private static List<TensorData> layouts(DType type, int out, int in, Random random) {
        var views = new ArrayList<TensorData>();
        int wide = in + 3;
        int tall = out + 5;
        var segment = Arena.ofAuto().allocate((long) wide * tall * 2 * type.bytes() + 64, 64);
        for (long i = 0; i < segment.byteSize() / Math.max(1, type.bytes()); i++) {
            set(segment, type, i * type.bytes(), type == DType.I8 ? random.nextInt(-100, 100) : random.nextGaussian());
        }
        views.add(TensorData.of(segment, type, Shape.of(out, in)));
        views.add(TensorData.of(segment, type, Shape.of(in, out)).permute(1, 0));
        views.add(TensorData.of(segment, type, Shape.of(tall, wide)).slice(0, 2, 2 + out, 1).slice(1, 1, 1 + in, 1));
        views.add(TensorData.of(segment, type, Shape.of(wide, tall)).slice(0, 2, 2 + in, 1).slice(1, 1, 1 + out, 1)
                .permute(1, 0));
        views.add(TensorData.of(segment, type, Shape.of(out, 2L * in)).slice(1, 0, 2L * in, 2));
        return views;
    }

    private static void set(MemorySegment segment, DType type, long offset, double value) {
        switch (type) {
            case F32 -> segment.set(ValueLayout.JAVA_FLOAT_UNALIGNED, offset, (float) value);
            case F64 -> segment.set(ValueLayout.JAVA_DOUBLE_UNALIGNED, offset, value);
            case F16 -> segment.set(ValueLayout.JAVA_SHORT_UNALIGNED, offset, Float.floatToFloat16((float) value));
            case BF16 -> segment.set(ValueLayout.JAVA_SHORT_UNALIGNED, offset,
                    (short) (Float.floatToRawIntBits((float) value) >> 16));
            case I8 -> segment.set(ValueLayout.JAVA_BYTE, offset, (byte) value);
            default -> throw new IllegalArgumentException(type.toString());
        }
    }

    private static float[] row(int count, Random random) {
        var values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    private static void check(FMatrixRMaj y, TensorData weight, float[] bias, FMatrixRMaj x) {
        int out = (int) weight.shape().dim(0);
        int in = (int) weight.shape().dim(1);
        assertThat(y.numRows).isEqualTo(x.numRows);
        assertThat(y.numCols).isEqualTo(out);
        var w = weight.toFloats();
        for (int r = 0; r < x.numRows; r++) {
            for (int o = 0; o < out; o++) {
                double sum = bias == null ? 0 : bias[o];
                double size = Math.abs(sum);
                for (int i = 0; i < in; i++) {
                    double product = (double) w[o * in + i] * x.get(r, i);
                    sum += product;
                    size += Math.abs(product);
                }
                close(y.get(r, o), sum, 2e-6 * size + 1e-7);
            }
        }
    }

    private static void close(double actual, double expected, double tolerance) {
        if (!(Math.abs(actual - expected) <= tolerance)) {
            throw new AssertionError(actual + " instead of " + expected);
        }
    }
}
