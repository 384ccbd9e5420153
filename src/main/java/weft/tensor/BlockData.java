package weft.tensor;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

import org.jspecify.annotations.Nullable;

/**
 * Values that lie in quantised blocks, row-major, so many to a block: decoded to f32 block by block where only some are
 * wanted, and all together, once, when somebody asks for their bytes. The forward pass reads the blocks of the kinds it
 * knows as they lie in the file.
 */
public final class BlockData {
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED
            .withOrder(ByteOrder.LITTLE_ENDIAN);

    /** How a block is to be understood; {@code OTHER} only through its decoder. Layouts of {@code ggml-common.h}. */
    public enum Kind {
        /** A scale (f16), 16 bytes of two nibbles: the low ones are values 0 to 15, the high ones 16 to 31; less 8. */
        Q4_0,
        /** A scale (f16), 32 signed bytes. */
        Q8_0, OTHER
    }

    /** Decodes one block of a segment at a byte offset into the values from {@code to} on. */
    @FunctionalInterface
    public interface Decoder {
        void decode(MemorySegment segment, long at, float[] values, int to);
    }

    private final MemorySegment blocks;
    private final Kind kind;
    private final int size;
    private final int bytes;
    private final Decoder decoder;
    private volatile @Nullable MemorySegment decoded;

    /**
     * @param blocks all of them, one after the other
     * @param size values a block
     * @param bytes bytes a block
     */
    public BlockData(MemorySegment blocks, Kind kind, int size, int bytes, Decoder decoder) {
        this.blocks = blocks;
        this.kind = kind;
        this.size = size;
        this.bytes = bytes;
        this.decoder = decoder;
    }

    public MemorySegment blocks() {
        return blocks;
    }

    public Kind kind() {
        return kind;
    }

    /** Values a block. */
    public int size() {
        return size;
    }

    /** Bytes a block. */
    public int bytes() {
        return bytes;
    }

    long count() {
        return blocks.byteSize() / bytes * size;
    }

    /** All values as f32, in off-heap memory; made when first asked for. */
    MemorySegment decoded() {
        var known = decoded;
        if (known != null) { return known; }
        synchronized (this) {
            if (decoded == null) {
                var values = Arena.ofAuto().allocate(Math.max(1, count() * 4), 64);
                var some = new float[size];
                long to = 0;
                for (long at = 0; at < blocks.byteSize(); at += bytes) {
                    decoder.decode(blocks, at, some, 0);
                    MemorySegment.copy(some, 0, values, FLOAT, to, some.length);
                    to += 4L * some.length;
                }
                decoded = values;
            }
            return decoded;
        }
    }

    /** Values {@code from} … {@code from + count − 1} as f32; only the blocks they stand in are decoded. */
    void floats(long from, int count, float[] target, int to) {
        var some = new float[size];
        for (long at = from; at < from + count;) {
            int skip = (int) (at % size);
            int taken = (int) Math.min(size - skip, from + count - at);
            decoder.decode(blocks, at / size * bytes, some, 0);
            System.arraycopy(some, skip, target, to, taken);
            at += taken;
            to += taken;
        }
    }
}
