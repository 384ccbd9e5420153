package weft.ui.tree;

import javafx.scene.layout.Region;

/** A part of a line: it asks for no width and takes what the columns give it. */
abstract class Slot extends Region {
    @Override
    protected final double computeMinWidth(double height) {
        return 0;
    }

    @Override
    protected final double computePrefWidth(double height) {
        return 0;
    }
}
