package weft.ui;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.Objects;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import weft.io.Code;
import weft.io.Progress;
import weft.lesson.Course;
import weft.ui.lesson.LessonModel;
import weft.ui.model.Cares.Step;
import weft.ui.model.Session;
import weft.ui.model.Tasks;
import weft.ui.preview.InsideModel.Chosen;
import weft.ui.preview.PreviewModel.State;
import weft.ui.preview.PreviewModel.Which;
import weft.ui.state.LessonProgress;
import weft.ui.state.Store;
import weft.work.TensorLook.Ref;
import weft.work.Workspace;

/** Cancel in the status bar, and what comes too late: nothing stays busy, nothing of before is shown as of now. */
class StoppedModelTest {
    private static final Path SAMPLE = Path.of("src/samples/shipped");
    private static final Path TINY = Path.of("src/test/resources/fixtures/gpt2-tiny");
    private final Deque<Runnable> waiting = new ArrayDeque<>();
    private final Session session = new Session(new Tasks(waiting::add, Runnable::run), Locale.ENGLISH);
    private final Models models = Models.of(session);

    @BeforeEach
    void open() {
        session.open(SAMPLE.resolve("openai-tf"), "gpt2/scratch-split");
        work();
        session.acceptAll();
        work();
    }

    private void work() {
        while (!waiting.isEmpty()) {
            waiting.poll().run();
        }
    }

    private void stop() {
        session.tasks().cancelAll();
        work();
    }

    @Test
    void a_preview_and_a_ladder_are_over() {
        models.preview().run();
        models.verify().run();
        assertThat(models.preview().isRunning()).isTrue();
        assertThat(models.verify().isRunning()).isTrue();
        stop();
        assertThat(models.preview().isRunning()).isFalse();
        assertThat(models.verify().isRunning()).isFalse();
    }

    @Test
    void a_loss_is_no_longer_being_measured() {
        models.preview().count().set(1);
        models.preview().run();
        work();
        models.preview().measure(SAMPLE.resolve("openai-tf/weft-text.txt"));
        assertThat(models.preview().measuring().get()).isTrue();
        stop();
        assertThat(models.preview().measuring().get()).isFalse();
        assertThat(models.preview().isMeasuring(Which.AFTER)).isFalse();
        models.preview().measure(SAMPLE.resolve("no-such-text.txt"));
        work();
        assertThat(models.preview().measuring().get()).isFalse();
    }

    @Test
    void a_comparison_with_another_file_is_closed() {
        models.diff().run(TINY.resolve("hf/model.safetensors"));
        assertThat(models.diff().other().get()).isNotNull();
        stop();
        assertThat(models.diff().other().get()).isNull();
    }

    @Test
    void a_token_that_was_looked_into_is_let_go() {
        models.preview().count().set(1);
        models.preview().run();
        work();
        assertThat(models.preview().after().get().state()).isEqualTo(State.DONE);
        models.inside().choose(new Chosen(Which.AFTER, 1));
        stop();
        assertThat(models.inside().chosen().get()).isNull();
    }

    @Test
    void a_tensor_says_that_it_was_stopped() {
        models.tensor().setActive(true);
        session.reveal("tok_emb.weight");
        stop();
        assertThat(models.tensor().problem().get().code()).isEqualTo(Code.CANCELLED);
        session.reveal("pos_emb.weight");
        work();
        assertThat(models.tensor().problem().get()).isNull();
        models.tensor().compare(new Ref(true, "pos_emb.weight"));
        assertThat(models.tensor().beside().get()).isNotNull();
        stop();
        assertThat(models.tensor().beside().get()).isNull();
        assertThat(models.tensor().problem().get()).isNull();
    }

    @Test
    void a_lesson_has_said_what_it_has() throws Exception {
        var lessons = new LessonModel(session, new LessonProgress(Store.none()));
        lessons.start(Course.open(SAMPLE.resolve("lessons")).lessons().get(1));
        work();
        lessons.presenter().set(true);
        assertThat(lessons.said().get().running()).isTrue();
        stop();
        assertThat(lessons.said().get().running()).isFalse();
    }

    @Test
    void what_was_to_be_cared_about_before_is_not_told_of_another_file(@TempDir Path folder) throws Exception {
        session.open(Files.copy(TINY.resolve("hf/model.safetensors"), folder.resolve("model.safetensors")),
                "gpt2/scratch-split");
        work();
        assertThat(models.cares().found().get()).extracting(c -> c.step()).contains(Step.NUMBER);
        session.open(TINY.resolve("hf"), "gpt2/hf-linear");
        waiting.poll().run();
        stop();
        assertThat(models.cares().found().get()).isEmpty();
    }

    @Test
    void a_model_that_was_loading_when_rules_changed_is_not_run_with_the_new_ones() throws Exception {
        models.preview().count().set(1);
        models.preview().run();
        var late = waiting.poll();
        waiting.clear();
        var right = Objects.requireNonNull(
                session.plan().orElseThrow().row("trf_blocks.0.att.out_proj.weight").orElseThrow().rule());
        var text = Workspace.text(right);
        var wrong = text.replaceFirst("rearrange \"1 (\\w+) (\\w+) -> \\w+ \\w+\"", "rearrange \"1 $1 $2 -> $1 $2\"");
        assertThat(wrong).isNotEqualTo(text);
        session.replaceRule(right, Workspace.read(wrong).rules().rules().getFirst());
        work();
        models.preview().run();
        late.run();
        work();
        var now = session.workspace().get();
        assertThat(models.preview().after().get().loss())
                .isEqualTo(now.run(null).loss(now.fixedText(null).text(), Progress.NONE).mean());
    }
}
