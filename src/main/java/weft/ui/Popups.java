package weft.ui;

import java.util.List;
import javafx.scene.Node;
import javafx.stage.Popup;
import javafx.stage.PopupWindow;
import javafx.stage.Window;

import org.jspecify.annotations.Nullable;

/** Popups look like the window they belong to, and go when it is built anew. */
final class Popups {
    private Popups() {
    }

    /** Hides whatever menu or popup a window has open. */
    static void closeOver(@Nullable Window window) {
        if (window == null) { return; }
        List.copyOf(Window.getWindows()).stream()
                .filter(w -> w instanceof PopupWindow popup && popup.getOwnerWindow() == window).forEach(Window::hide);
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
        var window = scene.getWindow();
        popup.show(window, at.getMinX(), at.getMaxY());
        double over = popup.getX() + popup.getWidth() - window.getX() - window.getWidth();
        if (over > 0) { // it stays over its window, as far as it is no wider
            popup.setX(Math.max(window.getX(), popup.getX() - over));
        }
    }
}
