package weft.tensor;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

import weft.io.SourceFile;

/**
 * Rounding between the floating types: to nearest, ties to even (IEEE 754-2019 §4.3.1). What is too large becomes
 * infinite; E4M3 has no infinity, there it becomes the largest number (the saturating mode of the OCP 8-bit floating
 * point specification, and what PyTorch does from 2.13 on; it made NaN of it before).
 */
public final class Numbers {
    private static final ValueLayout.OfDouble F64 = ValueLayout.JAVA_DOUBLE_UNALIGNED
            .withOrder(ByteOrder.LITTLE_ENDIAN);

    private Numbers() {
    }

    /** The values in another floating type, row-major, in off-heap memory. The same type gives the view back. */
    public static TensorData cast(TensorData data, DType to) {
        if (data.dtype() == to) {
            return data;
        }
        var plain = data.contiguous();
        long count = data.shape().count();
        var memory = Arena.ofAuto().allocate(Math.max(1, count * to.bytes()), 64);
        int size = data.dtype().bytes();
        for (long i = 0; i < count; i++) {
            put(memory, i * to.bytes(), to, plain.dtype().get(plain.segment(), plain.offset() + i * size));
        }
        return TensorData.of(memory, to, data.shape());
    }

    /** Rounds a value once and puts it at a byte offset. @throws IllegalArgumentException for a type that isn't floating */
    public static void put(MemorySegment memory, long at, DType type, double value) {
        switch (type) {
            case F64 -> memory.set(F64, at, value);
            case F32 -> memory.set(SourceFile.I32, at, Float.floatToRawIntBits((float) value));
            case F16 -> memory.set(SourceFile.I16, at, half(value));
            case BF16 -> memory.set(SourceFile.I16, at, brain(value));
            case F8_E4M3 -> memory.set(ValueLayout.JAVA_BYTE, at, small(value, 4, 3, 448, false));
            case F8_E5M2 -> memory.set(ValueLayout.JAVA_BYTE, at, small(value, 5, 2, 57344, true));
            case I64, I32, I16, I8, U64, U32, U16, U8, BOOL, C64, C128, STRING, UNKNOWN ->
                throw new IllegalArgumentException(type.name());
        }
    }

    /** f64 → f16 through f32 would round twice; rounding to odd in between makes the second rounding the only one. */
    private static short half(double value) {
        return Float.floatToFloat16(toOdd(value));
    }

    private static short brain(double value) {
        int bits = Float.floatToRawIntBits(toOdd(value));
        if (Double.isNaN(value)) {
            return (short) (bits >>> 16 | 0x40);
        }
        return (short) (bits + 0x7fff + (bits >>> 16 & 1) >>> 16);
    }

    /** The f32 next to a value, its last bit set if it isn't exact (Boldo and Melquiond, 2008). */
    private static float toOdd(double value) {
        float nearest = (float) value;
        if (nearest == value || Double.isNaN(value) || Float.isInfinite(nearest) && Double.isInfinite(value)) {
            return nearest;
        }
        int bits = Float.floatToRawIntBits(nearest);
        if ((bits & 1) == 0) { // the odd neighbour lies on the other side of the value
            bits += Math.abs((double) nearest) < Math.abs(value) ? 1 : -1;
        }
        return Float.intBitsToFloat(bits);
    }

    private static byte small(double value, int exponentBits, int mantissaBits, double max, boolean infinities) {
        int sign = Double.doubleToRawLongBits(value) < 0 ? 0x80 : 0;
        int top = (1 << exponentBits + mantissaBits) - 1;
        if (Double.isNaN(value)) {
            return (byte) (sign | top);
        }
        int bias = (1 << exponentBits - 1) - 1;
        double magnitude = Math.abs(value);
        int exponent = magnitude == 0 ? 1 - bias : Math.max(Math.getExponent(magnitude), 1 - bias);
        double unit = Math.scalb(1.0, exponent - mantissaBits);
        double rounded = Math.rint(magnitude / unit) * unit;
        if (rounded > max) {
            return (byte) (sign | (infinities ? top & -(1 << mantissaBits) : top - 1));
        }
        int e = rounded == 0 ? 1 - bias : Math.max(Math.getExponent(rounded), 1 - bias);
        double ulp = Math.scalb(1.0, e - mantissaBits);
        int steps = (int) (rounded / ulp); // 2^mantissaBits and more: a normal number
        int bits = steps < 1 << mantissaBits ? steps : (e + bias << mantissaBits) + steps - (1 << mantissaBits);
        return (byte) (sign | bits);
    }
}
