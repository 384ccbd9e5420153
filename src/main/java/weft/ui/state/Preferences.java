package weft.ui.state;

import java.util.LinkedHashMap;
import java.util.Locale;
import javafx.beans.property.DoubleProperty;
import javafx.beans.property.ObjectProperty;
import javafx.beans.property.SimpleDoubleProperty;
import javafx.beans.property.SimpleObjectProperty;
import javafx.beans.property.SimpleStringProperty;
import javafx.beans.property.StringProperty;

import org.jspecify.annotations.Nullable;

/** What a person set once for all windows: theme, text size, language, the window's size. */
public final class Preferences {
    /** Light, dark, or whatever the system says. */
    public enum Theme {
        LIGHT, DARK, SYSTEM;

        /** The word in menus and files. */
        public String id() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private static final String NAME = "preferences";
    private final Store store;
    private final ObjectProperty<Theme> theme = new SimpleObjectProperty<>(Theme.SYSTEM);
    private final DoubleProperty scale = new SimpleDoubleProperty(1);
    /** {@code en}, {@code zh}, or empty for the system's. */
    private final StringProperty language = new SimpleStringProperty("");
    private final DoubleProperty width = new SimpleDoubleProperty(1440);
    private final DoubleProperty height = new SimpleDoubleProperty(900);

    public Preferences(Store store) {
        this.store = store;
        store.read(NAME).ifPresent(saved -> {
            for (var each : Theme.values()) {
                if (each.id().equals(saved.get("theme"))) {
                    theme.set(each);
                }
            }
            number(saved.get("textSize"), scale, 0.8, 2);
            number(saved.get("width"), width, 1000, 10_000);
            number(saved.get("height"), height, 640, 10_000);
            if ("en".equals(saved.get("language")) || "zh".equals(saved.get("language"))) {
                language.set(String.valueOf(saved.get("language")));
            }
        });
        theme.addListener((_, _, _) -> save());
        scale.addListener((_, _, _) -> save());
        language.addListener((_, _, _) -> save());
        width.addListener((_, _, _) -> save());
        height.addListener((_, _, _) -> save());
    }

    private static void number(@Nullable Object value, DoubleProperty property, double least, double most) {
        if (value instanceof Number n && n.doubleValue() >= least && n.doubleValue() <= most) {
            property.set(n.doubleValue());
        }
    }

    private void save() {
        var document = new LinkedHashMap<String, Object>();
        document.put("theme", theme.get().id());
        document.put("textSize", scale.get());
        document.put("language", language.get());
        document.put("width", width.get());
        document.put("height", height.get());
        store.write(NAME, document);
    }

    public ObjectProperty<Theme> theme() {
        return theme;
    }

    public DoubleProperty scale() {
        return scale;
    }

    public StringProperty language() {
        return language;
    }

    public DoubleProperty width() {
        return width;
    }

    public DoubleProperty height() {
        return height;
    }
}
