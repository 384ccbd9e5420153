package weft.app;

import java.io.File;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.stream.Stream;

import weft.cli.Cli;
import weft.cli.Story;
import weft.ui.WeftWindow;

/**
 * Where Weft starts. It does not extend {@code javafx.application.Application}: such a main class
 * would need JavaFX before the command line has been looked at.
 */
public final class Launcher {
    private Launcher() {
    }

    public static void main(String[] args) throws IOException {
        if (args.length == 1 && args[0].equals("--rehearse")) {
            System.exit(Rehearsal.run(version(), Path.of(System.getProperty("weft.home", "target/weft"))));
        }
        var out = stream(FileDescriptor.out);
        var err = stream(FileDescriptor.err);
        if (!wantsWindow(args)) {
            System.exit(Cli.run(version(), args, out, err));
        }
        if (hasDisplay(System.getProperty("os.name", ""), System.getenv(), System.getProperty("glass.platform", ""))) {
            WeftWindow.open(args);
            System.exit(0);
        }
        System.exit(Story.tell(Locale.getDefault(), out, err));
    }

    /** No command, or {@code --sample}, or one file or folder, as a file manager hands it over. */
    static boolean wantsWindow(String... args) {
        return args.length == 0 || args[0].equals("--sample") || args.length == 1 && new File(args[0]).exists();
    }

    /**
     * Whether a window could open, found out without starting JavaFX. Linux says so in the environment; its headless
     * platform counts only for who asks for it.
     */
    static boolean hasDisplay(String system, Map<String, String> environment, String platform) {
        if (platform.equalsIgnoreCase("Headless")) { return true; }
        boolean desktop = system.startsWith("Windows") || system.startsWith("Mac");
        return desktop || Stream.of("DISPLAY", "WAYLAND_DISPLAY")
                .anyMatch(name -> !environment.getOrDefault(name, "").isBlank());
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
