package weft.infer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;

import org.ejml.data.FMatrixRMaj;
import org.junit.jupiter.api.Test;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Progress;
import weft.tensor.DType;
import weft.tensor.TensorData;

class GeneratorTest {
    private static Fixture.Roles roles() throws Exception {
        return Fixture.gpt2(Fixture.safetensors(Fixture.ROOT.resolve("gpt2-tiny/hf/model.safetensors")), true);
    }

    private static GptHypers hypers() throws Exception {
        return Fixture.gpt2Hypers(Fixture.json("gpt2-tiny/expected.json").get("config"));
    }

    private static GptModel model() throws Exception {
        return GptModel.load(roles(), hypers(), Kernels.best());
    }

    private static int[] generate(LanguageModel model, int[] prompt, int count, Sampling sampling, Set<Integer> ends)
            throws CheckpointException {
        return new Generator(model).generate(prompt, count, sampling, ends, _ -> {
        }, Progress.NONE).ids();
    }

    @Test
    void beyond_the_context_the_oldest_ids_slide_out_and_positions_are_computed_anew() throws Exception {
        var model = model(); // context 20
        var text = new int[]{46, 24, 54};
        for (int i = 0; i < 30; i++) { // the textbook's loop: the last `context` ids, everything anew for each token
            var window = Arrays.copyOfRange(text, Math.max(0, text.length - model.context()), text.length);
            text = Arrays.copyOf(text, text.length + 1);
            text[text.length - 1] = Sampler.likeliest(model.lastLogits(window));
        }
        assertThat(generate(model, new int[]{46, 24, 54}, 30, Sampling.GREEDY, Set.of()))
                .isEqualTo(Arrays.copyOfRange(text, 3, text.length));
    }

    @Test
    void a_prompt_longer_than_the_context_is_seen_by_its_end() throws Exception {
        var model = model();
        var prompt = new int[33];
        Arrays.setAll(prompt, i -> i * 7 % 61);
        assertThat(generate(model, prompt, 5, Sampling.GREEDY, Set.of()))
                .isEqualTo(generate(model, Arrays.copyOfRange(prompt, 13, 33), 5, Sampling.GREEDY, Set.of()));
    }

    @Test
    void the_same_seed_gives_the_same_text_whatever_the_number_of_threads() throws Exception {
        var sampling = new Sampling(1.3, 25, 0.95, 1.1, 123);
        var texts = new ArrayList<int[]>();
        for (int threads : List.of(1, 2, 5)) {
            var model = GptModel.load(roles(), hypers(), Kernels.threads(threads));
            texts.add(generate(model, new int[]{46}, 40, sampling, Set.of()));
        }
        assertThat(texts.get(1)).isEqualTo(texts.get(0));
        assertThat(texts.get(2)).isEqualTo(texts.get(0));
        assertThat(generate(model(), new int[]{46}, 40, new Sampling(1.3, 25, 0.95, 1.1, 124), Set.of()))
                .isNotEqualTo(texts.get(0));
    }

    @Test
    void it_stops_at_the_end_of_the_text() throws Exception {
        var ids = generate(model(), new int[]{46}, 12, Sampling.GREEDY, Set.of());
        var result = new Generator(model()).generate(new int[]{46}, 12, Sampling.GREEDY, Set.of(ids[4]), _ -> {
        }, Progress.NONE);
        assertThat(result.ids()).isEqualTo(Arrays.copyOf(ids, 4));
        assertThat(result.stop()).isEqualTo(Generator.Stop.END_OF_TEXT);
    }

    @Test
    void tokens_come_one_by_one_and_it_can_be_cancelled_between_them() throws Exception {
        var seen = new ArrayList<Integer>();
        var progress = new Progress() {
            @Override
            public boolean cancelled() {
                return seen.size() == 3;
            }
        };
        var generator = new Generator(model());
        refused(Code.CANCELLED, () -> generator.generate(new int[]{46}, 50, Sampling.GREEDY, Set.of(), seen::add,
                progress));
        assertThat(seen).hasSize(3);
    }

