package weft.ui;

import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Executors;
import javafx.application.Application;
import javafx.application.Platform;
import javafx.scene.Scene;
import javafx.stage.Stage;

import weft.ui.model.Session;
import weft.ui.model.Tasks;

/** The window. {@code --sample} opens the built-in sample; a path is opened; with neither, the start screen shows. */
public final class WeftWindow extends Application {

    /** Opens the window and returns when it is closed. @param args {@code [--sample] [--lang en|zh] [--dark] [PATH]} */
    public static void open(String... args) {
        Application.launch(WeftWindow.class, args);
    }

    @Override
    public void start(Stage stage) {
        var locale = Locale.getDefault();
        var named = getParameters().getNamed().get("lang");
        var unnamed = getParameters().getUnnamed();
        int lang = unnamed.indexOf("--lang");
        if (named != null || lang >= 0 && lang + 1 < unnamed.size()) {
            locale = Locale.forLanguageTag(named != null ? named : unnamed.get(lang + 1));
        }
        var view = view(locale);
        view.session().dark().set(unnamed.contains("--dark"));
        stage.setTitle("Weft");
        stage.setScene(new Scene(view, 1440, 900));
        stage.setMinWidth(1000);
        stage.setMinHeight(640);
        stage.show();
        var path = unnamed.stream().filter(a -> !a.startsWith("--") && (lang < 0 || !a.equals(unnamed.get(lang + 1))))
                .findFirst();
        if (path.isPresent()) {
            view.session().open(Path.of(path.get()));
        } else if (unnamed.contains("--sample")) {
            view.session().openSample();
        }
    }

    /** A window's content with work done beside the window's thread. */
    static MainView view(Locale locale) {
        var workers = Executors.newCachedThreadPool(work -> {
            var thread = new Thread(work, "weft-work");
            thread.setDaemon(true);
            return thread;
        });
        return new MainView(new Session(new Tasks(workers, Platform::runLater), locale));
    }
}
