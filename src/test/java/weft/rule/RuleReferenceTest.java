package weft.rule;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

import weft.io.CheckpointException;
import weft.io.Json;
import weft.tensor.TensorData;

/** Every example of the rule reference does what the reference says. */
class RuleReferenceTest {
    @TestFactory
    Stream<DynamicTest> every_op_does_what_its_row_says() throws IOException {
        var rows = RuleExamples.tables("op");
        assertThat(rows).hasSizeGreaterThan(25);
        return rows.stream().map(row -> DynamicTest.dynamicTest(row.getFirst(), () -> {
            var op = ArrowText.ops(row.get(0)).getFirst();
            assertThat(op).hasToString(row.get(0));
            assertThat(Json.line(OpJson.write(op))).isEqualTo(row.get(1));
            var in = Arrays.stream(row.get(2).split("; ")).map(RuleExamples::tensor).toList();
            assertThat(op.apply(in, Sizes.NONE).stream().map(RuleExamples::text).collect(Collectors.joining("; ")))
                    .isEqualTo(row.get(3));
            assertThat(
                    op.inverse(in.stream().map(TensorData::shape).toList(), Sizes.NONE).map(Op::toString).orElse("—"))
                    .isEqualTo(row.get(4));
        }));
    }

    @TestFactory
    Stream<DynamicTest> every_macro_opens_into_what_its_row_says() throws IOException {
        var rows = RuleExamples.tables("macro");
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
        for (var row : RuleExamples.tables("op")) {
            shown.add(ArrowText.ops(row.getFirst()).getFirst().getClass());
        }
        assertThat(shown).contains(Op.class.getPermittedSubclasses());
    }

    @Test
    void blocks_of_rules_are_rules_and_both_files_say_the_same() throws Exception {
        var blocks = Pattern.compile("```(weft|json)\n(.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(RuleExamples.REFERENCE));
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
}
