package weft.ui;

import javafx.geometry.Insets;
import javafx.geometry.Pos;
import javafx.scene.control.Label;
import javafx.scene.control.TextArea;
import javafx.scene.input.Clipboard;
import javafx.scene.layout.HBox;
import javafx.scene.layout.VBox;

import weft.work.PastedRules;

/** A box for pasted text: rules, or two columns of names. It says what it makes of the text while it is typed. */
final class PasteCard extends VBox {
    private final Ui ui;
    private final TextArea text = new TextArea();
    private final Label found = Ui.label("", "muted");

    PasteCard(Ui ui, Runnable close) {
        this.ui = ui;
        getStyleClass().addAll("popup-card", "paste-card");
        setId("paste-card");
        setSpacing(ui.px(12));
        setPadding(new Insets(ui.px(20)));
        setMaxSize(ui.px(720), ui.px(420));
        text.setId("paste-text");
        text.getStyleClass().add("mono");
        text.setPromptText(ui.t("paste.prompt"));
        text.setPrefRowCount(12);
        text.textProperty().addListener((_, _, _) -> read());
        var use = ui.button(ui.t("paste.use"), null, () -> {
            ui.session().addRules(PastedRules.of(text.getText()).rules());
            close.run();
        }, "accent");
        use.setId("paste-use");
        use.disableProperty().bind(text.textProperty()
                .map(t -> PastedRules.of(t).rules().isEmpty() || ui.session().plan().isEmpty()));
        var cancel = ui.button(ui.t("action.cancel"), null, close);
        cancel.setId("paste-cancel");
        found.setWrapText(true);
        HBox.setHgrow(found, javafx.scene.layout.Priority.ALWAYS);
        found.setMaxWidth(Double.MAX_VALUE);
        var buttons = new HBox(ui.px(8), found, cancel, use);
        buttons.setAlignment(Pos.CENTER_LEFT);
        getChildren().addAll(Ui.label(ui.t("paste.title"), "pane-title"), text, buttons);
        var clipboard = Clipboard.getSystemClipboard();
        if (clipboard.hasString() && !PastedRules.of(clipboard.getString()).rules().isEmpty()) {
            text.setText(clipboard.getString());
        }
        read();
    }

    TextArea text() {
        return text;
    }

    @Override
    public void requestFocus() {
        text.requestFocus();
    }

    private void read() {
        var pasted = PastedRules.of(text.getText());
        found.setText(text.getText().isBlank()
                ? ui.t("paste.what")
                : ui.session().plan().isEmpty() && !pasted.rules().isEmpty()
                        ? ui.t("paste.noTarget")
                        : pasted.rules().isEmpty()
                                ? ui.t("paste.nothing")
                                : ui.t("paste.found", "n", pasted.rules().size(), "left", pasted.left()));
    }
}
