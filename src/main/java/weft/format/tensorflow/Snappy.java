package weft.format.tensorflow;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

import org.jspecify.annotations.Nullable;

/**
 * Decodes one Snappy block (google/snappy, {@code format_description.txt}): the unpacked length as a varint, then
 * literals and copies. Every length is checked against the bytes present before it is used.
 */
final class Snappy {
    /** No element makes more of its bytes than a copy of 64 out of 3 (section 2.2). */
    private static final long MOST = 64;
    private static final long LEAST = 3;

    private final MemorySegment in;
    private int at;

    private Snappy(MemorySegment in) {
        this.in = in;
    }

    /** The unpacked bytes, or null if the block is malformed. */
    static byte @Nullable [] decode(MemorySegment block) {
        if (block.byteSize() > Integer.MAX_VALUE) { return null; }
        var snappy = new Snappy(block);
        long length = snappy.length();
        if (length < 0 || length > block.byteSize() * MOST / LEAST || length > Integer.MAX_VALUE - 8) { return null; }
        var out = new byte[(int) length];
        return snappy.decodeInto(out, true) == out.length ? out : null;
    }

    /** The first bytes of a block of which only the head is there; fewer than asked if the head ends or is wrong. */
    static byte[] peek(byte[] head, int count) {
        var snappy = new Snappy(MemorySegment.ofArray(head));
        long length = snappy.length();
        var out = new byte[(int) Math.clamp(length, 0, count)];
        return Arrays.copyOf(out, Math.max(0, snappy.decodeInto(out, false)));
    }

    /** The declared length, at most 32 bits in at most five bytes; −1 if there is none. */
    private long length() {
        long value = 0;
        for (int shift = 0; shift < 35; shift += 7) {
            int b = take();
            if (b < 0) { return -1; }
            value |= (long) (b & 0x7f) << shift;
            if (b < 0x80) { return value >>> 32 == 0 ? value : -1; }
        }
        return -1;
    }

    /** Fills {@code out}; returns the bytes written, or −1 where the block must fill it exactly and doesn't. */
    private int decodeInto(byte[] out, boolean whole) {
        int to = 0;
        while (at < in.byteSize() && (whole || to < out.length)) {
            int tag = take();
            int kind = tag & 3;
            long length;
            long back = 0;
            if (kind == 0) {
                int size = tag >>> 2;
                length = size < 60 ? size + 1L : number(size - 59) + 1;
            } else {
                length = kind == 1 ? (tag >>> 2 & 7) + 4L : (tag >>> 2) + 1L;
                long low = number(kind == 3 ? 4 : kind);
                back = kind == 1 && low >= 0 ? (long) (tag >>> 5) << 8 | low : low;
                if (back < 1 || back > to) { return whole ? -1 : to; }
            }
            if (length < 1) { return whole ? -1 : to; }
            if (whole && (length > out.length - to || kind == 0 && length > in.byteSize() - at)) { return -1; }
            int count = (int) Math.min(length, out.length - to);
            if (kind == 0) {
                count = (int) Math.min(count, in.byteSize() - at);
                MemorySegment.copy(in, ValueLayout.JAVA_BYTE, at, out, to, count);
                at += count;
                to += count;
            } else {
                // Byte by byte: a copy may overlap itself (a run).
                for (int end = to + count; to < end; to++) {
                    out[to] = out[to - (int) back];
                }
            }
        }
        return to;
    }

    /** A little-endian number of one to four bytes; −2 if they aren't there (no length or distance is negative). */
    private long number(int bytes) {
        if (bytes > in.byteSize() - at) {
            at = (int) in.byteSize();
            return -2;
        }
        long value = 0;
        for (int i = 0; i < bytes; i++) {
            value |= (long) take() << 8 * i;
        }
        return value;
    }

    private int take() {
        return at < in.byteSize() ? in.get(ValueLayout.JAVA_BYTE, at++) & 0xff : -1;
    }
}
