package weft.ui.lesson;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import javafx.beans.property.BooleanProperty;
import javafx.beans.property.IntegerProperty;
import javafx.beans.property.ReadOnlyBooleanProperty;
import javafx.beans.property.ReadOnlyBooleanWrapper;
import javafx.beans.property.ReadOnlyIntegerProperty;
import javafx.beans.property.ReadOnlyIntegerWrapper;
import javafx.beans.property.ReadOnlyObjectProperty;
import javafx.beans.property.ReadOnlyObjectWrapper;
import javafx.beans.property.SimpleBooleanProperty;
import javafx.beans.property.SimpleIntegerProperty;

import org.jspecify.annotations.Nullable;

import weft.infer.Sampling;
import weft.io.Code;
import weft.io.Problem;
import weft.lesson.Checks;
import weft.lesson.Course;
import weft.lesson.Finding;
import weft.lesson.Lesson;
import weft.lesson.Table;
import weft.plan.Plan;
import weft.plan.Row;
import weft.rule.RuleSet;
import weft.ui.model.Session;
import weft.ui.state.LessonProgress;
import weft.ui.state.LessonProgress.Done;
import weft.work.Bookmark;
import weft.work.Workspace;

/**
 * A lesson on its way: guess, try, explain, take home. What is tried is done in the window's own session, so the check
 * looks at what the person did and nothing else. It needs no stage.
 */
public final class LessonModel {
    /** The four steps, in their order. */
    public enum Step {
        GUESS, TRY, EXPLAIN, TAKE_HOME
    }

    /** The choice of somebody who would rather look first. */
    public static final int UNSURE = -1;
    /** How many tokens the large view lets the model say. */
    private static final int TOKENS = 48;

    /** What the check found. */
    public record Verdict(List<Finding> findings) {
        public Verdict {
            findings = List.copyOf(findings);
        }

        public boolean passed() {
            return findings.stream().allMatch(Finding::passed);
        }
    }

    /**
     * What the model says with the rules there are.
     *
     * @param loss nat/token on {@code lossText}; NaN while nobody knows
     * @param problem why it says nothing, or {@code null}
     */
    public record Said(boolean running, String prompt, String text, double loss, String lossText,
            @Nullable Problem problem) {
        static final Said NOTHING = new Said(false, "", "", Double.NaN, "", null);
    }

    private final Session session;
    private final LessonProgress progress;
    private final ReadOnlyObjectWrapper<@Nullable Course> course = new ReadOnlyObjectWrapper<>();
    private final ReadOnlyObjectWrapper<@Nullable Lesson> lesson = new ReadOnlyObjectWrapper<>();
    private final ReadOnlyObjectWrapper<Step> step = new ReadOnlyObjectWrapper<>(Step.GUESS);
    private final ReadOnlyIntegerWrapper choice = new ReadOnlyIntegerWrapper();
    private final ReadOnlyIntegerWrapper hints = new ReadOnlyIntegerWrapper();
    private final ReadOnlyIntegerWrapper hintShown = new ReadOnlyIntegerWrapper();
    private final ReadOnlyObjectWrapper<@Nullable Verdict> verdict = new ReadOnlyObjectWrapper<>();
    private final ReadOnlyObjectWrapper<Said> said = new ReadOnlyObjectWrapper<>(Said.NOTHING);
    private final BooleanProperty presenter = new SimpleBooleanProperty();
    private final BooleanProperty folded = new SimpleBooleanProperty();
    private final IntegerProperty row = new SimpleIntegerProperty();
    private final ReadOnlyBooleanWrapper reading = new ReadOnlyBooleanWrapper();
    private @Nullable Bookmark before;
    private @Nullable String toSelect;
    /** Pictures that were taken home. */
    private final Set<String> saved = new HashSet<>();
    /** The course the lesson is of: another one may be looked at meanwhile. */
    private @Nullable Course begunFrom;
    /** What stood there when the lesson's file was asked for: several lessons open the same file. */
    private @Nullable Workspace stale;

