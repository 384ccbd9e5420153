package weft.format.keras;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;

import org.jspecify.annotations.Nullable;

import weft.io.SourceFile;
import weft.tensor.Shape;

/**
 * A dataset's header, read by hand where jHDF can't: an opaque type without a tag (as Keras 3 keeps bfloat16), values in other
 * files. Only what is needed to say what it is (HDF5 File Format Specification 3.0, IV.A); addresses and lengths are 8 bytes.
 * Whatever doesn't fit ends in an {@link IndexOutOfBoundsException} or {@link IllegalArgumentException}.
 */
final class Hdf5Object {
    static final int OPAQUE = 5;
    static final int CONTIGUOUS = 1;
    static final int VIRTUAL = 3;
    private static final int STRING = 3;
    private static final int VARIABLE_LENGTH = 9;
    private static final int MOST_MESSAGES = 10_000;
    private static final int LONGEST_TEXT = 1024;

    private final MemorySegment all;
    private int messages;
    private @Nullable Shape shape;
    private int type = -1;
    private int size;
    private int layout = -1;
    private long address = -1;
    private boolean external;
    private @Nullable String dtype;

    private record Block(long start, long end) {
    }

    private Hdf5Object(MemorySegment all) {
        this.all = all;
    }

    /** @param all from the superblock on; @param header where the object's header begins */
    static Hdf5Object read(MemorySegment all, long header) {
        var object = new Hdf5Object(all);
        if (object.u8(header) == 1) {
            object.version1(header);
        } else if (object.text(header, 4).equals("OHDR")) {
            object.version2(header);
        } else {
            throw new IllegalArgumentException("no header at " + header);
        }
        return object;
    }

    /** Its dimensions; null if it has none, as a group. */
    @Nullable
    Shape shape() {
        return shape;
    }

    /** The class of its type: {@link #OPAQUE} or another number of the specification; −1 if it isn't told here. */
    int type() {
        return type;
    }

    /** Bytes an element. */
    int size() {
        return size;
    }

    /** {@link #CONTIGUOUS}, {@link #VIRTUAL}, another number of the specification, or −1. */
    int layout() {
        return layout;
    }

    /** Where contiguous values begin, or −1. */
    long address() {
        return address;
    }

    /** Whether its values stand in other files. */
    boolean isExternal() {
        return external;
    }

    /** The attribute {@code dtype}, Keras's word for the type; null without one. */
    @Nullable
    String dtype() {
        return dtype;
    }

    private void version1(long header) {
        var blocks = new ArrayDeque<Block>();
        blocks.add(new Block(header + 16, header + 16 + u32(header + 8)));
        while (!blocks.isEmpty()) {
            var block = blocks.remove();
            for (long at = block.start; at + 8 <= block.end;) {
                int length = u16(at + 2);
                message(u16(at), length, u8(at + 4), at + 8, 0, blocks);
                at += 8 + length;
            }
        }
    }

    private void version2(long header) {
        int flags = u8(header + 5);
        long at = header + 6 + ((flags & 0x20) != 0 ? 16 : 0) + ((flags & 0x10) != 0 ? 4 : 0);
        long length = switch (flags & 3) {
            case 0 -> u8(at);
            case 1 -> u16(at);
            case 2 -> u32(at);
            default -> u64(at);
        };
        at += 1 << (flags & 3);
        int prefix = (flags & 4) != 0 ? 6 : 4;
        var blocks = new ArrayDeque<Block>();
        blocks.add(new Block(at, Math.addExact(at, length)));
        while (!blocks.isEmpty()) {
            var block = blocks.remove();
            for (long place = block.start; place + prefix <= block.end;) {
                int bytes = u16(place + 1);
                message(u8(place), bytes, u8(place + 3), place + prefix, 4, blocks);
                place += prefix + bytes;
            }
        }
    }

    /** @param around bytes before the messages of a further block (its signature), and as many behind them (its checksum) */
    private void message(int kind, int length, int flags, long at, int around, ArrayDeque<Block> blocks) {
        if (++messages > MOST_MESSAGES) { throw new IllegalArgumentException("more than " + MOST_MESSAGES); }
        boolean shared = (flags & 2) != 0; // it stands elsewhere, here is only where
        switch (kind) {
            case 0x01 -> shape = shape(at);
            case 0x03 -> {
                if (!shared) {
                    type = u8(at) & 15;
                    size = Math.toIntExact(u32(at + 4));
                }
            }
            case 0x07 -> external = true;
            case 0x08 -> {
                int version = u8(at);
                if (version == 3 || version == 4) {
                    layout = u8(at + 1);
                    address = layout == CONTIGUOUS ? u64(at + 2) : -1;
                }
            }
            case 0x0c -> {
                if (!shared) {
                    attribute(at);
                }
            }
            case 0x10 -> {
                long start = u64(at);
                blocks.add(new Block(start + around, Math.addExact(start, u64(at + 8)) - around));
            }
            default -> {
                // says nothing that is needed here
            }
        }
    }

    private Shape shape(long at) {
        int rank = u8(at + 1);
        long start = at + (u8(at) == 1 ? 8 : 4);
        var dims = new long[rank];
        for (int i = 0; i < rank; i++) {
            dims[i] = u64(start + 8L * i);
        }
        return Shape.of(dims);
    }

    private void attribute(long at) {
        int version = u8(at);
        int name = u16(at + 2);
        int typeBytes = u16(at + 4);
        int space = u16(at + 6);
        long start = at + (version == 3 ? 9 : 8);
        int multiple = version == 1 ? 8 : 1;
        if (name != 6 || !text(start, 5).equals("dtype")) { return; }
        start += padded(name, multiple);
        int kind = u8(start) & 15;
        long bytes = u32(start + 4);
        long data = start + padded(typeBytes, multiple) + padded(space, multiple);
        if (kind == STRING && bytes <= LONGEST_TEXT) {
            dtype = text(data, (int) bytes).replace("\0", "").strip();
        } else if (kind == VARIABLE_LENGTH) {
            dtype = heap(u64(data + 4), (int) u32(data + 12));
        }
    }

    /** A text in the global heap. */
    private @Nullable String heap(long collection, int index) {
        long end = Math.addExact(collection, u64(collection + 8));
        for (long at = collection + 16; at + 16 <= end;) {
            long length = u64(at + 8);
            int found = u16(at);
            if (found == 0 || length < 0) { return null; }
            if (found == index) { return length <= LONGEST_TEXT ? text(at + 16, (int) length) : null; }
            at += 16 + padded(length, 8);
        }
        return null;
    }

    private static long padded(long length, int multiple) {
        return (length + multiple - 1) / multiple * multiple;
    }

    private int u8(long at) {
        return Byte.toUnsignedInt(all.get(ValueLayout.JAVA_BYTE, at));
    }

    private int u16(long at) {
        return Short.toUnsignedInt(all.get(SourceFile.I16, at));
    }

    private long u32(long at) {
        return Integer.toUnsignedLong(all.get(SourceFile.I32, at));
    }

    private long u64(long at) {
        return all.get(SourceFile.I64, at);
    }

    private String text(long at, int length) {
        return new String(all.asSlice(at, length).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
    }
}
