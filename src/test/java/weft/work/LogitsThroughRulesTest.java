package weft.work;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import weft.io.Json;
import weft.io.Progress;
import weft.rule.ArrowText;
import weft.rule.RuleFile;

/**
 * The model runs on the target's side of the rules: in every dialect, right rules give PyTorch's logits, and wrong
 * rules give the logits PyTorch computes with the same wrong weights.
 */
class LogitsThroughRulesTest {
    private static final Path FIXTURES = Path.of("src/test/resources/fixtures");
    private static final Map<String, String> FILES = Map.of("openai-tf", "openai-tf", "hf", "hf", "hf-linear",
            "hf-linear", "scratch-split", "scratch-split", "scratch-fused", "scratch-fused");

    static Stream<Arguments> pairs() {
        return Stream.of("gpt2-tiny", "gpt2-odd").flatMap(m -> FILES.keySet().stream().sorted()
                .flatMap(a -> FILES.keySet().stream().sorted().map(b -> Arguments.of(m, a, b))));
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void right_rules_give_torchs_logits(String model, String from, String to) throws Exception {
        var opened = Workspace.open(FIXTURES.resolve(model).resolve(FILES.get(from)),
                from.equals("hf-linear") ? settings(model) : Map.of(), Progress.NONE);
        var workspace = opened.withTarget("gpt2/" + to, Progress.NONE).acceptAll();
        assertThat(workspace.plan().orElseThrow().isComplete()).isTrue();
        var running = workspace.run(null);
        for (var prompt : prompts(model).entrySet()) {
            close(running.model().lastLogits(prompt.getValue()), expected(model, "lastLogits", prompt.getKey()));
        }
    }

    static Stream<Arguments> wrongs() {
        var split = "trf_blocks.{i}.att.W_query.weight, trf_blocks.{i}.att.W_key.weight, trf_blocks.{i}.att.W_value.weight";
        var bias = split.replace(".weight", ".bias");
        var swapped = "trf_blocks.{i}.att.W_key.weight, trf_blocks.{i}.att.W_query.weight, trf_blocks.{i}.att.W_value.weight";
        var kvq = "trf_blocks.{i}.att.W_key.weight, trf_blocks.{i}.att.W_value.weight, trf_blocks.{i}.att.W_query.weight";
        var qvk = "trf_blocks.{i}.att.W_query.weight, trf_blocks.{i}.att.W_value.weight, trf_blocks.{i}.att.W_key.weight";
        return Stream.of(
                Arguments.of("square-all",
                        List.of("transformer.h.{i}.attn.c_proj.weight : rearrange \"o d -> d o\" => ",
                                "transformer.h.{i}.attn.c_proj.weight => ")),
                Arguments.of("qk-swapped", List.of(split, swapped, bias, swapped.replace(".weight", ".bias"))),
                Arguments.of("split-kvq", List.of(split, kvq, bias, kvq.replace(".weight", ".bias"))),
                Arguments.of("split-qvk", List.of(split, qvk, bias, qvk.replace(".weight", ".bias"))),
                Arguments.of("split-per-head",
                        List.of("rearrange \"d o -> o d\" | split 3 @0 => ",
                                "rearrange \"d (h s k) -> s (h k) d\" h=n_head s=3 | split 3 @0 | rearrange \"1 o d -> o d\" => ",
                                "c_attn.bias : split 3 @0 => ",
                                "c_attn.bias : rearrange \"(h s k) -> s (h k)\" h=n_head s=3 | split 3 @0 | rearrange \"1 o -> o\" => ")));
    }

    @ParameterizedTest
    @MethodSource("wrongs")
    void wrong_rules_give_torchs_wrong_logits(String id, List<String> replaced) throws Exception {
        var workspace = Workspace.open(FIXTURES.resolve("gpt2-tiny/hf"), Progress.NONE)
                .withTarget("gpt2/scratch-split", Progress.NONE).acceptAll();
        var text = ArrowText.print(workspace.rules());
        for (int i = 0; i < replaced.size(); i += 2) {
            assertThat(text).contains(replaced.get(i));
            text = text.replace(replaced.get(i), replaced.get(i + 1));
        }
        var wrong = workspace.withRules(RuleFile.read(text.getBytes(StandardCharsets.UTF_8), "wrong.weft"));
        assertThat(wrong.plan().orElseThrow().isComplete()).as("no shape complains").isTrue();
        var running = wrong.run(null);
        for (var prompt : prompts("gpt2-tiny").entrySet()) {
            var torch = wrongLogits(id).get(prompt.getKey());
            close(running.model().lastLogits(prompt.getValue()), (List<?>) torch);
        }
    }

    @Test
    void a_square_left_as_it_is_keeps_its_mark() throws Exception {
        var workspace = Workspace.open(FIXTURES.resolve("gpt2-tiny/hf"), Progress.NONE)
                .withTarget("gpt2/scratch-split", Progress.NONE).acceptAll();
        var text = ArrowText.print(workspace.rules()).replace(
                "transformer.h.{i}.attn.c_proj.weight : rearrange \"o d -> d o\" => ",
                "transformer.h.{i}.attn.c_proj.weight => ");
        var wrong = workspace.withRules(RuleFile.read(text.getBytes(StandardCharsets.UTF_8), "wrong.weft"));
        var plan = wrong.plan().orElseThrow();
        assertThat(plan.rows().stream().filter(r -> r.hidden()).map(r -> r.target().name()))
                .containsExactly("trf_blocks.0.att.out_proj.weight", "trf_blocks.1.att.out_proj.weight");
    }

    private static Map<String, Object> settings(String model) throws Exception {
        @SuppressWarnings("unchecked")
        var config = (Map<String, Object>) document(model).get("config");
        return config;
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> document(String model) throws Exception {
        return (Map<String, Object>) Json
                .plain(Json.parse(Files.readAllBytes(FIXTURES.resolve(model).resolve("expected.json")), model, 0));
    }

    private static Map<String, int[]> prompts(String model) throws Exception {
        var prompts = new java.util.LinkedHashMap<String, int[]>();
        ((Map<?, ?>) document(model).get("prompts")).forEach((k, v) -> prompts.put((String) k,
                ((List<?>) v).stream().mapToInt(n -> ((Number) n).intValue()).toArray()));
        return prompts;
    }

    private static List<?> expected(String model, String key, String prompt) throws Exception {
        return (List<?>) ((Map<?, ?>) document(model).get(key)).get(prompt);
    }

    private static Map<?, ?> wrongLogits(String id) throws Exception {
        return (Map<?, ?>) ((List<?>) document("gpt2-tiny").get("wrong")).stream().map(w -> (Map<?, ?>) w)
                .filter(w -> id.equals(w.get("id"))).findFirst().orElseThrow().get("lastLogits");
    }

    private static void close(float[] actual, List<?> expected) {
        assertThat(actual).hasSize(expected.size());
        for (int i = 0; i < actual.length; i++) {
            double difference = Math.abs(actual[i] - ((Number) expected.get(i)).doubleValue());
            assertThat(difference <= 1e-4).as("logit %d: %s against %s", i, actual[i], expected.get(i)).isTrue();
        }
    }
}
