package weft.ui;

import java.util.List;
import java.util.stream.Stream;
import javafx.geometry.Insets;
import javafx.geometry.Pos;
import javafx.scene.Node;
import javafx.scene.control.Label;
import javafx.scene.control.ScrollPane;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import javafx.scene.layout.VBox;
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

    /** Shows several lines of text, each with a sign before it and maybe a step after it. */
    static void list(Ui ui, String id, List<HBox> lines, Node near) {
        var box = new VBox(ui.px(10));
        box.setId(id);
        box.getChildren().addAll(lines);
        var scroll = new ScrollPane(box);
        scroll.setFitToWidth(true);
        scroll.getStyleClass().add("plain-scroll");
        scroll.setMaxHeight(ui.px(320));
        var card = new VBox(scroll);
        card.getStyleClass().add("popup-card");
        card.setPadding(new Insets(ui.px(16)));
        card.setPrefWidth(ui.px(640));
        var popup = new Popup();
        popup.getContent().add(card);
        popup.setAutoHide(true);
        popup.setHideOnEscape(true);
        show(popup, near);
    }

    /** One of those lines. */
    static HBox line(Ui ui, String said) {
        var text = new Label(said);
        text.setWrapText(true);
        text.setMinHeight(Region.USE_PREF_SIZE);
        HBox.setHgrow(text, Priority.ALWAYS);
        text.setMaxWidth(Double.MAX_VALUE);
        var line = new HBox(ui.px(8), ui.icon("mdi2a-alert", 14, "status-needsRule"), text);
        line.setAlignment(Pos.TOP_LEFT);
        return line;
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
