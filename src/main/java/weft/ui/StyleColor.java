package weft.ui;

import javafx.scene.layout.Region;
import javafx.scene.paint.Color;

/** Colours of the style sheet for what is drawn on a canvas: a child nobody sees has the class, and is asked for its ground. */
public final class StyleColor {
    private StyleColor() {
    }

    /** Tells what draws that a colour has come, or is another one now. */
    public static void onChange(Region probe, Runnable redraw) {
        probe.backgroundProperty().addListener((_, _, _) -> redraw.run());
    }

    /** To be added as a child of what draws. */
    public static Region probe(String style) {
        var probe = new Region();
        probe.getStyleClass().add(style);
        probe.setManaged(false);
        probe.setVisible(false);
        return probe;
    }

    /** Grey until the style is known. */
    public static Color of(Region probe) {
        var background = probe.getBackground();
        return background != null && !background.getFills().isEmpty()
                && background.getFills().getFirst().getFill() instanceof Color color ? color : Color.GRAY;
    }
}
