package weft.ui.inspect;

import javafx.scene.layout.BorderPane;

import weft.ui.Ui;

/** Why a row is as it is. */
public final class WhyPane extends BorderPane {
    public WhyPane(Ui ui) {
        getStyleClass().add("why-pane");
        setCenter(Ui.label(ui.t("why.none"), "muted"));
    }
}
