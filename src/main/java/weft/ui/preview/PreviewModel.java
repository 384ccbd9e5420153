package weft.ui.preview;

import java.lang.ref.SoftReference;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javafx.beans.property.BooleanProperty;
import javafx.beans.property.DoubleProperty;
import javafx.beans.property.IntegerProperty;
import javafx.beans.property.LongProperty;
import javafx.beans.property.ReadOnlyBooleanProperty;
import javafx.beans.property.ReadOnlyBooleanWrapper;
import javafx.beans.property.ReadOnlyObjectProperty;
import javafx.beans.property.ReadOnlyObjectWrapper;
import javafx.beans.property.SimpleBooleanProperty;
import javafx.beans.property.SimpleDoubleProperty;
import javafx.beans.property.SimpleIntegerProperty;
import javafx.beans.property.SimpleLongProperty;
import javafx.beans.property.SimpleStringProperty;
import javafx.beans.property.StringProperty;

import org.jspecify.annotations.Nullable;

import weft.arch.TargetSpec;
import weft.infer.Sampling;
import weft.io.CheckpointException;
import weft.io.Problem;
import weft.io.Progress;
import weft.rule.RuleSet;
import weft.ui.model.Session;
import weft.ui.model.Tasks;
import weft.work.ModelFacts;
import weft.work.NextTokens;
import weft.work.Running;
import weft.work.TokenText;
import weft.work.Workspace;

/**
 * The same prompt before and after the rules, or in another checkpoint and in this one: text as it comes, the likeliest
 * next tokens, the loss on a fixed text, since text alone can look right when it isn't.
 */
public final class PreviewModel {
    /** How far a side has come. */
    public enum State {
        IDLE, RUNNING, DONE,
        /** The framework, or Weft, would not run this. */
        REFUSED
    }

    /** Which side: what there was, or what the rules make. */
    public enum Which {
        BEFORE, AFTER
    }

    /**
     * What one side shows.
     *
     * @param text generated so far
     * @param said prompt and generated text as tokens; empty until it has ended
     * @param next the likeliest tokens after the prompt
     * @param bits how unsure the model is there; NaN while nobody knows
     * @param loss nat/token on {@code lossText}; NaN while nobody knows
     * @param rate tokens a second, or 0
     * @param problem why Weft can't run it, or {@code null}
     * @param refusal what the framework would say, line by line; empty if it says nothing
     */
    public record Side(State state, String prompt, String text, int tokens, TokenText said,
            List<Running.Candidate> next, double bits, double loss, String lossText, double rate,
            @Nullable Problem problem, List<String> refusal) {
        static final Side EMPTY = new Side(State.IDLE, "", "", 0, TokenText.EMPTY, List.of(), Double.NaN, Double.NaN,
                "", 0, null, List.of());

        static Side running(String prompt) {
            return new Side(State.RUNNING, prompt, "", 0, TokenText.EMPTY, List.of(), Double.NaN, Double.NaN, "", 0,
                    null, List.of());
        }

        static Side refused(String prompt, List<String> lines) {
            return new Side(State.REFUSED, prompt, "", 0, TokenText.EMPTY, List.of(), Double.NaN, Double.NaN, "", 0,
                    null, lines);
        }

        Side with(State other) {
            return new Side(other, prompt, text, tokens, said, next, bits, loss, lossText, rate, problem, refusal);
        }

        Side more(String piece) {
            return new Side(state, prompt, text + piece, tokens + 1, said, next, bits, loss, lossText, rate, problem,
                    refusal);
        }

        Side next(NextTokens found) {
            return new Side(state, prompt, text, tokens, said, found.likeliest(), found.bits(), loss, lossText, rate,
                    problem, refusal);
        }

        Side loss(double value, String name) {
            return new Side(state, prompt, text, tokens, said, next, bits, value, name, rate, problem, refusal);
        }

        Side said(TokenText all) {
            return new Side(state, prompt, text, tokens, all, next, bits, loss, lossText, rate, problem, refusal);
        }

        Side done(String all, int count, TokenText split, double perSecond) {
            return new Side(State.DONE, prompt, all, count, split, next, bits, loss, lossText, perSecond, problem,
                    refusal);
        }

        Side failed(Problem why) {
            return new Side(State.REFUSED, prompt, text, tokens, said, next, bits, loss, lossText, rate, why, refusal);
        }
    }

