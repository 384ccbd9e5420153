package weft.work;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import weft.infer.Softmax;
import weft.io.Progress;
import weft.plan.Status;
import weft.rule.ArrowText;
import weft.rule.Pad;

/** The steps a person is led through, on files that transformers and PEFT saved. */
class GuidedTest {
    private static final Path FIXTURES = Path.of("src/test/resources/fixtures");

    @TempDir
    Path folder;

    @Test
    void an_adapter_is_known_by_its_configuration() {
        assertThat(Guided.isAdapter(FIXTURES.resolve("lora/gpt2"))).isTrue();
        assertThat(Guided.isAdapter(FIXTURES.resolve("lora/gpt2/adapter_model.safetensors"))).isTrue();
        assertThat(Guided.isAdapter(FIXTURES.resolve("gpt2-tiny/hf"))).isFalse();
        assertThat(Guided.isAdapter(FIXTURES.resolve("gpt2-tiny/hf/model.safetensors"))).isFalse();
    }

    @Test
    void an_adapters_merge_is_suggested_and_not_taken_over() throws Exception {
        var base = Workspace.open(FIXTURES.resolve("gpt2-tiny/hf"), Progress.NONE);
        var merged = Guided.withAdapter(base, FIXTURES.resolve("lora/gpt2"), Progress.NONE);
        assertThat(merged.rules().rules()).isEmpty();
        var plan = merged.plan().orElseThrow();
        assertThat(plan.count(Status.NEEDS_RULE)).isPositive();
        assertThat(plan.suggestions().rules()).hasSize(4);
        assertThat(merged.acceptAll().plan().orElseThrow().isComplete()).isTrue();
    }

    @Test
    void resizing_takes_over_only_the_rules_it_needs() throws Exception {
        var workspace = Workspace.open(FIXTURES.resolve("gpt2-tiny/hf"), Progress.NONE)
                .withTarget("gpt2/scratch-split,vocab_size=64", Progress.NONE);
        var resized = Guided.resized(workspace, new Pad.Mean());
        assertThat(resized.rules().rules().stream().map(ArrowText::print))
                .containsExactly("transformer.wte.weight => (tok_emb.weight : pad @0 to vocab_size mean)");
        assertThat(resized.plan().orElseThrow().row("tok_emb.weight").orElseThrow().status())
                .isEqualTo(Status.BY_RULE);
        assertThat(resized.acceptAll().plan().orElseThrow().isComplete()).isTrue();
    }

    @Test
    void entropy_is_zero_where_a_model_is_sure_and_the_logarithm_where_it_has_no_idea() {
        assertThat(Softmax.of(new float[]{2, 2, 2, 2}).bits()).isCloseTo(2, within(1e-9));
        assertThat(Softmax.of(new float[]{1000, 0, 0}).bits()).isCloseTo(0, within(1e-9));
        assertThat(Softmax.of(new float[]{0, Float.NEGATIVE_INFINITY}).bits()).isCloseTo(0, within(1e-9));
    }

    @Test
    void what_a_refused_file_would_do_can_be_read() {
        var lines = Guided.instructions(FIXTURES.resolve("torch-misc/evil.pt"), 50);
        assertThat(lines).hasSizeBetween(3, 51).anyMatch(l -> l.contains("REDUCE") || l.contains("GLOBAL"));
    }

    @Test
    void some_parameters_are_chosen_by_a_part_of_their_names_or_a_pattern() throws Exception {
        assertThat(Guided.chosen("").test("anything")).isTrue();
        assertThat(Guided.chosen("ln_1").test("h.0.ln_1.weight")).isTrue();
        assertThat(Guided.chosen("h.{i}.ln_1.weight").test("h.0.ln_2.weight")).isFalse();
    }

    @Test
    void reopening_keeps_target_and_rules() throws Exception {
        var copy = Files.createDirectories(folder.resolve("hf"));
        try (var files = Files.list(FIXTURES.resolve("gpt2-tiny/hf"))) {
            for (var file : files.toList()) {
                Files.copy(file, copy.resolve(file.getFileName()));
            }
        }
        var workspace = Workspace.open(copy, Progress.NONE).withTarget("gpt2/scratch-split", Progress.NONE)
                .acceptAll();
        assertThat(Guided.repair(copy)).isZero();
        var again = Guided.reopened(workspace, Progress.NONE);
        assertThat(again.rules()).isEqualTo(workspace.rules());
        assertThat(again.plan().orElseThrow().isComplete()).isTrue();
        var merged = Guided
                .withAdapter(Workspace.open(copy, Progress.NONE), FIXTURES.resolve("lora/gpt2"), Progress.NONE)
                .acceptAll();
        assertThat(Guided.reopened(merged, Progress.NONE).plan().orElseThrow().rows()).as("with its adapter")
                .extracting(r -> r.status()).isEqualTo(merged.plan().orElseThrow().rows().stream().map(r -> r.status())
                        .toList());
        assertThat(Guided.reopened(merged, Progress.NONE).plan().orElseThrow().isComplete()).isTrue();
    }

    @Test
    void rules_are_known_by_their_name_or_by_what_they_begin_with() throws Exception {
        var rules = Files.writeString(folder.resolve("mine.json"), "{\"weft\": 1, \"rules\": []}");
        var config = Files.writeString(folder.resolve("config.json"), "{\"model_type\": \"gpt2\"}");
        assertThat(Guided.isRules(rules)).isTrue();
        assertThat(Guided.isRules(config)).isFalse();
        assertThat(Guided.isRules(folder.resolve("gone.json"))).isFalse();
        assertThat(Guided.isRules(folder.resolve("any.weft"))).isTrue();
    }

    @Test
    void what_is_packed_is_named_and_unpacked_into_the_file_s_own_names() throws Exception {
        var nf4 = Workspace.open(FIXTURES.resolve("quantised/nf4"), Progress.NONE);
        var packed = Guided.packed(nf4).orElseThrow();
        assertThat(packed.weights()).isEqualTo((int) nf4.source().tensors().stream()
                .filter(t -> t.name().contains("quant_state")).count());
        var unpacked = Guided.unpacked(nf4);
        assertThat(unpacked.rules().rules()).isEmpty();
        assertThat(unpacked.acceptAll().plan().orElseThrow().isComplete()).isTrue();
        assertThat(Guided.packed(Workspace.open(FIXTURES.resolve("gpt2-tiny/hf"), Progress.NONE))).isEmpty();
    }
}
