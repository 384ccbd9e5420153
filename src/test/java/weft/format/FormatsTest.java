package weft.format;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.io.Progress;

@Timeout(value = 1, unit = TimeUnit.MINUTES)
class FormatsTest {
    private static final Path PLAIN = CheckpointFormatSuite.fixtures().resolve("safetensors-misc/plain.safetensors");

    @TempDir
    Path folder;

    @Test
    void opens_a_folder_by_its_checkpoint() throws Exception {
        Files.copy(PLAIN, folder.resolve("model.safetensors"));
        text("config.json", "{}");
        text("optimizer.pt", "x");
        assertThat(Formats.open(folder, Progress.NONE).tensors()).hasSize(2);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            model.safetensors, model.safetensors.index.json, pytorch_model.bin | model.safetensors
            model.safetensors.index.json, model-00001-of-00002.safetensors, pytorch_model.bin | model.safetensors.index.json
            pytorch_model.bin, pytorch_model.bin.index.json, other.safetensors | pytorch_model.bin
            pytorch_model.bin.index.json, pytorch_model-00001-of-00002.bin, training_args.bin | pytorch_model.bin.index.json
            diffusion.safetensors.index.json, diffusion-00001-of-00002.safetensors | diffusion.safetensors.index.json
            model.ckpt.index, model.ckpt.data-00000-of-00001, model.ckpt.meta | model.ckpt.index
            only.safetensors, training_args.bin, config.json, merges.txt | only.safetensors
            """)
    void finds_what_the_framework_would_load(String files, String expected) throws Exception {
        for (var name : files.split(", ")) {
            text(name.strip(), "x");
        }
        assertThat(Formats.findCheckpoint(folder)).isEqualTo(folder.resolve(expected));
    }

    @Test
    void takes_the_bundle_that_tensorflow_calls_the_latest() throws Exception {
        text("model.ckpt-10.index", "x");
        text("model.ckpt-20.index", "x");
        text("checkpoint",
                "model_checkpoint_path: \"/somewhere/else/model.ckpt-10\"\nall_model_checkpoint_paths: \"model.ckpt-20\"\n");
        assertThat(Formats.findCheckpoint(folder)).isEqualTo(folder.resolve("model.ckpt-10.index"));
    }

    @Test
    void refuses_to_guess_between_two_checkpoints() throws Exception {
        text("a.safetensors", "x");
        text("b.safetensors", "x");
        var problem = refused(folder);
        assertThat(problem.code()).isEqualTo(Code.OPEN_SIBLING);
        assertThat(problem.expected()).isEqualTo("a.safetensors, b.safetensors");
    }

    @Test
    void finds_a_checkpoint_without_an_ending_by_its_content() throws Exception {
        Files.copy(PLAIN, folder.resolve("weights"));
        text("notes", "nothing here");
        assertThat(Formats.findCheckpoint(folder)).isEqualTo(folder.resolve("weights"));
    }

    @Test
    void says_that_a_folder_holds_no_checkpoint() throws Exception {
        text("config.json", "{}");
        assertThat(refused(folder).code()).isEqualTo(Code.NOT_A_MODEL);
        assertThat(refused(Files.createDirectory(folder.resolve("empty"))).code()).isEqualTo(Code.NOT_A_MODEL);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"error": "Repository not found"} | NOT_A_MODEL | JSON
            Entry not found | NOT_A_MODEL | text
            <!DOCTYPE html><html></html> | NOT_A_MODEL | HTML
            <?xml version="1.0"?><Error/> | NOT_A_MODEL | XML
            /data/shared/model.safetensors | TEXT_LINK | /data/shared/model.safetensors
            ..\\blobs\\abc | TEXT_LINK | ..\\blobs\\abc
            model.safetensors | TEXT_LINK | model.safetensors
            """)
    void names_the_everyday_failures(String content, Code code, String found) throws Exception {
        for (var name : new String[]{"model.safetensors", "model.bin", "anything"}) {
            var problem = refused(text(name, content));
            assertThat(problem.code()).as(name + " " + problem).isEqualTo(code);
            assertThat(problem.found()).isEqualTo(found);
        }
    }

    @Test
    void says_that_a_file_of_the_training_script_holds_no_tensors_and_where_the_model_is() throws Exception {
        Files.copy(PLAIN, folder.resolve("model.safetensors"));
        var problem = refused(Files.write(folder.resolve("training_args.bin"), new byte[]{(byte) 0x80, 2, 0, 0, 1}));
        assertThat(problem.code()).isEqualTo(Code.OPEN_SIBLING);
        assertThat(problem.found()).isEqualTo("0 tensors");
        assertThat(problem.expected()).isEqualTo("model.safetensors");
    }

    @Test
    void does_not_know_bytes_without_a_meaning() throws Exception {
        var problem = refused(Files.write(folder.resolve("noise"), new byte[]{1, 2, 3, (byte) 0xff, 5, 6, 7, 8, 9}));
        assertThat(problem.code()).isEqualTo(Code.UNSUPPORTED_FORMAT);
        assertThat(problem.found()).isEqualTo("010203ff05060708");
    }

    @Test
    void answers_at_once_for_what_is_not_a_file() throws Exception {
        assertThat(refused(folder.resolve("absent")).code()).isEqualTo(Code.NOT_READABLE);
        var loop = folder.resolve("loop");
        Files.createSymbolicLink(loop, loop);
        assertThat(refused(loop).code()).isEqualTo(Code.NOT_READABLE);
        assumeTrue(Files.exists(Path.of("/dev/zero")));
        assertThat(refused(Path.of("/dev/zero")).code()).isEqualTo(Code.NOT_READABLE);
    }

    @Test
    void does_not_wait_for_a_pipe() throws Exception {
        var pipe = folder.resolve("pipe");
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/mkfifo")));
        assertThat(new ProcessBuilder("/usr/bin/mkfifo", pipe.toString()).start().waitFor()).isZero();
        assertThat(refused(pipe).code()).isEqualTo(Code.NOT_READABLE);
    }

    @Test
    void says_that_a_file_is_not_readable() throws Exception {
        var file = Files.copy(PLAIN, folder.resolve("secret.safetensors"));
        assumeTrue(Files.getFileStore(file).supportsFileAttributeView("posix"));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("-w-------"));
        assumeFalse(Files.isReadable(file), "the superuser reads everything");
        assertThat(refused(file).code()).isEqualTo(Code.NOT_READABLE);
    }

    @Test
    void knows_a_format_by_the_ending_of_a_new_file() {
        assertThat(Formats.byName(Path.of("OUT.SafeTensors")).orElseThrow().id()).isEqualTo("safetensors");
        assertThat(Formats.byName(Path.of("out"))).isEmpty();
        assertThat(Formats.byId("safetensors").orElseThrow().writer()).isPresent();
    }

    private Path text(String name, String content) throws IOException {
        return Files.writeString(folder.resolve(name), content, UTF_8);
    }

    private static Problem refused(Path path) {
        var caught = new Problem[1];
        assertThatThrownBy(() -> Formats.open(path, Progress.NONE)).isInstanceOfSatisfying(CheckpointException.class,
                e -> caught[0] = e.problem());
        return caught[0];
    }
}
