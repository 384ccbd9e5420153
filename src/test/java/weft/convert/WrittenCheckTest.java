package weft.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import weft.format.Formats;
import weft.format.Written;
import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Progress;
import weft.tensor.DType;
import weft.tensor.Shape;
import weft.tensor.TensorInfo;
import weft.tensor.TensorSource;

class WrittenCheckTest {
    @TempDir
    Path folder;
    private Path file;
    private List<TensorInfo> infos;
    private Written written;

    @BeforeEach
    void write() throws Exception {
        var source = Formats.open(Path.of("src/test/resources/fixtures/safetensors-misc/plain.safetensors"),
                Progress.NONE);
        file = folder.resolve("out.safetensors");
        infos = source.tensors().stream().map(TensorSource::info).toList();
        written = Formats.byName(file).orElseThrow().writer().orElseThrow().write(file, source.tensors(), Map.of(),
                true,
                Progress.NONE);
    }

    @Test
    void is_content_with_what_was_written() {
        assertThatCode(() -> check(infos)).doesNotThrowAnyException();
        assertThatCode(() -> WrittenCheck.check(file, infos, Map.of(), Progress.NONE)).doesNotThrowAnyException();
    }

    @Test
    void finds_one_bit_that_differs() throws Exception {
        var bytes = Files.readAllBytes(file);
        bytes[bytes.length - 1] ^= 1;
        Files.write(file, bytes);
        assertFails("model.weight", infos, written.crc32c());
        assertThatCode(() -> WrittenCheck.check(file, infos, Map.of(), Progress.NONE))
                .as("without hashes only names, types and shapes are compared").doesNotThrowAnyException();
    }

    @Test
    void finds_a_name_a_type_and_a_shape_that_differ() {
        var first = infos.getFirst();
        assertFails("other", replaced(new TensorInfo("other", first.dtype(), first.shape(), first.bytes())), Map.of());
        assertFails(first.name(), replaced(new TensorInfo(first.name(), DType.I32, first.shape(), first.bytes())),
                Map.of());
        assertFails(first.name(),
                replaced(new TensorInfo(first.name(), first.dtype(), Shape.of(1, 3), first.bytes())), Map.of());
        assertFails("tensors", infos.subList(0, 1), Map.of());
    }

    @Test
    void finds_a_tensor_without_a_hash_among_hashes() {
        var some = new HashMap<>(written.crc32c());
        some.remove(infos.getLast().name());
        assertFails(infos.getLast().name(), infos, some);
    }

    @Test
    void finds_bytes_too_many_and_too_few() throws Exception {
        var bytes = Files.readAllBytes(file);
        Files.write(file, java.util.Arrays.copyOf(bytes, bytes.length + 1));
        assertFails("-", infos, written.crc32c());
        Files.write(file, java.util.Arrays.copyOf(bytes, bytes.length - 1));
        assertFails("-", infos, written.crc32c());
    }

    private void check(List<TensorInfo> expected) throws CheckpointException {
        WrittenCheck.check(file, expected, written.crc32c(), Progress.NONE);
    }

    private List<TensorInfo> replaced(TensorInfo first) {
        var list = new ArrayList<>(infos);
        list.set(0, first);
        return list;
    }

    private void assertFails(String field, List<TensorInfo> expected, Map<String, Integer> crc32c) {
        assertThatThrownBy(() -> WrittenCheck.check(file, expected, crc32c, Progress.NONE))
                .isInstanceOfSatisfying(CheckpointException.class, e -> {
                    assertThat(e.code()).isEqualTo(Code.WRITE_FAILED);
                    assertThat(e.problem().field()).isEqualTo(field);
                });
    }
}
