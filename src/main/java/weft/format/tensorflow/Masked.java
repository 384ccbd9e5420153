package weft.format.tensorflow;

import java.lang.foreign.MemorySegment;
import java.util.HexFormat;

import weft.io.Crc;

/**
 * CRC-32C as LevelDB stores it: rotated right by 15 bits plus a constant, so that a checksum of bytes that hold
 * checksums stays useful (LevelDB, {@code util/crc32c.h}: {@code Mask}).
 */
final class Masked {
    private static final int DELTA = 0xa282ead8;

    private Masked() {
    }

    static int of(int crc32c) {
        return Integer.rotateRight(crc32c, 15) + DELTA;
    }

    static int of(Crc crc32c) {
        return of(crc32c.value());
    }

    static int of(MemorySegment bytes) {
        return of(Crc.crc32c().update(bytes));
    }

    /** As problems print it: eight hexadecimal digits of the unmasked value, which other tools show too. */
    static String text(int masked) {
        return HexFormat.of().toHexDigits(Integer.rotateLeft(masked - DELTA, 15));
    }
}
