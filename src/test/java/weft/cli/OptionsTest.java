package weft.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static weft.cli.Run.FIXTURES;
import static weft.cli.Run.weft;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Options together: none is passed over without a word. */
class OptionsTest {
    private static final Path HF = FIXTURES.resolve("gpt2-tiny/hf");
    private static final Path TF = FIXTURES.resolve("gpt2-tiny/openai-tf");

    @TempDir
    Path folder;

    private Path rules(String... lines) throws Exception {
        return Files.writeString(folder.resolve("given.weft"), String.join("\n", lines) + "\n");
    }

    @Test
    void buffers_are_made_beside_rules_that_were_given() throws Exception {
        var given = rules("model/wte => tok_emb.weight");
        var without = weft("suggest", TF, "--target", "gpt2/scratch-split", "--rules", given);
        assertThat(without.status()).isZero();
        assertThat(without.out()).contains("model/wte => tok_emb.weight", "model/wpe => pos_emb.weight")
                .doesNotContain("causal-mask");
        var with = weft("suggest", TF, "--target", "gpt2/scratch-split", "--rules", given, "--buffers");
        assertThat(with.out().replaceFirst("_ =init causal-mask=> trf_blocks\\.\\{i}\\.att\\.mask\n", ""))
                .isNotEqualTo(with.out()).isEqualTo(without.out());
        var own = rules("model/wte => tok_emb.weight", "_ =init zeros=> trf_blocks.{i}.att.mask");
        assertThat(weft("suggest", TF, "--target", "gpt2/scratch-split", "--rules", own, "--buffers").out())
                .contains("_ =init zeros=> trf_blocks.{i}.att.mask").doesNotContain("causal-mask");
    }

    @Test
    void resizing_works_with_rules_and_in_diff() throws Exception {
        var target = "gpt2/hf,vocab_size=64";
        assertThat(weft("diff", HF, "--target", target).status()).isEqualTo(1);
        var diff = weft("diff", HF, "--target", target, "--resize", "mean", "--json");
        assertThat(diff.status()).as(diff.out()).isZero();
        assertThat(diff.json().get("summary.byRule").whole()).isEqualTo(1);
        var given = rules("transformer.wpe.weight => transformer.wpe.weight");
        assertThat(weft("convert", HF, "--target", target, "--rules", given, "-o", folder.resolve("a.safetensors"))
                .status()).isEqualTo(1);
        var converted = weft("convert", HF, "--target", target, "--rules", given, "--resize", "zero", "-o",
                folder.resolve("b.safetensors"));
        assertThat(converted.status()).as(converted.err()).isZero();
        assertThat(weft("inspect", folder.resolve("b.safetensors"), "--json").json().get("tensors").list().stream()
                .filter(t -> t.get("name").text().equals("transformer.wte.weight")).findFirst().orElseThrow()
                .get("shape").values()).isEqualTo(List.of(64L, 24L));
        assertThat(weft("report", HF, "--target", target, "--resize", "row 3", "-o", folder.resolve("r.json"), "--json")
                .json().get("complete").truth()).isTrue();
        var nothing = weft("suggest", HF, "--target", "gpt2/hf", "--resize", "mean");
        assertThat(nothing.status()).isZero();
        assertThat(nothing.err()).contains("--resize changes nothing");
        assertThat(weft("diff", HF, "--target", target, "--resize", "mewn").status()).isEqualTo(2);
    }

    @Test
    void what_belongs_to_another_option_is_wrong_usage_without_it() {
        var letters = FIXTURES.resolve("tokenizers/letters");
        for (var run : List.of(weft("diff", HF, "--target", "gpt2/hf", "--tokenizer", letters),
                weft("diff", HF, "--target", "gpt2/hf", "--set", "n_heda=3"),
                weft("diff", HF, "--target", "gpt2/hf", "--text", "text.txt"),
                weft("convert", HF, "--target", "gpt2/hf", "-o", folder.resolve("c.pt"), "--part", "1/2"),
                weft("verify", HF, "--reference", FIXTURES.resolve("activations/gpt2.npz"), "--text", "text.txt"))) {
            assertThat(run.status()).as(run.err()).isEqualTo(2);
            assertThat(run.out()).isEmpty();
            assertThat(run.err().strip()).hasLineCount(1);
        }
    }

    @Test
    void what_a_target_cannot_hold_and_the_model_computes_with_is_a_named_loss() {
        var qwen3 = FIXTURES.resolve("llama-line/qwen3");
        var lost = weft("convert", qwen3, "--target", "llama/phi3", "-o", folder.resolve("lost.safetensors"), "--json");
        assertThat(lost.status()).isEqualTo(1);
        assertThat(lost.json().get("error.code").text()).isEqualTo("E-LOSS");
        assertThat(lost.out()).contains("_norm.weight");
        var dropped = weft("convert", qwen3, "--target", "llama/hf", "-o", folder.resolve("kept.safetensors"),
                "--json");
        assertThat(dropped.status()).as(dropped.out()).isZero();
    }

    @Test
    void a_format_that_is_one_file_is_said_to_be_that() {
        var run = weft("convert", HF, "--target", "gpt2/hf", "-o", folder.resolve("a.npz"), "--shard-size", "10kB");
        assertThat(run.status()).isEqualTo(2);
        assertThat(run.err()).contains("--shard-size", "numpy").doesNotContain("does not know");
        assertThat(weft("convert", HF, "--target", "gpt2/hf", "-o", folder.resolve("a.pt"), "--to", "onnx").err())
                .contains("reads onnx, and does not write it");
    }
}
