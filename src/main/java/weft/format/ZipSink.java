package weft.format;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;

/**
 * A ZIP archive of stored entries, written in one pass (PKWARE APPNOTE 6.3.10, sections 4.3 and 4.5.3): an entry's
 * checksum is known when its bytes have gone by, so it follows them in a data descriptor, and zip64 fields stand where a
 * number needs them. No entry has a date, so the same entries make the same archive.
 *
 * <p>
 * Of the many archives that would do, this is to the byte the one PyTorch writes ({@code mz_zip_writer_add_mem_ex_v2}
 * of its miniz, {@code caffe2/serialize/inline_container.cc}): since 2.7 {@code torch.load} can reckon where its
 * storages stand instead of looking (its setting {@code calculate_storage_offsets}).
 *
 * <pre>{@code
 * zip.begin("weight.npy", size, 64);
 * sink.write(…);
 * zip.end();
 * }</pre>
 */
public final class ZipSink {
    private static final int LOCAL = 0x04034b50;
    private static final int DESCRIPTOR = 0x08074b50;
    private static final int CENTRAL = 0x02014b50;
    private static final int END = 0x06054b50;
    private static final int END64 = 0x06064b50;
    private static final int LOCATOR64 = 0x07064b50;
    private static final int SIZES_FOLLOW = 8;
    private static final int UTF8 = 0x800;
    private static final int MAX16 = 0xFFFF;
    private static final long MAX32 = 0xFFFFFFFFL;
    /** The extra field PyTorch pads its entries with: "FB", a length, as many of "Z". Others pass over it. */
    private static final short PADDING = 'F' | 'B' << 8;
    private static final byte FILL = 'Z';

    private record Entry(byte[] name, long size, long crc, long header) {
        boolean isLarge() {
            return size >= MAX32;
        }

        boolean isFar() {
            return header >= MAX32;
        }

        short flags() {
            return (short) (UTF8 | (size > 0 ? SIZES_FOLLOW : 0));
        }

        /**
         * The zip64 extra field: sizes and place, each where 32 bits are too few. miniz writes it in both headers; in
         * the local one the compressed size isn't known to it yet, and is 0.
         */
        byte[] zip64(long compressed) {
            if (!isLarge() && !isFar()) { return new byte[0]; }
            int values = (isLarge() ? 16 : 0) + (isFar() ? 8 : 0);
            var field = buffer(4 + values).putShort((short) 1).putShort((short) values);
            if (isLarge()) {
                field.putLong(size).putLong(compressed);
            }
            if (isFar()) {
                field.putLong(header);
            }
            return field.array();
        }
    }

    private final FileSink sink;
    private final String file;
    private final List<Entry> entries = new ArrayList<>();
    private final Set<String> names = new HashSet<>();
    private Entry open = new Entry(new byte[0], 0, 0, 0);
    private long start;

    /** @param file the archive's name, for problems */
    public ZipSink(FileSink sink, String file) {
        this.sink = sink;
        this.file = file;
    }

    /**
     * Starts an entry.
     *
     * @param bytes how many will be written before {@link #end()}
     * @param alignment its first byte stands at a multiple of this
     * @throws CheckpointException {@code DUPLICATE_NAME}, {@code LIMIT} for a name over 65,535 bytes
     */
    public void begin(String entry, long bytes, int alignment) throws CheckpointException {
        var name = entry.getBytes(StandardCharsets.UTF_8);
        if (!names.add(entry)) { throw Problem.of(Code.DUPLICATE_NAME).file(file).field(entry).asException(); }
        if (name.length > MAX16) {
            throw Problem.of(Code.LIMIT).file(file).field("name").found(name.length).expected("<= " + MAX16)
                    .asException();
        }
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(entry)) {
            throw Problem.of(Code.BAD_HEADER).file(file).field(entry).expected("UTF-8").asException();
        }
        open = new Entry(name, bytes, 0, sink.position());
        var zip64 = open.zip64(0);
        long plain = open.header + 30 + name.length + zip64.length + 4;
        var padding = new byte[(int) ((alignment - plain % alignment) % alignment)];
        Arrays.fill(padding, FILL);
        // Version, method, date, checksum and both sizes are 0.
        sink.write(buffer(30).putInt(LOCAL).putShort(6, open.flags())
                .putShort(26, (short) name.length).putShort(28, (short) (zip64.length + 4 + padding.length)).array());
        sink.write(name);
        sink.write(zip64);
        sink.write(buffer(4).putShort(PADDING).putShort((short) padding.length).array());
        sink.write(padding);
        start = sink.position();
        sink.startCrc32();
    }

    /**
     * Ends the entry.
     *
     * @return the CRC-32 of its bytes, unsigned
     * @throws IllegalStateException if it hasn't the size it was to have
     */
    public long end() throws CheckpointException {
        long crc = sink.endCrc32();
        long size = open.size;
        if (sink.position() - start != size) {
            throw new IllegalStateException((sink.position() - start) + " bytes, not " + size);
        }
        if (size > 0) {
            boolean wide = open.isLarge() || open.isFar();
            var descriptor = buffer(wide ? 24 : 16).putInt(DESCRIPTOR).putInt((int) crc);
            if (wide) {
                descriptor.putLong(size).putLong(size);
            } else {
                descriptor.putInt((int) size).putInt((int) size);
            }
            sink.write(descriptor.array());
        }
        entries.add(new Entry(open.name, size, crc, open.header));
        return crc;
    }

    /** Writes the central directory, and like PyTorch always its zip64 end record. */
    public void finish() throws CheckpointException {
        long directory = sink.position();
        for (var entry : entries) {
            writeCentral(entry);
        }
        long end = sink.position();
        long length = end - directory;
        sink.write(buffer(56).putInt(END64).putLong(44).putShort((short) 0x031e).putShort((short) 45).putInt(0)
                .putInt(0).putLong(entries.size()).putLong(entries.size()).putLong(length).putLong(directory)
                .array());
        sink.write(buffer(20).putInt(LOCATOR64).putInt(0).putLong(end).putInt(1).array());
        short count = (short) Math.min(MAX16, entries.size());
        sink.write(buffer(22).putInt(END).putInt(0).putShort(count).putShort(count)
                .putInt((int) Math.min(MAX32, length)).putInt((int) Math.min(MAX32, directory)).putShort((short) 0)
                .array());
    }

    private void writeCentral(Entry entry) throws CheckpointException {
        var zip64 = entry.zip64(entry.size);
        int size = (int) Math.min(MAX32, entry.size);
        sink.write(buffer(46).putInt(CENTRAL).putShort(8, entry.flags()).putInt(16, (int) entry.crc).putInt(20, size)
                .putInt(24, size).putShort(28, (short) entry.name.length).putShort(30, (short) zip64.length)
                .putInt(42, (int) Math.min(MAX32, entry.header)).array());
        sink.write(entry.name);
        sink.write(zip64);
    }

    private static ByteBuffer buffer(int length) {
        return ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    }
}
