package weft.work;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

import weft.fuzz.Child;

/** A file cut short behind its mapping: on Linux and macOS whoever reads it is sent a signal that ends a process. */
class CutWhileMappedTest {
    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "Windows lets nobody cut a file that is mapped")
    void every_use_of_values_ends_in_changed_and_the_process_lives(@TempDir Path folder) throws Exception {
        var ended = Child.run(Child.command(List.of(), CutWhileMapped.class, folder));
        assertThat(ended.status()).as(ended.out()).isZero();
        var lines = ended.out().lines().filter(l -> l.contains(": ")).filter(l -> !l.startsWith("WARNING")).toList();
        assertThat(lines).as(ended.out()).hasSizeGreaterThanOrEqualTo(12).allMatch(l -> l.endsWith(": CHANGED"));
    }
}
