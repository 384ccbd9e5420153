package weft.format.mindspore;

import java.lang.foreign.MemorySegment;
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
 * MindSpore's checkpoint: a message {@code Checkpoint} of values, each a tag and a tensor (dimensions, type, content). A
 * tensor over 512 MB is cut into values of one tag that follow each other.
 *
 * @see <a href="https://gitee.com/mindspore/mindspore/blob/master/mindspore/ccsrc/utils/checkpoint.proto">checkpoint.proto</a>
 */
public final class MindSporeFormat implements CheckpointFormat {
    static final String ENDING = ".ckpt";
    private static final int DELIMITED_1 = 0x0a;
    private static final int DELIMITED_2 = 0x12;
    private static final int NUMBER_1 = 0x08;

    @Override
    public String id() {
        return "mindspore";
    }

    @Override
    public List<String> endings() {
        return List.of(ENDING);
    }

    @Override
    public Match probe(Path path, byte[] head) {
        if (beginsAsCheckpoint(head)) { return Match.CONTENT; }
        return hasEnding(path) && head.length > 0 && head[0] == DELIMITED_1 ? Match.NAME : Match.NO;
    }

    /**
     * A value, in it a tag, then a tensor that begins with a dimension or its type. A TensorFlow graph begins alike, but
     * where the tensor would stand is an operation's name, and names begin with letters.
     */
    private static boolean beginsAsCheckpoint(byte[] head) {
        int value = content(head, 0, DELIMITED_1);
        int tag = value < 0 ? -1 : content(head, value, DELIMITED_1);
        if (tag < 0) { return false; }
        long length = 0;
        for (int at = value + 1, shift = 0; at < tag; at++, shift += 7) {
            length |= (long) (head[at] & 0x7f) << shift;
        }
        if (length < 0 || length > head.length - tag) { return false; }
        for (int i = 0; i < length; i++) {
            if (head[tag + i] >= 0 && head[tag + i] < ' ') { return false; }
        }
        int tensor = content(head, tag + (int) length, DELIMITED_2);
        return tensor >= 0 && (head[tensor] == NUMBER_1 || head[tensor] == DELIMITED_1
                || head[tensor] == DELIMITED_2);
    }

    /** Where the content of a delimited field begins; −1 if another field is there, or it begins after the head. */
    private static int content(byte[] head, int at, int tag) {
        if (at >= head.length || head[at] != tag) { return -1; }
        int place = at + 1;
        while (place < head.length && place < at + 10 && head[place] < 0) {
            place++;
        }
        return place + 1 < head.length ? place + 1 : -1;
    }

    @Override
    public Checkpoint open(Path path, Progress progress) throws CheckpointException {
        var file = SourceFile.open(path);
        MemorySegment all = file.segment(0, file.size());
        return SourceFile.guarded(() -> new CheckpointReader(file).read(all, progress));
    }

    @Override
    public Optional<CheckpointWriter> writer() {
        return Optional.of(new MindSporeWriter());
    }
}
