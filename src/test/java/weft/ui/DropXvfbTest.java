package weft.ui;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import javafx.application.Platform;
import javafx.geometry.Point2D;
import javafx.scene.Node;
import javafx.scene.Scene;
import javafx.scene.control.Button;
import javafx.scene.control.Label;
import javafx.scene.control.ListCell;
import javafx.scene.input.ClipboardContent;
import javafx.scene.input.MouseButton;
import javafx.scene.input.TransferMode;
import javafx.scene.layout.StackPane;
import javafx.stage.Stage;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.testfx.api.FxRobot;
import org.testfx.framework.junit5.Start;
import org.testfx.util.WaitForAsyncUtils;

import weft.ui.tree.Lines;

/**
 * Dropping a file on the window. The headless screen has no drag and drop, so this runs where there is a display:
 * {@code xvfb-run -s "-screen 0 1600x900x24" mvn verify -Dweft.glass=gtk
 * -Dweft.tests.excluded=long,bench -Dtest=DropXvfbTest}.
 */
@Tag("xvfb")
@Windowed
class DropXvfbTest {
    @TempDir
    Path folder;
    private MainView view;
    private Label dragged;
    private Path file = Path.of("");

    @Start
    void start(Stage stage) throws Exception {
        file = Tiny.with(folder, "openai-tf");
        view = WeftWindow.view(Locale.ENGLISH);
        stage.setScene(new Scene(view, 1000, 700));
        stage.setX(0);
        stage.setY(0);
        stage.show();
        dragged = new Label("drag me");
        dragged.setOnDragDetected(e -> {
            var content = new ClipboardContent();
            content.putFiles(List.of(new File(file.toString())));
            dragged.startDragAndDrop(TransferMode.COPY).setContent(content);
            e.consume();
        });
        var other = new Stage();
        other.setScene(new Scene(new StackPane(dragged), 300, 200));
        other.setX(1050);
        other.setY(100);
        other.show();
    }

    /** A folder of lessons isn't a checkpoint: it is a list to choose from. */
    @Test
    void dropped_lessons_are_listed(FxRobot robot) throws Exception {
        file = Path.of("src/samples/shipped/lessons").toAbsolutePath();
        robot.drag(dragged, MouseButton.PRIMARY);
        robot.moveTo(600, 400);
        robot.moveBy(5, 5);
        robot.drop();
        WaitForAsyncUtils.waitFor(30, TimeUnit.SECONDS, () -> robot.lookup(".lesson-row").queryAll().size() == 8);
        assertThat(view.session().workspace().get()).isNull();
    }

    /** Where a line of the table is on the screen; {@code part} of its width from the left. */
    private Point2D place(FxRobot robot, String parameter, double part) {
        var cell = robot.lookup(".list-cell").<ListCell<?>>queryAll().stream()
                .filter(c -> c.getItem() instanceof Lines.Line line && line.item().isRelation()
                        && !line.item().rows().isEmpty()
                        && line.item().rows().getFirst().target().name().equals(parameter))
                .findFirst().orElseThrow(() -> new AssertionError(parameter + " is not in view"));
        var bounds = cell.localToScreen(cell.getBoundsInLocal());
        return new Point2D(bounds.getMinX() + bounds.getWidth() * part, bounds.getCenterY());
    }

    @Test
    void a_row_is_dragged_onto_a_row_and_asked_about_once(FxRobot robot) throws Exception {
        Platform.runLater(() -> view.session().open(file, "gpt2/scratch-split"));
        WaitForAsyncUtils.waitFor(30, TimeUnit.SECONDS, () -> view.session().plan().isPresent()
                && robot.lookup("#detail-close").tryQuery().isPresent());
        Platform.runLater(() -> {
            ((Button) view.lookup("#detail-close")).fire();
            view.session().reveal("trf_blocks.0.norm1.scale");
            view.session().reveal("trf_blocks.0.norm2.scale");
        });
        WaitForAsyncUtils.waitForFxEvents();
        robot.moveTo(place(robot, "trf_blocks.0.norm1.scale", 0.1));
        robot.press(MouseButton.PRIMARY);
        robot.moveBy(12, 3);
        robot.moveTo(place(robot, "trf_blocks.0.norm2.scale", 0.7));
        robot.moveBy(4, 1);
        robot.release(MouseButton.PRIMARY);
        WaitForAsyncUtils.waitFor(30, TimeUnit.SECONDS, () -> view.linking().proposal().get() != null);
        assertThat(view.linking().proposal().get().layers()).isEqualTo(2);
        robot.clickOn("#ask-all");
        WaitForAsyncUtils.waitFor(30, TimeUnit.SECONDS, () -> view.session().accepted().size() == 1);
        assertThat(weft.work.Workspace.text(view.session().accepted().getFirst()))
                .isEqualTo("model/h{i}/ln_1/g => trf_blocks.{i}.norm2.scale");
    }

