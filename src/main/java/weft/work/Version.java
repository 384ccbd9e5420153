package weft.work;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.Properties;

/** Which Weft this is. */
public final class Version {
    private Version() {
    }

    /** The build's, such as {@code 1.0.0}, which the start program prints too. */
    public static String text() {
        try (InputStream in = Objects
                .requireNonNull(Version.class.getResourceAsStream("/weft/app/version.properties"))) {
            var properties = new Properties();
            properties.load(in);
            return properties.getProperty("version", "unknown");
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
