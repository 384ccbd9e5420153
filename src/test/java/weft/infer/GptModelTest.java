package weft.infer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.ejml.data.FMatrixRMaj;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

import weft.io.Progress;
import weft.tensor.TensorData;

class GptModelTest {
    /** A model of a fixture, the numbers PyTorch gave for it, and what runs it. */
    record Case(String fixture, String folder, boolean conv1d, Kernels kernels) {
        JsonNode expected() throws Exception {
            return Fixture.json(fixture + "/expected.json");
        }

        Fixture.Roles roles() throws Exception {
            return Fixture.gpt2(
                    Fixture.safetensors(Fixture.ROOT.resolve(fixture + "/" + folder + "/model.safetensors")),
                    conv1d);
        }

        GptModel model() throws Exception {
            return GptModel.load(roles(), Fixture.gpt2Hypers(expected().get("config")), kernels);
        }

        @Override
        public String toString() {
            return fixture + "/" + folder + " on " + kernels;
        }
    }

    static Stream<Case> cases() {
        return AllKernels.list().stream()
                .flatMap(k -> Stream.of(new Case("gpt2-tiny", "hf", true, k),
                        new Case("gpt2-tiny", "hf-linear", false, k),
                        new Case("gpt2-odd", "hf", true, k), new Case("gpt2-odd", "hf-linear", false, k),
                        new Case("gpt2-erf", "hf", true, k)));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void logits_are_pytorchs(Case c) throws Exception {
        var model = c.model();
        for (var prompt : c.expected().get("prompts").properties()) {
            var expected = Fixture.numbers(c.expected().get("lastLogits").get(prompt.getKey()));
            assertClose(model.lastLogits(Fixture.ids(prompt.getValue())), expected, 1e-4);
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void the_error_is_no_more_than_four_times_torchs_own_in_float32(Case c) throws Exception {
        if (!c.expected().has("float32")) {
            return; // a variant of a fixture that has it
        }
        var model = c.model();
        double own = 0;
        double torch = 0;
        for (var prompt : c.expected().get("prompts").properties()) {
            var exact = Fixture.numbers(c.expected().get("lastLogits").get(prompt.getKey()));
            var single = Fixture.numbers(c.expected().get("float32").get(prompt.getKey()));
            var logits = model.lastLogits(Fixture.ids(prompt.getValue()));
            for (int i = 0; i < exact.length; i++) {
                own += Math.pow(logits[i] - exact[i], 2);
                torch += Math.pow(single[i] - exact[i], 2);
            }
        }
        assertThat(Math.sqrt(own / torch)).isLessThan(4);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void all_positions_of_a_full_context_are_pytorchs(Case c) throws Exception {
        var file = Fixture.ROOT.resolve(c.fixture + "/logits-full.npy");
        if (!file.toFile().exists()) {
            return; // a variant of a fixture that has it
        }
        var ids = Fixture.ids(c.expected().get("prompts").get("full"));
        var model = c.model();
        assertThat(ids).hasSize(model.context());
        assertClose(model.logits(ids).data, Fixture.npy(file), 1e-4);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void greedy_text_is_pytorchs(Case c) throws Exception {
        var generator = new Generator(c.model());
        for (var greedy : c.expected().path("greedy")) {
            var ids = Fixture.ids(greedy.get("ids"));
            var result = generator.generate(Fixture.ids(greedy.get("prompt")), ids.length, Sampling.GREEDY, Set.of(),
                    _ -> {
                    }, Progress.NONE);
            assertThat(result.ids()).isEqualTo(ids);
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void the_loss_is_pytorchs(Case c) throws Exception {
        for (var loss : c.expected().path("loss")) {
            var ids = Fixture.ids(loss.get("ids"));
            var own = Loss.of(c.model(), ids, Progress.NONE);
            assertThat(own.mean()).isCloseTo(loss.get("loss").asDouble(), org.assertj.core.data.Offset.offset(1e-5));
            assertThat(own.tokens()).isEqualTo(ids.length - 1);
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void the_cache_equals_computing_everything_anew(Case c) throws Exception {
        var model = c.model();
        var ids = Fixture.ids(c.expected().get("prompts").get("full"));
        var all = model.logits(ids); // [n, v]
        for (int first : List.of(1, 4, ids.length - 1)) {
            var cache = model.cache();
            model.lastLogits(Arrays.copyOf(ids, first), cache, Progress.NONE);
            for (int at = first; at < ids.length; at++) {
                var logits = model.lastLogits(new int[]{ids[at]}, cache, Progress.NONE);
                assertClose(logits, row(all, at), 2e-5);
            }
            assertThat(cache.room()).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void other_numbers_in_the_config_give_other_logits_and_they_are_pytorchs(Case c) throws Exception {
        for (var hyper : c.expected().path("hyper")) {
            var config = (tools.jackson.databind.node.ObjectNode) c.expected().get("config").deepCopy();
            hyper.get("set").properties().forEach(e -> config.set(e.getKey(), e.getValue()));
            var model = GptModel.load(c.roles(), Fixture.gpt2Hypers(config), c.kernels);
            assertClose(model.lastLogits(Fixture.ids(c.expected().get("prompts").get("full"))),
                    Fixture.numbers(hyper.get("lastLogits").get("full")), 1e-4);
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void wrong_weights_give_the_wrong_logits_of_pytorch(Case c) throws Exception {
        var roles = c.roles();
        int last = c.model().layers() - 1;
        for (var wrong : c.expected().path("wrong")) {
            var changed = wrongRoles(wrong.get("id").asString(), roles, last);
            if (changed == null) {
                continue;
            }
            var model = GptModel.load(changed, Fixture.gpt2Hypers(c.expected().get("config")), c.kernels);
            for (var prompt : c.expected().get("prompts").properties()) {
                assertClose(model.lastLogits(Fixture.ids(prompt.getValue())),
                        Fixture.numbers(wrong.get("lastLogits").get(prompt.getKey())), 1e-4);
            }
        }
    }

    /** What a wrong rule does to the roles; null for those only a rule can do. */
    private static Fixture.Roles wrongRoles(String id, Fixture.Roles roles, int last) {
        var out = new LinkedHashMap<>(roles.map());
        for (int i = 0; i <= last; i++) {
            var attn = "block." + i + ".attn.";
            var square = roles.role(attn + "out.weight").permute(1, 0);
            switch (id) {
                case "square-0", "square-1", "square-2" -> {
                    if (id.endsWith("-" + i)) {
                        out.put(attn + "out.weight", square);
                    }
                }
                case "square-all", "trap" -> out.put(attn + "out.weight", square);
                case "qk-swapped" -> reorder(out, roles, attn, "kqv");
                case "split-kvq" -> reorder(out, roles, attn, "vqk"); // W_query the last third, W_key the first
                case "split-qvk" -> reorder(out, roles, attn, "qvk");
                case "value-square" -> {
                    if (i == last) {
                        out.put(attn + "v.weight", roles.role(attn + "v.weight").permute(1, 0));
                    }
                }
                case "query-bias-forgotten" -> out.remove(attn + "q.bias");
                default -> {
                    return null;
                }
            }
        }
        return new Fixture.Roles(out);
    }

    /** q, k and v each take the role at their place in {@code order}. */
    private static void reorder(Map<String, TensorData> out, Fixture.Roles roles, String attn, String order) {
        for (int part = 0; part < 3; part++) {
            for (var parameter : List.of(".weight", ".bias")) {
                out.put(attn + "qkv".charAt(part) + parameter, roles.role(attn + order.charAt(part) + parameter));
            }
        }
    }

    static float[] row(FMatrixRMaj matrix, int row) {
        return Arrays.copyOfRange(matrix.data, row * matrix.numCols, (row + 1) * matrix.numCols);
    }

    static void assertClose(float[] actual, double[] expected, double tolerance) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < actual.length; i++) {
            if (!(Math.abs(actual[i] - expected[i]) <= tolerance)) {
                throw new AssertionError("[" + i + "] " + actual[i] + " instead of " + expected[i]);
            }
        }
    }

    static void assertClose(float[] actual, float[] expected, double tolerance) {
        assertClose(actual, IntStream.range(0, expected.length).mapToDouble(i -> expected[i]).toArray(), tolerance);
    }
}
