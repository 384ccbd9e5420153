package weft.format.tensorflow;

import java.util.Objects;

import weft.io.CheckpointException;
import weft.tensor.TensorData;
import weft.tensor.TensorInfo;
import weft.tensor.TensorSource;

/** A tensor whose name, type and shape are known and whose values can't be read. */
record BrokenTensor(TensorInfo info) implements TensorSource {
    @Override
    public TensorData read() throws CheckpointException {
        throw Objects.requireNonNull(info.broken()).asException();
    }
}
