package weft.ui.verify;

import java.nio.file.Path;
import javafx.beans.property.ReadOnlyObjectProperty;
import javafx.beans.property.ReadOnlyObjectWrapper;

import org.jspecify.annotations.Nullable;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.prove.Verification;
import weft.ui.model.Session;
import weft.ui.model.Tasks;
import weft.work.RuleCheck;

/** What the rules make, and what force would make, held against the source as its own dialect reads it. */
public final class VerifyModel {
    /**
     * What one comparison came to.
     *
     * @param problem why it could not be made
     */
    public record Outcome(boolean running, @Nullable Verification verification, @Nullable Problem problem) {
        static final Outcome NONE = new Outcome(false, null, null);
        static final Outcome RUNNING = new Outcome(true, null, null);

        static Outcome of(Verification verification) {
            return new Outcome(false, verification, null);
        }

        static Outcome of(Problem problem) {
            return new Outcome(false, null, problem);
        }
    }

    private static final String LANE = "verify";
    private final Session session;
    private final ReadOnlyObjectWrapper<Outcome> before = new ReadOnlyObjectWrapper<>(Outcome.NONE);
    private final ReadOnlyObjectWrapper<Outcome> after = new ReadOnlyObjectWrapper<>(Outcome.NONE);
    private final ReadOnlyObjectWrapper<@Nullable Path> other = new ReadOnlyObjectWrapper<>();

    public VerifyModel(Session session) {
        this.session = session;
        session.workspace().addListener((_, _, _) -> clear());
        session.tasks().whenStopped(this::stop);
    }

    /** What was found is no longer true of other rules. */
    private void clear() {
        session.tasks().cancel(LANE);
        before.set(Outcome.NONE);
        after.set(Outcome.NONE);
    }

    /** The bytes forced into the target's shapes. */
    public ReadOnlyObjectProperty<Outcome> before() {
        return before.getReadOnlyProperty();
    }

    /** What the rules make. */
    public ReadOnlyObjectProperty<Outcome> after() {
        return after.getReadOnlyProperty();
    }

    /** The checkpoint it is held against; {@code null} for the source itself. */
    public ReadOnlyObjectProperty<@Nullable Path> other() {
        return other.getReadOnlyProperty();
    }

    public boolean isRunning() {
        return after.get().running() || before.get().running();
    }

    public void stop() {
        session.tasks().cancel(LANE);
        if (isRunning()) {
            clear();
        }
    }

    /** Holds the rules' result, then the forced one, against the source in its own layout. */
    public void run() {
        var workspace = session.workspace().get();
        if (workspace == null || workspace.plan().isEmpty()) { return; }
        other.set(null);
        after.set(Outcome.RUNNING);
        before.set(Outcome.RUNNING);
        Tasks tasks = session.tasks();
        tasks.run(LANE, "busy.verify", p -> {
            var mine = outcome(() -> RuleCheck.after(workspace, null, p));
            tasks.tell(p, () -> after.set(mine));
            return outcome(() -> RuleCheck.before(workspace, null, p));
        }, before::set, problem -> {
            after.set(Outcome.of(problem));
            before.set(Outcome.NONE);
        });
    }

    /**
     * Holds the rules' result, or the source where there is no target, against another checkpoint; {@code null} is the
     * source in its own layout.
     */
    public void run(@Nullable Path file) {
        if (file == null) {
            run();
            return;
        }
        var workspace = session.workspace().get();
        if (workspace == null) { return; }
        other.set(file);
        after.set(Outcome.RUNNING);
        before.set(Outcome.NONE);
        session.tasks().run(LANE, "busy.verify", p -> outcome(() -> RuleCheck.other(workspace, file, null, p)),
                after::set, problem -> after.set(Outcome.of(problem)));
    }

    /** Repeats what was last asked. */
    public void again() {
        run(other.get());
    }

    private interface Check {
        Verification run() throws CheckpointException;
    }

    /** One side that can't be had leaves the other one its result. */
    private static Outcome outcome(Check check) throws CheckpointException {
        try {
            return Outcome.of(check.run());
        } catch (CheckpointException e) {
            if (e.code() == Code.CANCELLED) { throw e; }
            return Outcome.of(e.problem());
        }
    }

}
