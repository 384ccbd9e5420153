package weft.picture;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;

import weft.picture.Drawing.Ink;

/**
 * A drawing as SVG for a page that says what the inks look like: each is a CSS variable, {@code --ink-text} and so on. No script, no
 * reference to anything outside.
 */
public final class Svg {
    /** Room for a line of text above its base line, and for what hangs below it. */
    private static final double ABOVE = 14, BELOW = 6;

    private Svg() {
    }

    /** As high as what is drawn. @param title what a screen reader says */
    public static String of(Drawing drawing, String title) {
        double top = top(drawing);
        double bottom = drawing.marks().stream().mapToDouble(Svg::bottom).max().orElse(drawing.height());
        var svg = new StringBuilder(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" viewBox=\"0 " + n(top) + " "
                        + n(drawing.width()) + " " + n(bottom - top) + "\" width=\"" + n(drawing.width())
                        + "\" height=\"" + n(bottom - top) + "\"><title>"
                        + escape(title) + "</title>");
        drawing.marks().forEach(m -> mark(svg, m));
        return svg.append("</svg>").toString();
    }

    /**
     * The same as a file of its own, on white: what the inks and the faces look like stands in it.
     *
     * @param title what a screen reader says
     */
    public static String alone(Drawing drawing, String title) {
        var svg = of(drawing, title);
        int inside = svg.indexOf("</title>") + "</title>".length();
        return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + svg.substring(0, inside) + "<style>" + style()
                + "</style><rect y=\"" + n(top(drawing)) + "\" width=\"100%\" height=\"100%\" fill=\"" + ink(Ink.WINDOW)
                + "\"/>"
                + svg.substring(inside) + "\n";
    }

