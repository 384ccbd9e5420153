package weft.ui;

import javafx.scene.canvas.Canvas;
import javafx.scene.canvas.GraphicsContext;
import javafx.scene.input.KeyEvent;
import javafx.scene.layout.Region;
import javafx.scene.paint.Color;
import javafx.scene.text.Font;

/**
 * Square cells in colours on a canvas, one of them lit: a slice of a tensor, an attention map. Arrow keys move the lit
 * one. What the cells hold, and what stands around them, is the view's own business.
 */
public abstract class CellView extends Region {
    /** Cells from this size on begin at whole pixels, so that all are alike. */
    private static final double SHARP = 6;
    protected final Ui ui;
    private final Canvas canvas = new Canvas();
    private final Region ink = StyleColor.probe("ink-muted");
    private final Region lit = StyleColor.probe("ink-lit");
    private final Region line = StyleColor.probe("ink-line");
    /** Where the cells begin. */
    private double left;
    private double top;
    private double cell = 1;

    protected CellView(Ui ui, String id) {
        this.ui = ui;
        setId(id);
        getStyleClass().add("heat");
        setFocusTraversable(true);
        getChildren().addAll(ink, lit, line, canvas);
        StyleColor.onChange(line, this::requestLayout); // all colours come with the theme, and go with it
        addEventHandler(KeyEvent.KEY_PRESSED, this::key);
    }

    /** A colour of the style sheet, to be asked for with {@link StyleColor#of}. */
    protected final Region probe(String style) {
        var probe = StyleColor.probe(style);
        getChildren().addFirst(probe);
        return probe;
    }

    /** Paints everything on a clean canvas. */
    protected abstract void paint(GraphicsContext g, double width, double height);

    /** Moves the lit cell; one step is a cell, or a value inside a cell that stands for many. */
    protected abstract void move(int down, int across);

    /** Any other key without Ctrl or Alt; the event is consumed where it returns true. */
    protected boolean pressed(KeyEvent event) {
        return false;
    }

    /** Puts the cells where they begin and makes them as large as {@code wanted}, but never smaller than a pixel's half. */
    protected final void place(double x, double y, double wanted) {
        left = x;
        top = y;
        cell = Math.max(0.5, wanted > SHARP ? Math.floor(wanted) : wanted);
    }

    protected final double cell() {
        return cell;
    }

    protected final double left() {
        return left;
    }

    protected final double top() {
        return top;
    }

    /** The column under a place; it may lie outside. */
    protected final int columnAt(double x) {
        return (int) Math.floor((x - left) / cell);
    }

    protected final int rowAt(double y) {
        return (int) Math.floor((y - top) / cell);
    }

    /** A thin line around cells. */
    protected final void frame(GraphicsContext g, Color color, int row, int rows, int columns) {
        g.setStroke(color);
        g.setLineWidth(1);
        g.strokeRect(Math.floor(left) + 0.5, Math.floor(top + row * cell) + 0.5, Math.floor(columns * cell),
                Math.floor(rows * cell));
    }

    /** The lit cell's frame, never so small that it isn't seen; a white one outside where colours could swallow it. */
    protected final void light(GraphicsContext g, double row, double column, double least, boolean halo) {
        double size = Math.max(least, cell);
        double x = left + (column + 0.5) * cell - size / 2;
        double y = top + (row + 0.5) * cell - size / 2;
        if (halo) {
            g.setStroke(Color.WHITE);
            g.setLineWidth(4);
            g.strokeRect(x, y, size, size);
        }
        g.setStroke(StyleColor.of(lit));
        g.setLineWidth(2);
        g.strokeRect(x, y, size, size);
    }

    protected final Color lineColor() {
        return StyleColor.of(line);
    }

    protected final Color inkColor() {
        return StyleColor.of(ink);
    }

    protected final Color litColor() {
        return StyleColor.of(lit);
    }

    /** The face of names and numbers beside and in cells. */
    protected final Font small() {
        return Font.font(Look.mono(), ui.px(11));
    }

    private void key(KeyEvent event) {
        if (event.isShortcutDown() || event.isAltDown()) { return; }
        int by = event.isShiftDown() ? 64 : 1;
        boolean done = true;
        switch (event.getCode()) {
            case UP -> move(-by, 0);
            case DOWN -> move(by, 0);
            case LEFT -> move(0, -by);
            case RIGHT -> move(0, by);
            default -> done = pressed(event);
        }
        if (done) {
            event.consume();
        }
    }

    @Override
    protected final void layoutChildren() {
        double width = Math.max(1, getWidth());
        double height = Math.max(1, getHeight());
        canvas.setWidth(width);
        canvas.setHeight(height);
        var g = canvas.getGraphicsContext2D();
        g.clearRect(0, 0, width, height);
        paint(g, width, height);
    }
}
