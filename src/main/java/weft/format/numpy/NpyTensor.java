package weft.format.numpy;

import java.lang.foreign.MemorySegment;
import java.util.Optional;

import weft.format.CheckedTensor;
import weft.io.CheckpointException;
import weft.io.Problem;
import weft.io.SourceFile;
import weft.tensor.Shape;
import weft.tensor.TensorData;
import weft.tensor.TensorInfo;

/** An array under its name; Fortran order is a view with the strides turned round. */
record NpyTensor(TensorInfo info, NpyHeader header, Bytes bytes) implements CheckedTensor {

    /** Where the array's bytes come from, header and all: the file's mapping, or an entry inflated. */
    @FunctionalInterface
    interface Bytes {
        MemorySegment read() throws CheckpointException;

        /** What is wrong with them, by their checksum. */
        default Optional<Problem> check() throws CheckpointException {
            return Optional.empty();
        }
    }

    @Override
    public Optional<Problem> check() throws CheckpointException {
        return bytes.check();
    }

    @Override
    public TensorData values() throws CheckpointException {
        var values = bytes.read().asSlice(header.values(), header.bytes());
        var shape = info.shape();
        int rank = shape.rank();
        var turned = header.fortran() ? reversed(shape) : shape;
        var data = header.bigEndian()
                ? SourceFile.guarded(() -> TensorData.ofBigEndian(values, header.dtype(), turned))
                : TensorData.of(values, header.dtype(), turned);
        if (!header.fortran()) { return data; }
        var axes = new int[rank];
        for (int i = 0; i < rank; i++) {
            axes[i] = rank - 1 - i;
        }
        return data.permute(axes);
    }

    private static Shape reversed(Shape shape) {
        var dims = shape.dims();
        for (int i = 0; i < dims.length / 2; i++) {
            long dim = dims[i];
            dims[i] = dims[dims.length - 1 - i];
            dims[dims.length - 1 - i] = dim;
        }
        return Shape.of(dims);
    }
}
