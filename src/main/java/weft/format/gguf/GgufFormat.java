package weft.format.gguf;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

import weft.format.Checkpoint;
import weft.format.CheckpointFormat;
import weft.format.CheckpointWriter;
import weft.io.CheckpointException;
import weft.io.Progress;
import weft.io.SourceFile;

/**
 * GGUF, versions 2 and 3, of either byte order: metadata, descriptions of tensors, then the tensors, each at a multiple of the
 * alignment. The file names a tensor's dimensions innermost first; here they stand outermost first as everywhere, and
 * {@link weft.tensor.TensorInfo#fileShape()} keeps the file's own order.
 *
 * @see <a href="https://github.com/ggml-org/ggml/blob/master/docs/gguf.md">GGUF</a>
 */
public final class GgufFormat implements CheckpointFormat {
    static final int MAGIC = 'G' | 'G' << 8 | 'U' << 16 | 'F' << 24;
    private static final String ENDING = ".gguf";

    @Override
    public String id() {
        return "gguf";
    }

    @Override
    public List<String> endings() {
        return List.of(ENDING);
    }

    @Override
    public Match probe(Path path, byte[] head) {
        if (head.length >= 4 && head[0] == 'G' && head[1] == 'G' && head[2] == 'U' && head[3] == 'F') {
            return Match.CONTENT;
        }
        return hasEnding(path) ? Match.NAME : Match.NO;
    }

    @Override
    public Checkpoint open(Path path, Progress progress) throws CheckpointException {
        var file = SourceFile.open(path);
        return SourceFile.guarded(() -> new GgufReader(file).read(progress));
    }

    @Override
    public Optional<CheckpointWriter> writer() {
        return Optional.of(new GgufWriter());
    }
}
