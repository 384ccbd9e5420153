package weft.format;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

import weft.io.CheckpointException;
import weft.io.SourceFile;
import weft.tensor.TensorData;
import weft.tensor.TensorInfo;
import weft.tensor.TensorSource;

/**
 * A tensor in slices of one file: a few bytes of header stand between them, so reading it takes a copy.
 *
 * @param slices in order; together as many bytes as {@code info} says, unless it is broken
 */
public record JoinedTensor(SourceFile file, List<Slice> slices, TensorInfo info) implements TensorSource {
    /** A stretch of a tensor's values: bytes of the file. */
    public record Slice(long offset, long length) {
    }

    @Override
    public TensorData read() throws CheckpointException {
        var broken = info.broken();
        if (broken != null) { throw broken.asException(); }
        return SourceFile.guarded(() -> {
            // As large as the slices in the file are, and no larger.
            var copy = Arena.ofAuto().allocate(Math.max(1, info.bytes()), 64);
            long at = 0;
            for (var slice : slices) {
                MemorySegment.copy(file.segment(slice.offset(), slice.length()), 0, copy, at, slice.length());
                at += slice.length();
            }
            return TensorData.of(copy, info.dtype(), info.shape());
        });
    }
}
