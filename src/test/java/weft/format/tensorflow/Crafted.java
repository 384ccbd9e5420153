package weft.format.tensorflow;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** Tables nobody's writer makes, with checksums that are right all the same. */
final class Crafted {
    record Pair(byte[] key, byte[] value) {
        static Pair of(String key, byte[] value) {
            return new Pair(key.getBytes(StandardCharsets.UTF_8), value);
        }
    }

    private Crafted() {
    }

    static byte[] bytes(int... values) {
        var bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }

    static byte[] join(byte[]... parts) {
        var out = new ByteArrayOutputStream();
        for (var part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    static byte[] varint(long value) {
        var out = new ByteArrayOutputStream();
        TableWriter.writeVarint(out, value);
        return out.toByteArray();
    }

    static byte[] int32(int value) {
        return ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array();
    }

    /** A field of a message: a varint, or bytes. */
    static byte[] field(int number, long value) {
        return join(varint(number << 3), varint(value));
    }

    static byte[] field(int number, byte[]... content) {
        var joined = join(content);
        return join(varint(number << 3 | 2), varint(joined.length), joined);
    }

    /** A block's content: whole keys, one restart point. */
    static byte[] block(Pair... pairs) {
        var out = new ByteArrayOutputStream();
        for (var pair : pairs) {
            out.writeBytes(join(varint(0), varint(pair.key.length), varint(pair.value.length), pair.key, pair.value));
        }
        out.writeBytes(join(int32(0), int32(1)));
        return out.toByteArray();
    }

    /** A block as it is stored: content, kind, checksum. */
    static byte[] stored(byte[] content, int kind) {
        var checked = join(content, bytes(kind));
        return join(checked, int32(Masked.of(MemorySegment.ofArray(checked))));
    }

    static byte[] footer(byte[] handles) {
        return join(Arrays.copyOf(handles, 40),
                ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(Table.MAGIC).array());
    }

    /** A whole file around one data block. */
    static byte[] table(byte[] content, int kind) {
        var data = stored(content, kind);
        var meta = stored(block(), 0);
        var handle = join(varint(0), varint(content.length));
        var index = block(new Pair(bytes(0xff, 0xff), handle));
        return join(data, meta, stored(index, 0),
                footer(join(varint(data.length), varint(meta.length - 5), varint(data.length + meta.length),
                        varint(index.length))));
    }

    static byte[] table(Pair... pairs) {
        return table(block(pairs), 0);
    }

    /** BundleHeaderProto of some shards. */
    static Pair header(int shards) {
        return Pair.of("", join(field(1, shards), field(3, field(1, 1))));
    }

    /** BundleEntryProto; its checksum is of no bytes. */
    static byte[] entry(int type, long shard, long offset, long size, long... dims) {
        return join(field(1, type), shape(dims), field(3, shard), field(4, offset), field(5, size),
                bytes(6 << 3 | 5), int32(Masked.of(0)));
    }

    private static byte[] shape(long... dims) {
        var sizes = Arrays.stream(dims).mapToObj(dim -> field(2, field(1, dim))).toArray(byte[][]::new);
        return field(2, sizes);
    }

    /** The entry of a partitioned variable. Each slice is start, length, start, length … */
    static byte[] whole(int type, List<long[]> slices, long... dims) {
        var entry = join(field(1, type), shape(dims));
        for (var slice : slices) {
            entry = join(entry, field(7, extents(slice)));
        }
        return entry;
    }

    private static byte[] extents(long... slice) {
        var out = new ByteArrayOutputStream();
        for (int i = 0; i < slice.length; i += 2) {
            out.writeBytes(field(1, field(1, slice[i]), slice[i + 1] < 0 ? new byte[0] : field(2, slice[i + 1])));
        }
        return out.toByteArray();
    }

    static byte[] sliceKey(String name, long... slice) {
        var starts = new long[slice.length / 2];
        var lengths = new long[slice.length / 2];
        for (int i = 0; i < starts.length; i++) {
            starts[i] = slice[2 * i];
            lengths[i] = slice[2 * i + 1];
        }
        return new TensorSlice(starts, lengths).key(name.getBytes(StandardCharsets.UTF_8));
    }
}
