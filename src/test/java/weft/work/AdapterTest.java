package weft.work;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static weft.work.Opened.tensors;

import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Progress;
import weft.plan.Kind;
import weft.plan.Status;
import weft.rule.ArrowText;
import weft.tensor.TensorData;

/** LoRA adapters that PEFT saved, merged; held against PEFT's own {@code merge_and_unload}. */
class AdapterTest {
    private static final Path FIXTURES = Path.of("src/test/resources/fixtures");
    private static final Path LORA = FIXTURES.resolve("lora");
    private static final java.util.List<String> LLAMAS = java.util.List.of("replicated", "loha", "lokr", "oft");
    private static final Path OTHERS = FIXTURES.resolve("peft-others");

    @TempDir
    Path folder;

    private static Path base(String adapter) {
        return adapter.startsWith("gpt2") ? FIXTURES.resolve("gpt2-tiny/hf") : FIXTURES.resolve("llama-line/llama");
    }

    private static Workspace merged(String adapter) throws CheckpointException {
        return Workspace.open(base(adapter), Progress.NONE).withAdapter(LORA.resolve(adapter), Progress.NONE)
                .withItselfAsTarget().acceptAll();
    }

    private static boolean sameBits(TensorData a, TensorData b) {
        return a.dtype() == b.dtype() && a.shape().equals(b.shape())
                && a.contiguous().bytes().mismatch(b.contiguous().bytes()) < 0;
    }

    @ParameterizedTest
    @CsvSource({"gpt2, 4", "gpt2-patterns, 5", "gpt2-embedding, 2", "gpt2-head, 2", "llama, 3", "llama-layer, 1",
        "llama-tokens, 3"})
    void a_merge_gives_the_bytes_pefts_own_gives(String adapter, int rules) throws Exception {
        var workspace = merged(adapter);
        var plan = workspace.plan().orElseThrow();
        assertThat(plan.isComplete()).as("%s %s", plan.open(), plan.problems()).isTrue();
        assertThat(plan.unexpected()).isEmpty();
        assertThat(plan.warnings()).isEmpty();
        assertThat(workspace.rules().rules()).hasSize(rules);
        var result = workspace.convert(new ConvertRequest(folder.resolve("m.safetensors"), false, null, null,
                0, true, false), _ -> true, Progress.NONE);
        assertThat(result.lossless()).isFalse();
        var peft = tensors(LORA.resolve(adapter).resolve("merged.safetensors"));
        var plain = tensors(base(adapter));
        var mine = tensors(folder.resolve("m.safetensors"));
        assertThat(mine.keySet()).containsAll(plain.keySet()).containsAll(peft.keySet());
        for (var tensor : mine.values()) {
            var expected = peft.getOrDefault(tensor.name(), plain.get(tensor.name()));
            assertThat(expected).as(tensor.name()).isNotNull();
            assertThat(sameBits(tensor.read(), expected.read())).as(tensor.name()).isTrue();
        }
    }

    /** The base in half precision: PEFT adds in f32 and rounds the sum once. */
    @Test
    void a_base_in_bfloat16_is_merged_in_f32_and_rounded_once() throws Exception {
        Workspace.open(base("llama"), Progress.NONE).withItselfAsTarget().convert(
                new ConvertRequest(folder.resolve("base.safetensors"), false, null,
                        weft.tensor.DType.BF16, 0, true, false),
                _ -> true, Progress.NONE);
        var workspace = Workspace.open(folder.resolve("base.safetensors"), Progress.NONE)
                .withAdapter(LORA.resolve("llama-bf16"), Progress.NONE).withItselfAsTarget().acceptAll();
        var peft = tensors(LORA.resolve("llama-bf16/merged.safetensors"));
        assertThat(peft).hasSize(4);
        for (var tensor : peft.values()) {
            assertThat(sameBits(workspace.targetValues(tensor.name()), tensor.read())).as(tensor.name()).isTrue();
        }
    }

