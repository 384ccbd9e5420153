package weft.tensor;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

/**
 * What the dimensions of a tensor mean, in named axes: {@code 1 d [q|k|v]}, {@code (h k) d}.
 *
 * <p>
 * Dimensions are separated by spaces, outermost first. A dimension is {@code 1}, an axis, a product {@code (h k)}
 * (the first factor runs slowest) or a sum {@code [q|k|v]}: parts side by side, each a role of its own. A sum may
 * stand inside a product, {@code (h [q|k|v])}: per head first q, then k, then v. {@code q*r} says that part q is
 * cut so finely that the axis r shows. A layout has at most one sum. A whole number above 1 is an axis of that size.
 *
 * @param dims one entry a dimension, each a list of factors; an empty list is a dimension of 1
 */
public record Layout(List<List<Factor>> dims) {

    /** A factor of a dimension. */
    public sealed interface Factor {
    }

    /** A named axis, or a number that is its own size. */
    public record Axis(String name) implements Factor {
        @Override
        public String toString() {
            return name;
        }
    }

    /** Parts side by side on one axis. */
    public record Sum(List<Part> parts) implements Factor {
        @Override
        public String toString() {
            return parts.stream().map(Part::toString).collect(Collectors.joining("|", "[", "]"));
        }
    }

    /**
     * One part of a sum.
     *
     * @param label stands for a role
     * @param shown axes the label is multiplied with in the text ({@code q*r})
     * @param axes what this part's stretch of the axis is made of; empty until {@link #resolve} has filled it in
     */
    public record Part(String label, List<String> shown, List<String> axes) {
        @Override
        public String toString() {
            return label + shown.stream().map(s -> "*" + s).collect(Collectors.joining());
        }
    }

    /** @throws IllegalArgumentException with the text if it isn't a layout */
    public static Layout parse(String text) {
        var dims = new ArrayList<List<Factor>>();
        int i = 0;
        while (i < text.length()) {
            char c = text.charAt(i);
            if (c == ' ') {
                i++;
            } else if (c == '(') {
                int end = text.indexOf(')', i);
                dims.add(factors(text, text.substring(i + 1, Math.max(i + 1, end))));
                i = end < 0 ? fail(text) : end + 1;
            } else {
                int end = i;
                while (end < text.length() && text.charAt(end) != ' ' && text.charAt(end) != '(') {
                    end++;
                }
                dims.add(factors(text, text.substring(i, end)));
                i = end;
            }
        }
        var layout = new Layout(List.copyOf(dims));
        if (layout.dims.stream().flatMap(List::stream).filter(Sum.class::isInstance).count() > 1) {
            fail(text);
        }
        return layout;
    }

    private static int fail(String text) {
        throw new IllegalArgumentException(text);
    }

    private static List<Factor> factors(String text, String body) {
        var factors = new ArrayList<Factor>();
        for (var word : body.trim().split(" +")) {
            if (word.startsWith("[") && word.endsWith("]")) {
                var parts = new ArrayList<Part>();
                for (var part : word.substring(1, word.length() - 1).split("\\|", -1)) {
                    var labels = part.split("\\*", -1);
                    for (var label : labels) {
                        check(text, label);
                    }
                    parts.add(new Part(labels[0], List.of(labels).subList(1, labels.length), List.of()));
                }
                if (parts.stream().map(Part::label).distinct().count() < parts.size()) {
                    fail(text);
                }
                factors.add(new Sum(List.copyOf(parts)));
            } else if (!word.equals("1")) {
                check(text, word);
                factors.add(new Axis(word));
            }
        }
        return List.copyOf(factors);
    }

    private static void check(String text, String name) {
        if (!name.matches("[A-Za-z][A-Za-z0-9_]{0,31}|[1-9][0-9]{0,8}")) {
            fail(text);
        }
    }

    /** A layout of plain products, for roles and pieces: each dimension a list of axis names. */
    public static Layout ofAxes(List<List<String>> dims) {
        return new Layout(dims.stream()
                .map(d -> d.stream().filter(a -> !a.equals("1")).map(a -> (Factor) new Axis(a)).toList()).toList());
    }

    public int rank() {
        return dims.size();
    }

    /** Where the sum is, or −1. */
    public int sumAxis() {
        for (int axis = 0; axis < dims.size(); axis++) {
            if (dims.get(axis).stream().anyMatch(Sum.class::isInstance)) { return axis; }
        }
        return -1;
    }

    public @Nullable Sum sum() {
        return dims.stream().flatMap(List::stream).filter(Sum.class::isInstance).map(Sum.class::cast).findFirst()
                .orElse(null);
    }

    /** The parts that stand side by side; none without a sum. */
    public List<Part> parts() {
        var sum = sum();
        return sum == null ? List.of() : sum.parts();
    }

    /** The axes of each dimension, outermost first. */
    public List<List<String>> axesByDimension() {
        return IntStream.range(0, rank()).mapToObj(this::axes).toList();
    }

