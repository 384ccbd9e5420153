package weft.format.tensorflow;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

import weft.io.CheckpointException;
import weft.io.Problem;
import weft.io.SourceFile;
import weft.tensor.Shape;
import weft.tensor.TensorData;
import weft.tensor.TensorInfo;
import weft.tensor.TensorSource;

/** A partitioned variable: boxes that fill the whole tensor, each stored as a tensor of its own. */
final class PartitionedTensor implements TensorSource {
    /** @param box where the part belongs; its shape is the part's */
    record Part(TensorSlice box, TensorSource values) {
    }

    private final TensorInfo info;
    private final List<Part> parts;

    PartitionedTensor(TensorInfo info, List<Part> parts) {
        this.info = info;
        this.parts = List.copyOf(parts);
    }

    @Override
    public TensorInfo info() {
        return info;
    }

    @Override
    public TensorData read() throws CheckpointException {
        return read(TensorSource::read);
    }

    @Override
    public TensorData readAnyway() throws CheckpointException {
        return read(TensorSource::readAnyway);
    }

    @Override
    public Optional<Problem> doubt() throws CheckpointException {
        for (var part : parts) {
            var doubt = part.values.doubt();
            if (doubt.isPresent()) { return doubt; }
        }
        return Optional.empty();
    }

    private interface Reading {
        TensorData of(TensorSource part) throws CheckpointException;
    }

    private TensorData read(Reading reading) throws CheckpointException {
        // The parts are in their files in full, so this allocates no more than the files hold.
        var whole = Arena.ofAuto().allocate(Math.max(1, info.bytes()), 64);
        var strides = info.shape().strides();
        for (var part : parts) {
            var bytes = reading.of(part.values).contiguous().bytes();
            SourceFile.guarded(() -> {
                place(bytes, whole, part.box, strides);
                return whole;
            });
        }
        return TensorData.of(whole, info.dtype(), info.shape());
    }

    /** Whether two parts claim the same element. Parts that don't, and are as many elements as the whole, fill it. */
    static boolean overlap(List<Part> parts) {
        if (parts.isEmpty() || parts.getFirst().box.starts().length == 0) { return parts.size() > 1; }
        var sorted = parts.stream().map(Part::box).sorted(Comparator.comparingLong(box -> box.starts()[0])).toList();
        for (int i = 0; i < sorted.size(); i++) {
            long end = sorted.get(i).starts()[0] + sorted.get(i).lengths()[0];
            for (int j = i + 1; j < sorted.size() && sorted.get(j).starts()[0] < end; j++) {
                if (sorted.get(i).overlaps(sorted.get(j))) { return true; }
            }
        }
        return false;
    }

    /** Copies a box's rows (runs along its last axis) to where they belong in the whole. */
    private void place(MemorySegment bytes, MemorySegment whole, TensorSlice box, long[] strides) {
        int size = info.dtype().bytes();
        Shape shape = box.shape();
        if (shape.count() == 0) { return; }
        int last = shape.rank() - 1;
        long run = last < 0 ? size : shape.dim(last) * size;
        var index = new long[shape.rank()];
        for (long from = 0; from < bytes.byteSize(); from += run) {
            long to = 0;
            for (int axis = 0; axis < index.length; axis++) {
                to += (box.starts()[axis] + index[axis]) * strides[axis];
            }
            MemorySegment.copy(bytes, from, whole, to * size, run);
            for (int axis = last - 1; axis >= 0 && ++index[axis] == shape.dim(axis); axis--) {
                index[axis] = 0;
            }
        }
    }
}
