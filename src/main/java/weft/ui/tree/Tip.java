package weft.ui.tree;

import java.util.function.Supplier;
import javafx.scene.Node;
import javafx.scene.control.Tooltip;

import org.jspecify.annotations.Nullable;

import weft.ui.Ui;

/**
 * What a tooltip of a line says. The tooltip itself is made when the pointer comes: it is a window, and a line that
 * scrolls past needs none.
 */
final class Tip {
    private final Node node;
    private Supplier<String> text = () -> "";
    private @Nullable Tooltip shown;

    Tip(Node node) {
        this.node = node;
        node.setOnMouseEntered(_ -> {
            var said = shown == null ? text.get() : "";
            if (!said.isEmpty()) {
                shown = Ui.tip(said);
                Tooltip.install(node, shown);
            }
        });
    }

    /** Says something else; nothing if it is empty. */
    void say(String other) {
        say(() -> other);
    }

    /** Says what is worked out when the pointer comes. */
    void say(Supplier<String> other) {
        text = other;
        var now = shown;
        if (now == null) { return; }
        Tooltip.uninstall(node, now);
        shown = null;
        if (node.isHover()) {
            var said = other.get();
            if (!said.isEmpty()) {
                shown = Ui.tip(said);
                Tooltip.install(node, shown);
            }
        }
    }
}
