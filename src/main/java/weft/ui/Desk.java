package weft.ui;

import java.lang.ref.WeakReference;
import java.util.Locale;
import java.util.function.Consumer;
import javafx.application.Platform;
import javafx.beans.value.ChangeListener;
import javafx.beans.value.ObservableValue;

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
        follow(preferences.language(), session, window -> {
            var wanted = locale(window.texts().get().locale());
            if (wanted.equals(Locale.SIMPLIFIED_CHINESE) != window.texts().get().isChinese()) {
                window.speak(wanted);
            }
        });
        follow(preferences.theme(), session, window -> window.dark().set(isDark()));
        follow(Platform.getPreferences().colorSchemeProperty(), session, window -> window.dark().set(isDark()));
        session.dark().set(isDark());
        session.dark().addListener((_, _, dark) -> {
            if (dark != isDark()) {
                preferences.theme().set(dark ? Theme.DARK : Theme.LIGHT);
            }
        });
    }

    /** What all windows share outlives every one of them: it mustn't keep one that was closed. */
    private static <T> void follow(ObservableValue<T> shared, Session session, Consumer<Session> then) {
        var window = new WeakReference<>(session);
        shared.addListener(new ChangeListener<T>() {
            @Override
            public void changed(ObservableValue<? extends T> value, T old, T now) {
                var open = window.get();
                if (open == null) {
                    value.removeListener(this);
                } else {
                    then.accept(open);
                }
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
