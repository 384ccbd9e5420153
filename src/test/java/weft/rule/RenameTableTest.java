package weft.rule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import weft.io.CheckpointException;
import weft.io.Code;

/** Two columns of names are rename rules. */
class RenameTableTest {
    private static String arrows(String text, String name) throws CheckpointException {
        return ArrowText.print(RuleFile.read(text.getBytes(StandardCharsets.UTF_8), name));
    }

    @Test
    void lines_that_differ_in_the_layer_alone_are_one_rule() throws CheckpointException {
        assertThat(arrows("""
                old\tnew
                # the embedding
                wte\ttok_emb.weight
                h.0.ln_1.g\ttrf_blocks.0.norm1.scale
                h.1.ln_1.g\ttrf_blocks.1.norm1.scale
                h.0.ln_2.g\ttrf_blocks.0.norm2.scale
                h.1.ln_2.g\ttrf_blocks.1.norm2.scale
                """, "names.tsv").lines()).containsExactly("wte => tok_emb.weight",
                "h.{i}.ln_1.g => trf_blocks.{i}.norm1.scale", "h.{i}.ln_2.g => trf_blocks.{i}.norm2.scale");
    }

    @Test
    void a_list_with_gaps_or_shifted_numbers_stays_as_it_is_written() throws CheckpointException {
        assertThat(arrows("h.0.w\tb.0.w\nh.2.w\tb.2.w\n", "names.tsv").lines()).containsExactly("h.0.w => b.0.w",
                "h.2.w => b.2.w");
        assertThat(arrows("h.0.w\tb.1.w\nh.1.w\tb.2.w\n", "names.tsv").lines()).containsExactly("h.0.w => b.1.w",
                "h.1.w => b.2.w");
        assertThat(arrows("only\tone.0\n", "names.tsv").lines()).containsExactly("only => one.0");
    }

    @Test
    void commas_quotes_line_ends_and_a_table_by_its_content() throws CheckpointException {
        assertThat(arrows("a.w,b.w\r\n\"x,\"\"y\",z\r\n", "names.csv").lines()).hasSize(2).first()
                .isEqualTo("a.w => b.w");
        assertThat(RuleFile.read("\"x,\"\"y\",z".getBytes(StandardCharsets.UTF_8), "n.csv").rules().getFirst()
                .targets().getFirst().toString()).isEqualTo("z");
        assertThat(arrows("a.w\tb.w\n", "names.txt").lines()).containsExactly("a.w => b.w");
        assertThat(arrows("a{b}.w\tc.w\n", "names.tsv").lines()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a.w\tb.w\nc.w\n", "a.w\tb.w\nc.w\t\n", "a.w\tb.w\nc\td\te\n", "a.w\tb.w\na.w\tc.w\n"})
    void a_line_that_has_not_two_names_is_named(String text) {
        assertThatThrownBy(() -> arrows(text, "names.tsv")).isInstanceOfSatisfying(CheckpointException.class, e -> {
            assertThat(e.code()).isEqualTo(Code.BAD_RULES);
            assertThat(e.problem().field()).isEqualTo("2:1");
            assertThat(e.problem().offset()).isEqualTo(8);
        });
    }
}