    private static String style() {
        try (var in = Svg.class.getResourceAsStream("alone.css")) {
            return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e); // it ships with the app
        }
    }

    private static double top(Drawing drawing) {
        return drawing.marks().stream().mapToDouble(Svg::top).min().orElse(0);
    }

    private static double top(Drawing.Mark mark) {
        return switch (mark) {
            case Drawing.Box b -> b.y() - 1;
            case Drawing.Frame f -> f.y() - 2;
            case Drawing.Grid g -> g.y();
            case Drawing.Stroke s -> Math.min(s.y1(), s.y2()) - 5;
            case Drawing.Dashes d -> Math.min(d.y1(), d.y2());
            case Drawing.Path p -> p.points().stream().mapToDouble(Drawing.Point::y).min().orElse(0) - 1;
            case Drawing.Sign s -> s.y() - 6;
            case Drawing.Bow b -> Math.min(b.y1(), b.y2()) - 5;
            case Drawing.Heading h -> h.y() - 2 * ABOVE;
            case Drawing.Group g -> g.y() + g.marks().stream().mapToDouble(Svg::top).min().orElse(0);
            case Drawing.Words w -> w.upright() ? w.y() : w.y() - ABOVE; // upright words stand beside something higher
        };
    }

    private static double bottom(Drawing.Mark mark) {
        return switch (mark) {
            case Drawing.Box b -> b.y() + b.height() + 1;
            case Drawing.Frame f -> f.y() + f.height() + 2;
            case Drawing.Grid g -> g.y() + g.height();
            case Drawing.Stroke s -> Math.max(s.y1(), s.y2()) + 5;
            case Drawing.Dashes d -> Math.max(d.y1(), d.y2());
            case Drawing.Path p -> p.points().stream().mapToDouble(Drawing.Point::y).max().orElse(0) + 1;
            case Drawing.Sign s -> s.y() + 6;
            case Drawing.Bow b -> Math.max(b.y1(), b.y2()) + 5;
            case Drawing.Heading h -> h.y() + 2 * BELOW;
            case Drawing.Group g -> g.y() + g.marks().stream().mapToDouble(Svg::bottom).max().orElse(0);
            case Drawing.Words w -> w.upright() ? w.y() : w.y() + BELOW;
        };
    }

    private static void mark(StringBuilder svg, Drawing.Mark mark) {
        switch (mark) {
            case Drawing.Box b ->
                svg.append("<rect x=\"" + n(b.x()) + "\" y=\"" + n(b.y()) + "\" width=\"" + n(b.width())
                        + "\" height=\"" + n(b.height()) + "\" fill=\"" + ink(b.fill()) + "\""
                        + (b.line() == b.fill() ? "" : " stroke=\"" + ink(b.line()) + "\"") + "/>");
            case Drawing.Frame f ->
                svg.append("<rect x=\"" + n(f.x()) + "\" y=\"" + n(f.y()) + "\" width=\"" + n(f.width())
                        + "\" height=\"" + n(f.height()) + "\" rx=\"4\" fill=\"none\" stroke=\"" + ink(f.ink())
                        + "\" stroke-width=\""
                        + n(f.thickness()) + "\"/>");
            case Drawing.Grid g -> grid(svg, g);
            case Drawing.Stroke s -> {
                svg.append("<path d=\"M" + n(s.x1()) + " " + n(s.y1()) + "L" + n(s.x2() - (s.arrow() ? 6 : 0)) + " "
                        + n(s.y2())
                        + "\" fill=\"none\" stroke=\"" + ink(s.ink()) + "\" stroke-width=\"1.2\"/>");
                if (s.arrow()) {
                    head(svg, s.x2(), s.y2(), s.ink());
                }
            }
            case Drawing.Dashes d ->
                svg.append("<path d=\"M" + n(d.x1()) + " " + n(d.y1()) + "L" + n(d.x2()) + " " + n(d.y2())
                        + "\" fill=\"none\" stroke=\"" + ink(d.ink()) + "\" stroke-dasharray=\"5 3\"/>");
            case Drawing.Path p -> svg.append("<polyline points=\""
                    + p.points().stream().map(q -> n(q.x()) + "," + n(q.y()))
                            .collect(Collectors.joining(" "))
                    + "\" fill=\"none\" stroke=\"" + ink(p.ink())
                    + "\" stroke-width=\"1.6\"/>");
            case Drawing.Sign s -> svg.append(switch (s.form()) {
                case TRIANGLE ->
                    "<path d=\"M" + n(s.x()) + " " + n(s.y() - 5) + "l5 9h-10Z\" fill=\"" + ink(s.ink()) + "\"/>";
                case RING ->
                    "<circle cx=\"" + n(s.x()) + "\" cy=\"" + n(s.y()) + "\" r=\"3.5\" fill=\"" + ink(Ink.WINDOW)
                            + "\" stroke=\"" + ink(s.ink()) + "\" stroke-width=\"1.6\"/>";
            });
            case Drawing.Bow b -> {
                var middle = n((b.x1() + b.x2()) / 2);
                svg.append("<path d=\"M" + n(b.x1()) + " " + n(b.y1()) + "C" + middle + " " + n(b.y1()) + " " + middle
                        + " "
                        + n(b.y2()) + " " + n(b.x2() - 6) + " " + n(b.y2()) + "\" fill=\"none\" stroke=\""
                        + ink(b.ink())
                        + "\" stroke-width=\"1.2\"/>");
                head(svg, b.x2(), b.y2(), b.ink());
            }
            case Drawing.Heading h -> svg.append("<text x=\"" + n(h.x()) + "\" y=\"" + n(h.y()) + "\" fill=\""
                    + ink(h.ink()) + "\" class=\"prose heading\">" + escape(h.text()) + "</text>");
            case Drawing.Group g -> {
                svg.append("<g transform=\"translate(" + n(g.x()) + " " + n(g.y()) + ")\">");
                g.marks().forEach(m -> mark(svg, m));
                svg.append("</g>");
            }
            case Drawing.Words w ->
                svg.append("<text x=\"" + n(w.x()) + "\" y=\"" + n(w.y()) + "\" fill=\"" + ink(w.ink())
                        + "\" text-anchor=\"" + w.anchor().name().toLowerCase(Locale.ROOT) + "\" class=\""
                        + (w.mono() ? "mono" : "prose")
                        + (w.bold() ? " bold" : "") + "\""
                        + (w.upright() ? " transform=\"rotate(-90 " + n(w.x()) + " " + n(w.y()) + ")\"" : "") + ">"
                        + escape(w.text())
                        + "</text>");
        }
    }

    private static void grid(StringBuilder svg, Drawing.Grid grid) {
        var path = new StringBuilder();
        for (double x = grid.x() + grid.step(); x < grid.x() + grid.width() - 1; x += grid.step()) {
            path.append("M" + n(x) + " " + n(grid.y()) + "v" + n(grid.height()));
        }
        for (double y = grid.y() + grid.step(); y < grid.y() + grid.height() - 1; y += grid.step()) {
            path.append("M" + n(grid.x()) + " " + n(y) + "h" + n(grid.width()));
        }
        svg.append("<path d=\"" + path + "\" fill=\"none\" stroke=\"" + ink(Ink.PART_LINE)
                + "\" stroke-opacity=\"0.35\"/>");
    }

    private static void head(StringBuilder svg, double x, double y, Ink ink) {
        svg.append("<path d=\"M" + n(x) + " " + n(y) + "L" + n(x - 8) + " " + n(y - 4.5) + "L" + n(x - 8) + " "
                + n(y + 4.5)
                + "Z\" fill=\"" + ink(ink) + "\"/>");
    }

    private static String ink(Ink ink) {
        return "var(--ink-" + ink.name().toLowerCase(Locale.ROOT).replace('_', '-') + ")";
    }

    private static String n(double value) {
        var text = String.format(Locale.ROOT, "%.1f", value);
        return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
    }

    private static String escape(String text) {
        return text.replaceAll("\\p{Cntrl}", " ").replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
                .replace("\"",
                        "&quot;");
    }
}
