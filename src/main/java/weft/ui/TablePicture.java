package weft.ui;

import javafx.beans.property.ReadOnlyObjectProperty;
import javafx.scene.Scene;
import javafx.scene.layout.StackPane;

import weft.ui.model.Linking;
import weft.ui.tree.Columns;
import weft.ui.tree.TablePane;

/** The table as a picture: all lines that are unfolded and not filtered away, whether or not they are scrolled to. */
final class TablePicture {
    /** More lines than anybody prints; the picture ends there. */
    private static final int MOST = 250;
    private static final double HEAD = 30;
    private static final double LINE = 26;

    private TablePicture() {
    }

    /**
     * As PNG.
     *
     * @param width in pixels, as that of the table on the screen
     */
    static byte[] of(Ui ui, ReadOnlyObjectProperty<Columns> columns, Linking linking, double width) {
        var table = new TablePane(ui, columns, linking);
        var root = new StackPane(table);
        root.getStyleClass().add("window");
        int lines = Math.clamp(ui.session().lines().get().size(), 1, MOST);
        var scene = new Scene(root, width, ui.px(HEAD) + ui.px(LINE) * lines + 1);
        ui.look().apply(scene);
        root.applyCss();
        root.layout();
        root.layout(); // the list's cells come with its second layout
        return Png.of(scene.snapshot(null));
    }
}
