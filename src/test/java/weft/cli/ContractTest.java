package weft.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static weft.cli.Run.FIXTURES;
import static weft.cli.Run.weft;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every command of the contract with every key it promises, and what each does when it is used wrongly. */
class ContractTest {
    private static final Path TINY = FIXTURES.resolve("gpt2-tiny");
    private static final Path SAMPLE = Path.of("src/samples/shipped/hf");
    private static final String SUMMARY = "summary.fits summary.byRule summary.needsRule summary.mismatch summary.missing summary.unproven "
            + "summary.optional summary.unexpected summary.hidden";

    @TempDir
    static Path folder;

    /** A command line, its exit status, and the keys of its document; {@code x[].y} is y of every element of x. */
    static Stream<Arguments> documents() {
        return Stream.of(
                Arguments.of("inspect " + TINY.resolve("hf") + " --stats", 0,
                        "format dialect config totals.tensors totals.parameters totals.bytes totals.dtypes tensors[].name tensors[].dtype "
                                + "tensors[].shape tensors[].bytes tensors[].stats.min tensors[].stats.max tensors[].stats.mean "
                                + "tensors[].stats.std tensors[].stats.nan tensors[].stats.inf tensors[].stats.zeros metadata ignored warnings"),
                Arguments.of("diff " + TINY.resolve("openai-tf") + " --target gpt2/scratch-split", 1,
                        "source.format source.dialect source.tensors target.name target.parameters target.optional "
                                + SUMMARY
                                + " rows[].target rows[].targetShape rows[].sources rows[].sourceShapes rows[].status rows[].ops rows[].hidden "
                                + "rows[].evidence unexpected ignored config complete"),
                Arguments.of("suggest " + TINY.resolve("openai-tf") + " --target gpt2/scratch-split", 0,
                        "rules unresolved"),
                Arguments.of("convert " + TINY.resolve("openai-tf") + " --target gpt2/hf -o OUT/c.safetensors", 0,
                        "output format tensors bytes lossless sha256"),
                Arguments.of("generate " + SAMPLE + " --prompt Once --max-new-tokens 3", 0,
                        "text ids promptIds tokensPerSecond prefillTokensPerSecond loadMs"),
                Arguments.of("logits " + TINY.resolve("hf") + " --ids 1,2,3", 0, "top[].id top[].logit shape"),
                Arguments.of("verify " + TINY.resolve("hf") + " " + TINY.resolve("scratch-split"), 0,
                        "passed ladder[].step ladder[].passed ladder[].detail modules[].name modules[].maxAbs modules[].maxRel "
                                + "modules[].cosine modules[].alone"),
                Arguments.of("loss " + SAMPLE, 0, "loss perplexity tokens"),
                Arguments.of("explain " + FIXTURES.resolve("logs/torch-linear.txt"), 0,
                        "dialects findings[].parameter findings[].checkpointShape findings[].modelShape findings[].kind findings[].hidden "
                                + "findings[].advice rules"),
                Arguments.of("export " + TINY.resolve("hf") + " --target gpt2/scratch-split --as torch -o OUT/t.py", 0,
                        "output as"),
                Arguments.of("report " + TINY.resolve("hf") + " --target gpt2/scratch-split -o OUT/r.html", 0,
                        "output summary complete"),
                Arguments.of("repair OUT", 0, "leftovers"));
    }

    private static Run run(String line) {
        var arguments = new ArrayList<Object>(List.of(line.replace("OUT", folder.toString()).split(" ")));
        arguments.add("--json");
        return weft(arguments.toArray());
    }

    @ParameterizedTest
    @MethodSource
    void documents(String line, int status, String keys) {
        var run = run(line);
        assertThat(run.status()).as(run.out()).isEqualTo(status);
        for (var path : keys.split(" ")) {
            var parts = path.split("\\[]\\.", 2);
            if (parts.length == 1) {
                has(run.json(), path);
            } else {
                var list = run.json().get(parts[0]).list();
                assertThat(list).as(path).isNotEmpty();
                list.forEach(element -> has(element, parts[1]));
            }
        }
    }

