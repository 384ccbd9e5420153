package weft.ui;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Executors;
import javafx.application.Application;
import javafx.application.Platform;
import javafx.scene.Scene;
import javafx.scene.image.Image;
import javafx.stage.Screen;
import javafx.stage.Stage;
import javafx.stage.Window;

import org.jspecify.annotations.Nullable;

import weft.text.Texts;
import weft.ui.model.Session;
import weft.ui.model.Tasks;
import weft.ui.state.Store;
import weft.work.Workspace;

/** The window. {@code --sample} opens the built-in sample; a path is opened; with neither, the start screen shows. */
public final class WeftWindow extends Application {
    private static final String NAME = "Weft";
    /** How far a further window stands from the one before. */
    private static final double ASIDE = 32;
    /** In pixels: systems take the next larger one for title bar, task bar and switcher. */
    private static final List<Integer> ICONS = List.of(16, 24, 32, 48, 64, 128, 256);
    private @Nullable Desk desk;
    private final Store store = Store.user();

    /** Opens the window and returns when the last one is closed. @param args {@code [--sample] [--lang en|zh] [--dark] [PATH]} */
    public static void open(String... args) {
        // The words are read while JavaFX starts.
        Thread.ofPlatform().daemon().name("weft-words").start(() -> Texts.of(Locale.getDefault()).with("window"));
        Application.launch(WeftWindow.class, args);
    }

    @Override
    public void start(Stage stage) {
        var named = getParameters().getNamed().get("lang");
        var unnamed = getParameters().getUnnamed();
        int at = unnamed.indexOf("--lang");
        var wanted = named != null ? named : at >= 0 && at + 1 < unnamed.size() ? unnamed.get(at + 1) : null;
        var shared = Desk.of(store, () -> {
        });
        desk = shared.with(() -> {
            var other = new Stage();
            // beside the one it was opened from, and in its language
            var from = Window.getWindows().stream().filter(Window::isFocused).findFirst().orElse(null);
            window(other, from != null && from.getScene().getRoot() instanceof MainView view
                    ? view.session().texts().get().locale()
                    : null);
            if (from != null) {
                other.setX(from.getX() + ASIDE);
                other.setY(from.getY() + ASIDE);
            }
            other.show();
        });
        var view = window(stage, wanted == null ? null : Locale.forLanguageTag(wanted));
        if (unnamed.contains("--dark")) {
            view.session().dark().set(true);
        }
        // Read beside the window's thread while that lays out and paints for the first time.
        path(unnamed, at).ifPresentOrElse(view::openOrTeach, () -> {
            if (unnamed.contains("--sample")) {
                view.session().openSample();
            }
        });
        stage.show();
    }

    /** The last window is closed; what it was like is still being written. */
    @Override
    public void stop() {
        store.flush();
    }

    private static java.util.Optional<Path> path(List<String> unnamed, int lang) {
        return unnamed.stream()
                .filter(a -> !a.startsWith("--")
                        && (lang < 0 || lang + 1 >= unnamed.size() || !a.equals(unnamed.get(lang + 1))))
                .findFirst().map(Path::of);
    }

    /** Fills a stage. @param wanted a language asked for, or {@code null} for what was set or the system's */
    private MainView window(Stage stage, @Nullable Locale wanted) {
        var shared = desk == null ? Desk.none() : desk;
        return window(stage, wanted != null ? wanted : shared.locale(Locale.getDefault()), shared);
    }

    /** A stage as it is shipped, not shown yet. */
    static MainView window(Stage stage, Locale locale, Desk desk) {
        var preferences = desk.preferences();
        var view = view(locale, desk);
        stage.titleProperty().bind(view.session().workspace().map(WeftWindow::title).orElse(NAME));
        var screen = Screen.getPrimary().getVisualBounds();
        stage.setScene(new Scene(view, Math.min(preferences.width().get(), screen.getWidth()),
                Math.min(preferences.height().get(), screen.getHeight())));
        stage.getScene().addPostLayoutPulseListener(new Icons(stage));
        stage.setMinWidth(1000);
        stage.setMinHeight(640);
        stage.setOnHidden(_ -> {
            view.session().tasks().cancelAll();
            if (!stage.isMaximized() && stage.getScene().getWidth() >= 1000) {
                preferences.width().set(stage.getScene().getWidth());
                preferences.height().set(stage.getScene().getHeight());
            }
        });
        return view;
    }

    /** They come when the window has been laid out once: nobody waits for seven pictures to see the first. */
    private record Icons(Stage stage) implements Runnable {
        @Override
        public void run() {
            stage.getScene().removePostLayoutPulseListener(this);
            Platform.runLater(() -> stage.getIcons().setAll(ICONS.stream().map(size -> new Image(Objects.requireNonNull(
                    WeftWindow.class.getResourceAsStream("icon/weft-" + size + ".png")))).toList()));
        }
    }

    private static String title(@Nullable Workspace open) {
        return open == null ? NAME : open.source().path().toAbsolutePath().normalize().getFileName() + " · " + NAME;
    }

    /** A window's content with work done beside the window's thread; it remembers nothing. */
    static MainView view(Locale locale) {
        return view(locale, Desk.none());
    }

    static MainView view(Locale locale, Desk desk) {
        var workers = Executors.newCachedThreadPool(work -> {
            var thread = new Thread(work, "weft-work");
            thread.setDaemon(true);
            return thread;
        });
        var session = new Session(new Tasks(workers, Platform::runLater), locale);
        desk.join(session);
        return new MainView(session, desk);
    }
}
