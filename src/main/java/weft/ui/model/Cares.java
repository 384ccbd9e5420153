package weft.ui.model;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javafx.beans.property.ReadOnlyObjectProperty;
import javafx.beans.property.ReadOnlyObjectWrapper;

import org.jspecify.annotations.Nullable;

import weft.io.Code;
import weft.io.Problem;
import weft.work.ConfigComparison;
import weft.work.Findings;
import weft.work.Model;
import weft.work.Workspace;

/**
 * What there is to say of what is open as a whole: a file opened with care, exports that were interrupted beside it, what
 * source and target differ in. Each may have one step to take.
 */
public final class Cares {
    /** What can be done about one. */
    public enum Step {
        NONE,
        /** Read values that may be wrong. */
        ANYWAY,
        /** Finish or delete what a killed export left. */
        REPAIR,
        /** Show both configurations. */
        CONFIG
    }

    /** One of them. */
    public record Care(Problem problem, Step step) {
    }

    private final Session session;
    private final ReadOnlyObjectWrapper<List<Care>> all = new ReadOnlyObjectWrapper<>(List.of());
    private @Nullable Model dismissed;
    private @Nullable String dismissedTarget;
    private @Nullable Path overruled;

    public Cares(Session session) {
        this.session = session;
        session.workspace().addListener((_, _, now) -> look(now));
        look(session.workspace().get());
    }

    /** The most important first. */
    public ReadOnlyObjectProperty<List<Care>> all() {
        return all.getReadOnlyProperty();
    }

    /** Until another source or target is there. */
    public void dismiss() {
        var now = session.workspace().get();
        dismissed = now == null ? null : now.source();
        dismissedTarget = now == null ? null : now.targetText();
        all.set(List.of());
    }

    private void look(@Nullable Workspace now) {
        if (now == null || now.source() == dismissed
                && java.util.Objects.equals(now.targetText(), dismissedTarget)) {
            all.set(List.of());
            return;
        }
        boolean anyway = now.source().path().equals(overruled);
        session.tasks().run("cares", "busy.plan", _ -> of(now), found -> all.set(
                found.stream().filter(c -> !anyway || c.step() != Step.ANYWAY).toList()), _ -> all.set(List.of()));
    }

    private static List<Care> of(Workspace workspace) {
        var cares = new ArrayList<Care>();
        boolean differ = ConfigComparison.of(workspace).stream().anyMatch(f -> !f.same());
        for (var found : Findings.of(workspace)) {
            cares.add(new Care(found, found.code() == Code.OTHER_MODEL && differ ? Step.CONFIG : Step.NONE));
        }
        for (var warning : workspace.source().warnings()) {
            cares.add(new Care(warning, switch (warning.code()) {
                case CRC, CRC32C, BOMB -> Step.ANYWAY;
                case UNFINISHED -> Step.REPAIR;
                default -> Step.NONE;
            }));
        }
        workspace.targetWarnings().forEach(w -> cares.add(new Care(w, Step.NONE)));
        return List.copyOf(cares);
    }

    /** Takes a step; one that a window has to show is not known here. */
    public void take(Step step) {
        switch (step) {
            case ANYWAY -> {
                var now = session.workspace().get();
                overruled = now == null ? null : now.source().path();
                session.anyway();
            }
            case REPAIR -> session.repair();
            case CONFIG, NONE -> {
            }
        }
    }

    /** Whether an interrupted export beside the source is whole, so that repairing finishes it. */
    public static boolean isComplete(Care care) {
        return "complete".equals(care.problem().found());
    }
}
