package weft.work;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import weft.io.Progress;
import weft.work.ConvertRequest;

/** From another framework's file to TensorFlow's, held against the files TensorFlow wrote itself. */
class TensorFlowConvertTest {
    private static final Path TINY = Path.of("src/test/resources/fixtures/gpt2-tiny");

    @TempDir
    Path folder;

    @Test
    void a_bundle_from_hugging_face_is_byte_for_byte_tensorflows() throws Exception {
        var target = folder.resolve("out");
        var result = Workspace.open(TINY.resolve("hf"), Progress.NONE).withTarget("gpt2/openai-tf", Progress.NONE)
                .acceptAll().convert(new ConvertRequest(target, true, "tensorflow", null, 0, true, false), _ -> true,
                        Progress.NONE);
        assertThat(result.format()).isEqualTo("tensorflow");
        for (var name : List.of("model.ckpt.index", "model.ckpt.data-00000-of-00001", "checkpoint")) {
            assertThat(target.resolve(name)).hasSameBinaryContentAs(TINY.resolve("openai-tf").resolve(name));
        }
    }
}
