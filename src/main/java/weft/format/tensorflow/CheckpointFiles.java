package weft.format.tensorflow;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.io.Sibling;
import weft.io.SourceFile;
import weft.name.NaturalOrder;

/** Finds the file to begin with, whichever member of a set, prefix or folder somebody points at. */
final class CheckpointFiles {
    /** The text file that names the newest checkpoint of a folder (CheckpointState, as text). */
    static final String STATE = "checkpoint";
    static final String INDEX = ".index";
    private static final String META = ".meta";
    static final String SAVED_MODEL = "saved_model.pb";
    private static final Pattern DATA = Pattern.compile("(.+)\\.data-\\d{5,9}-of-\\d{5,9}");
    private static final Pattern SHARD = Pattern.compile("(.+)-(\\d{5,9})-of-(\\d{5,9})");
    private static final Pattern NAMED = Pattern
            .compile("(?m)^\\s*model_checkpoint_path\\s*:\\s*(?:\"((?:[^\"\\\\]|\\\\.)*+)\"|'((?:[^'\\\\]|\\\\.)*+)')");
    private static final int STATE_BYTES = 1 << 20;

    /** @param warnings what had to be passed over to find the file */
    record Found(Path file, List<Problem> warnings) {
        Found(Path file) {
            this(file, List.of());
        }
    }

    private CheckpointFiles() {
    }

    static String dataName(String prefix, int shard, int shards) {
        return String.format(Locale.ROOT, "%s.data-%05d-of-%05d", prefix, shard, shards);
    }

    /** The index, V1 table or graph that a path means. */
    static Found find(Path path) throws CheckpointException {
        if (Files.isDirectory(path)) { return inFolder(path); }
        var name = name(path);
        var data = DATA.matcher(name);
        if (data.matches()) { return sibling(path, data.group(1) + INDEX); }
        if (name.endsWith(META)) { return sibling(path, name.substring(0, name.length() - META.length()) + INDEX); }
        if (name.equals(SAVED_MODEL)) {
            var variables = path.resolveSibling("variables/variables" + INDEX);
            return new Found(Files.exists(variables) ? variables : path); // without variables: frozen ones
        }
        if (!Files.exists(path)) {
            var found = prefix(path);
            if (found == null) {
                throw Problem.of(Code.NOT_READABLE).file(path).found("-").expected(name + INDEX).asException();
            }
            return new Found(found);
        }
        return name.equals(STATE) && isState(path) ? ofState(path) : new Found(path);
    }

    /** Whether a name alone speaks for this format. */
    static boolean looksLike(Path path) {
        var name = name(path);
        return name.endsWith(INDEX) || DATA.matcher(name).matches() || name.equals(STATE)
                || name.equals(SAVED_MODEL) || name.endsWith(META);
    }

    /** Whether the set a path belongs to is there. */
    static boolean hasSet(Path path) {
        if (Files.isDirectory(path)) {
            return Files.isRegularFile(path.resolve(SAVED_MODEL)) || !indexes(path).isEmpty()
                    || Files.isRegularFile(path.resolve("variables/variables" + INDEX));
        }
        var name = name(path);
        var data = DATA.matcher(name);
        if (data.matches()) { return Files.isRegularFile(path.resolveSibling(data.group(1) + INDEX)); }
        if (name.equals(SAVED_MODEL)) { return Files.isRegularFile(path); }
        return !Files.exists(path) && prefix(path) != null;
    }

    /** The files of a V1 set that one of them belongs to, in order; the numbers of those that are missing. */
    record Shards(List<Path> files, List<String> missing) {
    }

    static Shards shards(Path path) {
        var match = SHARD.matcher(name(path));
        if (!match.matches()) { return new Shards(List.of(path), List.of()); }
        int count = Integer.parseInt(match.group(3));
        var files = new ArrayList<Path>();
        var missing = new ArrayList<String>();
        // A name may claim a billion files; as many as are there are looked for, and one more.
        for (int i = 0; i < count && missing.size() < 100; i++) {
            var name = String.format(Locale.ROOT, "%s-%05d-of-%s", match.group(1), i, match.group(3));
            var file = path.resolveSibling(name);
            if (Files.exists(file)) {
                files.add(file);
            } else {
                missing.add(name);
            }
        }
        if (!files.contains(path)) {
            files.add(path);
        }
        return new Shards(files, missing);
    }

