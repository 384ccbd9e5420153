package weft.ui;

import java.util.List;
import java.util.stream.Stream;
import javafx.scene.Node;
import javafx.stage.Popup;
import javafx.stage.PopupWindow;
import javafx.stage.Window;

import org.jspecify.annotations.Nullable;

/** Popups look like the window they belong to, are dressed with it, and go when it is built anew. */
final class Popups {
    private Popups() {
    }

    /** Hides whatever menu or popup a window has open. */
    static void closeOver(@Nullable Window window) {
        if (window == null) { return; }
        over(window).forEach(Window::hide);
    }

    /** Whatever is open over a window looks like it again. */
    static void dress(@Nullable Window window) {
        if (window == null) { return; }
        over(window).map(Window::getScene).filter(s -> !s.getStylesheets().isEmpty())
                .forEach(s -> s.getStylesheets().setAll(window.getScene().getStylesheets()));
    }

    private static Stream<Window> over(Window window) {
        return List.copyOf(Window.getWindows()).stream()
                .filter(w -> w instanceof PopupWindow popup && popup.getOwnerWindow() == window);
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
