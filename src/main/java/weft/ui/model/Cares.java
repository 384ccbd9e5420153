package weft.ui.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import javafx.beans.property.ReadOnlyObjectProperty;
import javafx.beans.property.ReadOnlyObjectWrapper;

import org.jspecify.annotations.Nullable;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.rule.Rule;
import weft.tensor.TensorInfo;
import weft.work.ConfigComparison;
import weft.work.Findings;
import weft.work.Guided;
import weft.work.Model;
import weft.work.Numbers;
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
        CONFIG,
        /** Suggest rules that unpack packed weights. */
        UNPACK,
        /** Give a number nobody said. */
        NUMBER,
        /** Say that a head without a place in the target may go. */
        DROP
    }

    /** One of them. */
    public record Care(Problem problem, Step step) {
    }

    private final Session session;
    private final ReadOnlyObjectWrapper<List<Care>> all = new ReadOnlyObjectWrapper<>(List.of());
    /** The same, dismissed or not. */
    private final ReadOnlyObjectWrapper<List<Care>> found = new ReadOnlyObjectWrapper<>(List.of());
    private @Nullable Model dismissed;
    private @Nullable String dismissedTarget;
    private boolean looking;
    private final AtomicReference<Heads> heads = new AtomicReference<>(
            new Heads(null, null, List.of(), List.of(), List.of()));

    public Cares(Session session) {
        this.session = session;
        session.workspace().addListener((_, _, now) -> look(now));
        session.tasks().whenStopped(() -> {
            if (looking) {
                tell(List.of(), true); // what is known is of what was open before
            }
        });
        look(session.workspace().get());
    }

    /** The most important first. */
    public ReadOnlyObjectProperty<List<Care>> all() {
        return all.getReadOnlyProperty();
    }

    /** All there is, dismissed or not. */
    public ReadOnlyObjectProperty<List<Care>> found() {
        return found.getReadOnlyProperty();
    }

    /** Until another source or target is there. */
    public void dismiss() {
        var now = session.workspace().get();
        dismissed = now == null ? null : now.source();
        dismissedTarget = now == null ? null : now.targetText();
        all.set(List.of());
    }

    /** Output matrices that would be lost in an export. */
    public List<Problem> lostHeads() {
        return found.get().stream().filter(c -> c.step() == Step.DROP).map(Care::problem).toList();
    }

    /** The number an export's configuration would lack. */
    public Optional<Problem> missingNumber() {
        return found.get().stream().filter(c -> c.step() == Step.NUMBER).map(Care::problem).findFirst();
    }

    private void look(@Nullable Workspace now) {
        if (now == null) {
            session.tasks().cancel("cares");
            tell(List.of(), true);
            return;
        }
        boolean quiet = now.source() == dismissed && Objects.equals(now.targetText(), dismissedTarget);
        boolean anyway = session.isReadAnyway();
        looking = true;
        session.tasks().run("cares", "busy.plan", _ -> of(now), some -> tell(
                some.stream().filter(c -> !anyway || c.step() != Step.ANYWAY).toList(), quiet),
                _ -> tell(List.of(),
                        true));
    }

    private void tell(List<Care> some, boolean quiet) {
        looking = false;
        found.set(some);
        all.set(quiet ? List.of() : some);
    }

    private List<Care> of(Workspace workspace) {
        var cares = new ArrayList<Care>();
        heads(workspace).forEach(h -> cares.add(new Care(h, Step.DROP)));
        if (workspace.plan().isPresent()) {
            Numbers.missing(workspace).ifPresent(n -> cares.add(new Care(n, Step.NUMBER)));
        }
        if (workspace.plan().isEmpty()) {
            Guided.packed(workspace).ifPresent(p -> cares.add(new Care(
                    Problem.of(Code.QUANTISED).found(p.scheme()).expected(p.weights()), Step.UNPACK)));
        }
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
        broken(workspace).ifPresent(b -> cares.add(new Care(b, Step.NONE)));
        workspace.targetWarnings().forEach(w -> cares.add(new Care(w, Step.NONE)));
        return List.copyOf(cares);
    }

    /** The first tensor that can't be read for a reason no warning speaks of. */
    private static Optional<Problem> broken(Workspace workspace) {
        var told = workspace.source().warnings().stream().map(Problem::code).toList();
        return workspace.source().tensors().stream().map(TensorInfo::broken).filter(Objects::nonNull)
                .map(p -> (Problem) p).filter(p -> !told.contains(p.code())).findFirst();
    }

    /** Output matrices the target has no place for. Values are compared, so what is known is kept. */
    private List<Problem> heads(Workspace workspace) {
        var known = heads.get();
        var plan = workspace.plan().orElse(null);
        if (plan == null) { return List.of(); }
        var dropped = plan.rules().rules().stream().filter(r -> r instanceof Rule.Drop).toList();
        if (known.source() == workspace.source() && known.unused().equals(plan.unused())
                && Objects.equals(known.target(), workspace.targetText())
                && known.dropped().equals(dropped)) {
            return known.lost();
        }
        List<Problem> lost;
        try {
            lost = workspace.planWithHeads().problems().stream().filter(p -> p.code() == Code.HEAD_NOT_TIED).toList();
        } catch (CheckpointException e) {
            lost = List.of(); // without a plan nothing is lost
        }
        heads.set(new Heads(workspace.source(), workspace.targetText(), plan.unused(), dropped, lost));
        return lost;
    }

    /** What was found out about heads, and for what. */
    private record Heads(@Nullable Model source, @Nullable String target, List<String> unused,
            List<Rule> dropped, List<Problem> lost) {
    }

    /** Takes a step; one that a window has to show is not known here. */
    public void take(Step step) {
        switch (step) {
            case ANYWAY -> session.anyway();
            case REPAIR -> session.repair();
            case UNPACK -> session.unpack();
            case DROP -> lostHeads().stream().map(Problem::found).filter(Objects::nonNull).findFirst()
                    .ifPresent(session::letGo);
            case CONFIG, NUMBER, NONE -> {
            }
        }
    }

    /** Whether an interrupted export beside the source is whole, so that repairing finishes it. */
    public static boolean isComplete(Care care) {
        return "complete".equals(care.problem().found());
    }
}
