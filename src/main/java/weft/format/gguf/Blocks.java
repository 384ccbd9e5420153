package weft.format.gguf;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

import weft.io.SourceFile;

/**
 * What a quantised block means, after the structures of {@code ggml-common.h}. Each method decodes one block that begins
 * at byte {@code at}: 32 values, or 256 for the K types. {@code d} is the block's scale and {@code m} its minimum, both
 * f16; products are rounded to f32 in ggml's order, so the values are those of the gguf package bit for bit.
 */
final class Blocks {
    private Blocks() {
    }

    /** d, 16 bytes of two nibbles: the low ones are values 0 to 15, the high ones 16 to 31. */
    static void q4x0(MemorySegment s, long at, float[] values, int to) {
        float d = f16(s, at);
        for (int i = 0; i < 16; i++) {
            int q = u8(s, at + 2 + i);
            values[to + i] = d * ((q & 15) - 8);
            values[to + 16 + i] = d * ((q >> 4) - 8);
        }
    }

    /** d, m, 16 bytes of two nibbles. */
    static void q4x1(MemorySegment s, long at, float[] values, int to) {
        float d = f16(s, at);
        float m = f16(s, at + 2);
        for (int i = 0; i < 16; i++) {
            int q = u8(s, at + 4 + i);
            values[to + i] = d * (q & 15) + m;
            values[to + 16 + i] = d * (q >> 4) + m;
        }
    }

    /** d, 32 fifth bits, 16 bytes of two nibbles. */
    static void q5x0(MemorySegment s, long at, float[] values, int to) {
        float d = f16(s, at);
        int high = s.get(SourceFile.I32, at + 2);
        for (int i = 0; i < 16; i++) {
            int q = u8(s, at + 6 + i);
            values[to + i] = d * ((q & 15 | (high >> i & 1) << 4) - 16);
            values[to + 16 + i] = d * ((q >> 4 | (high >> i + 16 & 1) << 4) - 16);
        }
    }

    /** d, m, 32 fifth bits, 16 bytes of two nibbles. */
    static void q5x1(MemorySegment s, long at, float[] values, int to) {
        float d = f16(s, at);
        float m = f16(s, at + 2);
        int high = s.get(SourceFile.I32, at + 4);
        for (int i = 0; i < 16; i++) {
            int q = u8(s, at + 8 + i);
            values[to + i] = d * (q & 15 | (high >> i & 1) << 4) + m;
            values[to + 16 + i] = d * (q >> 4 | (high >> i + 16 & 1) << 4) + m;
        }
    }

    /** d, 32 signed bytes. */
    static void q8x0(MemorySegment s, long at, float[] values, int to) {
        float d = f16(s, at);
        for (int i = 0; i < 32; i++) {
            values[to + i] = d * s.get(ValueLayout.JAVA_BYTE, at + 2 + i);
        }
    }

    /** 16 bytes of scale and minimum (a nibble each, for 16 values), 64 bytes of four 2-bit values, d, m. */
    static void q2k(MemorySegment s, long at, float[] values, int to) {
        float d = f16(s, at + 80);
        float m = f16(s, at + 82);
        for (int e = 0; e < 256; e++) {
            int scale = u8(s, at + e / 16);
            int q = u8(s, at + 16 + e / 128 * 32 + e % 32) >> e / 32 % 4 * 2 & 3;
            values[to + e] = d * (scale & 15) * q - m * (scale >> 4);
        }
    }

    /** 32 bytes of third bits, 64 bytes of four 2-bit values, 16 scales of 6 bits in 12 bytes, d. A third bit of 0 takes 4. */
    static void q3k(MemorySegment s, long at, float[] values, int to) {
        float d = f16(s, at + 108);
        for (int e = 0; e < 256; e++) {
            int g = e / 16;
            int low = u8(s, at + 96 + g % 8) >> g / 8 * 4 & 15;
            int high = u8(s, at + 104 + g % 4) >> g / 4 * 2 & 3;
            int q = u8(s, at + 32 + e / 128 * 32 + e % 32) >> e / 32 % 4 * 2 & 3;
            int third = u8(s, at + e % 32) >> e / 32 & 1;
            values[to + e] = d * ((low | high << 4) - 32) * (q - (third == 0 ? 4 : 0));
        }
    }

    /** d, m, eight scales and minima of 6 bits in 12 bytes, 128 bytes of two nibbles: 32 low ones, then their high ones. */
    static void q4k(MemorySegment s, long at, float[] values, int to) {
        float d = f16(s, at);
        float m = f16(s, at + 2);
        for (int g = 0; g < 8; g++) {
            float scale = d * scale(s, at + 4, g, 0);
            float minimum = m * scale(s, at + 4, g, 1);
            for (int i = 0; i < 32; i++) {
                int q = u8(s, at + 16 + g / 2 * 32 + i) >> g % 2 * 4 & 15;
                values[to + g * 32 + i] = scale * q - minimum;
            }
        }
    }

    /** As {@link #q4k} with 32 bytes of fifth bits before the nibbles. */
    static void q5k(MemorySegment s, long at, float[] values, int to) {
        float d = f16(s, at);
        float m = f16(s, at + 2);
        for (int g = 0; g < 8; g++) {
            float scale = d * scale(s, at + 4, g, 0);
            float minimum = m * scale(s, at + 4, g, 1);
            for (int i = 0; i < 32; i++) {
                int q = u8(s, at + 48 + g / 2 * 32 + i) >> g % 2 * 4 & 15;
                int fifth = u8(s, at + 16 + i) >> g & 1;
                values[to + g * 32 + i] = scale * (q | fifth << 4) - minimum;
            }
        }
    }

    /** 128 bytes of two nibbles, 64 bytes of four 2-bit tops, 16 signed scales, d. */
    static void q6k(MemorySegment s, long at, float[] values, int to) {
        float d = f16(s, at + 208);
        for (int e = 0; e < 256; e++) {
            int low = u8(s, at + e / 128 * 64 + e % 64) >> e / 64 % 2 * 4 & 15;
            int high = u8(s, at + 128 + e / 128 * 32 + e % 32) >> e / 32 % 4 * 2 & 3;
            values[to + e] = d * s.get(ValueLayout.JAVA_BYTE, at + 192 + e / 16) * ((low | high << 4) - 32);
        }
    }

    /**
     * A 6-bit number of a K type: scale ({@code part} 0) or minimum (1) of group {@code g}. Of the twelve bytes, four hold
     * the first scales, four the first minima, four the low nibbles of the last; their top bits are the first eight's own.
     */
    private static int scale(MemorySegment s, long at, int g, int part) {
        int first = u8(s, at + part * 4 + g % 4);
        if (g < 4) { return first & 63; }
        return u8(s, at + 8 + g % 4) >> part * 4 & 15 | first >> 2 & 48;
    }

    private static float f16(MemorySegment s, long at) {
        return Float.float16ToFloat(s.get(SourceFile.I16, at));
    }

    private static int u8(MemorySegment s, long at) {
        return Byte.toUnsignedInt(s.get(ValueLayout.JAVA_BYTE, at));
    }
}
