package weft.format.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;

import weft.format.Checkpoint;
import weft.format.Formats;
import weft.io.Progress;
import weft.tensor.DType;
import weft.tensor.Shape;

/** Files that other people made, with what is known of them. Run with {@code -Dweft.real=FOLDER}; skipped without. */
class TorchRealFilesTest {
    private static Checkpoint open(String file) throws Exception {
        var folder = System.getProperty("weft.real", "");
        assumeTrue(!folder.isEmpty() && Files.isRegularFile(Path.of(folder, file)), "-Dweft.real=FOLDER");
        var checkpoint = Formats.open(Path.of(folder, file), Progress.NONE);
        assertThat(checkpoint.format()).isEqualTo("torch");
        assertThat(checkpoint.tensors()).allMatch(t -> t.info().broken() == null);
        // An archive of TorchScript says so; nothing else is odd about these.
        assertThat(checkpoint.warnings()).allMatch(w -> "TorchScript".equals(w.found()));
        for (var tensor : checkpoint.tensors()) {
            tensor.read();
        }
        return checkpoint;
    }

    private static float[] floats(Checkpoint checkpoint, String name) throws Exception {
        return Expected.tensor(checkpoint, name).read().toFloats();
    }

    private static float[] ramp(int from, int to) {
        var values = new float[to - from + 1];
        IntStream.range(0, values.length).forEach(i -> values[i] = from + i);
        return values;
    }

    @Test
    void bfloat16_and_bool() throws Exception {
        assertThat(floats(open("torch/bfloat16.pt"), "tensor")).containsExactly(1.5f, -2.5f, 3.5f);
        var bool = Expected.tensor(open("torch/bool.pt"), "tensor");
        assertThat(bool.info().dtype()).isEqualTo(DType.BOOL);
        assertThat(bool.read().toFloats()).containsExactly(1, 0, 1, 1, 0);
    }

    @Test
    void a_tensor_that_is_not_contiguous() throws Exception {
        var checkpoint = open("torch/fortran_tensor_3d.pth");
        assertThat(checkpoint.tensors()).hasSize(1);
        var tensor = checkpoint.tensors().getFirst();
        assertThat(tensor.info().shape()).isEqualTo(Shape.of(2, 3, 4));
        assertThat(tensor.read().isContiguous()).isFalse();
        assertThat(tensor.read().toFloats()).containsExactly(ramp(1, 24));
    }

    @Test
    void integers_alone_and_under_a_key() throws Exception {
        assertThat(floats(open("torch/test.pt"), "test")).containsExactly(ramp(1, 8));
        var under = open("torch/test_with_key.pt");
        assertThat(floats(under, "test")).containsExactly(ramp(1, 8));
        assertThat(under.metadata()).containsEntry("state_dict", "model_state_dict");
    }

    @Test
    void nested_dicts_get_dotted_names() throws Exception {
        assertThat(Expected.names(open("torch/nested_dict.pt"))).containsExactly("layer1.weight", "layer1.bias",
                "layer2.weight", "layer2.bias");
    }

    @Test
    void small_modules() throws Exception {
        var linear = open("torch/linear.pt");
        assertThat(Expected.names(linear)).containsExactly("fc1.weight", "fc1.bias", "fc2.weight");
        assertThat(Expected.tensor(linear, "fc1.weight").info().shape()).isEqualTo(Shape.of(3, 2));
        assertThat(open("torch/non_contiguous_indexes.pt").tensors()).hasSize(10);
    }

    @Test
    void the_layout_before_1_6() throws Exception {
        var simple = open("torch/simple_legacy.pt");
        assertThat(simple.metadata()).containsEntry("container", "legacy");
        assertThat(simple.tensors()).isNotEmpty();
        var views = open("torch/legacy_with_offsets.pt");
        assertThat(Expected.names(views)).startsWith("tensor1");
        assertThat(Expected.tensor(views, "tensor1").info().dtype()).isEqualTo(DType.F32);
    }

    @Test
    void the_tar_form() throws Exception {
        var tar = open("torch/tar_float32.tar");
        assertThat(tar.metadata()).containsEntry("container", "tar");
        assertThat(floats(tar, "tensor")).containsExactly(1, 2.5f, -3.7f, 0);
    }

    @Test
    void a_trained_tagger_by_another_ending() throws Exception {
        var tagger = open("torch/best.th");
        assertThat(tagger.tensors()).isNotEmpty();
        assertThat(Expected.names(tagger)).contains("tag_projection_layer._module.weight");
    }

    @Test
    void torch_script_gives_its_attributes_and_lists_its_code() throws Exception {
        var script = open("torchscript/foo.pt");
        assertThat(Expected.names(script)).containsExactly("value");
        assertThat(script.metadata()).containsEntry("container", "torchscript");
        assertThat(script.ignored()).contains(new Checkpoint.Ignored("code/__torch__.py", "code"));
        assertThat(open("torchscript/foo1.pt").tensors()).isEmpty();
        assertThat(open("torchscript/foo7.pt").tensors()).isEmpty();
    }

    @Test
    void a_training_dict_gives_its_model_and_its_settings() throws Exception {
        var checkpoint = open("nanogpt-style/ckpt.pt");
        assertThat(checkpoint.metadata()).containsEntry("state_dict", "model");
        assertThat(Expected.names(checkpoint)).contains("transformer.wte.weight", "lm_head.weight");
        assertThat(Expected.tensor(checkpoint, "transformer.wte.weight").info().shape()).isEqualTo(Shape.of(32, 16));
        assertThat(Expected.tensor(checkpoint, "lm_head.weight").info().sharesWith())
                .isEqualTo("transformer.wte.weight");
        assertThat(checkpoint.settings()).containsKeys("model_args", "iter_num");
        assertThat(checkpoint.settings().get("model_args")).isEqualTo(Map.of("dim_embedding", 16L, "dropout_rate",
                0.0, "num_heads", 2L, "num_layers", 2L, "seq_length", 8L, "use_bias", false, "vocab_size", 32L));
        assertThat(checkpoint.ignored()).isNotEmpty().extracting(Checkpoint.Ignored::reason)
                .containsOnly("optimizer", "aux");
        assertThat(List.copyOf(checkpoint.settings().keySet())).doesNotContain("optimizer");
    }
}
