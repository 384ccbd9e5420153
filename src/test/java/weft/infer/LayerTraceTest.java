package weft.infer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import weft.format.Formats;
import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Progress;
import weft.prove.Recording;
import weft.prove.ReferenceVerifier;

/** Inside GPT-2 and Llama, against what transformers' hooks saw there (make_activations.py). */
class LayerTraceTest {
    private static LanguageModel model(String name) throws Exception {
        if (name.equals("llama")) { return new LlamaModelTest.Case("llama", AllKernels.list().getLast()).model(); }
        var folder = Fixture.ROOT.resolve(name + "/hf");
        return GptModel.load(Fixture.gpt2(Fixture.safetensors(folder.resolve("model.safetensors")), true),
                Fixture.gpt2Hypers(Fixture.json(name + "/hf/config.json")), AllKernels.list().getLast());
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpt2-tiny", "llama"})
    void attention_norms_and_guesses_are_transformers_numbers(String name) throws Exception {
        var expected = Fixture.json("activations/" + name + ".trace.json");
        var trace = LayerTrace.of(model(name), Fixture.ids(expected.get("ids")), -1, 5, Progress.NONE);
        assertThat(trace.position()).isEqualTo(8);
        assertThat(trace.layers().size()).isEqualTo(expected.get("lensIds").size());
        for (int layer = 0; layer < trace.layers().size(); layer++) {
            var found = trace.layers().get(layer);
            if (layer < expected.get("norms").size()) {
                assertThat(found.norms()).containsExactly(Fixture.numbers(expected.get("norms").get(layer)),
                        within(1e-4));
            }
            var probabilities = Fixture.numbers(expected.get("lensProbabilities").get(layer));
            assertThat(found.guesses()).extracting(LayerTrace.Guess::id).containsExactlyElementsOf(
                    expected.get("lensIds").get(layer).valueStream().map(n -> n.asInt()).toList());
            for (int i = 0; i < probabilities.length; i++) {
                assertThat(found.guesses().get(i).probability()).isCloseTo(probabilities[i], within(1e-5));
            }
            assertThat(found.attention().size())
                    .isEqualTo(layer == 0 ? 0 : expected.get("attention").get(layer - 1).size());
            for (int head = 0; head < found.attention().size(); head++) {
                for (int row = 0; row < 9; row++) {
                    var theirs = Fixture.numbers(expected.get("attention").get(layer - 1).get(head).get(row));
                    for (int at = 0; at < 9; at++) {
                        assertThat((double) found.attention().get(head).get(row, at)).isCloseTo(theirs[at],
                                within(1e-5));
                    }
                }
            }
        }
        assertThat(trace.next()).isEqualTo(trace.layers().getLast().guesses());
    }

    @Test
    void a_trace_that_would_fill_the_memory_is_refused_before_it_does() throws Exception {
        var model = model("gpt2-tiny");
        assertThatThrownBy(() -> LayerTrace.of(model, new int[0], -1, 5, Progress.NONE))
                .isInstanceOfSatisfying(CheckpointException.class,
                        e -> assertThat(e.code()).isEqualTo(Code.BAD_PROMPT));
        assertThatThrownBy(() -> LayerTrace.of(model, new int[21], -1, 5, Progress.NONE))
                .isInstanceOfSatisfying(CheckpointException.class,
                        e -> assertThat(e.code()).isEqualTo(Code.BAD_PROMPT));
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpt2-tiny.npz", "llama.safetensors"})
    void every_recorded_module_is_what_transformers_computed(String file) throws Exception {
        var model = model(file.substring(0, file.lastIndexOf('.')));
        var tensors = Formats.open(Fixture.ROOT.resolve("activations").resolve(file), Progress.NONE).tensors();
        var verification = ReferenceVerifier.verify(model, Recording.read(tensors, file), Progress.NONE);
        assertThat(verification.passed()).as("%s", verification.ladder()).isTrue();
        assertThat(verification.modules()).hasSizeGreaterThan(20).allMatch(m -> m.maxAbs() < 1e-4);
        assertThat(verification.modules()).allMatch(m -> Boolean.TRUE.equals(m.alone()));
        assertThat(verification.modules()).extracting(m -> m.name()).containsAll(List.of("embed", "block.1.attn.q",
                "block.1.attn.out", "block.1.mlp.down", "norm", "head"));
    }
}
