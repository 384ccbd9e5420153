package weft.work;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import weft.io.Code;
import weft.io.Json;
import weft.io.Progress;
import weft.plan.Kind;
import weft.plan.Status;
import weft.rule.RuleFile;
import weft.text.Texts;
import weft.work.ConvertRequest;

/** What is said of source and target as a whole. */
class FindingsTest {
    private static final Path FIXTURES = Path.of("src/test/resources/fixtures");

    @TempDir
    Path folder;

    private static Workspace tiny(String from, String target) throws Exception {
        return Workspace.open(FIXTURES.resolve(from), Progress.NONE).withTarget(target, Progress.NONE);
    }

    @Test
    void another_size_is_one_finding_and_the_fields_say_which_rows_they_explain() throws Exception {
        var workspace = tiny("gpt2-tiny/hf", "gpt2/scratch-split@124M");
        var plan = workspace.plan().orElseThrow();
        var findings = Findings.of(workspace);
        assertThat(findings).extracting(f -> f.code()).containsExactly(Code.OTHER_MODEL);
        assertThat(findings.getFirst().found()).isEqualTo(
                "GPT-2 (n_embd 24, n_head 3, d_head 8, n_inner 96, n_layer 2)");
        assertThat(findings.getFirst().expected()).isEqualTo("gpt2");
        assertThat(plan.rows().stream().filter(r -> r.status() == Status.MISMATCH))
                .allSatisfy(r -> assertThat(r.kind()).isEqualTo(Kind.OTHER_MODEL_SIZE))
                .allMatch(r -> Findings.isExplained(r, findings));
        var fields = ConfigComparison.of(workspace);
        assertThat(fields.stream().map(ConfigComparison.Field::same)).isSorted();
        var byName = fields.stream().collect(java.util.stream.Collectors.toMap(ConfigComparison.Field::field, f -> f));
        assertThat(byName.get("emb_dim").source()).isEqualTo(24L);
        assertThat(byName.get("emb_dim").target()).isEqualTo(768L);
        assertThat(byName.get("emb_dim").rows()).contains("tok_emb.weight", "trf_blocks.0.att.W_query.weight",
                "final_norm.scale").doesNotContain("trf_blocks.0.ff.layers.0.bias", "trf_blocks.2.norm1.scale");
        assertThat(byName.get("n_layers").rows()).contains("trf_blocks.2.norm1.scale", "trf_blocks.11.norm1.scale")
                .doesNotContain("trf_blocks.1.norm1.scale");
        assertThat(byName.get("vocab_size").rows()).containsExactly("tok_emb.weight");
        assertThat(byName.get("context_length").rows()).containsExactly("pos_emb.weight");
    }

    @Test
    void a_fitting_target_has_no_findings_and_all_fields_agree() throws Exception {
        var workspace = tiny("gpt2-tiny/hf", "gpt2/scratch-split");
        assertThat(Findings.of(workspace)).isEmpty();
        assertThat(ConfigComparison.of(workspace)).isNotEmpty().allMatch(ConfigComparison.Field::same)
                .allMatch(f -> f.rows().isEmpty());
    }

    @Test
    void another_family_is_named() throws Exception {
        var findings = Findings.of(tiny("gpt2-tiny/hf", "llama/hf@llama-3-8b"));
        assertThat(findings).hasSize(1);
        assertThat(Texts.of(java.util.Locale.ENGLISH).message(findings.getFirst()))
                .isEqualTo("This is GPT-2; the target is Llama.");
        var config = tiny("gpt2-tiny/hf", FIXTURES.resolve("llama-line/llama/config.json").toString());
        assertThat(config.plan().orElseThrow().target().dialect().id()).isEqualTo("llama/hf");
        assertThat(Findings.of(config)).extracting(f -> f.code()).containsExactly(Code.OTHER_MODEL);
    }

