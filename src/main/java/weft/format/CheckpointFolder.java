package weft.format;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.io.Sibling;

/** Which file of a folder is the checkpoint, and which set a single file belongs to. */
final class CheckpointFolder {
    /** What {@code from_pretrained} looks for, in its order (transformers, {@code modeling_utils.py}). */
    private static final List<String> HUGGING_FACE = List.of("model.safetensors", "model.safetensors.index.json",
            "pytorch_model.bin", "pytorch_model.bin.index.json", "tf_model.h5", "flax_model.msgpack",
            "flax_model.msgpack.index.json");
    private static final String INDEX_JSON = ".index.json";
    /** {@code model-00001-of-00004.safetensors}: prefix and ending. */
    private static final Pattern SHARD = Pattern.compile("(.+)-\\d{5}-of-\\d{5}(\\.[a-z]+)");
    /** A file of a TensorFlow V1 set, {@code model.ckpt-00001-of-00002}; a bundle's data file is no such. */
    private static final Pattern V1_SHARD = Pattern.compile("(.+(?<!\\.data))-(\\d{5,9})-of-(\\d{5,9})");
    /** A line of TensorFlow's {@code checkpoint} file (CheckpointState as protobuf text). */
    private static final Pattern LATEST = Pattern.compile("(?m)^\\s*model_checkpoint_path:\\s*\"([^\"\\n]*)\"");
    private static final int LONGEST_STATE = 1 << 20;

    private CheckpointFolder() {
    }

    /**
     * The folder's checkpoint: what {@code from_pretrained} would take, else the only sharded index, else the bundle
     * TensorFlow's {@code checkpoint} file names, else the only file with a checkpoint's ending, else the only file
     * with a checkpoint's content.
     *
     * @throws CheckpointException {@code OPEN_SIBLING} naming the candidates where it is a guess, {@code NOT_A_MODEL}
     *         where there is none
     */
    static Path find(Path folder) throws CheckpointException {
        var files = Formats.list(folder);
        for (var name : HUGGING_FACE) {
            if (Files.isRegularFile(folder.resolve(name))) { return folder.resolve(name); }
        }
        var found = only(folder, files.stream().filter(f -> Formats.name(f).endsWith(INDEX_JSON)).toList());
        if (found == null) {
            found = latestBundle(folder);
        }
        if (found == null) {
            found = only(folder, files.stream().filter(CheckpointFolder::isTensorFlowIndex).toList());
        }
        if (found == null) {
            found = only(folder, files.stream().filter(CheckpointFolder::isNamedLikeACheckpoint).toList());
        }
        if (found == null) {
            found = only(folder, withoutSetMates(byContent(files)));
        }
        if (found == null && Files.isRegularFile(folder.resolve("variables").resolve("variables.index"))) {
            found = folder.resolve("variables").resolve("variables.index"); // a SavedModel
        }
        if (found == null) { throw Problem.of(Code.NOT_A_MODEL).file(folder).found("folder").asException(); }
        return found;
    }

    /** Null of none, the one of one, a refusal with the names of several. */
    private static @Nullable Path only(Path folder, List<Path> candidates) throws CheckpointException {
        if (candidates.size() > 1) {
            throw Problem.of(Code.OPEN_SIBLING).file(folder).found("several")
                    .expected(candidates.stream().limit(10).map(f -> f.getFileName().toString())
                            .collect(Collectors.joining(", ", "",
                                    candidates.size() > 10 ? " (+" + (candidates.size() - 10) + ")" : "")))
                    .asException();
        }
        return candidates.isEmpty() ? null : candidates.getFirst();
    }

    private static boolean isTensorFlowIndex(Path file) {
        return Formats.name(file).endsWith(".index");
    }

    private static boolean isNamedLikeACheckpoint(Path file) {
        return !NotAModel.holdsNoTensors(file)
                && Formats.all().stream().anyMatch(f -> f.hasEnding(file));
    }

