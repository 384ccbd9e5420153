package weft.format.tensorflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static weft.format.tensorflow.BundleTest.assertTensor;
import static weft.format.tensorflow.BundleTest.expected;
import static weft.format.tensorflow.BundleTest.head;
import static weft.format.tensorflow.BundleTest.ignored;
import static weft.format.tensorflow.BundleTest.names;
import static weft.format.tensorflow.BundleTest.open;
import static weft.format.tensorflow.BundleTest.tensor;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import weft.format.CheckpointFormat.Match;
import weft.format.Formats;
import weft.io.Code;
import weft.io.Progress;

/** V1 files, object graphs of Keras, SavedModels, frozen graphs and big-endian bundles. */
class OtherAgesTest {
    static final Path MORE = BundleTest.FIXTURES.resolve("tf-more");

    @TempDir
    Path temp;

    @ParameterizedTest
    @ValueSource(strings = {"v1/model.ckpt", "v1-sharded/model.ckpt", "keras/ckpt-1", "export", "slots/ckpt-1",
        "frozen/net.pb", "frozen/lists.pb", "far-slices/model.ckpt", "big-endian/model.ckpt"})
    void reads_what_tensorflow_reads(String path) throws Exception {
        var expected = expected(MORE.resolve("expected.json")).get(path);
        var checkpoint = open(MORE.resolve(path));
        assertThat(checkpoint.warnings()).isEmpty();
        var wanted = new TreeSet<String>();
        expected.get("tensors").properties().forEach(e -> wanted.add(e.getKey()));
        assertThat(new TreeSet<>(names(checkpoint))).isEqualTo(wanted);
        for (var tensor : checkpoint.tensors()) {
            assertTensor(tensor, expected.get("tensors").get(tensor.name()));
            assertTensor(tensor, expected.get("tensors").get(tensor.name())); // what is kept is the same
        }
        if (!expected.get("ignored").isEmpty()) {
            var left = new TreeSet<String>();
            expected.get("ignored").forEach(name -> left.add(name.stringValue()));
            assertThat(new TreeSet<>(ignored(checkpoint).keySet())).isEqualTo(left);
        }
    }

    @Test
    void slots_of_an_object_graph_are_the_optimizers() throws Exception {
        var ignored = ignored(open(MORE.resolve("slots")));
        assertThat(ignored).containsEntry("_CHECKPOINTABLE_OBJECT_GRAPH", "object").containsEntry("save_counter",
                "aux");
        ignored.keySet().removeAll(List.of("_CHECKPOINTABLE_OBJECT_GRAPH", "save_counter"));
        assertThat(ignored.values()).hasSize(6).containsOnly("optimizer");
    }

    @Test
    void an_object_graph_without_its_data_shows_the_paths_and_knows_the_optimizer() throws Exception {
        Files.copy(MORE.resolve("keras/ckpt-1.index"), temp.resolve("ckpt-1.index"));
        var checkpoint = open(temp.resolve("ckpt-1"));
        assertThat(names(checkpoint)).contains("model/optimizer/_trainable_variables/0",
                "model/_functional/_operations/2/moving_mean").hasSize(8);
        assertThat(ignored(checkpoint)).containsEntry("model/optimizer/_variables/2", "optimizer");
        assertThat(checkpoint.warnings()).extracting("code").containsExactly(Code.DATA_MISSING);
    }

    @Test
    void any_file_of_a_v1_set_opens_all_of_it() throws Exception {
        var folder = MORE.resolve("v1-sharded");
        for (var way : List.of("checkpoint", "model.ckpt-00000-of-00002", "model.ckpt-00001-of-00002", "model.ckpt",
                ".")) {
            assertThat(names(open(folder.resolve(way)))).as(way).containsExactly("a", "b");
        }
        assertThat(open(folder).metadata()).containsEntry("version", "V1");
    }

