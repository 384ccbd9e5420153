package weft.ui;

import java.util.stream.Collectors;
import javafx.geometry.Pos;
import javafx.scene.control.Label;
import javafx.scene.input.Clipboard;
import javafx.scene.input.ClipboardContent;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;

/** A yellow bar: what didn't work, while everything else goes on; a number that is missed can be given here. */
final class TroubleBar extends HBox {
    private final Ui ui;

    TroubleBar(Ui ui) {
        this.ui = ui;
        getStyleClass().add("trouble");
        setId("trouble");
        setAlignment(Pos.CENTER_LEFT);
        setSpacing(ui.px(8));
        Watch.over(this, this::show, ui.session().troubles());
        show();
    }

    private void show() {
        var all = ui.session().troubles().get();
        setVisible(!all.isEmpty());
        setManaged(!all.isEmpty());
        getChildren().clear();
        if (all.isEmpty()) { return; }
        var problem = all.getFirst();
        boolean asked = NumberField.isAsked(problem);
        var text = new Label(asked ? ui.texts().message(problem) : ui.texts().full(problem),
                ui.icon("mdi2a-alert", 16, "status-needsRule"));
        text.setWrapText(true);
        text.setMinHeight(USE_PREF_SIZE);
        text.setMinWidth(0);
        text.setMaxWidth(Double.MAX_VALUE);
        HBox.setHgrow(text, Priority.ALWAYS);
        getChildren().add(text);
        var word = problem.field();
        if (asked && word != null) {
            getChildren().add(new NumberField(ui, word, value -> ui.session().setNumber(word, value)));
        }
        if (all.size() > 1) {
            var more = ui.button(ui.t("care.more", "n", all.size() - 1), null, () -> {
            }, "link");
            more.setId("trouble-more");
            more.setOnAction(_ -> Popups.list(ui, "trouble-list", all.stream()
                    .map(p -> Popups.line(ui, ui.texts().full(p))).toList(), more));
            getChildren().add(more);
        }
        var copy = ui.iconButton("mdi2c-content-copy", ui.t("action.copyDetails"), () -> {
            var content = new ClipboardContent();
            content.putString(all.stream().map(p -> ui.texts().full(p) + "\n" + p).collect(Collectors.joining("\n\n")));
            Clipboard.getSystemClipboard().setContent(content);
        });
        copy.setId("trouble-copy");
        getChildren().add(copy);
        var close = ui.iconButton("mdi2c-close", ui.t("action.dismiss"), ui.session()::dismissTrouble);
        close.setId("trouble-dismiss");
        getChildren().add(close);
    }
}