    @Test
    void a_text_dropped_on_the_preview_is_what_the_loss_is_measured_on(FxRobot robot) throws Exception {
        Platform.runLater(() -> {
            view.preview().prompt().set("the dog");
            view.session().open(file, "gpt2/scratch-split");
            view.show(DetailPane.Tab.PREVIEW);
        });
        WaitForAsyncUtils.waitFor(30, TimeUnit.SECONDS, () -> view.session().plan().isPresent());
        Platform.runLater(view.session()::acceptAll);
        file = Files.writeString(folder.resolve("mine.txt"), "The dog sat. The cat ran.");
        Platform.runLater(() -> view.show(DetailPane.Tab.PREVIEW));
        WaitForAsyncUtils.waitFor(30, TimeUnit.SECONDS, () -> view.session().plan().orElseThrow().isComplete()
                && robot.lookup(".preview").tryQuery().isPresent());
        robot.drag(dragged, MouseButton.PRIMARY);
        robot.moveTo(robot.lookup(".preview").<Node>query());
        robot.moveBy(5, 5);
        robot.drop();
        WaitForAsyncUtils.waitFor(30, TimeUnit.SECONDS,
                () -> view.preview().after().get().lossText().equals("mine.txt"));
    }

    /** Opens a source and waits for the table. */
    private void opened(FxRobot robot, Path source, String target) throws Exception {
        Platform.runLater(() -> view.session().open(source, target));
        WaitForAsyncUtils.waitFor(30, TimeUnit.SECONDS, () -> view.session().workspace().get() != null
                && robot.lookup("#detail-close").tryQuery().isPresent());
        WaitForAsyncUtils.waitForFxEvents();
    }

    /** Drops the file on the left half: where a checkpoint would be opened as the source. */
    private void dropLeft(FxRobot robot) {
        robot.drag(dragged, MouseButton.PRIMARY);
        robot.moveTo(300, 250);
        robot.moveBy(5, 5);
        robot.drop();
    }

    @Test
    void dropped_rules_are_taken_over(FxRobot robot) throws Exception {
        opened(robot, file, "gpt2/scratch-split");
        file = Files.writeString(folder.resolve("mine.weft"), "model/wte => tok_emb.weight\n");
        dropLeft(robot);
        WaitForAsyncUtils.waitFor(30, TimeUnit.SECONDS, () -> view.session().accepted().size() == 1);
        WaitForAsyncUtils.waitFor(30, TimeUnit.SECONDS,
                () -> view.session().undoName().get().equals("Rules from mine.weft"));
    }

    @Test
    void a_dropped_log_is_explained(FxRobot robot) throws Exception {
        opened(robot, file, "gpt2/scratch-split");
        file = Files.writeString(folder.resolve("mine.log"), """
                RuntimeError: Error(s) in loading state_dict for GPT2LMHeadModel:
                \tsize mismatch for transformer.h.0.attn.c_attn.weight: copying a param with shape \
                torch.Size([768, 2304]) from checkpoint, the shape in current model is torch.Size([2304, 768]).
                """);
        dropLeft(robot);
        WaitForAsyncUtils.waitFor(30, TimeUnit.SECONDS, () -> robot.lookup("#findings .label").<Label>queryAll()
                .stream().anyMatch(l -> l.getText().contains("c_attn.weight")));
        assertThat(view.session().workspace().get()).isNotNull();
    }

    @Test
    void a_dropped_adapter_is_suggested_as_rules(FxRobot robot) throws Exception {
        opened(robot, Screens.fixture("gpt2-tiny/hf").toAbsolutePath(), "gpt2/scratch-split");
        file = Screens.fixture("lora/gpt2").toAbsolutePath();
        dropLeft(robot);
        WaitForAsyncUtils.waitFor(30, TimeUnit.SECONDS,
                () -> view.session().workspace().get().source().adapter() != null);
        WaitForAsyncUtils.waitFor(30, TimeUnit.SECONDS,
                () -> view.session().undoName().get().equals("Adapter gpt2"));
        assertThat(view.session().accepted()).as("nothing is applied behind a person's back").isEmpty();
    }

    @Test
    void dropped_on_the_right_half_it_is_the_target(FxRobot robot) throws Exception {
        opened(robot, file, "gpt2/scratch-split");
        file = Screens.fixture("gpt2-tiny/hf").toAbsolutePath();
        robot.drag(dragged, MouseButton.PRIMARY);
        robot.moveTo(800, 250);
        robot.moveBy(5, 5);
        robot.drop();
        WaitForAsyncUtils.waitFor(30, TimeUnit.SECONDS,
                () -> file.toString().equals(view.session().workspace().get().targetText()));
    }

    @Test
    void a_dropped_folder_opens(FxRobot robot) throws Exception {
        robot.drag(dragged, MouseButton.PRIMARY);
        robot.moveTo(600, 400);
        robot.moveBy(5, 5);
        robot.drop();
        WaitForAsyncUtils.waitFor(30, TimeUnit.SECONDS, () -> view.session().workspace().get() != null);
        Platform.runLater(() -> assertThat(view.session().workspace().get().source().dialect())
                .isEqualTo("gpt2/openai-tf"));
        WaitForAsyncUtils.waitForFxEvents();
    }
}
