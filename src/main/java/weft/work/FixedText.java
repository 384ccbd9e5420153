package weft.work;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;

/** A text that losses are measured on, with its name. */
public record FixedText(String name, String text) {
    static FixedText builtIn() throws CheckpointException {
        try (var in = Workspace.class.getResourceAsStream("fixed-text.txt")) {
            return new FixedText("built-in", new String(Objects.requireNonNull(in).readAllBytes(),
                    StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw Problem.of(Code.NOT_READABLE).file("fixed-text.txt").asException(e);
        }
    }
}
