package weft.format.gguf;

import org.jspecify.annotations.Nullable;

import weft.tensor.BlockData;
import weft.tensor.DType;

/**
 * ggml's element types ({@code ggml.h}, {@code enum ggml_type}; sizes of {@code ggml-common.h}). Those with blocks store
 * some elements of the innermost axis together; what Weft can decode it reads as {@code F32}, the others are listed.
 */
enum GgmlType {
    F32(0, DType.F32), F16(1, DType.F16), Q4_0(2, 32, 18, Blocks::q4x0), Q4_1(3, 32, 20, Blocks::q4x1),
    Q5_0(6, 32, 22, Blocks::q5x0), Q5_1(7, 32, 24, Blocks::q5x1), Q8_0(8, 32, 34, Blocks::q8x0), Q8_1(9, 32, 36, null),
    Q2_K(10, 256, 84, Blocks::q2k), Q3_K(11, 256, 110, Blocks::q3k), Q4_K(12, 256, 144, Blocks::q4k),
    Q5_K(13, 256, 176, Blocks::q5k), Q6_K(14, 256, 210, Blocks::q6k), Q8_K(15, 256, 292, null),
    IQ2_XXS(16, 256, 66, null), IQ2_XS(17, 256, 74, null), IQ3_XXS(18, 256, 98, null), IQ1_S(19, 256, 50, null),
    IQ4_NL(20, 32, 18, null), IQ3_S(21, 256, 110, null), IQ2_S(22, 256, 82, null), IQ4_XS(23, 256, 136, null),
    I8(24, DType.I8), I16(25, DType.I16), I32(26, DType.I32), I64(27, DType.I64), F64(28, DType.F64),
    IQ1_M(29, 256, 56, null), BF16(30, DType.BF16), TQ1_0(34, 256, 54, null), TQ2_0(35, 256, 66, null),
    MXFP4(39, 32, 17, null), NVFP4(40, 64, 36, null), Q1_0(41, 128, 18, null);

    private final int id;
    private final int block;
    private final int bytes;
    private final BlockData.@Nullable Decoder decoder;
    private final @Nullable DType plain;

    GgmlType(int id, DType plain) {
        this.id = id;
        this.block = 1;
        this.bytes = plain.bytes();
        this.decoder = null;
        this.plain = plain;
    }

    GgmlType(int id, int block, int bytes, BlockData.@Nullable Decoder decoder) {
        this.id = id;
        this.block = block;
        this.bytes = bytes;
        this.decoder = decoder;
        this.plain = null;
    }

    static @Nullable GgmlType of(int id) {
        for (var type : values()) {
            if (type.id == id) { return type; }
        }
        return null;
    }

    /** The type a plain element type is written as, or null. */
    static @Nullable GgmlType of(DType dtype) {
        for (var type : values()) {
            if (type.plain == dtype) { return type; }
        }
        return null;
    }

    int id() {
        return id;
    }

    /** Elements a block. */
    int block() {
        return block;
    }

    /** Bytes a block. */
    int bytes() {
        return bytes;
    }

    BlockData.@Nullable Decoder decoder() {
        return decoder;
    }

    /** What it is read as; {@code UNKNOWN} if it isn't. */
    DType dtype() {
        return plain != null ? plain : decoder != null ? DType.F32 : DType.UNKNOWN;
    }

    boolean isPlain() {
        return plain != null;
    }
}
