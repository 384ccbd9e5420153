package weft.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static weft.cli.Run.FIXTURES;
import static weft.cli.Run.weft;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What somebody reads who mistyped something. */
class UsageTest {
    private static final String TINY = FIXTURES.resolve("gpt2-tiny/hf").toString();

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({"insepct TINY, inspect", "Inspect TINY, inspect", "converts TINY, convert", "--hepl, --help",
        "inspect TINY --stat, --stats", "diff TINY --targte gpt2/hf, --target", "diff TINY --targte=gpt2/hf, --target",
        "inspect TINY --Json, --json"})
    void a_misspelt_word_is_answered_with_the_one_that_was_meant(String line, String meant) {
        var run = weft((Object[]) line.replace("TINY", TINY).split(" "));
        assertThat(run.status()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
        assertThat(run.err().strip()).hasLineCount(1).contains(meant + " is probably meant", "--help");
    }

    @Test
    void a_word_like_no_other_is_answered_with_all_there_are() {
        assertThat(weft("sing").err()).contains("sing", "inspect", "convert", "repair");
        assertThat(weft("inspect", TINY, "--quiet").err()).contains("--quiet", "--stats", "--grep");
    }

    @Test
    void a_file_without_a_command_is_answered_with_one() {
        assertThat(weft(TINY).err()).contains("weft inspect " + TINY);
        assertThat(weft(TINY, "--json").json().get("error.code").text()).isEqualTo("BAD_ARGUMENT");
        var run = weft("no/such/model.safetensors");
        assertThat(run.status()).isEqualTo(3);
        assertThat(run.err()).contains("no/such/model.safetensors", "no such file");
    }

    @ParameterizedTest
    @CsvSource({"onnx", "flax"})
    void a_format_that_is_only_read_is_said_to_be_read(String format) {
        var run = weft("convert", TINY, "--target", "gpt2/hf", "--to", format, "-o", folder.resolve("model.out"));
        assertThat(run.status()).isEqualTo(2);
        assertThat(run.err()).contains("reads " + format, "does not write it", "safetensors");
        assertThat(folder).isEmptyDirectory();
        assertThat(weft("convert", TINY, "--target", "gpt2/hf", "--to", "pickles", "-o", folder.resolve("model.out"))
                .err()).contains("does not know this format (pickles)");
    }

    @Test
    void a_format_is_known_by_its_ending_too() {
        var run = weft("convert", TINY, "--target", "gpt2/hf", "-o", folder.resolve("model.onnx"));
        assertThat(run.status()).isEqualTo(2);
        assertThat(run.err()).contains("reads onnx", "does not write it");
    }

    /** The contract lets the target's framework decide; that it did is said, where the name seemed to. */
    @ParameterizedTest
    @CsvSource({"model.xyz, true", "model.ckpt, false", "model.ckpt-1000, false", "model, false", "v1.5, false",
        "model.safetensors, false"})
    void an_ending_that_says_no_format_is_told(String name, boolean told) {
        for (var language : new String[]{"en", "zh"}) {
            var run = weft("convert", TINY, "--target", "gpt2/hf", "-o", folder.resolve(name), "--force", "--lang",
                    language);
            assertThat(run.status()).as(run.err()).isZero();
            assertThat(run.err().contains("--to")).as(run.err()).isEqualTo(told);
            if (told) {
                assertThat(run.err()).contains(".xyz", "safetensors");
            }
        }
        assertThat(weft("convert", TINY, "--target", "gpt2/hf", "--to", "safetensors", "-o", folder.resolve(name),
                "--force").err()).isEmpty();
    }

    @Test
    void what_a_format_cannot_hold_is_said_of_the_format_and_not_of_the_file() throws IOException {
        var header = "{\"a\":{\"dtype\":\"F32\",\"shape\":[1,1,1,1,1],\"data_offsets\":[0,4]}}".getBytes(
                StandardCharsets.UTF_8);
        var bytes = ByteBuffer.allocate(8 + header.length + 4).order(ByteOrder.LITTLE_ENDIAN).putLong(header.length)
                .put(header).putFloat(1);
        var source = Files.write(folder.resolve("five.safetensors"), bytes.array());
        var rules = Files.writeString(folder.resolve("same.weft"), "a => b\n");
        var run = weft("convert", source, "--rules", rules, "--to", "gguf", "-o", folder.resolve("model.gguf"));
        assertThat(run.status()).isEqualTo(2);
        assertThat(run.err()).contains("This format can't hold it", "5 dims", "4 dims", "--to safetensors");
    }

    @ParameterizedTest
    @CsvSource({"generate TINY, --prompt is missing", "verify TINY, B is missing", "inspect, PATH is missing",
        "diff TINY, --target is missing", "convert TINY --target gpt2/hf, -o"})
    void what_is_missing_is_named(String line, String said) {
        var run = weft((Object[]) line.replace("TINY", TINY).split(" "));
        assertThat(run.status()).isEqualTo(2);
        assertThat(run.err().strip()).hasLineCount(1).contains(said).doesNotContain(" is ,", "….");
    }

    @Test
    void a_long_list_of_names_ends_with_how_many_more_there_are() {
        var run = weft("convert", FIXTURES.resolve("gpt2-tiny/openai-tf"), "--target", "gpt2/hf", "--only", "*ln_f*",
                "-o",
                folder.resolve("model.pt"));
        assertThat(run.status()).as(run.err()).isZero();
        assertThat(run.err() + run.out()).contains(" more.").doesNotContain("…, …", ", …");
    }
}
