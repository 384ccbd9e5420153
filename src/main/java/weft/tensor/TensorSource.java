package weft.tensor;

import java.util.Optional;

import weft.io.CheckpointException;
import weft.io.Problem;

/** A tensor that can be read when somebody looks; listing one costs nothing but its header. */
public interface TensorSource {
    TensorInfo info();

    /**
     * The values: a view of the mapped file where the format allows it, so that reading costs only the pages touched.
     *
     * @throws CheckpointException the problem of {@link TensorInfo#broken()}, or {@code CHANGED}, or a bad checksum
     */
    TensorData read() throws CheckpointException;

    /**
     * The values although a checksum contradicts them, or although they unpack to far more than the file holds: for
     * looking at them, when a person said so.
     */
    default TensorData readAnyway() throws CheckpointException {
        return read();
    }

    /**
     * Why the values may not be the ones that were saved: a checksum that doesn't fit them. Finding out may take reading
     * all bytes, once.
     *
     * @throws CheckpointException {@code CHANGED}, or whatever keeps the bytes from being read
     */
    default Optional<Problem> doubt() throws CheckpointException {
        return Optional.empty();
    }

    default String name() {
        return info().name();
    }
}
