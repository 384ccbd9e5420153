package weft.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The same for as long as {@code weft.fuzz.seconds} says (an hour unless told otherwise), from seed
 * {@code weft.fuzz.first} on, in a JVM of its own with a heap of 256 MB. {@code mvn -P fuzz verify} runs it.
 */
class LongFuzzTest {
    @Test
    @Tag("long")
    void an_hour_of_mutated_files_in_256_megabytes() throws Exception {
        long seconds = Long.getLong("weft.fuzz.seconds", 3600);
        var process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx256m",
                "--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow", "-cp", System.getProperty("java.class.path"),
                Fuzz.class.getName(), Long.toString(seconds), System.getProperty("weft.fuzz.first", "1000"))
                .redirectErrorStream(true).inheritIO().start();
        assertThat(process.waitFor(seconds + 600, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
    }
}
