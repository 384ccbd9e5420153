package weft.ui;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Locale;
import javafx.scene.Scene;
import javafx.stage.Stage;

import org.junit.jupiter.api.Test;
import org.testfx.api.FxRobot;
import org.testfx.framework.junit5.Start;

import weft.infer.Sampling;
import weft.io.Progress;
import weft.ui.preview.PreviewModel.State;
import weft.work.Workspace;

/** The one-minute story: the start screen's sample, its rules, its text before and after. */
@Windowed
class SampleWindowTest {
    private MainView view;

    @Start
    void start(Stage stage) {
        view = WeftWindow.view(Locale.ENGLISH);
        stage.setScene(new Scene(view, 1000, 900));
        stage.show();
    }

    private static void await(java.util.concurrent.Callable<Boolean> condition) throws Exception {
        Hand.await(condition);
    }

    @Test
    void the_sample_reads_as_english_after_its_rules_and_falls_apart_when_forced(FxRobot robot) throws Exception {
        assumeTrue(Workspace.samples().isPresent(), "no samples in target/weft");
        robot.clickOn("#open-sample");
        await(() -> view.session().plan().isPresent());
        robot.clickOn("#next-step");
        robot.clickOn("#accept-all");
        await(() -> view.session().plan().orElseThrow().isComplete());
        robot.clickOn("#tab-preview");
        robot.clickOn("#run-preview");
        await(() -> view.preview().after().get().state() == State.DONE);
        var workspace = view.session().workspace().get();
        var said = workspace.run(null).generate("Every effort moves you", 64, new Sampling(0.8, 40, 1, 1, 123), false,
                _ -> {
                }, Progress.NONE);
        assertThat(view.preview().after().get().text()).isEqualTo(said.text());
        assertThat(view.preview().after().get().loss()).isLessThan(0.5);
        robot.clickOn("#force");
        await(() -> view.preview().before().get().state() == State.DONE);
        assertThat(view.preview().before().get().loss()).isGreaterThan(4);
        assertThat(view.preview().before().get().text()).isNotEqualTo(said.text());
    }
}
