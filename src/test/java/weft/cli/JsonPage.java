package weft.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The page of JSON keys, read as data: every document the tests print is held against it. */
final class JsonPage {
    private static final Path PAGE = Path.of("src/site/markdown/json.md");

    /** By section: key → kind of value. */
    private static final Map<String, Map<String, String>> SECTIONS = read();

    private JsonPage() {
    }

    private static Map<String, Map<String, String>> read() {
        var sections = new LinkedHashMap<String, Map<String, String>>();
        var name = "";
        try {
            for (var line : Files.readAllLines(PAGE)) {
                if (line.startsWith("##")) {
                    name = line.replaceFirst("#+ ", "");
                } else if (line.startsWith("| `")) {
                    var cells = line.split("\\|");
                    var before = sections.computeIfAbsent(name, _ -> new LinkedHashMap<>()).put(
                            cells[1].strip().replace("`", ""), cells[2].strip());
                    assertThat(before).as(line).isNull();
                }
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        sections.get("error").putAll(sections.get("problem"));
        assertThat(sections.get("diff")).containsKey("complete");
        return sections;
    }

    static Map<String, Map<String, String>> sections() {
        return SECTIONS;
    }

    /** Every key of a document stands on the page. */
    static void check(String command, Object document) {
        check(command, document, new LinkedHashMap<>());
    }

    /** @param printed takes the keys, by section */
    static void check(String command, Object document, Map<String, Set<String>> printed) {
        boolean refused = document instanceof Map<?, ?> map && map.containsKey("error");
        walk(refused ? "A refusal" : command, document, printed);
    }

    private static void walk(String section, Object value, Map<String, Set<String>> printed) {
        var known = SECTIONS.get(section);
        assertThat(known).as("json.md has a section %s", section).isNotNull();
        ((Map<?, ?>) value).forEach((key, inner) -> {
            var kind = known.get(key.toString());
            assertThat(kind).as("json.md, %s: %s", section, key).isNotNull();
            printed.computeIfAbsent(section, _ -> new TreeSet<>()).add(key.toString());
            assertThat(inner != null || kind.contains("null")).as("json.md, %s: %s is null", section, key).isTrue();
            var plain = kind.replace(" or null", "").replace("[]", "");
            if (plain.equals("data") || plain.equals("any") || inner == null) { return; }
            assertThat(inner instanceof List).as("json.md, %s: %s is a list", section, key)
                    .isEqualTo(kind.contains("[]"));
            for (var one : inner instanceof List<?> list ? list : List.of(inner)) {
                boolean object = SECTIONS.containsKey(plain);
                assertThat(one instanceof Map).as("json.md, %s: %s is %s", section, key, one).isEqualTo(object);
                if (object) {
                    walk(plain, one, printed);
                }
            }
        });
    }
}
