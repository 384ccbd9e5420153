package weft.ui;

import static org.assertj.core.api.Assertions.assertThat;

import javafx.scene.control.Labeled;
import javafx.scene.input.KeyCode;
import javafx.stage.Stage;

import org.junit.jupiter.api.Test;
import org.testfx.api.FxRobot;
import org.testfx.framework.junit5.Start;

/** The ladder, the chart's verdicts and the proof of squares, by key and mouse. */
@Windowed
class VerifyWindowTest extends WindowTest {
    @Start
    void start(Stage stage) {
        begin(stage);
    }

    private static String text(FxRobot robot, String query) {
        return robot.lookup(query).<Labeled>query().getText();
    }

    @Test
    void the_ladder_passes_with_all_rules_and_force_is_told_where_it_parts(FxRobot robot) throws Exception {
        openWithTarget(robot);
        acceptAll();
        robot.push(KeyCode.CONTROL, KeyCode.DIGIT5);
        robot.clickOn("#run-verify");
        await(() -> view.verification().before().get().verification() != null);
        assertThat(robot.lookup("#rung-modules").query().getAccessibleText()).contains("passed");
        assertThat(text(robot, "#verdict-after")).contains("below 1e-3 in every layer");
        assertThat(text(robot, "#verdict-before")).contains("h0");
        robot.clickOn("#show-row-before");
        assertThat(view.session().selected().get().rows().getFirst().target().name()).startsWith("trf_blocks.0.");
        // the same chart stands in the preview, and Ctrl R there runs both
        fx(() -> view.session().undo());
        fx(() -> view.session().redo());
        robot.push(KeyCode.CONTROL, KeyCode.DIGIT4);
        robot.push(KeyCode.CONTROL, KeyCode.R);
        await(() -> view.verification().before().get().verification() != null);
        assertThat(robot.lookup("#verdict-after").queryAll()).isNotEmpty();
    }

    @Test
    void one_click_proves_or_says_why_not(FxRobot robot) throws Exception {
        openWithTarget(robot);
        fx(() -> view.session().reveal("trf_blocks.0.att.out_proj.weight"));
        robot.push(KeyCode.CONTROL, KeyCode.DIGIT1);
        assertThat(robot.lookup("#prove").tryQuery()).isPresent();
        robot.push(KeyCode.CONTROL, KeyCode.P); // the button's twin in the menu
        await(() -> view.session().proof().get() != null);
        robot.push(KeyCode.CONTROL, KeyCode.DIGIT5);
        assertThat(text(robot, "#squares")).contains("assumed"); // random weights prove nothing, and that is told
        assertThat(view.session().proof().get().warnings()).isNotEmpty();
        assertThat(view.session().undoName().get()).isEqualTo("What was proved");
        robot.clickOn("#undo");
        await(() -> view.session().undoName().get().startsWith("Target"));
    }
}
