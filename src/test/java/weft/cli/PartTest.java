package weft.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static weft.cli.Run.FIXTURES;
import static weft.cli.Run.weft;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeMap;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code convert --part}: the parts together are what one run writes, byte for byte. */
class PartTest {
    private static final Path SOURCE = FIXTURES.resolve("gpt2-tiny/openai-tf");

    @TempDir
    Path folder;

    private static TreeMap<String, String> content(Path folder) throws Exception {
        var content = new TreeMap<String, String>();
        try (var files = Files.list(folder)) {
            for (var file : files.toList()) {
                content.put(file.getFileName().toString(),
                        java.util.HexFormat.of().formatHex(Files.readAllBytes(file)));
            }
        }
        return content;
    }

    private static Run convert(Path out, String part) {
        return part == null
                ? weft("convert", SOURCE, "--target", "gpt2/hf", "-o", out + "/", "--shard-size", "9kB", "--json")
                : weft("convert", SOURCE, "--target", "gpt2/hf", "-o", out + "/", "--shard-size", "9kB", "--part", part,
                        "--json");
    }

    @ParameterizedTest
    @CsvSource({"1", "2", "3", "5", "40"})
    void the_parts_together_are_what_one_run_writes(int n) throws Exception {
        var whole = folder.resolve("whole");
        assertThat(convert(whole, null).status()).isZero();
        assertThat(content(whole).keySet()).hasSizeGreaterThan(6).contains("model.safetensors.index.json",
                "config.json");
        var parts = folder.resolve("parts" + n);
        long tensors = 0;
        for (int k = n; k >= 1; k--) { // in any order
            var run = convert(parts, k + "/" + n);
            assertThat(run.status()).as("%s", run.out()).isZero();
            tensors += run.json().get("tensors").whole();
            boolean hasIndex = Files.exists(parts.resolve("model.safetensors.index.json"));
            assertThat(hasIndex).as("part 1 writes the index").isEqualTo(k == 1);
        }
        assertThat(tensors).isEqualTo(28);
        assertThat(content(parts)).isEqualTo(content(whole));
    }

    @Test
    void a_part_that_is_there_is_not_overwritten_without_force() {
        var out = folder.resolve("twice");
        assertThat(convert(out, "2/3").status()).isZero();
        var again = convert(out, "2/3");
        assertThat(again.status()).isEqualTo(4);
        assertThat(again.json().get("error.code").text()).isEqualTo("EXISTS");
        assertThat(convert(out, "1/3").status()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0/3", "4/3", "1", "a/b", "1/0", "-1/3", "1/99999999"})
    void a_part_that_is_none_is_wrong_usage(String part) {
        assertThat(convert(folder.resolve("none"), part).status()).isEqualTo(2);
        assertThat(folder.resolve("none")).doesNotExist();
    }

    @Test
    void parts_are_of_shards() {
        var run = weft("convert", SOURCE, "--target", "gpt2/hf", "-o", folder.resolve("x.safetensors"), "--part",
                "1/2");
        assertThat(run.status()).isEqualTo(2);
        assertThat(run.err()).contains("--shard-size");
    }

    @Test
    void a_single_file_is_the_first_part() throws Exception {
        for (int k = 1; k <= 3; k++) {
            assertThat(weft("convert", SOURCE, "--target", "gpt2/hf", "-o", folder.resolve("one.safetensors"),
                    "--shard-size", "1GB",
                    "--part", k + "/3", "--json").status()).isZero();
        }
        assertThat(weft("convert", SOURCE, "--target", "gpt2/hf", "-o", folder.resolve("other.safetensors"), "--json")
                .status())
                .isZero();
        assertThat(Files.readAllBytes(folder.resolve("one.safetensors")))
                .isEqualTo(Files.readAllBytes(folder.resolve("other.safetensors")));
    }
}
