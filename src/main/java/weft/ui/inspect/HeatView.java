package weft.ui.inspect;

import java.util.Locale;
import javafx.geometry.VPos;
import javafx.scene.canvas.GraphicsContext;
import javafx.scene.image.WritableImage;
import javafx.scene.input.KeyEvent;
import javafx.scene.input.MouseEvent;
import javafx.scene.input.ScrollEvent;
import javafx.scene.layout.Region;
import javafx.scene.paint.Color;
import javafx.scene.text.TextAlignment;

import weft.ui.CellView;
import weft.ui.StyleColor;
import weft.ui.Ui;
import weft.ui.Watch;
import weft.work.HeatMap;

/**
 * A slice in colours: blue below 0, white, orange above, with its legend. A click puts the crosshair, the wheel and + and
 * − zoom, arrow keys move, 0 shows all; from some size on the values stand in their cells.
 */
final class HeatView extends CellView {
    /** Cells this wide have room for their value. */
    private static final double ROOM = 44;
    private final TensorModel model;
    private final Region low = probe("heat-low");
    private final Region zero = probe("heat-zero");
    private final Region high = probe("heat-high");
    private final Region nan = probe("heat-nan");

    HeatView(Ui ui, TensorModel model) {
        super(ui, "heat");
        this.model = model;
        setMinSize(ui.px(160), ui.px(120));
        setAccessibleText(ui.t("heat.name"));
        setOnMousePressed(this::press);
        setOnMouseDragged(this::press);
        setOnScroll(this::scroll);
        Watch.over(this, this::requestLayout, model.heat(), model.spot());
    }

    // ---------------------------------------------------------------- pointer and keys

    private long row(HeatMap map, double y) {
        return map.window().row() + Math.clamp(rowAt(y), 0, map.rows() - 1) * map.block() + map.block() / 2;
    }

    private long column(HeatMap map, double x) {
        return map.window().column() + Math.clamp(columnAt(x), 0, map.columns() - 1) * map.block()
                + map.block() / 2;
    }

    private void press(MouseEvent event) {
        requestFocus();
        var map = model.heat().get();
        if (map == null || columnAt(event.getX()) >= map.columns() || rowAt(event.getY()) >= map.rows()) { return; }
        if (event.getClickCount() == 2) {
            model.fit();
        } else {
            model.point(row(map, event.getY()), column(map, event.getX()));
        }
        event.consume();
    }

    private void scroll(ScrollEvent event) {
        var map = model.heat().get();
        if (map != null && event.getDeltaY() != 0) {
            model.zoom(event.getDeltaY() > 0 ? 1.5 : 1 / 1.5, row(map, event.getY()), column(map, event.getX()));
            event.consume();
        }
    }

    @Override
    protected void move(int down, int across) {
        model.move(down, across);
    }

    @Override
    protected boolean pressed(KeyEvent event) {
        switch (event.getCode()) {
            case PLUS, ADD, EQUALS -> model.zoom(2);
            case MINUS, SUBTRACT -> model.zoom(0.5);
            case DIGIT0, NUMPAD0 -> model.fit();
            default -> {
                return false;
            }
        }
        return true;
    }

    // ---------------------------------------------------------------- painting

    @Override
    protected void paint(GraphicsContext g, double width, double height) {
        var map = model.heat().get();
        if (map == null || map.rows() == 0 || map.columns() == 0) { return; }
        place(0, 0, Math.min(ui.px(64), Math.min((width - ui.px(76)) / map.columns(), height / map.rows())));
        double limit = map.limit();
        var image = new WritableImage(map.columns(), map.rows());
        var pixels = image.getPixelWriter();
        for (int r = 0; r < map.rows(); r++) {
            for (int c = 0; c < map.columns(); c++) {
                pixels.setColor(c, r, color(map.at(r, c), limit));
            }
        }
        g.setImageSmoothing(cell() < 1);
        g.drawImage(image, 0, 0, map.columns() * cell(), map.rows() * cell());
        if (map.block() == 1 && cell() >= ui.px(ROOM)) {
            values(g, map, limit);
        }
        frame(g, lineColor(), 0, map.rows(), map.columns());
        crosshair(g, map);
        legend(g, map.columns() * cell() + ui.px(12), limit);
    }

    private Color color(float value, double limit) {
        if (Float.isNaN(value)) { return StyleColor.of(nan); }
        double part = Math.clamp(value / limit, -1, 1);
        return StyleColor.of(zero).interpolate(StyleColor.of(part < 0 ? low : high), Math.abs(part));
    }

    private void values(GraphicsContext g, HeatMap map, double limit) {
        double cell = cell();
        g.setFont(small());
        g.setTextAlign(TextAlignment.CENTER);
        g.setTextBaseline(VPos.CENTER);
        for (int r = 0; r < map.rows(); r++) {
            for (int c = 0; c < map.columns(); c++) {
                var color = color(map.at(r, c), limit);
                g.setFill(color.getBrightness() * (1 - color.getSaturation() * 0.6) > 0.55
                        ? Color.gray(0.1)
                        : Color.WHITE);
                g.fillText(shortly(map.at(r, c)), (c + 0.5) * cell, (r + 0.5) * cell, cell - 2);
            }
        }
    }

    private static String shortly(float value) {
        if (!Float.isFinite(value)) { return Float.isNaN(value) ? "NaN" : value > 0 ? "Inf" : "-Inf"; }
        double size = Math.abs(value);
        return value == 0
                ? "0"
                : String.format(Locale.ROOT, size < 1e-3 || size >= 1e4 ? "%.0e" : size < 10 ? "%.3f" : "%.1f", value);
    }

    private void crosshair(GraphicsContext g, HeatMap map) {
        var spot = model.spot().get();
        if (spot == null) { return; }
        long column = Math.floorDiv(spot.column() - map.window().column(), map.block());
        long row = Math.floorDiv(spot.row() - map.window().row(), map.block());
        if (column < 0 || row < 0 || column >= map.columns() || row >= map.rows()) { return; }
        if (cell() < ui.px(ROOM)) { // through numbers no line is drawn
            g.setStroke(Color.gray(0.15, 0.7));
            g.setLineWidth(1);
            double x = Math.floor((column + 0.5) * cell()) + 0.5;
            double y = Math.floor((row + 0.5) * cell()) + 0.5;
            g.strokeLine(0, y, map.columns() * cell(), y);
            g.strokeLine(x, 0, x, map.rows() * cell());
        }
        light(g, row, column, 8, true);
    }

    private void legend(GraphicsContext g, double x, double limit) {
        double tall = Math.min(ui.px(180), getHeight() - 1);
        double wide = ui.px(12);
        for (int i = 0; i < tall; i++) {
            g.setFill(color((float) (limit * (1 - 2 * i / tall)), limit));
            g.fillRect(x, i, wide, 1);
        }
        g.setStroke(lineColor());
        g.setLineWidth(1);
        g.strokeRect(Math.floor(x) + 0.5, 0.5, wide, Math.floor(tall) - 1);
        g.setFill(inkColor());
        g.setFont(small());
        g.setTextAlign(TextAlignment.LEFT);
        g.setTextBaseline(VPos.CENTER);
        var most = shortly((float) limit);
        g.fillText(most, x + wide + ui.px(6), ui.px(7));
        g.fillText("0", x + wide + ui.px(6), tall / 2);
        g.fillText("-" + most, x + wide + ui.px(6), tall - ui.px(7));
    }
}
