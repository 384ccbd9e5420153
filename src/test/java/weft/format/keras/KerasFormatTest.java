package weft.format.keras;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import weft.format.Checkpoint;
import weft.format.Checkpoint.Ignored;
import weft.format.CheckpointFormat;
import weft.format.CheckpointFormatSuite;
import weft.format.Formats;
import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Progress;
import weft.tensor.DType;
import weft.tensor.Shape;
import weft.tensor.TensorData;
import weft.tensor.TensorInfo;
import weft.tensor.TensorSource;

/**
 * The fixtures are Keras's and h5py's (make_keras_misc.py, make_keras_hazards.py), and so is the listing;
 * check_keras_written.py has both read what is written here.
 */
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
                tensor("a dataset in another file", hazard("external"), Code.EXTERNAL, 0, "ext"),
                tensor("a dataset made of other files", hazard("virtual"), Code.EXTERNAL, 0, "virtual"),
                tensor("opaque bytes", hazard("odd"), Code.UNKNOWN_DTYPE, 0, "g/opaque"),
                tensor("bfloat16 in chunks", hazard("odd-latest"), Code.UNKNOWN_DTYPE, 0, "g/pieces"));
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
            var tensor = open(file).tensors().stream()
                    .filter(t -> t.name().matches("contiguous/float32|layers/dense/vars/0"))
                    .findFirst().orElseThrow();
            assertThat(tensor.read().segment().isMapped()).as(file).isTrue();
        }
    }

    /** jHDF stumbles over an opaque type without a tag and lists none of its group: the group's table tells the others. */
    @ParameterizedTest
    @ValueSource(strings = {"odd", "odd-latest"})
    void one_odd_dataset_does_not_take_its_group_with_it(String name) throws Exception {
        var opened = Formats.open(fixtures().resolve("keras-hazards").resolve(name + ".h5"), Progress.NONE);
        var tensors = opened.tensors().stream().collect(Collectors.toMap(TensorSource::name, t -> t));
        assertThat(tensors).hasSize(20);
        assertThat(tensors.get("g/packed").read().toFloats()).startsWith(0, 1, 2).hasSize(40); // in chunks
        assertThat(tensors.get("g/plain").read().toFloats()).containsExactly(0, 1, 2);
        assertThat(tensors.get("g/below/x").read().toFloats()).containsExactly(0, 1);
        assertThat(tensors.get("g/many11").read().toFloats()).containsExactly(11, 11);
        assertThat(opened.ignored()).containsExactly(new Ignored("g/soft", "object"));
        for (var half : List.of("g/half", "g/fixed")) {
            assertThat(tensors.get(half).info().dtype()).isEqualTo(DType.BF16);
            assertThat(tensors.get(half).read().bytes().toArray(ValueLayout.JAVA_BYTE)).containsExactly(0, 0, 1, 0, 2,
                    0, 3, 0, 4, 0, 5, 0);
        }
        assertThat(tensors.values()).filteredOn(t -> t.info().broken() != null).extracting(TensorSource::name)
                .containsExactlyInAnyOrder("g/opaque", "g/pieces");
    }

    @Test
    void writes_what_h5py_and_keras_can_look_at() throws Exception {
        var out = Files.createDirectories(Path.of("target", "keras-written"));
        for (var file : List.of("types.h5", "bfloat16.weights.h5", "model.weights.h5")) {
            var tensors = open(file).tensors().stream().filter(
                    t -> t.info().broken() == null && new KerasWriter().holds(t.info().dtype())).toList();
            Files.deleteIfExists(out.resolve(file));
            new KerasWriter().write(out.resolve(file), tensors, Map.of(), true, Progress.NONE);
            assertThat(Formats.open(out.resolve(file), Progress.NONE).tensors()).hasSameSizeAs(tensors);
        }
        // Types Keras's fixtures haven't, a view, more texts than one collection of the heap has room for.
        var numbers = new ArrayList<TensorSource>();
        var turned = TensorData.ofFloats(new float[]{1, 2, 3, 4, 5, 6}, 2, 3).permute(1, 0);
        numbers.add(source("turned", turned));
        var bits = TensorData.ofFloats(new float[]{-0.0f, Float.intBitsToFloat(0x7fa00001)}, 2).segment();
        for (int i = 0; i < 5000; i++) {
            numbers.add(source("half/" + i, TensorData.of(bits, DType.BF16, Shape.of(4))));
        }
        numbers.add(source("empty", TensorData.of(bits, DType.F32, Shape.of(0, 5))));
        numbers.add(source("layer.0.weight", TensorData.of(bits, DType.F32, Shape.of(2))));
        Files.deleteIfExists(out.resolve("many.h5"));
        new KerasWriter().write(out.resolve("many.h5"), numbers, Map.of(), true, Progress.NONE);
        var again = Formats.open(out.resolve("many.h5"), Progress.NONE);
        assertThat(again.warnings()).isEmpty();
        assertThat(again.tensors()).hasSize(numbers.size()).allMatch(t -> t.info().broken() == null);
        var last = again.tensors().stream().filter(t -> t.name().equals("half/4999")).findFirst().orElseThrow();
        assertThat(sha256(last.read())).isEqualTo(sha256(TensorData.of(bits, DType.BF16, Shape.of(4))));
    }

    @Test
    void refuses_to_write_what_hdf5_or_keras_could_not_tell_apart() {
        var one = TensorData.ofFloats(new float[]{1}, 1);
        refuses("out.keras", Code.UNSUPPORTED_FORMAT, source("a", one));
        refuses("out.h5", Code.UNKNOWN_DTYPE, source("a", TensorData.of(one.segment(), DType.C64, Shape.of(0))));
        refuses("out.h5", Code.UNKNOWN_DTYPE, source("a", TensorData.of(one.segment(), DType.F8_E4M3, Shape.of(1))));
        refuses("out.h5", Code.DUPLICATE_NAME, source("a", one), source("a", one));
        refuses("out.h5", Code.DUPLICATE_NAME, source("a", one), source("a/b", one));
        refuses("out.h5", Code.DUPLICATE_NAME, source("a/b", one), source("a", one));
        refuses("out.h5", Code.BAD_HEADER, source("a//b", one));
        refuses("out.h5", Code.BAD_HEADER, source("./b", one));
        refuses("out.h5", Code.FORMAT_LIMIT, source("a/".repeat(80) + "b", one));
        refuses("out.h5", Code.FORMAT_LIMIT,
                source("a", TensorData.of(one.segment(), DType.F32, Shape.of(new long[33]))));
    }

    private void refuses(String name, Code code, TensorSource... tensors) {
        assertThatThrownBy(() -> new KerasWriter().write(folder.resolve(name), List.of(tensors), Map.of(), true,
                Progress.NONE))
                .isInstanceOfSatisfying(CheckpointException.class, e -> assertThat(e.code()).isEqualTo(code));
        assertThat(folder.resolve(name)).doesNotExist();
    }

    private record Given(TensorInfo info, TensorData read) implements TensorSource {
    }

    private static TensorSource source(String name, TensorData data) {
        return new Given(new TensorInfo(name, data.dtype(), data.shape(), data.byteSize()), data);
    }

    /** The numbers of Bob Jenkins' own description of hashlittle. */
    @Test
    void checksums_are_lookup3() {
        assertThat(Lookup3.hash(new byte[0], 0)).isEqualTo(0xdeadbeef);
        assertThat(Lookup3.hash(utf8("Four score and seven years ago"), 30)).isEqualTo(0x17770551);
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
        assertThat(special.get(1).read().toFloats()).contains(Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY,
                Float.NaN);
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
