package weft.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import weft.arch.Architecture;
import weft.arch.DialectFiles;
import weft.arch.Hyper;
import weft.arch.Hypers;
import weft.arch.Recognition;
import weft.arch.Settings;
import weft.arch.TargetSpec;
import weft.rule.RuleFile;
import weft.tensor.AxisSizes;
import weft.tensor.DType;
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
}
