package weft.work;

import static org.assertj.core.api.Assertions.assertThat;
import static weft.work.Opened.tensors;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

import weft.arch.DialectFiles;
import weft.infer.Generator;
import weft.infer.Loss;
import weft.infer.Sampling;
import weft.io.Json;
import weft.io.Progress;
import weft.work.ConvertRequest;

/**
 * Every dialect of a family computes what the framework computed, and leads into every other and back through files,
 * bit for bit.
 */
class DialectsTest {
    private static final Path FIXTURES = Path.of("src/test/resources/fixtures");

    @TempDir
    Path folder;

    /** Dialects that say something another can't: they are tried by themselves. */
    private static final List<String> LLAMA = List.of("llama/hf", "llama/meta", "llama/scratch", "llama/gguf",
            "llama/gguf-halves", "llama/phi3", "llama/internlm2");

    private static List<String> dialects(String family) {
        return DialectFiles.shipped().dialects().stream().map(d -> d.id()).filter(d -> d.startsWith(family + "/"))
                .toList();
    }

    private static Map<?, ?> expected(String model) throws Exception {
        return (Map<?, ?>) Json.plain(Json.parse(Files.readAllBytes(FIXTURES.resolve(model).resolve("expected.json")),
                model, 0));
    }

    private static void computes(Workspace workspace, String model) throws Exception {
        var running = workspace.run(null);
        var logits = (Map<?, ?>) expected(model).get("lastLogits");
        for (var prompt : ((Map<?, ?>) expected(model).get("prompts")).entrySet()) {
            var ids = ((List<?>) prompt.getValue()).stream().mapToInt(n -> ((Number) n).intValue()).toArray();
            close(running.model().lastLogits(ids), (List<?>) logits.get(prompt.getKey()), prompt.getKey().toString());
        }
    }

    private static void close(float[] actual, List<?> expected, String what) {
        assertThat(actual).hasSize(expected.size());
        for (int i = 0; i < actual.length; i++) {
            double difference = Math.abs(actual[i] - ((Number) expected.get(i)).doubleValue());
            assertThat(difference <= 1e-4).as("%s, logit %d: %s against %s", what, i, actual[i], expected.get(i))
                    .isTrue();
        }
    }

    @ParameterizedTest
    @CsvSource({"gpt2-tiny/mindspore, gpt2/mindspore, gpt2-tiny", "gpt2-tiny/gguf, gpt2/gguf, gpt2-tiny",
        "llama-line/llama, llama/hf, llama-line/llama", "llama-line/llama-tied, llama/hf, llama-line/llama-tied",
        "llama-line/llama-linear, llama/hf, llama-line/llama-linear",
        "llama-line/llama-llama3, llama/hf, llama-line/llama-llama3",
        "llama-line/llama-yarn, llama/hf, llama-line/llama-yarn",
        "llama-line/llama-bias, llama/hf, llama-line/llama-bias", "llama-line/mistral, llama/hf, llama-line/mistral",
        "llama-line/qwen2, llama/hf, llama-line/qwen2", "llama-line/qwen3, llama/hf, llama-line/qwen3",
        "llama-line/llama-meta, llama/meta, llama-line/llama",
        "llama-line/llama-bias-gguf, llama/gguf, llama-line/llama-bias",
        "llama-line/llama-llama3-gguf, llama/gguf, llama-line/llama-llama3",
        "llama-line/qwen2-gguf, llama/gguf-halves, llama-line/qwen2",
        "llama-line/qwen3-scratch, llama/scratch, llama-line/qwen3", "llama-line/phi3, llama/phi3, llama-line/phi3",
        "llama-line/llama-internlm2, llama/internlm2, llama-line/llama",
        "gpt2-tiny/scan-fused, gpt2/scan-fused, gpt2-tiny", "gpt2-tiny/scan-split, gpt2/scan-split, gpt2-tiny"})
    void each_dialect_computes_the_frameworks_logits(String path, String dialect, String model) throws Exception {
        var workspace = Workspace.open(FIXTURES.resolve(path), Progress.NONE);
        assertThat(workspace.source().dialect()).isEqualTo(dialect);
        assertThat(workspace.recognition().contradicting()).isEmpty();
        assertThat(workspace.recognition().unknown()).isEmpty();
        assertThat(workspace.recognition().rivals()).isEmpty();
        computes(workspace, model);
    }

