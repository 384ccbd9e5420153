package weft.tensor;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * Sizes of named axes, learned from shapes. A product whose factors can't be told apart ({@code (h k) = 768}) is
 * remembered as a product and never guessed at; it is taken apart the moment one of its factors becomes known.
 */
public final class AxisSizes {
    private final Map<String, Long> sizes = new LinkedHashMap<>();
    private final Map<List<String>, Long> products = new LinkedHashMap<>();
    /** Sums that had more than one unknown; looked at again whenever something becomes known. */
    private final Set<Stretch> sums = new LinkedHashSet<>();

    /** A dimension made of parts side by side, each multiplied with the axes around. */
    private record Stretch(List<String> around, Layout.Sum sum, long value) {
    }

    public AxisSizes copy() {
        var copy = new AxisSizes();
        copy.sizes.putAll(sizes);
        copy.products.putAll(products);
        copy.sums.addAll(sums);
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
        sums.removeIf(
                s -> s.around().contains(axis) || s.sum().parts().stream().anyMatch(p -> p.axes().contains(axis)));
    }

    public OptionalLong size(String axis) {
        if (axis.chars().allMatch(Character::isDigit)) { return OptionalLong.of(Long.parseLong(axis)); }
        var size = sizes.get(axis);
        return size == null ? OptionalLong.empty() : OptionalLong.of(size);
    }

    /** The size of a product of axes, or empty if it isn't known or beyond 2⁶³. The empty product is 1. */
    public OptionalLong product(List<String> axes) {
        try {
            return exactProduct(axes);
        } catch (ArithmeticException e) {
            return OptionalLong.empty();
        }
    }

    private OptionalLong exactProduct(List<String> axes) {
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
        if (open.isEmpty()) { return OptionalLong.of(known); }
        open.sort(null);
        var product = products.get(open);
        return product == null ? OptionalLong.empty() : OptionalLong.of(Math.multiplyExact(known, product));
    }

    /**
     * Takes in that a product of axes is {@code value}; false if that contradicts what is known. After a
     * contradiction nothing is certain: learn with a {@link #copy()} where it may happen.
     */
    public boolean learn(List<String> axes, long value) {
        return learnProduct(axes, value) && learnSums();
    }

    /** Takes in a size unless it contradicts what is known; then all stays as it was. */
    public void learnIfFits(String axis, long size) {
        if (copy().learn(List.of(axis), size)) {
            learn(List.of(axis), size);
        }
    }

    private boolean learnProduct(List<String> axes, long value) {
        long rest = value;
        var open = new ArrayList<String>();
        for (var axis : axes) {
            var size = size(axis);
            if (size.isEmpty()) {
                open.add(axis);
            } else if (size.getAsLong() == 0) {
                return value == 0;
            } else if (rest % size.getAsLong() != 0) {
                return false;
            } else {
                rest /= size.getAsLong();
            }
        }
        if (open.isEmpty()) { return rest == 1; }
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
                if (value != null && !learnProduct(product, value)) { return false; }
            }
        }
        return true;
    }

    private boolean learnSums() {
        var waiting = List.copyOf(sums);
        sums.clear();
        for (var sum : waiting) {
            if (!learnSum(sum)) { return false; }
        }
        return true;
    }

    /** Learns from one tensor; false if its shape can't be this layout under the sizes known so far. */
    public boolean learn(Layout layout, Shape shape) {
        if (layout.rank() != shape.rank()) { return false; }
        for (int dim = 0; dim < shape.rank(); dim++) {
            var sum = dim == layout.sumAxis() ? layout.sum() : null;
            boolean fits = sum == null
                    ? learn(layout.axes(dim), shape.dim(dim))
                    : learnSum(new Stretch(layout.axes(dim), sum, shape.dim(dim)));
            if (!fits) { return false; }
        }
        return true;
    }

    private boolean learnSum(Stretch stretch) {
        // What is known is taken off; if one kind of part is left, it can be solved.
        long rest = stretch.value();
        List<String> open = List.of();
        int copies = 0;
        for (var part : stretch.sum().parts()) {
            var axes = new ArrayList<>(stretch.around());
            axes.addAll(part.axes());
            axes.sort(null);
            var size = product(axes);
            if (size.isPresent()) {
                rest -= size.getAsLong();
                if (rest < 0) { return false; }
            } else if (copies == 0 || open.equals(axes)) {
                open = axes;
                copies++;
            } else {
                sums.add(stretch); // two unknowns: another tensor may tell
                return true;
            }
        }
        return copies == 0 ? rest == 0 : rest % copies == 0 && learn(open, rest / copies);
    }

    /** The shape a layout has under these sizes, or null if a size is missing. */
    public @Nullable Shape shape(Layout layout) {
        var dims = new long[layout.rank()];
        for (int dim = 0; dim < dims.length; dim++) {
            var size = dim == layout.sumAxis() ? sumSize(layout, dim) : product(layout.axes(dim));
            if (size.isEmpty()) { return null; }
            dims[dim] = size.getAsLong();
        }
        return Shape.of(dims);
    }

    private OptionalLong sumSize(Layout layout, int dim) {
        var sum = dim == layout.sumAxis() ? layout.sum() : null;
        if (sum == null) { return OptionalLong.empty(); }
        long total = 0;
        for (var part : sum.parts()) {
            // The factors around the sum belong to each part: (h [q|k|v]) is hk + hk + hk.
            var all = new ArrayList<>(layout.axes(dim));
            all.addAll(part.axes());
            var size = product(all);
            if (size.isEmpty()) { return OptionalLong.empty(); }
            total += size.getAsLong();
            if (total < 0) { return OptionalLong.empty(); }
        }
        return OptionalLong.of(total);
    }
}