    /** How a side's model comes about. */
    public interface Loader {
        Running load(Progress progress) throws CheckpointException;
    }

    private static final String TOKENS = "preview-tokens";
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
    private final ReadOnlyObjectWrapper<@Nullable Path> other = new ReadOnlyObjectWrapper<>();
    private final ReadOnlyObjectWrapper<@Nullable Path> lossFile = new ReadOnlyObjectWrapper<>();
    private final ReadOnlyObjectWrapper<ModelFacts.@Nullable Tokens> tokens = new ReadOnlyObjectWrapper<>();
    private final ReadOnlyBooleanWrapper measuring = new ReadOnlyBooleanWrapper();
    private final Map<String, Object> otherNumbers = new LinkedHashMap<>();
    private final Column before = new Column("before");
    private final Column after = new Column("after");
    private @Nullable Path tokenizer;
    private @Nullable Path otherTokenizer;
    /** Whether the next change of what is open is to be seen at once. */
    private boolean again;

    public PreviewModel(Session session) {
        this.session = session;
        session.tasks().whenStopped(this::stop);
        // other rules, other text: what was shown is no longer true
        session.workspace().addListener((_, old, now) -> {
            clear();
            if (old == null || now == null || !old.source().path().equals(now.source().path())) {
                tokenizer = null;
            }
            if (now == null) {
                other.set(null);
                otherTokenizer = null;
                otherNumbers.clear();
                lossFile.set(null);
            }
            if (now != null && again) {
                again = false;
                run();
            }
        });
    }

    /**
     * A side's model as long as there is memory for it. Work that began before the side forgot its model still fills the
     * one it was given, which nobody asks any more.
     */
    private static final class Kept {
        private volatile SoftReference<Running> model = new SoftReference<>(null);

        Running running(Loader how, Progress progress) throws CheckpointException {
            var there = model.get();
            if (there != null) { return there; }
            var made = how.load(progress);
            model = new SoftReference<>(made);
            return made;
        }
    }

    /** One side: what it shows, and its model. */
    private final class Column {
        private final ReadOnlyObjectWrapper<Side> side = new ReadOnlyObjectWrapper<>(Side.EMPTY);
        private final ReadOnlyObjectWrapper<@Nullable ModelFacts> facts = new ReadOnlyObjectWrapper<>();
        private final String lane;
        private @Nullable Loader loader;
        private Kept kept = new Kept();

        Column(String name) {
            lane = "preview-" + name;
        }

        void set(Side other) {
            side.set(other);
        }

        void forget() {
            session.tasks().cancel(lane);
            session.tasks().cancel(lane + "-loss");
            session.tasks().cancel(lane + "-split");
            session.tasks().cancel(TOKENS);
            kept = new Kept();
            loader = null;
            facts.set(null);
            tokens.set(null);
            set(Side.EMPTY);
        }
    }

    private void clear() {
        before.forget();
        after.forget();
        measured();
    }

    private Column column(Which which) {
        return which == Which.BEFORE ? before : after;
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
        return before.side.getReadOnlyProperty();
    }

    public ReadOnlyObjectProperty<Side> after() {
        return after.side.getReadOnlyProperty();
    }

    public Side side(Which which) {
        return column(which).side.get();
    }

    /** The checkpoint that stands in the place of <em>before</em>; {@code null} if none does. */
    public ReadOnlyObjectProperty<@Nullable Path> other() {
        return other.getReadOnlyProperty();
    }

    /** The text somebody gave to measure the loss on; {@code null} for the one beside the checkpoint or the built-in one. */
    public ReadOnlyObjectProperty<@Nullable Path> lossFile() {
        return lossFile.getReadOnlyProperty();
    }

    public boolean isRunning() {
        return side(Which.BEFORE).state() == State.RUNNING || side(Which.AFTER).state() == State.RUNNING;
    }

    public void stop() {
        for (var which : Which.values()) {
            var column = column(which);
            session.tasks().cancel(column.lane);
            var now = side(which);
            if (now.state() == State.RUNNING) {
                column.set(now.with(State.DONE));
                split(column);
            }
        }
        measured();
    }

