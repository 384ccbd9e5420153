package weft.convert;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** The parts of exported scripts that are the same whatever the rules: reading, writing, comparing. */
final class PythonParts {
    private PythonParts() {
    }

    static String text(String name) {
        try (var in = PythonParts.class.getResourceAsStream(name)) {
            if (in == null) { throw new IllegalStateException(name); }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(name, e);
        }
    }
}
