package weft.tensor;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

import org.jspecify.annotations.Nullable;

/**
 * Sizes of named axes, learned from shapes. A product whose factors can't be told apart ({@code (h k) = 768}) is
 * remembered as a product and never guessed at; it is taken apart the moment one of its factors becomes known.
 */
public final class AxisSizes {
    private final Map<String, Long> sizes = new LinkedHashMap<>();
    private final Map<List<String>, Long> products = new LinkedHashMap<>();

    public AxisSizes copy() {
        var copy = new AxisSizes();
        copy.sizes.putAll(sizes);
        copy.products.putAll(products);
        return copy;
    }

    /** Sizes that are known one by one. */
    public Map<String, Long> known() {
        return Map.copyOf(sizes);
    }

    /** Sets a size that somebody states, over whatever shapes said; products that hold the axis are forgotten. */
    public void put(String axis, long size) {
        sizes.put(axis, size);
        products.keySet().removeIf(p -> p.contains(axis));
    }

    public OptionalLong size(String axis) {
        if (axis.chars().allMatch(Character::isDigit)) {
            return OptionalLong.of(Long.parseLong(axis));
        }
        var size = sizes.get(axis);
        return size == null ? OptionalLong.empty() : OptionalLong.of(size);
    }

    /** The size of a product of axes, or empty if it isn't known. The empty product is 1. */
    public OptionalLong product(List<String> axes) {
        long known = 1;
        var open = new ArrayList<String>();
        for (var axis : axes) {
            var size = size(axis);
            if (size.isPresent()) {
                known = Math.multiplyExact(known, size.getAsLong());
            } else {
                open.add(axis);
            }
        }
        if (open.isEmpty()) {
            return OptionalLong.of(known);
        }
        open.sort(null);
        var product = products.get(open);
        return product == null ? OptionalLong.empty() : OptionalLong.of(Math.multiplyExact(known, product));
    }

    /** Takes in that a product of axes is {@code value}; false if that contradicts what is known. */
    public boolean learn(List<String> axes, long value) {
        long rest = value;
        var open = new ArrayList<String>();
        for (var axis : axes) {
            var size = size(axis);
            if (size.isEmpty()) {
                open.add(axis);
            } else if (size.getAsLong() == 0 || rest % size.getAsLong() != 0) {
                return size.getAsLong() == 0 && value == 0;
            } else {
                rest /= size.getAsLong();
            }
        }
        if (open.isEmpty()) {
            return rest == 1 || value == 0;
        }
        if (open.size() == 1) {
            sizes.put(open.getFirst(), rest);
            return takeApart(open.getFirst());
        }
        open.sort(null);
        var before = products.putIfAbsent(List.copyOf(open), rest);
        return before == null || before == rest;
    }

    private boolean takeApart(String axis) {
        for (var product : List.copyOf(products.keySet())) {
            if (product.contains(axis)) {
                var value = products.remove(product);
                if (value != null && !learn(product, value)) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Learns from one tensor; false if its shape can't be this layout under the sizes known so far. */
    public boolean learn(Layout layout, Shape shape) {
        if (layout.rank() != shape.rank()) {
            return false;
        }
        for (int dim = 0; dim < shape.rank(); dim++) {
            var sum = dim == layout.sumAxis() ? layout.sum() : null;
            boolean fits = sum == null ? learn(layout.axes(dim), shape.dim(dim))
                    : learnSum(layout.axes(dim), sum, shape.dim(dim));
            if (!fits) {
                return false;
            }
        }
        return true;
    }

    private boolean learnSum(List<String> around, Layout.Sum sum, long value) {
        var first = sum.parts().getFirst().axes();
        if (sum.parts().stream().allMatch(p -> p.axes().equals(first))) {
            var all = new ArrayList<>(around);
            all.addAll(first);
            int n = sum.parts().size();
            return value % n == 0 && learn(all, value / n);
        }
        // Different parts: what is known is taken off; one open kind of part can then be solved.
        var outer = product(around);
        if (outer.isEmpty() || outer.getAsLong() == 0) {
            return true;
        }
        if (value % outer.getAsLong() != 0) {
            return false;
        }
        long rest = value / outer.getAsLong();
        List<String> open = List.of();
        int copies = 0;
        for (var part : sum.parts()) {
            var size = product(part.axes());
            if (size.isPresent()) {
                rest -= size.getAsLong();
            } else if (copies == 0 || open.equals(part.axes())) {
                open = part.axes();
                copies++;
            } else {
                return true; // two unknowns: another tensor may tell
            }
        }
        return copies == 0 ? rest == 0 : rest > 0 && rest % copies == 0 && learn(open, rest / copies);
    }

    /** The shape a layout has under these sizes, or null if a size is missing. */
    public @Nullable Shape shape(Layout layout) {
        var dims = new long[layout.rank()];
        for (int dim = 0; dim < dims.length; dim++) {
            var size = dim == layout.sumAxis() ? sumSize(layout, dim) : product(layout.axes(dim));
            if (size.isEmpty()) {
                return null;
            }
            dims[dim] = size.getAsLong();
        }
        return Shape.of(dims);
    }

    private OptionalLong sumSize(Layout layout, int dim) {
        var sum = dim == layout.sumAxis() ? layout.sum() : null;
        if (sum == null) {
            return OptionalLong.empty();
        }
        long total = 0;
        for (var part : sum.parts()) {
            // The factors around the sum belong to each part: (h [q|k|v]) is hk + hk + hk.
            var all = new ArrayList<>(layout.axes(dim));
            all.addAll(part.axes());
            var size = product(all);
            if (size.isEmpty()) {
                return OptionalLong.empty();
            }
            total = Math.addExact(total, size.getAsLong());
        }
        return OptionalLong.of(total);
    }
}
