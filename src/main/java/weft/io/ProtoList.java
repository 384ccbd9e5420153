package weft.io;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

import org.jspecify.annotations.Nullable;

/**
 * The numbers of one repeated field of a message. A writer may pack them into one run, spread them over several or give
 * each its own tag (Protocol Buffers, "Encoding", "Repeated Elements"); together, in the message's order, they are the
 * list.
 *
 * @param message from its start
 * @param field the field's number
 */
public record ProtoList(ProtoReader message, int field, Kind kind) {
    /** How one number stands on the wire. {@code BYTES} are single bytes in a field of bytes. */
    public enum Kind {
        VARINT(0), FIXED32(4), FIXED64(8), BYTES(1);

        private final int width;

        Kind(int width) {
            this.width = width;
        }
    }

    /** The numbers where they stand, if they are of fixed width and in one run; null otherwise, also if there are none. */
    public @Nullable MemorySegment run() throws CheckpointException {
        if (kind == Kind.VARINT) { return null; }
        var reader = message.again();
        MemorySegment found = null;
        int times = 0;
        while (reader.next()) {
            if (reader.field() == field && reader.isDelimited()) {
                found = reader.bytes();
                times++;
            } else {
                times += reader.field() == field ? 2 : 0;
                reader.skip();
            }
        }
        return times == 1 ? found : null;
    }

    /** How many numbers there are. Of varints every byte is looked at. */
    public long count() throws CheckpointException {
        long count = 0;
        var reader = message.again();
        while (reader.next()) {
            if (reader.field() != field || !reader.isDelimited()) {
                count += reader.field() == field ? 1 : 0;
                reader.skip();
                continue;
            }
            var run = reader.bytes();
            if (kind == Kind.VARINT) {
                for (long i = 0; i < run.byteSize(); i++) {
                    count += run.get(ValueLayout.JAVA_BYTE, i) >= 0 ? 1 : 0;
                }
            } else if (run.byteSize() % kind.width != 0) {
                throw message.problem(Code.STORAGE_SIZE).field("values").found(run.byteSize())
                        .expected(run.byteSize() / kind.width * kind.width).asException();
            } else {
                count += run.byteSize() / kind.width;
            }
        }
        return count;
    }

    /** Puts the first {@code limit} numbers into a segment, little-endian, {@code width} bytes each (1, 2, 4 or 8). */
    public void copy(MemorySegment into, int width, long limit) throws CheckpointException {
        long at = 0;
        var reader = message.again();
        while (reader.next() && at < limit) {
            if (reader.field() != field) {
                reader.skip();
            } else if (!reader.isDelimited()) {
                put(into, at++, width, switch (kind) {
                    case FIXED32 -> reader.fixed32();
                    case FIXED64 -> reader.fixed64();
                    case VARINT, BYTES -> reader.int64();
                });
            } else if (kind == Kind.VARINT) {
                for (var run = reader.message(); run.hasMore() && at < limit;) {
                    put(into, at++, width, run.varint());
                }
            } else {
                var run = reader.bytes();
                long numbers = Math.min(run.byteSize() / width, limit - at);
                MemorySegment.copy(run, 0, into, at * width, numbers * width);
                at += numbers;
            }
        }
    }

    private static void put(MemorySegment into, long index, int width, long bits) {
        switch (width) {
            case 1 -> into.set(ValueLayout.JAVA_BYTE, index, (byte) bits);
            case 2 -> into.set(SourceFile.I16, index * 2, (short) bits);
            case 4 -> into.set(SourceFile.I32, index * 4, (int) bits);
            default -> into.set(SourceFile.I64, index * 8, bits);
        }
    }
}
