package weft.ui;

import java.lang.ref.WeakReference;
import java.util.Locale;
import javafx.application.Platform;

import weft.ui.model.Session;
import weft.ui.state.LessonProgress;
import weft.ui.state.Preferences;
import weft.ui.state.Preferences.Theme;
import weft.ui.state.Recent;
import weft.ui.state.Store;

/**
 * What all windows share: what a person set, what was worked on lately, and how another window is opened.
 *
 * @param another opens one more window
 * @param choosers how a person is asked for a place
 * @param lessons how far somebody came in lessons
 */
record Desk(Preferences preferences, Recent recent, Runnable another, Choosers choosers, LessonProgress lessons) {

    /** Remembers nothing of lessons. */
    Desk(Preferences preferences, Recent recent, Runnable another, Choosers choosers) {
        this(preferences, recent, another, choosers, new LessonProgress(Store.none()));
    }

    /** Remembers nothing and opens nothing: for pictures and tests. */
    static Desk none() {
        return of(Store.none(), () -> {
        });
    }

    static Desk of(Store store, Runnable another) {
        return new Desk(new Preferences(store), new Recent(store), another, Choosers.SYSTEM, new LessonProgress(store));
    }

    Desk with(Runnable opener) {
        return new Desk(preferences, recent, opener, choosers, lessons);
    }

    /** The language somebody chose, else the given one. */
    Locale locale(Locale system) {
        return switch (preferences.language().get()) {
            case "zh" -> Locale.SIMPLIFIED_CHINESE;
            case "en" -> Locale.ENGLISH;
            default -> system;
        };
    }

    /** A window looks as was set, and what is set in one window is set in all. */
    void join(Session session) {
        session.scale().bindBidirectional(preferences.scale());
        session.texts().addListener((_, _, texts) -> preferences.language().set(texts.isChinese() ? "zh" : "en"));
        preferences.language().addListener((_, _, _) -> {
            var wanted = locale(session.texts().get().locale());
            if (wanted.equals(Locale.SIMPLIFIED_CHINESE) != session.texts().get().isChinese()) {
                session.speak(wanted);
            }
        });
        preferences.theme().addListener((_, _, _) -> session.dark().set(isDark()));
        // The system's preferences outlive every window: they mustn't keep one.
        var window = new WeakReference<>(session);
        Platform.getPreferences().colorSchemeProperty().addListener((_, _, _) -> {
            var open = window.get();
            if (open != null) {
                open.dark().set(isDark());
            }
        });
        session.dark().set(isDark());
        session.dark().addListener((_, _, dark) -> {
            if (dark != isDark()) {
                preferences.theme().set(dark ? Theme.DARK : Theme.LIGHT);
            }
        });
    }

    private boolean isDark() {
        return switch (preferences.theme().get()) {
            case LIGHT -> false;
            case DARK -> true;
            case SYSTEM -> Platform.getPreferences().getColorScheme() == javafx.application.ColorScheme.DARK;
        };
    }
}
