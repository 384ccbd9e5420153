package weft.ui;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import javafx.application.Platform;
import javafx.scene.Scene;
import javafx.scene.control.Label;
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
