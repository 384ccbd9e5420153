package weft.work;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

import weft.arch.Architecture;
import weft.arch.Hyper;
import weft.arch.Hypers;
import weft.infer.Models;
import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.io.Progress;

/** Numbers no shape shows, the number of heads among them: which one nobody gave, and how a person gives it. */
public final class Numbers {
    private Numbers() {
    }

    /**
     * Which number is missing before the target side, or without a target the source, can be computed or loaded:
     * {@code HYPER_UNKNOWN} with its word, or empty. It reads no weights. Where several are missing it is the first of
     * them: the next one is told once this one is given.
     */
    public static Optional<Problem> missing(Workspace workspace) {
        var target = workspace.plan().map(p -> p.target()).orElse(null);
        var mine = workspace.recognition();
        if (target == null && mine != null) {
            target = Architecture.of(mine.dialect().id(), workspace.source().tensors(), mine);
        }
        var hypers = workspace.hypers().orElse(null);
        return target == null || target.dialect() == null ? Optional.empty() : missing(target, hypers);
    }

    private static Optional<Problem> missing(Architecture target, @Nullable Hypers hypers) {
        if (hypers == null) { return Optional.empty(); }
        try {
            Models.check(target, hypers);
            return Optional.empty();
        } catch (CheckpointException e) {
            return e.code() == Code.HYPER_UNKNOWN ? Optional.of(e.problem()) : Optional.empty();
        }
    }

    /** What a person set of a workspace's source, by word. */
    public static Map<String, Object> of(Workspace workspace) {
        return workspace.source().settings().stream().filter(s -> s.origin() == Hyper.Origin.USER).findFirst()
                .map(s -> s.values()).orElse(Map.of());
    }

    /**
     * The same with a number a person knows, in a configuration's word ({@code n_head → 12}): it holds before all that
     * lies beside the weights. Target and rules stay.
     *
     * @param target what is to be chosen as well, because it was what asked for the number; {@code null} for none
     * @throws CheckpointException what choosing the target throws
     */
    public static Workspace with(Workspace workspace, String word, Object value, @Nullable String target,
            Progress progress) throws CheckpointException {
        var all = new LinkedHashMap<>(of(workspace));
        all.put(word, value);
        var told = workspace.withNumbers(all, progress);
        return target == null ? told : told.withTarget(target, progress);
    }

    /** A published model of the same width and the number it has. */
    public record Published(String size, long value) {
    }

    /** What a published model as wide as the source has there: a proposal a person may take, never a guess. */
    public static Optional<Published> published(Workspace workspace, String word) {
        var mine = workspace.recognition();
        if (mine == null) { return Optional.empty(); }
        var family = mine.dialect().family();
        var axis = family.axis(word);
        if (axis.isEmpty()) { return Optional.empty(); }
        if (family.widths().isEmpty()) { return Optional.empty(); }
        for (var size : family.sizes().entrySet()) {
            var value = size.getValue().get(axis.get());
            if (value != null && family.widths().stream().allMatch(w -> mine.sizes().size(w).isEmpty()
                    || mine.sizes().size(w).getAsLong() == size.getValue().getOrDefault(w,
                            mine.sizes().size(w).getAsLong()))) {
                return Optional.of(new Published(size.getKey(), value));
            }
        }
        return Optional.empty();
    }
}
