package weft.work;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/** Where this system keeps what a person has set: {@code ~/.config/weft} and its like. */
public final class UserFolder {
    private UserFolder() {
    }

    /** {@code -Dweft.state}, else the configuration folder of the person. It need not exist. */
    public static Path find() {
        return of(System.getProperty("weft.state"), System.getProperty("os.name", ""),
                System.getProperty("user.home", "."), System.getenv());
    }

    static Path of(@Nullable String given, String system, String home, Map<String, String> environment) {
        if (given != null && !given.isBlank()) { return Path.of(given); }
        var name = system.toLowerCase(Locale.ROOT);
        if (name.startsWith("mac")) { return Path.of(home, "Library", "Application Support", "Weft"); }
        var set = environment.getOrDefault(name.startsWith("windows") ? "APPDATA" : "XDG_CONFIG_HOME", "");
        return name.startsWith("windows")
                ? set.isBlank() ? Path.of(home, "AppData", "Roaming", "Weft") : Path.of(set, "Weft")
                : set.isBlank() ? Path.of(home, ".config", "weft") : Path.of(set, "weft");
    }
}
