package weft.work;

import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

import weft.format.Formats;
import weft.io.CheckpointException;
import weft.io.Progress;
import weft.tensor.TensorSource;

/** What a file holds, for tests that compare two. */
final class Opened {
    private Opened() {
    }

    static Map<String, TensorSource> tensors(Path path) throws CheckpointException {
        var tensors = new TreeMap<String, TensorSource>();
        Formats.open(path, Progress.NONE).tensors().forEach(t -> tensors.put(t.name(), t));
        return tensors;
    }
}
