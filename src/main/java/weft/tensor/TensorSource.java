package weft.tensor;

import weft.io.CheckpointException;

/** A tensor that can be read when somebody looks; listing one costs nothing but its header. */
public interface TensorSource {
    TensorInfo info();

    /**
     * The values: a view of the mapped file where the format allows it, so that reading costs only the pages touched.
     *
     * @throws CheckpointException the problem of {@link TensorInfo#broken()}, or {@code CHANGED}, or a bad checksum
     */
    TensorData read() throws CheckpointException;

    default String name() {
        return info().name();
    }
}
