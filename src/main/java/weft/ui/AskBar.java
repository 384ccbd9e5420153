package weft.ui;

import javafx.geometry.Insets;
import javafx.geometry.Pos;
import javafx.scene.control.Label;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;

import weft.ui.model.Linking;
import weft.work.Workspace;

/** A bar under the header that asks once about a rule somebody made by hand: for all layers, or only here. */
final class AskBar extends HBox {
    private final Ui ui;
    private final Linking linking;

    AskBar(Ui ui, Linking linking) {
        this.ui = ui;
        this.linking = linking;
        getStyleClass().add("ask");
        setAlignment(Pos.CENTER_LEFT);
        setSpacing(ui.px(8));
        setPadding(new Insets(ui.px(6), ui.px(16), ui.px(6), ui.px(16)));
        Watch.over(this, this::show, linking.proposal(), linking.started(), linking.refused());
        show();
    }

    private void show() {
        var proposal = linking.proposal().get();
        // a bar that came while a row is dragged would push the others away from under the mouse
        var started = linking.isDragging() ? null : linking.started().get();
        var refused = linking.refused().get();
        setVisible(proposal != null || started != null || !refused.isEmpty());
        setManaged(isVisible());
        getChildren().clear();
        if (proposal != null) {
            var text = Ui.label(Workspace.text(proposal.here()), "mono");
            text.setTooltip(Ui.tip(text.getText()));
            var all = ui.button(ui.t("ask.all", "n", proposal.layers()), ui.icon("mdi2c-check", 16),
                    linking::acceptAlike, "accent");
            all.setId("ask-all");
            var here = ui.button(ui.t("ask.here"), null, linking::acceptHere);
            here.setId("ask-here");
            getChildren().addAll(Ui.firm(ui.t("ask.question", "n", proposal.layers())), text, Ui.space(), all, here,
                    cancel());
        } else if (!refused.isEmpty()) {
            getChildren().addAll(said(ui.t(refused), "mdi2i-information-outline"), cancel());
        } else if (started != null) {
            getChildren().addAll(said(ui.t("ask.started", "name", started.tensors().getFirst().name()),
                    "mdi2a-arrow-right-circle-outline"), cancel());
        }
    }

    private Label said(String text, String icon) {
        var label = new Label(text, ui.icon(icon, 16));
        label.setId("ask-says");
        label.setWrapText(true);
        label.setMinHeight(USE_PREF_SIZE);
        label.setMinWidth(0);
        label.setMaxWidth(Double.MAX_VALUE);
        HBox.setHgrow(label, Priority.ALWAYS);
        return label;
    }

    private javafx.scene.control.Button cancel() {
        var button = ui.button(ui.t("action.cancel"), null, linking::dismiss);
        button.setId("ask-cancel");
        return button;
    }
}
