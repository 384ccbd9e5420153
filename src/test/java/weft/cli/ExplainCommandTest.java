package weft.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static weft.cli.Run.FIXTURES;
import static weft.cli.Run.weft;

import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** {@code weft explain}; it takes standard input, so it runs alone. */
@Isolated
class ExplainCommandTest {
    private static final Path LOG = FIXTURES.resolve("logs/torch-linear.txt");

    @TempDir
    Path folder;

    @Test
    void the_document_has_the_keys_of_the_contract() {
        var run = weft("explain", LOG, "--json", "--lang", "en");
        assertThat(run.status()).isZero();
        assertThat(run.err()).isEmpty();
        var document = run.json();
        assertThat(document.keys()).contains("dialects", "findings", "rules");
        assertThat(document.get("dialects.checkpoint").text()).isEqualTo("gpt2/hf");
        assertThat(document.get("dialects.model").text()).isEqualTo("gpt2/hf-linear");
        assertThat(document.get("findings").list()).hasSize(8).allSatisfy(f -> {
            assertThat(f.keys()).contains("parameter", "checkpointShape", "modelShape", "kind", "hidden", "advice");
            assertThat(f.get("kind").text()).isEqualTo("transposed");
        });
        assertThat(document.get("findings").list().stream().filter(f -> f.get("hidden").truth())).hasSize(2);
        assertThat(document.get("rules").list()).hasSize(4);
    }

    @Test
    void the_rules_work_on_the_checkpoint() throws Exception {
        var rules = folder.resolve("rules.weft");
        var lines = new StringBuilder();
        weft("explain", LOG, "--json").json().get("rulesText").list().forEach(r -> lines.append(r.text()).append('\n'));
        Files.writeString(rules, lines);
        var run = weft("diff", FIXTURES.resolve("gpt2-tiny/hf"), "--target", LOG, "--rules", rules, "--json");
        assertThat(run.status()).isZero();
        assertThat(run.json().get("complete").truth()).isTrue();
        assertThat(run.json().get("summary.byRule").whole()).isEqualTo(8);
    }

    @Test
    void standard_input_is_read_and_words_come_in_both_languages() throws Exception {
        var before = System.in;
        try {
            System.setIn(
                    new ByteArrayInputStream(Files.readAllBytes(FIXTURES.resolve("logs/transformers-mismatch.txt"))));
            var english = weft("explain", "-", "--lang", "en");
            assertThat(english.status()).isZero();
            assertThat(english.out()).contains("(not in the log)", "attn.c_proj.weight", "re-initialises those weights",
                    "rearrange");
        } finally {
            System.setIn(before);
        }
        var chinese = weft("explain", LOG, "--lang", "zh");
        assertThat(chinese.out()).contains("日志里没有", "转置");
    }

    @Test
    void nothing_recognised_is_a_no_and_no_file_is_a_refusal() throws Exception {
        var file = Files.writeString(folder.resolve("diary.txt"), "Nothing happened.");
        var run = weft("explain", file, "--json");
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.json().get("findings").list()).isEmpty();
        assertThat(run.json().get("rules").list()).isEmpty();
        assertThat(weft("explain", folder.resolve("none.txt"), "--json").status()).isEqualTo(3);
        assertThat(weft("explain").status()).isEqualTo(2);
    }
}