    public LessonModel(Session session, LessonProgress progress) {
        this.session = session;
        this.progress = progress;
        session.workspace().addListener((_, old, now) -> changed(old, now));
        // The table is laid out after the workspace changed: only then a row can be selected.
        session.lines().addListener((_, _, lines) -> {
            var name = toSelect;
            if (name != null && !lines.isEmpty() && session.plan().isPresent() && isOurs(session.workspace().get())) {
                toSelect = null;
                session.reveal(name);
            }
        });
        presenter.addListener((_, _, _) -> say());
        session.tasks().whenStopped(() -> {
            reading.set(false);
            var now = said.get();
            if (now.running()) {
                said.set(new Said(false, now.prompt(), now.text(), now.loss(), now.lossText(), null));
            }
        });
    }

    private void changed(@Nullable Workspace old, @Nullable Workspace now) {
        if (!isActive()) { return; }
        session.tasks().cancel("lesson-check"); // what it looks at is no longer there
        verdict.set(null);
        if (old != null && (now == null || isOurs(old) && !isOurs(now))) {
            end(); // another file was opened, or this one closed: the lesson is over
            return;
        }
        say();
    }

    private boolean isOurs(@Nullable Workspace workspace) {
        var current = lesson.get();
        return workspace != null && workspace != stale && current != null
                && workspace.source().path().equals(current.open().source());
    }

    // ---------------------------------------------------------------- what is shown

    /** The lessons of the folder that was opened last; {@code null} before one was. */
    public ReadOnlyObjectProperty<@Nullable Course> course() {
        return course.getReadOnlyProperty();
    }

    public ReadOnlyObjectProperty<@Nullable Lesson> lesson() {
        return lesson.getReadOnlyProperty();
    }

    public boolean isActive() {
        return lesson.get() != null;
    }

    public ReadOnlyObjectProperty<Step> step() {
        return step.getReadOnlyProperty();
    }

    /** Counted from 1; 0 for none yet, {@link #UNSURE} for <em>I don't know yet</em>. */
    public ReadOnlyIntegerProperty choice() {
        return choice.getReadOnlyProperty();
    }

    /** How many hints were asked for. */
    public ReadOnlyIntegerProperty hints() {
        return hints.getReadOnlyProperty();
    }

    /** The one of them that is shown, counted from 1; 0 for none. */
    public ReadOnlyIntegerProperty hintShown() {
        return hintShown.getReadOnlyProperty();
    }

    /** Shows a hint that was asked for before, or a later one of them. */
    public void otherHint(int by) {
        if (hints.get() > 0) {
            hintShown.set(Math.clamp(hintShown.get() + by, 1, hints.get()));
        }
    }

    /** {@code null} as long as nobody asked since the last change. */
    public ReadOnlyObjectProperty<@Nullable Verdict> verdict() {
        return verdict.getReadOnlyProperty();
    }

    /** What the model says in the large view. */
    public ReadOnlyObjectProperty<Said> said() {
        return said.getReadOnlyProperty();
    }

    /** Large type and only what is needed. */
    public BooleanProperty presenter() {
        return presenter;
    }

    /** Whether the lesson is folded away to a line above the window, so that the window has its width to itself. */
    public BooleanProperty folded() {
        return folded;
    }

    /** Whether there is a window beside the lesson: what is asked first and the picture at the end stand in its place. */
    public boolean isBesideWindow() {
        return isActive() && !presenter.get() && (step.get() == Step.TRY || step.get() == Step.EXPLAIN);
    }

    /** The row of the large table the keys are at. */
    public IntegerProperty row() {
        return row;
    }

    public LessonProgress progress() {
        return progress;
    }

    /** The lesson's number in its course, from 1. */
    public int number() {
        var all = begunFrom;
        var current = lesson.get();
        return all == null || current == null ? 1 : all.lessons().indexOf(current) + 1;
    }

    public int lessons() {
        var all = begunFrom;
        return all == null ? 1 : all.lessons().size();
    }

    public Lesson.Words words(Lesson of) {
        return of.in(session.texts().get().isChinese());
    }

    // ---------------------------------------------------------------- from lesson to lesson

