package weft.ui.inspect;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiConsumer;
import javafx.geometry.VPos;
import javafx.scene.canvas.Canvas;
import javafx.scene.canvas.GraphicsContext;
import javafx.scene.layout.Region;
import javafx.scene.paint.Color;
import javafx.scene.paint.Paint;
import javafx.scene.text.Font;
import javafx.scene.text.FontWeight;
import javafx.scene.text.TextAlignment;

import org.jspecify.annotations.Nullable;

import weft.picture.Drawing;
import weft.picture.Drawing.Ink;
import weft.picture.Drawing.Mark;
import weft.ui.Look;
import weft.ui.StyleColor;
import weft.ui.Ui;

/** Paints drawing data on a canvas, in the colours of the style sheet. */
public final class DrawingView extends Region {
    private final Ui ui;
    private final Canvas canvas = new Canvas();
    private final Map<Ink, Region> inks = new EnumMap<>(Ink.class);
    private @Nullable Drawing drawing;
    private double zoom = 1;

    public DrawingView(Ui ui) {
        this.ui = ui;
        getStyleClass().add("drawing");
        for (var ink : Ink.values()) {
            var probe = StyleColor.probe("ink-" + ink.name().toLowerCase(Locale.ROOT).replace('_', '-'));
            StyleColor.onChange(probe, this::requestLayout);
            inks.put(ink, probe);
        }
        getChildren().addAll(inks.values());
        getChildren().add(canvas);
    }

    /** Tells where the pointer is, in the drawing's own pixels. */
    public void onPoint(BiConsumer<Double, Double> told) {
        canvas.setOnMouseMoved(e -> told.accept(e.getX() / zoom, e.getY() / zoom));
        canvas.setOnMousePressed(e -> {
            requestFocus();
            told.accept(e.getX() / zoom, e.getY() / zoom);
            e.consume(); // what scrolls around it would take the focus, and the arrow keys with it
        });
    }

    public void show(@Nullable Drawing other) {
        drawing = other;
        requestLayout();
    }

    @Override
    protected void layoutChildren() {
        var shown = drawing;
        canvas.setVisible(shown != null);
        if (shown == null) { return; }
        double wanted = ui.look().scale();
        zoom = Math.max(0.6 * wanted, Math.min(wanted, getWidth() / Math.max(1, shown.width())));
        canvas.setWidth(Math.ceil(shown.width() * zoom));
        canvas.setHeight(Math.ceil(shown.height() * zoom));
        var g = canvas.getGraphicsContext2D();
        g.setTransform(1, 0, 0, 1, 0, 0);
        g.clearRect(0, 0, canvas.getWidth(), canvas.getHeight());
        g.scale(zoom, zoom);
        for (var mark : shown.marks()) {
            paint(g, mark);
        }
    }

    @Override
    protected double computePrefWidth(double height) {
        return drawing == null ? 0 : drawing.width() * ui.look().scale();
    }

    @Override
    protected double computePrefHeight(double width) {
        return drawing == null ? 0 : drawing.height() * ui.look().scale();
    }

    private Paint color(Ink ink) {
        var probe = inks.get(ink);
        var background = probe == null ? null : probe.getBackground();
        return background == null || background.getFills().isEmpty()
                ? Color.GRAY
                : background.getFills().getFirst().getFill();
    }

