package weft.infer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

import org.ejml.data.FMatrixRMaj;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

import weft.io.Progress;
import weft.tensor.TensorData;

/** Llama, Mistral, Qwen2 and Qwen3 as transformers computes them. */
class LlamaModelTest {
    record Case(String name, Kernels kernels) {
        JsonNode json(String file) throws Exception {
            return Fixture.json("llama-line/" + name + "/" + file);
        }

        LlamaModel model() throws Exception {
            Path file = Fixture.ROOT.resolve("llama-line/" + name + "/model.safetensors");
            return LlamaModel.load(roles(Fixture.safetensors(file)), hypers(json("config.json")), kernels);
        }
    }

    static Stream<Case> cases() {
        var names = List.of("llama", "llama-tied", "llama-linear", "llama-llama3", "llama-yarn", "llama-bias",
                "mistral",
                "qwen2", "qwen3");
        return names.stream().flatMap(name -> AllKernels.list().stream().map(k -> new Case(name, k)));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void logits_are_transformers_and_no_less_exact(Case c) throws Exception {
        var model = c.model();
        double own = 0;
        double torch = 0;
        for (var prompt : c.json("expected.json").get("prompts").properties()) {
            var exact = Fixture.numbers(c.json("expected.json").get("lastLogits").get(prompt.getKey()));
            var single = Fixture.numbers(c.json("expected.json").get("float32").get(prompt.getKey()));
            var logits = model.lastLogits(Fixture.ids(prompt.getValue()));
            GptModelTest.assertClose(logits, exact, 1e-4);
            for (int i = 0; i < exact.length; i++) {
                own += Math.pow(logits[i] - exact[i], 2);
                torch += Math.pow(single[i] - exact[i], 2);
            }
        }
        assertThat(Math.sqrt(own / torch)).isLessThan(4);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void the_cache_equals_computing_everything_anew_and_greedy_text_is_the_same(Case c) throws Exception {
        var model = c.model();
        var ids = Fixture.ids(c.json("expected.json").get("prompts").get("full"));
        var all = model.logits(ids); // [n, v]
        var cache = model.cache();
        model.lastLogits(Arrays.copyOf(ids, 7), cache, Progress.NONE);
        for (int at = 7; at < ids.length; at++) {
            GptModelTest.assertClose(model.lastLogits(new int[]{ids[at]}, cache, Progress.NONE),
                    GptModelTest.row(all, at), 5e-5);
        }
        var greedy = c.json("expected.json").get("greedy");
        assertThat(
                new Generator(model).generate(Fixture.ids(greedy.get("prompt")), 10, Sampling.GREEDY, Set.of(), _ -> {
                }, Progress.NONE).ids()).isEqualTo(Fixture.ids(greedy.get("ids")));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void a_trace_sees_every_module_and_each_gives_the_same_alone(Case c) throws Exception {
        var model = c.model();
        var inputs = new LinkedHashMap<String, FMatrixRMaj>();
        var outputs = new HashMap<String, FMatrixRMaj>();
        var ids = Fixture.ids(c.json("expected.json").get("prompts").get("several"));
        model.hidden(ids, model.cache(), new Trace() {
            @Override
            public void module(String name, FMatrixRMaj input, FMatrixRMaj output) {
                inputs.put(name, input.copy());
                outputs.put(name, output.copy());
            }
        }, Progress.NONE);
        var modules = model.modules();
        var names = new ArrayList<>(modules.keySet());
        names.remove("head");
        assertThat(inputs.keySet()).containsExactlyElementsOf(names);
        inputs.forEach((name, input) -> GptModelTest.assertClose(modules.get(name).apply(input).data,
                outputs.get(name).data, 1e-5));
    }

    static Fixture.Roles roles(java.util.Map<String, TensorData> tensors) {
        var roles = new LinkedHashMap<String, TensorData>();
        tensors.forEach((name, tensor) -> roles.put(name.replace("model.embed_tokens.weight", "embed.tokens")
                .replace("model.layers.", "block.").replace("model.norm", "norm").replace("lm_head", "head")
                .replace("input_layernorm", "norm1").replace("post_attention_layernorm", "norm2")
                .replace("self_attn.", "attn.").replace("o_proj", "out").replace("_proj", ""), tensor));
        return new Fixture.Roles(roles);
    }

    static LlamaHypers hypers(JsonNode config) {
        int layers = config.get("num_hidden_layers").asInt();
        var rope = config.get("rope_parameters");
        double factor = rope.path("factor").asDouble(1);
        int original = rope.path("original_max_position_embeddings").asInt(0);
        RopeScaling scaling = switch (rope.get("rope_type").asString()) {
            case "default" -> RopeScaling.NONE;
            case "linear" -> new RopeScaling.Linear(factor);
            case "llama3" -> new RopeScaling.Llama3(factor, rope.get("low_freq_factor").asDouble(),
                    rope.get("high_freq_factor").asDouble(), original);
            case "yarn" -> new RopeScaling.Yarn(factor, rope.get("beta_fast").asDouble(),
                    rope.get("beta_slow").asDouble(), original, RopeScaling.Yarn.magnitude(factor));
            default -> throw new IllegalArgumentException(rope.toString());
        };
        boolean slides = config.get("model_type").asString().equals("mistral");
        return new LlamaHypers(layers, config.get("num_attention_heads").asInt(),
                config.get("num_key_value_heads").asInt(), config.get("max_position_embeddings").asInt(),
                config.get("rms_norm_eps").asDouble(), rope.get("rope_theta").asDouble(), scaling,
                slides ? Collections.nCopies(layers, config.get("sliding_window").asInt()) : List.of(),
                Activation.SILU);
    }
}
