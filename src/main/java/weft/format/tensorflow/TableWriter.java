package weft.format.tensorflow;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

import com.google.protobuf.CodedOutputStream;
import org.jspecify.annotations.Nullable;

import weft.format.FileSink;
import weft.io.CheckpointException;
import weft.io.Crc;

/**
 * Writes a {@link Table} as TensorFlow does, byte for byte ({@code tsl/lib/io/table_builder.cc}): blocks of 256 KiB,
 * not packed, a restart point every sixteen entries.
 */
final class TableWriter {
    private static final int BLOCK = 256 << 10;
    private static final int RESTART_INTERVAL = 16;

    /** Entries on their way into a block. */
    private static final class BlockBuilder {
        private final int interval;
        private final ByteArrayOutputStream entries = new ByteArrayOutputStream();
        private final ByteArrayOutputStream restarts = new ByteArrayOutputStream();
        private int count;
        private byte[] last = new byte[0];

        BlockBuilder(int interval) {
            this.interval = interval;
        }

        void add(byte[] key, byte[] value) {
            int shared = 0;
            if (count % interval == 0) {
                restarts.writeBytes(int32(entries.size()));
            } else {
                int mismatch = Arrays.mismatch(last, key);
                shared = mismatch < 0 ? key.length : mismatch;
            }
            writeVarint(entries, shared);
            writeVarint(entries, key.length - shared);
            writeVarint(entries, value.length);
            entries.write(key, shared, key.length - shared);
            entries.writeBytes(value);
            last = key;
            count++;
        }

        int size() {
            return entries.size() + restarts.size() + 4;
        }

        /** The block's bytes; the builder begins anew. An empty block has one restart point, too. */
        byte[] finish() {
            if (count == 0) {
                restarts.writeBytes(int32(0));
            }
            int points = restarts.size() / 4;
            entries.writeBytes(restarts.toByteArray());
            entries.writeBytes(int32(points));
            var block = entries.toByteArray();
            entries.reset();
            restarts.reset();
            count = 0;
            return block;
        }
    }

    private final FileSink sink;
    private final BlockBuilder data = new BlockBuilder(RESTART_INTERVAL);
    private final BlockBuilder index = new BlockBuilder(1);
    /** The last key of the block that was written last, and its handle: the index wants the next key, too. */
    private byte @Nullable [] pending;
    private byte[] handle = new byte[0];

    TableWriter(FileSink sink) {
        this.sink = sink;
    }

    /** Keys must rise. */
    void add(byte[] key, byte[] value) throws CheckpointException {
        if (pending != null) {
            index.add(separator(pending, key), handle);
            pending = null;
        }
        data.add(key, value);
        if (data.size() >= BLOCK) {
            flush();
        }
    }

    void finish() throws CheckpointException {
        if (data.count > 0) {
            flush();
        }
        if (pending != null) {
            index.add(successor(pending), handle);
        }
        var meta = write(new BlockBuilder(RESTART_INTERVAL).finish());
        var footer = new ByteArrayOutputStream();
        footer.writeBytes(meta);
        footer.writeBytes(write(index.finish()));
        sink.write(Arrays.copyOf(footer.toByteArray(), Table.FOOTER - 8));
        sink.write(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(Table.MAGIC).array());
    }

    private void flush() throws CheckpointException {
        pending = data.last;
        handle = write(data.finish());
    }

    /** Writes a block and its trailer; returns the handle. */
    private byte[] write(byte[] block) throws CheckpointException {
        var handle = new ByteArrayOutputStream();
        writeVarint(handle, sink.position());
        writeVarint(handle, block.length);
        sink.write(block);
        var kind = new byte[]{Table.PLAIN};
        sink.write(kind);
        sink.write(int32(Masked.of(
                Crc.crc32c().update(MemorySegment.ofArray(block)).update(MemorySegment.ofArray(kind)))));
        return handle.toByteArray();
    }

    /** A short key from {@code last} up to, not including, {@code next} ({@code comparator.cc}). */
    private static byte[] separator(byte[] last, byte[] next) {
        int at = Arrays.mismatch(last, next);
        if (at < 0 || at >= Math.min(last.length, next.length)) { return last; }
        int b = last[at] & 0xff;
        if (b == 0xff || b + 1 >= (next[at] & 0xff)) { return last; }
        var key = Arrays.copyOf(last, at + 1);
        key[at]++;
        return key;
    }

    /** A short key not below {@code last}. */
    private static byte[] successor(byte[] last) {
        for (int at = 0; at < last.length; at++) {
            if (last[at] != (byte) 0xff) {
                var key = Arrays.copyOf(last, at + 1);
                key[at]++;
                return key;
            }
        }
        return last;
    }

    private static byte[] int32(int value) {
        return ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array();
    }

    static void writeVarint(ByteArrayOutputStream out, long value) {
        var bytes = new byte[10];
        var coded = CodedOutputStream.newInstance(bytes);
        try {
            coded.writeUInt64NoTag(value);
        } catch (IOException e) {
            throw new IllegalStateException(e); // ten bytes are enough for any varint
        }
        out.write(bytes, 0, coded.getTotalBytesWritten());
    }
}
