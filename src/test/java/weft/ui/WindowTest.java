package weft.ui;

import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import javafx.scene.Scene;
import javafx.stage.Stage;

import org.junit.jupiter.api.io.TempDir;
import org.testfx.api.FxRobot;

import weft.plan.Status;

/** What tests of the shipped scene share: a window at 1000 × 900 with the small model of the fixtures. */
abstract class WindowTest {
    @TempDir
    Path folder;
    MainView view;

    /** Every test calls this from a {@code @Start} of its own: TestFX doesn't look for one above. */
    final void begin(Stage stage) {
        view = WeftWindow.view(Locale.ENGLISH);
        stage.setScene(new Scene(view, 1000, 900));
        stage.show();
    }

    static void await(Callable<Boolean> condition) throws Exception {
        Hand.await(condition);
    }

    static void fx(Runnable run) {
        Hand.onFx(run);
    }

    Path open(String dialect) throws Exception {
        var source = Tiny.with(folder, dialect);
        fx(() -> view.session().open(source));
        await(() -> view.session().workspace().get() != null);
        return source;
    }

    /** The TensorFlow fixture against the split textbook model, chosen by mouse. */
    void openWithTarget(FxRobot robot) throws Exception {
        open("openai-tf");
        robot.clickOn("#next-step");
        robot.clickOn("#dialect-gpt2-scratch-split");
        robot.clickOn("#use-target");
        await(() -> view.session().plan().isPresent());
    }

    void acceptAll() throws Exception {
        fx(view.session()::acceptAll);
        await(() -> view.session().plan().orElseThrow().isComplete());
    }

    long count(Status status) {
        return view.session().plan().orElseThrow().count(status);
    }
}
