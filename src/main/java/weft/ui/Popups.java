package weft.ui;

import javafx.scene.Node;
import javafx.stage.Popup;

/** Popups look like the window they belong to. */
final class Popups {
    private Popups() {
    }

    /** Shows one under a node. */
    static void show(Popup popup, Node near) {
        var scene = near.getScene();
        if (scene == null || scene.getWindow() == null) { return; }
        var at = near.localToScreen(near.getBoundsInLocal());
        popup.getScene().getStylesheets().setAll(scene.getStylesheets());
        if (!popup.getScene().getRoot().getStyleClass().contains("root")) {
            popup.getScene().getRoot().getStyleClass().add("root");
        }
        popup.show(scene.getWindow(), at.getMinX(), at.getMaxY());
    }
}
