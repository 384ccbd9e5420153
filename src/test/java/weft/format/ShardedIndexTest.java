package weft.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import weft.format.Checkpoint.Ignored;
import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.io.Progress;
import weft.tensor.TensorSource;

/** {@code gpt2-tiny/hf-sharded}: four shards and an index by transformers' {@code save_pretrained}. */
class ShardedIndexTest {
    private static final Path SHARDED = CheckpointFormatSuite.fixtures().resolve("gpt2-tiny/hf-sharded");
    private static final String THIRD = "model-00003-of-00004.safetensors";

    @TempDir
    Path folder;
    private Path index;

    @BeforeEach
    void copy() throws IOException {
        try (var files = Files.list(SHARDED)) {
            for (var file : files.toList()) {
                Files.copy(file, folder.resolve(file.getFileName()));
            }
        }
        index = folder.resolve("model.safetensors.index.json");
    }

    @Test
    void is_one_checkpoint_of_its_shards_format() throws Exception {
        var opened = Formats.open(index, Progress.NONE);
        assertThat(opened.format()).isEqualTo("safetensors");
        assertThat(opened.tensors()).hasSize(28);
        assertThat(opened.warnings()).isEmpty();
        assertThat(opened.files()).hasSize(5).contains(index, folder.resolve(THIRD));
        assertThat(opened.metadata()).containsEntry("format", "pt").containsEntry("total_size", "65760");
    }

    @Test
    void names_what_a_missing_shard_would_hold() throws Exception {
        var names = Formats.open(folder.resolve(THIRD), Progress.NONE).tensors().stream().map(TensorSource::name)
                .toList();
        Files.delete(folder.resolve(THIRD));
        var opened = Formats.open(index, Progress.NONE);
        assertThat(opened.tensors()).hasSize(28 - names.size());
        assertThat(opened.warnings()).singleElement().satisfies(w -> {
            assertThat(w.code()).isEqualTo(Code.DATA_MISSING);
            assertThat(w.file()).isEqualTo(THIRD);
            assertThat(w.expected()).isEqualTo(THIRD);
        });
        assertThat(opened.ignored())
                .containsExactlyInAnyOrderElementsOf(names.stream().map(n -> new Ignored(n, "missing")).toList());
    }

    @Test
    void opens_with_every_shard_missing() throws Exception {
        try (var shards = Files.newDirectoryStream(folder, "*.safetensors")) {
            for (var shard : shards) {
                Files.delete(shard);
            }
        }
        var opened = Formats.open(folder, Progress.NONE);
        assertThat(opened.format()).isEqualTo("safetensors");
        assertThat(opened.tensors()).isEmpty();
        assertThat(opened.ignored()).hasSize(28);
        assertThat(opened.warnings()).hasSize(4).allMatch(w -> w.code() == Code.DATA_MISSING);
    }

    @Test
    void warns_of_a_tensor_its_shard_does_not_hold() throws Exception {
        rewrite("\"transformer.h.0.ln_1.bias\"", "\"transformer.h.0.ln_9.bias\"");
        var opened = Formats.open(index, Progress.NONE);
        assertThat(opened.warnings()).hasSize(2).allMatch(w -> w.code() == Code.INCOMPLETE_SET)
                .extracting(Problem::field)
                .containsExactlyInAnyOrder("transformer.h.0.ln_9.bias", "transformer.h.0.ln_1.bias");
        assertThat(opened.tensors()).as("what lies in a shard is listed all the same").hasSize(28);
        assertThat(opened.ignored()).containsExactly(new Ignored("transformer.h.0.ln_9.bias", "missing"));
    }

    @Test
    void believes_the_index_when_two_shards_hold_a_tensor() throws Exception {
        Files.copy(folder.resolve("model-00001-of-00004.safetensors"), folder.resolve(THIRD),
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        var opened = Formats.open(index, Progress.NONE);
        assertThat(opened.tensors().stream().map(TensorSource::name)).doesNotHaveDuplicates();
        assertThat(opened.warnings()).anyMatch(w -> w.code() == Code.DUPLICATE_NAME && THIRD.equals(w.file()));
    }

    @Test
    void lets_a_shard_opened_alone_offer_the_whole_set() throws Exception {
        var opened = Formats.open(folder.resolve(THIRD), Progress.NONE);
        assertThat(opened.tensors()).isNotEmpty();
        assertThat(opened.warnings()).singleElement().satisfies(w -> {
            assertThat(w.code()).isEqualTo(Code.OPEN_SIBLING);
            assertThat(w.expected()).isEqualTo("model.safetensors.index.json");
        });
        Files.delete(index);
        assertThat(Formats.open(folder.resolve(THIRD), Progress.NONE).warnings()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"../" + THIRD, "/etc/passwd", "sub/" + THIRD, "sub\\\\" + THIRD, "C:" + THIRD,
        "C:\\\\models\\\\" + THIRD, "..", ".", "", "nul", "CON.safetensors", "a.safetensors.", "a\\u0000b", "a:stream",
        "\\\\\\\\host\\\\share"})
    void refuses_a_shard_outside_its_folder_on_every_system(String shard) throws Exception {
        rewrite("\"" + THIRD + "\"", "\"" + shard + "\"");
        assertThatThrownBy(() -> Formats.open(index, Progress.NONE)).isInstanceOfSatisfying(CheckpointException.class,
                e -> {
                    assertThat(e.code()).isEqualTo(Code.PATH_OUTSIDE);
                    assertThat(e.problem().field()).startsWith("transformer.");
                    assertThat(e.problem().offset()).isPositive();
                });
    }

    @Test
    void does_not_follow_an_index_into_itself() throws Exception {
        rewrite("\"" + THIRD + "\"", "\"model.safetensors.index.json\"");
        assertThatThrownBy(() -> Formats.open(index, Progress.NONE)).isInstanceOfSatisfying(CheckpointException.class,
                e -> assertThat(e.code()).isEqualTo(Code.NOT_A_MODEL));
    }

    @Test
    void names_the_shard_that_is_a_git_lfs_pointer() throws Exception {
        Files.writeString(folder.resolve(THIRD),
                "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9216\n");
        assertThatThrownBy(() -> Formats.open(index, Progress.NONE)).isInstanceOfSatisfying(CheckpointException.class,
                e -> {
                    assertThat(e.code()).isEqualTo(Code.LFS_POINTER);
                    assertThat(e.problem().file()).isEqualTo(THIRD);
                });
    }

    @Test
    void refuses_an_index_that_contradicts_itself() throws Exception {
        rewrite("\"transformer.h.0.ln_1.bias\"", "\"transformer.h.0.ln_1.weight\"");
        assertThatThrownBy(() -> Formats.open(index, Progress.NONE)).isInstanceOfSatisfying(CheckpointException.class,
                e -> assertThat(e.code()).isEqualTo(Code.DUPLICATE_NAME));
        Files.writeString(index, "{\"weight_map\": [1]}");
        assertThatThrownBy(() -> Formats.open(index, Progress.NONE)).isInstanceOfSatisfying(CheckpointException.class,
                e -> assertThat(e.code()).isEqualTo(Code.BAD_HEADER));
        Files.writeString(index, "{\"metadata\": {}}");
        assertThatThrownBy(() -> Formats.open(index, Progress.NONE)).isInstanceOfSatisfying(CheckpointException.class,
                e -> assertThat(e.problem().field()).isEqualTo("weight_map"));
    }

    private void rewrite(String from, String to) throws IOException {
        var text = Files.readString(index);
        assertThat(text).contains(from);
        Files.writeString(index, text.replace(from, to));
    }
}
