package weft.docs;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import weft.cli.Cli;

/**
 * Runs what a reader types, in a folder of its own and without a process: {@code weft}, and the handful of words that look at
 * what it wrote. A word that names something in the folder is a path; printed paths lose the folder again.
 */
final class Shell implements AutoCloseable {
    private final Path folder;
    private final Locale locale;
    private int status;

    Shell(Path folder, Locale locale) {
        this.folder = folder;
        this.locale = locale;
    }

    /** What a page has set ends with the page. */
    @Override
    public void close() {
        System.clearProperty("weft.dialects");
    }

    /** How the last {@code weft} ended. */
    int status() {
        return status;
    }

    /** @return what a terminal shows, both streams, each line ended */
    String run(String line) throws IOException {
        var words = words(line);
        return switch (words.getFirst()) {
            case "weft" -> weft(words.subList(1, words.size()));
            case "cat" -> {
                var text = new StringBuilder();
                for (var name : words.subList(1, words.size())) {
                    text.append(Files.readString(folder.resolve(name)));
                }
                yield text.toString();
            }
            case "ls" -> {
                try (Stream<Path> files = Files.list(folder.resolve(words.get(1)))) {
                    yield files.map(f -> f.getFileName() + "\n").sorted().collect(Collectors.joining());
                }
            }
            case "cp" -> {
                Files.copy(folder.resolve(words.get(1)), folder.resolve(words.get(2)));
                yield "";
            }
            case "export" -> {
                var value = words.get(1).split("=", 2);
                if (!value[0].equals("WEFT_DIALECTS")) { throw new AssertionError("not known here: " + line); }
                System.setProperty("weft.dialects", folder.resolve(value[1]).toString());
                yield "";
            }
            case "echo" -> {
                if (!line.equals("echo $?")) { throw new AssertionError("not known here: " + line); }
                yield status + "\n";
            }
            default -> throw new AssertionError("not known here: " + line);
        };
    }

    private String weft(List<String> words) {
        var all = new ArrayList<String>();
        for (int i = 0; i < words.size(); i++) {
            var before = i == 0 ? "" : words.get(i - 1);
            boolean written = before.equals("-o") || before.equals("--output");
            all.add(written || exists(words.get(i)) ? absolute(words.get(i)) : words.get(i));
        }
        if (!all.contains("--lang")) {
            all.addAll(List.of("--lang", locale.getLanguage()));
        }
        var printed = new ByteArrayOutputStream();
        var stream = new PrintStream(printed, true, StandardCharsets.UTF_8);
        status = Cli.run("1.0.0", all.toArray(String[]::new), stream, stream);
        return printed.toString(StandardCharsets.UTF_8).replace(folder + folder.getFileSystem().getSeparator(), "");
    }

    /** What a command's {@code --help} says, or Weft's own for the empty name. */
    String help(String command) {
        return weft(command.isEmpty() ? List.of("--help") : List.of(command, "--help"));
    }

    private boolean exists(String word) {
        try {
            return !word.isEmpty() && !word.startsWith("-")
                    && (Files.exists(folder.resolve(word)) || Files.exists(folder.resolve(word + ".index")));
        } catch (java.nio.file.InvalidPathException e) {
            return false;
        }
    }

    private String absolute(String word) {
        // A slash at the end says folder, and a path would lose it.
        return folder.resolve(word) + (word.endsWith("/") ? "/" : "");
    }

    /** Words as a shell cuts them: spaces, quotes of both kinds, {@code #} begins a remark. */
    static List<String> words(String line) {
        var words = new ArrayList<String>();
        var word = new StringBuilder();
        boolean inside = false;
        char quote = 0;
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (quote != 0) {
                if (c == quote) {
                    quote = 0;
                } else {
                    word.append(c);
                }
            } else if (c == '"' || c == '\'') {
                quote = c;
                inside = true;
            } else if (c == '#' && !inside) {
                break;
            } else if (c == ' ') {
                if (inside) {
                    words.add(word.toString());
                }
                word.setLength(0);
                inside = false;
            } else {
                word.append(c);
                inside = true;
            }
        }
        if (quote != 0) { throw new AssertionError("a quote has no end: " + line); }
        if (inside) {
            words.add(word.toString());
        }
        return words;
    }
}
