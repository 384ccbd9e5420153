package weft.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import weft.arch.Architecture;
import weft.arch.DialectFiles;
import weft.arch.Hyper;
import weft.arch.Hypers;
import weft.arch.Recognition;
import weft.arch.Settings;
import weft.arch.TargetSpec;
import weft.io.CheckpointException;
import weft.io.Code;
import weft.rule.RuleFile;
import weft.tensor.AxisSizes;
import weft.tensor.DType;
import weft.tensor.Shape;
import weft.tensor.TensorInfo;

/** Rules learned on the smallest model of a family fit every other one unchanged; names and shapes are all it takes. */
class ScaleTest {
    /** A model of a published size as its file would list it, with the numbers its configuration would state. */
    private static Source source(String spec, Map<String, Object> words) throws Exception {
        var made = Architecture.of(TargetSpec.parse(spec, DialectFiles.shipped()), new AxisSizes());
        var infos = new ArrayList<TensorInfo>();
        for (var parameter : made.parameters()) {
            if (parameter.required()) {
                infos.add(
                        new TensorInfo(parameter.name(), DType.F32, parameter.shape(), 4 * parameter.shape().count()));
            }
        }
        var recognition = Recognition.of(infos, DialectFiles.shipped().dialects()).orElseThrow();
        Hypers.complete(recognition.dialect(), recognition.sizes(),
                List.of(new Settings(words, Hyper.Origin.CONFIG, "config.json")));
        recognition.dialect().family().complete(recognition.sizes());
        return new Source(spec, infos, recognition);
    }

    private static Architecture target(String dialect, Source source) throws Exception {
        return Architecture.of(TargetSpec.parse(dialect, DialectFiles.shipped()).from(source.recognition()),
                source.recognition().sizes());
    }

    @ParameterizedTest
    @CsvSource({"openai-tf, scratch-split", "openai-tf, scratch-fused", "openai-tf, hf", "hf, hf-linear",
        "hf-linear, openai-tf", "hf, mindspore", "scratch-split, openai-tf", "gguf, scratch-split",
        "scratch-fused, gguf"})
    void gpt2(String from, String to) throws Exception {
        check("gpt2/" + from, "gpt2/" + to, List.of("124M", "355M", "774M", "1558M"),
                List.of(Map.of(), Map.of(), Map.of(), Map.of()));
    }

    /** Rotary channels need the head count: it comes from each model's own configuration, not from the rules. */
    @ParameterizedTest
    @CsvSource({"meta, hf", "hf, meta", "meta, scratch", "hf, gguf", "gguf, scratch"})
    void llama(String from, String to) throws Exception {
        check("llama/" + from, "llama/" + to, List.of("llama-2-7b", "llama-3-8b", "llama-2-70b", "llama-3.2-1b"),
                List.of(heads(32), heads(32), heads(64), heads(32)));
    }

    private static Map<String, Object> heads(long count) {
        return Map.of("n_heads", count);
    }

    private static void check(String from, String to, List<String> sizes, List<Map<String, Object>> words)
            throws Exception {
        var first = source(from + "@" + sizes.getFirst(), words.getFirst());
        var learned = Planner.suggest(first, target(to, first), false);
        var text = RuleFile.print(learned, "learned.weft");
        assertThat(text.lines().filter(l -> l.contains("=>"))).isNotEmpty().noneMatch(l -> l.matches(".*[0-9]{3}.*"));
        var rules = RuleFile.read(text.getBytes(java.nio.charset.StandardCharsets.UTF_8), "learned.weft");
        for (int i = 0; i < sizes.size(); i++) {
            var source = source(from + "@" + sizes.get(i), words.get(i));
            var plan = Planner.plan(source, rules, target(to, source), Map.of());
            assertThat(plan.isComplete()).as("%s: %s", sizes.get(i), plan.open().stream().limit(2).toList()).isTrue();
            assertThat(plan.rows()).noneMatch(r -> r.status() == Status.NEEDS_RULE);
            assertThat(Planner.suggest(source, target(to, source), false).rules()).isEqualTo(rules.rules());
        }
    }

    /** Whoever states a size can state any: nothing may be made of it, one by one, before somebody looks. */
    @ParameterizedTest
    @ValueSource(strings = {"gpt2/hf@124M,n_layer=1000000000000", "gpt2/hf@124M,n_embd=1000000000000,n_head=1",
        "llama/hf@llama-2-7b,n_layers=10001"})
    void a_size_beyond_all_reason_is_refused(String target) {
        assertThatThrownBy(() -> Architecture.of(TargetSpec.parse(target, DialectFiles.shipped()), new AxisSizes()))
                .isInstanceOfSatisfying(CheckpointException.class,
                        e -> assertThat(e.code()).isEqualTo(Code.BAD_TARGET));
    }

    @Test
    void a_layer_beyond_all_reason_is_a_name_nobody_knows() throws Exception {
        var made = source("gpt2/hf@124M", Map.of());
        var tensors = new ArrayList<>(made.tensors());
        var absurd = new TensorInfo("h.999999999999999999.ln_1.weight", DType.F32, Shape.of(768), 3072);
        tensors.add(absurd);
        var read = Recognition.of(tensors, DialectFiles.shipped().dialects()).orElseThrow();
        assertThat(read.dialect().id()).isEqualTo("gpt2/hf");
        assertThat(read.unknown()).containsExactly(absurd.name());
        assertThat(read.sizes().size("i").getAsLong()).isEqualTo(12);
    }

    /** A tensor without a byte may state any number of layers: a rule for each of them is none. */
    @Test
    void a_stack_of_nothing_is_no_number_of_layers() throws Exception {
        var made = source("gpt2/hf@124M", Map.of());
        made.recognition().sizes().put("i", 1_000_000_000_000L);
        var target = Architecture.of(TargetSpec.parse("gpt2/scratch-split@124M", DialectFiles.shipped()),
                new AxisSizes());
        assertThat(Planner.suggest(made, target, false).rules()).isNotEmpty();
    }
}
