package weft.format.gguf;

import weft.io.CheckpointException;
import weft.io.SourceFile;
import weft.tensor.TensorData;
import weft.tensor.TensorInfo;
import weft.tensor.TensorSource;

/** A plain tensor of a big-endian file: reading it turns the bytes of every number. */
record TurnedTensor(SourceFile file, long offset, TensorInfo info) implements TensorSource {
    @Override
    public TensorData read() throws CheckpointException {
        var broken = info.broken();
        if (broken != null) { throw broken.asException(); }
        return SourceFile.guarded(
                () -> TensorData.ofBigEndian(file.segment(offset, info.bytes()), info.dtype(), info.shape()));
    }
}
