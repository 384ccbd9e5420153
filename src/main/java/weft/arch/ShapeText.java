package weft.arch;

import java.util.ArrayList;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

import weft.tensor.Shape;

/** Shapes as frameworks print them: {@code torch.Size([768, 2304])}, {@code (768,)}, {@code [1, 768]}, {@code 768x2304}. */
final class ShapeText {
    private static final String LIST = "(?:[0-9]+(?:\\s*,\\s*[0-9]+)*\\s*,?)?";
    /** A printed shape, for use in a larger expression; no groups of its own. */
    static final String PATTERN = "(?:(?:torch\\.Size|TensorShape|Shape|Dimension|tuple|size)\\s*)?\\(\\s*\\[\\s*"
            + LIST
            + "\\s*\\]\\s*\\)|\\(\\s*" + LIST + "\\s*\\)|\\[\\s*" + LIST + "\\s*\\]";
    /** The same, with dimensions that are joined by a cross. */
    static final String CROSSED = PATTERN + "|[0-9]+(?:\\s*[x×*]\\s*[0-9]+)+";
    private static final Pattern NUMBER = Pattern.compile("[0-9]+");
    private static final int MOST_DIMS = 16;

    private ShapeText() {
    }

    /** The numbers of a text that matched; null if they can't be dimensions. */
    static @Nullable Shape parse(@Nullable String text) {
        if (text == null) { return null; }
        var dims = new ArrayList<Long>();
        var numbers = NUMBER.matcher(text);
        while (numbers.find()) {
            if (dims.size() == MOST_DIMS || numbers.group().length() > 15) { return null; }
            dims.add(Long.parseLong(numbers.group()));
        }
        var shape = Shape.of(dims.stream().mapToLong(Long::longValue).toArray());
        return shape.isCountable() ? shape : null;
    }
}
