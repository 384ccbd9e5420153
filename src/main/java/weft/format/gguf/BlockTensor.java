package weft.format.gguf;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

import weft.io.CheckpointException;
import weft.io.SourceFile;
import weft.tensor.TensorData;
import weft.tensor.TensorInfo;
import weft.tensor.TensorSource;

/** A tensor in blocks: reading it decodes all of it to f32. */
record BlockTensor(SourceFile file, long offset, GgmlType type, TensorInfo info) implements TensorSource {
    private static final ValueLayout.OfFloat LITTLE_FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED
            .withOrder(ByteOrder.LITTLE_ENDIAN);

    @Override
    public TensorData read() throws CheckpointException {
        var broken = info.broken();
        if (broken != null) { throw broken.asException(); }
        var decoder = type.decoder();
        if (decoder == null) { throw new IllegalStateException(type + " is listed as broken"); }
        return SourceFile.guarded(() -> {
            var blocks = file.segment(offset, info.bytes());
            // At most 32 bytes for each of the file's, and only when somebody looks at this tensor.
            var values = Arena.ofAuto().allocate(Math.max(1, info.shape().count() * 4), 64);
            var some = new float[type.block()];
            long to = 0;
            for (long at = 0; at < blocks.byteSize(); at += type.bytes()) {
                decoder.decode(blocks, at, some, 0);
                MemorySegment.copy(some, 0, values, LITTLE_FLOAT, to, some.length);
                to += 4L * some.length;
            }
            return TensorData.of(values, info.dtype(), info.shape());
        });
    }
}
