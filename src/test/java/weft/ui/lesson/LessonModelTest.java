package weft.ui.lesson;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Stream;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

import weft.io.CheckpointException;
import weft.lesson.Course;
import weft.lesson.Finding;
import weft.lesson.Lesson;
import weft.rule.Rule;
import weft.ui.lesson.LessonModel.Step;
import weft.ui.model.Filter;
import weft.ui.model.Session;
import weft.ui.model.Tasks;
import weft.ui.state.LessonProgress;
import weft.ui.state.LessonProgress.Done;
import weft.ui.state.Store;
import weft.work.Bookmark;
import weft.work.Explain;
import weft.work.Numbers;
import weft.work.Workspace;

/** A lesson from its question to its picture, without a stage. */
class LessonModelTest {
    private static final Path SHIPPED = Path.of("src/samples/shipped/lessons");
    @TempDir
    Path folder;
    private final Session session = new Session(new Tasks(Runnable::run, Runnable::run), Locale.ENGLISH);
    private final LessonModel model = new LessonModel(session, new LessonProgress(Store.none()));

    private static Rule rule(String arrow) {
        return Workspace.read(arrow).rules().rules().getFirst();
    }

    private static Rule of(Session session, String parameter) {
        return Objects.requireNonNull(session.plan().orElseThrow().row(parameter).orElseThrow().rule());
    }

    private static Consumer<Session> dropAndAccept(String parameter) {
        return s -> {
            s.dropRule(of(s, parameter));
            s.accept(of(s, parameter));
        };
    }

    /** What a person does in each lesson's window. */
    private static final Map<String, Consumer<Session>> DONE = Map.of(
            "rows-or-columns", s -> s.accept(of(s, "transformer.h.0.attn.c_attn.weight")),
            "square", dropAndAccept("transformer.h.0.attn.c_proj.weight"),
            "three-in-one", s -> {
                var old = of(s, "trf_blocks.0.att.W_key.weight");
                s.replaceRule(old, rule(Workspace.text(old).replace("W_key", "W_x").replace("W_query", "W_key")
                        .replace("W_x", "W_query")));
            },
            "tied-head", dropAndAccept("out_head.weight"),
            "one-token-more",
            s -> s.addRule(rule("transformer.wte.weight : pad @0 to 1001 mean => transformer.wte.weight")),
            "reshape", s -> s.replaceRule(of(s, "transformer.h.0.attn.c_attn.weight"), rule(
                    "transformer.h.{i}.attn.c_attn.weight : rearrange \"a b -> b a\" => transformer.h.{i}.attn.c_attn.weight")),
            "another-framework", Session::acceptAll, "error-log", s -> {
                try {
                    s.addRules(Explain.of(SHIPPED.resolve("8-read-an-error-log/error.log")).orElseThrow().rules()
                            .rules());
                } catch (CheckpointException e) {
                    throw new IllegalStateException(e);
                }
            });

    private static List<Lesson> lessons() throws CheckpointException {
        var course = Course.open(SHIPPED);
        assertThat(course.problems()).isEmpty();
        return course.lessons();
    }

    private void begin(Lesson lesson) {
        model.start(lesson);
        assertThat(session.refusal().get()).isNull();
        assertThat(session.plan()).isPresent();
        model.choose(lesson.answer());
        model.next();
    }

    private List<Finding> check() {
        model.check();
        return Objects.requireNonNull(model.verdict().get()).findings();
    }

    @TestFactory
    Stream<DynamicTest> a_task_is_done_by_doing_it_and_not_before() throws CheckpointException {
        return lessons().stream().map(l -> DynamicTest.dynamicTest(l.id(), () -> {
            begin(l);
            assertThat(check()).as("before").anyMatch(f -> !f.passed());
            assertThat(model.progress().of(l.id())).isEqualTo(new Done(l.answer(), false));
            DONE.get(l.id()).accept(session);
            assertThat(model.verdict().get()).as("what changed is asked anew").isNull();
            assertThat(check()).as("after").allMatch(Finding::passed);
            assertThat(model.progress().of(l.id())).isEqualTo(new Done(l.answer(), true));
            session.undo();
            assertThat(check()).as("undone").anyMatch(f -> !f.passed());
        }));
    }

    /** The large table gets there too: some row's chip, pressed at most three times. */
    @TestFactory
    Stream<DynamicTest> the_large_table_can_do_every_task() throws CheckpointException {
        return lessons().stream().map(l -> DynamicTest.dynamicTest(l.id(), () -> {
            begin(l);
            assertThat(model.rows()).hasSizeBetween(2, 8);
            for (int i = 0; i < model.rows().size(); i++) {
                for (int press = 0; press < 3 && check().stream().anyMatch(f -> !f.passed()); press++) {
                    var before = session.rules();
                    model.turn(model.rows().get(i));
                    if (isWorse(before)) {
                        session.undo();
                    }
                }
            }
            assertThat(check()).allMatch(Finding::passed);
        }));
    }

    private boolean isWorse(weft.rule.RuleSet before) {
        return session.rules().rules().size() < before.rules().size();
    }

    private Finding bad(Finding.What what) {
        return check().stream().filter(f -> !f.passed() && f.what() == what).findFirst().orElseThrow();
    }

    /** What is there is said, so that somebody can go on from it: a row may be ready and still not what is asked for. */
    @Test
    void what_is_found_instead_is_said() throws Exception {
        begin(lessons().get(3));
        assertThat(bad(Finding.What.KIND).found()).isEqualTo("initialised");
        begin(lessons().get(4));
        assertThat(bad(Finding.What.NOT_RUNNING).name()).isEqualTo("transformer.wte.weight");
        session.addRule(rule("transformer.wte.weight : pad @0 to 1001 zero => transformer.wte.weight"));
        assertThat(bad(Finding.What.OPS).found()).isEqualTo("pad @0 to 1001 zero");
    }

