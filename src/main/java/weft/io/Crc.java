package weft.io;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;
import java.util.zip.Checksum;

/**
 * A CRC of bytes that may be mapped. They pass through a window that stays in the processor's cache: where memory is
 * copied, the JVM turns a file cut short behind its mapping into the error that {@link SourceFile#guarded} knows, but
 * it dies where the checksum's own machine code meets the missing page. The window costs nothing beside the memory's
 * own speed and nothing is allocated by size.
 */
public final class Crc {
    private static final int WINDOW = 64 * 1024;

    private final Checksum crc;
    private byte[] window = new byte[0];

    private Crc(Checksum crc) {
        this.crc = crc;
    }

    /** The one of ZIP, PNG and Ethernet. */
    public static Crc crc32() {
        return new Crc(new CRC32());
    }

    /** Castagnoli's, of LevelDB and so of TensorFlow's checkpoints. */
    public static Crc crc32c() {
        return new Crc(new CRC32C());
    }

    public Crc update(MemorySegment bytes) {
        if (window.length < WINDOW) {
            window = new byte[(int) Math.clamp(bytes.byteSize(), window.length, WINDOW)];
        }
        for (long at = 0; at < bytes.byteSize(); at += window.length) {
            int length = (int) Math.min(window.length, bytes.byteSize() - at);
            MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, at, window, 0, length);
            crc.update(window, 0, length);
        }
        return this;
    }

    public int value() {
        return (int) crc.getValue();
    }

    /** The same as a number that isn't negative, as ZIP's readers compare it. */
    public long unsigned() {
        return crc.getValue();
    }
}
