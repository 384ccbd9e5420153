package weft.format.tensorflow;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.zip.CRC32C;

/**
 * CRC-32C as LevelDB stores it: rotated right by 15 bits plus a constant, so that the checksum of bytes that hold
 * checksums stays useful (LevelDB, {@code util/crc32c.h}: {@code Mask}).
 */
final class MaskedCrc32c {
    private static final int DELTA = 0xa282ead8;
    private static final int WINDOW = 64 * 1024;

    private final CRC32C crc = new CRC32C();
    private byte[] window = new byte[0];

    /**
     * Goes on with the bytes of a segment. They pass through a window that stays in the cache rather than straight
     * from the mapping: the JVM turns a file cut behind a mapping into an error where memory is copied, but dies where
     * the checksum's own machine code meets it.
     */
    MaskedCrc32c update(MemorySegment bytes) {
        if (window.length == 0) {
            window = new byte[(int) Math.min(WINDOW, bytes.byteSize())];
        }
        for (long at = 0; at < bytes.byteSize(); at += window.length) {
            int length = (int) Math.min(window.length, bytes.byteSize() - at);
            MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, at, window, 0, length);
            crc.update(window, 0, length);
        }
        return this;
    }

    MaskedCrc32c update(byte[] bytes, int offset, int length) {
        crc.update(bytes, offset, length);
        return this;
    }

    /** The masked checksum of all bytes so far. */
    int masked() {
        int value = (int) crc.getValue();
        return Integer.rotateRight(value, 15) + DELTA;
    }

    static int of(MemorySegment bytes) {
        return new MaskedCrc32c().update(bytes).masked();
    }

    /** As problems print it: eight hexadecimal digits of the unmasked value, which other tools show too. */
    static String text(int masked) {
        return "%08x".formatted(Integer.rotateLeft(masked - DELTA, 15));
    }
}
