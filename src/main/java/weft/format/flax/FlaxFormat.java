package weft.format.flax;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;

import weft.format.Checkpoint;
import weft.format.CheckpointFormat;
import weft.io.CheckpointException;
import weft.io.Progress;
import weft.io.SourceFile;

/**
 * Flax's checkpoints: maps in maps as MessagePack, arrays as its extension 1. Names are the keys on the way to an array,
 * joined as Flax users see them: {@code params/Dense_0/kernel}.
 *
 * @see <a href="https://flax.readthedocs.io/en/latest/api_reference/flax.serialization.html">flax.serialization</a>
 */
public final class FlaxFormat implements CheckpointFormat {
    static final String ID = "flax";
    private static final String ENDING = ".msgpack";

    @Override
    public String id() {
        return ID;
    }

    @Override
    public List<String> endings() {
        return List.of(ENDING);
    }

    @Override
    public Match probe(Path path, byte[] head) {
        // MessagePack has no signature: an array must be met on the way down.
        if (FlaxReader.meetsArray(path.toString(), MemorySegment.ofArray(head))) { return Match.CONTENT; }
        return hasEnding(path) && head.length > 0 && FlaxReader.beginsAsMap(head[0]) ? Match.NAME : Match.NO;
    }

    @Override
    public Checkpoint open(Path path, Progress progress) throws CheckpointException {
        var file = SourceFile.open(path);
        return SourceFile.guarded(() -> new FlaxReader(file, progress).read());
    }
}
