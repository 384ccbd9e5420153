package weft.format.gguf;

import weft.io.CheckpointException;
import weft.io.SourceFile;
import weft.tensor.BlockData;
import weft.tensor.TensorData;
import weft.tensor.TensorInfo;
import weft.tensor.TensorSource;

/** A tensor in blocks, f32 to whoever reads it: decoded where and as far as somebody looks. */
record BlockTensor(SourceFile file, long offset, GgmlType type, TensorInfo info) implements TensorSource {
    @Override
    public TensorData read() throws CheckpointException {
        var broken = info.broken();
        if (broken != null) { throw broken.asException(); }
        var decoder = type.decoder();
        if (decoder == null) { throw new IllegalStateException(type + " is listed as broken"); }
        return SourceFile.guarded(() -> TensorData.ofBlocks(
                new BlockData(file.segment(offset, info.bytes()), kind(), type.block(), type.bytes(), decoder),
                info.shape()));
    }

    private BlockData.Kind kind() {
        return switch (type) {
            case Q4_0 -> BlockData.Kind.Q4_0;
            case Q8_0 -> BlockData.Kind.Q8_0;
            default -> BlockData.Kind.OTHER;
        };
    }
}
