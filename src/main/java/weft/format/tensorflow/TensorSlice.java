package weft.format.tensorflow;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

import org.jspecify.annotations.Nullable;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.ProtoReader;
import weft.tensor.Shape;

/**
 * A box out of a tensor: one start and one length an axis ({@code tensorflow/core/framework/tensor_slice.proto}). A
 * length of −1 takes the whole axis.
 */
record TensorSlice(long[] starts, long[] lengths) {
    static final long FULL = -1;
    /** How many pieces of one variable are believed. */
    static final int MOST = 16_384;

    static TensorSlice parse(ProtoReader proto) throws CheckpointException {
        var starts = new long[4];
        var lengths = new long[4];
        int rank = 0;
        while (proto.next()) {
            if (proto.field() != 1) {
                proto.skip();
                continue;
            }
            var extent = proto.message();
            long start = 0;
            long length = FULL;
            while (extent.next()) {
                switch (extent.field()) {
                    case 1 -> start = extent.int64();
                    case 2 -> length = extent.int64();
                    default -> extent.skip();
                }
            }
            if (start < 0 || length < FULL || length == FULL && start != 0) {
                throw proto.problem(Code.BAD_HEADER).field("slice").found(start + "+" + length).expected(">= 0")
                        .asException();
            }
            if (rank == starts.length) {
                starts = Arrays.copyOf(starts, 2 * rank);
                lengths = Arrays.copyOf(lengths, 2 * rank);
            }
            starts[rank] = start;
            lengths[rank++] = length;
        }
        return new TensorSlice(Arrays.copyOf(starts, rank), Arrays.copyOf(lengths, rank));
    }

    /** The same box with every length spelled out, or null if it doesn't lie inside the shape. */
    @Nullable
    TensorSlice within(Shape whole) {
        if (starts.length != whole.rank()) { return null; }
        var spelled = lengths.clone();
        for (int axis = 0; axis < starts.length; axis++) {
            long dim = whole.dim(axis);
            if (lengths[axis] == FULL) {
                spelled[axis] = dim;
            } else if (starts[axis] > dim || lengths[axis] > dim - starts[axis]) { return null; }
        }
        return new TensorSlice(starts, spelled);
    }

    /** The box's own shape; every length must be spelled out. */
    Shape shape() {
        return Shape.of(lengths);
    }

    boolean overlaps(TensorSlice other) {
        for (int axis = 0; axis < starts.length; axis++) {
            if (starts[axis] >= other.starts[axis] + other.lengths[axis]
                    || other.starts[axis] >= starts[axis] + lengths[axis] || lengths[axis] == 0
                    || other.lengths[axis] == 0) {
                return false;
            }
        }
        return true;
    }

    /**
     * The table key that a slice's values stand under: 0, the tensor's name, the rank, and start and length of every
     * axis as the slice spells them, in an encoding whose bytes sort like the numbers
     * ({@code tensorflow/core/util/saved_tensor_slice_util.cc}: EncodeTensorNameSlice;
     * {@code tsl/lib/strings/ordered_code.cc}).
     */
    byte[] key(byte[] name) {
        var key = new ByteArrayOutputStream();
        writeUnsigned(key, 0);
        for (byte b : name) {
            key.write(b);
            if (b == 0) {
                key.write(0xff);
            } else if (b == (byte) 0xff) {
                key.write(0);
            }
        }
        key.write(0);
        key.write(1);
        writeUnsigned(key, starts.length);
        for (int axis = 0; axis < starts.length; axis++) {
            writeSigned(key, starts[axis]);
            writeSigned(key, lengths[axis]);
        }
        return key.toByteArray();
    }

    /** As TensorFlow spells slices: {@code 0,3:-} are rows 0 to 2 and every column. */
    @Override
    public String toString() {
        var text = new StringBuilder();
        for (int axis = 0; axis < starts.length; axis++) {
            text.append(axis == 0 ? "" : ":");
            text.append(lengths[axis] == FULL ? "-" : starts[axis] + "," + lengths[axis]);
        }
        return text.toString();
    }

    /** The tensor's name in such a key. */
    static String nameOf(byte[] key) {
        var name = new ByteArrayOutputStream();
        for (int i = 1; i < key.length; i++) {
            if (key[i] == 0 && i + 1 < key.length && key[i + 1] == 1) {
                break;
            }
            name.write(key[i]);
            if ((key[i] == 0 || key[i] == (byte) 0xff) && i + 1 < key.length) {
                i++;
            }
        }
        return name.toString(StandardCharsets.UTF_8);
    }

    /** How many bytes follow, then the number in as few bytes as it takes. */
    private static void writeUnsigned(ByteArrayOutputStream key, long value) {
        int bytes = (64 - Long.numberOfLeadingZeros(value) + 7) / 8;
        key.write(bytes);
        for (int i = bytes - 1; i >= 0; i--) {
            key.write((int) (value >>> 8 * i));
        }
    }

    /** Two's complement in n bytes of 7·n bits; the leading n bits flipped, so that length and sign sort first. */
    private static void writeSigned(ByteArrayOutputStream key, long value) {
        int bits = 65 - Long.numberOfLeadingZeros(value < 0 ? ~value : value);
        int length = Math.max(1, (bits + 6) / 7);
        var buffer = new byte[10];
        Arrays.fill(buffer, 0, 2, (byte) (value >> 63));
        for (int i = 0; i < 8; i++) {
            buffer[2 + i] = (byte) (value >>> 56 - 8 * i);
        }
        int first = 10 - length;
        int header = 0xffff << 16 - length & 0xffff;
        buffer[first] ^= (byte) (header >> 8);
        if (length > 1) {
            buffer[first + 1] ^= (byte) header;
        }
        key.write(buffer, first, length);
    }
}
