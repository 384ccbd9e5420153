package weft.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;

/** What `weft` tells where there is no display, computed from the samples that ship. */
class StoryTest {
    private static final Path SAMPLES = Path.of("src/samples/shipped");

    private static String tell(Locale locale) {
        assumeTrue(Files.isDirectory(SAMPLES.resolve("openai-tf")), "the samples are not in this tree yet");
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        int status = Story.tell(SAMPLES, locale, new PrintStream(out, false, StandardCharsets.UTF_8),
                new PrintStream(err, false, StandardCharsets.UTF_8));
        assertThat(status).as(err.toString(StandardCharsets.UTF_8)).isZero();
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void tells_what_does_not_fit_the_rules_and_both_losses() {
        var story = tell(Locale.ENGLISH);
        assertThat(story).contains("[1, 128, 384]", "3 × [128, 128]", "hidden",
                "RuntimeError: Error(s) in loading state_dict for GPTModel:", "Missing key(s) in state_dict",
                "split 3 @0 => trf_blocks.{i}.att.W_query.weight", "Every effort moves you");
        var losses = Pattern.compile("loss ([0-9.]+) nat/token").matcher(story).results()
                .mapToDouble(r -> Double.parseDouble(r.group(1))).toArray();
        assertThat(losses).hasSize(3); // forced, with the rules, the trap
        assertThat(losses[0]).isGreaterThan(4);
        assertThat(losses[1]).isLessThan(0.5);
        assertThat(losses[2]).isGreaterThan(4);
    }

    @Test
    void tells_it_in_chinese() {
        assertThat(tell(Locale.SIMPLIFIED_CHINESE)).contains("哪里不合", "隐患", "加规则之后", "陷阱", "nat/词元");
    }
}