    private static Found sibling(Path path, String name) throws CheckpointException {
        var sibling = path.resolveSibling(name);
        if (!Files.exists(sibling)) {
            throw Problem.of(Code.INCOMPLETE_SET).file(name(path)).expected(name).asException();
        }
        return new Found(sibling);
    }

    private static Found inFolder(Path folder) throws CheckpointException {
        var warnings = new ArrayList<Problem>();
        var state = folder.resolve(STATE);
        if (Files.isRegularFile(state) && isState(state)) {
            try {
                return ofState(state);
            } catch (CheckpointException e) {
                // A folder that was moved or thinned out: what lies in it still opens.
                warnings.add(e.problem());
            }
        }
        var indexes = indexes(folder);
        if (indexes.size() > 1) {
            throw Problem.of(Code.OPEN_SIBLING).file(folder).found(indexes.size())
                    .expected(String.join(" | ", indexes.stream().limit(10).map(CheckpointFiles::name).toList()))
                    .asException();
        }
        if (!indexes.isEmpty()) { return new Found(indexes.getFirst(), List.copyOf(warnings)); }
        var variables = folder.resolve("variables/variables" + INDEX);
        if (Files.isRegularFile(variables)) { return new Found(variables, List.copyOf(warnings)); }
        if (Files.isRegularFile(folder.resolve(SAVED_MODEL))) {
            return new Found(folder.resolve(SAVED_MODEL), List.copyOf(warnings));
        }
        if (!warnings.isEmpty()) { throw warnings.getFirst().asException(); }
        throw Problem.of(Code.NOT_READABLE).file(folder).found("directory").expected("*" + INDEX).asException();
    }

    private static List<Path> indexes(Path folder) {
        try (var files = Files.list(folder)) {
            return files.filter(file -> name(file).endsWith(INDEX) && Files.isRegularFile(file))
                    .sorted((a, b) -> NaturalOrder.INSTANCE.compare(name(a), name(b))).toList();
        } catch (IOException | UncheckedIOException e) {
            return List.of();
        }
    }

    /** {@code PREFIX.index}, or the V1 file or first V1 shard of a prefix; null if there is none of them. */
    private static @Nullable Path prefix(Path path) {
        var index = path.resolveSibling(name(path) + INDEX);
        if (Files.exists(index)) { return index; }
        if (Files.isRegularFile(path)) { return path; }
        var folder = path.toAbsolutePath().getParent();
        if (folder == null) { return null; }
        try (var files = Files.list(folder)) {
            return files.filter(file -> {
                var shard = SHARD.matcher(name(file));
                return shard.matches() && shard.group(1).equals(name(path));
            }).sorted().findFirst().orElse(null);
        } catch (IOException | UncheckedIOException e) {
            return null;
        }
    }

    private static boolean isState(Path path) throws CheckpointException {
        return named(path) != null;
    }

    /** The prefix a state file names, or null if it names none: then it isn't one. */
    static @Nullable String named(Path state) throws CheckpointException {
        var file = SourceFile.open(state);
        if (file.size() > STATE_BYTES) { return null; }
        var text = new String(file.bytes(0, file.size(), STATE_BYTES), StandardCharsets.UTF_8);
        var match = NAMED.matcher(text);
        if (!match.find()) { return null; }
        var quoted = match.group(1) == null ? match.group(2) : match.group(1);
        return quoted.replaceAll("\\\\(.)", "$1");
    }

    private static Found ofState(Path state) throws CheckpointException {
        var named = named(state);
        // Every file of a V1 set is meant by model.ckpt-?????-of-00002.
        var path = Sibling.of(state, named == null ? "" : named.replace("-?????-of-", "-00000-of-"));
        var found = prefix(path);
        if (found == null) {
            throw Problem.of(Code.INCOMPLETE_SET).file(name(state)).field("model_checkpoint_path").found("-")
                    .expected(named + INDEX).asException();
        }
        return new Found(found);
    }

    private static String name(Path path) {
        var name = path.getFileName();
        return name == null ? "" : name.toString();
    }
}
