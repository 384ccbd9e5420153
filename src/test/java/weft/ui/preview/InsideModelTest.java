package weft.ui.preview;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import weft.infer.Sampling;
import weft.io.Code;
import weft.io.Progress;
import weft.ui.model.Session;
import weft.ui.model.Tasks;
import weft.ui.preview.InsideModel.Chosen;
import weft.ui.preview.PreviewModel.State;
import weft.ui.preview.PreviewModel.Which;
import weft.work.Workspace;

/** What the preview shows and what is found inside, on the built-in sample. */
class InsideModelTest {
    private static final Path SAMPLE = Path.of("src/samples/shipped");
    @TempDir
    Path folder;
    private final Session session = new Session(new Tasks(Runnable::run, Runnable::run), Locale.ENGLISH);
    private final PreviewModel preview = new PreviewModel(session);
    private final InsideModel inside = new InsideModel(session, preview);

    @BeforeEach
    void run() {
        session.open(SAMPLE.resolve("openai-tf"), "gpt2/scratch-split");
        session.acceptAll();
        preview.prompt().set("Every effort moves you");
        preview.count().set(12);
        preview.temperature().set(0);
        preview.run();
    }

    @Test
    void tokens_joined_are_prompt_and_text() {
        var after = preview.after().get();
        assertThat(after.state()).isEqualTo(State.DONE);
        assertThat(String.join("", after.said().texts())).isEqualTo(after.prompt() + after.text());
        assertThat(after.said().size() - after.tokens()).isPositive();
        assertThat(after.bits()).isBetween(0.0, 16.0);
    }

    @Test
    void a_greedy_token_was_the_first_choice_and_the_last_layer_says_so() throws Exception {
        int at = preview.after().get().said().size() - 1;
        inside.choose(new Chosen(Which.AFTER, at));
        var place = inside.place().get();
        assertThat(place.rank()).isEqualTo(1);
        assertThat(place.chosen().id()).isEqualTo(place.next().likeliest().getFirst().id());
        var said = preview.after().get().said();
        var running = session.workspace().get().run(null);
        var expected = running.next(Arrays.copyOf(said.ids(), at), 5);
        assertThat(place.next().likeliest()).isEqualTo(expected);
        var found = inside.found().get();
        assertThat(found.layers()).hasSize(running.model().layers() + 1);
        assertThat(found.layers().getLast().guesses().getFirst().id()).isEqualTo(said.ids()[at]);
        assertThat(found.layers().getLast().guesses().getFirst().probability())
                .isCloseTo(expected.getFirst().probability(), within(1e-5));
        assertThat(found.from()).isBetween(0, found.layers().size() - 1);
    }

    @Test
    void attention_of_a_position_adds_up_to_one_and_never_looks_ahead() {
        int at = preview.after().get().said().size() - 1;
        inside.choose(new Chosen(Which.AFTER, at));
        var found = inside.found().get();
        int n = found.text().size() - 1;
        assertThat(n).isEqualTo(at);
        for (int head = -1; head < found.heads(); head++) {
            var map = found.attention(0, head);
            for (int row = 0; row < n; row++) {
                double sum = 0;
                for (int column = 0; column < n; column++) {
                    sum += map[row * n + column];
                    assertThat(column > row ? map[row * n + column] : 0).isZero();
                }
                assertThat(sum).isCloseTo(1, within(1e-4));
            }
        }
    }

    @Test
    void nothing_led_to_the_first_token_and_another_run_forgets_what_was_chosen() {
        inside.choose(new Chosen(Which.AFTER, 0));
        assertThat(inside.place().get()).isNull();
        assertThat(inside.found().get()).isNull();
        inside.step(Which.AFTER, 1);
        assertThat(inside.chosen().get().position()).isEqualTo(1);
        assertThat(inside.found().get()).isNotNull();
        preview.run();
        assertThat(inside.chosen().get()).isNull();
        assertThat(inside.found().get()).isNull();
    }

    @Test
    void the_text_goes_on_with_another_token() {
        int at = preview.after().get().said().size() - 2;
        inside.choose(new Chosen(Which.AFTER, at));
        var other = inside.place().get().next().likeliest().get(1).token();
        var before = preview.after().get().said().before(at);
        inside.continueWith(other);
        assertThat(preview.prompt().get()).isEqualTo(before + other);
        assertThat(preview.after().get().prompt()).isEqualTo(before + other);
        assertThat(preview.after().get().state()).isEqualTo(State.DONE);
    }

    @Test
    void the_loss_of_a_text_is_the_command_lines() throws Exception {
        var text = Files.writeString(folder.resolve("mine.txt"), "The cat sat on the mat. The dog ran to the door.");
        preview.measure(text);
        var after = preview.after().get();
        assertThat(after.lossText()).isEqualTo("mine.txt");
        assertThat(after.loss()).isEqualTo(session.workspace().get().run(null)
                .loss(Files.readString(text), Progress.NONE).mean());
        assertThat(after.text()).as("what was written stays").isNotEmpty();
        preview.measure(null);
        assertThat(preview.after().get().lossText()).isEqualTo("weft-text.txt");
    }

    @Test
    void a_text_that_cant_be_read_is_told_and_the_fixed_one_stays() {
        preview.measure(folder.resolve("nowhere.txt"));
        assertThat(session.trouble().get().code()).isEqualTo(Code.NOT_READABLE);
        assertThat(preview.lossFile().get()).isNull();
    }

    @Test
    void two_checkpoints_stand_side_by_side() throws Exception {
        preview.beside(SAMPLE.resolve("hf"));
        var other = preview.before().get();
        assertThat(other.problem()).isNull();
        assertThat(other.text()).isEqualTo(Workspace.open(SAMPLE.resolve("hf"), Progress.NONE).run(null)
                .generate("Every effort moves you", 12, Sampling.GREEDY, false, _ -> {
                }, Progress.NONE).text());
        assertThat(other.loss()).isCloseTo(preview.after().get().loss(), within(1e-4));
        preview.beside(null);
        assertThat(preview.before().get().refusal()).isNotEmpty();
    }
}
