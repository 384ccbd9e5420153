package weft.format;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;

/**
 * A ZIP archive of stored entries, written in one pass (PKWARE APPNOTE 6.3.10, sections 4.3 and 4.5.3): an entry's
 * checksum is known when its bytes have gone by, so it follows them in a data descriptor, and zip64 fields stand where a
 * number needs them. Every entry has the date on which DOS begins, so the same entries make the same archive.
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
    private static final short FIRST_DAY = 1 << 5 | 1; // 1980-01-01
    private static final int MAX16 = 0xFFFF;
    private static final long MAX32 = 0xFFFFFFFFL;
    /** "FB", the extra field PyTorch pads its entries with; readers pass over what they don't know. */
    private static final short PADDING = 0x4246;

    private record Entry(byte[] name, long size, long crc, long header) {
    }

    private final FileSink sink;
    private final String file;
    private final List<Entry> entries = new ArrayList<>();
    private final Set<String> names = new HashSet<>();
    private byte[] name = new byte[0];
    private long header;
    private long start;
    private long size;

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
        name = entry.getBytes(StandardCharsets.UTF_8);
        if (!names.add(entry)) { throw Problem.of(Code.DUPLICATE_NAME).file(file).field(entry).asException(); }
        if (name.length > MAX16) {
            throw Problem.of(Code.LIMIT).file(file).field("name").found(name.length).expected("<= " + MAX16)
                    .asException();
        }
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(entry)) {
            throw Problem.of(Code.BAD_HEADER).file(file).field(entry).expected("UTF-8").asException();
        }
        header = sink.position();
        size = bytes;
        boolean large = bytes >= MAX32;
        int zip64 = large ? 20 : 0;
        long plain = header + 30 + name.length + zip64;
        int padding = (int) ((alignment - plain % alignment) % alignment);
        if (padding > 0 && padding < 4) {
            padding += alignment; // the padding's own head takes four bytes
        }
        var local = buffer(30).putInt(LOCAL).putShort((short) (large ? 45 : 20)).putShort((short) (SIZES_FOLLOW | UTF8))
                .putShort((short) 0).putShort((short) 0).putShort(FIRST_DAY).putInt(0).putInt(large ? -1 : 0)
                .putInt(large ? -1 : 0).putShort((short) name.length).putShort((short) (zip64 + padding));
        sink.write(local.array());
        sink.write(name);
        if (large) {
            sink.write(buffer(20).putShort((short) 1).putShort((short) 16).array());
        }
        if (padding > 0) {
            sink.write(buffer(padding).putShort(PADDING).putShort((short) (padding - 4)).array());
        }
        start = sink.position();
        sink.startCrc32();
    }

    /** Ends the entry. @throws IllegalStateException if it hasn't the size it was to have */
    public void end() throws CheckpointException {
        long crc = sink.endCrc32();
        if (sink.position() - start != size) {
            throw new IllegalStateException((sink.position() - start) + " bytes, not " + size);
        }
        boolean large = size >= MAX32;
        var descriptor = buffer(large ? 24 : 16).putInt(DESCRIPTOR).putInt((int) crc);
        if (large) {
            descriptor.putLong(size).putLong(size);
        } else {
            descriptor.putInt((int) size).putInt((int) size);
        }
        sink.write(descriptor.array());
        entries.add(new Entry(name, size, crc, header));
    }

    /** Writes the central directory. */
    public void finish() throws CheckpointException {
        long directory = sink.position();
        for (var entry : entries) {
            writeCentral(entry);
        }
        long end = sink.position();
        long length = end - directory;
        if (entries.size() >= MAX16 || length >= MAX32 || directory >= MAX32) {
            sink.write(buffer(56).putInt(END64).putLong(44).putShort((short) 45).putShort((short) 45).putInt(0)
                    .putInt(0).putLong(entries.size()).putLong(entries.size()).putLong(length).putLong(directory)
                    .array());
            sink.write(buffer(20).putInt(LOCATOR64).putInt(0).putLong(end).putInt(1).array());
        }
        short count = (short) Math.min(MAX16, entries.size());
        sink.write(buffer(22).putInt(END).putInt(0).putShort(count).putShort(count)
                .putInt((int) Math.min(MAX32, length)).putInt((int) Math.min(MAX32, directory)).putShort((short) 0)
                .array());
    }

    private void writeCentral(Entry entry) throws CheckpointException {
        boolean large = entry.size >= MAX32;
        boolean far = entry.header >= MAX32;
        int values = (large ? 16 : 0) + (far ? 8 : 0);
        int extra = values == 0 ? 0 : 4 + values;
        short version = (short) (extra > 0 ? 45 : 20);
        sink.write(buffer(46).putInt(CENTRAL).putShort(version).putShort(version)
                .putShort((short) (SIZES_FOLLOW | UTF8)).putShort((short) 0).putShort((short) 0).putShort(FIRST_DAY)
                .putInt((int) entry.crc).putInt(large ? -1 : (int) entry.size).putInt(large ? -1 : (int) entry.size)
                .putShort((short) entry.name.length).putShort((short) extra).putShort((short) 0).putShort((short) 0)
                .putShort((short) 0).putInt(0).putInt(far ? -1 : (int) entry.header).array());
        sink.write(entry.name);
        if (extra > 0) {
            var field = buffer(extra).putShort((short) 1).putShort((short) values);
            if (large) {
                field.putLong(entry.size).putLong(entry.size);
            }
            if (far) {
                field.putLong(entry.header);
            }
            sink.write(field.array());
        }
    }

    private static ByteBuffer buffer(int length) {
        return ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    }
}
