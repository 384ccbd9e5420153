package weft.plan;

import java.util.List;
import java.util.Map;
import java.util.Set;

import weft.tensor.Shape;

/**
 * What of a source is stored quantised.
 *
 * @param closed tensors by the name they would have if they weren't: recognised, and not unpacked here
 * @param aux tensors that only serve others: scales, tables, states
 */
public record Packed(Map<String, Closed> closed, Set<String> aux) {
    public static final Packed NONE = new Packed(Map.of(), Set.of());

    /**
     * A tensor whose values stay closed.
     *
     * @param scheme {@code GPTQ 4 bit}
     * @param tensors the names it is stored under
     * @param shape it would have
     */
    public record Closed(String scheme, List<String> tensors, Shape shape) {
    }
}
