package weft.plan;

import java.util.List;

import org.jspecify.annotations.Nullable;

import weft.rule.Op;
import weft.tensor.Shape;

/**
 * What an adapter does to one tensor of its base.
 *
 * @param tensors names in the adapter: the two that are combined with the base's tensor, in the op's order; or three, of
 *        which the first takes the base's place before; or the one that takes its place
 * @param op combines the base's tensor and those, or {@code null} where one takes its place
 * @param shape of the result
 */
public record Merge(List<String> tensors, @Nullable Op op, Shape shape) {
    /** The alias under which rules name an adapter's tensors. */
    public static final String ALIAS = "adapter";

    /** Whether the base's own tensor goes into the result. */
    public boolean usesBase() {
        return op != null && tensors.size() == 2;
    }

    public Merge {
        tensors = List.copyOf(tensors);
    }
}
