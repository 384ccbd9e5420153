package weft.tensor;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Locale;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import weft.io.SourceFile;

/**
 * The element types checkpoints hold. Bytes in memory are little-endian whatever the file's order was (a reader of a
 * big-endian file swaps them once). The identifier ({@code F32}, {@code BF16}) is safetensors' and GGUF's spelling.
 */
public enum DType {
    F64(8, "float64"), F32(4, "float32"), F16(2, "float16"), BF16(2, "bfloat16"),
    /** 1-4-3, bias 7, no infinities (OCP 8-bit floating point specification, E4M3). */
    F8_E4M3(1, "float8_e4m3fn"),
    /** 1-5-2, bias 15, with infinities (OCP 8-bit floating point specification, E5M2). */
    F8_E5M2(1, "float8_e5m2"), I64(8, "int64"), I32(4, "int32"), I16(2, "int16"), I8(1, "int8"), U64(8, "uint64"),
    U32(4, "uint32"), U16(2, "uint16"), U8(1, "uint8"), BOOL(1, "bool"), C64(8, "complex64"), C128(16, "complex128"),
    /** Variable-length strings: listed, never decoded as numbers. */
    STRING(0, "string"),
    /** A type this version can't decode: listed with its file's own word for it, not read. */
    UNKNOWN(0, "unknown");

    private static final Map<String, DType> ALIASES = Map.ofEntries(Map.entry("float", F32), Map.entry("double", F64),
            Map.entry("half", F16), Map.entry("long", I64), Map.entry("int", I32), Map.entry("short", I16),
            Map.entry("char", I8), Map.entry("byte", U8), Map.entry("fp32", F32), Map.entry("fp16", F16),
            Map.entry("f8_e4m3fn", F8_E4M3), Map.entry("cfloat", C64), Map.entry("cdouble", C128));

    private final int bytes;
    private final String title;

    DType(int bytes, String title) {
        this.bytes = bytes;
        this.title = title;
    }

    /** Bytes an element; 0 for {@link #STRING} and {@link #UNKNOWN}. */
    public int bytes() {
        return bytes;
    }

    /** The frameworks' word: {@code float32}, {@code bfloat16}. */
    public String title() {
        return title;
    }

    public boolean isFloating() {
        return switch (this) {
            case F64, F32, F16, BF16, F8_E4M3, F8_E5M2 -> true;
            case I64, I32, I16, I8, U64, U32, U16, U8, BOOL, C64, C128, STRING, UNKNOWN -> false;
        };
    }

    /** Whether single elements can be read as a number with {@link #get}. */
    public boolean isReal() {
        return switch (this) {
            case F64, F32, F16, BF16, F8_E4M3, F8_E5M2, I64, I32, I16, I8, U64, U32, U16, U8, BOOL -> true;
            case C64, C128, STRING, UNKNOWN -> false;
        };
    }

    /** Finds {@code F32}, {@code f32}, {@code float32}, {@code torch.float32}, {@code half}; null if unknown. */
    public static @Nullable DType parse(String text) {
        var word = text.toLowerCase(Locale.ROOT).replace("torch.", "");
        for (var type : values()) {
            if (type.name().toLowerCase(Locale.ROOT).equals(word) || type.title.equals(word)) { return type; }
        }
        return ALIASES.get(word);
    }

    /** The element at a byte offset, widened to f64. Complex, string and unknown types have no such value. */
    public double get(MemorySegment segment, long offset) {
        return switch (this) {
            case F64 ->
                segment.get(ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), offset);
            case F32 -> Float.intBitsToFloat(segment.get(SourceFile.I32, offset));
            case F16 -> Float.float16ToFloat(segment.get(SourceFile.I16, offset));
            case BF16 -> Float.intBitsToFloat(segment.get(SourceFile.I16, offset) << 16);
            case F8_E4M3 -> e4m3(segment.get(ValueLayout.JAVA_BYTE, offset));
            // E5M2 is the upper byte of a half.
            case F8_E5M2 -> Float.float16ToFloat((short) (segment.get(ValueLayout.JAVA_BYTE, offset) << 8));
            case I64 -> segment.get(SourceFile.I64, offset);
            case I32 -> segment.get(SourceFile.I32, offset);
            case I16 -> segment.get(SourceFile.I16, offset);
            case I8 -> segment.get(ValueLayout.JAVA_BYTE, offset);
            case U64 -> unsigned(segment.get(SourceFile.I64, offset));
            case U32 -> Integer.toUnsignedLong(segment.get(SourceFile.I32, offset));
            case U16 -> Short.toUnsignedInt(segment.get(SourceFile.I16, offset));
            case U8 -> Byte.toUnsignedInt(segment.get(ValueLayout.JAVA_BYTE, offset));
            case BOOL -> segment.get(ValueLayout.JAVA_BYTE, offset) == 0 ? 0 : 1;
            case C64, C128, STRING, UNKNOWN -> throw new IllegalStateException(this + " has no real value");
        };
    }

    private static double unsigned(long bits) {
        return bits >= 0 ? bits : (bits >>> 1 | bits & 1) * 2.0;
    }

    private static float e4m3(byte bits) {
        int exponent = bits >> 3 & 15;
        int mantissa = bits & 7;
        if (exponent == 15 && mantissa == 7) { return Float.NaN; }
        float magnitude = exponent == 0 ? mantissa * 0x1p-9f : (8 + mantissa) * Math.scalb(1f, exponent - 10);
        return bits < 0 ? -magnitude : magnitude;
    }
}
