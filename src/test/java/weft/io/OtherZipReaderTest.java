package weft.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import org.apache.commons.compress.archivers.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import weft.format.Formats;
import weft.tensor.TensorSource;

/** Archives as commons-compress sees them: the same entries at the same places with the same bytes. */
class OtherZipReaderTest {
    private static final Path FIXTURES = Path.of("src/test/resources/fixtures");

    static List<Path> archives() throws Exception {
        try (var files = Files.walk(FIXTURES)) {
            return files.filter(Files::isRegularFile).filter(OtherZipReaderTest::opens).sorted().toList();
        }
    }

    /** Some fixtures are broken on purpose; what Weft refuses isn't compared. */
    private static boolean opens(Path file) {
        try {
            var head = Files.readAllBytes(file);
            if (head.length < 4 || head[0] != 'P' || head[1] != 'K') { return false; }
            return ZipDirectory.read(SourceFile.open(file)).warnings().isEmpty();
        } catch (java.io.IOException | CheckpointException e) {
            return false;
        }
    }

    @ParameterizedTest
    @MethodSource("archives")
    void both_see_the_same_entries(Path file) throws Exception {
        compare(file);
    }

    @Test
    void what_weft_writes_the_other_reads(@TempDir Path folder) throws Exception {
        List<TensorSource> tensors = Formats.open(FIXTURES.resolve("gpt2-tiny/hf"), Progress.NONE).tensors();
        for (var name : List.of("a.pt", "a.npz")) {
            var format = Formats.byId(name.endsWith(".pt") ? "torch" : "numpy").orElseThrow();
            format.writer().orElseThrow().write(folder.resolve(name), tensors, Map.of(), true, Progress.NONE);
            assertThat(compare(folder.resolve(name))).isGreaterThanOrEqualTo(tensors.size());
        }
    }

    private static int compare(Path file) throws Exception {
        var ours = ZipDirectory.read(SourceFile.open(file));
        try (var theirs = ZipFile.builder().setPath(file).get()) {
            var entries = java.util.Collections.list(theirs.getEntriesInPhysicalOrder());
            assertThat(entries).extracting(e -> e.getName()).containsExactlyInAnyOrderElementsOf(
                    Stream.of(ours.entries()).flatMap(List::stream).map(ZipDirectory.Entry::name).toList());
            for (var entry : entries) {
                var mine = ours.entry(entry.getName());
                assertThat(mine).isNotNull();
                assertThat(mine.size()).isEqualTo(entry.getSize());
                assertThat(mine.offset()).isEqualTo(entry.getDataOffset());
                assertThat(mine.crc()).isEqualTo(entry.getCrc());
                try (var stream = theirs.getInputStream(entry)) {
                    var bytes = stream.readAllBytes(); // commons-compress compares the checksum
                    assertThat(ours.segment(mine).mismatch(MemorySegment.ofArray(bytes))).isEqualTo(-1);
                }
            }
            return entries.size();
        }
    }
}
