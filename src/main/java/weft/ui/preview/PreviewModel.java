package weft.ui.preview;

import java.util.ArrayList;
import java.util.List;
import javafx.beans.property.BooleanProperty;
import javafx.beans.property.DoubleProperty;
import javafx.beans.property.IntegerProperty;
import javafx.beans.property.LongProperty;
import javafx.beans.property.ReadOnlyObjectProperty;
import javafx.beans.property.ReadOnlyObjectWrapper;
import javafx.beans.property.SimpleBooleanProperty;
import javafx.beans.property.SimpleDoubleProperty;
import javafx.beans.property.SimpleIntegerProperty;
import javafx.beans.property.SimpleLongProperty;
import javafx.beans.property.SimpleStringProperty;
import javafx.beans.property.StringProperty;

import org.jspecify.annotations.Nullable;

import weft.infer.Sampling;
import weft.io.CheckpointException;
import weft.io.Problem;
import weft.io.Progress;
import weft.ui.model.Session;
import weft.ui.model.Tasks;
import weft.work.Running;

/**
 * The same prompt before and after the rules: text as it comes, the likeliest next tokens, the loss on a fixed text,
 * since text alone can look right when it isn't.
 */
public final class PreviewModel {
    /** How far a side has come. */
    public enum State {
        IDLE, RUNNING, DONE,
        /** The framework, or Weft, would not run this. */
        REFUSED
    }

    /**
     * What one side shows.
     *
     * @param text generated so far
     * @param next the likeliest tokens after the prompt
     * @param loss nat/token on {@code lossText}; NaN while nobody knows
     * @param rate tokens a second, or 0
     * @param problem why Weft can't run it, or {@code null}
     * @param refusal what the framework would say, line by line; empty if it says nothing
     */
    public record Side(State state, String prompt, String text, int tokens, List<Running.Candidate> next, double loss,
            String lossText, double rate, @Nullable Problem problem, List<String> refusal) {
        static final Side EMPTY = new Side(State.IDLE, "", "", 0, List.of(), Double.NaN, "", 0, null, List.of());

        static Side running(String prompt) {
            return new Side(State.RUNNING, prompt, "", 0, List.of(), Double.NaN, "", 0, null, List.of());
        }

        static Side refused(String prompt, List<String> lines) {
            return new Side(State.REFUSED, prompt, "", 0, List.of(), Double.NaN, "", 0, null, lines);
        }

        Side with(State other) {
            return new Side(other, prompt, text, tokens, next, loss, lossText, rate, problem, refusal);
        }

        Side more(String piece) {
            return new Side(state, prompt, text + piece, tokens + 1, next, loss, lossText, rate, problem, refusal);
        }

        Side next(List<Running.Candidate> candidates) {
            return new Side(state, prompt, text, tokens, candidates, loss, lossText, rate, problem, refusal);
        }

        Side loss(double value, String name) {
            return new Side(state, prompt, text, tokens, next, value, name, rate, problem, refusal);
        }

        Side done(String all, int count, double perSecond) {
            return new Side(State.DONE, prompt, all, count, next, loss, lossText, perSecond, problem, refusal);
        }

        Side failed(Problem why) {
            return new Side(State.REFUSED, prompt, text, tokens, next, loss, lossText, rate, why, refusal);
        }
    }

    /** How a side's model comes about. */
    public interface Loader {
        Running load() throws CheckpointException;
    }

    private static final int CANDIDATES = 5;
    /** How many names of each kind a refusal shows. */
    private static final int NAMES = 3;
    private final Session session;
    private final StringProperty prompt = new SimpleStringProperty("Every effort moves you");
    private final LongProperty seed = new SimpleLongProperty(123);
    private final DoubleProperty temperature = new SimpleDoubleProperty(0.8);
    private final IntegerProperty topK = new SimpleIntegerProperty(40);
    private final IntegerProperty count = new SimpleIntegerProperty(64);
    private final BooleanProperty forced = new SimpleBooleanProperty();
    private final ReadOnlyObjectWrapper<Side> before = new ReadOnlyObjectWrapper<>(Side.EMPTY);
    private final ReadOnlyObjectWrapper<Side> after = new ReadOnlyObjectWrapper<>(Side.EMPTY);

