package weft.format;

import java.util.Optional;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.tensor.TensorData;
import weft.tensor.TensorSource;

/** A tensor whose header may already say why it can't be read, and whose bytes may have a checksum. */
public interface CheckedTensor extends TensorSource {
    /** The values as they stand in the file. */
    TensorData values() throws CheckpointException;

    /** What is wrong with the bytes by their checksum; nothing where there is none. */
    Optional<Problem> check() throws CheckpointException;

    @Override
    default TensorData read() throws CheckpointException {
        var broken = info().broken();
        if (broken != null) { throw broken.asException(); }
        return values();
    }

    @Override
    default TensorData readAnyway() throws CheckpointException {
        var broken = info().broken();
        if (broken != null && broken.code() != Code.BOMB) { throw broken.asException(); }
        return values();
    }

    @Override
    default Optional<Problem> doubt() throws CheckpointException {
        return check().map(p -> p.field(info().name()));
    }
}