    /** As a person names it: the folder, the prefix; with the {@code checkpoint} file and without. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_v1_folder_and_its_prefix_open_all_of_it(boolean state) throws Exception {
        for (var set : List.of("v1", "v1-sharded")) {
            var folder = Files.createDirectory(temp.resolve(set));
            try (var files = Files.list(MORE.resolve(set))) {
                for (var file : files.filter(f -> state || !f.endsWith("checkpoint")).toList()) {
                    Files.copy(file, folder.resolve(file.getFileName()));
                }
            }
            var expected = names(open(MORE.resolve(set).resolve("model.ckpt")));
            for (var path : List.of(folder, folder.resolve("model.ckpt"))) {
                var checkpoint = Formats.open(path, Progress.NONE);
                assertThat(names(checkpoint)).as(path.toString()).isEqualTo(expected);
                assertThat(checkpoint.metadata()).containsEntry("version", "V1");
                assertThat(checkpoint.warnings()).isEmpty();
            }
        }
    }

    @Test
    void of_two_v1_sets_in_a_folder_the_latest_opens() throws Exception {
        for (var step : List.of("7", "8")) {
            for (var shard : List.of("0", "1")) {
                Files.copy(MORE.resolve("v1-sharded/model.ckpt-0000" + shard + "-of-00002"),
                        temp.resolve("model.ckpt-" + step + "-0000" + shard + "-of-00002"));
            }
        }
        assertThatThrownBy(() -> Formats.open(temp, Progress.NONE)).hasMessageContaining("OPEN_SIBLING");
        Files.writeString(temp.resolve("checkpoint"), "model_checkpoint_path: \"model.ckpt-8-?????-of-00002\"\n");
        assertThat(Formats.open(temp, Progress.NONE).files()).extracting(f -> f.getFileName().toString())
                .containsExactly("model.ckpt-8-00000-of-00002", "model.ckpt-8-00001-of-00002");
    }

    @Test
    void a_v1_set_with_a_file_missing_says_which() throws Exception {
        Files.copy(MORE.resolve("v1-sharded/model.ckpt-00001-of-00002"), temp.resolve("model.ckpt-00001-of-00002"));
        var checkpoint = open(temp.resolve("model.ckpt-00001-of-00002"));
        assertThat(names(checkpoint)).containsExactly("b");
        assertThat(checkpoint.warnings()).singleElement().satisfies(problem -> {
            assertThat(problem.code()).isEqualTo(Code.INCOMPLETE_SET);
            assertThat(problem.file()).isEqualTo("model.ckpt-00000-of-00002");
        });
    }

    /** Two of them have an index packed by snappy, one is V1. */
    @ParameterizedTest
    @ValueSource(strings = {"half_plus_two_tf2_cpu/variables.index", "half_plus_two_mkl/variables.index",
        "half_plus_two_v1/export-00000-of-00001"})
    void files_of_tensorflow_serving_open(String path) throws Exception {
        var checkpoint = Formats.open(BundleTest.FIXTURES.resolve("tf-serving").resolve(path), Progress.NONE);
        assertThat(tensor(checkpoint, "a").read().toFloats()).containsExactly(0.5f);
        assertThat(tensor(checkpoint, "b").read().toFloats()).containsExactly(2f);
        assertThat(checkpoint.warnings()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"v1/model.ckpt", "v1-sharded/model.ckpt-00000-of-00002", "keras", "keras/checkpoint",
        "keras/ckpt-1.index", "keras/ckpt-1", "keras/ckpt-1.data-00000-of-00001", "export",
        "export/saved_model.pb", "export/variables", "frozen/net.pb", "frozen/lists.pb", "big-endian"})
    void content_decides_the_format(String path) throws Exception {
        var file = MORE.resolve(path);
        assertThat(new TensorFlowFormat().probe(file, head(file))).isEqualTo(Match.CONTENT);
        assertThat(Formats.open(file, Progress.NONE).format()).isEqualTo("tensorflow");
    }

    @Test
    void a_saved_model_without_its_variables_says_so() throws Exception {
        Files.copy(MORE.resolve("export/saved_model.pb"), temp.resolve("saved_model.pb"));
        assertThat(open(temp).warnings()).extracting("code").containsExactly(Code.INCOMPLETE_SET);
    }
}
