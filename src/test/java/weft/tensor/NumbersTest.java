package weft.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigDecimal;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Rounding against exact arithmetic with decimals, and against PyTorch. */
class NumbersTest {
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED
            .withOrder(ByteOrder.LITTLE_ENDIAN);

    /** Every value of a small type: the value of its bits, by the definition of the format. */
    private static double value(DType type, int bits) {
        int exponentBits = switch (type) {
            case F16, F8_E5M2 -> 5;
            case BF16 -> 8;
            default -> 4;
        };
        int mantissaBits = type.bytes() * 8 - 1 - exponentBits;
        int sign = bits >> exponentBits + mantissaBits & 1;
        int exponent = bits >> mantissaBits & (1 << exponentBits) - 1;
        int mantissa = bits & (1 << mantissaBits) - 1;
        int bias = (1 << exponentBits - 1) - 1;
        boolean top = exponent == (1 << exponentBits) - 1;
        double magnitude;
        if (type == DType.F8_E4M3 && top && mantissa == 7) {
            magnitude = Double.NaN;
        } else if (type != DType.F8_E4M3 && top) {
            magnitude = mantissa == 0 ? Double.POSITIVE_INFINITY : Double.NaN;
        } else if (exponent == 0) {
            magnitude = mantissa * Math.pow(2, 1 - bias - mantissaBits);
        } else {
            magnitude = (1 + mantissa * Math.pow(2, -mantissaBits)) * Math.pow(2, exponent - bias);
        }
        return sign == 1 ? -magnitude : magnitude;
    }

    private static int bits(DType type, double value) {
        var segment = Arena.ofAuto().allocate(8);
        Numbers.put(segment, 0, type, value);
        return type.bytes() == 1 ? segment.get(ValueLayout.JAVA_BYTE, 0) & 0xff : segment.get(SHORT, 0) & 0xffff;
    }

    private static double get(DType type, int bits) {
        var segment = Arena.ofAuto().allocate(8);
        if (type.bytes() == 1) {
            segment.set(ValueLayout.JAVA_BYTE, 0, (byte) bits);
        } else {
            segment.set(SHORT, 0, (short) bits);
        }
        return type.get(segment, 0);
    }

    /** The nearest number of a type, ties to the even one, by trying all: exact, and slow. */
    private static int naive(DType type, double value) {
        int sign = 1 << type.bytes() * 8 - 1;
        int base = Double.doubleToRawLongBits(value) < 0 ? sign : 0;
        var wanted = new BigDecimal(Math.abs(value));
        int best = 0;
        BigDecimal least = null;
        int infinity = -1;
        int last = 0;
        for (int bits = 0; bits < sign; bits++) {
            double candidate = value(type, bits);
            if (Double.isNaN(candidate)) {
                continue;
            }
            if (Double.isInfinite(candidate)) {
                infinity = bits;
                continue;
            }
            last = bits;
            var distance = wanted.subtract(new BigDecimal(candidate)).abs();
            int order = least == null ? -1 : distance.compareTo(least);
            if (order < 0 || order == 0 && (bits & 1) == 0) {
                best = bits;
                least = distance;
            }
        }
        // Beyond the largest number by half a step and more (the tie goes to the even one, which isn't there).
        double step = value(type, last) - value(type, last - 1);
        var limit = new BigDecimal(value(type, last)).add(new BigDecimal(step / 2));
        int beyond = wanted.compareTo(limit);
        if (beyond > 0 || beyond == 0 && (last & 1) == 1) { return base | (infinity >= 0 ? infinity : last); }
        return base | best;
    }

