package weft.format.torch;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import weft.format.Checkpoint;
import weft.format.Checkpoint.Ignored;
import weft.format.CheckpointFormat;
import weft.format.CheckpointWriter;
import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Pickle;
import weft.io.PickleListing;
import weft.io.PickleValue;
import weft.io.Problem;
import weft.io.Progress;
import weft.io.SourceFile;
import weft.io.ZipDirectory;

/**
 * PyTorch's {@code torch.save}: the ZIP of 1.6 and later, the pickles and raw storages before it, the tar before that,
 * and TorchScript archives. Nothing in a file is executed: its pickle is read as data
 * ({@link weft.io.Pickle}), and what isn't a tensor or a plain value stays a name.
 */
public final class TorchFormat implements CheckpointFormat {
    private static final List<String> ENDINGS = List.of(".pt", ".pth", ".bin", ".ckpt", ".th", ".pkl", ".tar");
    /** The magic number's pickle, without its protocol: {@code LONG1}, ten bytes, {@code STOP}. */
    private static final String MAGIC = "\u008a\nl\u00fc\u009cF\u00f9 j\u00a8P\u0019.";
    private static final List<String> TAR_MEMBERS = List.of("sys_info", "pickle", "storages", "tensors");
    private static final int BLOCK = 512;
    /** Magic number, protocol, system, object, keys of the storages that follow as raw bytes. */
    private static final int LEGACY_PICKLES = 5;

    @Override
    public String id() {
        return "torch";
    }

    @Override
    public List<String> endings() {
        return ENDINGS;
    }

    @Override
    public Optional<CheckpointWriter> writer() {
        return Optional.of(new TorchWriter());
    }

    @Override
    public Match probe(Path path, byte[] head) {
        return switch (container(head)) {
            case ZIP -> {
                // The pickle or a storage comes first; its local header is in the head, whatever its root is called.
                var text = new String(head, StandardCharsets.ISO_8859_1);
                yield text.contains("/data.pkl") || text.contains("/data/0") ? Match.CONTENT : named(path);
            }
            case LEGACY, TAR -> Match.CONTENT;
            case PICKLE -> named(path);
            case NONE -> Match.NO;
        };
    }

    /** What a file's first bytes say it is. */
    private enum Container {
        ZIP, LEGACY, TAR, PICKLE, NONE
    }

    private static Container container(byte[] head) {
        var text = new String(head, StandardCharsets.ISO_8859_1);
        if (text.startsWith("PK\3\4")) { return Container.ZIP; }
        if (head.length > 2 && head[0] == (byte) 0x80 && head[1] >= 2 && head[1] <= 5) {
            return text.startsWith(MAGIC, 2) ? Container.LEGACY : Container.PICKLE;
        }
        boolean tar = TAR_MEMBERS.stream().anyMatch(m -> text.startsWith(m + "\0") || text.startsWith("./" + m + "\0"));
        return tar && text.startsWith("ustar", 257) ? Container.TAR : Container.NONE;
    }

    private Match named(Path path) {
        return hasEnding(path) ? Match.NAME : Match.NO;
    }

    @Override
    public Checkpoint open(Path path, Progress progress) throws CheckpointException {
        var file = SourceFile.open(path);
        return switch (container(file.bytes(0, Math.min(BLOCK, file.size()), BLOCK))) {
            case ZIP -> openZip(file, progress);
            case LEGACY -> {
                var legacy = TorchLegacy.open(file);
                yield checkpoint(file, legacy.pickle(), new Rebuild(file, legacy),
                        Map.of("container", "legacy"), List.of(), legacy.warnings(), false);
            }
            case TAR -> {
                var tar = TorchTar.open(file);
                var rebuild = new Rebuild(file, tar);
                yield checkpoint(file, tar.pickle(rebuild), rebuild, Map.of("container", "tar"), List.of(), List.of(),
                        false);
            }
            case PICKLE, NONE -> checkpoint(file, Pickle.read(file), new Rebuild(file, Storages.NONE),
                    Map.of("container", "pickle"), List.of(), List.of(), false);
        };
    }

    @Override
    public void listInstructions(Path path, PickleListing.Sink sink) throws CheckpointException {
        var file = SourceFile.open(path);
        switch (container(file.bytes(0, Math.min(BLOCK, file.size()), BLOCK))) {
            case ZIP -> {
                var zip = ZipDirectory.read(file);
                for (var entry : zip.entries()) {
                    if (entry.name().endsWith(".pkl") && entry.size() <= Pickle.BYTES_LIMIT) {
                        boolean stored = entry.method() == ZipDirectory.Method.STORED;
                        PickleListing.list(file.name() + "!" + entry.name(), zip.segment(entry),
                                stored ? entry.offset() : 0, sink);
                    }
                }
            }
            case TAR -> {
                var pickle = TorchTar.member(file, "pickle");
                if (pickle != null) {
                    PickleListing.list(file.name() + "!pickle", file.segment(pickle.offset(), pickle.size()),
                            pickle.offset(), sink);
                }
            }
            case LEGACY -> {
                long at = 0;
                for (int i = 0; i < LEGACY_PICKLES; i++) {
                    at = PickleListing.list(file.name(), file.segment(at, file.size() - at), at, sink);
                }
            }
            case PICKLE, NONE -> PickleListing.list(file.name(), file.segment(0, file.size()), 0, sink);
        }
    }

    private Checkpoint openZip(SourceFile file, Progress progress) throws CheckpointException {
        var zip = TorchZip.open(file);
        var checkpoint = checkpoint(file, zip.pickle(), new Rebuild(file, zip), zip.metadata(), zip.ignored(),
                zip.warnings(progress), zip.isScript());
        var warnings = new ArrayList<Problem>();
        for (var warning : checkpoint.warnings()) {
            var key = warning.code() == Code.CRC ? zip.key(warning.field()) : null;
            if (key == null) {
                warnings.add(warning);
                continue;
            }
            // A storage's checksum concerns whoever stands in it.
            for (var tensor : checkpoint.tensors()) {
                if (tensor instanceof TorchTensor(var info, var view) && key.equals(view.key())) {
                    warnings.add(warning.field(info.name()));
                }
            }
        }
        return checkpoint.withWarnings(warnings);
    }

    /** @param mayBeEmpty a TorchScript archive of a function has no parameters and is still what it says */
    private Checkpoint checkpoint(SourceFile file, PickleValue root, Rebuild rebuild, Map<String, String> metadata,
            List<Ignored> ignored, List<Problem> warnings, boolean mayBeEmpty) throws CheckpointException {
        var state = new StateDict(file.name(), rebuild);
        state.collect(root);
        if (state.sources.isEmpty() && !mayBeEmpty) {
            throw Problem.of(Code.NOT_A_MODEL).file(file.name()).found("0 tensors").asException();
        }
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
