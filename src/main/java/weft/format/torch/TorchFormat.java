package weft.format.torch;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import weft.format.Checkpoint;
import weft.format.Checkpoint.Ignored;
import weft.format.CheckpointFormat;
import weft.io.CheckpointException;
import weft.io.PickleValue;
import weft.io.Problem;
import weft.io.Progress;
import weft.io.SourceFile;

/**
 * PyTorch's {@code torch.save}: the ZIP of 1.6 and later. Nothing in a file is executed: its pickle is read as data
 * ({@link weft.io.Pickle}), and what isn't a tensor or a plain value stays a name.
 */
public final class TorchFormat implements CheckpointFormat {
    private static final List<String> ENDINGS = List.of(".pt", ".pth", ".bin", ".ckpt", ".th", ".pkl", ".tar");

    @Override
    public String id() {
        return "torch";
    }

    @Override
    public List<String> endings() {
        return ENDINGS;
    }

    @Override
    public Match probe(Path path, byte[] head) {
        if (isZip(head)) {
            // The pickle or a storage comes first; its local header is in the head, whatever its root is called.
            var text = new String(head, StandardCharsets.ISO_8859_1);
            return text.contains("/data.pkl") || text.contains("/data/0") ? Match.CONTENT : named(path);
        }
        return Match.NO;
    }

    private static boolean isZip(byte[] head) {
        return head.length > 4 && head[0] == 'P' && head[1] == 'K' && (head[2] == 3 && head[3] == 4);
    }

    private static Match named(Path path) {
        var name = path.getFileName();
        var lower = name == null ? "" : name.toString().toLowerCase(Locale.ROOT);
        return ENDINGS.stream().anyMatch(lower::endsWith) ? Match.NAME : Match.NO;
    }

    @Override
    public Checkpoint open(Path path, Progress progress) throws CheckpointException {
        var file = SourceFile.open(path);
        return openZip(file, progress);
    }

    private Checkpoint openZip(SourceFile file, Progress progress) throws CheckpointException {
        var zip = TorchZip.open(file);
        return checkpoint(file, zip.pickle(), zip, zip.metadata(), zip.ignored(), zip.warnings(progress));
    }

    private Checkpoint checkpoint(SourceFile file, PickleValue root, Storages storages, Map<String, String> metadata,
            List<Ignored> ignored, List<Problem> warnings) throws CheckpointException {
        var state = new StateDict(file.name(), new Rebuild(file.name(), storages));
        state.collect(root);
        var allMetadata = new LinkedHashMap<>(metadata);
        allMetadata.putAll(state.metadata);
        var allIgnored = new ArrayList<>(state.ignored);
        allIgnored.addAll(ignored);
        var allWarnings = new ArrayList<>(warnings);
        allWarnings.addAll(state.warnings);
        return new Checkpoint(id(), List.of(file.path()), List.copyOf(state.sources), allMetadata, state.settings,
                allIgnored, allWarnings);
    }
}
