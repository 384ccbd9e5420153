package weft.work;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import weft.io.CheckpointException;
import weft.io.Progress;

/**
 * Where somebody left off: what has to be opened, and in which order, to have the same on the table again. It is made of
 * paths and words only, so that it can be written down; what was proved of values is found out anew.
 *
 * @param numbers what a person set of the source, by a configuration's word
 * @param adapter what was to be merged into the source, or {@code null}
 * @param target as it was written, or {@code null}
 * @param itself whether the target was the source's own names and shapes
 * @param rules as arrow text
 */
public record Bookmark(Path source, Map<String, Object> numbers, @Nullable Path adapter, @Nullable String target,
        boolean itself, String rules) {

    /** A source, and a target it was held against. */
    public Bookmark(Path source, @Nullable String target, String rules) {
        this(source, Map.of(), null, target, false, rules);
    }

    public static Bookmark of(Workspace workspace) {
        var text = new StringBuilder();
        workspace.rules().rules().forEach(r -> text.append(Workspace.text(r)).append('\n'));
        var adapter = workspace.source().adapter();
        return new Bookmark(whole(workspace.source().path()), Numbers.of(workspace),
                adapter == null ? null : whole(adapter.path()), workspace.targetText(), workspace.isItsOwnTarget(),
                text.toString());
    }

    private static Path whole(Path path) {
        return path.toAbsolutePath().normalize();
    }

    /**
     * Opens it all again; rules that can't be read any more are left out.
     *
     * @throws CheckpointException what opening the source, merging the adapter or choosing the target throws
     */
    public Workspace open(Progress progress) throws CheckpointException {
        var alone = Workspace.open(source, numbers, progress);
        var merged = adapter == null ? alone : alone.withAdapter(adapter, progress);
        return aim(merged, progress).withRules(Workspace.read(rules).rules());
    }

    private Workspace aim(Workspace opened, Progress progress) throws CheckpointException {
        if (itself) { return opened.withItselfAsTarget(); }
        return target == null || target.isEmpty() ? opened : opened.withTarget(target, progress);
    }

    /** Whether the source lies there still; a TensorFlow bundle is named by what its files begin with. It asks the disk. */
    public boolean isThere() {
        return isThere(source);
    }

    /** Whether a file, a folder or a bundle lies there. It asks the disk. */
    public static boolean isThere(Path place) {
        return Files.exists(place) || place.getFileName() != null
                && Files.exists(place.resolveSibling(place.getFileName() + ".index"));
    }
}