    private static List<Path> byContent(List<Path> files) throws CheckpointException {
        var found = new ArrayList<Path>();
        for (var file : files) {
            if (Files.isReadable(file) && !NotAModel.holdsNoTensors(file)) {
                var head = Formats.head(file);
                if (Formats.all().stream().anyMatch(f -> f.probe(file, head) == CheckpointFormat.Match.CONTENT)) {
                    found.add(file);
                }
            }
        }
        return found;
    }

    /** Of a V1 set the first file that is there: whichever is opened, all are read. */
    private static List<Path> withoutSetMates(List<Path> files) {
        var sets = new HashSet<String>();
        return files.stream().filter(f -> {
            var shard = V1_SHARD.matcher(f.getFileName().toString());
            return !shard.matches() || sets.add(shard.group(1) + "-of-" + shard.group(3));
        }).toList();
    }

    /** The first file of the V1 set with this prefix, which is no file itself; null if there is none. */
    static @Nullable Path firstOfSet(Path prefix) {
        var folder = prefix.toAbsolutePath().getParent();
        var name = prefix.getFileName();
        if (name == null || folder == null || !Files.isDirectory(folder)) { return null; }
        try {
            return Formats.list(folder).stream().filter(f -> {
                var shard = V1_SHARD.matcher(f.getFileName().toString());
                return shard.matches() && shard.group(1).equals(name.toString());
            }).findFirst().orElse(null);
        } catch (CheckpointException e) {
            return null; // a folder that can't be listed: the path itself is what isn't there
        }
    }

    /** The bundle or V1 set that TensorFlow's {@code checkpoint} file calls the latest, or null. */
    private static @Nullable Path latestBundle(Path folder) {
        var latest = latest(folder);
        if (latest == null) { return null; }
        // TensorFlow writes an absolute path when it saved to one, and the folder may have moved since: only the last name
        // counts, and only of a file in this folder.
        var name = latest.substring(latest.replace('\\', '/').lastIndexOf('/') + 1);
        int every = name.indexOf("-?????-of-"); // all files of a V1 set
        var prefix = every < 0 ? name : name.substring(0, every);
        if (!Sibling.isPlainName(prefix)) { return null; }
        return every >= 0
                ? firstOfSet(folder.resolve(prefix))
                : Stream.of(prefix + ".index", prefix).map(folder::resolve).filter(Files::isRegularFile).findFirst()
                        .orElse(null);
    }

    /** What the {@code checkpoint} file calls the latest, as it stands there, or null. */
    private static @Nullable String latest(Path folder) {
        var state = folder.resolve("checkpoint");
        try {
            if (!Files.isRegularFile(state) || Files.size(state) > LONGEST_STATE) { return null; }
            var latest = LATEST.matcher(Files.readString(state));
            return latest.find() ? latest.group(1) : null;
        } catch (IOException e) {
            return null; // not TensorFlow's state file; whatever else lies here may still be a checkpoint
        }
    }

    /** Warns if the folder's {@code checkpoint} file names a path that leads elsewhere than to the bundle opened. */
    static Checkpoint withPathOutside(Path folder, Path found, Checkpoint checkpoint) {
        var latest = Formats.name(found).endsWith(".index") ? latest(folder) : null;
        if (latest == null || Sibling.isPlainName(latest)) { return checkpoint; }
        var warnings = new ArrayList<>(checkpoint.warnings());
        warnings.add(Problem.of(Code.PATH_OUTSIDE).file("checkpoint").field("model_checkpoint_path").found(latest)
                .expected(found.getFileName()));
        return checkpoint.withWarnings(warnings);
    }

    /** A shard opened alone works as a file; a warning offers the whole set if its index lies beside it. */
    static Checkpoint withSiblings(Path path, Checkpoint checkpoint) {
        var fileName = path.getFileName();
        var shard = SHARD.matcher(fileName == null ? "" : fileName.toString());
        if (!shard.matches()) { return checkpoint; }
        var index = path.resolveSibling(shard.group(1) + shard.group(2) + INDEX_JSON);
        if (!Files.isRegularFile(index)) { return checkpoint; }
        var warnings = new ArrayList<>(checkpoint.warnings());
        warnings.add(Problem.of(Code.OPEN_SIBLING).file(fileName).expected(index.getFileName()));
        return checkpoint.withWarnings(warnings);
    }
}