    @ParameterizedTest
    @EnumSource(names = {"F16", "BF16", "F8_E4M3", "F8_E5M2"})
    void every_bit_pattern_is_read_and_written_back(DType type) {
        for (int bits = 0; bits < 1 << type.bytes() * 8; bits++) {
            double value = value(type, bits);
            assertThat(Double.compare(get(type, bits), value)).isZero(); // NaN is NaN, −0 is not 0
            if (Double.isNaN(value)) {
                assertThat(get(type, bits(type, value))).isNaN();
            } else {
                assertThat(bits(type, value)).isEqualTo(bits);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"F16", "BF16", "F8_E4M3", "F8_E5M2"})
    void rounds_to_the_nearest_and_ties_to_even(DType type) {
        var random = new Random(17);
        var values = new ArrayList<Double>(List.of(0.0, -0.0, Double.MIN_VALUE, -Double.MIN_VALUE, Double.MAX_VALUE,
                -Double.MAX_VALUE, 1.0, 448.0, 464.0, 480.0, 57344.0, 61440.0, 65504.0, 65520.0,
                Math.nextDown(65520.0), Math.nextUp(464.0), 1e-300));
        int top = 1 << type.bytes() * 8 - 1;
        int rounds = type.bytes() == 1 ? 150 : 12; // trying all 65536 takes its time
        for (int i = 0; i < rounds; i++) {
            double a = value(type, random.nextInt(top));
            double b = value(type, random.nextInt(top));
            values.add(a + (b - a) * random.nextDouble());
            int at = random.nextInt(top - 1);
            double half = (value(type, at) + value(type, at + 1)) / 2; // exact in f64
            values.addAll(List.of(half, -half, Math.nextUp(half), Math.nextDown(half)));
        }
        for (double value : values) {
            if (Double.isFinite(value)) {
                assertThat(bits(type, value)).as(type + " " + Double.toHexString(value)).isEqualTo(naive(type, value));
            }
        }
    }

    @Test
    void infinities_stay_where_a_type_has_them() {
        assertThat(bits(DType.F16, Double.NEGATIVE_INFINITY)).isEqualTo(0xfc00);
        assertThat(bits(DType.BF16, Double.POSITIVE_INFINITY)).isEqualTo(0x7f80);
        assertThat(bits(DType.F8_E5M2, Double.POSITIVE_INFINITY)).isEqualTo(0x7c);
        assertThat(get(DType.F8_E4M3, bits(DType.F8_E4M3, Double.NEGATIVE_INFINITY))).isEqualTo(-448);
    }

    /** Each of these rounds differently if it is first rounded to f32. */
    @Test
    void f64_is_rounded_once() {
        double justAbove = 1 + 0x1p-11 + 0x1p-40; // a hair above halfway between two halves
        assertThat(bits(DType.F16, justAbove)).isEqualTo(0x3c01);
        assertThat(Float.floatToFloat16((float) justAbove)).as("by way of f32").isEqualTo((short) 0x3c00);
        assertThat(bits(DType.BF16, 1 + 0x1p-8 + 0x1p-40)).isEqualTo(0x3f81);
        assertThat(bits(DType.F16, 0x1p-25 + 0x1p-70)).isEqualTo(1);
        assertThat(bits(DType.F8_E4M3, 1 + 0x1p-4 + 0x1p-40)).isEqualTo(0x39);
    }

    @Test
    void rounds_as_pytorch_does() throws Exception {
        try (var lines = new java.io.BufferedReader(new java.io.InputStreamReader(
                Objects.requireNonNull(getClass().getResourceAsStream("/fixtures/numbers/casts.tsv"))))) {
            int count = 0;
            for (var line = lines.readLine(); line != null; line = lines.readLine()) {
                var columns = line.split("\t");
                float value = Float.intBitsToFloat(Integer.parseUnsignedInt(columns[0], 16));
                var types = List.of(DType.F16, DType.BF16, DType.F8_E4M3, DType.F8_E5M2);
                for (int i = 0; i < types.size(); i++) {
                    assertThat(bits(types.get(i), value)).as(types.get(i) + " of " + columns[0])
                            .isEqualTo(Integer.parseInt(columns[i + 1], 16));
                }
                count++;
            }
            assertThat(count).isGreaterThan(900);
        }
    }

    @Test
    void casts_a_view_in_row_major_order() {
        var data = TensorData.ofFloats(new float[]{1, 2, 3, 4, 5, 6}, 2, 3).permute(1, 0);
        var cast = Numbers.cast(data, DType.F64);
        assertThat(cast.shape()).isEqualTo(Shape.of(3, 2));
        assertThat(cast.toFloats()).containsExactly(1, 4, 2, 5, 3, 6);
        assertThat(Numbers.cast(data, DType.F32)).isSameAs(data);
        assertThatIllegalArgumentException().isThrownBy(() -> Numbers.cast(data, DType.I8));
    }

    @Test
    void integers_are_read_with_their_sign() {
        var segment = Arena.ofAuto().allocate(8);
        segment.fill((byte) 0xff);
        assertThat(DType.I8.get(segment, 0)).isEqualTo(-1);
        assertThat(DType.U8.get(segment, 0)).isEqualTo(255);
        assertThat(DType.I16.get(segment, 0)).isEqualTo(-1);
        assertThat(DType.U16.get(segment, 0)).isEqualTo(65535);
        assertThat(DType.I32.get(segment, 0)).isEqualTo(-1);
        assertThat(DType.U32.get(segment, 0)).isEqualTo(4294967295.0);
        assertThat(DType.I64.get(segment, 0)).isEqualTo(-1);
        assertThat(DType.U64.get(segment, 0)).isEqualTo(0x1p64);
        assertThat(DType.BOOL.get(segment, 0)).isEqualTo(1);
        var exact = MemorySegment.ofArray(new long[]{1});
        exact.set(ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), 0, 0x8000000000000401L);
        // 2^63 + 1025 lies just above the middle of two doubles that are 2048 apart.
        assertThat(DType.U64.get(exact, 0)).isEqualTo(0x1p63 + 2048);
        assertThat(DType.parse("torch.float16")).isEqualTo(DType.F16);
        assertThat(DType.parse("half")).isEqualTo(DType.F16);
        assertThat(DType.parse("quint4")).isNull();
    }
}