    /** The lessons that ship with Weft, if none was opened; false if they aren't there. */
    public boolean openShipped() {
        if (course.get() != null) { return true; }
        var place = Course.shipped();
        place.ifPresent(this::openCourse);
        return place.isPresent();
    }

    /** Goes back to the lessons that ship with Weft. */
    public void backToShipped() {
        Course.shipped().ifPresent(this::openCourse);
    }

    /** Opens a teacher's folder of lessons, or one lesson's. What is wrong with some doesn't keep the others back. */
    public void openCourse(Path folder) {
        reading.set(true);
        session.tasks().run("lessons", "busy.lessons", _ -> Course.open(folder), found -> {
            reading.set(false);
            course.set(found);
        }, problem -> {
            reading.set(false);
            session.tell(problem);
        });
    }

    /** Whether a folder of lessons is being read. */
    public ReadOnlyBooleanProperty reading() {
        return reading.getReadOnlyProperty();
    }

    /** Begins a lesson: what is open is put aside, and comes back when the lesson is left. */
    public void start(Lesson other) {
        var open = session.workspace().get();
        if (!isActive()) {
            before = open == null ? null : Bookmark.of(open);
        }
        var all = course.get();
        if (all != null && all.lessons().contains(other)) {
            begunFrom = all;
        }
        choice.set(0);
        hints.set(0);
        hintShown.set(0);
        verdict.set(null);
        row.set(0);
        said.set(Said.NOTHING);
        folded.set(false);
        step.set(Step.GUESS);
        lesson.set(other);
        reopen(other);
    }

    private void reopen(Lesson which) {
        stale = session.workspace().get();
        toSelect = which.stage().select();
        session.forgetWaitingRules();
        session.open(which.open().source(), which.open().target(), which.open().rules());
    }

    /** Folds the lesson away, or back. */
    public void fold() {
        if (isBesideWindow()) {
            folded.set(!folded.get());
        }
    }

    /** Puts the lesson's table back as it was. */
    public void again() {
        var current = lesson.get();
        if (current != null) {
            verdict.set(null);
            reopen(current);
        }
    }

    /** The next lesson of the course, if there is one. */
    public boolean hasNext() {
        return number() < lessons();
    }

    public void nextLesson() {
        var all = begunFrom;
        if (all != null && hasNext()) {
            start(all.lessons().get(number()));
        }
    }

    /** Ends the lesson and goes back to what was open before. */
    public void leave() {
        if (!isActive()) { return; }
        var old = before;
        end();
        if (old == null) {
            session.close();
        } else {
            session.open(old);
        }
    }

    private void end() {
        before = null;
        stale = null;
        toSelect = null;
        session.tasks().cancel("lesson-check");
        session.tasks().cancel("lesson-text");
        lesson.set(null);
        presenter.set(false);
    }

    // ---------------------------------------------------------------- from step to step

    /** Chooses an answer, counted from 1, or {@link #UNSURE}. Nothing is marked. */
    public void choose(int answer) {
        var current = lesson.get();
        if (current == null || answer > words(current).choices().size()) { return; }
        choice.set(answer);
        verdict.set(null);
        progress.put(current.id(), new Done(Math.max(0, answer), progress.of(current.id()).passed()));
    }

    /** Whether there is a next step: nobody looks before answering. */
    public boolean canGoOn() {
        return isActive() && step.get() != Step.TAKE_HOME && (step.get() != Step.GUESS || choice.get() != 0);
    }

    public void next() {
        if (canGoOn()) {
            folded.set(false); // what comes is to be read
            step.set(Step.values()[step.get().ordinal() + 1]);
        }
    }

    public void previous() {
        if (isActive() && step.get() != Step.GUESS) {
            folded.set(false);
            step.set(Step.values()[step.get().ordinal() - 1]);
        }
    }

    /** Shows one hint more. */
    public void hint() {
        var current = lesson.get();
        if (current != null && step.get() == Step.TRY) {
            folded.set(false);
            hints.set(Math.min(hints.get() + 1, words(current).hints().size()));
            hintShown.set(hints.get());
        }
    }

