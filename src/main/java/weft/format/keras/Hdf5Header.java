package weft.format.keras;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

import org.jspecify.annotations.Nullable;

import weft.tensor.DType;
import weft.tensor.Shape;

/**
 * The messages of an HDF5 object header as Weft writes them (HDF5 File Format Specification 3.0, IV.A): version 2 of the header,
 * whose checksum lets a reader notice damage.
 */
final class Hdf5Header {
    static final long NOWHERE = -1;
    private static final int DATASPACE = 0x01;
    private static final int LINK_INFO = 0x02;
    private static final int DATATYPE = 0x03;
    private static final int FILL_VALUE = 0x05;
    private static final int LINK = 0x06;
    private static final int LAYOUT = 0x08;
    private static final int GROUP_INFO = 0x0a;
    private static final int ATTRIBUTE = 0x0c;

    private final ByteArrayOutputStream messages = new ByteArrayOutputStream();

    /** Makes this the header of a group, whose links stand in the header itself. */
    void group() {
        message(LINK_INFO, buffer(18).putShort((short) 0).putLong(NOWHERE).putLong(NOWHERE).array());
        message(GROUP_INFO, new byte[2]);
    }

    /** @param address of the header of the group or dataset called so */
    void link(String name, long address) {
        var text = name.getBytes(StandardCharsets.UTF_8);
        // Flags: the name's length takes two bytes, its character set is given (UTF-8). No type: a hard link.
        message(LINK, buffer(5 + text.length + 8).put((byte) 1).put((byte) 0x11).put((byte) 1)
                .putShort((short) text.length).put(text).putLong(address).array());
    }

    /** Makes this the header of a dataset in one piece. */
    void dataset(DType dtype, Shape shape, long address, long bytes) {
        message(DATASPACE, dataspace(shape));
        message(DATATYPE, datatype(dtype));
        // Space is allocated late, a fill value written only if there is one: what h5py says of such datasets.
        message(FILL_VALUE, new byte[]{3, 0x0a});
        message(LAYOUT, buffer(18).put((byte) 3).put((byte) 1).putLong(bytes == 0 ? NOWHERE : address).putLong(bytes)
                .array());
    }

    /** A text of any length, which stands in the global heap. */
    void attribute(String name, int bytes, long collection, int index) {
        var text = name.getBytes(StandardCharsets.UTF_8);
        var type = buffer(20).put((byte) 0x19).put((byte) 1).put((byte) 1).put((byte) 0).putInt(16) // UTF-8
                .put((byte) 0x10).put(new byte[3]).putInt(1).putShort((short) 0).putShort((short) 8).array();
        var space = dataspace(Shape.SCALAR);
        message(ATTRIBUTE, buffer(9 + text.length + 1 + type.length + space.length + 16).put((byte) 3).put((byte) 0)
                .putShort((short) (text.length + 1)).putShort((short) type.length).putShort((short) space.length)
                .put((byte) 1).put(text).put((byte) 0).put(type).put(space).putInt(bytes).putLong(collection)
                .putInt(index).array());
    }

    /** The whole header with its checksum. */
    byte[] bytes() {
        var content = messages.toByteArray();
        var out = buffer(10 + content.length + 4).put("OHDR".getBytes(StandardCharsets.US_ASCII)).put((byte) 2)
                .put((byte) 2).putInt(content.length).put(content); // flags: four bytes of length
        return out.putInt(Lookup3.hash(out.array(), out.position())).array();
    }

    private void message(int type, byte[] content) {
        messages.writeBytes(buffer(4).put((byte) type).putShort((short) content.length).put((byte) 0).array());
        messages.writeBytes(content);
    }

    private static byte[] dataspace(Shape shape) {
        var out = buffer(4 + 8 * shape.rank()).put((byte) 2).put((byte) shape.rank()).put((byte) 0)
                .put((byte) (shape.rank() == 0 ? 0 : 1));
        for (var dim : shape.dims()) {
            out.putLong(dim);
        }
        return out.array();
    }

    /** How a type is described; null for one Weft doesn't write. */
    static byte @Nullable [] datatype(DType dtype) {
        return switch (dtype) {
            case F16 -> floating(2, 10, 5);
            case F32 -> floating(4, 23, 8);
            case F64 -> floating(8, 52, 11);
            case I8, I16, I32, I64 -> integer(dtype.bytes(), true);
            case U8, U16, U32, U64 -> integer(dtype.bytes(), false);
            // Keras keeps bfloat16 as two opaque bytes and says so in an attribute; with a tag h5py would not read them.
            case BF16 -> buffer(8).put((byte) 0x15).put(new byte[3]).putInt(2).array();
            // h5py's bool: a byte with two names.
            case BOOL -> buffer(8 + 12 + 16 + 2).put((byte) 0x18).putShort((short) 2).put((byte) 0).putInt(1)
                    .put(integer(1, true)).put("FALSE\0\0\0TRUE\0\0\0\0".getBytes(StandardCharsets.US_ASCII))
                    .put((byte) 0).put((byte) 1).array();
            case F8_E4M3, F8_E5M2, C64, C128, STRING, UNKNOWN -> null;
        };
    }

    /** Little-endian, the sign on top, then the exponent with its bias, then a mantissa whose first one isn't stored. */
    private static byte[] floating(int size, int mantissa, int exponent) {
        return buffer(20).put((byte) 0x11).put((byte) 0x20).put((byte) (size * 8 - 1)).put((byte) 0).putInt(size)
                .putShort((short) 0).putShort((short) (size * 8)).put((byte) mantissa).put((byte) exponent)
                .put((byte) 0).put((byte) mantissa).putInt((1 << exponent - 1) - 1).array();
    }

    private static byte[] integer(int size, boolean signed) {
        return buffer(12).put((byte) 0x10).put((byte) (signed ? 8 : 0)).putShort((short) 0).putInt(size)
                .putShort((short) 0).putShort((short) (size * 8)).array();
    }

    static ByteBuffer buffer(int length) {
        return ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    }
}