    static Stream<Arguments> pairs() {
        return Stream.concat(
                Stream.of("gpt2-tiny/hf", "gpt2-tiny/openai-tf", "gpt2-tiny/hf-linear", "gpt2-tiny/scratch-split",
                        "gpt2-tiny/scratch-fused", "gpt2-tiny/mindspore", "gpt2-tiny/gguf", "gpt2-tiny/scan-fused",
                        "gpt2-tiny/scan-split")
                        .flatMap(from -> dialects("gpt2").stream().filter(to -> !to.equals("gpt2/loom"))
                                .map(to -> Arguments.of(from, to, "gpt2-tiny"))),
                Stream.of("llama", "llama-tied", "llama-bias", "qwen2", "qwen3", "llama-meta", "llama-bias-gguf",
                        "qwen2-gguf", "qwen3-scratch", "phi3", "llama-internlm2").flatMap(
                                from -> LLAMA.stream().filter(to -> holds(from, to))
                                        .map(to -> Arguments.of("llama-line/" + from, to,
                                                "llama-line/"
                                                        + from.replaceFirst("-(meta|gguf|scratch|internlm2)$", "")))));
    }

    /** Meta's models have no biases, the textbook's only on q, k and v; neither has GGUF's {@code llama} norms of heads. */
    private static boolean holds(String from, String to) {
        boolean biased = from.startsWith("llama-bias") || from.startsWith("qwen2");
        return switch (to) {
            case "llama/meta" -> !biased && !from.startsWith("qwen3");
            case "llama/scratch" -> !from.startsWith("llama-bias");
            case "llama/gguf" -> !from.startsWith("qwen3");
            // Phi-3 has no biases, InternLM2 in all of attention or nowhere; neither has norms of heads.
            case "llama/phi3",
                    "llama/internlm2" ->
                !biased && !from.startsWith("qwen3");
            default -> true;
        };
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void each_dialect_leads_into_each_other_and_back_through_files(String from, String to, String model)
            throws Exception {
        var source = Workspace.open(FIXTURES.resolve(from), Progress.NONE);
        var there = source.withTarget(to, Progress.NONE).acceptAll();
        assertThat(there.plan().orElseThrow().isComplete()).as("%s", there.plan().orElseThrow().open()).isTrue();
        assertThat(there.plan().orElseThrow().unused()).allMatch(n -> isTiedHead(n, model));
        computes(there, model);
        there.convert(request("there"), _ -> true, Progress.NONE);
        // The textbook has its epsilon in its code, not in its configuration.
        var middle = Workspace.open(folder.resolve("there"),
                to.equals("llama/scratch")
                        ? Map.of("rms_norm_eps", source.hypers().orElseThrow().real("epsilon"))
                        : Map.of(),
                Progress.NONE);
        if (!to.equals("gpt2/nanogpt")) { // with OpenAI's names in between, no file says which GELU it was
            computes(middle, model);
        }
        assertThat(middle.recognition().dialect().family()).isEqualTo(source.recognition().dialect().family());
        var back = middle.withTarget(source.source().dialect(), Progress.NONE).acceptAll();
        assertThat(back.plan().orElseThrow().isComplete()).as("%s", back.plan().orElseThrow().open()).isTrue();
        back.convert(request("back"), _ -> true, Progress.NONE);
        var first = tensors(FIXTURES.resolve(from));
        var again = tensors(folder.resolve("back"));
        first.keySet().removeIf(n -> n.endsWith(".mask"));
        again.keySet().removeIf(n -> n.endsWith(".mask"));
        if (from.endsWith("-scratch")) { // read in either spelling, written in one
            for (var name : List.copyOf(first.keySet())) {
                var tensor = java.util.Objects.requireNonNull(first.remove(name));
                first.put(name.contains("_norm.scale") && !name.startsWith("final")
                        ? name
                        : name.replace(".scale", ".weight"), tensor);
            }
        }
        // A tied head may come and go; where it is on both sides it is compared like all else.
        assertThat(again.keySet().stream().filter(n -> !isTiedHead(n, model)))
                .containsExactlyElementsOf(first.keySet().stream().filter(n -> !isTiedHead(n, model)).toList());
        for (var tensor : again.values()) {
            var before = first.get(tensor.name());
            if (before != null) {
                assertThat(tensor.read().contiguous().bytes().mismatch(before.read().contiguous().bytes()))
                        .as(tensor.name()).isEqualTo(-1);
            }
        }
    }

    private static boolean isTiedHead(String name, String model) {
        return (model.equals("gpt2-tiny") || model.endsWith("-tied"))
                && List.of("lm_head.weight", "out_head.weight", "out_linear.weight", "output.weight").contains(name);
    }

    private ConvertRequest request(String name) {
        return new ConvertRequest(folder.resolve(name), true, null, null, 0, true, false);
    }

    @Test
    void a_mindspore_file_is_written_where_mindspore_is_at_home() throws Exception {
        var workspace = Workspace.open(FIXTURES.resolve("gpt2-tiny/hf"), Progress.NONE)
                .withTarget("gpt2/mindspore", Progress.NONE).acceptAll();
        var made = workspace.convert(new ConvertRequest(folder.resolve("gpt2.ckpt"), false, null, null, 0, true, false),
                _ -> true, Progress.NONE);
        assertThat(made.format()).isEqualTo("mindspore");
        var expected = tensors(FIXTURES.resolve("gpt2-tiny/mindspore/gpt2.ckpt"));
        var written = tensors(folder.resolve("gpt2.ckpt"));
        assertThat(written.keySet()).isEqualTo(expected.keySet());
        for (var tensor : written.values()) {
            assertThat(tensor.read().contiguous().bytes().mismatch(expected.get(tensor.name()).read().contiguous()
                    .bytes())).as(tensor.name()).isEqualTo(-1);
        }
    }

    /** Rope kinds that no weight shows, in each configuration's own words. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"{\"rope_scaling\":{\"type\":\"linear\",\"factor\":3.0}}|llama-linear",
        "{\"rope_scaling\":{\"rope_type\":\"llama3\",\"factor\":8.0,\"low_freq_factor\":1.0,\"high_freq_factor\":4.0,"
                + "\"original_max_position_embeddings\":16}}|llama-llama3",
        "{\"rope_freq\":{\"factor\":8.0,\"low_freq_factor\":1.0,\"high_freq_factor\":4.0,"
                + "\"original_context_length\":16}}|llama-llama3",
        "{\"use_scaled_rope\":true,\"original_max_position_embeddings\":16}|llama-llama3",
        "{\"rope.scaling.type\":\"yarn\",\"rope.scaling.factor\":4.0,\"rope.scaling.original_context_length\":12,"
                + "\"beta_fast\":4.0,\"beta_slow\":1.0}|llama-yarn"})
    void rope_scalings_are_understood_as_each_configuration_writes_them(String words, String model) throws Exception {
        var to = words.contains("use_scaled_rope") ? "-meta" : "";
        var name = "llama-line/" + model;
        var config = new LinkedHashMap<String, Object>();
        config.putAll(Map.of("num_attention_heads", 6L, "num_key_value_heads", 2L, "max_position_embeddings", 48L,
                "rms_norm_eps", 1e-6, "rope_theta", 10000.0));
        var copy = Files.createDirectory(folder.resolve("copy" + to));
        Files.copy(FIXTURES.resolve(name).resolve("model.safetensors"), copy.resolve("model.safetensors"));
        ((Map<?, ?>) Json.plain(Json.parse(words.getBytes(java.nio.charset.StandardCharsets.UTF_8), "words", 0)))
                .forEach((k, v) -> config.put((String) k, v));
        if (to.isEmpty()) {
            Files.writeString(copy.resolve("config.json"), Json.print(config));
            computes(Workspace.open(copy, Progress.NONE), name);
        } else {
            // Meta's numbers are in its code: only where its names and its word meet.
            Files.writeString(copy.resolve("config.json"), Json.print(config));
            var meta = Workspace.open(copy, Map.of("rope_type", "default"), Progress.NONE)
                    .withTarget("llama/meta", Progress.NONE).acceptAll();
            meta.convert(request("meta"), _ -> true, Progress.NONE);
            config.put("dim", 24L);
            Files.writeString(folder.resolve("meta/params.json"), Json.print(config));
            computes(Workspace.open(folder.resolve("meta"), Progress.NONE), name);
        }
    }

    @Test
    void a_number_nobody_gave_is_asked_for() throws Exception {
        var copy = Files.createDirectory(folder.resolve("bare"));
        Files.copy(FIXTURES.resolve("llama-line/llama/model.safetensors"), copy.resolve("model.safetensors"));
        var problem = org.assertj.core.api.Assertions.catchThrowableOfType(weft.io.CheckpointException.class,
                () -> Workspace.open(copy, Progress.NONE).run(null)).problem();
        assertThat(problem.code()).isEqualTo(weft.io.Code.HYPER_UNKNOWN);
        assertThat(problem.field()).isEqualTo("num_attention_heads");
        computes(Workspace.open(copy, Map.of("num_attention_heads", 6L, "context_length", 48L, "rms_norm_eps", 1e-6,
                "rope_theta", 10000.0, "rope_type", "default"), Progress.NONE), "llama-line/llama");
    }

    @Test
    @EnabledIfSystemProperty(named = "weft.real", matches = ".+")
    void the_trained_nanogpt_style_checkpoint_computes_what_torch_computes() throws Exception {
        var path = Path.of(System.getProperty("weft.real")).resolve("nanogpt-style");
        var workspace = Workspace.open(path, Progress.NONE);
        assertThat(workspace.source().dialect()).isEqualTo("gpt2/nanogpt");
        assertThat(workspace.hypers().orElseThrow().word("activation")).isEqualTo("gelu");
        var expected = expected("nanogpt-style");
        var model = workspace.run(null).model();
        close(model.lastLogits(1, 2, 3), (List<?>) expected.get("lastLogits"), "logits");
        var ids = ((List<?>) expected.get("ids")).stream().mapToInt(n -> ((Number) n).intValue()).toArray();
        assertThat(Loss.of(model, ids, Progress.NONE).mean())
                .isCloseTo((Double) expected.get("loss"), org.assertj.core.api.Assertions.within(1e-5));
        double sum = 0;
        for (int s = 0; s + 8 < ids.length; s++) {
            sum += Loss.of(model, Arrays.copyOfRange(ids, s, s + 9), Progress.NONE).mean();
        }
        assertThat(sum / (ids.length - 8)).isCloseTo((Double) expected.get("everyWindow"),
                org.assertj.core.api.Assertions.within(1e-5));
        var greedy = ((List<?>) expected.get("greedy")).stream().mapToInt(n -> ((Number) n).intValue()).toArray();
        assertThat(new Generator(model).generate(Arrays.copyOf(greedy, 1), 7, Sampling.GREEDY, java.util.Set.of(),
                _ -> {
                }, Progress.NONE).ids()).isEqualTo(Arrays.copyOfRange(greedy, 1, 8));
    }
}
