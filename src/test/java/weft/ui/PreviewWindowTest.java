package weft.ui;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import javafx.scene.control.Button;
import javafx.scene.control.ComboBox;
import javafx.scene.control.Labeled;
import javafx.scene.input.KeyCode;
import javafx.stage.Stage;

import org.junit.jupiter.api.Test;
import org.testfx.api.FxRobot;
import org.testfx.framework.junit5.Start;

import weft.ui.preview.PreviewModel.State;
import weft.ui.preview.PreviewModel.Which;

/** Looking at single tokens of the preview, other texts for the loss, and another checkpoint beside this one. */
@Windowed
class PreviewWindowTest extends WindowTest {
    @Start
    void start(Stage stage) {
        begin(stage);
    }

    private void written(FxRobot robot) throws Exception {
        openWithTarget(robot);
        acceptAll();
        robot.push(KeyCode.CONTROL, KeyCode.DIGIT4);
        robot.clickOn("#prompt").eraseText(40).write("the dog");
        robot.clickOn("#preview-tokens").eraseText(3).write("6").push(KeyCode.ENTER);
        robot.clickOn("#run-preview");
        await(() -> view.preview().after().get().state() == State.DONE);
    }

    private static String text(FxRobot robot, String query) {
        return robot.lookup(query).<Labeled>query().getText();
    }

    @Test
    void a_clicked_token_shows_what_else_could_stand_there_and_what_went_on_inside(FxRobot robot) throws Exception {
        written(robot);
        var said = view.preview().after().get().said();
        assertThat(said.size()).isEqualTo(7 + 6);
        robot.clickOn("#token-after-3"); // the blank between the words
        var inside = view.models().inside();
        await(() -> inside.found().get() != null);
        assertThat(text(robot, "#token-rank")).startsWith("“␣” was choice ");
        robot.push(KeyCode.RIGHT);
        await(() -> inside.found().get() != null && inside.chosen().get().position() == 4);
        assertThat(text(robot, "#token-rank")).startsWith("“d” was choice ");
        fx(() -> robot.lookup("#aside-lens").<javafx.scene.control.ToggleButton>query().fire());
        assertThat(robot.lookup("#lens .lens-cell").queryAll()).hasSize(3 * 4);
        assertThat(robot.lookup("#lens .lens-mine").queryAll().size()).isLessThanOrEqualTo(3);
        fx(() -> robot.lookup("#aside-attention").<javafx.scene.control.ToggleButton>query().fire());
        ComboBox<String> head = robot.lookup("#attention-head").query();
        assertThat(head.getItems()).hasSizeGreaterThan(2);
        fx(() -> head.getSelectionModel().select(1));
        assertThat(inside.head().get()).isZero();
        assertThat(robot.lookup("#attention-map").query().getAccessibleText()).contains(" looks at ");
        fx(() -> robot.lookup("#inside-close").<Button>query().fire());
        assertThat(inside.chosen().get()).isNull();
    }

    @Test
    void an_alternative_is_gone_on_with(FxRobot robot) throws Exception {
        written(robot);
        robot.clickOn("#token-after-9");
        await(() -> view.models().inside().place().get() != null);
        var before = view.preview().after().get().said().before(9);
        var other = robot.lookup("#bars-after .button.mono").<Button>query();
        var word = other.getText().replace("␣", " ");
        fx(other::fire);
        await(() -> view.preview().after().get().state() == State.DONE);
        assertThat(view.preview().prompt().get()).isEqualTo(before + word);
    }

    @Test
    void the_loss_of_a_dropped_text_and_back(FxRobot robot) throws Exception {
        written(robot);
        var text = Files.writeString(folder.resolve("mine.txt"), "The dog sat. The cat ran.");
        fx(() -> view.drop(text, Dropped.LOSS));
        await(() -> view.preview().after().get().lossText().equals("mine.txt"));
        assertThat(text(robot, "#loss-text")).contains("mine.txt");
        fx(() -> robot.lookup("#loss-back").<Button>query().fire());
        await(() -> view.preview().after().get().lossText().equals("weft-text.txt"));
        assertThat(robot.lookup("#loss-back").tryQuery()).isEmpty();
    }

    @Test
    void a_number_nobody_said_is_put_where_it_is_missed(FxRobot robot) throws Exception {
        var source = Tiny.with(folder, "hf");
        Files.delete(source.resolve("config.json"));
        fx(() -> view.session().open(source));
        await(() -> view.session().workspace().get() != null);
        robot.push(KeyCode.CONTROL, KeyCode.DIGIT4);
        robot.clickOn("#prompt").eraseText(40).write("the dog");
        robot.clickOn("#preview-tokens").eraseText(3).write("6");
        robot.clickOn("#run-preview");
        await(() -> robot.lookup("#text-after #number-n_head").tryQuery().isPresent());
        robot.clickOn("#text-after #number-n_head").write("3").push(KeyCode.ENTER);
        await(() -> view.preview().after().get().state() == State.DONE);
        var configured = weft.work.Workspace.open(Tiny.with(folder.resolve("with"), "hf"), weft.io.Progress.NONE);
        assertThat(view.preview().after().get().loss()).isEqualTo(configured.run(null)
                .loss(configured.fixedText(null).text(), weft.io.Progress.NONE).mean());
        assertThat(view.session().undoName().get()).isEqualTo("Set n_head = 3");
    }

    @Test
    void another_checkpoint_stands_beside_this_one(FxRobot robot) throws Exception {
        written(robot);
        var other = Tiny.with(folder, "hf");
        var tokenizer = Files.createDirectories(folder.resolve("elsewhere"));
        for (var name : new String[]{"vocab.json", "merges.txt"}) {
            Files.move(other.resolve(name), tokenizer.resolve(name));
        }
        fx(() -> view.preview().beside(other));
        await(() -> robot.lookup("#tokenizer-before").tryQuery().isPresent());
        fx(() -> view.preview().tokenizer(Which.BEFORE, tokenizer));
        await(() -> view.preview().before().get().state() == State.DONE
                && view.preview().after().get().state() == State.DONE);
        assertThat(text(robot, "#before-what")).isEqualTo("The other one");
        assertThat(view.preview().before().get().text()).isEqualTo(view.preview().after().get().text());
        assertThat(text(robot, "#beside-tokens")).startsWith("Both cut text into the same 61 tokens");
        assertThat(text(robot, "#facts-before")).contains("2 layers · 24 wide · context 20");
        robot.clickOn("#beside-end");
        await(() -> !view.preview().before().get().refusal().isEmpty());
        assertThat(text(robot, "#before-what")).isEqualTo("Before");
    }
}