    private static void has(Run.Node node, String path) {
        int cut = path.lastIndexOf('.');
        var owner = cut < 0 ? node : node.get(path.substring(0, cut));
        assertThat(owner.has(path.substring(cut + 1))).as(path).isTrue();
    }

    @Test
    void every_command_of_the_list_is_tried_here() {
        var tried = documents().map(a -> ((String) a.get()[0]).split(" ")[0]).toList();
        assertThat(tried).containsAll(Cli.commands());
    }

    @ParameterizedTest
    @ValueSource(strings = {"inspect", "diff", "suggest", "convert", "generate", "logits", "loss", "verify", "explain",
        "export", "report"})
    void wrong_usage_is_status_2_in_one_line_and_a_document(String command) {
        assertThat(weft(command).status()).isEqualTo(2);
        for (var language : List.of("en", "zh")) {
            var run = weft(command, "--no-such-option", "--lang", language);
            assertThat(run.status()).isEqualTo(2);
            assertThat(run.out()).isEmpty();
            assertThat(run.err().strip()).hasLineCount(1).doesNotContain("Exception", "\tat ");
        }
        var document = weft(command, "--no-such-option", "--json");
        assertThat(document.json().get("error.code").text()).isEqualTo("BAD_ARGUMENT");
        assertThat(document.json().get("error").keys()).contains("code", "message", "file", "offset", "hint");
    }

    @ParameterizedTest
    @ValueSource(strings = {"inspect FILE", "diff FILE --target gpt2/hf", "suggest FILE --target gpt2/hf",
        "convert FILE --target gpt2/hf -o OUT/x.pth",
        "generate FILE --prompt a", "logits FILE --ids 1", "loss FILE", "verify FILE FILE", "explain FILE",
        "export FILE --target gpt2/hf --as torch",
        "report FILE --target gpt2/hf -o OUT/none.html"})
    void a_file_that_is_not_there_is_status_3(String line) {
        var run = run(line.replace("FILE", folder.resolve("missing.safetensors").toString()));
        assertThat(run.status()).as(run.out()).isEqualTo(3);
        assertThat(run.json().get("error.code").text()).isEqualTo("NOT_READABLE");
    }

    @Test
    void a_target_nobody_knows_and_a_kind_nobody_exports_are_wrong_usage() {
        assertThat(weft("report", TINY.resolve("hf"), "--target", "gpt9/no", "-o", folder.resolve("a.html")).status())
                .isEqualTo(2);
        assertThat(weft("report", TINY.resolve("hf"), "--target", "gpt2/hf", "-o", folder.resolve("a.xyz")).status())
                .isEqualTo(2);
        assertThat(weft("report", TINY.resolve("hf"), "-o", folder.resolve("a.html")).status()).isEqualTo(2);
        assertThat(weft("export", TINY.resolve("hf"), "--target", "gpt2/hf", "--as", "cobol").status()).isEqualTo(2);
        assertThat(weft("export", TINY.resolve("hf"), "--as", "torch").status()).isEqualTo(2);
    }

    @Test
    void a_report_that_is_there_stays_and_a_folder_that_is_not_there_is_status_4() throws Exception {
        var file = Files.writeString(folder.resolve("mine.html"), "mine");
        assertThat(weft("report", TINY.resolve("hf"), "--target", "gpt2/hf", "-o", file).status()).isEqualTo(4);
        assertThat(file).hasContent("mine");
        assertThat(weft("report", TINY.resolve("hf"), "--target", "gpt2/hf", "-o", file, "--force").status()).isZero();
        assertThat(
                weft("report", TINY.resolve("hf"), "--target", "gpt2/hf", "-o", folder.resolve("none/r.html")).status())
                .isEqualTo(4);
    }

    @Test
    void help_names_every_option_in_both_languages() {
        for (var command : Cli.commands()) {
            for (var language : List.of("en", "zh")) {
                var run = weft(command, "--help", "--lang", language);
                assertThat(run.status()).isZero();
                assertThat(run.out()).contains("--json", "--lang").doesNotContain("??", "null");
                // An option whose line ends after its name, and that no deeper line follows, has nothing said of it.
                assertThat(run.out()).doesNotContainPattern("(?m)^ *(-\\w, )?--[a-z-]+(=\\S+)?$(?!\\R {20})");
            }
        }
    }
}
