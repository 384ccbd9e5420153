package weft.ui;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import org.junit.jupiter.api.Test;

import weft.text.Texts;

/** The window's two bundles hold the same keys, each of them used, and no key is used that they lack. */
class WindowTextsTest {
    private static final Pattern LITERAL = Pattern.compile("\"([a-z]+(?:\\.[A-Za-z0-9]+)+)\"");
    /** Keys that are put together: what they begin with. */
    private static final Set<String> BUILT = Set.of("chip.", "tab.", "rung.", "export.", "theme.",
            "aside.", "resize.extra.", "keys.sign.");

    private static Set<String> keys(Locale locale) {
        var all = new TreeSet<>(Texts.of(locale).with("window").keys());
        all.removeAll(Texts.of(locale).keys());
        return all;
    }

    private static String sources() throws IOException {
        var text = new StringBuilder();
        for (var room : Set.of("ui", "picture")) {
            try (var files = Files.walk(Path.of("src/main/java/weft", room))) {
                for (var file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
                    text.append(Files.readString(file));
                }
            }
        }
        return text.toString();
    }

    @Test
    void both_languages_have_the_same_keys() {
        assertThat(keys(Locale.ENGLISH)).isNotEmpty().isEqualTo(keys(Locale.SIMPLIFIED_CHINESE));
    }

    @Test
    void no_key_is_obsolete() throws IOException {
        var sources = sources();
        assertThat(keys(Locale.ENGLISH).stream().filter(k -> BUILT.stream().noneMatch(k::startsWith))
                .filter(k -> !sources.contains('"' + k + '"') && !(k.endsWith(".text")
                        && sources.contains('"' + k.substring(0, k.length() - 5) + '"'))))
                .isEmpty();
    }

    /** A command, an option, a setting of Java: what nobody can do in a window. */
    private static final Pattern COMMAND = Pattern.compile("weft [a-z{]|(^|[^a-z~])--[a-z]");

    @Test
    void nothing_the_window_says_speaks_of_the_command_line() throws IOException {
        var window = sources();
        for (var locale : Set.of(Locale.ENGLISH, Locale.SIMPLIFIED_CHINESE)) {
            var texts = Texts.of(locale).with("window");
            assertThat(texts.keys().stream().filter(k -> COMMAND.matcher(texts.plain(k)).find()))
                    .as("said in the window too, so it needs a text of its own there").isNotEmpty()
                    .noneMatch(k -> k.contains(".hint") || k.startsWith("why.") || k.startsWith("explain.")
                            || window.contains('"' + k + '"'));
        }
    }

    @Test
    void only_what_to_do_next_is_said_in_other_words_in_the_window() {
        for (var locale : Set.of(Locale.ENGLISH, Locale.SIMPLIFIED_CHINESE)) {
            var all = Texts.of(locale);
            var window = all.with("window");
            var own = all.keys().stream().filter(k -> !all.plain(k).equals(window.plain(k))).toList();
            assertThat(own).isNotEmpty().allMatch(k -> k.endsWith(".hint") || COMMAND.matcher(all.plain(k)).find());
        }
    }

    @Test
    void no_key_is_missing() throws IOException {
        var known = Texts.of(Locale.ENGLISH).with("window").keys();
        var prefixes = keys(Locale.ENGLISH).stream().map(k -> k.substring(0, k.indexOf('.')))
                .collect(Collectors.toSet());
        var used = LITERAL.matcher(sources()).results().map(m -> m.group(1))
                .filter(k -> prefixes.contains(k.substring(0, k.indexOf('.'))))
                // names of files and of CSS classes, not of texts
                .filter(k -> !k.matches(".*\\.(css|weft|json|safetensors|tsv|png)")).collect(Collectors.toSet());
        assertThat(used).isNotEmpty().allSatisfy(k -> assertThat(known).contains(k));
    }
}
