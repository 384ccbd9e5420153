package weft.format.tensorflow;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import org.jspecify.annotations.Nullable;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.io.Progress;
import weft.io.ProtoReader;
import weft.io.SourceFile;

/**
 * A sorted table of keys and values in one file (LevelDB, {@code doc/table_format.md}; TensorFlow's copy is
 * {@code tsl/lib/io/table}): data blocks, a metaindex block, an index block that names the data blocks, and a footer
 * of 48 bytes. Opening reads the footer and the index block; a data block is read, and its checksum verified, when
 * one of its entries is wanted.
 */
final class Table {
    /** The footer's last eight bytes: the first half of the SHA-1 of the table library's old address. */
    static final long MAGIC = 0xdb4775248b80fb57L;
    static final int FOOTER = 48;
    /** A byte that says how the block is packed, and the masked CRC-32C of the block and that byte. */
    static final int TRAILER = 5;
    static final byte PLAIN = 0;
    static final byte SNAPPY = 1;
    /** What all keys together may take: prefix compression could make a small file's keys huge. */
    private static final long KEYS = 64 << 20;

    /**
     * One entry. The value is a slice of the mapped file where its block isn't packed.
     *
     * @param offset where the value stands in the file, or its block where that is packed
     */
    record Entry(byte[] key, MemorySegment value, String file, long offset, boolean inPlace) {
        ProtoReader message() {
            return inPlace ? ProtoReader.of(value, file, offset) : ProtoReader.unpacked(value, file, offset);
        }

        Problem problem(Code code) {
            return Problem.of(code).file(file).at(offset);
        }
    }

    private record Handle(byte[] last, long offset, long size) {
    }

    private final SourceFile file;
    private final List<Handle> blocks;
    private final long unused;

    private Table(SourceFile file, List<Handle> blocks, long unused) {
        this.file = file;
        this.blocks = blocks;
        this.unused = unused;
    }

    /** Whether the file ends as a table does. */
    static boolean endsAsTable(SourceFile file) throws CheckpointException {
        return file.size() >= FOOTER
                && SourceFile.guarded(() -> file.segment(file.size() - 8, 8).get(SourceFile.I64, 0)) == MAGIC;
    }

    /**
     * Reads the footer and the index block.
     *
     * @throws CheckpointException {@code TRUNCATED} where the footer is cut off, {@code CRC32C}, {@code BAD_HEADER}
     */
    static Table open(SourceFile file) throws CheckpointException {
        if (!endsAsTable(file)) {
            throw file.problem(Code.TRUNCATED, Math.max(0, file.size() - 8)).field("table footer")
                    .found(file.size() < 8
                            ? Long.toString(file.size())
                            : Long.toHexString(file.segment(file.size() - 8, 8).get(SourceFile.I64, 0)))
                    .expected(Long.toHexString(MAGIC)).asException();
        }
        long footer = file.size() - FOOTER;
        // The two handles, padded to 40 bytes, look like four bare varints.
        var handles = ProtoReader.of(file.segment(footer, FOOTER - 8), file.name(), footer);
        var meta = new Handle(new byte[0], handles.varint(), handles.varint());
        var index = new Handle(new byte[0], handles.varint(), handles.varint());
        var table = new Table(file, List.of(), 0);
        table.visit(meta, entry -> {
            // nothing in it is used, but its checksum counts
        });
        var blocks = new ArrayList<Handle>();
        long used = FOOTER + meta.size + TRAILER + index.size + TRAILER;
        table.visit(index, entry -> {
            var value = entry.message();
            var handle = new Handle(entry.key, value.varint(), value.varint());
            table.check(handle);
            blocks.add(handle);
        });
        for (var block : blocks) {
            used += block.size + TRAILER;
        }
        return new Table(file, blocks, file.size() - used);
    }

    /** Bytes of the file that belong to no block; negative where blocks overlap. */
    long unused() {
        return unused;
    }

    SourceFile file() {
        return file;
    }

    /** Takes one entry after another. */
    @FunctionalInterface
    interface Visitor {
        void take(Entry entry) throws CheckpointException;
    }

    /** Hands out all entries in the order of their keys, which must rise. */
    void forEach(Progress progress, Visitor visitor) throws CheckpointException {
        var order = new Order();
        for (var block : blocks) {
            progress.check();
            visit(block, entry -> {
                order.check(entry);
                visitor.take(entry);
            });
            order.end(block);
        }
    }

    /** Sees to it that keys rise, across blocks too, and that the index tells where they are. */
    private final class Order {
        private byte @Nullable [] before;
        private @Nullable Entry last;
        private long keys;

        void check(Entry entry) throws CheckpointException {
            int order = before == null ? 1 : Arrays.compareUnsigned(entry.key, before);
            if (order <= 0) {
                throw entry.problem(order == 0 ? Code.DUPLICATE_NAME : Code.BAD_HEADER).field("key")
                        .found(text(entry.key)).expected("> " + text(before == null ? entry.key : before))
                        .asException();
            }
            before = entry.key;
            last = entry;
            keys += entry.key.length;
            if (keys > KEYS) {
                throw entry.problem(Code.LIMIT).field("keys").found(keys).expected("<= " + KEYS).asException();
            }
        }

        void end(Handle block) throws CheckpointException {
            if (last != null && Arrays.compareUnsigned(last.key, block.last) > 0) {
                throw last.problem(Code.BAD_HEADER).field("index key").found(text(block.last))
                        .expected(">= " + text(last.key)).asException();
            }
            before = block.last;
        }
    }