    public PreviewModel(Session session) {
        this.session = session;
        // other rules, other text: what was shown is no longer true
        session.workspace().addListener((_, _, _) -> clear());
    }

    private void clear() {
        session.tasks().cancel("preview-after");
        session.tasks().cancel("preview-before");
        before.set(Side.EMPTY);
        after.set(Side.EMPTY);
    }

    public StringProperty prompt() {
        return prompt;
    }

    public LongProperty seed() {
        return seed;
    }

    public DoubleProperty temperature() {
        return temperature;
    }

    public IntegerProperty topK() {
        return topK;
    }

    public IntegerProperty count() {
        return count;
    }

    public ReadOnlyObjectProperty<Side> before() {
        return before.getReadOnlyProperty();
    }

    public ReadOnlyObjectProperty<Side> after() {
        return after.getReadOnlyProperty();
    }

    public boolean isRunning() {
        return before.get().state() == State.RUNNING || after.get().state() == State.RUNNING;
    }

    public void stop() {
        session.tasks().cancel("preview-after");
        session.tasks().cancel("preview-before");
        for (var side : List.of(before, after)) {
            if (side.get().state() == State.RUNNING) {
                side.set(side.get().with(State.DONE));
            }
        }
    }

    /** The same seed and settings for both sides. */
    public void run() {
        var workspace = session.workspace().get();
        if (workspace == null) { return; }
        run("preview-after", after, () -> workspace.run(null));
        if (workspace.plan().isEmpty()) {
            before.set(Side.EMPTY);
            return;
        }
        if (forced.get()) {
            run("preview-before", before, () -> workspace.runForced(null));
            return;
        }
        try {
            var told = workspace.before();
            if (told.refuses()) {
                before.set(Side.refused(prompt.get(), told.lines(NAMES)));
            } else {
                // nothing to complain about: the framework loads the file as it is, right or wrong
                run("preview-before", before, () -> workspace.runForced(null));
            }
        } catch (CheckpointException e) {
            before.set(Side.EMPTY.failed(e.problem()));
        }
    }

    /** Whether <em>before</em> reads the bytes in the target's shapes although the framework would refuse. */
    public BooleanProperty forced() {
        return forced;
    }

    private Sampling sampling() {
        double heat = temperature.get();
        return heat <= 0 ? Sampling.GREEDY : new Sampling(heat, Math.max(0, topK.get()), 1, 1, seed.get());
    }

    private void run(String lane, ReadOnlyObjectWrapper<Side> side, Loader loader) {
        var workspace = session.workspace().get();
        if (workspace == null) { return; }
        var text = prompt.get();
        var how = sampling();
        int most = Math.clamp(count.get(), 1, 4096);
        side.set(Side.running(text));
        var tasks = session.tasks();
        tasks.run(lane, "busy.preview", progress -> {
            var running = loader.load();
            var next = running.next(running.encode(text), CANDIDATES);
            tasks.tell(progress, () -> side.set(side.get().next(next)));
            var fixed = workspace.fixedText(null);
            var loss = running.loss(fixed.text(), quiet(progress));
            tasks.tell(progress, () -> side.set(side.get().loss(loss.mean(), fixed.name())));
            var pieces = new ArrayList<String>();
            return running.generate(text, most, how, false, piece -> {
                pieces.add(piece);
                tasks.tell(progress, () -> side.set(side.get().more(piece)));
            }, progress);
        }, made -> side.set(side.get().done(made.text(), made.result().ids().length, made.tokensPerSecond())),
                problem -> side.set(side.get().failed(problem)));
    }

    /** Cancels like the other, but tells nothing. */
    private static Progress quiet(Progress other) {
        return new Progress() {
            @Override
            public boolean cancelled() {
                return other.cancelled();
            }
        };
    }

    /** For tests and faces: what runs. */
    public Tasks tasks() {
        return session.tasks();
    }
}
