package weft.picture;

import java.util.List;

/**
 * A picture as plain data: whoever paints it decides what the inks look like. Lengths are pixels at 100 %, from the
 * upper left corner.
 */
public record Drawing(double width, double height, List<Mark> marks) {

    /** What a mark is painted with; themes say which colour that is. */
    public enum Ink {
        TEXT, MUTED, LINE, ACCENT, GOOD, BAD, LIT, BAND, PART_0, PART_1, PART_2, PART_LINE, BEFORE, AFTER, BAD_BAND,
        WINDOW
    }

    /** Which point of a text its position is. */
    public enum Anchor {
        START, MIDDLE, END
    }

    /** One thing to paint, in the order of the list. */
    public sealed interface Mark {
    }

    /** A filled rectangle with a thin line around. */
    public record Box(double x, double y, double width, double height, Ink fill, Ink line) implements Mark {
    }

    /** A rectangle's outline. */
    public record Frame(double x, double y, double width, double height, double thickness, Ink ink) implements Mark {
    }

    /** Thin lines every {@code step} pixels in a rectangle. */
    public record Grid(double x, double y, double width, double height, double step) implements Mark {
    }

    /** A straight arrow or line. */
    public record Stroke(double x1, double y1, double x2, double y2, Ink ink, boolean arrow) implements Mark {
    }

    /** A dashed line. */
    public record Dashes(double x1, double y1, double x2, double y2, Ink ink) implements Mark {
    }

    /** Points joined by straight lines. */
    public record Path(List<Point> points, Ink ink) implements Mark {
    }

    /** A place in the picture. */
    public record Point(double x, double y) {
    }

    /** What marks a value, so that lines are told apart without colour. */
    public enum Form {
        TRIANGLE, RING
    }

    /** A value's sign; {@code x}, {@code y} its middle. */
    public record Sign(double x, double y, Form form, Ink ink) implements Mark {
    }

    /** An arrow that leaves and arrives horizontally. */
    public record Bow(double x1, double y1, double x2, double y2, Ink ink) implements Mark {
    }

    /** A title: large and bold; {@code y} is its base line. */
    public record Heading(double x, double y, String text, Ink ink) implements Mark {
    }

    /** A picture inside another one, its corner moved to a place. */
    public record Group(double x, double y, List<Mark> marks) implements Mark {
    }

    /** A line of text; {@code y} is its base line. Upright text runs from bottom to top. */
    public record Words(double x, double y, String text, Ink ink, Anchor anchor, boolean mono, boolean bold,
            boolean upright) implements Mark {
        static Words prose(double x, double y, String text, Ink ink, Anchor anchor) {
            return new Words(x, y, text, ink, anchor, false, false, false);
        }

        static Words bold(double x, double y, String text, Ink ink, Anchor anchor) {
            return new Words(x, y, text, ink, anchor, false, true, false);
        }

        static Words mono(double x, double y, String text, Ink ink, Anchor anchor) {
            return new Words(x, y, text, ink, anchor, true, false, false);
        }
    }
}
