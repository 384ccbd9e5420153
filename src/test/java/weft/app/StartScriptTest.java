package weft.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The start script, with JDKs that print how they were started instead of starting anything. */
@DisabledOnOs(OS.WINDOWS)
class StartScriptTest {
    @TempDir
    Path folder;

    private Path home;
    private Path script;

    @BeforeEach
    void copyTheScriptIntoATreeWithASpaceInItsName() throws IOException {
        home = Files.createDirectories(folder.resolve("home"));
        script = Files.createDirectories(folder.resolve("a tree/bin")).resolve("weft");
        Files.copy(Path.of("packaging/bin/weft"), script);
        Path lib = Files.createDirectories(folder.resolve("a tree/lib"));
        Files.createFile(lib.resolve("b.jar"));
        Files.createFile(lib.resolve("a.jar"));
    }

    @Test
    void takesTheNewestJdkOfTheUsualFolders() throws Exception {
        jdk(home.resolve(".jdks/nine"), "99.0.9");
        jdk(home.resolve(".jdks/ten"), "99.0.10");
        jdk(home.resolve(".sdkman/candidates/java/early"), "98-ea");
        assertThat(run(Map.of()).out()).first().isEqualTo("java 99.0.10");
    }

    @Test
    void prefersJavaHomeUnlessItIsTooOld() throws Exception {
        jdk(home.resolve(".jdks/other"), "99.0.1");
        Path old = jdk(folder.resolve("old"), "17.0.15");
        Path good = jdk(folder.resolve("good"), "25.0.1");
        assertThat(run(Map.of("JAVA_HOME", good.toString())).out()).first().isEqualTo("java 25.0.1");
        assertThat(run(Map.of("JAVA_HOME", old.toString())).out()).first().isEqualTo("java 99.0.1");
    }

    @Test
    void followsTheJavaOfThePath() throws Exception {
        jdk(folder.resolve("jdk with space"), "26.0.1");
        Path bin = Files.createDirectories(folder.resolve("links"));
        Files.createSymbolicLink(bin.resolve("java"), Path.of("../jdk with space/bin/java"));
        assertThat(run(Map.of("PATH", bin + ":" + toolsWithoutJava())).out()).first().isEqualTo("java 26.0.1");
        assertThat(run(Map.of("WEFT_JAVA", bin.resolve("java").toString())).out()).first().isEqualTo("java 26.0.1");
    }

    @Test
    void refusesAnOldJdkThatWasNamedOnPurpose() throws Exception {
        jdk(home.resolve(".jdks/other"), "99.0.1");
        Path old = jdk(folder.resolve("old"), "17.0.15");
        Run run = run(Map.of("WEFT_JAVA", old.toString()));
        assertThat(run.status()).isEqualTo(2);
        assertThat(run.out()).containsExactly("weft: WEFT_JAVA (" + old + ") is no JDK 25 or newer but 17.0.15.");
    }

    @Test
    void handsOverPathsArgumentsAndOptionsAsTheyAre() throws Exception {
        jdk(home.resolve(".jdks/other"), "99.0.1");
        Path link = Files.createSymbolicLink(folder.resolve("weft link"), Path.of("a tree/bin/weft"));
        Path root = folder.toRealPath().resolve("a tree");
        List<String> lines = run(link, Map.of("WEFT_JAVA_OPTS", "-Xmx128m -Da=*"), "inspect", "my model.pt", "h.*", "")
                .out();
        assertThat(lines).containsSubsequence("--module-path", root + "/lib/fx", "-Dweft.home=" + root, "-Xmx128m",
                "-Da=*", "-cp",
                root + "/lib/a.jar:" + root + "/lib/b.jar", "weft.app.Launcher", "inspect", "my model.pt", "h.*", "");
        assertThat(lines).doesNotContain("--sun-misc-unsafe-memory-access=allow");
    }

    @Test
    void takesAStartUpCacheWhereThereIsOne() throws Exception {
        jdk(home.resolve(".jdks/other"), "99.0.1");
        Path root = folder.toRealPath().resolve("a tree");
        assertThat(run(Map.of()).out()).noneMatch(line -> line.contains("AOTCache"));
        Files.createFile(root.resolve("lib/weft.aot"));
        assertThat(run(Map.of()).out()).contains("-XX:AOTCache=" + root + "/lib/weft.aot", "-Xlog:aot=off",
                "-XX:-AOTReplayTraining");
        assertThat(run(script, Map.of(), "inspect", "a.pt").out()).contains("-XX:AOTCache=" + root + "/lib/weft.aot")
                .doesNotContain("-XX:-AOTReplayTraining");
    }

    @Test
    void sparesTheSecondCompilerWhereNothingIsComputed() throws Exception {
        jdk(home.resolve(".jdks/other"), "99.0.1");
        assertThat(run(script, Map.of(), "inspect", "a.pt").out()).contains("-XX:TieredStopAtLevel=1");
        assertThat(run(script, Map.of(), "inspect", "a.pt", "--stats").out()).doesNotContain("-XX:TieredStopAtLevel=1");
        assertThat(run(script, Map.of(), "generate", "a").out()).doesNotContain("-XX:TieredStopAtLevel=1");
        assertThat(run(Map.of()).out()).doesNotContain("-XX:TieredStopAtLevel=1");
    }

    @Test
    void passesTheExitStatusOn() throws Exception {
        Path jdk = jdk(home.resolve(".jdks/other"), "99.0.1");
        executable(jdk.resolve("bin/java"), "exit 3");
        assertThat(run(Map.of()).status()).isEqualTo(3);
    }

    private record Run(int status, List<String> out) {}

    private Run run(Map<String, String> environment) throws Exception {
        return run(script, environment);
    }

    /** Runs the script with an environment that has only a home folder and the tools of the system, and no {@code java} before ours. */
    private Run run(Path file, Map<String, String> environment, String... arguments) throws Exception {
        Path out = folder.resolve("out.txt");
        List<String> command = Stream.concat(Stream.of("/bin/sh", file.toString()), Stream.of(arguments)).toList();
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(out.toFile());
        Map<String, String> variables = new HashMap<>(Map.of("PATH", toolsWithoutJava(), "HOME", home.toString()));
        variables.putAll(environment);
        builder.environment().clear();
        builder.environment().putAll(variables);
        Process process = builder.start();
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        return new Run(process.exitValue(), Files.readAllLines(out));
    }

    /** The two tools the script calls, without the java that lies beside them on many systems. */
    private String toolsWithoutJava() throws IOException {
        Path tools = Files.createDirectories(folder.resolve("tools"));
        for (String tool : List.of("dirname", "readlink")) {
            Path real = Stream.of("/usr/bin", "/bin").map(place -> Path.of(place, tool)).filter(Files::exists)
                    .findFirst().orElseThrow();
            executable(tools.resolve(tool), "exec " + real + " \"$@\"");
        }
        return tools.toString();
    }

    private static void executable(Path file, String commands) throws IOException {
        Files.writeString(file, "#!/bin/sh\n" + commands + "\n");
        assertThat(file.toFile().setExecutable(true)).isTrue();
    }

    private static Path jdk(Path place, String version) throws IOException {
        Path java = Files.createDirectories(place.resolve("bin")).resolve("java");
        executable(java, "echo 'java " + version + "'\nfor a in \"$@\"; do echo \"$a\"; done");
        Files.writeString(place.resolve("release"),
                "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"" + version + "\"\nJAVA_VERSION_DATE=\"2026\"\n");
        return place;
    }
}
