package weft.app;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.Properties;

/**
 * Where Weft starts. It does not extend {@code javafx.application.Application}: such a main class
 * would need JavaFX before the command line has been looked at.
 */
public final class Launcher {
    private Launcher() {}

    public static void main(String[] args) {
        System.out.println("weft " + version());
    }

    /** The version of the build, such as {@code 1.0.0}. */
    static String version() {
        try (InputStream in = Objects.requireNonNull(Launcher.class.getResourceAsStream("version.properties"))) {
            Properties properties = new Properties();
            properties.load(in);
            return properties.getProperty("version", "unknown");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