    /** A text that was cut short is taken apart into its tokens as well. */
    private void split(Column column) {
        var running = column.kept.model.get();
        var now = column.side.get();
        if (running == null || now.text().isEmpty()) { return; }
        session.tasks().run(column.lane + "-split", "busy.preview",
                _ -> TokenText.of(running, running.prompt(now.prompt() + now.text())),
                said -> column.set(column.side.get().said(said)), _ -> {
                });
    }

    /** What a side's model is; {@code null} until it runs. */
    public ReadOnlyObjectProperty<@Nullable ModelFacts> facts(Which which) {
        return column(which).facts.getReadOnlyProperty();
    }

    /** How this model and the other checkpoint cut the text losses are measured on; {@code null} until both run. */
    public ReadOnlyObjectProperty<ModelFacts.@Nullable Tokens> tokens() {
        return tokens.getReadOnlyProperty();
    }

    /** Shows another checkpoint beside this one; {@code null} goes back to before and after. */
    public void beside(@Nullable Path checkpoint) {
        before.forget();
        after.forget();
        other.set(checkpoint);
        otherNumbers.clear();
        otherTokenizer = null;
        run();
    }

    /** Sets a number nobody said of a side's model, and runs it with that. */
    public void number(Which which, String word, String value) {
        if (which == Which.BEFORE && other.get() != null) {
            otherNumbers.put(word, TargetSpec.value(value.strip()));
            before.forget();
            run();
        } else {
            again = true;
            session.setNumber(word, value);
        }
    }

    /** Takes the tokenizer of a folder where none lies beside the weights of a side's model, and runs it with that. */
    public void tokenizer(Which which, Path folder) {
        if (which == Which.BEFORE && other.get() != null) {
            otherTokenizer = folder;
            before.forget();
        } else {
            tokenizer = folder;
            clear();
        }
        run();
    }

    /** Measures the loss of both sides on a file's text; {@code null} goes back to the fixed one. */
    public void measure(@Nullable Path text) {
        lossFile.set(text);
        compareTokens();
        boolean any = false;
        for (var which : Which.values()) {
            any |= measure(column(which));
        }
        if (!any) {
            run();
        }
    }

    private boolean measure(Column column) {
        var how = column.loader;
        var workspace = session.workspace().get();
        if (how == null || workspace == null || column.side.get().state() != State.DONE) { return false; }
        var file = lossFile.get();
        var kept = column.kept;
        column.set(column.side.get().loss(Double.NaN, ""));
        session.tasks().run(column.lane + "-loss", "busy.loss", p -> {
            var fixed = workspace.fixedText(file);
            return new Measured(kept.running(how, p).loss(fixed.text(), p).mean(), fixed.name());
        }, found -> {
            measured();
            column.set(column.side.get().loss(found.loss(), found.name()));
        }, problem -> {
            measured();
            lossFile.set(null);
            session.tell(problem);
        });
        measured();
        return true;
    }

    private void measured() {
        measuring.set(isMeasuring(Which.BEFORE) || isMeasuring(Which.AFTER));
    }

    /** Whether the loss of some side is being measured on another text. */
    public ReadOnlyBooleanProperty measuring() {
        return measuring.getReadOnlyProperty();
    }

    public boolean isMeasuring(Which which) {
        return session.tasks().isRunning(column(which).lane + "-loss");
    }

    /** A loss and what it was measured on. */
    private record Measured(double loss, String name) {
    }

    /** The same seed and settings for both sides. */
    public void run() {
        var workspace = session.workspace().get();
        if (workspace == null) { return; }
        var beside = other.get();
        var mine = tokenizer;
        var theirs = otherTokenizer;
        if (beside != null) {
            var numbers = Map.copyOf(otherNumbers);
            // rules that lead nowhere yet are no part of a comparison of two checkpoints
            run(after, _ -> (isReady(workspace) ? workspace : workspace.withRules(RuleSet.EMPTY).withItselfAsTarget())
                    .run(mine));
            run(before, p -> Workspace.open(beside, numbers, p).run(theirs));
            return;
        }
        run(after, _ -> workspace.run(mine));
        if (workspace.plan().isEmpty()) {
            before.forget();
            return;
        }
        Loader force = _ -> workspace.runForced(mine);
        if (forced.get()) {
            run(before, force);
            return;
        }
        try {
            var told = workspace.before();
            if (told.refuses()) {
                before.forget();
                before.set(Side.refused(prompt.get(), told.lines(NAMES)));
            } else {
                // nothing to complain about: the framework loads the file as it is, right or wrong
                run(before, force);
            }
        } catch (CheckpointException e) {
            before.forget();
            before.set(Side.EMPTY.failed(e.problem()));
        }
    }

