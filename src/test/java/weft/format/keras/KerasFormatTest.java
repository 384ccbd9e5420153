package weft.format.keras;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

import weft.format.Checkpoint;
import weft.format.Checkpoint.Ignored;
import weft.format.CheckpointFormat;
import weft.format.CheckpointFormatSuite;
import weft.format.Formats;
import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Progress;
import weft.tensor.TensorSource;

/** The fixtures are Keras's and h5py's (make_keras_misc.py, make_keras_hazards.py), and so is the listing. */
class KerasFormatTest extends CheckpointFormatSuite {
    @Override
    protected CheckpointFormat format() {
        return new KerasFormat();
    }

    @Override
    protected List<Sample> samples() throws Exception {
        return listed("keras-misc");
    }

    @Override
    protected List<Hazard> hazards() throws Exception {
        var weights = Files.readAllBytes(fixtures().resolve("keras-misc/keras1.h5"));
        return List.of(
                refuse("cut behind the signature", Arrays.copyOf(weights, 8), Code.BAD_HEADER, 0, "HDF5"),
                refuse("cut in its first group", Arrays.copyOf(weights, 100), Code.BAD_HEADER, 0, "HDF5"),
                tensor("a shape of 2^50 in chunks of which none is stored", hazard("bomb"), Code.SHAPE_BOMB, 0, "bomb"),
                tensor("a shape of 2^50 without a place", hazard("bomb2"), Code.SHAPE_BOMB, 0, "bomb2"),
                tensor("a dataset nobody wrote to", hazard("late"), Code.DATA_MISSING, 0, "late"),
                tensor("a filter jHDF can't undo", hazard("scale"), Code.UNSUPPORTED_FILTER, 0, "so"),
                tensor("a link to another file", hazard("links"), Code.EXTERNAL, 0, "link"),
                tensor("a dataset in another file", hazard("external"), Code.EXTERNAL, 0, "/"),
                tensor("a dataset made of other files", hazard("virtual"), Code.EXTERNAL, 0, "/"));
    }

    private static byte[] hazard(String name) throws Exception {
        return Files.readAllBytes(fixtures().resolve("keras-hazards").resolve(name + ".h5"));
    }

    @Test
    void does_not_walk_a_loop_of_groups_nor_follow_a_link() throws Exception {
        var opened = Formats.open(fixtures().resolve("keras-hazards/links.h5"), Progress.NONE);
        assertThat(opened.tensors().stream().map(TensorSource::name)).containsExactly("link", "ok");
        assertThat(opened.tensors().getFirst().info().broken().found()).isEqualTo("other.h5:/x");
        assertThat(opened.ignored()).contains(new Ignored("soft", "object"), new Ignored("dangling", "object"));
    }

    @Test
    void hides_the_optimizer_and_keeps_the_configuration_as_text() throws Exception {
        for (var file : List.of("model.keras", "deflated.keras")) {
            var opened = open(file);
            assertThat(opened.ignored()).filteredOn(i -> i.reason().equals("optimizer")).hasSizeGreaterThan(10);
            assertThat(opened.metadata().get("config.json")).contains("\"zebra\"");
            assertThat(opened.metadata().get("metadata.json")).contains("keras_version");
            assertThat(opened.warnings()).isEmpty();
        }
        var whole = open("model.h5");
        assertThat(whole.metadata().get("model_config")).contains("\"zebra\"");
        assertThat(whole.ignored()).filteredOn(i -> i.reason().equals("optimizer")).hasSizeGreaterThan(10);
    }

    @Test
    void a_dataset_in_one_piece_is_a_view_of_the_file() throws Exception {
        for (var file : List.of("model.weights.h5", "model.keras", "block.h5")) {
            var tensor = open(file).tensors().stream().filter(t -> t.name().matches("contiguous/float32|layers/dense/vars/0"))
                    .findFirst().orElseThrow();
            assertThat(tensor.read().segment().isMapped()).as(file).isTrue();
        }
    }

    /** jHDF stumbles over an opaque type without a tag and then lists none of its group; the rest of the file stands. */
    @Test
    void says_which_group_could_not_be_listed() throws Exception {
        var opened = open("bfloat16.weights.h5");
        assertThat(opened.tensors()).singleElement().satisfies(t -> {
            assertThat(t.name()).isEqualTo("layers/dense/vars/");
            assertThat(t.info().broken().code()).isEqualTo(Code.BAD_HEADER);
            assertThatThrownBy(t::read).isInstanceOf(CheckpointException.class);
        });
    }

    @Test
    @EnabledIfSystemProperty(named = "weft.real", matches = ".+")
    void opens_files_that_other_programs_wrote() throws Exception {
        var real = Path.of(System.getProperty("weft.real"));
        var keras = Formats.open(real.resolve("keras/nested_container.keras"), Progress.NONE);
        assertThat(keras.tensors()).isNotEmpty().allMatch(t -> t.info().broken() == null);
        for (var tensor : keras.tensors()) {
            tensor.read();
        }
        var link = Formats.open(real.resolve("hdf5/external_link.hdf5"), Progress.NONE).tensors();
        assertThat(link).hasSize(2).allMatch(t -> t.info().broken().code() == Code.EXTERNAL);
        var special = Formats.open(real.resolve("hdf5/float_special_values_latest.hdf5"), Progress.NONE).tensors();
        assertThat(special).hasSize(3);
        assertThat(special.get(1).read().toFloats()).contains(Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.NaN);
        for (var file : List.of("test_chunked_datasets_earliest", "test_compressed_chunked_datasets_latest")) {
            var tensors = Formats.open(real.resolve("hdf5/" + file + ".hdf5"), Progress.NONE).tensors();
            assertThat(tensors).isNotEmpty().allMatch(t -> t.info().broken() == null);
            for (var tensor : tensors) {
                tensor.read();
            }
        }
        var huge = Formats.open(real.resolve("hdf5/tiny_huge_1d_over_maxint.hdf5"), Progress.NONE).tensors();
        assertThat(huge).singleElement().satisfies(t -> {
            assertThat(t.info().shape().count()).isGreaterThan(Integer.MAX_VALUE);
            assertThat(t.info().broken()).isNotNull();
        });
        assertThat(Formats.open(real.resolve("hdf5/utf8-fixed-length.hdf5"), Progress.NONE).ignored())
                .containsExactly(new Ignored("a0", "string"));
    }

    private static Checkpoint open(String file) throws CheckpointException {
        return Formats.open(fixtures().resolve("keras-misc").resolve(file), Progress.NONE);
    }
}
