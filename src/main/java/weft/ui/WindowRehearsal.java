package weft.ui;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import javafx.animation.AnimationTimer;
import javafx.application.Application;
import javafx.application.Platform;
import javafx.scene.Scene;
import javafx.stage.Stage;

/**
 * Opens the window where nobody sees it, shows the start screen and then the sample, and closes it: the JDK records what
 * that takes, for the start-up cache. It remembers nothing and asks nobody.
 */
public final class WindowRehearsal extends Application {
    /** What a real screen takes and the one without doesn't: the window system's side, and painting with a graphics card. */
    private static final List<String> SCREEN = List.of("com/sun/glass/ui/gtk/", "com/sun/glass/ui/win/",
            "com/sun/glass/ui/mac/", "com/sun/prism/es2/", "com/sun/prism/d3d/");
    private static final long LONGEST = TimeUnit.SECONDS.toNanos(30);
    /** Frames in which what was changed comes to rest. */
    private static final int FRAMES = 20;

    /** Does it, and returns when the window is closed. */
    public static void run() {
        System.setProperty("glass.platform", "Headless");
        System.setProperty("prism.order", "sw");
        launch(WindowRehearsal.class);
        screens();
    }

    @Override
    public void start(Stage stage) {
        var view = WeftWindow.view(Locale.getDefault());
        stage.setScene(new Scene(view, 1440, 900));
        stage.show();
        new AnimationTimer() {
            private final long began = System.nanoTime();
            private int frame;

            @Override
            public void handle(long now) {
                frame++;
                if (frame == FRAMES) {
                    view.session().openSample();
                } else if (frame > FRAMES && view.session().lines().get().isEmpty()) {
                    frame = FRAMES + 1; // not open yet
                } else if (frame == 2 * FRAMES) {
                    view.session().acceptAll();
                }
                if (frame == 3 * FRAMES || System.nanoTime() - began > LONGEST) {
                    stop();
                    Platform.exit();
                }
            }
        }.start();
    }

    /** Finds those classes without running any of their code: their libraries belong to another kind of screen. */
    private static void screens() {
        var graphics = ModuleLayer.boot().findModule("javafx.graphics").orElse(null);
        if (graphics == null) { return; }
        var found = ModuleLayer.boot().configuration().findModule(graphics.getName()).orElseThrow().reference();
        try (var reader = found.open(); var names = reader.list()) {
            names.filter(n -> n.endsWith(".class") && SCREEN.stream().anyMatch(n::startsWith)).forEach(
                    n -> Class.forName(graphics, n.replace(".class", "").replace('/', '.')));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
