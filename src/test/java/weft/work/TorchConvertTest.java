package weft.work;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import weft.format.Formats;
import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Progress;
import weft.io.SourceFile;
import weft.io.ZipDirectory;
import weft.tensor.TensorSource;
import weft.work.ConvertRequest;

/** Into PyTorch's own files, and out of one that is damaged. */
class TorchConvertTest {
    private static final Path TINY = Path.of("src/test/resources/fixtures/gpt2-tiny");

    @TempDir
    Path folder;

    private static Workspace ready(Path from, String target) throws CheckpointException {
        return Workspace.open(from, Progress.NONE).withTarget(target, Progress.NONE).acceptAll();
    }

    private List<String> convert(Workspace workspace, String name, String format, long shard, Predicate<String> only)
            throws CheckpointException {
        return workspace.convert(new ConvertRequest(folder.resolve(name), true, format, null, shard, true, false), only,
                Progress.NONE).files().stream().map(f -> f.getFileName().toString()).toList();
    }

    @Test
    void a_textbook_s_folder_holds_gpt_pth() throws Exception {
        var files = convert(ready(TINY.resolve("openai-tf"), "gpt2/scratch-split"), "gpt", null, 0, _ -> true);
        assertThat(files).startsWith("gpt.pth").contains("config.json");
        // What torch itself saved there, masks aside.
        var torch = Formats.open(TINY.resolve("scratch-split"), Progress.NONE).tensors().stream()
                .filter(t -> !t.name().endsWith(".mask")).toList();
        var written = Formats.open(folder.resolve("gpt"), Progress.NONE).tensors();
        assertThat(written).extracting(TensorSource::name)
                .containsExactlyInAnyOrderElementsOf(torch.stream().map(TensorSource::name).toList());
        for (var tensor : torch) {
            var ours = written.stream().filter(t -> t.name().equals(tensor.name())).findFirst().orElseThrow();
            assertThat(ours.read().bytes().mismatch(tensor.read().contiguous().bytes())).as(tensor.name())
                    .isEqualTo(-1);
        }
    }

    @Test
    void another_format_keeps_its_own_name_and_shards_have_theirs() throws Exception {
        var split = ready(TINY.resolve("hf"), "gpt2/scratch-split");
        assertThat(convert(split, "safe", "safetensors", 0, _ -> true)).startsWith("model.safetensors");
        assertThat(convert(ready(TINY.resolve("hf"), "gpt2/hf-linear"), "bin", "torch", 0, _ -> true))
                .startsWith("pytorch_model.bin");
        assertThat(convert(ready(TINY.resolve("hf"), "gpt2/hf-linear"), "bins", "torch", 20_000, _ -> true))
                .startsWith("pytorch_model.bin.index.json").contains("pytorch_model-00001-of-00004.bin");
        assertThat(Formats.open(folder.resolve("bins"), Progress.NONE).tensors())
                .hasSameSizeAs(Formats.open(folder.resolve("bin"), Progress.NONE).tensors());
    }

    @Test
    void what_a_wrong_checksum_touches_is_not_written_and_the_rest_is() throws Exception {
        var copy = Files.createDirectory(folder.resolve("damaged")).resolve("gpt.pth");
        Files.copy(TINY.resolve("scratch-split/gpt.pth"), copy);
        var name = "trf_blocks.1.ff.layers.2.bias";
        int at = Math.toIntExact(place(copy, "gpt/data/" + storage(copy, name)));
        flip(copy, at);
        var workspace = ready(copy, "gpt2/hf");
        assertThatThrownBy(() -> convert(workspace, "out", null, 0, _ -> true))
                .isInstanceOfSatisfying(CheckpointException.class, e -> {
                    assertThat(e.code()).isEqualTo(Code.CRC);
                    assertThat(e.problem().field()).isEqualTo(name);
                    assertThat(e.problem().offset()).isEqualTo(at);
                });
        assertThat(folder.resolve("out")).doesNotExist();
        convert(workspace, "rest", null, 0, n -> !n.equals("transformer.h.1.mlp.c_proj.bias"));
        assertThat(folder.resolve("rest/model.safetensors")).exists();
    }

    @Test
    void a_wrong_checksum_that_names_no_tensor_touches_everything() throws Exception {
        var copy = Files.createDirectory(folder.resolve("damaged")).resolve("gpt.pth");
        Files.copy(TINY.resolve("scratch-split/gpt.pth"), copy);
        var zip = ZipDirectory.read(SourceFile.open(copy));
        var entry = zip.entry("gpt/version");
        flip(copy, Math.toIntExact(entry.offset()));
        var workspace = ready(copy, "gpt2/hf");
        assertThatThrownBy(() -> convert(workspace, "out", null, 0, _ -> true))
                .isInstanceOfSatisfying(CheckpointException.class, e -> assertThat(e.code()).isEqualTo(Code.CRC));
    }

    /** Where a storage begins. */
    private static long place(Path file, String entry) throws CheckpointException {
        return java.util.Objects.requireNonNull(ZipDirectory.read(SourceFile.open(file)).entry(entry)).offset();
    }

    /** Tensors that share nothing stand in storages numbered in their order. */
    private static int storage(Path file, String tensor) throws CheckpointException {
        return Formats.open(file, Progress.NONE).tensors().stream().map(TensorSource::name).toList().indexOf(tensor);
    }

    private static void flip(Path file, int at) throws Exception {
        var bytes = Files.readAllBytes(file);
        bytes[at] ^= 1;
        Files.write(file, bytes);
    }
}
