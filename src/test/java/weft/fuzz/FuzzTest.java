package weft.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A fixed number of mutations of every file Weft reads. {@link LongFuzzTest} goes on where this ends. */
class FuzzTest {
    private static final int SEEDS = Integer.getInteger("weft.fuzz", 10);

    @Test
    void nothing_but_a_refusal_escapes_a_mutated_file(@TempDir Path folder) throws Exception {
        var found = new ArrayList<Fuzz.Finding>();
        var fuzz = new Fuzz(folder);
        assertThat(fuzz.targets()).hasSizeGreaterThan(150);
        for (int seed = 0; seed < SEEDS; seed++) {
            for (var target : fuzz.targets()) {
                var finding = fuzz.attempt(target, seed);
                if (finding != null) {
                    found.add(finding);
                }
            }
        }
        assertThat(found).isEmpty();
    }
}
