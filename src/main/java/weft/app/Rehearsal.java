package weft.app;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;

import weft.cli.Cli;
import weft.ui.WindowRehearsal;

/**
 * Walks through the commands and the window once, on the samples, with nobody looking: the JDK records which classes that takes and how
 * often what runs, and later starts begin from there ({@code packaging/start-up-cache.sh}). Nothing here computes: a cache
 * can't hold classes of the Vector API, which is loaded late.
 */
final class Rehearsal {
    private Rehearsal() {
    }

    /** @param home the runnable tree, with its samples */
    static int run(String version, Path home) throws IOException {
        var sink = new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
        var samples = home.resolve("samples");
        var source = samples.resolve("openai-tf").toString();
        var other = samples.resolve("hf").toString();
        var room = Files.createTempDirectory("weft-rehearsal");
        try {
            var target = room.resolve("model.pt").toString();
            var commands = List.of(List.of("--version"), List.of("--help"), List.of("inspect", source),
                    List.of("inspect", other, "--json", "--stats"),
                    List.of("diff", source, "--target", "gpt2/scratch-split"),
                    List.of("diff", other, "--target", "gpt2/hf-linear", "--json", "--lang", "zh"),
                    List.of("suggest", source, "--target", "gpt2/hf"),
                    List.of("convert", source, "--target", "gpt2/scratch-split", "-o", target),
                    List.of("inspect", target));
            int status = 0;
            for (var command : commands) {
                status |= Cli.run(version, command.toArray(String[]::new), sink, sink);
            }
            window();
            return status & ~1; // 1 is an answer, such as "doesn't fit"
        } finally {
            try (var files = Files.walk(room)) {
                for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    /** Where the system can't lay out text there is no window; the commands' part of the cache is worth having all the same. */
    private static void window() {
        try {
            WindowRehearsal.run();
        } catch (RuntimeException | LinkageError e) {
            System.err.println("no window was rehearsed: " + e);
        }
    }
}
