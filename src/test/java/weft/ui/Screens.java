package weft.ui;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import javafx.embed.swing.SwingFXUtils;
import javafx.scene.Scene;

import javax.imageio.ImageIO;

import org.testfx.util.WaitForAsyncUtils;

import weft.ui.model.Session;
import weft.ui.model.Tasks;

/** Pictures of the window: a scene larger than the headless screen, without a stage. */
final class Screens {
    static final Path FOLDER = Path.of("target/gallery");

    private Screens() {
    }

    /** A window's content whose work is done at once, on the thread that asks. */
    static MainView view(Locale locale, boolean dark) {
        return view(locale, dark, Desk.none());
    }

    private static MainView view(Locale locale, boolean dark, Desk desk) {
        var session = new Session(new Tasks(Runnable::run, Runnable::run), locale);
        session.dark().set(dark);
        return new MainView(session, desk);
    }

    static Path fixture(String name) {
        return Path.of("src/test/resources/fixtures", name);
    }

    /** Takes a picture of what {@code state} brings about. */
    static Path take(String what, Locale locale, boolean dark, double width, double height, Consumer<MainView> state) {
        return take(what, locale, dark, Desk.none(), width, height, state);
    }

    static Path take(String what, Locale locale, boolean dark, Desk desk, double width, double height,
            Consumer<MainView> state) {
        var file = FOLDER.resolve(
                what + "-" + (locale.getLanguage().equals("zh") ? "zh" : "en") + "-" + (dark ? "dark" : "light")
                        + ".png");
        try {
            WaitForAsyncUtils.waitFor(60, TimeUnit.SECONDS, WaitForAsyncUtils.asyncFx(() -> {
                var view = view(locale, dark, desk);
                var scene = new Scene(view, width, height);
                state.accept(view);
                settle(view, width, height);
                Files.createDirectories(FOLDER);
                var image = scene.snapshot(null);
                ImageIO.write(SwingFXUtils.fromFXImage(image, null), "png", file.toFile());
                return true;
            }));
        } catch (TimeoutException e) {
            throw new IllegalStateException(what, e);
        }
        return file;
    }

    /** Style and layout until nothing moves: cells come into being while their list is laid out. */
    static void settle(MainView view, double width, double height) {
        view.resize(width, height);
        for (int i = 0; i < 4; i++) {
            view.applyCss();
            view.layout();
        }
    }

    static void save(Scene scene, String name) {
        try {
            Files.createDirectories(FOLDER);
            ImageIO.write(SwingFXUtils.fromFXImage(scene.snapshot(null), null), "png",
                    FOLDER.resolve(name + ".png").toFile());
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
