package weft.format.tensorflow;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.SourceFile;
import weft.tensor.DType;
import weft.tensor.TensorData;
import weft.tensor.TensorInfo;
import weft.tensor.TensorSource;

/** A tensor that stands in one piece in a data file. Its checksum is verified when its bytes are first read. */
final class StoredTensor implements TensorSource {
    private final TensorInfo info;
    private final SourceFile data;
    private final long offset;
    private final int crc32c;
    private final boolean bigEndian;
    private volatile boolean verified;

    StoredTensor(TensorInfo info, SourceFile data, BundleEntry entry, boolean bigEndian) {
        this.info = info;
        this.data = data;
        this.offset = entry.offset();
        this.crc32c = entry.crc32c();
        this.bigEndian = bigEndian;
    }

    @Override
    public TensorInfo info() {
        return info;
    }

    @Override
    public TensorData read() throws CheckpointException {
        return SourceFile.guarded(() -> {
            var bytes = data.segment(offset, info.bytes());
            if (!verified) {
                int actual = Masked.of(bytes);
                if (actual != crc32c) {
                    throw data.problem(Code.CRC32C, offset).field(info.name()).found(Masked.text(actual))
                            .expected(Masked.text(crc32c)).asException();
                }
                verified = true;
            }
            return TensorData.of(bigEndian ? swapped(bytes, info.dtype()) : bytes, info.dtype(), info.shape());
        });
    }

    /** A copy with the bytes of every number turned round; the checksum is of the file's own order. */
    private static MemorySegment swapped(MemorySegment bytes, DType dtype) {
        long size = bytes.byteSize();
        var copy = Arena.ofAuto().allocate(Math.max(1, size), 16);
        int width = switch (dtype) {
            case C64, C128 -> dtype.bytes() / 2; // two numbers an element
            default -> dtype.bytes();
        };
        switch (width) {
            case 2 -> MemorySegment.copy(bytes, ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN), 0,
                    copy, SourceFile.I16, 0, size / 2);
            case 4 -> MemorySegment.copy(bytes, ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN), 0,
                    copy, SourceFile.I32, 0, size / 4);
            case 8 -> MemorySegment.copy(bytes, ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN), 0,
                    copy, SourceFile.I64, 0, size / 8);
            default -> copy.copyFrom(bytes);
        }
        return copy;
    }
}
