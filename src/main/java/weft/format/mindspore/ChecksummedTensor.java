package weft.format.mindspore;

import java.util.Optional;

import weft.io.CheckpointException;
import weft.io.Problem;
import weft.tensor.TensorData;
import weft.tensor.TensorInfo;
import weft.tensor.TensorSource;

/** A tensor of a file whose one checksum speaks for all of it. */
record ChecksummedTensor(TensorSource tensor, FileChecksum checksum) implements TensorSource {
    @Override
    public TensorInfo info() {
        return tensor.info();
    }

    @Override
    public TensorData read() throws CheckpointException {
        return tensor.read();
    }

    @Override
    public Optional<Problem> doubt() throws CheckpointException {
        return checksum.compare().map(p -> p.field(info().name()));
    }
}