    @Test
    void nobody_looks_before_answering() throws Exception {
        model.start(lessons().get(1));
        assertThat(model.canGoOn()).isFalse();
        model.next();
        assertThat(model.step().get()).isEqualTo(Step.GUESS);
        model.check();
        assertThat(model.verdict().get()).isNull();
        model.choose(LessonModel.UNSURE);
        model.next();
        assertThat(model.step().get()).isEqualTo(Step.TRY);
        model.previous();
        model.choose(99);
        assertThat(model.choice().get()).isEqualTo(LessonModel.UNSURE);
    }

    @Test
    void hints_come_one_at_a_time() throws Exception {
        model.start(lessons().get(1));
        model.hint();
        assertThat(model.hints().get()).isZero();
        model.choose(1);
        model.next();
        for (int i = 1; i <= 5; i++) {
            model.hint();
            assertThat(model.hints().get()).isEqualTo(Math.min(i, 3));
            assertThat(model.hintShown().get()).isEqualTo(Math.min(i, 3));
        }
        model.otherHint(-1);
        assertThat(model.hintShown().get()).as("the one before can be read again").isEqualTo(2);
        model.otherHint(-5);
        assertThat(model.hintShown().get()).isEqualTo(1);
        model.otherHint(9);
        assertThat(model.hintShown().get()).isEqualTo(3);
    }

    @Test
    void what_was_open_comes_back() throws Exception {
        var tiny = Path.of("src/test/resources/fixtures/gpt2-tiny/hf");
        session.open(tiny, "gpt2/scratch-split");
        session.acceptAll();
        var rules = session.rules();
        model.start(lessons().get(1));
        assertThat(session.workspace().get().source().path()).isNotEqualTo(tiny);
        model.nextLesson();
        model.leave();
        assertThat(session.workspace().get().source().path()).isEqualTo(tiny.toAbsolutePath());
        assertThat(session.workspace().get().targetText()).isEqualTo("gpt2/scratch-split");
        assertThat(session.rules().rules()).isEqualTo(rules.rules());
        assertThat(model.isActive()).isFalse();
    }

    @Test
    void numbers_a_person_had_set_come_back_too() throws Exception {
        session.open(new Bookmark(Path.of("src/test/resources/fixtures/gpt2-tiny/hf"), Map.of("n_head", 2L), null,
                "gpt2/scratch-split", false, ""));
        var before = Numbers.of(session.workspace().get());
        assertThat(before).isNotEmpty();
        model.start(lessons().get(1));
        model.leave();
        assertThat(Numbers.of(session.workspace().get())).isEqualTo(before);
    }

    @Test
    void a_lesson_ends_when_something_else_is_opened() throws Exception {
        model.start(lessons().get(1));
        session.open(Path.of("src/test/resources/fixtures/gpt2-tiny/hf"));
        assertThat(model.isActive()).isFalse();
        model.start(lessons().get(1));
        session.close();
        assertThat(model.isActive()).isFalse();
    }

    @Test
    void the_row_in_question_is_selected() throws Exception {
        model.start(lessons().getFirst());
        assertThat(session.selected().get().rows().getFirst().target().name())
                .isEqualTo("transformer.h.0.attn.c_attn.weight");
    }

    /** Lessons 2 and 3 open the same file: what stands there still isn't the next lesson's. */
    @Test
    void the_next_lesson_selects_its_row_whatever_the_last_one_was_filtered_by() throws Exception {
        model.start(lessons().get(1));
        session.filter().set(Filter.HIDDEN);
        model.start(lessons().get(2));
        assertThat(Objects.requireNonNull(session.selected().get()).rows()).extracting(r -> r.target().name())
                .contains("trf_blocks.0.att.W_query.weight");
    }

    @Test
    void a_lesson_keeps_its_number_while_another_folder_is_looked_at() throws Exception {
        model.openCourse(SHIPPED);
        model.start(Objects.requireNonNull(model.course().get()).lessons().get(6));
        model.openCourse(SHIPPED.resolve("1-rows-or-columns"));
        assertThat(model.number()).isEqualTo(7);
        assertThat(model.lessons()).isEqualTo(8);
        model.nextLesson();
        assertThat(Objects.requireNonNull(model.lesson().get()).id()).isEqualTo("error-log");
    }

    @Test
    void the_model_speaks_in_the_large_view_only() throws Exception {
        begin(lessons().get(1));
        assertThat(model.said().get().text()).isEmpty();
        model.presenter().set(true);
        var wrong = model.said().get();
        assertThat(wrong.loss()).isGreaterThan(5);
        DONE.get("square").accept(session);
        var right = model.said().get();
        assertThat(right.loss()).isLessThan(0.3);
        assertThat(right.text()).isNotEqualTo(wrong.text()).contains("there was");
    }

    @Test
    void progress_is_kept_and_can_be_forgotten() throws Exception {
        var store = Store.in(folder);
        var kept = new LessonProgress(store);
        kept.put("square", new Done(2, true));
        assertThat(new LessonProgress(Store.in(folder)).of("square")).isEqualTo(new Done(2, true));
        assertThat(Files.readString(folder.resolve("lessons.json"))).contains("\"square\"");
        kept.clear();
        assertThat(new LessonProgress(Store.in(folder)).done().get()).isEmpty();
    }
}