    @Test
    void a_merge_is_an_ordinary_rule_on_the_way_to_another_dialect() throws Exception {
        var workspace = Workspace.open(base("gpt2"), Progress.NONE).withAdapter(LORA.resolve("gpt2"), Progress.NONE)
                .withTarget("gpt2/scratch-split", Progress.NONE).acceptAll();
        var plan = workspace.plan().orElseThrow();
        assertThat(plan.isComplete()).isTrue();
        assertThat(workspace.rules().rules().stream().map(ArrowText::print).filter(r -> r.contains("c_attn.weight")))
                .containsExactly(
                        "transformer.h.{i}.attn.c_attn.weight, adapter:base_model.model.transformer.h.{i}.attn.c_attn.lora_A.weight,"
                                + " adapter:base_model.model.transformer.h.{i}.attn.c_attn.lora_B.weight"
                                + " : combine lora alpha=7 r=3 fanInFanOut=true | rearrange \"d o -> o d\" | split 3 @0"
                                + " => trf_blocks.{i}.att.W_query.weight, trf_blocks.{i}.att.W_key.weight,"
                                + " trf_blocks.{i}.att.W_value.weight");
        assertThat(plan.row("trf_blocks.1.att.out_proj.weight").orElseThrow())
                .satisfies(r -> assertThat(r.kind()).isEqualTo(Kind.MERGED))
                .satisfies(r -> assertThat(r.status()).isEqualTo(Status.BY_RULE));
        var peft = tensors(LORA.resolve("gpt2/merged.safetensors")).get("transformer.h.1.attn.c_proj.weight").read();
        assertThat(sameBits(workspace.targetValues("trf_blocks.1.att.out_proj.weight"), peft.permute(1, 0))).isTrue();
    }

    @Test
    void rules_written_out_and_read_again_merge_the_same() throws Exception {
        var first = merged("gpt2-patterns");
        assertThat(first.rules().rules().stream().map(ArrowText::print))
                .anyMatch(r -> r.contains("combine lora alpha=6 r=2 fanInFanOut=true rsLora=true"))
                .anyMatch(r -> r.contains("combine lora alpha=5 r=4 fanInFanOut=true rsLora=true"))
                .anyMatch(r -> r.equals("adapter:base_model.model.transformer.ln_f.weight => transformer.ln_f.weight"));
        var file = folder.resolve("rules.json");
        Files.writeString(file, Workspace.text(first.rules(), "rules.json"));
        var again = Workspace.open(base("gpt2"), Progress.NONE)
                .withAdapter(LORA.resolve("gpt2-patterns"), Progress.NONE).withItselfAsTarget()
                .withRuleFile(file, Progress.NONE);
        assertThat(again.rules().rules()).isEqualTo(first.rules().rules());
        assertThat(again.plan().orElseThrow().isComplete()).isTrue();
    }

    @Test
    void a_target_that_joins_asks_to_merge_first() throws Exception {
        var workspace = Workspace.open(FIXTURES.resolve("gpt2-tiny/scratch-split"), Progress.NONE)
                .withTarget("gpt2/hf", Progress.NONE);
        assertThat(workspace.plan().orElseThrow().warnings()).isEmpty();
        var llama = merged("llama").plan().orElseThrow();
        assertThat(llama.warnings()).isEmpty();
    }

    @Test
    void an_adapter_of_another_base_is_refused_with_the_first_module_that_differs() throws Exception {
        var problem = refusal("gpt2", base("llama"));
        assertThat(problem.code()).isEqualTo(Code.ADAPTER_MISFIT);
        assertThat(problem.field()).isEqualTo("transformer.h.0.attn.c_attn");
        for (var locale : new java.util.Locale[]{java.util.Locale.ENGLISH, java.util.Locale.SIMPLIFIED_CHINESE}) {
            assertThat(weft.text.Texts.of(locale).full(problem)).contains("transformer.h.0.attn.c_attn");
        }
        // And the other way round: Llama's adapter on GPT-2.
        assertThat(refusal("llama", base("gpt2")).field()).isEqualTo("model.layers.0.mlp.down_proj");
        var other = refusal("gpt2", FIXTURES.resolve("gpt2-odd/hf"));
        assertThat(other.code()).isEqualTo(Code.ADAPTER_MISFIT);
        assertThat(other.field()).isEqualTo("transformer.h.0.attn.c_attn");
        assertThat(other.found()).isNotNull();
        assertThat(other.expected()).isEqualTo("[24, 72]");
    }

