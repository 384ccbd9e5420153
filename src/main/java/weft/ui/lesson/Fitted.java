package weft.ui.lesson;

import javafx.geometry.Insets;
import javafx.scene.layout.Region;
import javafx.scene.layout.StackPane;

import weft.picture.Drawing;
import weft.ui.Look;
import weft.ui.Ui;
import weft.ui.inspect.DrawingView;

/** A drawing on its sheet, as large as its place allows. */
final class Fitted extends StackPane {
    private static final double LEAST = 0.4;
    private final Ui ui;
    private final Drawing drawing;
    private final double most;
    private double shown;

    /** @param most how much larger than drawn it may become */
    Fitted(Ui ui, Drawing drawing, double most) {
        this.ui = ui;
        this.drawing = drawing;
        this.most = most;
        getStyleClass().add("lesson-stage");
        setPadding(new Insets(ui.px(16)));
        setMinSize(0, 0);
        setPrefSize(100, 100);
        show(1);
    }

    private void show(double zoom) {
        shown = zoom;
        var view = new DrawingView(new Ui(ui.session(), new Look(ui.look().dark(), zoom, ui.look().chinese()),
                ui.choosers()));
        view.show(drawing);
        view.setId("lesson-sheet");
        view.setMinSize(Region.USE_PREF_SIZE, Region.USE_PREF_SIZE);
        view.setMaxSize(Region.USE_PREF_SIZE, Region.USE_PREF_SIZE);
        var paper = new StackPane(view);
        paper.getStyleClass().add("paper");
        paper.setPadding(new Insets(ui.px(8)));
        paper.setMaxSize(Region.USE_PREF_SIZE, Region.USE_PREF_SIZE);
        getChildren().setAll(paper);
        // it may be laid out in the very pulse that made it, and its inks are looked up in the style sheet
        paper.applyCss();
    }

    @Override
    protected void layoutChildren() {
        double across = (getWidth() - ui.px(52)) / drawing.width();
        double down = (getHeight() - ui.px(52)) / drawing.height();
        double zoom = Math.clamp(Math.min(across, down), LEAST, most);
        if (Math.abs(zoom - shown) > 0.005) {
            show(zoom);
        }
        super.layoutChildren();
    }
}
