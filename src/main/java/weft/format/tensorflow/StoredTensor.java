package weft.format.tensorflow;

import java.util.Optional;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.io.SourceFile;
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
        var doubt = doubt();
        if (doubt.isPresent()) { throw doubt.get().asException(); }
        return readAnyway();
    }

    @Override
    public Optional<Problem> doubt() throws CheckpointException {
        if (verified) { return Optional.empty(); }
        int actual = SourceFile.guarded(() -> Masked.of(data.segment(offset, info.bytes())));
        if (actual == crc32c) {
            verified = true;
            return Optional.empty();
        }
        return Optional.of(data.problem(Code.CRC32C, offset).field(info.name()).found(Masked.text(actual))
                .expected(Masked.text(crc32c)));
    }

    @Override
    public TensorData readAnyway() throws CheckpointException {
        return SourceFile.guarded(() -> {
            var bytes = data.segment(offset, info.bytes());
            // The checksum is of the file's own order.
            return bigEndian
                    ? TensorData.ofBigEndian(bytes, info.dtype(), info.shape())
                    : TensorData.of(bytes, info.dtype(), info.shape());
        });
    }
}
