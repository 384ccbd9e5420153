package weft.work;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** A vector as a NumPy file (format version 1.0, little-endian float32). */
final class NpyVector {
    private NpyVector() {
    }

    static byte[] of(float[] values) {
        var dict = "{'descr': '<f4', 'fortran_order': False, 'shape': (" + values.length + ",), }";
        int length = (10 + dict.length() + 1 + 63) / 64 * 64 - 10; // the values begin at a multiple of 64
        var header = (dict + " ".repeat(length - dict.length() - 1) + "\n")
                .getBytes(StandardCharsets.US_ASCII);
        var content = ByteBuffer.allocate(10 + length + 4 * values.length)
                .order(ByteOrder.LITTLE_ENDIAN);
        content.put((byte) 0x93).put("NUMPY".getBytes(StandardCharsets.US_ASCII)).put((byte) 1)
                .put((byte) 0).putShort((short) length).put(header);
        content.asFloatBuffer().put(values);
        return content.array();
    }
}
