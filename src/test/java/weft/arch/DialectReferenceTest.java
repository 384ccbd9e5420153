package weft.arch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

import weft.io.CheckpointException;
import weft.io.Json;
import weft.tensor.Layout;

/** The dialect reference: its fields are the fields there are, its examples are read. */
class DialectReferenceTest {
    private static final Path PAGE = Path.of("src/site/markdown/dialects.md");
    private static final Path SHIPPED = Path.of("src/main/resources/weft/arch");

    /** Field and example of each row of the table under a heading. */
    private static Map<String, String> fields(String heading) throws IOException {
        var fields = new LinkedHashMap<String, String>();
        boolean inside = false;
        for (var line : Files.readAllLines(PAGE)) {
            if (line.startsWith("#")) {
                inside = line.equals(heading);
            } else if (inside && line.startsWith("| `")) {
                var cells = line.split("(?<!\\\\)\\|");
                fields.put(cells[1].strip().replace("`", "").replace("\\|", "|"),
                        cells[2].strip().replace("`", "").replace("\\|", "|"));
            }
        }
        assertThat(fields).as(heading).isNotEmpty();
        return fields;
    }

    private static String object(Map<String, String> fields, String... without) {
        var members = new ArrayList<String>();
        fields.forEach((name, example) -> {
            if (!List.of(without).contains(name)) {
                members.add("\"" + name + "\": " + example);
            }
        });
        return "{" + String.join(", ", members) + "}";
    }

    private static void read(String json) throws CheckpointException {
        DialectProbe.read(json.getBytes(StandardCharsets.UTF_8), "dialects.md");
    }

    @Test
    void the_fields_of_a_dialect_are_these() throws Exception {
        var dialect = fields("## A dialect, field by field");
        var tensor = fields("### A tensor");
        // Either role or roles: the example of a layout belongs to the second.
        var single = new LinkedHashMap<>(tensor);
        single.put("layout", "\"d (h k)\"");
        dialect.put("tensors",
                "[" + object(single, "roles", "buffer") + ", " + object(tensor, "role", "optional") + "]");
        read(object(dialect));
        var used = new TreeSet<String>();
        var usedInside = new TreeSet<String>();
        for (var file : shipped(false)) {
            used.addAll(keys(file));
            ((List<?>) file.get("tensors")).forEach(t -> usedInside.addAll(keys(t)));
        }
        assertThat(dialect.keySet()).containsAll(used);
        assertThat(tensor.keySet()).containsAll(usedInside);
        for (var name : dialect.keySet()) {
            var renamed = new LinkedHashMap<>(dialect);
            renamed.put(name + "s", renamed.remove(name));
            assertThatThrownBy(() -> read(object(renamed))).as(name).isInstanceOf(CheckpointException.class);
        }
    }

    @Test
    void the_fields_of_a_family_are_these() throws Exception {
        var family = fields("## A family, field by field");
        var role = fields("### A role");
        family.put("roles", "[" + object(role) + "]");
        read(object(family));
        var used = new TreeSet<String>();
        var usedInside = new TreeSet<String>();
        for (var file : shipped(true)) {
            used.addAll(keys(file));
            ((List<?>) file.get("roles")).forEach(r -> usedInside.addAll(keys(r)));
        }
        assertThat(family.keySet()).containsAll(used);
        assertThat(role.keySet()).containsAll(usedInside);
    }

    @TestFactory
    Stream<DynamicTest> layouts_are_layouts() throws IOException {
        return fields("## Layouts").keySet().stream()
                .map(l -> DynamicTest.dynamicTest(l, () -> assertThat(Layout.parse(l)).hasToString(l)));
    }

    private static List<Map<?, ?>> shipped(boolean families) throws Exception {
        var all = new ArrayList<Map<?, ?>>();
        for (var line : Files.readAllLines(SHIPPED.resolve("index.txt"))) {
            if (line.endsWith(".json") && line.endsWith("family.json") == families) {
                all.add((Map<?, ?>) Json.read(Files.readString(Path.of("src/main/resources").resolve(line)), line));
            }
        }
        assertThat(all).hasSizeGreaterThan(2);
        return all;
    }

    private static TreeSet<String> keys(Object map) {
        var keys = new TreeSet<String>();
        ((Map<?, ?>) map).keySet().forEach(k -> keys.add(k.toString()));
        return keys;
    }
}
