package weft.ui;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import javafx.scene.Scene;
import javafx.scene.control.Button;
import javafx.scene.control.Label;
import javafx.scene.layout.VBox;
import javafx.scene.text.Font;
import javafx.scene.text.Text;
import javafx.stage.Stage;

import org.junit.jupiter.api.Test;
import org.testfx.api.FxRobot;
import org.testfx.framework.junit5.Start;

/** What every other window test stands on: without a display, a window opens, is clicked and has letters. */
@Windowed
class ToolkitWindowTest {
    private Label label;

    @Start
    void open(Stage stage) {
        label = new Label("before");
        Button button = new Button("Press");
        button.setOnAction(e -> label.setText("after"));
        stage.setScene(new Scene(new VBox(button, label), 300, 200));
        stage.show();
    }

    @Test
    void aClickReachesTheButton(FxRobot robot) {
        robot.clickOn("Press");
        assertThat(label.getText()).isEqualTo("after");
    }

    @Test
    void chineseHasGlyphs() {
        assumeTrue(Font.getFamilies().stream().anyMatch(f -> f.contains("CJK") || f.contains("Hei")),
                "no Chinese font is installed (Debian: fonts-noto-cjk)");
        // Without a Chinese font every character is the same box, and a narrow one.
        Text text = new Text("权重检查");
        text.setFont(Font.font(20));
        assertThat(text.getLayoutBounds().getWidth()).isGreaterThan(70);
    }
}
