package weft.work;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import weft.io.Json;
import weft.io.Progress;

/** What PyTorch says of a file as it is, and what comes out when its bytes are forced into the target's shapes. */
class BeforeTest {
    private static final Path TINY = Path.of("src/test/resources/fixtures/gpt2-tiny");

    @SuppressWarnings("unchecked")
    private static List<Number> wrong(String id, String prompt) throws Exception {
        var expected = (Map<String, Object>) Json.read(Files.readString(TINY.resolve("expected.json")), "expected");
        return ((List<Map<String, Object>>) expected.get("wrong")).stream().filter(w -> w.get("id").equals(id))
                .map(w -> ((Map<String, List<Number>>) w.get("lastLogits")).get(prompt)).findFirst().orElseThrow();
    }

    @ParameterizedTest
    @ValueSource(strings = {"hf", "openai-tf"})
    void forced_bytes_compute_what_pytorch_computes_with_them(String source) throws Exception {
        var running = Workspace.open(TINY.resolve(source), Progress.NONE).withTarget("gpt2/hf-linear", Progress.NONE)
                .runForced(null);
        var logits = running.logits(new int[]{46, 24, 54, 22, 43});
        var wanted = wrong("forced", "several");
        for (int i = 0; i < logits.length; i++) {
            assertThat(logits[i]).isCloseTo(wanted.get(i).floatValue(), within(1e-4f));
        }
    }

    @Test
    void a_split_takes_its_pieces_one_after_another() throws Exception {
        var forced = Workspace.open(TINY.resolve("openai-tf"), Progress.NONE)
                .withTarget("gpt2/scratch-split", Progress.NONE);
        var fused = Workspace.open(TINY.resolve("openai-tf"), Progress.NONE)
                .withTarget("gpt2/scratch-fused", Progress.NONE);
        // Forced, three matrices cut from the bytes one after another are the fused one cut in rows: the same model.
        assertThat(forced.runForced(null).logits(new int[]{46, 24}))
                .containsExactly(fused.runForced(null).logits(new int[]{46, 24}), within(1e-4f));
    }

    @Test
    void where_nothing_is_laid_out_otherwise_force_changes_nothing() throws Exception {
        var same = Workspace.open(TINY.resolve("hf"), Progress.NONE).withTarget("gpt2/hf", Progress.NONE);
        assertThat(same.runForced(null).logits(new int[]{46}))
                .isEqualTo(same.acceptAll().run(null).logits(new int[]{46}));
    }

    @Test
    void pytorch_refuses_in_its_own_words() throws Exception {
        var before = Workspace.open(TINY.resolve("openai-tf"), Progress.NONE)
                .withTarget("gpt2/scratch-split", Progress.NONE).before();
        assertThat(before.refuses()).isTrue();
        assertThat(before.missing()).hasSize(37);
        assertThat(before.unexpected()).hasSize(28);
        assertThat(before.lines(2)).containsExactly("RuntimeError: Error(s) in loading state_dict for GPTModel:",
                "    Missing key(s) in state_dict: \"tok_emb.weight\", \"pos_emb.weight\", …",
                "    Unexpected key(s) in state_dict: \"model/h0/attn/c_attn/b\", \"model/h0/attn/c_attn/w\", …");
        var sizes = Workspace.open(TINY.resolve("hf"), Progress.NONE).withTarget("gpt2/hf-linear", Progress.NONE)
                .before();
        assertThat(sizes.mismatched()).hasSize(6);
        assertThat(sizes.lines(1)).anySatisfy(l -> assertThat(l).isEqualTo(
                "    size mismatch for transformer.h.0.attn.c_attn.weight: copying a param with shape "
                        + "torch.Size([24, 72]) from checkpoint, the shape in current model is torch.Size([72, 24])."));
    }

    @Test
    void the_trap_loads_without_a_word() throws Exception {
        assertThat(Workspace.open(TINY.resolve("trap-hf-linear"), Progress.NONE)
                .withTarget("gpt2/hf-linear", Progress.NONE).before().refuses()).isFalse();
    }

    @Test
    void names_fold_to_ranges_and_alternatives() {
        assertThat(RowGroup.fold(List.of("h.0.ln_1.w", "h.1.ln_1.w", "h.2.ln_1.w", "h.0.ln_2.w")))
                .containsExactly("h.{0…2}.ln_{1,2}.w");
        assertThat(RowGroup.fold(List.of("a.1", "a.5", "b"))).containsExactly("a.{1,5}", "b");
        assertThat(RowGroup.join(List.of("x.W_query.weight", "x.W_key.weight"))).isEqualTo("x.W_{query,key}.weight");
        assertThat(RowGroup.join(List.of("att.W_q.w", "att.W_k.w", "att.W_v.w"))).isEqualTo("att.W_{q,k,v}.w");
        assertThat(RowGroup.join(List.of("p", "q"))).isEqualTo("p, q");
    }

    @Test
    void globs_match_whole_names() throws Exception {
        assertThat(Workspace.names("*.bias").test("a.bias")).isTrue();
        assertThat(Workspace.names("*.bias").test("a.bias.x")).isFalse();
        assertThat(Workspace.names("a*b*c").test("aXbYbZc")).isTrue();
        assertThat(Workspace.names("*a*a*a*a*b").test("a".repeat(5000))).isFalse();
        assertThat(Workspace.names("h.{i}.w").test("h.12.w")).isTrue();
        assertThat(Workspace.names("ln").test("h.ln_1")).isTrue();
    }
}
