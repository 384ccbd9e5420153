package weft.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import weft.format.Formats;
import weft.io.Progress;

/** Loading some of a model, and saying exactly what was loaded and what wasn't. */
class SelectiveTest {
    private static final Path HF = Run.FIXTURES.resolve("gpt2-tiny/hf");
    private static final Path LORA = Run.FIXTURES.resolve("lora");

    @TempDir
    Path folder;

    @Test
    void only_what_is_chosen_is_written_and_the_rest_is_named() throws Exception {
        var out = folder.resolve("some.safetensors");
        var run = Run.weft("convert", HF, "--target", "gpt2/scratch-split", "--only",
                "trf_blocks.{i}.norm{n:1|2}.scale",
                "-o", out, "--json");
        assertThat(run.status()).as(run.err()).isZero();
        assertThat(run.json().get("written").values()).hasSize(4);
        var left = run.json().get("left").list();
        assertThat(left).anySatisfy(l -> {
            assertThat(l.get("target").text()).isEqualTo("tok_emb.weight");
            assertThat(l.get("reason").text()).isEqualTo("only");
        }).anySatisfy(l -> {
            assertThat(l.get("target").text()).isEqualTo("trf_blocks.0.att.mask");
            assertThat(l.get("reason").text()).isEqualTo("optional");
        });
        var rows = Run.weft("diff", HF, "--target", "gpt2/scratch-split", "--json").json().get("rows").values();
        assertThat(run.json().get("written").values().size() + left.size()).isEqualTo(rows.size());
        assertThat(run.json().get("unread").values().contains("transformer.wte.weight")).isTrue();
        assertThat(run.json().get("lossless").truth()).isFalse();
        assertThat(Formats.open(out, Progress.NONE).tensors()).hasSize(4);
    }

    /** Another vocabulary is no reason not to load the blocks: what fits goes in, the rest is named with its reason. */
    @Test
    void what_fits_is_loaded_although_the_rest_does_not_and_each_is_said() throws Exception {
        var out = folder.resolve("blocks.safetensors");
        var run = Run.weft("convert", HF, "--target", "gpt2/scratch-split,vocab_size=64", "--only", "trf_blocks*", "-o",
                out);
        assertThat(run.status()).as(run.err()).isZero();
        assertThat(Formats.open(out, Progress.NONE).tensors()).hasSize(32);
        assertThat(run.out()).contains(
                "not chosen, 4: pos_emb.weight, final_norm.scale, final_norm.shift, out_head.weight",
                "Mismatch, 1: tok_emb.weight", "Optional, 2: trf_blocks.0.att.mask, trf_blocks.1.att.mask",
                "4 tensors of the source were not used: ");
        var not = Run.weft("convert", HF, "--target", "gpt2/scratch-split,vocab_size=64", "-o",
                folder.resolve("all.safetensors"));
        assertThat(not.status()).isEqualTo(1);
        assertThat(folder.resolve("all.safetensors")).doesNotExist();
    }

    @Test
    void a_kept_parameter_is_reported_and_not_written() throws Exception {
        var rules = folder.resolve("keep.weft");
        var suggested = Run.weft("suggest", HF, "--target", "gpt2/scratch-split", "-o", rules);
        assertThat(suggested.status()).isZero();
        Files.writeString(rules, Files.readString(rules).replaceAll("(?m)^.*=> out_head.weight$",
                "_ =keep=> out_head.weight"));
        var run = Run.weft("convert", HF, "--target", "gpt2/scratch-split", "--rules", rules, "-o",
                folder.resolve("kept.pth"), "--json");
        assertThat(run.status()).as(run.out() + run.err()).isZero();
        assertThat(run.json().get("left").list()).anySatisfy(l -> {
            assertThat(l.get("target").text()).isEqualTo("out_head.weight");
            assertThat(l.get("reason").text()).isEqualTo("kept");
        });
    }

    @Test
    void what_the_model_must_compute_is_asked_before_anything_is_written() throws Exception {
        var rules = folder.resolve("asked.weft");
        Run.weft("suggest", HF, "--target", "gpt2/scratch-split", "-o", rules);
        var logits = Run.weft("logits", HF, "--ids", "1,2,3", "--json");
        long best = logits.json().get("top.0.id").whole();
        var text = Files.readString(rules);
        Files.writeString(rules, text + "_ =assert next [1, 2, 3] " + best + "=> _\n");
        var out = folder.resolve("a.safetensors");
        var good = Run.weft("convert", HF, "--rules", rules, "-o", out, "--json");
        assertThat(good.status()).as(good.out() + good.err()).isZero();
        Files.writeString(rules, text + "_ =assert next [1, 2, 3] " + (best + 1) + "=> _\n");
        var bad = Run.weft("convert", HF, "--rules", rules, "-o", folder.resolve("b.safetensors"), "--json");
        assertThat(bad.status()).isEqualTo(1);
        assertThat(bad.json().get("error.code").text()).isEqualTo("E-ASSERT");
        assertThat(bad.json().get("error.found").text()).isEqualTo(Long.toString(best));
        assertThat(folder.resolve("b.safetensors")).doesNotExist();
    }

