package weft.format.tensorflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

import weft.format.Checkpoint;
import weft.format.CheckpointFormat.Match;
import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Json;
import weft.io.Progress;
import weft.io.SourceFile;
import weft.tensor.DType;
import weft.tensor.Shape;
import weft.tensor.TensorData;
import weft.tensor.TensorSource;

/** Bundles that TensorFlow wrote. */
class BundleTest {
    static final Path FIXTURES = Path.of("src/test/resources/fixtures");
    private static final Path MISC = FIXTURES.resolve("tf-misc");

    @TempDir
    Path temp;

    static Checkpoint open(Path path) throws CheckpointException {
        return new TensorFlowFormat().open(path, Progress.NONE);
    }

    static TensorSource tensor(Checkpoint checkpoint, String name) {
        return checkpoint.tensors().stream().filter(t -> t.name().equals(name)).findFirst().orElseThrow();
    }

    static List<String> names(Checkpoint checkpoint) {
        return checkpoint.tensors().stream().map(TensorSource::name).toList();
    }

    static Map<String, String> ignored(Checkpoint checkpoint) {
        var ignored = new HashMap<String, String>();
        checkpoint.ignored().forEach(i -> ignored.put(i.name(), i.reason()));
        return ignored;
    }

    /** Elements as the fixtures' JSON writes them: integers exactly, complex numbers as pairs. */
    static List<Object> elements(TensorData data) {
        var plain = data.contiguous();
        var bytes = plain.bytes();
        var list = new ArrayList<Object>();
        for (long i = 0; i < plain.shape().count(); i++) {
            long at = i * plain.dtype().bytes();
            switch (plain.dtype()) {
                case C64 -> {
                    list.add(DType.F32.get(bytes, at));
                    list.add(DType.F32.get(bytes, at + 4));
                }
                case C128 -> {
                    list.add(DType.F64.get(bytes, at));
                    list.add(DType.F64.get(bytes, at + 8));
                }
                case U64 -> list.add(new BigInteger(Long.toUnsignedString(bytes.get(SourceFile.I64, at))));
                case I64 -> list.add(BigInteger.valueOf(bytes.get(SourceFile.I64, at)));
                default -> list.add(plain.dtype().get(bytes, at));
            }
        }
        return list;
    }

    private static void flatten(JsonNode values, DType dtype, List<Object> into) {
        for (var value : values) {
            if (value.isArray()) {
                flatten(value, dtype, into);
            } else if (dtype == DType.I64 || dtype == DType.U64) {
                into.add(value.bigIntegerValue());
            } else if (value.isBoolean()) {
                into.add(value.booleanValue() ? 1.0 : 0.0);
            } else {
                into.add(value.isString() ? Double.parseDouble(value.stringValue()) : value.doubleValue());
            }
        }
    }

    static JsonNode expected(Path file) throws IOException, CheckpointException {
        return Json.parse(Files.readAllBytes(file), file.toString(), 0);
    }

    static void assertTensor(TensorSource tensor, JsonNode expected) throws CheckpointException {
        var info = tensor.info();
        assertThat(info.dtype().title()).as(info.name()).isEqualTo(expected.get("dtype").stringValue());
        var dims = new ArrayList<Long>();
        expected.get("shape").forEach(d -> dims.add(d.longValue()));
        assertThat(info.shape().dims()).as(info.name()).containsExactly(dims.toArray(Long[]::new));
        var values = new ArrayList<>();
        flatten(expected.get("values"), info.dtype(), values);
        assertThat(elements(tensor.read())).as(info.name()).isEqualTo(values);
    }

    @ParameterizedTest
    @ValueSource(strings = {"two-shards/model.ckpt", "dtypes/model.ckpt", "partitioned/model.ckpt",
        "adam/model.ckpt-1", "object-graph/ckpt-1"})
    void reads_what_tensorflow_reads(String prefix) throws Exception {
        var expected = expected(MISC.resolve("expected.json")).get(prefix).get("tensors");
        var checkpoint = open(MISC.resolve(prefix));
        assertThat(checkpoint.warnings()).isEmpty();
        var all = new TreeSet<>(names(checkpoint));
        all.addAll(ignored(checkpoint).keySet());
        var wanted = new TreeSet<String>();
        expected.properties().forEach(e -> wanted.add(e.getKey().replace("/.ATTRIBUTES/VARIABLE_VALUE", "")));
        assertThat(all).isEqualTo(wanted);
        for (var tensor : checkpoint.tensors()) {
            var entry = expected.get(tensor.name());
            assertTensor(tensor, entry == null ? expected.get(tensor.name() + "/.ATTRIBUTES/VARIABLE_VALUE") : entry);
        }
    }

