package weft.ui;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import javafx.geometry.Point2D;
import javafx.scene.Node;
import javafx.scene.canvas.Canvas;
import javafx.scene.control.Labeled;
import javafx.scene.input.KeyCode;
import javafx.stage.Stage;

import org.junit.jupiter.api.Test;
import org.testfx.api.FxRobot;
import org.testfx.framework.junit5.Start;

import weft.io.Problem;
import weft.ui.inspect.WhyPane;

/** The cell under the pointer is lit in every step, and work that takes long can be stopped. */
@Windowed
class WhyWindowTest extends WindowTest {
    @Start
    void start(Stage stage) {
        begin(stage);
    }

    @Test
    void a_cell_that_is_hovered_is_lit_where_it_comes_from_and_goes_to(FxRobot robot) throws Exception {
        openWithTarget(robot);
        fx(() -> view.session().reveal("trf_blocks.0.att.W_key.weight"));
        robot.clickOn("#tab-why");
        await(() -> robot.lookup(".why-pane .drawing > Canvas").tryQuery().isPresent());
        WhyPane pane = robot.lookup(".why-pane").query();
        var drawing = robot.lookup(".why-pane .drawing").<Node>query();
        Canvas canvas = robot.lookup(".why-pane .drawing > Canvas").query();
        var resting = pane.lit().getFirst();
        // c_attn/w is [1, 24, 72]: squeezed and turned, then split in three
        Point2D at = null;
        for (double x = 60; at == null && x < canvas.getWidth() / 2; x += 6) {
            var point = canvas.localToScreen(x, canvas.getHeight() * 0.45);
            robot.moveTo(point);
            at = java.util.Arrays.equals(pane.lit().getFirst(), resting) ? null : point;
        }
        assertThat(at).as("a cell of the first matrix under the pointer").isNotNull();
        var lit = pane.lit();
        assertThat(lit.getFirst()[0]).isZero();
        assertThat(lit.get(1)).containsExactly(lit.getFirst()[2], lit.getFirst()[1]);
        assertThat(lit.getLast()).containsExactly(lit.getFirst()[2] % 24, lit.getFirst()[1]);
        robot.clickOn(at).push(KeyCode.DOWN);
        assertThat(pane.lit().getFirst()[1]).isEqualTo(lit.getFirst()[1] + 1);
        assertThat(drawing.getAccessibleText()).contains(java.util.Arrays.toString(pane.lit().getFirst()));
        assertThat(robot.lookup("#why-reasons").<Labeled>query().getText())
                .contains("The tensor holds 3 roles, one for each of these parameters.");
    }

    @Test
    void what_takes_long_tells_how_far_it_is_and_is_cancelled_by_a_click(FxRobot robot) throws Exception {
        open("openai-tf");
        var told = new AtomicBoolean();
        fx(() -> view.session().tasks().run("export", "busy.convert", p -> {
            for (long i = 0; !p.cancelled(); i++) {
                p.at(2500 + i % 2, 10_000);
                LockSupport.parkNanos(5_000_000);
            }
            told.set(true);
            throw Problem.of(weft.io.Code.CANCELLED).asException();
        }, _ -> {
        }, _ -> {
        }));
        await(() -> robot.lookup("#pace").<Labeled>tryQuery().filter(l -> l.getText().startsWith("25 % · ")
                && l.getText().contains("/s · ")).isPresent());
        robot.clickOn("#cancel");
        await(told::get);
        assertThat(view.session().tasks().title().get()).isEmpty();
        assertThat(robot.lookup("#cancel").tryQuery()).isEmpty();
    }
}
