package weft.format.onnx;

import java.nio.file.Path;
import java.util.List;

import weft.format.Checkpoint;
import weft.format.CheckpointFormat;
import weft.io.CheckpointException;
import weft.io.Progress;
import weft.io.SourceFile;

/**
 * ONNX: a message {@code ModelProto} around a graph. Its weights are the graph's initializers (and those of graphs inside its
 * nodes, and constants); their bytes stand in the message or, beyond 2 GB, in files beside it. No node is run.
 *
 * @see <a href="https://github.com/onnx/onnx/blob/main/onnx/onnx.proto">onnx.proto</a>
 */
public final class OnnxFormat implements CheckpointFormat {
    static final String ID = "onnx";
    private static final String ENDING = ".onnx";
    private static final int IR_VERSION = 0x08;
    private static final int GRAPH = 0x3a;

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
        if (beginsAsModel(head)) { return Match.CONTENT; }
        return hasEnding(path) && head.length > 1 && head[0] == IR_VERSION ? Match.NAME : Match.NO;
    }

    /**
     * A version, then texts and a number of the model's own, then a graph that begins with one of its own fields. A SavedModel
     * begins alike, but its second field is a message whose first field is one, too, and it has no field 7.
     */
    private static boolean beginsAsModel(byte[] head) {
        if (head.length < 4 || head[0] != IR_VERSION || head[1] < 1) { return false; }
        int at = 2;
        while (at < head.length) {
            int tag = head[at++];
            long value = 0;
            int start = at;
            for (int shift = 0; at < head.length && at < start + 10; shift += 7) {
                value |= (long) (head[at] & 0x7f) << shift;
                if (head[at++] >= 0) {
                    break;
                }
            }
            switch (tag) {
                case GRAPH -> {
                    return at < head.length && switch (head[at]) {
                        case 0x0a, 0x12, 0x2a, 0x52, 0x5a, 0x62, 0x6a, 0x72, 0x7a, (byte) 0x82 -> true;
                        default -> false;
                    };
                }
                case 0x28 -> { // the model's own version: the number was its content
                }
                case 0x12, 0x1a, 0x22, 0x32, 0x42, 0x72 -> { // texts, sets of operators, properties
                    if (value < 0 || value > head.length - at) { return false; }
                    at += (int) value;
                }
                default -> {
                    return false;
                }
            }
        }
        return false;
    }

    @Override
    public Checkpoint open(Path path, Progress progress) throws CheckpointException {
        var file = SourceFile.open(path);
        return SourceFile.guarded(() -> new OnnxReader(file, progress).read());
    }
}
