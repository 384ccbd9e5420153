package weft.format.torch;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.util.List;

import org.junit.jupiter.api.Test;

import weft.format.Checkpoint.Ignored;
import weft.format.CheckpointFormat;
import weft.format.CheckpointFormatSuite;
import weft.format.Formats;
import weft.io.Code;
import weft.io.Progress;

/** numpy's arrays in PyTorch's files, saved and listed by torch (make_torch_numpy.py). */
class NumpyPickleTest extends CheckpointFormatSuite {
    @Override
    protected CheckpointFormat format() {
        return new TorchFormat();
    }

    @Override
    protected List<Sample> samples() throws Exception {
        return listed("torch-numpy");
    }

    @Override
    protected List<Hazard> hazards() throws Exception {
        var legacy = new String(Files.readAllBytes(fixtures().resolve("torch-numpy/legacy.pt")), ISO_8859_1);
        return List.of(
                tensor("fewer bytes than the type needs", bytes(legacy.replaceFirst("f2", "f8")), Code.STORAGE_SIZE,
                        legacy.indexOf("float16") + 23, "float16"), // its REDUCE
                refuse("an array of somebody's class", bytes(legacy.replaceFirst("numpy\nndarray", "posix\nsystem")),
                        Code.PICKLE_CALL, legacy.indexOf("numpy\nndarray") - 1, null));
    }

    private static byte[] bytes(String latin) {
        return latin.getBytes(ISO_8859_1);
    }

    @Test
    void leaves_what_is_no_number_alone() throws Exception {
        var opened = Formats.open(fixtures().resolve("torch-numpy/numpy.pt"), Progress.NONE);
        assertThat(opened.ignored()).containsExactly(new Ignored("objects", "object"), new Ignored("words", "object"),
                new Ignored("dates", "object"), new Ignored("records", "object"));
        assertThat(opened.warnings()).allMatch(w -> w.code() == Code.OPAQUE_OBJECT);
    }
}
