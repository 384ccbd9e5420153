package weft.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;

import org.junit.jupiter.api.Test;

import weft.io.Code;
import weft.io.Problem;
import weft.io.Progress;
import weft.tensor.TensorSource;

class CheckpointTest {
    private static final Path FOLDER = Path.of("src/test/resources/fixtures/torch-containers");

    @Test
    void a_checksum_casts_doubt_on_its_tensor_or_naming_none_on_all() throws Exception {
        var opened = Formats.open(FOLDER.resolve("two-parts.pt"), Progress.NONE);
        var names = opened.tensors().stream().map(TensorSource::name).toList();
        assertThat(names).hasSizeGreaterThan(1).allMatch(n -> opened.doubt(n).isEmpty());
        var wrong = Problem.of(Code.CRC).found("00000001").expected("00000002");
        var one = opened.withWarnings(java.util.List.of(wrong.field(names.getFirst())));
        assertThat(one.doubt(names.getFirst())).isPresent();
        assertThat(one.doubt(names.get(1))).isEmpty();
        var all = opened.withWarnings(java.util.List.of(wrong.field("two-parts/data.pkl")));
        assertThat(names).allMatch(n -> all.doubt(n).isPresent());
        var other = opened.withWarnings(java.util.List.of(Problem.of(Code.TRAILING_BYTES).field(names.getFirst())));
        assertThat(other.doubt(names.getFirst())).isEmpty();
    }

    @Test
    void a_file_saved_without_checksums_is_not_in_doubt() throws Exception {
        var opened = Formats.open(FOLDER.resolve("no-crc.pt"), Progress.NONE);
        assertThat(opened.warnings()).extracting(Problem::code).containsExactly(Code.CRC);
        assertThat(opened.tensors()).isNotEmpty().allMatch(t -> opened.doubt(t.name()).isEmpty());
    }
}
