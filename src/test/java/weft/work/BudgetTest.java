package weft.work;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;

import weft.fuzz.Child;

/** Decision 9 of the hazards: any file of the corpora opens in 256 MB, and leaves nothing open. */
class BudgetTest {
    private static final Pattern RESULT = Pattern
            .compile("(\\d+) of (\\d+) opened, open files (-?\\d+) then (-?\\d+), heap (\\d+) MB");

    @Test
    void everything_opens_in_256_megabytes_of_one_process_and_leaves_no_file_open() throws Exception {
        var folders = new ArrayList<Object>(List.of("src/test/resources/fixtures"));
        var real = System.getProperty("weft.real", "");
        if (!real.isEmpty() && Files.isDirectory(Path.of(real))) {
            folders.add(real);
        }
        var ended = Child.run(Child.command(List.of("-Xmx256m"), OpenEverything.class, folders.toArray()));
        assertThat(ended.status()).as(ended.out()).isZero();
        var result = RESULT.matcher(ended.out());
        assertThat(result.find()).as(ended.out()).isTrue();
        assertThat(Integer.parseInt(result.group(1))).isGreaterThan(100);
        assertThat(Integer.parseInt(result.group(5))).isLessThanOrEqualTo(256);
        assertThat(result.group(4)).as(ended.out()).isEqualTo(result.group(3));
    }
}
