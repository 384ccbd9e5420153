package weft.picture;

import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;

import weft.picture.Drawing.Anchor;
import weft.picture.Drawing.Group;
import weft.picture.Drawing.Heading;
import weft.picture.Drawing.Ink;
import weft.picture.Drawing.Mark;
import weft.picture.Drawing.Stroke;
import weft.picture.Drawing.Words;
import weft.text.Wide;

/** A picture on a sheet with a title above and some sentences below: something to take home and hang up. */
public final class Sheet {
    private static final double MARGIN = 40;
    private static final double LEAST_WIDTH = 760;
    private static final double LINE = 20;
    private static final double LATIN = 6.2;
    private static final double WIDE = 12;

    private Sheet() {
    }

    /**
     * @param over what stands small above the title
     * @param picture or {@code null} where there is nothing to draw
     * @param text paragraphs, each broken into lines as wide as the sheet
     * @param foot what stands small at the end
     */
    public static Drawing of(String over, String title, @Nullable Drawing picture, List<String> text, String foot) {
        double width = Math.max(LEAST_WIDTH, (picture == null ? 0 : picture.width()) + 2 * MARGIN);
        var marks = new ArrayList<Mark>();
        double y = MARGIN + 4;
        marks.add(Words.prose(MARGIN, y, over, Ink.MUTED, Anchor.START));
        y += 30;
        marks.add(new Heading(MARGIN, y, title, Ink.TEXT));
        y += 24;
        if (picture != null) {
            marks.add(new Group(MARGIN, y, picture.marks()));
            y += picture.height() + 12;
        }
        marks.add(new Stroke(MARGIN, y, width - MARGIN, y, Ink.LINE, false));
        y += 8;
        for (var paragraph : text) {
            for (var line : lines(paragraph, width - 2 * MARGIN)) {
                y += LINE;
                marks.add(Words.prose(MARGIN, y, line, Ink.TEXT, Anchor.START));
            }
            y += 6;
        }
        y += LINE + 4;
        marks.add(Words.prose(MARGIN, y, foot, Ink.MUTED, Anchor.START));
        return new Drawing(width, y + MARGIN - 12, List.copyOf(marks));
    }

    /** Lines of at most so many pixels; where a word or two would stand alone at the end, somewhat shorter ones. */
    static List<String> lines(String text, double width) {
        var lines = broken(text, width);
        for (double less = width - WIDE; less > width / 2 && lines.size() > 1
                && length(lines.getLast()) < width / 3; less -= WIDE) {
            var other = broken(text, less);
            if (other.size() > lines.size()) { break; }
            lines = other;
        }
        return lines;
    }

    /** Latin breaks at spaces, Chinese anywhere but before a closing sign. */
    private static List<String> broken(String text, double width) {
        var lines = new ArrayList<String>();
        var line = new StringBuilder();
        double used = 0;
        for (var piece : pieces(text)) {
            double more = length(piece);
            if (used + length(piece.stripTrailing()) > width && !line.isEmpty()) {
                lines.add(line.toString().stripTrailing());
                line.setLength(0);
                used = 0;
            }
            line.append(piece);
            used += more;
        }
        lines.add(line.toString().stripTrailing());
        return lines;
    }

    private static List<String> pieces(String text) {
        var pieces = new ArrayList<String>();
        var piece = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            piece.append(c);
            boolean last = i + 1 == text.length();
            char next = last ? ' ' : text.charAt(i + 1);
            boolean breaks = c == ' ' || (Wide.is(c) || Wide.is(next)) && "，。；：？、）”’》".indexOf(next) < 0
                    && "（“‘《".indexOf(c) < 0 && next != ' ';
            if (last || breaks) {
                pieces.add(piece.toString());
                piece.setLength(0);
            }
        }
        return pieces;
    }

    private static double length(String text) {
        return text.chars().mapToDouble(c -> Wide.is(c) ? WIDE : LATIN).sum();
    }
}
