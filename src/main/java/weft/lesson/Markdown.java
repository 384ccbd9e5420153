package weft.lesson;

import java.util.ArrayList;
import java.util.List;

/**
 * The little of Markdown that lessons need: paragraphs, list items, {@code code}, <b>strong</b> and <i>emphasis</i>.
 * What it doesn't know is text.
 */
public final class Markdown {
    private Markdown() {
    }

    /** How a piece of text looks. */
    public enum Style {
        PLAIN, STRONG, EMPHASIS, CODE
    }

    /** Some text of one style. */
    public record Span(String text, Style style) {
    }

    /**
     * A paragraph or an item of a list.
     *
     * @param mark what stands before an item, {@code •} or {@code 1.}; empty for a paragraph
     */
    public record Block(String mark, List<Span> spans) {
        public Block {
            spans = List.copyOf(spans);
        }
    }

    /** Paragraphs are parted by blank lines; single line ends are spaces, but between Chinese characters. */
    public static List<Block> parse(String text) {
        var blocks = new ArrayList<Block>();
        var open = new StringBuilder();
        var mark = "";
        for (var line : (text + "\n\n").lines().toList()) {
            var found = line.matches("- .*")
                    ? "•"
                    : line.matches("\\d+\\. .*") ? line.substring(0, line.indexOf(' ')) : "";
            if (line.isBlank() || !found.isEmpty()) {
                close(blocks, mark, open);
                mark = found;
            }
            if (!line.isBlank()) {
                join(open, found.isEmpty() ? line.strip() : line.substring(line.indexOf(' ') + 1).strip());
            }
        }
        close(blocks, mark, open);
        return blocks;
    }

    private static void close(List<Block> blocks, String mark, StringBuilder open) {
        if (!open.isEmpty()) {
            blocks.add(new Block(mark, spans(open.toString())));
            open.setLength(0);
        }
    }

    private static void join(StringBuilder open, String line) {
        if (!open.isEmpty() && !line.isEmpty()
                && !(isWide(open.charAt(open.length() - 1)) && isWide(line.charAt(0)))) {
            open.append(' ');
        }
        open.append(line);
    }

    private static boolean isWide(char c) {
        return c >= 0x2E80 && c <= 0x9FFF || c >= 0xFF00 && c <= 0xFFEF || c >= 0x2018 && c <= 0x201D;
    }

    /** One line's pieces; a mark that is never closed is text. */
    public static List<Span> spans(String line) {
        var spans = new ArrayList<Span>();
        var plain = new StringBuilder();
        int at = 0;
        while (at < line.length()) {
            var mark = line.startsWith("**", at)
                    ? "**"
                    : line.startsWith("`", at) ? "`" : line.startsWith("*", at) ? "*" : "";
            int end = mark.isEmpty() ? -1 : line.indexOf(mark, at + mark.length());
            if (mark.equals("*") && (at + 1 == line.length() || line.charAt(at + 1) == ' ')) {
                end = -1; // a star between numbers multiplies
            }
            if (end > at + mark.length()) {
                add(spans, plain);
                spans.add(new Span(line.substring(at + mark.length(), end), switch (mark) {
                    case "**" -> Style.STRONG;
                    case "`" -> Style.CODE;
                    default -> Style.EMPHASIS;
                }));
                at = end + mark.length();
            } else {
                int width = Math.max(1, mark.length());
                plain.append(line, at, at + width);
                at += width;
            }
        }
        add(spans, plain);
        return spans;
    }

    private static void add(List<Span> spans, StringBuilder plain) {
        if (!plain.isEmpty()) {
            spans.add(new Span(plain.toString(), Style.PLAIN));
            plain.setLength(0);
        }
    }

    /** The text alone, for those who hear it and for pictures. */
    public static String plain(String text) {
        var lines = new ArrayList<String>();
        for (var block : parse(text)) {
            var line = new StringBuilder(block.mark().isEmpty() ? "" : block.mark() + " ");
            block.spans().forEach(s -> line.append(s.text()));
            lines.add(line.toString());
        }
        return String.join("\n", lines);
    }
}
