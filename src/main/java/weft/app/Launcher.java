package weft.app;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Properties;

import weft.cli.Cli;

/**
 * Where Weft starts. It does not extend {@code javafx.application.Application}: such a main class
 * would need JavaFX before the command line has been looked at.
 */
public final class Launcher {
    private Launcher() {
    }

    public static void main(String[] args) {
        int status = Cli.run(version(), args, stream(FileDescriptor.out), stream(FileDescriptor.err));
        System.exit(status);
    }

    /**
     * Documents are UTF-8 wherever they go, and so is text; only a terminal that says it speaks something else is
     * spoken to in its own encoding.
     */
    private static PrintStream stream(FileDescriptor descriptor) {
        var console = System.console();
        var told = Charset.forName(System.getProperty("stdout.encoding", "UTF-8"), StandardCharsets.UTF_8);
        boolean own = console != null && console.isTerminal() && told.newEncoder().canEncode('…');
        return new PrintStream(new FileOutputStream(descriptor), false, own ? told : StandardCharsets.UTF_8);
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
