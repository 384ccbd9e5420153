package weft.ui.tree;

import javafx.scene.Node;
import javafx.scene.control.Tooltip;

import org.jspecify.annotations.Nullable;

/**
 * What a tooltip of a line says. The tooltip itself is made when the pointer comes: it is a window, and a line that
 * scrolls past needs none.
 */
final class Tip {
    private final Node node;
    private String text = "";
    private @Nullable Tooltip shown;

    Tip(Node node) {
        this.node = node;
        node.setOnMouseEntered(_ -> {
            if (shown == null && !text.isEmpty()) {
                shown = new Tooltip(text);
                Tooltip.install(node, shown);
            }
        });
    }

    /** Says something else; nothing if it is empty. */
    void say(String other) {
        text = other;
        var now = shown;
        if (now == null) { return; }
        if (other.isEmpty()) {
            Tooltip.uninstall(node, now);
            shown = null;
        } else {
            now.setText(other);
        }
    }
}
