package weft.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Pattern;

/** What is made from Weft itself and committed: it must be what would be made now. {@code -Dweft.docs.write=true} makes it. */
public final class Committed {
    static final Path IMAGES = Path.of("src/site/resources/images");

    private Committed() {
    }

    public static void picture(String name, String svg) throws IOException {
        file(IMAGES.resolve(name), svg);
    }

    public static void file(Path file, String text) throws IOException {
        if (Boolean.getBoolean("weft.docs.write")) {
            Files.createDirectories(file.getParent());
            Files.writeString(file, text);
        }
        assertThat(file).as("made by -Dweft.docs.write=true").exists();
        assertThat(Files.readString(file)).as("%s is made again by -Dweft.docs.write=true", file).isEqualTo(text);
    }

    /** A part of a page, between two remarks {@code <!-- name -->} and {@code <!-- /name -->}. */
    public static void part(Path page, String name, String text) throws IOException {
        var all = Files.readString(page);
        var begin = "<!-- " + name + " -->\n";
        int from = all.indexOf(begin) + begin.length();
        int to = all.indexOf("<!-- /" + name + " -->");
        assertThat(from).as("%s has a part %s", page, name).isGreaterThanOrEqualTo(begin.length());
        assertThat(to).as("%s has a part %s", page, name).isGreaterThanOrEqualTo(from);
        file(page, all.substring(0, from) + text + all.substring(to));
    }

    /**
     * A drawing's SVG as a file that stands alone: with a ground, and colours that every viewer understands; a browser in the dark
     * takes the second ones.
     */
    public static String standalone(String svg) {
        svg = framed(svg);
        int end = svg.indexOf("</title>") + "</title>".length();
        var dark = new StringBuilder();
        var all = svg.substring(end);
        var box = BOX.matcher(svg).results().findFirst().orElseThrow();
        var ground = "<rect x=\"" + box.group(1) + "\" y=\"" + box.group(2)
                + "\" width=\"100%\" height=\"100%\" fill=\"var(--ink-window)\"/>";
        for (var ink : INKS) {
            var name = "var(--ink-" + ink[0] + ")";
            if ((ground + all).contains(name)) {
                dark.append(
                        "[fill=\"%s\"]{fill:%s}[stroke=\"%s\"]{stroke:%s}\n".formatted(ink[1], ink[2], ink[1], ink[2]));
            }
            all = all.replace(name, ink[1]);
            ground = ground.replace(name, ink[1]);
        }
        assertThat(all).doesNotContain("var(");
        return (svg.substring(0, end) + "<style>\n" + FONTS + "@media (prefers-color-scheme: dark) {\n" + dark
                + "}\n</style>"
                + ground + all).replace("><", ">\n<") + "\n";
    }

    private static final Pattern BOX = Pattern
            .compile("viewBox=\"([0-9.-]+) ([0-9.-]+) ([0-9.]+) ([0-9.]+)\" width=\"[0-9.]+\" height=\"[0-9.]+\"");

    /** A drawing is cut as close as its marks allow; alone on a page it has a margin. */
    private static String framed(String svg) {
        return BOX.matcher(svg).replaceFirst(m -> {
            var box = new double[4];
            for (int i = 0; i < 4; i++) {
                box[i] = Double.parseDouble(m.group(i + 1)) + (i < 2 ? -MARGIN : 2 * MARGIN);
            }
            return String.format(Locale.ROOT, "viewBox=\"%.1f %.1f %.1f %.1f\" width=\"%.1f\" height=\"%.1f\"", box[0],
                    box[1], box[2], box[3], box[2], box[3]);
        });
    }

    private static final double MARGIN = 8;

    private static final String FONTS = """
            text { font: 12px system-ui, "Segoe UI", "Noto Sans", "Noto Sans CJK SC", sans-serif; }
            .mono { font-family: ui-monospace, "Cascadia Mono", Menlo, "DejaVu Sans Mono", monospace; }
            .bold { font-weight: 600; }
            """;

    /** Ink, its colour, its colour in the dark; each colour once, for the dark ones are found by it. */
    private static final String[][] INKS = {{"text", "#1f2328", "#e6edf3"}, {"muted", "#59636e", "#9198a1"},
        {"line", "#afb8c1", "#484f58"}, {"accent", "#0969da", "#58a6ff"}, {"band", "#fbe3d6", "#5a3520"},
        {"part-0", "#d3e5fa", "#1c3557"}, {"part-1", "#cdeae4", "#143f3a"}, {"part-2", "#e6dcf7", "#352a55"},
        {"part-line", "#8fb4dd", "#3f6ea3"}, {"window", "#ffffff", "#0d1117"}};
}