    /** Adapters that PEFT saved (make_peft.py): each is refused with what it is. */
    @ParameterizedTest
    @CsvSource({"dora, use_dora", "lora-bias, lora_bias", "alora, alora_invocation_tokens",
        "tokens, trainable_token_indices", "pissa, init_lora_weights: pissa", "olora, init_lora_weights: olora",
        "replicated, layer_replication", "loha, peft_type: LOHA", "lokr, peft_type: LOKR", "oft, peft_type: OFT",
        "adalora, peft_type: ADALORA", "ia3, peft_type: IA3", "vera, peft_type: VERA", "ln, peft_type: LN_TUNING",
        "prompt, peft_type: PROMPT_TUNING", "prefix, peft_type: PREFIX_TUNING", "p-tuning, peft_type: P_TUNING"})
    void what_is_no_plain_lora_is_refused_with_its_name(String adapter, String found) {
        var problem = catchThrowableOfType(CheckpointException.class,
                () -> Workspace.open(base(LLAMAS.contains(adapter) ? "llama" : "gpt2"), Progress.NONE)
                        .withAdapter(OTHERS.resolve(adapter), Progress.NONE))
                .problem();
        assertThat(problem.code()).isEqualTo(Code.ADAPTER_KIND);
        assertThat(problem.found()).isEqualTo(found);
        for (var locale : new java.util.Locale[]{java.util.Locale.ENGLISH, java.util.Locale.SIMPLIFIED_CHINESE}) {
            assertThat(weft.text.Texts.of(locale).full(problem)).contains(found).contains("merge_and_unload");
        }
    }

    /** {@code bias="lora_only"} trains the layers' own biases and saves them beside: they take the base's place. */
    @Test
    void trained_biases_take_the_place_of_the_bases() throws Exception {
        var workspace = Workspace.open(base("gpt2"), Progress.NONE)
                .withAdapter(OTHERS.resolve("gpt2-bias"), Progress.NONE).withItselfAsTarget().acceptAll();
        assertThat(workspace.plan().orElseThrow().isComplete()).isTrue();
        var peft = tensors(OTHERS.resolve("gpt2-bias/merged.safetensors"));
        assertThat(peft.keySet()).contains("transformer.h.0.attn.c_attn.bias", "transformer.h.0.attn.c_attn.weight");
        for (var tensor : peft.values()) {
            assertThat(sameBits(workspace.targetValues(tensor.name()), tensor.read())).as(tensor.name()).isTrue();
        }
    }

    /** Projections with adapters of their own, into a model that joins them: two steps are asked for, and two steps do. */
    @Test
    void what_is_merged_first_and_then_joined_takes_two_steps() throws Exception {
        var base = FIXTURES.resolve("gpt2-tiny/scratch-split");
        var workspace = Workspace.open(base, Progress.NONE).withAdapter(OTHERS.resolve("book"), Progress.NONE);
        var plan = workspace.withTarget("gpt2/hf", Progress.NONE).plan().orElseThrow();
        assertThat(plan.warnings()).singleElement().satisfies(w -> {
            assertThat(w.code()).isEqualTo(Code.MERGE_FIRST);
            assertThat(w.field()).isEqualTo("trf_blocks.0.att.W_query.weight");
            assertThat(w.found()).isEqualTo("transformer.h.{i}.attn.c_attn.weight");
        });
        assertThat(plan.isComplete()).isFalse();
        assertThat(plan.row("transformer.h.0.attn.c_attn.weight").orElseThrow().status()).isEqualTo(Status.MISSING);
        var merged = folder.resolve("merged.safetensors");
        workspace.withItselfAsTarget().acceptAll().convert(
                new ConvertRequest(merged, false, null, null, 0, true, false), _ -> true, Progress.NONE);
        var second = Workspace.open(merged, Progress.NONE).withTarget("gpt2/hf", Progress.NONE).acceptAll();
        assertThat(second.plan().orElseThrow().isComplete()).isTrue();
        assertThat(second.plan().orElseThrow().warnings()).isEmpty();
    }

    @Test
    void added_tokens_whose_rows_are_not_there_are_refused_with_the_rows() {
        var problem = refusal("llama-rows", base("llama"));
        assertThat(problem.code()).isEqualTo(Code.ADAPTER_ROWS);
        assertThat(problem.field()).isEqualTo("model.embed_tokens");
        assertThat(problem.found()).isEqualTo("61");
        assertThat(problem.expected()).isEqualTo("62");
    }

    private static weft.io.Problem refusal(String adapter, Path base) {
        return catchThrowableOfType(CheckpointException.class, () -> Workspace.open(base, Progress.NONE)
                .withAdapter(LORA.resolve(adapter), Progress.NONE)).problem();
    }
}
