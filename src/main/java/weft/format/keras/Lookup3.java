package weft.format.keras;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Bob Jenkins' lookup3 hash ({@code hashlittle}, start value 0): the checksum of HDF5's metadata. */
final class Lookup3 {
    private Lookup3() {
    }

    /** The hash of the first {@code length} bytes. */
    static int hash(byte[] bytes, int length) {
        int a = 0xdeadbeef + length;
        int b = a;
        int c = a;
        // The last stretch, of 1 to 12 bytes, is filled up with zeros and mixed in another way.
        var in = ByteBuffer.wrap(Arrays.copyOf(bytes, length + 12)).order(ByteOrder.LITTLE_ENDIAN);
        Arrays.fill(in.array(), length, length + 12, (byte) 0);
        int at = 0;
        for (; length - at > 12; at += 12) {
            a += in.getInt(at);
            b += in.getInt(at + 4);
            c += in.getInt(at + 8);
            a = a - c ^ Integer.rotateLeft(c, 4);
            c += b;
            b = b - a ^ Integer.rotateLeft(a, 6);
            a += c;
            c = c - b ^ Integer.rotateLeft(b, 8);
            b += a;
            a = a - c ^ Integer.rotateLeft(c, 16);
            c += b;
            b = b - a ^ Integer.rotateLeft(a, 19);
            a += c;
            c = c - b ^ Integer.rotateLeft(b, 4);
            b += a;
        }
        if (length == at) { return c; }
        a += in.getInt(at);
        b += in.getInt(at + 4);
        c += in.getInt(at + 8);
        c = (c ^ b) - Integer.rotateLeft(b, 14);
        a = (a ^ c) - Integer.rotateLeft(c, 11);
        b = (b ^ a) - Integer.rotateLeft(a, 25);
        c = (c ^ b) - Integer.rotateLeft(b, 16);
        a = (a ^ c) - Integer.rotateLeft(c, 4);
        b = (b ^ a) - Integer.rotateLeft(a, 14);
        return (c ^ b) - Integer.rotateLeft(b, 24);
    }
}
