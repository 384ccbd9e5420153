package weft.ui;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;

import weft.fuzz.Child;

/** The window's model opens any file of the corpora in 256 MB, and holds nothing of what was closed. */
class WindowBudgetTest {
    private static final Pattern RESULT = Pattern.compile(
            "(\\d+) of (\\d+) opened, open files (-?\\d+) then (-?\\d+), (\\d+) still held, heap (\\d+) MB");

    @Test
    void everything_opens_in_one_window_of_256_megabytes_and_nothing_of_it_stays() throws Exception {
        var folders = new ArrayList<Object>(List.of("src/test/resources/fixtures"));
        var real = System.getProperty("weft.real", "");
        if (!real.isEmpty() && Files.isDirectory(Path.of(real))) {
            folders.add(real);
        }
        var ended = Child.run(Child.command(List.of("-Xmx256m"), OpenEverythingInWindow.class, folders.toArray()));
        assertThat(ended.status()).as(ended.out()).isZero();
        var result = RESULT.matcher(ended.out());
        assertThat(result.find()).as(ended.out()).isTrue();
        assertThat(Integer.parseInt(result.group(1))).isGreaterThan(100);
        assertThat(Integer.parseInt(result.group(6))).isLessThanOrEqualTo(256);
        assertThat(result.group(4)).as(ended.out()).isEqualTo(result.group(3));
        // The last one may stand in the history still: undo after closing is no feature, but one isn't a leak.
        assertThat(Integer.parseInt(result.group(5))).as(ended.out()).isLessThanOrEqualTo(1);
    }
}
