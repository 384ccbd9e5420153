package weft.ui.lesson;

import javafx.application.Platform;
import javafx.scene.Node;
import javafx.scene.Scene;
import javafx.scene.control.ScrollPane;
import javafx.scene.layout.Region;

import org.jspecify.annotations.Nullable;

/** Scrolls to what has just come, so that nobody has to look for it. */
final class Scrolled {
    private Scrolled() {
    }

    /** Does something once what changed has its place; nothing if the view is in no scene. */
    static void afterLayout(Node view, Runnable then) {
        var scene = view.getScene();
        if (scene != null) {
            scene.addPostLayoutPulseListener(new Once(scene, then));
            Platform.requestNextPulse();
        }
    }

    private record Once(Scene scene, Runnable then) implements Runnable {
        @Override
        public void run() {
            scene.removePostLayoutPulseListener(this);
            Platform.runLater(then); // scrolling lays out again
        }
    }

    /** As far as needed for a node's end to be seen. */
    static void toEnd(ScrollPane scroll, @Nullable Node node) {
        to(scroll, node, true);
    }

    /** As far as needed for a node to be seen, its beginning at least. */
    static void toBegin(ScrollPane scroll, @Nullable Node node) {
        to(scroll, node, false);
    }

    private static void to(ScrollPane scroll, @Nullable Node node, boolean end) {
        if (node == null || node.getScene() == null || !(scroll.getContent() instanceof Region all)) { return; }
        double seen = scroll.getViewportBounds().getHeight();
        double hidden = all.getHeight() - seen;
        if (hidden <= 0) { return; }
        var bounds = all.sceneToLocal(node.localToScene(node.getLayoutBounds()));
        double now = scroll.getVvalue() * hidden;
        double least = bounds.getMaxY() + all.getInsets().getBottom() - seen;
        double most = bounds.getMinY();
        double top = least <= most ? Math.clamp(now, least, most) : end ? least : most;
        scroll.setVvalue(Math.clamp(top / hidden, 0, 1));
    }
}
