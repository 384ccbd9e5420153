package weft.infer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;

import weft.io.CheckpointException;
import weft.io.Progress;
import weft.tensor.TensorData;

/** One model changed a little again and again: the losses are those of models loaded from the start, bit for bit. */
class RepeatedLossTest {
    /** 41 ids: with a context of 20 or 48 two windows and a rest, or one. */
    private static final int[] IDS = IntStream.range(0, 41).map(i -> (i * 7 + i / 5) % 60).toArray();

    /** A model, its weights, and how both are loaded. */
    private interface Load {
        LanguageModel model(Fixture.Roles roles) throws CheckpointException;
    }

    private static TensorData turned(TensorData square) {
        return square.permute(1, 0);
    }

    private static void check(Fixture.Roles roles, int layers, Load load) throws Exception {
        var stored = load.model(roles);
        var repeated = new RepeatedLoss(IDS);
        assertThat(repeated.tokens()).isEqualTo(40);
        assertThat(repeated.of(stored, -1, true, Progress.NONE))
                .isEqualTo(Loss.of(stored, IDS, Progress.NONE).mean());
        var seen = new ArrayList<>(List.of(Loss.of(stored, IDS, Progress.NONE).mean()));
        var held = roles;
        for (int layer = layers - 1; layer >= 0; layer--) {
            var role = "block." + layer + ".attn.out.weight";
            var changed = held.with(role, turned(held.role(role)));
            var name = "block." + layer + ".attn.out";
            var model = load.model(held).with(changed, name::equals);
            double anew = Loss.of(load.model(changed), IDS, Progress.NONE).mean();
            assertThat(repeated.of(model, layer, false, Progress.NONE)).isEqualTo(anew);
            // Everything may be computed again, and the same may be asked twice.
            assertThat(repeated.of(model, 0, false, Progress.NONE)).isEqualTo(anew);
            assertThat(repeated.of(model, -1, true, Progress.NONE)).isEqualTo(anew);
            assertThat(repeated.of(model, Integer.MAX_VALUE, false, Progress.NONE)).isEqualTo(anew);
            assertThat(seen).doesNotContain(anew);
            seen.add(anew);
            held = changed;
        }
    }

    @Test
    void of_a_gpt() throws Exception {
        var hypers = Fixture.gpt2Hypers(Fixture.json("gpt2-tiny/hf/config.json"));
        var roles = Fixture.gpt2(Fixture.safetensors(Fixture.ROOT.resolve("gpt2-tiny/hf/model.safetensors")), true);
        check(roles, 2, r -> GptModel.load(r, hypers, Kernels.best()));
    }

    @Test
    void of_a_llama() throws Exception {
        var c = new LlamaModelTest.Case("llama", Kernels.best());
        var roles = LlamaModelTest
                .roles(Fixture.safetensors(Fixture.ROOT.resolve("llama-line/llama/model.safetensors")));
        var hypers = LlamaModelTest.hypers(c.json("config.json"));
        check(roles, 2, r -> LlamaModel.load(r, hypers, Kernels.best()));
    }

    @Test
    void embeddings_are_read_anew_and_a_tied_head_with_them() throws Exception {
        var hypers = Fixture.gpt2Hypers(Fixture.json("gpt2-tiny/hf/config.json"));
        var roles = Fixture.gpt2(Fixture.safetensors(Fixture.ROOT.resolve("gpt2-tiny/hf/model.safetensors")), true);
        var tokens = roles.role("embed.tokens");
        var first = tokens.slice(0, 0, 60, 1); // a model of other rows: [60, d]
        var changed = roles.with("embed.tokens", first);
        var model = GptModel.load(roles, hypers, Kernels.best()).with(changed, "embed.tokens"::equals);
        assertThat(model.vocabulary()).isEqualTo(60);
        assertThat(model.logits(IDS[1], IDS[2]).numCols).isEqualTo(60);
    }
}
