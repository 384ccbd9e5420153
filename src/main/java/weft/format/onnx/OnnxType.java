package weft.format.onnx;

import org.jspecify.annotations.Nullable;

import weft.io.ProtoList;
import weft.io.ProtoList.Kind;
import weft.io.ProtoReader;
import weft.tensor.DType;

/**
 * ONNX's element types ({@code onnx.proto}, {@code TensorProto.DataType}). Integers of 4 and 2 bits are unpacked to a byte each
 * when read; what has no {@link DType} is listed with its size.
 */
enum OnnxType {
    UNDEFINED(0, 0, DType.UNKNOWN), FLOAT(1, 32, DType.F32), UINT8(2, 8, DType.U8), INT8(3, 8, DType.I8),
    UINT16(4, 16, DType.U16), INT16(5, 16, DType.I16), INT32(6, 32, DType.I32), INT64(7, 64, DType.I64),
    STRING(8, 0, DType.STRING), BOOL(9, 8, DType.BOOL), FLOAT16(10, 16, DType.F16), DOUBLE(11, 64, DType.F64),
    UINT32(12, 32, DType.U32), UINT64(13, 64, DType.U64), COMPLEX64(14, 64, DType.C64),
    COMPLEX128(15, 128, DType.C128), BFLOAT16(16, 16, DType.BF16), FLOAT8E4M3FN(17, 8, DType.F8_E4M3),
    FLOAT8E4M3FNUZ(18, 8, DType.UNKNOWN), FLOAT8E5M2(19, 8, DType.F8_E5M2), FLOAT8E5M2FNUZ(20, 8, DType.UNKNOWN),
    UINT4(21, 4, DType.U8), INT4(22, 4, DType.I8), FLOAT4E2M1(23, 4, DType.UNKNOWN),
    FLOAT8E8M0(24, 8, DType.UNKNOWN), UINT2(25, 2, DType.U8), INT2(26, 2, DType.I8),
    FLOAT6E2M3(27, 6, DType.UNKNOWN), FLOAT6E3M2(28, 6, DType.UNKNOWN);

    private final int number;
    private final int bits;
    private final DType dtype;

    OnnxType(int number, int bits, DType dtype) {
        this.number = number;
        this.bits = bits;
        this.dtype = dtype;
    }

    static @Nullable OnnxType of(int number) {
        for (var type : values()) {
            if (type.number == number) { return type; }
        }
        return null;
    }

    /** What it is read as. */
    DType dtype() {
        return dtype;
    }

    /** Whether several elements share a byte, the first in its low bits. */
    boolean isPacked() {
        return bits > 0 && bits < 8;
    }

    /** Bits an element. */
    int bits() {
        return bits;
    }

    /** Bytes so many elements take in the file. */
    long bytes(long count) {
        return switch (bits % 8) {
            case 0 -> count * (bits / 8);
            default -> count / 8 * bits + (count % 8 * bits + 7) / 8;
        };
    }

    /** The field that lists values of this type where they aren't raw; of packed types it lists their bytes. */
    ProtoList list(ProtoReader tensor) {
        return switch (this) {
            case FLOAT, COMPLEX64 -> new ProtoList(tensor, 4, Kind.FIXED32);
            case DOUBLE, COMPLEX128 -> new ProtoList(tensor, 10, Kind.FIXED64);
            case INT64 -> new ProtoList(tensor, 7, Kind.VARINT);
            case UINT32, UINT64 -> new ProtoList(tensor, 11, Kind.VARINT);
            default -> new ProtoList(tensor, 5, Kind.VARINT);
        };
    }

    /** Numbers an element takes in its list. */
    private int numbers() {
        return this == COMPLEX64 || this == COMPLEX128 ? 2 : 1;
    }

    /** Numbers so many elements take in their list. */
    long numbers(long count) {
        return isPacked() ? bytes(count) : count * numbers();
    }

    /** Bytes one number of the list fills in memory. */
    int width() {
        return isPacked() ? 1 : bits / 8 / numbers();
    }
}
