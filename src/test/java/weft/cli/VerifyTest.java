package weft.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static weft.cli.Run.FIXTURES;
import static weft.cli.Run.weft;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The ladder, module by module, on what the frameworks wrote; and what diff --prove says. */
class VerifyTest {
    private static final Path SHIPPED = Path.of("src/samples/shipped");
    private static final Path TINY = FIXTURES.resolve("gpt2-tiny");

    @TempDir
    Path folder;

    private static List<String> failed(Run run) {
        return run.json().get("ladder").list().stream().filter(s -> Boolean.FALSE.equals(s.get("passed").value()))
                .map(s -> s.get("step").text()).toList();
    }

    private static List<String> faults(Run run) {
        return run.json().get("faults").list().stream().map(Run.Node::text).toList();
    }

    @ParameterizedTest
    @CsvSource({"hf, hf", "hf, openai-tf", "openai-tf, scratch-split", "scratch-split, scratch-fused",
        "hf-bin, hf-sharded"})
    void the_same_model_in_any_dialect_passes_every_rung(String a, String b) {
        var run = weft("verify", TINY.resolve(a), TINY.resolve(b), "--json");
        assertThat(run.status()).as(run.out() + run.err()).isZero();
        assertThat(run.json().get("passed").truth()).isTrue();
        assertThat(run.json().get("ladder").list().stream().map(s -> s.get("step").text())).containsExactly("names",
                "shapes", "values", "modules", "logits", "text");
        assertThat(run.json().get("ladder").list()).allMatch(s -> s.get("passed").truth());
        assertThat(run.json().get("modules").list()).isNotEmpty().allMatch(m -> m.get("alone").truth())
                .allMatch(m -> m.get("cosine").real() > 0.999999);
        assertThat(run.json().get("modules.0").keys()).contains("name", "maxAbs", "maxRel", "cosine", "alone");
    }

    @Test
    void the_trap_is_named_module_by_module() {
        var run = weft("verify", SHIPPED.resolve("hf"), SHIPPED.resolve("trap-hf-linear"), "--json");
        assertThat(run.status()).isEqualTo(1);
        assertThat(failed(run)).containsExactly("values", "modules", "logits", "text");
        assertThat(run.json().get("first").text()).isEqualTo("block.0.attn.out");
        assertThat(faults(run)).containsExactly("block.0.attn.out", "block.1.attn.out", "block.2.attn.out");
    }

    /** A copy of a safetensors folder with one number of some tensors changed. */
    private Path changed(float value, String... tensors) throws Exception {
        var source = TINY.resolve("hf");
        Files.copy(source.resolve("config.json"), folder.resolve("config.json"));
        var bytes = ByteBuffer.wrap(Files.readAllBytes(source.resolve("model.safetensors")))
                .order(ByteOrder.LITTLE_ENDIAN);
        int length = (int) bytes.getLong(0);
        var header = new String(bytes.array(), 8, length, StandardCharsets.UTF_8);
        for (var tensor : tensors) {
            var match = java.util.regex.Pattern
                    .compile("\"[^\"]*" + java.util.regex.Pattern.quote(tensor)
                            + "\":\\{[^}]*\"data_offsets\":\\[(\\d+)")
                    .matcher(header);
            assertThat(match.find()).isTrue();
            bytes.putFloat(8 + length + Integer.parseInt(match.group(1)) + 8, value);
        }
        Files.write(folder.resolve("model.safetensors"), bytes.array());
        return folder;
    }

