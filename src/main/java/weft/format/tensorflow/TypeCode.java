package weft.format.tensorflow;

import weft.tensor.DType;

/** TensorFlow's numbers for element types ({@code tensorflow/core/framework/types.proto}, enum DataType). */
final class TypeCode {
    static final int FLOAT = 1;
    static final int DOUBLE = 2;
    static final int INT32 = 3;
    static final int UINT8 = 4;
    static final int INT16 = 5;
    static final int INT8 = 6;
    static final int STRING = 7;
    static final int COMPLEX64 = 8;
    static final int INT64 = 9;
    static final int BOOL = 10;
    static final int BFLOAT16 = 14;
    static final int UINT16 = 17;
    static final int COMPLEX128 = 18;
    static final int HALF = 19;
    static final int RESOURCE = 20;
    static final int VARIANT = 21;
    static final int UINT32 = 22;
    static final int UINT64 = 23;
    static final int FLOAT8_E5M2 = 24;
    static final int FLOAT8_E4M3FN = 25;

    private TypeCode() {
    }

    /** Quantised and sub-byte types are {@link DType#UNKNOWN}: listed by their number, not read. */
    static DType of(int code) {
        return switch (code) {
            case FLOAT -> DType.F32;
            case DOUBLE -> DType.F64;
            case INT32 -> DType.I32;
            case UINT8 -> DType.U8;
            case INT16 -> DType.I16;
            case INT8 -> DType.I8;
            case STRING -> DType.STRING;
            case COMPLEX64 -> DType.C64;
            case INT64 -> DType.I64;
            case BOOL -> DType.BOOL;
            case BFLOAT16 -> DType.BF16;
            case UINT16 -> DType.U16;
            case COMPLEX128 -> DType.C128;
            case HALF -> DType.F16;
            case UINT32 -> DType.U32;
            case UINT64 -> DType.U64;
            case FLOAT8_E5M2 -> DType.F8_E5M2;
            case FLOAT8_E4M3FN -> DType.F8_E4M3;
            default -> DType.UNKNOWN;
        };
    }

    /** Whether values of a type are objects (tables, queues, lists), not numbers. */
    static boolean isObject(int code) {
        return code == RESOURCE || code == VARIANT;
    }

    static int of(DType type) {
        return switch (type) {
            case F64 -> DOUBLE;
            case F32 -> FLOAT;
            case F16 -> HALF;
            case BF16 -> BFLOAT16;
            case F8_E4M3 -> FLOAT8_E4M3FN;
            case F8_E5M2 -> FLOAT8_E5M2;
            case I64 -> INT64;
            case I32 -> INT32;
            case I16 -> INT16;
            case I8 -> INT8;
            case U64 -> UINT64;
            case U32 -> UINT32;
            case U16 -> UINT16;
            case U8 -> UINT8;
            case BOOL -> BOOL;
            case C64 -> COMPLEX64;
            case C128 -> COMPLEX128;
            case STRING -> STRING;
            case UNKNOWN -> 0;
        };
    }
}
