package weft.rule;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

import weft.io.CheckpointException;
import weft.io.Json;
import weft.tensor.DType;
import weft.tensor.Numbers;
import weft.tensor.Shape;
import weft.tensor.TensorData;

/** Every example of the rule reference does what the reference says. */
class RuleReferenceTest {
    private static final Path REFERENCE = Path.of("src/site/markdown/rules.md");
    private static final String A = "[[1, 2, 3], [4, 5, 6]]";
    private static final String B = "[[7, 8, 9], [10, 11, 12]]";

    /** The cells of a table's row: code without its back-ticks, {@code \|} as a bar. */
    private static List<String> cells(String row) {
        return Arrays.stream(row.substring(1, row.length() - 1).split("(?<!\\\\)\\|"))
                .map(c -> c.strip().replace("`", "").replace("\\|", "|")).toList();
    }

    private static List<List<String>> tables(String first) throws IOException {
        var rows = new ArrayList<List<String>>();
        boolean inside = false;
        for (var line : Files.readAllLines(REFERENCE)) {
            if (!line.startsWith("|")) {
                inside = false;
            } else if (line.startsWith("| " + first + " |")) {
                inside = true;
            } else if (inside && !line.startsWith("|-")) {
                rows.add(cells(line));
            }
        }
        return rows;
    }

    @TestFactory
    Stream<DynamicTest> every_op_does_what_its_row_says() throws IOException {
        var rows = tables("op");
        assertThat(rows).hasSizeGreaterThan(25);
        return rows.stream().map(row -> DynamicTest.dynamicTest(row.getFirst(), () -> {
            var op = ArrowText.ops(row.get(0)).getFirst();
            assertThat(op).hasToString(row.get(0));
            assertThat(Json.line(OpJson.write(op))).isEqualTo(row.get(1));
            var in = Arrays.stream(row.get(2).split("; ")).map(RuleReferenceTest::tensor).toList();
            assertThat(op.apply(in, Sizes.NONE).stream().map(RuleReferenceTest::text).collect(Collectors.joining("; ")))
                    .isEqualTo(row.get(3));
            assertThat(
                    op.inverse(in.stream().map(TensorData::shape).toList(), Sizes.NONE).map(Op::toString).orElse("—"))
                    .isEqualTo(row.get(4));
        }));
    }

    @TestFactory
    Stream<DynamicTest> every_macro_opens_into_what_its_row_says() throws IOException {
        var rows = tables("macro");
        assertThat(rows).hasSizeGreaterThan(8);
        return rows.stream().map(row -> DynamicTest.dynamicTest(row.getFirst(), () -> {
            if (row.get(0).contains("=>")) {
                assertThat(ArrowText.print(ArrowText.read(row.get(0), null)).strip().replace("\n", " and "))
                        .isEqualTo(row.get(1));
            } else {
                assertThat(ArrowText.print(ArrowText.ops(row.get(0)))).isEqualTo(row.get(1));
            }
        }));
    }

    @Test
    void every_op_has_a_row() throws IOException, CheckpointException {
        var shown = new ArrayList<Class<?>>();
        for (var row : tables("op")) {
            shown.add(ArrowText.ops(row.getFirst()).getFirst().getClass());
        }
        assertThat(shown).contains(Op.class.getPermittedSubclasses());
    }

    @Test
    void blocks_of_rules_are_rules_and_both_files_say_the_same() throws Exception {
        var blocks = Pattern.compile("```(weft|json)\n(.*?)```", Pattern.DOTALL).matcher(Files.readString(REFERENCE));
        var files = new ArrayList<RuleSet>();
        while (blocks.find()) {
            var text = blocks.group(2);
            var set = RuleFile.read(text.getBytes(java.nio.charset.StandardCharsets.UTF_8), "rules.md");
            assertThat(set.rules()).isNotEmpty();
            if (set.target() != null) {
                files.add(set);
                assertThat(RuleFile.print(set, blocks.group(1).equals("weft") ? "x.weft" : "x.json")).isEqualTo(text);
            }
        }
        assertThat(files).hasSize(2);
        assertThat(files.getFirst()).isEqualTo(files.getLast());
    }

    /** {@code A}, {@code B} or {@code [[1, 2]]} as f32, or with a type in front. */
    private static TensorData tensor(String text) {
        var words = text.replace("A", A).replace("B", B);
        var type = words.startsWith("[") ? DType.F32 : DType.parse(words.substring(0, words.indexOf(' ')));
        var list = words.substring(words.indexOf('['));
        var dims = new ArrayList<Long>();
        try {
            var values = new ArrayList<Double>();
            flatten(Json.read(list, ""), 0, dims, values);
            var shape = Shape.of(dims.stream().mapToLong(d -> d).toArray());
            var segment = Arena.ofAuto().allocate(Math.max(1, shape.count() * type.bytes()));
            for (int i = 0; i < values.size(); i++) {
                if (type.isFloating()) {
                    Numbers.put(segment, (long) i * type.bytes(), type, values.get(i));
                } else {
                    segment.set(ValueLayout.JAVA_BYTE, i, values.get(i).byteValue());
                }
            }
            return TensorData.of(segment, type, shape);
        } catch (CheckpointException e) {
            throw new IllegalArgumentException(text, e);
        }
    }

    private static void flatten(Object value, int depth, List<Long> dims, List<Double> values) {
        if (value instanceof List<?> list) {
            if (dims.size() == depth) {
                dims.add((long) list.size());
            }
            list.forEach(v -> flatten(v, depth + 1, dims, values));
        } else {
            values.add(((Number) value).doubleValue());
        }
    }

    private static String text(TensorData data) {
        return text(data, 0, new long[data.shape().rank()]);
    }

    private static String text(TensorData data, int axis, long[] index) {
        if (axis == index.length) {
            double value = data.at(index);
            return value == Math.rint(value) && !Double.isInfinite(value)
                    ? Long.toString((long) value)
                    : Float.toString((float) value);
        }
        var parts = new ArrayList<String>();
        for (long i = 0; i < data.shape().dim(axis); i++) {
            index[axis] = i;
            parts.add(text(data, axis + 1, index));
        }
        return parts.stream().collect(Collectors.joining(", ", "[", "]"));
    }
}
