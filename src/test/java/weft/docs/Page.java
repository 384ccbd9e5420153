package weft.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** One page of the documents: its fenced blocks, its links, its words in back-ticks. */
record Page(Path file, List<String> lines) {
    static final Path SITE = Path.of("src/site/markdown");
    private static final Pattern FENCE = Pattern.compile("( *)(```+)\\s*([a-z]*)\\s*(?:file=(\\S+))?\\s*");
    private static final Pattern LINK = Pattern.compile("!?\\[[^\\]]*\\]\\(([^)\\s]+)\\)|<img[^>]* src=\"([^\"]+)\"");
    private static final Pattern CODE = Pattern.compile("`([^`]+)`");

    /**
     * What stands between two fences.
     *
     * @param language the word behind the opening fence
     * @param saved the name under which the reader is told to save it, or {@code null}
     * @param first index of its first line
     */
    record Block(String language, String saved, int first, List<String> lines) {
        String text() {
            return String.join("\n", lines) + "\n";
        }
    }

    /** Every page there is: the first ones are those a reader meets first. */
    static List<Page> all() {
        var files = new ArrayList<>(List.of(Path.of("README.md"), Path.of("packaging/README.md"),
                Path.of("src/samples/README.md"), Path.of("src/test/fixtures/README.md")));
        try (Stream<Path> site = Files.walk(SITE)) {
            site.filter(f -> f.toString().endsWith(".md")).sorted().forEach(files::add);
            var pages = new ArrayList<Page>();
            for (var file : files) {
                pages.add(new Page(file, Files.readAllLines(file)));
            }
            return pages;
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    boolean isChinese() {
        return file.toString().endsWith(".zh.md");
    }

    Locale locale() {
        return isChinese() ? Locale.SIMPLIFIED_CHINESE : Locale.ENGLISH;
    }

    List<Block> blocks() {
        var blocks = new ArrayList<Block>();
        for (int i = 0; i < lines.size(); i++) {
            var open = FENCE.matcher(lines.get(i));
            if (!lines.get(i).strip().startsWith("```")) {
                continue;
            }
            if (!open.matches()) { throw new AssertionError(file + ":" + (i + 1) + ": " + lines.get(i)); }
            int end = i + 1;
            while (end < lines.size() && !lines.get(end).equals(open.group(1) + open.group(2))) {
                end++;
            }
            if (end == lines.size()) { throw new AssertionError(file + ":" + (i + 1) + ": no end of this block"); }
            int indent = open.group(1).length();
            blocks.add(new Block(open.group(3), open.group(4), i + 1, lines.subList(i + 1, end).stream()
                    .map(l -> l.length() < indent ? "" : l.substring(indent)).toList()));
            i = end;
        }
        return blocks;
    }

    /** The lines outside of all blocks; inside they are empty, so that numbers stay. */
    List<String> prose() {
        var prose = new ArrayList<>(lines);
        for (var block : blocks()) {
            for (int i = block.first() - 1; i <= block.first() + block.lines().size(); i++) {
                prose.set(i, "");
            }
        }
        return prose;
    }

    /** Where the page's links and pictures lead. */
    List<String> links() {
        return prose().stream().map(l -> CODE.matcher(l).replaceAll("")).flatMap(l -> LINK.matcher(l).results())
                .map(m -> m.group(1) == null ? m.group(2) : m.group(1)).toList();
    }

    /** Words in back-ticks. */
    List<String> code() {
        return prose().stream().flatMap(l -> CODE.matcher(l).results()).map(m -> m.group(1)).toList();
    }

    /** The names a link can have behind its {@code #}: headings as GitHub spells them. */
    List<String> anchors() {
        return prose().stream().filter(l -> l.matches("#+ .*"))
                .map(l -> l.replaceFirst("#+ ", "").strip().toLowerCase(Locale.ROOT)
                        .replaceAll("[^\\p{L}\\p{N} _-]", "")
                        .replace(' ', '-'))
                .toList();
    }

    Path resolve(String link) {
        var folder = file.getParent();
        var path = link.replaceFirst("#.*", "");
        return (folder == null ? Path.of(path) : folder.resolve(path)).normalize();
    }

    @Override
    public String toString() {
        return file.toString();
    }
}