    @Test
    void an_adapter_is_merged_from_the_command_line() throws Exception {
        var out = folder.resolve("merged.safetensors");
        var run = Run.weft("convert", HF, "--adapter", LORA.resolve("gpt2"), "-o", out, "--json");
        assertThat(run.status()).as(run.out() + run.err()).isZero();
        assertThat(run.json().get("lossless").truth()).isFalse();
        var refused = Run.weft("convert", Run.FIXTURES.resolve("gpt2-odd/hf"), "--adapter", LORA.resolve("gpt2"), "-o",
                folder.resolve("no.safetensors"), "--json");
        assertThat(refused.status()).isEqualTo(3);
        assertThat(refused.json().get("error.code").text()).isEqualTo("ADAPTER_MISFIT");
        assertThat(
                Run.weft("diff", HF, "--adapter", LORA.resolve("gpt2"), "--target", "gpt2/scratch-split").out().lines()
                        .filter(l -> l.contains("→")))
                .as("a row of many names is as wide as others").isNotEmpty()
                .allMatch(l -> l.length() < 230);
        var diff = Run.weft("diff", HF, "--adapter", LORA.resolve("gpt2"), "--target", "gpt2/scratch-split", "--json");
        assertThat(diff.json().get("rows").list()).anySatisfy(r -> {
            assertThat(r.get("target").text()).isEqualTo("trf_blocks.0.att.out_proj.weight");
            assertThat(r.get("rule").text()).contains("combine lora alpha=7 r=3 fanInFanOut=true");
        });
    }

    /** An adapter needs no target: the base itself is what it is merged into. */
    @Test
    void an_adapter_without_a_target_is_told_and_exported_too() throws Exception {
        var script = Run.weft("export", HF, "--adapter", LORA.resolve("gpt2"), "--as", "names-csv", "--json");
        assertThat(script.status()).as(script.out() + script.err()).isZero();
        assertThat(script.json().get("text").text()).contains("lora_A");
        var report = Run.weft("report", HF, "--adapter", LORA.resolve("gpt2"), "-o", folder.resolve("merge.csv"),
                "--json");
        assertThat(report.status()).as(report.out() + report.err()).isZero();
        var rows = report.json().get("summary");
        assertThat(rows.get("needsRule").whole()).isPositive();
        assertThat(rows.get("fits").whole()).isPositive();
        assertThat(Files.readString(folder.resolve("merge.csv"))).contains("combine lora alpha=7 r=3");
    }

    @Test
    void casts_that_lose_something_are_counted() throws Exception {
        var run = Run.weft("convert", HF, "--target", "gpt2/hf", "--dtype", "float16", "-o",
                folder.resolve("half.safetensors"), "--json");
        assertThat(run.status()).as(run.out() + run.err()).isZero();
        var casts = run.json().get("casts").list();
        assertThat(casts).hasSize(28);
        var source = Formats.open(HF, Progress.NONE);
        for (var cast : casts) {
            var values = source.tensors().stream().filter(t -> t.name().equals(cast.get("tensor").text())).findFirst()
                    .orElseThrow().read().toFloats();
            long changed = 0;
            double largest = 0;
            for (var value : values) {
                float half = Float.float16ToFloat(Float.floatToFloat16(value));
                changed += half == value ? 0 : 1;
                largest = Math.max(largest, Math.abs((double) half - value) / Math.abs((double) value));
            }
            assertThat(cast.get("elements").whole()).isEqualTo(values.length);
            assertThat(cast.get("changed").whole()).isEqualTo(changed).isPositive();
            assertThat(cast.get("largest").real()).isEqualTo(largest);
            assertThat(cast.get("overflowed").whole()).isZero();
        }
        // Too large for the type: counted, and said aloud.
        var rules = folder.resolve("large.weft");
        Files.writeString(rules, "transformer.ln_f.weight : affine mul=1000000 | cast f16 => big\n");
        var big = Run.weft("convert", HF, "--rules", rules, "-o", folder.resolve("big.safetensors"), "--json");
        assertThat(big.status()).as(big.out() + big.err()).isZero();
        assertThat(big.json().get("casts.0.overflowed").whole()).isPositive();
        assertThat(big.err()).contains("too large for the new element type float16");
    }
}