    /** Asks whether the task is done. */
    public void check() {
        var current = lesson.get();
        if (current == null || step.get() != Step.TRY) { return; }
        var standing = new Checks.Standing(isOurs(session.workspace().get()) ? session.workspace().get() : null,
                Math.max(0, choice.get()));
        session.tasks().run("lesson-check", "busy.lesson", p -> Checks.of(current, standing, p), found -> {
            var now = new Verdict(found);
            folded.set(false);
            verdict.set(now);
            if (now.passed()) {
                progress.put(current.id(), new Done(Math.max(0, choice.get()), true));
            }
        }, session::tell);
    }

    // ---------------------------------------------------------------- the large table

    /** The rows a class looks at, in the lesson's order. */
    public List<Row> rows() {
        var current = lesson.get();
        var plan = session.plan().orElse(null);
        if (current == null || plan == null || !isOurs(session.workspace().get())) { return List.of(); }
        return Table.rows(current, plan);
    }

    /** Tries the next way to make a row: as it was, as Weft suggests, as the lesson offers. */
    public void turn(Row which) {
        var current = lesson.get();
        var workspace = session.workspace().get();
        if (current == null || workspace == null) { return; }
        var given = which.rule() != null && session.accepted().contains(which.rule()) ? which.rule() : null;
        var ways = Table.ways(current, workspace, which);
        int at = ways.indexOf(given);
        var next = ways.isEmpty() ? null : ways.get((at + 1) % ways.size());
        if (Objects.equals(next, given)) { return; }
        if (given == null) {
            session.accept(Objects.requireNonNull(next));
        } else if (next == null) {
            session.dropRule(given);
        } else {
            session.replaceRule(given, next);
        }
    }

    /** Lets the model speak, where the large view shows what it says. */
    private void say() {
        var current = lesson.get();
        var workspace = session.workspace().get();
        var prompt = current == null ? null : current.stage().prompt();
        session.tasks().cancel("lesson-text");
        if (!presenter.get() || prompt == null || workspace == null || !isOurs(workspace)) {
            said.set(Said.NOTHING);
            return;
        }
        said.set(new Said(true, prompt, said.get().text(), said.get().loss(), said.get().lossText(), null));
        session.tasks().run("lesson-text", "busy.preview", p -> {
            var running = workspace.run(null);
            var text = running.generate(prompt, TOKENS, Sampling.GREEDY, false, _ -> {
            }, p).text();
            var fixed = workspace.fixedText(null);
            return new Said(false, prompt, text, running.loss(fixed.text(), p).mean(), fixed.name(), null);
        }, said::set, problem -> said.set(new Said(false, prompt, "", Double.NaN, "", problem)));
    }

    // ---------------------------------------------------------------- to take home

    /** The plan whose picture is taken home: as the person made it once the check has passed, else as Weft suggests. */
    Plan pictured() {
        var workspace = session.workspace().get();
        if (workspace == null) { throw new IllegalStateException("nothing is open"); }
        var plan = workspace.plan();
        var current = lesson.get();
        boolean passed = verdict.get() instanceof Verdict v && v.passed();
        if (!passed && current != null) {
            var suggested = workspace.withRules(RuleSet.EMPTY).plan();
            if (suggested.flatMap(p -> p.row(current.picture())).map(Row::producer).isPresent()) { plan = suggested; }
        }
        return plan.orElseThrow(() -> new IllegalStateException(Code.UNKNOWN_TARGET.id()));
    }

    /** The rows one rule makes together with the lesson's pictured one; empty if there is no such row. */
    List<Row> picturedRows(Plan plan) {
        var current = lesson.get();
        var one = current == null ? null : plan.row(current.picture()).orElse(null);
        if (one == null) { return List.of(); }
        return one.rule() == null
                ? List.of(one)
                : plan.rows().stream().filter(r -> one.rule().equals(r.rule()) && r.sources().equals(one.sources()))
                        .toList();
    }

    /** Whether a file that was written is a picture of a lesson. */
    boolean isSaved(String file) {
        return saved.contains(file);
    }

    /** Writes a picture where the person said. */
    public void save(Path file, byte[] content) {
        saved.add(file.toString());
        session.write(file, true, _ -> content); // whoever chose the place was asked there
    }
}
