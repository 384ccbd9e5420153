package weft.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static weft.cli.Run.FIXTURES;
import static weft.cli.Run.weft;

import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Dialects that a person put into a folder. That one works from end to end, the dialects' page shows ({@code DocsTest}). */
class OwnDialectTest {
    private static final Path TINY = FIXTURES.resolve("gpt2-tiny/hf");

    @TempDir
    Path folder;

    @AfterEach
    void forget() {
        System.clearProperty("weft.dialects");
        System.clearProperty("weft.state");
    }

    private static String loom() throws Exception {
        return Files.readString(Path.of("src/test/resources/weft/arch/loom.json")).replace("gpt2/loom", "gpt2/shuttle")
                .replace("net/", "shuttle/");
    }

    @Test
    void the_settings_folder_has_one_for_them_and_a_change_in_it_is_seen_at_once() throws Exception {
        System.setProperty("weft.state", folder.toString());
        assertThat(weft("diff", TINY, "--target", "gpt2/shuttle").status()).isEqualTo(2);
        var file = Files.createDirectory(folder.resolve("dialects")).resolve("mine.json");
        Files.writeString(file, loom());
        var fits = weft("diff", TINY, "--target", "gpt2/shuttle", "--json");
        assertThat(fits.json().get("target.parameters").whole()).isEqualTo(28);
        Files.writeString(file, loom().replace("shuttle/tokens", "shuttle/words"));
        assertThat(weft("suggest", TINY, "--target", "gpt2/shuttle").out()).contains("shuttle/words");
        Files.delete(file);
        assertThat(weft("diff", TINY, "--target", "gpt2/shuttle").status()).isEqualTo(2);
    }

    @Test
    void a_family_of_its_own_may_stand_in_a_file_behind_its_dialect() throws Exception {
        System.setProperty("weft.dialects", folder.toString());
        var family = Files.readString(Path.of("src/main/resources/weft/arch/gpt2/family.json"))
                .replace("\"family\": \"gpt2\"", "\"family\": \"woven\"");
        Files.writeString(folder.resolve("z-family.json"), family);
        Files.writeString(folder.resolve("a-dialect.json"),
                loom().replace("gpt2/shuttle", "woven/shuttle").replace("\"family\": \"gpt2\"",
                        "\"family\": \"woven\""));
        assertThat(weft("diff", TINY, "--target", "woven/shuttle").err()).doesNotContain("BAD", "woven/shuttle");
    }

    @Test
    void what_is_wrong_with_a_file_is_said_with_its_place() throws Exception {
        System.setProperty("weft.dialects", folder.toString());
        var file = Files.writeString(folder.resolve("mine.json"), loom().replace("\"title\"", "\"titel\""));
        var unknown = weft("inspect", TINY, "--json");
        assertThat(unknown.status()).isEqualTo(3);
        assertThat(unknown.json().get("error.code").text()).isEqualTo("BAD_DIALECT");
        assertThat(unknown.json().get("error.file").text()).isEqualTo(file.toString());
        assertThat(unknown.json().get("error.found").text()).isEqualTo("titel");
        Files.writeString(file, loom().replace("\"role\": \"embed.tokens\"", "\"role\": \"embed.wrong\""));
        var role = weft("inspect", TINY, "--json").json();
        assertThat(role.get("error.field").text()).isEqualTo("tensors[0].role");
        assertThat(role.get("error.expected").text()).startsWith("embed.tokens | embed.positions");
        Files.writeString(file, loom().replace("\"layout\": \"d v\"", "\"layout\": \"dd v\""));
        var axis = weft("inspect", TINY, "--json").json();
        assertThat(axis.get("error.field").text()).isEqualTo("tensors[0].layout");
        assertThat(axis.get("error.expected").text()).isEqualTo("v, d");
        Files.writeString(file, loom().replace("\"layout\": \"d v\"", "\"layout\": \"d [v\""));
        assertThat(weft("inspect", TINY).err()).contains("mine.json", "d [v").hasLineCount(1);
        Files.writeString(file, "{\"dialect\": ");
        assertThat(weft("inspect", TINY).status()).isEqualTo(3);
    }

    @Test
    void a_place_that_is_named_has_to_be_there() {
        System.setProperty("weft.dialects", folder.resolve("nowhere").toString());
        var run = weft("inspect", TINY, "--json");
        assertThat(run.status()).isEqualTo(3);
        assertThat(run.json().get("error.code").text()).isEqualTo("NOT_READABLE");
    }
}