    /** The rename people copy: {@code name.replace("weight", "gamma")} for every tensor. */
    @Test
    void a_blanket_rename_to_gamma_is_named_as_the_mistake_and_undone() throws Exception {
        var rules = new StringBuilder();
        for (var name : List.of("transformer.{a}", "transformer.h.{i}.{a}", "transformer.h.{i}.{a}.{b}")) {
            rules.append(name).append(".weight => ").append(name).append(".gamma\n");
            rules.append(name).append(".bias => ").append(name).append(".beta\n");
        }
        var wrong = Workspace.open(FIXTURES.resolve("gpt2-tiny/hf"), Progress.NONE)
                .withRules(RuleFile.read(rules.toString().getBytes(StandardCharsets.UTF_8), "blanket.weft"));
        wrong.withTargetFromRules()
                .convert(new ConvertRequest(folder.resolve("wrong.ckpt"), false, "mindspore", null, 0,
                        true, false), _ -> true, Progress.NONE);
        // In a rule file, before anything is written.
        var planned = Findings.of(wrong.withTarget("gpt2/mindspore", Progress.NONE));
        assertThat(planned).extracting(f -> f.code()).containsExactly(Code.MISNAMED);
        // In a file that somebody has written so.
        var opened = Workspace.open(folder.resolve("wrong.ckpt"), Map.of("n_head", 3L), Progress.NONE)
                .withTarget("gpt2/hf", Progress.NONE);
        assertThat(opened.source().dialect()).isEqualTo("gpt2/mindspore");
        var finding = Findings.of(opened).getFirst();
        assertThat(finding.code()).isEqualTo(Code.MISNAMED);
        assertThat(finding.found()).isEqualTo("18");
        for (var lang : List.of(java.util.Locale.ENGLISH, java.util.Locale.CHINESE)) {
            assertThat(Texts.of(lang).message(finding)).contains(finding.field(), finding.expected());
        }
        var right = opened.acceptAll();
        assertThat(right.plan().orElseThrow().isComplete()).isTrue();
        var expected = Workspace.open(FIXTURES.resolve("gpt2-tiny/hf"), Progress.NONE).run(null).model();
        assertThat(right.run(null).model().lastLogits(1, 2, 3)).isEqualTo(expected.lastLogits(1, 2, 3));
    }

    @Test
    void a_right_mindspore_file_is_no_mistake() throws Exception {
        assertThat(Findings.of(tiny("gpt2-tiny/mindspore", "gpt2/hf"))).isEmpty();
        assertThat(Findings.of(tiny("gpt2-tiny/hf", "gpt2/mindspore").acceptAll())).isEmpty();
    }

    @Test
    void stretched_frequencies_that_stay_behind_are_named() throws Exception {
        assertThat(Findings.of(tiny("llama-line/llama-llama3-gguf", "llama/hf")))
                .extracting(f -> f.code(), f -> f.found())
                .containsExactly(org.assertj.core.groups.Tuple.tuple(Code.ROPE_NOT_CARRIED, "rope_freqs.weight"));
        assertThat(Findings.of(tiny("llama-line/llama-llama3", "llama/gguf"))).isEmpty();
        assertThat(Findings.of(tiny("llama-line/llama", "llama/gguf"))).isEmpty();
        assertThat(Findings.of(tiny("llama-line/llama-llama3", "llama/scratch"))).isEmpty();
    }

    @Test
    void a_sliding_window_that_stays_behind_is_named() throws Exception {
        for (var target : List.of("llama/meta", "llama/internlm2", "llama/scratch")) {
            assertThat(Findings.leftBehind(tiny("llama-line/mistral", target)))
                    .extracting(f -> f.code(), f -> f.found(),
                            f -> f.expected())
                    .containsExactly(
                            org.assertj.core.groups.Tuple.tuple(Code.WINDOW_NOT_CARRIED, "5", target));
        }
        for (var target : List.of("llama/hf", "llama/gguf")) {
            assertThat(Findings.leftBehind(tiny("llama-line/mistral", target))).as(target).isEmpty();
        }
        // One that sees the whole context is no loss.
        assertThat(Findings.leftBehind(Workspace.open(FIXTURES.resolve("llama-line/mistral"),
                Map.of("sliding_window", 48L), Progress.NONE).withTarget("llama/meta", Progress.NONE))).isEmpty();
    }

