package weft.ui;

import javafx.application.Platform;
import javafx.scene.Node;
import javafx.scene.control.ScrollPane;
import javafx.scene.control.TextInputControl;

import org.jspecify.annotations.Nullable;

/**
 * Where the keyboard is in a window whose views are built anew: whoever made the text larger goes on where they were.
 *
 * @param id of the node with the focus
 * @param anchor where in its text, or −1
 */
record Place(String id, int anchor, int caret) {

    static @Nullable Place of(MainView view) {
        var owner = view.getScene() == null ? null : view.getScene().getFocusOwner();
        if (owner == null || owner.getId() == null) { return null; }
        return owner instanceof TextInputControl text
                ? new Place(owner.getId(), text.getAnchor(), text.getCaretPosition())
                : new Place(owner.getId(), -1, -1);
    }

    /** Goes back there, once the new views have their skins. */
    void in(MainView view) {
        Platform.runLater(() -> {
            view.applyCss();
            view.layout();
            if (view.lookup("#" + id) instanceof Node node) {
                node.requestFocus();
                reveal(node);
                if (node instanceof TextInputControl text && anchor >= 0) {
                    int end = text.getLength();
                    text.selectRange(Math.min(anchor, end), Math.min(caret, end));
                }
            }
        });
    }

    /** Scrolls what scrolls around it, so that it is seen. */
    private static void reveal(Node node) {
        for (var up = node.getParent(); up != null; up = up.getParent()) {
            if (up instanceof ScrollPane scroll && scroll.getContent() instanceof Node content) {
                var at = content.sceneToLocal(node.localToScene(node.getLayoutBounds()));
                double room = content.getLayoutBounds().getHeight() - scroll.getViewportBounds().getHeight();
                double top = scroll.getVvalue() * room;
                if (room > 0 && (at.getMinY() < top || at.getMaxY() > top + scroll.getViewportBounds().getHeight())) {
                    scroll.setVvalue(Math.clamp(at.getMinY() / room, 0, 1));
                }
            }
        }
    }
}
