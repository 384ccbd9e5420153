package weft.plan;

import java.util.List;

import org.jspecify.annotations.Nullable;

import weft.rule.Op;
import weft.tensor.Shape;

/**
 * What has to be done to one tensor before it is what its name says: an adapter is merged into it, or it is
 * dequantised.
 *
 * @param alias of the source the tensors below stand in, or {@code null} for the first one
 * @param tensors names in the adapter: the two that are combined with the base's tensor, in the op's order; or three, of
 *        which the first takes the base's place before; or the one that takes its place. Of a quantised tensor, its
 *        companions in the op's order
 * @param op combines the base's tensor and those, or {@code null} where one takes its place
 * @param shape of the result
 */
public record Merge(@Nullable String alias, List<String> tensors, @Nullable Op op, Shape shape) {
    /** The alias under which rules name an adapter's tensors. */
    public static final String ALIAS = "adapter";

    /** Whether the base's own tensor goes into the result. */
    public boolean usesBase() {
        return op != null && (alias == null || tensors.size() == 2);
    }

    public Merge {
        tensors = List.copyOf(tensors);
    }
}
