package weft.format.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

import weft.format.Checkpoint;
import weft.format.Formats;
import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.io.Progress;

class TorchFormatTest {
    private static final Path MISC = Expected.FIXTURES.resolve("torch-misc");

    private static Checkpoint open(String file) throws CheckpointException {
        var checkpoint = Formats.open(MISC.resolve(file), Progress.NONE);
        assertThat(checkpoint.format()).isEqualTo("torch");
        return checkpoint;
    }

    private static Problem refused(String file) {
        return catchThrowableOfType(CheckpointException.class, () -> open(file)).problem();
    }

    /** Everything torch wrote, against what torch says it wrote. */
    @TestFactory
    Stream<DynamicTest> reads_what_torch_wrote() throws Exception {
        var expected = Expected.read("torch-misc");
        return expected.properties().stream()
                .filter(e -> e.getValue().has("tensors") && !e.getKey().equals("nested.pt"))
                .map(e -> DynamicTest.dynamicTest(e.getKey(), () -> {
                    var checkpoint = open(e.getKey());
                    var tensors = e.getValue().path("tensors");
                    assertThat(checkpoint.tensors().stream().filter(t -> t.info().broken() == null)
                            .map(t -> t.name())).containsExactlyElementsOf(tensors.propertyNames());
                    for (var tensor : tensors.properties()) {
                        var found = Expected.tensor(checkpoint, tensor.getKey());
                        Expected.assertSame(found, tensor.getValue());
                        if (found.info().shape().count() > 0) {
                            assertThat(found.info().sharesWith()).as(tensor.getKey()).isEqualTo(
                                    tensor.getValue().path("sharesStorageWith").stringValue(null));
                        }
                    }
                }));
    }

    @Test
    void takes_the_model_of_a_training_dict_and_lists_the_rest() throws Exception {
        var checkpoint = open("nested.pt");
        var expected = Expected.read("torch-misc").path("nested.pt").path("tensors");
        assertThat(Expected.names(checkpoint)).containsExactly("weight", "bias");
        Expected.assertSame(Expected.tensor(checkpoint, "weight"), expected.path("model.weight"));
        assertThat(checkpoint.metadata()).containsEntry("state_dict", "model");
        assertThat(checkpoint.ignored()).containsExactly(new Checkpoint.Ignored("parts.list.0", "aux"),
                new Checkpoint.Ignored("parts.list.1", "aux"), new Checkpoint.Ignored("parts.tuple.0", "aux"),
                new Checkpoint.Ignored("5", "aux"));
        assertThat(checkpoint.settings()).containsEntry("epoch", 3L).containsEntry("note", "é 中 🙂")
                .containsEntry("yes", true).containsEntry("rate", 1e-3).containsEntry("big", 1L << 40)
                .doesNotContainKey("nothing");
    }

    @Test
    void opens_beside_objects_of_unknown_types_and_names_them() throws Exception {
        var checkpoint = open("opaque.pt");
        assertThat(checkpoint.warnings()).extracting(Problem::code).containsOnly(Code.OPAQUE_OBJECT);
        assertThat(checkpoint.warnings()).extracting(Problem::found).contains("argparse.Namespace",
                "datetime.datetime");
        assertThat(checkpoint.settings()).containsEntry("args", java.util.Map.of("lr", 0.1))
                .containsEntry("size", List.of(1L, 2L)).containsEntry("dtype", "torch.float16")
                .containsEntry("device", "cpu");
    }

    @Test
    void a_sparse_tensor_is_listed_as_broken() throws Exception {
        var sparse = Expected.tensor(open("sparse.pt"), "sparse");
        assertThat(sparse.info().broken()).isNotNull();
        assertThat(sparse.info().broken().code()).isEqualTo(Code.UNKNOWN_DTYPE);
        assertThat(sparse.info().broken().field()).isEqualTo("sparse");
        assertThat(catchThrowableOfType(CheckpointException.class, sparse::read).code())
                .isEqualTo(Code.UNKNOWN_DTYPE);
    }

    /** The same model in one file and in three behind an index, both by transformers. */
    @Test
    void reads_shards_behind_their_index() throws Exception {
        var folder = Expected.FIXTURES.resolve("gpt2-tiny");
        var whole = Formats.open(folder.resolve("hf-bin/pytorch_model.bin"), Progress.NONE);
        var shards = Formats.open(folder.resolve("hf-sharded-bin/pytorch_model.bin.index.json"), Progress.NONE);
        assertThat(shards.files()).hasSize(4);
        assertThat(shards.warnings()).isEmpty();
        assertThat(shards.tensors()).hasSizeGreaterThan(20);
        for (var tensor : shards.tensors()) {
            var same = Expected.tensor(whole, tensor.name());
            assertThat(Expected.values(tensor.read())).as(tensor.name()).isEqualTo(Expected.values(same.read()));
        }
    }

    @TestFactory
    Stream<DynamicTest> refuses_files_that_want_to_call_something() throws Exception {
        return Expected.read("torch-misc").properties().stream().filter(e -> e.getValue().has("calls"))
                .map(e -> DynamicTest.dynamicTest(e.getKey(), () -> {
                    var problem = refused(e.getKey());
                    assertThat(problem.code()).isEqualTo(Code.PICKLE_CALL);
                    assertThat(problem.found()).isEqualTo(e.getValue().path("calls").stringValue());
                    assertThat(problem.offset()).isPositive();
                }));
    }
}
