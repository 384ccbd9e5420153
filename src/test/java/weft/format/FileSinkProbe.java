package weft.format;

import java.nio.file.Path;

import weft.io.CheckpointException;
import weft.io.Progress;
import weft.tensor.TensorData;
import weft.tensor.TensorInfo;
import weft.tensor.TensorSource;

/** Writes one tensor to a file of its own. */
public final class FileSinkProbe {
    public void fill(Path path, TensorData data) throws CheckpointException {
        var info = new TensorInfo("a", data.dtype(), data.shape(), data.byteSize());
        try (var sink = FileSink.create(path, false, Progress.NONE, data.byteSize())) {
            sink.write(new TensorSource() {
                @Override
                public TensorInfo info() {
                    return info;
                }

                @Override
                public TensorData read() {
                    return data;
                }
            });
            sink.finish();
        }
    }
}