    @Test
    void every_way_to_a_set_opens_the_same_checkpoint() throws Exception {
        var folder = MISC.resolve("two-shards");
        Files.createDirectories(temp.resolve("set"));
        for (var name : List.of("model.ckpt.index", "model.ckpt.data-00000-of-00002",
                "model.ckpt.data-00001-of-00002")) {
            Files.copy(folder.resolve(name), temp.resolve("set").resolve(name));
        }
        Files.writeString(temp.resolve("set/checkpoint"),
                "model_checkpoint_path: \"model.ckpt\"\nall_model_checkpoint_paths: \"model.ckpt\"\n");
        for (var way : List.of("set", "set/checkpoint", "set/model.ckpt", "set/model.ckpt.index",
                "set/model.ckpt.data-00000-of-00002", "set/model.ckpt.data-00001-of-00002")) {
            var checkpoint = open(temp.resolve(way));
            assertThat(names(checkpoint)).as(way).containsExactly("a/b", "a/w", "b/step", "b/w");
            assertThat(checkpoint.files()).as(way).hasSize(4);
            assertThat(checkpoint.metadata()).as(way).containsEntry("shards", "2");
            assertThat(new TensorFlowFormat().probe(temp.resolve(way), head(temp.resolve(way)))).as(way)
                    .isEqualTo(Match.CONTENT);
        }
    }

    static byte[] head(Path path) throws IOException {
        return Files.isRegularFile(path) ? Files.readAllBytes(path) : new byte[0];
    }

    @Test
    void optimizer_slots_strings_and_graphs_are_not_parameters() throws Exception {
        var adam = open(MISC.resolve("adam"));
        assertThat(names(adam)).containsExactly("model/b", "model/w");
        assertThat(ignored(adam)).containsOnlyKeys("beta1_power", "beta2_power", "global_step", "model/b/Adam",
                "model/b/Adam_1", "model/w/Adam", "model/w/Adam_1").containsValue("optimizer")
                .doesNotContainValue("aux");
        assertThat(ignored(open(MISC.resolve("dtypes/model.ckpt")))).containsExactly(Map.entry("string", "string"));
        assertThat(ignored(open(MISC.resolve("object-graph")))).containsOnly(
                Map.entry("_CHECKPOINTABLE_OBJECT_GRAPH", "object"), Map.entry("save_counter", "aux"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpt2-tiny", "gpt2-odd"})
    void a_gpt2_of_tensorflow_lists_its_tensors(String model) throws Exception {
        var checkpoint = open(FIXTURES.resolve(model).resolve("openai-tf"));
        assertThat(checkpoint.warnings()).isEmpty();
        assertThat(names(checkpoint)).contains("model/wte", "model/wpe", "model/h0/attn/c_attn/w").isSorted();
        for (var tensor : checkpoint.tensors()) {
            assertThat(tensor.read().byteSize()).isEqualTo(tensor.info().bytes());
        }
    }

    @Test
    void openai_index_without_its_data_still_lists() throws Exception {
        var checkpoint = open(real("openai-gpt2-124M/model.ckpt.index"));
        assertThat(checkpoint.tensors()).hasSize(148);
        assertThat(checkpoint.tensors().stream().mapToLong(t -> t.info().bytes()).sum()).isEqualTo(497_759_232L);
        var attention = tensor(checkpoint, "model/h0/attn/c_attn/w");
        assertThat(attention.info().shape()).isEqualTo(Shape.of(1, 768, 2304));
        assertThat(checkpoint.warnings()).singleElement().satisfies(problem -> {
            assertThat(problem.code()).isEqualTo(Code.DATA_MISSING);
            assertThat(problem.file()).isEqualTo("model.ckpt.data-00000-of-00001");
        });
        for (var tensor : checkpoint.tensors()) {
            assertCode(tensor::read, Code.DATA_MISSING);
        }
    }

    @Test
    void snappy_indexes_of_tensorflow_serving_open() throws Exception {
        for (var model : List.of("cpu", "mkl", "tf2_cpu")) {
            var checkpoint = open(real("tensorflow-v2/saved_model_half_plus_two_" + model + "/variables.index"));
            assertThat(tensor(checkpoint, "a").read().toFloats()).as(model).containsExactly(0.5f);
            assertThat(tensor(checkpoint, "b").read().toFloats()).as(model).containsExactly(2f);
        }
        var counter = open(real("tensorflow-v2/saved_model_counter"));
        assertThat(tensor(counter, "counter").read().toFloats()).containsExactly(0f);
        assertThat(counter.warnings()).isEmpty();
    }

    static Path real(String file) {
        var folder = System.getProperty("weft.real", "");
        assumeTrue(!folder.isEmpty(), "no real files");
        return Path.of(folder).resolve(file);
    }

    static void assertCode(org.assertj.core.api.ThrowableAssert.ThrowingCallable call, Code code) {
        assertThatThrownBy(call).isInstanceOfSatisfying(CheckpointException.class,
                e -> assertThat(e.code()).as(e.getMessage()).isEqualTo(code));
    }
}