    @Test
    void two_independent_faults_are_both_named() throws Exception {
        var run = weft("verify", TINY.resolve("hf"), changed(3, "h.0.mlp.c_fc.weight", "h.1.ln_2.bias"), "--json");
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.json().get("first").text()).isEqualTo("block.0.mlp.up");
        assertThat(faults(run)).containsExactly("block.0.mlp.up", "block.1.norm2");
    }

    @Test
    void nan_never_passes_and_its_module_is_named() throws Exception {
        var broken = changed(Float.NaN, "h.1.attn.c_proj.weight");
        for (var pair : List.of(List.of(TINY.resolve("hf"), broken), List.of(broken, TINY.resolve("hf")),
                List.of(broken, broken))) {
            var run = weft("verify", pair.get(0), pair.get(1), "--json");
            assertThat(run.status()).isEqualTo(1);
            assertThat(run.json().get("passed").truth()).isFalse();
            assertThat(failed(run)).contains("values", "modules", "logits");
            assertThat(run.json().get("first").text()).isEqualTo("block.1.attn.out");
            assertThat(run.out()).doesNotContain(": NaN");
        }
    }

    @Test
    void other_shapes_fail_with_the_first_that_differs() {
        var run = weft("verify", TINY.resolve("hf"), FIXTURES.resolve("gpt2-odd/hf"), "--json");
        assertThat(run.status()).isEqualTo(1);
        assertThat(failed(run)).contains("shapes");
        assertThat(weft("verify", TINY.resolve("hf"), FIXTURES.resolve("gpt2-odd/hf")).status()).isEqualTo(1);
    }

    @Test
    void another_activation_changes_no_weight_and_is_seen_by_the_modules() {
        var run = weft("verify", TINY.resolve("hf"), FIXTURES.resolve("gpt2-erf/hf"), "--json");
        assertThat(run.json().get("ladder.2.passed").truth()).isTrue();
        assertThat(run.json().get("modules").list().stream().filter(m -> !(m.get("maxAbs").real() <= 1e-5)))
                .isNotEmpty();
    }

    @Test
    void says_it_in_words_in_both_languages() {
        var run = weft("verify", SHIPPED.resolve("hf"), SHIPPED.resolve("trap-hf-linear"));
        assertThat(run.out()).contains("They are not the same model. First to differ: block.0.attn.out.",
                "Wrong by themselves: block.0.attn.out, block.1.attn.out, block.2.attn.out.");
        assertThat(weft("verify", TINY.resolve("hf"), TINY.resolve("hf"), "--lang", "zh").out())
                .contains("两者是同一个模型。");
    }

    @Test
    void diff_prove_names_the_trap() {
        var run = weft("diff", SHIPPED.resolve("trap-hf-linear"), "--target", "gpt2/hf-linear", "--prove", "--json");
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.json().get("summary.needsRule").whole()).isEqualTo(3);
        assertThat(run.json().get("summary.hidden").whole()).isEqualTo(3);
        var rows = run.json().get("rows").list().stream().filter(r -> r.get("status").text().equals("needsRule"))
                .toList();
        assertThat(rows).hasSize(3).allMatch(r -> r.get("kind").text().equals("transposed"))
                .allMatch(r -> r.get("evidence").text().equals("forward")).allMatch(r -> r.get("hidden").truth());
        assertThat(run.json().get("proof.after").real()).isLessThan(0.5);
        assertThat(weft("diff", SHIPPED.resolve("trap-hf-linear"), "--target", "gpt2/hf-linear", "--prove").out())
                .contains("3 stored the other way round", "transformer.h.{0…2}.attn.c_proj.weight");
    }

    @Test
    void diff_prove_says_why_it_could_not() {
        var run = weft("diff", TINY.resolve("hf"), "--target", "gpt2/hf-linear", "--prove", "--json");
        assertThat(run.json().get("warnings").list()).anyMatch(w -> w.get("code").text().equals("NO_TOKENIZER"));
        assertThat(weft("diff", TINY.resolve("hf"), "--target", "gpt2/hf-linear", "--prove").out())
                .contains("There is no tokenizer");
        var close = weft("diff", Path.of("src/test/resources/samples-unscaled"), "--target", "gpt2/hf-linear",
                "--prove");
        assertThat(close.out()).contains("2 too close to tell", "stays an assumption");
    }

    /** Rotary pairs where the names promise halves: what a conversion from Meta's files forgets. */
    private Path pairs() throws Exception {
        var llama = FIXTURES.resolve("llama-trained");
        var rules = folder.resolve("pairs.weft");
        var q = "model.layers.{i}.self_attn.q_proj.weight";
        var k = "model.layers.{i}.self_attn.k_proj.weight";
        Files.writeString(rules, q + " : rope half->interleaved => " + q + "\n" + k
                + " : rope half->interleaved heads=2 => " + k + "\n");
        var out = folder.resolve("pairs");
        assertThat(weft("convert", llama, "--target", "llama/hf", "--rules", rules, "-o", out + "/").status()).isZero();
        return out;
    }

    @Test
    void diff_prove_reports_both_losses_and_the_margin_of_what_no_shape_shows() throws Exception {
        var wrong = pairs();
        var run = weft("diff", wrong, "--target", "llama/hf", "--prove", "--json");
        assertThat(run.status()).isEqualTo(1);
        var questions = run.json().get("proof.questions").list();
        assertThat(questions.stream().map(q -> q.get("question").text())).containsExactly("orientation", "orientation",
                "order", "order", "rotary");
        var rotary = questions.getLast();
        assertThat(rotary.get("verdict").text()).isEqualTo("otherwise");
        assertThat(rotary.get("stored").text()).isEqualTo("(h k) d");
        assertThat(rotary.get("best").text()).isEqualTo("(h p 2) d");
        assertThat(rotary.get("nextLoss").real() - rotary.get("loss").real()).isEqualTo(rotary.get("margin").real());
        assertThat(rotary.get("margin").real()).isGreaterThan(6);
        assertThat(run.json().get("proof.verdicts").list()).filteredOn(v -> v.get("question").text().equals("rotary"))
                .hasSize(4).allMatch(v -> v.get("answer").text().equals("otherwise"));
        var words = weft("diff", wrong, "--target", "llama/hf", "--prove");
        assertThat(words.out()).contains(
                "Rotary pairs: (h p 2) d, not (h k) d (loss 0.246; (h k) d 6.657, margin 6.411)",
                "Order: gate, up, as assumed (loss 0.246; up, gate 4.249, margin 4.002)");
        assertThat(weft("diff", wrong, "--target", "llama/hf", "--prove", "--lang", "zh").out())
                .contains("旋转成对：是 (h p 2) d，不是 (h k) d");
        // Values of the right file say the same without any text.
        var values = weft("diff", wrong, "--target", FIXTURES.resolve("llama-trained"), "--prove", "--text",
                FIXTURES.resolve("llama-trained/weft-text.txt"), "--json");
        assertThat(values.json().get("proof.questions").list()).filteredOn(q -> q.get("evidence").text()
                .equals("values") && q.get("verdict").text().equals("otherwise")).singleElement()
                .satisfies(q -> assertThat(q.keys()).doesNotContain("margin"));
    }

    @Test
    void diff_prove_asks_what_the_rules_assert_of_the_model() throws Exception {
        var hf = TINY.resolve("hf");
        long best = weft("logits", hf, "--ids", "1,2,3", "--json").json().get("top.0.id").whole();
        var rules = folder.resolve("asked.weft");
        weft("suggest", hf, "--target", "gpt2/hf-linear", "-o", rules);
        var text = Files.readString(rules);
        Files.writeString(rules, text + "_ =assert next [1, 2, 3] " + best + "=> _\n");
        var good = weft("diff", hf, "--rules", rules, "--prove", "--json");
        assertThat(good.status()).as(good.out()).isZero();
        Files.writeString(rules, text + "_ =assert next [1, 2, 3] " + (best + 1) + "=> _\n");
        assertThat(weft("diff", hf, "--rules", rules).status()).as("without --prove nothing is computed").isZero();
        var bad = weft("diff", hf, "--rules", rules, "--prove", "--json");
        assertThat(bad.status()).isEqualTo(1);
        assertThat(bad.json().get("complete").truth()).isFalse();
        assertThat(bad.json().get("problems").list()).singleElement()
                .satisfies(p -> assertThat(p.get("code").text()).isEqualTo("E-ASSERT"));
        assertThat(weft("diff", hf, "--rules", rules, "--prove").out()).contains("next [1, 2, 3] " + (best + 1));
    }

    @Test
    void diff_names_a_head_that_would_be_lost() {
        var llama = FIXTURES.resolve("llama-line/llama");
        var run = weft("diff", llama, "--target", "llama/gguf,output=false", "--json");
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.json().get("complete").truth()).isFalse();
        assertThat(run.json().get("problems").list()).singleElement()
                .satisfies(p -> assertThat(p.get("code").text()).isEqualTo("HEAD_NOT_TIED"));
        assertThat(weft("diff", llama, "--target", "llama/gguf,output=false").out())
                .contains("lm_head.weight and model.embed_tokens.weight", "=drop unused=> _");
        var tied = weft("diff", TINY.resolve("hf-bin"), "--target", "gpt2/openai-tf", "--strict", "--json");
        assertThat(tied.json().get("unused").list()).isEmpty();
        assertThat(tied.json().get("ignored").list())
                .anySatisfy(i -> assertThat(i.get("reason").text()).isEqualTo("tied"));
    }

    private static final Path RECORDED = FIXTURES.resolve("activations/gpt2-tiny.npz");

    @ParameterizedTest
    @CsvSource({"hf", "openai-tf", "scratch-split", "hf-linear"})
    void the_same_model_in_any_dialect_computes_what_transformers_recorded(String dialect) {
        var run = weft("verify", TINY.resolve(dialect), "--reference", RECORDED, "--json");
        assertThat(run.status()).as(run.out() + run.err()).isZero();
        assertThat(run.json().get("passed").truth()).isTrue();
        assertThat(run.json().get("ladder").list().stream().map(s -> s.get("step").text())).containsExactly("names",
                "shapes", "modules", "logits");
        assertThat(run.json().get("modules").list()).hasSizeGreaterThan(20).allMatch(m -> m.get("alone").truth())
                .allMatch(m -> m.get("maxAbs").real() < 1e-4);
        assertThat(run.json().get("top").list()).hasSize(10);
        assertThat(weft("verify", TINY.resolve(dialect), "--reference", RECORDED).out())
                .contains("The model computes what was recorded.");
    }

    @Test
    void a_recording_names_the_first_module_that_parts_and_each_that_is_wrong_alone() throws Exception {
        var run = weft("verify", changed(3, "h.0.mlp.c_fc.weight", "h.1.ln_2.bias"), "--reference", RECORDED, "--json");
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.json().get("first").text()).isEqualTo("block.0.mlp.up");
        assertThat(faults(run)).containsExactly("block.0.mlp.up", "block.1.norm2");
        assertThat(failed(run)).containsExactly("modules", "logits");
        var words = weft("verify", folder, "--reference", RECORDED, "--lang", "zh");
        assertThat(words.out()).contains("本身有误：block.0.mlp.up, block.1.norm2");
    }

    @Test
    void nan_never_agrees_with_a_recording() throws Exception {
        var run = weft("verify", changed(Float.NaN, "h.1.attn.c_proj.weight"), "--reference", RECORDED, "--json");
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.json().get("first").text()).isEqualTo("block.1.attn.out");
        assertThat(faults(run)).containsExactly("block.1.attn.out");
    }

    @Test
    void a_recording_of_another_model_or_without_its_ids_is_refused_in_one_line() {
        var other = weft("verify", FIXTURES.resolve("gpt2-odd/hf"), "--reference", RECORDED, "--json");
        assertThat(other.status()).isEqualTo(1);
        assertThat(failed(other)).contains("shapes", "modules", "logits");
        var none = weft("verify", TINY.resolve("hf"), "--reference", TINY.resolve("hf/model.safetensors"), "--json");
        assertThat(none.status()).isEqualTo(3);
        assertThat(none.json().get("error.code").text()).isEqualTo("BAD_REFERENCE");
        assertThat(weft("verify", TINY.resolve("hf")).status()).isEqualTo(2);
        assertThat(weft("verify", TINY.resolve("hf"), TINY.resolve("hf"), "--reference", RECORDED).status())
                .isEqualTo(2);
    }

    @Test
    void weights_that_differ_while_the_function_agrees_are_called_so() {
        var run = weft("verify", Path.of("src/test/resources/samples-unscaled"), SHIPPED.resolve("hf"), "--json");
        assertThat(run.json().get("sameFunction").truth()).isTrue();
        assertThat(run.json().get("passed").truth()).isFalse();
        assertThat(run.status()).isEqualTo(1);
        assertThat(weft("verify", Path.of("src/test/resources/samples-unscaled"), SHIPPED.resolve("hf")).out())
                .contains("as functions they agree");
        assertThat(weft("verify", TINY.resolve("hf"), TINY.resolve("hf"), "--json").json().get("sameFunction").truth())
                .isFalse();
    }

    @Test
    void a_llama_computes_what_transformers_recorded_in_it() {
        var run = weft("verify", FIXTURES.resolve("llama-line/llama"), "--reference",
                FIXTURES.resolve("activations/llama.safetensors"), "--json");
        assertThat(run.status()).as(run.out() + run.err()).isZero();
        assertThat(run.json().get("modules").list()).hasSize(27).allMatch(m -> m.get("alone").truth());
        var other = weft("verify", FIXTURES.resolve("llama-line/llama-bias"), "--reference",
                FIXTURES.resolve("activations/llama.safetensors"), "--json");
        assertThat(other.status()).isEqualTo(1);
        assertThat(other.json().get("first").text()).isEqualTo("embed");
    }

    @Test
    void what_tensorflow_recorded_with_the_exported_script_is_what_weft_computes() {
        var recorded = FIXTURES.resolve("reference/tiny-openai-tf.npz");
        for (var dialect : new String[]{"openai-tf", "hf", "scratch-split"}) {
            var run = weft("verify", TINY.resolve(dialect), "--reference", recorded);
            assertThat(run.status()).as(run.out()).isZero();
            assertThat(run.out()).contains("24 modules");
        }
    }
}
