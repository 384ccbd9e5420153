package weft.ui;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import javafx.animation.AnimationTimer;
import javafx.application.Application;
import javafx.application.Platform;
import javafx.scene.Scene;
import javafx.stage.Stage;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * From the start of a process to the second frame of the start screen, in processes of their own. It prints the median and
 * the time its threads computed, which a busy machine changes less; the number is judged by whoever reads it, not by the
 * test.
 */
@Tag("bench")
class FirstPaintBenchTest {
    private static final int RUNS = 5;

    /** Starts it: Java wants a main class that is no {@link Application} where JavaFX lies on the class path. */
    public static final class Start {
        private Start() {
        }

        public static void main(String[] args) {
            Application.launch(Paint.class, args);
        }
    }

    /** The measured process: opens the start screen, prints the milliseconds since it began, and ends. */
    public static final class Paint extends Application {
        @Override
        public void start(Stage stage) {
            stage.setScene(new Scene(WeftWindow.view(Locale.ENGLISH), 1440, 900));
            stage.show();
            new AnimationTimer() {
                private int frames;

                @Override
                public void handle(long now) {
                    if (++frames == 2) {
                        long began = ProcessHandle.current().info().startInstant().orElseThrow().toEpochMilli();
                        System.out.println("painted " + (System.currentTimeMillis() - began));
                        System.out.println("computed "
                                + ProcessHandle.current().info().totalCpuDuration().orElseThrow().toMillis());
                        Platform.exit();
                    }
                }
            }.start();
        }
    }

    @Test
    void the_start_screen_is_painted() throws Exception {
        var times = new ArrayList<Long>();
        var computed = new ArrayList<Long>();
        for (int i = 0; i < RUNS; i++) {
            var command = List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Dglass.platform=" + System.getProperty("glass.platform", "Headless"), "-Dprism.order=sw",
                    "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow", "-cp",
                    System.getProperty("java.class.path").replace(File.pathSeparator + File.pathSeparator,
                            File.pathSeparator),
                    Start.class.getName());
            var process = new ProcessBuilder(command).redirectErrorStream(true).start();
            var said = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            said.lines().filter(l -> l.startsWith("computed ")).map(l -> Long.valueOf(l.substring(9)))
                    .forEach(computed::add);
            times.add(said.lines().filter(l -> l.startsWith("painted ")).map(l -> Long.valueOf(l.substring(8)))
                    .findFirst().orElseThrow(() -> new AssertionError(said)));
        }
        var sorted = times.stream().sorted().toList();
        System.out.printf(Locale.ROOT, "window/first-paint runs=%d median=%d ms best=%d ms computed=%d ms%n", RUNS,
                sorted.get(RUNS / 2), sorted.getFirst(), computed.stream().sorted().toList().get(RUNS / 2));
        assertThat(sorted).hasSize(RUNS);
    }
}
