package weft.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import java.util.zip.CRC32C;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CrcTest {
    @TempDir
    Path folder;

    @Test
    void gives_the_check_value_of_the_catalogue() {
        var nine = MemorySegment.ofArray("123456789".getBytes(StandardCharsets.US_ASCII));
        assertThat(Crc.crc32c().update(nine).value()).isEqualTo(0xe3069283);
        assertThat(Crc.crc32c().value()).isZero();
    }

    @Test
    void agrees_with_the_jdk_over_pieces_of_any_length() {
        var bytes = new byte[300_000];
        new Random(1).nextBytes(bytes);
        var jdk = new CRC32C();
        jdk.update(bytes);
        var all = MemorySegment.ofArray(bytes);
        for (int first : new int[]{0, 1, 65_535, 65_536, 65_537, 200_000, 300_000}) {
            assertThat(Crc.crc32c().update(all.asSlice(0, first)).update(all.asSlice(first)).value()).as("%d", first)
                    .isEqualTo((int) jdk.getValue());
        }
    }

    /** The JDK's own checksum of a mapped buffer ends the JVM here. */
    @Test
    void a_file_cut_behind_its_mapping_ends_in_changed() throws Exception {
        var file = Files.write(folder.resolve("cut"), new byte[1 << 20]);
        var source = SourceFile.open(file);
        var bytes = source.segment(0, source.size());
        try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(100);
        }
        assertThatThrownBy(() -> SourceFile.guarded(() -> Crc.crc32c().update(bytes).value()))
                .isInstanceOfSatisfying(CheckpointException.class, e -> assertThat(e.code()).isEqualTo(Code.CHANGED));
    }
}
