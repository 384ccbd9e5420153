package weft.format.tensorflow;

import static org.assertj.core.api.Assertions.assertThat;
import static weft.format.tensorflow.BundleTest.FIXTURES;
import static weft.format.tensorflow.BundleTest.assertCode;
import static weft.format.tensorflow.BundleTest.open;

import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import weft.format.Written;
import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Progress;
import weft.tensor.DType;
import weft.tensor.Shape;
import weft.tensor.TensorData;
import weft.tensor.TensorInfo;
import weft.tensor.TensorSource;

/** Bundles as TensorFlow writes them; {@code src/test/fixtures/check_tf_written.py} has TensorFlow read them. */
class TensorFlowWriterTest {
    @TempDir
    Path temp;

    private record Given(TensorInfo info, TensorData data) implements TensorSource {
        static Given of(String name, TensorData data) {
            return new Given(new TensorInfo(name, data.dtype(), data.shape(), data.byteSize()), data);
        }

        @Override
        public TensorData read() {
            return data;
        }
    }

    private static Written write(Path target, List<? extends TensorSource> tensors) throws CheckpointException {
        return new TensorFlowFormat().writer().orElseThrow().write(target, List.copyOf(tensors), Map.of("a", "b"), true,
                Progress.NONE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpt2-tiny", "gpt2-odd"})
    void writes_the_very_bytes_tensorflow_wrote(String model) throws Exception {
        var folder = FIXTURES.resolve(model).resolve("openai-tf");
        var tensors = new ArrayList<>(open(folder).tensors());
        Collections.shuffle(tensors, new Random(1));
        var written = write(temp.resolve("model.ckpt"), tensors);
        assertThat(written.parts()).extracting(p -> p.path().getFileName().toString())
                .containsExactly("model.ckpt.data-00000-of-00001", "model.ckpt.index", "checkpoint");
        for (var part : written.parts()) {
            assertThat(part.path()).hasSameBinaryContentAs(folder.resolve(part.path().getFileName()));
            assertThat(part.bytes()).isEqualTo(Files.size(part.path()));
        }
    }

    @Test
    void an_index_of_many_blocks_reads_back() throws Exception {
        var tensors = new ArrayList<Given>();
        for (int i = 0; i < 20_000; i++) {
            tensors.add(Given.of("model/layer_%05d/attention/query/kernel".formatted(i * 7919 % 20_000),
                    TensorData.ofFloats(new float[]{i}, 1)));
        }
        // Where TensorFlow can look at it, too.
        var folder = Files.createDirectories(Path.of("target", "tf-written"));
        for (var old : List.of("many.ckpt.index", "many.ckpt.data-00000-of-00001", "checkpoint")) {
            Files.deleteIfExists(folder.resolve(old));
        }
        write(folder.resolve("many.ckpt.index"), tensors);
        assertThat(Files.size(folder.resolve("many.ckpt.index"))).isGreaterThan(2 * 256 << 10);
        var opened = open(folder);
        assertThat(opened.tensors()).hasSize(20_000);
        var byName = new java.util.HashMap<String, Float>();
        for (var tensor : opened.tensors()) {
            byName.put(tensor.name(), tensor.read().toFloats()[0]);
        }
        for (var tensor : tensors) {
            assertThat(byName.get(tensor.name())).isEqualTo(tensor.data().toFloats()[0]);
        }
    }

    @Test
    void every_type_and_every_bit_survives() throws Exception {
        var random = new Random(3);
        var tensors = new ArrayList<Given>();
        for (var dtype : DType.values()) {
            if (dtype.bytes() == 0) {
                continue;
            }
            // Random bits: NaNs with payloads, denormals, -0.0 among them.
            var segment = Arena.ofAuto().allocate(64L * dtype.bytes(), 16);
            for (long i = 0; i < segment.byteSize(); i++) {
                segment.set(java.lang.foreign.ValueLayout.JAVA_BYTE, i,
                        (byte) (dtype == DType.BOOL ? random.nextInt(2) : random.nextInt()));
            }
            var data = TensorData.of(segment, dtype, Shape.of(4, 16));
            tensors.add(Given.of("t/" + dtype, data));
            tensors.add(Given.of("turned/" + dtype, data.permute(1, 0)));
        }
        tensors.add(Given.of("scalar", TensorData.ofFloats(new float[]{Float.NaN})));
        tensors.add(Given.of("empty é 中", TensorData.ofFloats(new float[0], 0, 5)));
        Collections.shuffle(tensors, random);
        write(temp.resolve("all.ckpt"), tensors);
        var opened = open(temp.resolve("all.ckpt"));
        assertThat(opened.warnings()).isEmpty();
        assertThat(opened.ignored()).isEmpty();
        for (var tensor : tensors) {
            var again = BundleTest.tensor(opened, tensor.name());
            assertThat(again.info().dtype()).isEqualTo(tensor.info().dtype());
            assertThat(again.info().shape()).isEqualTo(tensor.info().shape());
            assertThat(again.read().bytes().mismatch(tensor.data().contiguous().bytes())).as(tensor.name())
                    .isEqualTo(-1);
        }
    }

    @Test
    void what_a_bundle_cannot_hold_is_refused_before_a_byte_is_written() throws Exception {
        var one = TensorData.ofFloats(new float[]{1}, 1);
        var string = new Given(new TensorInfo("s", DType.STRING, Shape.SCALAR, 0), one);
        assertCode(() -> write(temp.resolve("x"), List.of(string)), Code.UNKNOWN_DTYPE);
        assertCode(() -> write(temp.resolve("x"), List.of(Given.of("a", one), Given.of("a", one))),
                Code.DUPLICATE_NAME);
        assertCode(() -> write(temp.resolve("x"), List.of(Given.of("", one))), Code.DUPLICATE_NAME);
        assertCode(() -> write(temp.resolve("x"), List.of(Given.of("\0a", one))), Code.DUPLICATE_NAME);
        assertCode(() -> write(temp.resolve("x"), List.of(Given.of("\ud800", one))), Code.BAD_HEADER);
        try (var files = Files.list(temp)) {
            assertThat(files).isEmpty();
        }
    }

    @Test
    void cancelling_ends_it() {
        var cancelled = new Progress() {
            @Override
            public boolean cancelled() {
                return true;
            }
        };
        var one = Given.of("a", TensorData.ofFloats(new float[]{1}, 1));
        assertCode(() -> new TensorFlowWriter().write(temp.resolve("x"), List.of(one), Map.of(), false, cancelled),
                Code.CANCELLED);
    }
}