    @Test
    void bad_prompts_are_refused_before_work_starts() throws Exception {
        var model = model();
        var generator = new Generator(model);
        refused(Code.BAD_PROMPT, () -> model.logits());
        refused(Code.BAD_PROMPT, () -> model.logits(new int[21]));
        refused(Code.BAD_PROMPT, () -> generate(model, new int[0], 3, Sampling.GREEDY, Set.of()));
        refused(Code.BAD_PROMPT, () -> Loss.of(model, new int[]{1}, Progress.NONE));
        assertThat(refused(Code.ID_RANGE, () -> model.logits(3, 61)).problem().field()).isEqualTo("ids[1]");
        refused(Code.ID_RANGE, () -> model.logits(-1));
        refused(Code.ID_RANGE, () -> Loss.of(model, new int[]{1, 2, 99}, Progress.NONE));
        refused(Code.ID_RANGE, () -> generator.generate(new int[]{61}, 3, Sampling.GREEDY, Set.of(), _ -> {
            throw new AssertionError();
        }, Progress.NONE));
    }

    @Test
    void a_weight_that_is_missing_misshapen_or_not_finite_is_named_before_work_starts() throws Exception {
        var roles = roles();
        var hypers = hypers();
        for (var kernels : AllKernels.list()) {
            assertThat(refused(Code.NOT_COMPLETE,
                    () -> GptModel.load(roles.without("block.1.mlp.up.weight"), hypers, kernels)).problem().field())
                    .isEqualTo("block.1.mlp.up.weight");
            var square = roles.role("block.0.attn.out.weight");
            assertThat(refused(Code.E_SHAPE, () -> GptModel.load(roles.with("block.0.mlp.down.weight", square), hypers,
                    kernels)).problem().expected()).isEqualTo("[24, 96]");
            for (var role : roles.map().keySet()) {
                var values = roles.role(role).toFloats();
                values[values.length / 2] = Float.NaN;
                var poisoned = TensorData.ofFloats(values, roles.role(role).shape().dims());
                assertThat(refused(Code.NOT_FINITE, () -> GptModel.load(roles.with(role, poisoned), hypers, kernels))
                        .problem().field()).isEqualTo(role);
            }
        }
        refused(Code.BAD_CONFIG, () -> GptModel.load(roles, new GptHypers(2, 5, 20, 1e-5, Activation.GELU_TANH),
                Kernels.best()));
        refused(Code.BAD_CONFIG, () -> GptModel.load(roles, new GptHypers(2, 3, 21, 1e-5, Activation.GELU_TANH),
                Kernels.best()));
        refused(Code.NOT_COMPLETE, () -> GptModel.load(roles, new GptHypers(3, 3, 20, 1e-5, Activation.GELU_TANH),
                Kernels.best()));
    }

    @Test
    void sixteen_bit_weights_compute_what_their_rounded_values_do() throws Exception {
        var ids = Fixture.ids(Fixture.json("gpt2-tiny/expected.json").get("prompts").get("full"));
        var exact = model().logits(ids).data;
        for (var type : List.of(DType.F16, DType.BF16)) {
            var rounded = new HashMap<String, TensorData>();
            var widened = new HashMap<String, TensorData>();
            for (var role : roles().map().entrySet()) {
                // In the file's own order, so that both layouts are run.
                var tensor = role.getValue();
                boolean columns = tensor.shape().rank() == 2 && tensor.stride(0) == 1;
                var stored = columns ? tensor.permute(1, 0) : tensor;
                var half = half(stored, type);
                var wide = TensorData.ofFloats(half.toFloats(), half.shape().dims());
                rounded.put(role.getKey(), columns ? half.permute(1, 0) : half);
                widened.put(role.getKey(), columns ? wide.permute(1, 0) : wide);
            }
            for (var kernels : AllKernels.list()) {
                var logits = GptModel.load(new Fixture.Roles(rounded), hypers(), kernels).logits(ids).data;
                assertThat(logits).isEqualTo(
                        GptModel.load(new Fixture.Roles(widened), hypers(), kernels).logits(ids).data);
                GptModelTest.assertClose(logits, exact, type == DType.F16 ? 0.02 : 0.2);
            }
        }
    }

