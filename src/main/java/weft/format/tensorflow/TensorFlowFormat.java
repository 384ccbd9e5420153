package weft.format.tensorflow;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import weft.format.Checkpoint;
import weft.format.CheckpointFormat;
import weft.format.CheckpointWriter;
import weft.io.CheckpointException;
import weft.io.Progress;
import weft.io.SourceFile;

/**
 * TensorFlow's checkpoints. Any member of a set opens the whole of it: {@code model.ckpt.index}, a data file, the
 * {@code checkpoint} text file, the bare prefix {@code model.ckpt} (which is no file), or the folder.
 */
public final class TensorFlowFormat implements CheckpointFormat {
    static final String ID = "tensorflow";
    private static final int HEAD = 4096;

    @Override
    public String id() {
        return ID;
    }

    @Override
    public List<String> endings() {
        return List.of(CheckpointFiles.INDEX);
    }

    @Override
    public Match probe(Path path, byte[] head) {
        if (CheckpointFiles.hasSet(path)) { return Match.CONTENT; }
        var text = new String(head, StandardCharsets.ISO_8859_1);
        if (text.stripLeading().startsWith("model_checkpoint_path")) { return Match.CONTENT; }
        if (beginsAsTable(head) || FrozenGraph.beginsAsGraph(head)) { return Match.CONTENT; }
        return CheckpointFiles.looksLike(path) && !Files.isDirectory(path) ? Match.NAME : Match.NO;
    }

    /**
     * The first entry of either version has the empty key: 0 bytes shared, 0 of its own, then the value's length and
     * the value, a message that begins with field 1 (or, a header whose shards are its default, 2 or 3).
     */
    private static boolean beginsAsTable(byte[] head) {
        return firstEntry(head) || firstEntry(Snappy.peek(head, 16));
    }

    private static boolean firstEntry(byte[] block) {
        if (block.length < 4 || block[0] != 0 || block[1] != 0) { return false; }
        int at = 2;
        while (at < 7 && at < block.length && block[at] < 0) {
            at++;
        }
        boolean empty = at == 2 && block[2] == 0;
        return !empty && at + 1 < block.length && switch (block[at + 1]) {
            case 0x08, 0x0a, 0x10, 0x1a -> true;
            default -> false;
        };
    }

    @Override
    public Checkpoint open(Path path, Progress progress) throws CheckpointException {
        var found = CheckpointFiles.find(path);
        var checkpoint = open(SourceFile.open(found.file()), progress);
        if (found.warnings().isEmpty()) { return checkpoint; }
        var warnings = new ArrayList<>(found.warnings());
        warnings.addAll(checkpoint.warnings());
        return checkpoint.withWarnings(warnings);
    }

    @Override
    public Optional<CheckpointWriter> writer() {
        return Optional.of(new TensorFlowWriter());
    }

    private static Checkpoint open(SourceFile file, Progress progress) throws CheckpointException {
        if (file.name().endsWith(CheckpointFiles.INDEX)) { return Bundle.open(file, progress); }
        if (Table.endsAsTable(file)) { return Version1.open(file.path(), progress); }
        var head = file.bytes(0, Math.min(file.size(), HEAD), HEAD);
        if (beginsAsTable(head)) {
            return Version1.open(file.path(), progress); // cut short: the table says where
        }
        return FrozenGraph.open(file, file.name().equals(CheckpointFiles.SAVED_MODEL), progress);
    }
}
