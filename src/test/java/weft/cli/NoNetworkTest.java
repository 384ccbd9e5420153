package weft.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static weft.cli.Run.FIXTURES;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import jdk.jfr.consumer.RecordingFile;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import weft.fuzz.Child;

/**
 * No command opens a connection or starts a process: all are run once in one JVM, the story and the window in one of their
 * own, watched by the JVM's flight recorder, and, where {@code strace} is installed, by the system.
 */
class NoNetworkTest {
    private static final Path STRACE = Path.of("/usr/bin/strace");
    private static final List<String> EVENTS = List.of("jdk.SocketRead", "jdk.SocketWrite", "jdk.SocketConnect",
            "jdk.ProcessStart");

    @TempDir
    private Path folder;

    @Test
    void no_command_connects_or_starts_a_process() throws Exception {
        var hf = FIXTURES.resolve("gpt2-tiny/hf");
        var tf = FIXTURES.resolve("gpt2-tiny/openai-tf");
        var sample = Path.of(System.getProperty("weft.home", "target/weft"), "samples", "hf");
        var log = FIXTURES.resolve("logs/book-assign.txt");
        var commands = new ArrayList<List<Object>>(List.of(List.of("inspect", tf, "--stats"),
                List.of("inspect", FIXTURES.resolve("torch-misc/evil.pt")),
                List.of("inspect", FIXTURES.resolve("torch-misc/evil.pt"), "--instructions"),
                List.of("diff", tf, "--target", "gpt2/scratch-split"),
                List.of("suggest", tf, "--target", "gpt2/hf", "-o", folder.resolve("rules.json")),
                List.of("convert", tf, "--target", "gpt2/hf", "-o", folder.resolve("out") + "/"),
                List.of("logits", hf, "--ids", "1,2,3"), List.of("verify", hf, tf), List.of("repair", folder),
                List.of("explain", log),
                List.of("export", tf, "--target", "gpt2/hf", "--as", "torch", "-o", folder.resolve("convert.py")),
                List.of("report", tf, "--target", "gpt2/hf", "-o", folder.resolve("report.html"))));
        if (Files.isDirectory(sample)) {
            commands.add(List.of("generate", sample, "--prompt", "The", "--max-new-tokens", "3"));
            commands.add(List.of("loss", sample, "--text", Path.of("README.md")));
        }
        assertThat(commands.stream().map(c -> c.getFirst().toString())).as("a command without a run here")
                .containsAll(Cli.commands().stream()
                        .filter(c -> Files.isDirectory(sample) || !List.of("generate", "loss").contains(c)).toList());
        var words = new ArrayList<Object>();
        for (var command : commands) {
            words.addAll(command);
            words.add(All.NEXT);
        }
        var seen = watched(All.class, words);
        assertThat(seen.ended().out().lines().filter(l -> l.startsWith(All.NEXT))).hasSize(commands.size())
                .allMatch(l -> l.substring(All.NEXT.length()).matches("[0-3]"));
    }

    /** Without a display: the sample's story. And the window, with the sample open. */
    @ParameterizedTest
    @ValueSource(strings = {"", "--rehearse"})
    void neither_story_nor_window_connects_or_starts_a_process(String word) throws Exception {
        assumeThat(Path.of(System.getProperty("weft.home", "target/weft"), "samples", "hf")).isDirectory();
        var seen = watched(weft.app.Launcher.class, word.isEmpty() ? List.of() : List.of(word));
        assertThat(seen.ended().status()).as(seen.ended().out()).isBetween(0, 3);
    }

    /** Runs the command lines it is given, one after another, and says how each ended. */
    static final class All {
        static final String NEXT = "--next ";

        public static void main(String[] arguments) {
            var command = new ArrayList<String>();
            for (var word : arguments) {
                if (!word.equals(NEXT)) {
                    command.add(word);
                    continue;
                }
                System.out.println(
                        "\n" + NEXT + Cli.run("1.2.3", command.toArray(String[]::new), System.out, System.err));
                command.clear();
            }
        }
    }

    /** Does what no command may do. */
    static final class Culprit {
        public static void main(String[] arguments) throws Exception {
            new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-version").start()
                    .waitFor();
            try (var socket = new java.net.Socket()) {
                socket.connect(new java.net.InetSocketAddress(java.net.InetAddress.getLoopbackAddress(), 9), 1000);
            } catch (java.io.IOException e) {
                return; // nobody listens there
            }
        }
    }

    @Test
    void who_watches_sees_what_it_looks_for() throws Exception {
        var seen = watch(Culprit.class, List.of());
        assertThat(seen.events()).contains("jdk.ProcessStart");
        if (Files.isExecutable(STRACE)) {
            assertThat(seen.calls()).anyMatch(l -> l.contains("connect(") && l.contains("127.0.0.1"));
            assertThat(seen.calls().stream().filter(l -> l.contains("execve(")).count()).isGreaterThan(1);
        }
    }

    /** What was seen of a run: the recorder's events, the system's calls where {@code strace} is there. */
    private record Seen(Child.Ended ended, List<String> events, List<String> calls) {
    }

    private Seen watched(Class<?> main, List<Object> words) throws Exception {
        var seen = watch(main, words);
        assertThat(seen.events()).isEmpty();
        if (Files.isExecutable(STRACE)) {
            assertThat(seen.calls().stream().filter(l -> l.contains("execve"))).as("the JVM itself and no other")
                    .hasSize(1);
            // The C library may ask a local name service who the user is; nothing leaves the machine.
            assertThat(seen.calls().stream()
                    .filter(l -> l.contains("connect(") || l.contains("sendto(") || l.contains("bind("))
                    .filter(l -> !l.contains("AF_UNIX") && !l.contains("AF_LOCAL"))).isEmpty();
            assertThat(seen.calls().stream().filter(l -> l.contains("fork("))).isEmpty();
        }
        return seen;
    }

    private Seen watch(Class<?> main, List<Object> words) throws Exception {
        var recording = folder.resolve("run" + System.nanoTime() + ".jfr");
        var settings = Files.writeString(folder.resolve("watch.jfc"), settings());
        var command = new ArrayList<String>();
        var trace = folder.resolve("trace" + System.nanoTime());
        if (Files.isExecutable(STRACE)) {
            // stops a run at the watched calls only, not at every call
            command.addAll(List.of(STRACE.toString(), "-f", "--seccomp-bpf", "-qq", "-e",
                    "trace=network,execve,execveat,fork,vfork", "-o", trace.toString()));
        }
        command.addAll(Child.command(List.of("-XX:+UseSerialGC",
                "-XX:StartFlightRecording:filename=" + recording + ",settings=" + settings, "-Xlog:jfr*=off",
                "--add-exports=java.base/jdk.internal.module=ALL-UNNAMED", "-Dweft.home="
                        + System.getProperty("weft.home", "target/weft")),
                main, words.toArray()));
        var ended = Child.run(command);
        return new Seen(ended,
                RecordingFile.readAllEvents(recording).stream().map(e -> e.getEventType().getName())
                        .filter(EVENTS::contains).toList(),
                Files.exists(trace) ? Files.readAllLines(trace) : List.of());
    }

    private static String settings() {
        var text = new StringBuilder("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<configuration version=\"2.0\">\n");
        for (var event : EVENTS) {
            text.append("<event name=\"").append(event).append("\"><setting name=\"enabled\">true</setting>")
                    .append("<setting name=\"threshold\">0 ns</setting></event>\n");
        }
        return text.append("</configuration>\n").toString();
    }
}
