package weft.rule;

import weft.tensor.DType;
import weft.tensor.TensorData;

/**
 * What a change of element type did to a tensor's values.
 *
 * @param elements how many there are
 * @param overflowed finite values that are too large for the new type: infinite now, or cut down to its largest
 * @param vanished values other than 0 that are 0 now
 * @param changed values that aren't what they were, the two kinds above included
 * @param largest the largest relative change among those that neither overflowed nor vanished
 */
public record CastLoss(DType from, DType to, long elements, long overflowed, long vanished, long changed,
        double largest) {

    /** Compares values before and after, element by element; NaN that stayed NaN hasn't changed. */
    public static CastLoss between(TensorData before, TensorData after) {
        var a = before.contiguous();
        var b = after.contiguous();
        long count = a.shape().count();
        double limit = largest(b.dtype());
        long overflowed = 0;
        long vanished = 0;
        long changed = 0;
        double largest = 0;
        for (long i = 0; i < count; i++) {
            double x = a.dtype().get(a.segment(), a.offset() + i * a.dtype().bytes());
            double y = b.dtype().get(b.segment(), b.offset() + i * b.dtype().bytes());
            if (x == y || Double.isNaN(x) && Double.isNaN(y)) {
                continue;
            }
            changed++;
            if (Double.isInfinite(y) || Double.isNaN(y) || Math.abs(x) > limit) {
                overflowed++;
            } else if (y == 0) {
                vanished++;
            } else {
                largest = Math.max(largest, Math.abs(y - x) / Math.abs(x));
            }
        }
        return new CastLoss(a.dtype(), b.dtype(), count, overflowed, vanished, changed, largest);
    }

    /** The largest finite value of a type. */
    private static double largest(DType type) {
        return switch (type) {
            case F32 -> Float.MAX_VALUE;
            case F16 -> 65504;
            case BF16 -> 0x1.fep127;
            case F8_E4M3 -> 448;
            case F8_E5M2 -> 57344;
            case F64, I64, I32, I16, I8, U64, U32, U16, U8, BOOL, C64, C128, STRING, UNKNOWN -> Double.MAX_VALUE;
        };
    }

    /** Whether every value of one type is a value of the other. */
    public static boolean widens(DType from, DType to) {
        return from == to || switch (from) {
            case F32 -> to == DType.F64;
            case F16, BF16 -> to == DType.F32 || to == DType.F64;
            case F8_E4M3, F8_E5M2 -> to == DType.F16 || to == DType.F32 || to == DType.F64 || to == DType.BF16;
            case I8, U8 -> to == DType.F16 || to == DType.BF16 || to == DType.F32 || to == DType.F64;
            case I16, U16 -> to == DType.F32 || to == DType.F64;
            case I32, U32 -> to == DType.F64;
            case BOOL -> to.isFloating();
            case F64, I64, U64, C64, C128, STRING, UNKNOWN -> false;
        };
    }
}
