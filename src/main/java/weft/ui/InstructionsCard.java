package weft.ui;

import java.util.List;
import javafx.geometry.Insets;
import javafx.geometry.Pos;
import javafx.scene.control.TextArea;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.VBox;

/** What a file that was refused would have had Python do, instruction by instruction; nothing was executed. */
final class InstructionsCard extends VBox {
    InstructionsCard(Ui ui, List<String> lines, Runnable close) {
        getStyleClass().addAll("popup-card", "instructions-card");
        setId("instructions-card");
        setSpacing(ui.px(12));
        setPadding(new Insets(ui.px(20)));
        setMaxSize(ui.px(820), ui.px(560));
        var text = new TextArea(String.join("\n", lines));
        text.setId("instruction-list");
        text.getStyleClass().add("mono");
        text.setEditable(false);
        VBox.setVgrow(text, Priority.ALWAYS);
        var done = ui.button(ui.t("action.close"), null, close);
        done.setId("instructions-close");
        var foot = new HBox(Ui.label(ui.t("instructions.note"), "muted"), Ui.space(), done);
        foot.setAlignment(Pos.CENTER_LEFT);
        getChildren().addAll(Ui.label(ui.t("instructions.title"), "pane-title"), text, foot);
    }
}