    /** Qwen2 states a window in any case, and beside it whether it is used, and from which layer on. */
    @Test
    void a_window_nobody_uses_is_not_written_as_one_and_one_of_some_layers_needs_words_for_that() throws Exception {
        for (boolean used : List.of(true, false)) {
            var source = Workspace.open(FIXTURES.resolve("llama-line/qwen2"),
                    Map.of("sliding_window", 5L, "use_sliding_window", used, "max_window_layers", 1L), Progress.NONE);
            var gguf = source.withTarget("llama/gguf-halves", Progress.NONE).acceptAll();
            assertThat(Findings.leftBehind(gguf)).extracting(f -> f.code())
                    .isEqualTo(used ? List.of(Code.WINDOW_NOT_CARRIED) : List.of());
            var file = folder.resolve(used + ".gguf");
            gguf.convert(new ConvertRequest(file, false, null, null, 0, true, false), _ -> true, Progress.NONE);
            assertThat(Workspace.open(file, Progress.NONE).hypers().orElseThrow().has("window")).isEqualTo(used);
            var hf = source.withTarget("llama/hf", Progress.NONE);
            assertThat(Findings.leftBehind(hf)).isEmpty();
            hf.convert(new ConvertRequest(folder.resolve("hf-" + used), true, null, null, 0, true, false), _ -> true,
                    Progress.NONE);
            assertThat(Json.parse(Files.readString(folder.resolve("hf-" + used).resolve("config.json")), "config")
                    .get("use_sliding_window").asBoolean()).isEqualTo(used);
        }
    }

    @Test
    void a_target_config_says_which_variant_of_the_line_it_is() throws Exception {
        var json = Json.print(Map.of("model_type", "qwen2", "hidden_size", 24L, "num_attention_heads", 6L,
                "num_key_value_heads", 2L, "num_hidden_layers", 2L, "intermediate_size", 40L, "vocab_size", 61L,
                "tie_word_embeddings", true));
        var file = Files.writeString(folder.resolve("config.json"), json);
        var plan = tiny("llama-line/llama", file.toString()).plan().orElseThrow();
        var names = plan.target().parameters().stream().map(p -> p.name()).toList();
        assertThat(names).contains("model.layers.0.self_attn.q_proj.bias").doesNotContain("lm_head.weight",
                "model.layers.0.self_attn.o_proj.bias", "model.layers.0.self_attn.q_norm.weight");
        assertThat(plan.target().parameters().stream().filter(p -> p.name().endsWith("k_proj.weight")).findFirst()
                .orElseThrow().shape()).hasToString("[8, 24]");
    }

    /** As transformers reads it: Qwen2Config(sliding_window=2) has no window, MistralConfig has one. */
    @Test
    void a_qwen_configuration_that_does_not_ask_for_its_window_has_none() throws Exception {
        var qwen = FIXTURES.resolve("llama-line/qwen2");
        Files.copy(qwen.resolve("model.safetensors"), folder.resolve("model.safetensors"));
        Files.writeString(folder.resolve("config.json"), Files.readString(qwen.resolve("config.json"))
                .replaceAll("\"use_sliding_window\": false,", "")
                .replaceAll("\"layer_types\": \\[[^]]*],", "")
                .replace("\"sliding_window\": null", "\"sliding_window\": 2"));
        var silent = Workspace.open(folder, Progress.NONE);
        assertThat(silent.hypers().orElseThrow().whole("window")).isEqualTo(2);
        assertThat(silent.run(null).model().lastLogits(5, 17, 33, 2, 9))
                .isEqualTo(Workspace.open(qwen, Progress.NONE).run(null).model().lastLogits(5, 17, 33, 2, 9));
        assertThat(Findings.of(silent.withTarget("llama/meta", Progress.NONE))).isEmpty();
    }
}
