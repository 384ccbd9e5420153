package weft.ui.inspect;

import javafx.scene.layout.BorderPane;

import weft.ui.Ui;

/** What is in the selected tensor. */
public final class TensorPane extends BorderPane {
    public TensorPane(Ui ui) {
        getStyleClass().add("tensor-pane");
        setCenter(Ui.label(ui.t("tensor.none"), "muted"));
    }
}