    /** Whether what the rules make is a whole model; without a target the checkpoint is one. */
    private static boolean isReady(Workspace workspace) {
        return workspace.plan().map(p -> p.isComplete()).orElse(true);
    }

    /** Whether this one is seen beside another without the rules, because they aren't complete. */
    boolean isBare() {
        var workspace = session.workspace().get();
        return other.get() != null && workspace != null && !isReady(workspace);
    }

    /** Goes on from another text. */
    public void runFrom(String text) {
        prompt.set(text);
        run();
    }

    /** Whether <em>before</em> reads the bytes in the target's shapes although the framework would refuse. */
    public BooleanProperty forced() {
        return forced;
    }

    private Sampling sampling() {
        double heat = temperature.get();
        return heat <= 0 ? Sampling.GREEDY : new Sampling(heat, Math.max(0, topK.get()), 1, 1, seed.get());
    }

    private void run(Column column, Loader how) {
        var workspace = session.workspace().get();
        if (workspace == null) { return; }
        var text = prompt.get();
        var sampling = sampling();
        int most = Math.clamp(count.get(), 1, 4096);
        var file = lossFile.get();
        column.loader = how;
        var kept = column.kept;
        session.tasks().cancel(column.lane + "-loss");
        measured();
        column.set(Side.running(text));
        var tasks = session.tasks();
        tasks.run(column.lane, "busy.preview", progress -> {
            var running = kept.running(how, progress);
            var facts = ModelFacts.of(running);
            tasks.tell(progress, () -> {
                column.facts.set(facts);
                compareTokens();
            });
            var next = NextTokens.of(running, running.checked(text, most), CANDIDATES);
            tasks.tell(progress, () -> column.set(column.side.get().next(next)));
            var fixed = workspace.fixedText(file);
            var loss = running.loss(fixed.text(), quiet(progress));
            tasks.tell(progress, () -> column.set(column.side.get().loss(loss.mean(), fixed.name())));
            var made = running.generate(text, most, sampling, false,
                    piece -> tasks.tell(progress, () -> column.set(column.side.get().more(piece))), progress);
            var ids = IntStream.concat(IntStream.of(made.promptIds()), IntStream.of(made.result().ids())).toArray();
            return new Made(made, TokenText.of(running, ids));
        }, made -> column.set(column.side.get().done(made.said().text(), made.said().result().ids().length,
                made.split(), made.said().tokensPerSecond())),
                problem -> column.set(column.side.get().failed(problem)));
    }

    private void compareTokens() {
        var mine = after.facts.get();
        var theirs = before.facts.get();
        var workspace = session.workspace().get();
        if (other.get() == null || mine == null || theirs == null || workspace == null) { return; }
        var file = lossFile.get();
        session.tasks().run(TOKENS, "busy.preview", _ -> mine.tokens(theirs, workspace.fixedText(file).text()),
                found -> tokens.set(found.orElse(null)), _ -> tokens.set(null));
    }

    /** A continuation and its tokens. */
    private record Made(Running.Continuation said, TokenText split) {
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

    /** What a side runs, loaded again if it had to make room; {@code null} if it has none. */
    @Nullable
    Loader runner(Which which) {
        var column = column(which);
        var how = column.loader;
        var kept = column.kept;
        return how == null ? null : p -> kept.running(how, p);
    }

    /** For tests and faces: what runs. */
    public Tasks tasks() {
        return session.tasks();
    }

    /** What both sides show. */
    Stream<Side> sides() {
        return Stream.of(Which.values()).map(this::side);
    }
}
