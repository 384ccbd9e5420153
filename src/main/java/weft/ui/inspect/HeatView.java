package weft.ui.inspect;

import java.util.Locale;
import javafx.geometry.VPos;
import javafx.scene.canvas.Canvas;
import javafx.scene.image.WritableImage;
import javafx.scene.input.KeyEvent;
import javafx.scene.input.MouseEvent;
import javafx.scene.input.ScrollEvent;
import javafx.scene.layout.Region;
import javafx.scene.paint.Color;
import javafx.scene.text.Font;
import javafx.scene.text.TextAlignment;

import weft.ui.Look;
import weft.ui.StyleColor;
import weft.ui.Ui;
import weft.ui.Watch;
import weft.work.HeatMap;

/**
 * A slice in colours: blue below 0, white, orange above, with its legend. A click puts the crosshair, the wheel and + and
 * − zoom, arrow keys move, 0 shows all; from some size on the values stand in their cells.
 */
final class HeatView extends Region {
    /** Cells this wide have room for their value. */
    private static final double ROOM = 44;
    private final Ui ui;
    private final TensorModel model;
    private final Canvas canvas = new Canvas();
    private final Region low = StyleColor.probe("heat-low");
    private final Region zero = StyleColor.probe("heat-zero");
    private final Region high = StyleColor.probe("heat-high");
    private final Region nan = StyleColor.probe("heat-nan");
    private final Region text = StyleColor.probe("ink-text");
    private final Region muted = StyleColor.probe("ink-muted");
    private final Region lit = StyleColor.probe("ink-lit");
    private final Region line = StyleColor.probe("ink-line");
    private double cell = 1;

    HeatView(Ui ui, TensorModel model) {
        this.ui = ui;
        this.model = model;
        getStyleClass().add("heat");
        setId("heat");
        setFocusTraversable(true);
        getChildren().addAll(low, zero, high, nan, text, muted, lit, line, canvas);
        setMinSize(ui.px(160), ui.px(120));
        setAccessibleText(ui.t("heat.name"));
        setOnMousePressed(this::press);
        setOnMouseDragged(this::press);
        setOnScroll(this::scroll);
        addEventHandler(KeyEvent.KEY_PRESSED, this::key);
        Watch.over(this, this::requestLayout, model.heat(), model.spot());
    }

    // ---------------------------------------------------------------- pointer and keys

    private long row(HeatMap map, double y) {
        return map.window().row() + Math.clamp((long) (y / cell), 0, map.rows() - 1) * map.block() + map.block() / 2;
    }

    private long column(HeatMap map, double x) {
        return map.window().column() + Math.clamp((long) (x / cell), 0, map.columns() - 1) * map.block()
                + map.block() / 2;
    }