    /** All axes outside the sum, in order. */
    public List<String> axes() {
        return dims.stream().flatMap(List::stream).filter(Axis.class::isInstance).map(f -> ((Axis) f).name()).toList();
    }

    /** The axes of one dimension that is no sum. */
    public List<String> axes(int dim) {
        return dims.get(dim).stream().filter(Axis.class::isInstance).map(f -> ((Axis) f).name()).toList();
    }

    /**
     * Fills in what each part of the sum is made of: the axes of its role that the rest of this layout doesn't name.
     *
     * @param roles the role's own layout by label
     * @param finer definitions of axes as products, {@code h → [g, r]}, {@code k → [2, p]}
     */
    public Layout resolve(Map<String, Layout> roles, Map<String, List<String>> finer) {
        var sum = sum();
        if (sum == null) { return this; }
        var outside = axes();
        var parts = new ArrayList<Part>();
        for (var part : sum.parts()) {
            var role = roles.get(part.label());
            if (role == null) { throw new IllegalArgumentException("no role for " + part.label() + " in " + this); }
            var wanted = new LinkedHashSet<>(outside);
            wanted.addAll(part.shown());
            var axes = refine(role, wanted, finer).axes();
            parts.add(new Part(part.label(), part.shown(), axes.stream().filter(a -> !outside.contains(a)).toList()));
        }
        return replaceSum(List.of(new Sum(List.copyOf(parts))));
    }

    /** This layout with axes cut finer until every wanted name that can be reached stands in it. */
    public static Layout refine(Layout layout, Set<String> wanted, Map<String, List<String>> finer) {
        var current = layout;
        for (int guard = 0; guard < 8; guard++) {
            var before = current;
            for (var name : wanted) {
                if (current.axes().contains(name)) {
                    continue;
                }
                for (var entry : finer.entrySet()) {
                    if (entry.getValue().contains(name) && current.axes().contains(entry.getKey())) {
                        current = current.cut(entry.getKey(), entry.getValue());
                        break;
                    }
                }
            }
            if (current.equals(before)) { return current; }
        }
        return current;
    }

    private Layout cut(String axis, List<String> into) {
        return new Layout(dims.stream().map(d -> d.stream().flatMap(
                f -> f.equals(new Axis(axis))
                        ? into.stream().map(a -> (Factor) new Axis(a))
                        : Stream.of(f))
                .toList()).toList());
    }

    /** The layout of one part alone: the sum replaced by the part's axes. */
    public Layout piece(String label) {
        var sum = sum();
        if (sum == null) { return this; }
        var part = sum.parts().stream().filter(p -> p.label().equals(label)).findFirst().orElseThrow();
        return replaceSum(part.axes().stream().map(a -> (Factor) new Axis(a)).toList());
    }

    /** The layout of the transposed matrix: the two dimensions that aren't 1 trade places; others stay as they are. */
    public Layout turned() {
        var real = IntStream.range(0, dims.size()).filter(d -> !dims.get(d).isEmpty()).toArray();
        if (real.length != 2) { return this; }
        var turned = new ArrayList<>(dims);
        Collections.swap(turned, real[0], real[1]);
        return new Layout(List.copyOf(turned));
    }

    /** Every part of the sum replaced. */
    public Layout withParts(UnaryOperator<Part> by) {
        var sum = sum();
        return sum == null ? this : replaceSum(List.of(new Sum(sum.parts().stream().map(by).toList())));
    }

    /** The sum replaced by a single axis of that name. */
    public Layout withSumAs(String axis) {
        return replaceSum(List.of(new Axis(axis)));
    }

    private Layout replaceSum(List<Factor> by) {
        return new Layout(dims.stream().map(d -> d.stream()
                .flatMap(f -> f instanceof Sum ? by.stream() : Stream.of(f)).toList()).toList());
    }

    /** The same elements with the sum as a dimension of its own: {@code (h [q|k|v]) d} → {@code h [q|k|v] d}. */
    public Layout exposed() {
        int axis = sumAxis();
        if (axis < 0 || dims.get(axis).size() == 1) { return this; }
        var exposed = new ArrayList<>(dims.subList(0, axis));
        var before = new ArrayList<Factor>();
        for (var factor : dims.get(axis)) {
            if (factor instanceof Sum) {
                if (!before.isEmpty()) {
                    exposed.add(List.copyOf(before));
                    before.clear();
                }
                exposed.add(List.of(factor));
            } else {
                before.add(factor);
            }
        }
        if (!before.isEmpty()) {
            exposed.add(List.copyOf(before));
        }
        exposed.addAll(dims.subList(axis + 1, dims.size()));
        return new Layout(List.copyOf(exposed));
    }

    @Override
    public String toString() {
        return dims.stream().map(d -> switch (d.size()) {
            case 0 -> "1";
            case 1 -> d.getFirst().toString();
            default -> d.stream().map(Factor::toString).collect(Collectors.joining(" ", "(", ")"));
        }).collect(Collectors.joining(" "));
    }
}
