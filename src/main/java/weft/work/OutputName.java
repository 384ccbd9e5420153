package weft.work;

import java.util.Optional;
import java.util.regex.Pattern;

import weft.format.Formats;

/** What the name of an output says of its format. */
public final class OutputName {
    private static final Pattern ENDING = Pattern.compile(".+(\\.[A-Za-z][A-Za-z0-9]{0,15})");

    private OutputName() {
    }

    /**
     * An ending that no format has, where the name had to decide: {@code .xyz}. A folder, a TensorFlow prefix and
     * {@code .ckpt} leave the choice to the target's framework, and so does a name without an ending.
     */
    public static Optional<String> unknownEnding(ConvertRequest request) {
        var name = request.output().getFileName();
        if (request.folder() || request.format() != null || name == null
                || Formats.byName(request.output()).isPresent()) {
            return Optional.empty();
        }
        var ending = ENDING.matcher(name.toString());
        return ending.matches() && !ending.group(1).equals(".ckpt") ? Optional.of(ending.group(1)) : Optional.empty();
    }
}
