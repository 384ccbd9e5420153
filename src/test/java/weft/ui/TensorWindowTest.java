package weft.ui;

import static org.assertj.core.api.Assertions.assertThat;

import javafx.geometry.Pos;
import javafx.scene.control.Labeled;
import javafx.scene.input.Clipboard;
import javafx.scene.input.KeyCode;
import javafx.stage.Stage;

import org.junit.jupiter.api.Test;
import org.testfx.api.FxRobot;
import org.testfx.framework.junit5.Start;

/** Looking into a tensor by key and mouse. */
@Windowed
class TensorWindowTest extends WindowTest {
    @Start
    void start(Stage stage) {
        begin(stage);
    }

    @Test
    void from_the_row_to_single_values_to_another_tensor(FxRobot robot) throws Exception {
        openWithTarget(robot);
        fx(() -> view.session().reveal("trf_blocks.0.att.out_proj.weight"));
        robot.push(KeyCode.CONTROL, KeyCode.DIGIT2);
        await(() -> view.tensor().heat().get() != null && view.tensor().facts().get() != null);
        robot.clickOn(robot.point("#heat").atPosition(Pos.TOP_LEFT).atOffset(40, 40));
        assertThat(robot.lookup("#heat-spot").<Labeled>query().getText()).contains(" = ");
        var before = view.tensor().spot().get();
        robot.push(KeyCode.DOWN);
        assertThat(view.tensor().spot().get().row()).isEqualTo(before.row() + 1);
        robot.clickOn("#zoom-in").clickOn("#zoom-in");
        await(() -> view.tensor().heat().get().window().rows() == 6);
        var copied = new String[1];
        robot.clickOn("#copy-numpy");
        fx(() -> copied[0] = Clipboard.getSystemClipboard().getString());
        assertThat(copied[0]).startsWith("np.array([[").endsWith("dtype=np.float32)");
        assertThat(copied[0].lines()).hasSize(6);
        robot.clickOn("#zoom-fit").clickOn("#swap-axes");
        assertThat(view.tensor().cut().rowAxis()).isEqualTo(2);
        robot.clickOn("#histogram-log");
        assertThat(view.tensor().logarithmic().get()).isTrue();
        robot.clickOn("#compare").clickOn("#compare-search").write("h1 c_proj/w");
        robot.push(KeyCode.ENTER);
        await(() -> view.tensor().beside().get() != null && view.tensor().beside().get().found() != null);
        assertThat(robot.lookup("#compared").tryQuery()).isPresent();
        robot.clickOn("#compare-end");
        await(() -> view.tensor().beside().get() == null);
    }
}
