package weft.format.torch;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
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

/** Every container torch.load takes, and every shape of a training run; what is in them torch.load said. */
class TorchContainersTest {
    private static final Path FOLDER = Expected.FIXTURES.resolve("torch-containers");

    private static Checkpoint open(String file) throws CheckpointException {
        var checkpoint = Formats.open(FOLDER.resolve(file), Progress.NONE);
        assertThat(checkpoint.format()).isEqualTo("torch");
        return checkpoint;
    }

    @TestFactory
    Stream<DynamicTest> reads_what_torch_reads() throws Exception {
        return Expected.read("torch-containers").properties().stream()
                .map(e -> DynamicTest.dynamicTest(e.getKey(), () -> {
                    var checkpoint = open(e.getKey());
                    var tensors = e.getValue().path("tensors");
                    assertThat(checkpoint.tensors().stream().filter(t -> t.info().broken() == null)
                            .map(t -> t.name())).containsExactlyInAnyOrderElementsOf(tensors.propertyNames());
                    for (var tensor : tensors.properties()) {
                        Expected.assertSame(Expected.tensor(checkpoint, tensor.getKey()), tensor.getValue());
                    }
                    assertThat(checkpoint.metadata().get("state_dict"))
                            .isEqualTo(e.getValue().path("aside").stringValue(null));
                }));
    }

    @Test
    void names_come_in_the_order_of_the_file() throws Exception {
        assertThat(Expected.names(open("lightning-like.ckpt"))).containsExactly("0.weight", "0.bias", "1.weight",
                "1.bias", "1.running_mean", "1.running_var", "1.num_batches_tracked", "2.weight", "2.bias");
        assertThat(Expected.names(open("module-in-dict.pt")))
                .isEqualTo(Expected.names(open("lightning-like.ckpt")));
    }

    @Test
    void a_training_run_keeps_settings_and_sets_its_optimizer_aside() throws Exception {
        var run = open("lightning-like.ckpt");
        assertThat(run.settings()).isEqualTo(Map.of("epoch", 7L, "hyper_parameters",
                Map.of("n_layer", 2L, "lr", 1e-3, "name", "x", "dims", List.of(3L, 4L))));
        assertThat(run.ignored()).contains(new Checkpoint.Ignored("optimizer_states.0.state.0.exp_avg", "optimizer"),
                new Checkpoint.Ignored("loss", "aux"));
    }

    @Test
    void a_file_without_checksums_gets_one_warning() throws Exception {
        var checkpoint = open("no-crc.pt");
        assertThat(checkpoint.warnings()).extracting(Problem::code).containsExactly(Code.CRC);
        assertThat(checkpoint.warnings().getFirst().expected()).isEqualTo("00000000");
    }

    @Test
    void a_meta_tensor_has_a_shape_and_no_values() throws Exception {
        var meta = Expected.tensor(open("meta.pt"), "meta").info();
        assertThat(meta.shape()).hasToString("[2, 3]");
        assertThat(meta.broken().code()).isEqualTo(Code.DATA_MISSING);
    }

    @Test
    void quantised_tensors_tell_scale_and_zero_point() throws Exception {
        assertThat(open("quantised.pt").metadata())
                .containsEntry("quantised tensor", "per_tensor_affine scale=0.1 zero_point=3")
                .containsEntry("quantised channel", "per_channel_affine axis=0");
    }

    @Test
    void torch_script_lists_its_code() throws Exception {
        assertThat(open("script.pt").ignored()).extracting(Checkpoint.Ignored::reason).contains("code");
    }

    @Test
    void tensors_of_the_tar_form_share_storages() throws Exception {
        var tar = open("old.tar");
        assertThat(Expected.tensor(tar, "transposed").info().sharesWith()).isEqualTo("whole");
        assertThat(tar.metadata()).containsEntry("container", "tar");
    }
}