    private void press(MouseEvent event) {
        requestFocus();
        var map = model.heat().get();
        if (map == null || event.getX() > map.columns() * cell || event.getY() > map.rows() * cell) { return; }
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

    private void key(KeyEvent event) {
        if (event.isShortcutDown() || event.isAltDown()) { return; }
        long by = event.isShiftDown() ? 64 : 1;
        switch (event.getCode()) {
            case UP -> model.move(-by, 0);
            case DOWN -> model.move(by, 0);
            case LEFT -> model.move(0, -by);
            case RIGHT -> model.move(0, by);
            case PLUS, ADD, EQUALS -> model.zoom(2);
            case MINUS, SUBTRACT -> model.zoom(0.5);
            case DIGIT0, NUMPAD0 -> model.fit();
            default -> {
                return;
            }
        }
        event.consume();
    }

    // ---------------------------------------------------------------- painting

    @Override
    protected void layoutChildren() {
        double width = Math.max(1, getWidth());
        double height = Math.max(1, getHeight());
        canvas.setWidth(width);
        canvas.setHeight(height);
        var g = canvas.getGraphicsContext2D();
        g.clearRect(0, 0, width, height);
        var map = model.heat().get();
        if (map == null || map.rows() == 0 || map.columns() == 0) { return; }
        double legend = ui.px(76);
        cell = Math.max(0.5, Math.min((width - legend) / map.columns(), height / map.rows()));
        if (cell > 8) {
            cell = Math.floor(cell);
        }
        cell = Math.min(cell, ui.px(64));
        double limit = map.limit();
        var image = new WritableImage(map.columns(), map.rows());
        var pixels = image.getPixelWriter();
        for (int r = 0; r < map.rows(); r++) {
            for (int c = 0; c < map.columns(); c++) {
                pixels.setColor(c, r, color(map.at(r, c), limit));
            }
        }
        g.setImageSmoothing(cell < 1);
        g.drawImage(image, 0, 0, map.columns() * cell, map.rows() * cell);
        if (map.block() == 1 && cell >= ui.px(ROOM)) {
            values(map, limit);
        }
        g.setStroke(StyleColor.of(line));
        g.setLineWidth(1);
        g.strokeRect(0.5, 0.5, Math.floor(map.columns() * cell), Math.floor(map.rows() * cell));
        crosshair(map);
        legend(map.columns() * cell + ui.px(12), limit);
    }

    private Color color(float value, double limit) {
        if (Float.isNaN(value)) { return StyleColor.of(nan); }
        double part = Math.clamp(value / limit, -1, 1);
        return StyleColor.of(zero).interpolate(StyleColor.of(part < 0 ? low : high), Math.abs(part));
    }

    private void values(HeatMap map, double limit) {
        var g = canvas.getGraphicsContext2D();
        g.setFont(Font.font(Look.mono(), ui.px(11)));
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

    private void crosshair(HeatMap map) {
        var spot = model.spot().get();
        if (spot == null) { return; }
        double x = (Math.floorDiv(spot.column() - map.window().column(), map.block()) + 0.5) * cell;
        double y = (Math.floorDiv(spot.row() - map.window().row(), map.block()) + 0.5) * cell;
        if (x < 0 || y < 0 || x > map.columns() * cell || y > map.rows() * cell) { return; }
        var g = canvas.getGraphicsContext2D();
        g.setStroke(Color.gray(0.15, 0.7));
        g.setLineWidth(1);
        if (cell < ui.px(ROOM)) { // through numbers no line is drawn
            g.strokeLine(0, Math.floor(y) + 0.5, map.columns() * cell, Math.floor(y) + 0.5);
            g.strokeLine(Math.floor(x) + 0.5, 0, Math.floor(x) + 0.5, map.rows() * cell);
        }
        double half = Math.max(4, cell / 2);
        g.setStroke(Color.WHITE);
        g.setLineWidth(4);
        g.strokeRect(x - half, y - half, 2 * half, 2 * half);
        g.setStroke(StyleColor.of(lit));
        g.setLineWidth(2);
        g.strokeRect(x - half, y - half, 2 * half, 2 * half);
    }

    private void legend(double x, double limit) {
        var g = canvas.getGraphicsContext2D();
        double tall = Math.min(ui.px(180), getHeight() - 1);
        double wide = ui.px(12);
        for (int i = 0; i < tall; i++) {
            g.setFill(color((float) (limit * (1 - 2 * i / tall)), limit));
            g.fillRect(x, i, wide, 1);
        }
        g.setStroke(StyleColor.of(line));
        g.setLineWidth(1);
        g.strokeRect(Math.floor(x) + 0.5, 0.5, wide, Math.floor(tall) - 1);
        g.setFill(StyleColor.of(muted));
        g.setFont(Font.font(Look.mono(), ui.px(11)));
        g.setTextAlign(TextAlignment.LEFT);
        g.setTextBaseline(VPos.CENTER);
        var most = ui.texts().decimal(limit, 1);
        g.fillText(most, x + wide + ui.px(6), ui.px(7));
        g.fillText("0", x + wide + ui.px(6), tall / 2);
        g.fillText("-" + most, x + wide + ui.px(6), tall - ui.px(7));
    }
}