    /** The entry of a key; only the one block that can hold it is read. */
    @Nullable
    Entry find(byte[] key) throws CheckpointException {
        int low = 0;
        int high = blocks.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (Arrays.compareUnsigned(blocks.get(middle).last, key) < 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        if (low == blocks.size()) { return null; }
        var found = new Entry[1];
        visit(blocks.get(low), entry -> found[0] = Arrays.equals(entry.key, key) ? entry : found[0]);
        return found[0];
    }

    /** A key for people: the table sorts bytes, names are UTF-8 nearly always. */
    static String text(byte[] key) {
        return new String(key, StandardCharsets.UTF_8);
    }

    private void check(Handle handle) throws CheckpointException {
        long end = file.size() - FOOTER - TRAILER;
        if (handle.offset < 0 || handle.size < 0 || handle.offset > end || handle.size > end - handle.offset) {
            throw file.problem(Code.BAD_HEADER, file.size() - FOOTER).field("block")
                    .found(Long.toUnsignedString(handle.offset) + "+" + Long.toUnsignedString(handle.size))
                    .expected("<= " + end).asException();
        }
    }

    /** The entries of one block: its checksum first, then unpacked if it must be. */
    private void visit(Handle handle, Visitor visitor) throws CheckpointException {
        check(handle);
        var stored = file.segment(handle.offset, handle.size + TRAILER);
        var packed = stored.asSlice(0, handle.size);
        byte kind = stored.get(ValueLayout.JAVA_BYTE, handle.size);
        int wanted = stored.get(SourceFile.I32, handle.size + 1);
        int actual = Masked.of(stored.asSlice(0, handle.size + 1));
        if (actual != wanted) {
            throw file.problem(Code.CRC32C, handle.offset).field("block").found(Masked.text(actual))
                    .expected(Masked.text(wanted)).asException();
        }
        if (kind == PLAIN) {
            new Block(packed, handle.offset, true).visit(visitor);
            return;
        }
        if (kind != SNAPPY) {
            throw file.problem(Code.UNSUPPORTED_FILTER, handle.offset + handle.size).field("block compression")
                    .found(kind).expected("0 | 1").asException();
        }
        var content = Snappy.decode(packed);
        if (content == null) { throw file.problem(Code.BAD_HEADER, handle.offset).field("snappy block").asException(); }
        new Block(MemorySegment.ofArray(content), handle.offset, false).visit(visitor);
    }

    /**
     * A block's content: entries whose keys leave out the prefix they share with the key before, then the offsets of
     * the entries that leave out nothing (restart points), each 32 bits, and their number.
     */
    private final class Block {
        private final MemorySegment content;
        private final long base;
        private final boolean inPlace;
        private long at;
        private long keys;

        Block(MemorySegment content, long base, boolean inPlace) {
            this.content = content;
            this.base = base;
            this.inPlace = inPlace;
        }

        void visit(Visitor visitor) throws CheckpointException {
            long size = content.byteSize();
            if (size < 4) { throw bad("restart points").found(size).expected(">= 4").asException(); }
            long restarts = Integer.toUnsignedLong(content.get(SourceFile.I32, size - 4));
            if (restarts > (size - 4) / 4) {
                at = size - 4;
                throw bad("restart points").found(restarts).expected("<= " + (size - 4) / 4).asException();
            }
            long end = size - 4 - 4 * restarts;
            long nextRestart = 0;
            var key = new byte[0];
            while (at < end) {
                long start = at;
                long shared = varint32(end);
                long rest = varint32(end);
                long length = varint32(end);
                boolean restart = nextRestart < restarts
                        && Integer.toUnsignedLong(content.get(SourceFile.I32, end + 4 * nextRestart)) == start;
                if (shared > (restart ? 0 : key.length)) {
                    throw bad("shared key bytes").found(shared).expected("<= " + (restart ? 0 : key.length))
                            .asException();
                }
                if (restart) {
                    nextRestart++;
                }
                if (rest > end - at || length > end - at - rest) {
                    throw bad("entry").found(rest + "+" + length).expected("<= " + (end - at)).asException();
                }
                keys += shared + rest;
                if (keys > KEYS) {
                    throw file.problem(Code.LIMIT, place()).field("keys").found(keys).expected("<= " + KEYS)
                            .asException();
                }
                key = Arrays.copyOf(key, (int) (shared + rest));
                MemorySegment.copy(content, ValueLayout.JAVA_BYTE, at, key, (int) shared, (int) rest);
                at += rest;
                visitor.take(new Entry(key, content.asSlice(at, length), file.name(), place(), inPlace));
                at += length;
            }
            // An empty block has one restart point, at its start.
            if (nextRestart < restarts && !(end == 0 && restarts == 1)) {
                at = end + 4 * nextRestart;
                throw bad("restart point").found(Integer.toUnsignedLong(content.get(SourceFile.I32, at)))
                        .expected("an entry's offset").asException();
            }
        }

        private long varint32(long end) throws CheckpointException {
            long value = 0;
            for (int shift = 0; shift < 35 && at < end; shift += 7) {
                byte b = content.get(ValueLayout.JAVA_BYTE, at++);
                value |= (long) (b & 0x7f) << shift;
                if (b >= 0) { return value & 0xffff_ffffL; }
            }
            throw bad("varint32").asException();
        }

        private long place() {
            return inPlace ? base + at : base;
        }

        private Problem bad(String field) {
            return file.problem(Code.BAD_HEADER, place()).field(field);
        }
    }
}
