package weft.picture;

import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;

import weft.picture.Drawing.Anchor;
import weft.picture.Drawing.Box;
import weft.picture.Drawing.Dashes;
import weft.picture.Drawing.Form;
import weft.picture.Drawing.Ink;
import weft.picture.Drawing.Mark;
import weft.picture.Drawing.Path;
import weft.picture.Drawing.Point;
import weft.picture.Drawing.Sign;
import weft.picture.Drawing.Stroke;
import weft.picture.Drawing.Words;

/**
 * The error of every layer on a logarithmic scale, the tolerance as a dashed line with its name, the first bad layer
 * banded and named. A value of 0 stands on the lowest line; NaN and infinity stand on the highest.
 *
 * @param layers what stands under the chart, in the order they run
 * @param lines what is drawn, the last one on top
 * @param tolerance what is still right, and its name
 * @param bad the number of the first bad layer, or −1
 * @param badName what is written over it
 */
public record ErrorChart(List<String> layers, List<Line> lines, double tolerance, String toleranceName, int bad,
        @Nullable String badName) {
    private static final double LEFT = 52;
    private static final double RIGHT = 20;
    private static final double TOP = 34;
    private static final double BOTTOM = 26;
    /** Pixels of a character of a layer's name. */
    private static final double LETTER = 7.5;
    /** Decades between two labels. */
    private static final int LABELS = 3;

    /** One line: an error for each layer, NaN where it isn't a number. */
    public record Line(List<Double> values, Form form, Ink ink) {
    }

    /** The chart in so many pixels. */
    public Drawing draw(double width, double height) {
        var marks = new ArrayList<Mark>();
        int low = lowest();
        int high = highest(low);
        double bottom = height - BOTTOM;
        double right = width - RIGHT;
        for (int decade = low; decade <= high; decade++) {
            double y = y(Math.pow(10, decade), low, high, bottom);
            marks.add(new Stroke(LEFT, y, right, y, Ink.LINE, false));
            if ((high - decade) % LABELS == 0) {
                marks.add(Words.mono(LEFT - 10, y + 4, "1e" + decade, Ink.MUTED, Anchor.END));
            }
        }
        if (bad >= 0 && bad < layers.size()) {
            double x = x(bad, right);
            double half = Math.min(18, Math.max(4, (right - LEFT) / Math.max(1, layers.size()) * 0.45));
            marks.add(new Box(x - half, TOP, 2 * half, bottom - TOP, Ink.BAD_BAND, Ink.BAD_BAND));
            marks.add(new Dashes(x - half, TOP, x - half, bottom, Ink.BAD));
            marks.add(new Dashes(x + half, TOP, x + half, bottom, Ink.BAD));
            if (badName != null) {
                var anchor = x < width * 0.35 ? Anchor.START : x > width * 0.65 ? Anchor.END : Anchor.MIDDLE;
                double at = anchor == Anchor.START ? x - half : anchor == Anchor.END ? x + half : x;
                marks.add(Words.bold(at, TOP - 16, badName, Ink.BAD, anchor));
                marks.add(new Stroke(x, TOP - 11, x, TOP, Ink.BAD, false));
            }
        }
        double limit = y(tolerance, low, high, bottom);
        marks.add(new Dashes(LEFT, limit, right, limit, Ink.TEXT));
        marks.add(Words.prose(right, limit - 6, toleranceName, Ink.MUTED, Anchor.END));
        names(marks, right, height);
        for (var line : lines) {
            var points = new ArrayList<Point>();
            for (int i = 0; i < line.values().size(); i++) {
                points.add(new Point(x(i, right), y(line.values().get(i), low, high, bottom)));
            }
            marks.add(new Path(List.copyOf(points), line.ink()));
            points.forEach(p -> marks.add(new Sign(p.x(), p.y(), line.form(), line.ink())));
        }
        return new Drawing(width, height, List.copyOf(marks));
    }

    /** Which layer stands at a place of the drawing; −1 for none. */
    public int layerAt(double x, double width) {
        if (layers.isEmpty()) { return -1; }
        double step = layers.size() == 1 ? 1 : (width - RIGHT - LEFT - 16) / (layers.size() - 1);
        int at = (int) Math.round((x - LEFT - 8) / step);
        return at < 0 || at >= layers.size() ? -1 : at;
    }

    private void names(List<Mark> marks, double right, double height) {
        int longest = layers.stream().mapToInt(String::length).max().orElse(1);
        double step = layers.size() < 2 ? right - LEFT : (right - LEFT - 16) / (layers.size() - 1);
        int every = Math.max(1, (int) Math.ceil((longest + 1) * LETTER / step));
        double kept = Double.NEGATIVE_INFINITY; // where the last name ends
        for (int i = 0; i < layers.size(); i++) {
            boolean marked = i == bad;
            double half = layers.get(i).length() * LETTER / 2;
            boolean nearBad = bad >= 0 && !marked && Math.abs(i - bad) < every;
            if (marked || i % every == 0 && !nearBad && x(i, right) - half > kept) {
                kept = x(i, right) + half;
                marks.add(new Words(x(i, right), height - 8, layers.get(i), marked ? Ink.BAD : Ink.MUTED, Anchor.MIDDLE,
                        true, marked, false));
            }
        }
    }

    private double x(int layer, double right) {
        return layers.size() < 2
                ? (LEFT + right) / 2
                : LEFT + 8 + (right - LEFT - 16) * layer / (layers.size() - 1);
    }

    private static double y(double value, int low, int high, double bottom) {
        double decade = !(value < Double.POSITIVE_INFINITY) ? high : value <= 0 ? low : Math.log10(value);
        return bottom - (Math.clamp(decade, low, high) - low) / (high - low) * (bottom - TOP);
    }

    private int lowest() {
        double least = lines.stream().flatMap(l -> l.values().stream()).mapToDouble(v -> v)
                .filter(v -> v > 0 && v < Double.POSITIVE_INFINITY).min().orElse(1e-8);
        return Math.clamp((int) Math.floor(Math.log10(Math.min(least, tolerance / 100))), -12, 0);
    }

    /** A whole number of labelled stretches above the lowest. */
    private int highest(int low) {
        double most = lines.stream().flatMap(l -> l.values().stream()).mapToDouble(v -> v)
                .filter(v -> v < Double.POSITIVE_INFINITY).max().orElse(1);
        int high = Math.max((int) Math.ceil(Math.log10(Math.max(most, tolerance * 10))), low + LABELS);
        return low + (high - low + LABELS - 1) / LABELS * LABELS;
    }
}
