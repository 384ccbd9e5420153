package weft.format;

import weft.io.CheckpointException;
import weft.io.SourceFile;
import weft.tensor.TensorData;
import weft.tensor.TensorInfo;
import weft.tensor.TensorSource;

/**
 * A tensor whose values stand row-major and little-endian in a file, from byte {@code offset} on: reading it is a view
 * of the mapping.
 */
public record MappedTensor(SourceFile file, long offset, TensorInfo info) implements TensorSource {
    @Override
    public TensorData read() throws CheckpointException {
        var broken = info.broken();
        if (broken != null) { throw broken.asException(); }
        return TensorData.of(file.segment(offset, info.bytes()), info.dtype(), info.shape());
    }
}
