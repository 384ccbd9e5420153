package weft.work;

import java.util.List;

import org.jspecify.annotations.Nullable;

import weft.io.Problem;
import weft.prove.Orientation;

/**
 * A workspace that knows more, and what it learned.
 *
 * @param values what another checkpoint's values say, or {@code null} if there is none of the family
 * @param forward what computing says, or {@code null} if nothing could be computed
 * @param asserted what the given rules assert of the finished model ({@code assert next}) and it doesn't do
 * @param warnings why something could not be proved
 */
public record Proved(Workspace workspace, @Nullable Orientation values, @Nullable Orientation forward,
        List<Problem> asserted, List<Problem> warnings) {
}