    private static TensorData half(TensorData tensor, DType type) {
        var values = tensor.toFloats();
        var segment = java.lang.foreign.Arena.ofAuto().allocate(2L * values.length, 2);
        for (int i = 0; i < values.length; i++) {
            int bits = Float.floatToRawIntBits(values[i]);
            short half = type == DType.F16
                    ? Float.floatToFloat16(values[i])
                    : (short) (bits + 0x7FFF + (bits >>> 16 & 1) >>> 16);
            segment.set(java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED, 2L * i, half);
        }
        return TensorData.of(segment, type, tensor.shape());
    }

    @Test
    void a_trace_sees_every_module_and_each_gives_the_same_alone() throws Exception {
        var model = model();
        var ids = Fixture.ids(Fixture.json("gpt2-tiny/expected.json").get("prompts").get("several"));
        var inputs = new LinkedHashMap<String, FMatrixRMaj>();
        var outputs = new HashMap<String, FMatrixRMaj>();
        var maps = new ArrayList<FMatrixRMaj>();
        var hidden = model.hidden(ids, model.cache(), new Trace() {
            @Override
            public void module(String name, FMatrixRMaj input, FMatrixRMaj output) {
                inputs.put(name, input.copy());
                outputs.put(name, output.copy());
            }

            @Override
            public boolean wantsAttention() {
                return true;
            }

            @Override
            public void attention(int layer, int head, FMatrixRMaj probabilities) {
                maps.add(probabilities.copy());
            }
        }, Progress.NONE);
        GptModelTest.assertClose(model.head(hidden).data, model.logits(ids).data, 1e-5);
        var modules = model.modules();
        assertThat(inputs.keySet()).containsExactlyElementsOf(modules.keySet().stream().filter(n -> !n.equals("head"))
                .toList());
        inputs.forEach((name, input) -> GptModelTest.assertClose(modules.get(name).apply(input).data,
                outputs.get(name).data, 1e-5));
        assertThat(maps).hasSize(2 * 3);
        for (var map : maps) {
            for (int row = 0; row < ids.length; row++) {
                double sum = 0;
                for (int t = 0; t < ids.length; t++) {
                    assertThat(map.get(row, t) > 0).isEqualTo(t <= row);
                    sum += map.get(row, t);
                }
                assertThat(sum).isEqualTo(1, org.assertj.core.data.Offset.offset(1e-6));
            }
        }
    }

    /** Something that should be refused. */
    interface Refused {
        Object run() throws CheckpointException;
    }

    private static CheckpointException refused(Code code, Refused work) {
        var thrown = new CheckpointException[1];
        assertThatThrownBy(work::run).isInstanceOfSatisfying(CheckpointException.class, e -> {
            assertThat(e.code()).isEqualTo(code);
            thrown[0] = e;
        });
        return thrown[0];
    }

    @Test
    void a_run_that_cannot_fit_the_heap_is_refused_before_it_starts() throws Exception {
        var model = model(); // 2 layers, width 24, context 20, 61 tokens
        Memory.check(model, 1_000_000, 20_000);
        var refusal = refused(Code.NO_MEMORY, () -> {
            Memory.check(model, 1_000_000, 10_000);
            return 0;
        });
        assertThat(refusal.problem().expected()).isEqualTo("0 MB");
    }

    @Test
    void a_token_that_is_punished_enough_never_comes_twice() throws Exception {
        var ids = generate(model(), new int[]{46}, 16, new Sampling(0, 0, 1, 1e6, 0), Set.of());
        assertThat(Arrays.stream(ids).distinct().count()).isEqualTo(16);
    }
}