    private void paint(GraphicsContext g, Mark mark) {
        switch (mark) {
            case Drawing.Box b -> {
                g.setFill(color(b.fill()));
                g.fillRect(b.x(), b.y(), b.width(), b.height());
                if (b.line() != b.fill()) {
                    g.setStroke(color(b.line()));
                    g.setLineWidth(1);
                    g.strokeRect(sharp(b.x()), sharp(b.y()), Math.round(b.width()), Math.round(b.height()));
                }
            }
            case Drawing.Frame f -> {
                g.setStroke(color(f.ink()));
                g.setLineWidth(f.thickness());
                g.strokeRoundRect(f.x(), f.y(), f.width(), f.height(), 4, 4);
            }
            case Drawing.Grid d -> {
                g.setStroke(color(Ink.PART_LINE));
                g.setGlobalAlpha(0.35);
                g.setLineWidth(1);
                for (double x = d.x() + d.step(); x < d.x() + d.width() - 1; x += d.step()) {
                    g.strokeLine(sharp(x), d.y(), sharp(x), d.y() + d.height());
                }
                for (double y = d.y() + d.step(); y < d.y() + d.height() - 1; y += d.step()) {
                    g.strokeLine(d.x(), sharp(y), d.x() + d.width(), sharp(y));
                }
                g.setGlobalAlpha(1);
            }
            case Drawing.Stroke s -> {
                g.setStroke(color(s.ink()));
                g.setLineWidth(1.2);
                g.strokeLine(s.x1(), sharp(s.y1()), s.x2() - (s.arrow() ? 6 : 0), sharp(s.y2()));
                if (s.arrow()) {
                    head(g, s.x2(), sharp(s.y2()), s.ink());
                }
            }
            case Drawing.Bow b -> {
                g.setStroke(color(b.ink()));
                g.setLineWidth(1.2);
                double middle = (b.x1() + b.x2()) / 2;
                g.beginPath();
                g.moveTo(b.x1(), b.y1());
                g.bezierCurveTo(middle, b.y1(), middle, b.y2(), b.x2() - 6, b.y2());
                g.stroke();
                head(g, b.x2(), b.y2(), b.ink());
            }
            case Drawing.Dashes d -> {
                g.setStroke(color(d.ink()));
                g.setLineWidth(1);
                g.setLineDashes(5, 3);
                g.strokeLine(sharp(d.x1()), sharp(d.y1()), sharp(d.x2()), sharp(d.y2()));
                g.setLineDashes();
            }
            case Drawing.Path p -> {
                g.setStroke(color(p.ink()));
                g.setLineWidth(1.6);
                g.strokePolyline(p.points().stream().mapToDouble(Drawing.Point::x).toArray(),
                        p.points().stream().mapToDouble(Drawing.Point::y).toArray(), p.points().size());
            }
            case Drawing.Sign s -> sign(g, s);
            case Drawing.Heading h -> {
                g.setFont(Font.font(Look.prose(ui.texts().isChinese()), FontWeight.BOLD, 22));
                g.setFill(color(h.ink()));
                g.setTextBaseline(VPos.BASELINE);
                g.setTextAlign(TextAlignment.LEFT);
                g.fillText(h.text(), h.x(), h.y());
            }
            case Drawing.Group inner -> {
                g.save();
                g.translate(inner.x(), inner.y());
                inner.marks().forEach(m -> paint(g, m));
                g.restore();
            }
            case Drawing.Words w -> words(g, w);
        }
    }

    private void sign(GraphicsContext g, Drawing.Sign s) {
        switch (s.form()) {
            case TRIANGLE -> {
                g.setFill(color(s.ink()));
                g.fillPolygon(new double[]{s.x(), s.x() - 5, s.x() + 5}, new double[]{s.y() - 5, s.y() + 4, s.y() + 4},
                        3);
            }
            case RING -> {
                g.setFill(color(Ink.WINDOW));
                g.setStroke(color(s.ink()));
                g.setLineWidth(1.6);
                g.fillOval(s.x() - 3.5, s.y() - 3.5, 7, 7);
                g.strokeOval(s.x() - 3.5, s.y() - 3.5, 7, 7);
            }
        }
    }

    private static double sharp(double at) {
        return Math.floor(at) + 0.5;
    }

    private void head(GraphicsContext g, double x, double y, Ink ink) {
        g.setFill(color(ink));
        g.fillPolygon(new double[]{x, x - 8, x - 8}, new double[]{y, y - 4.5, y + 4.5}, 3);
    }

    private void words(GraphicsContext g, Drawing.Words w) {
        boolean chinese = ui.texts().isChinese();
        g.setFont(w.mono()
                ? Font.font(Look.mono(), 12)
                : Font.font(Look.prose(chinese), w.bold() ? FontWeight.BOLD : FontWeight.NORMAL, w.bold() ? 13 : 12));
        g.setFill(color(w.ink()));
        g.setTextBaseline(VPos.BASELINE);
        g.setTextAlign(switch (w.anchor()) {
            case START -> TextAlignment.LEFT;
            case MIDDLE -> TextAlignment.CENTER;
            case END -> TextAlignment.RIGHT;
        });
        if (w.upright()) {
            g.save();
            g.translate(w.x(), w.y());
            g.rotate(-90);
            g.fillText(w.text(), 0, 0);
            g.restore();
        } else {
            g.fillText(w.text(), w.x(), w.y());
        }
    }
}
