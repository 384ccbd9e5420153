package weft.plan;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

import org.jspecify.annotations.Nullable;

import weft.plan.Reason.Relation;
import weft.rule.Op;
import weft.rule.Rearrange;
import weft.rule.Stack;
import weft.rule.Unstack;
import weft.tensor.DType;
import weft.tensor.Shape;

/**
 * How one shape can become another.
 *
 * @param relation in a word
 * @param orders which dimension of the source stands in each place of the target, dimensions of 1 aside: all that give
 *        the shape, so more than one where shapes don't tell
 * @param closeness how good a fit it is, 0 to 1
 */
record Fit(Relation relation, List<List<Integer>> orders, double closeness) {
    /** More dimensions than this are not turned. */
    private static final int MOST_DIMENSIONS = 5;

    boolean isDecided() {
        return orders.size() == 1;
    }

    /** What keeps every element, or {@code null} if the counts or sizes don't allow it. */
    static @Nullable Fit of(Shape from, Shape to) {
        var a = from.squeezed();
        var b = to.squeezed();
        if (a.rank() != b.rank() || a.rank() > MOST_DIMENSIONS) { return null; }
        if (a.rank() < 2) {
            return a.equals(b)
                    ? new Fit(from.equals(to) ? Relation.EQUAL : Relation.SQUEEZED, List.of(same(a.rank())),
                            from.equals(to) ? 1 : 0.9)
                    : null;
        }
        var orders = orders(a, b);
        if (orders.isEmpty()) { return null; }
        if (orders.size() > 1 && a.rank() > 2) {
            orders = kernels(orders, a, b);
        }
        boolean equal = a.equals(b);
        if (orders.size() > 1) { return new Fit(Relation.SQUARE, orders, equal ? 0.9 : 0.8); }
        boolean straight = orders.getFirst().equals(same(a.rank()));
        return new Fit(!straight
                ? a.rank() == 2 ? Relation.TRANSPOSED : Relation.PERMUTED
                : from.equals(to) ? Relation.EQUAL : Relation.SQUEEZED, orders, from.equals(to) ? 1 : 0.9);
    }

    private static List<Integer> same(int rank) {
        return IntStream.range(0, rank).boxed().toList();
    }

    private static List<List<Integer>> orders(Shape a, Shape b) {
        var all = new ArrayList<List<Integer>>();
        extend(a, b, new ArrayList<>(), all);
        return all;
    }

    private static void extend(Shape a, Shape b, List<Integer> begun, List<List<Integer>> all) {
        int place = begun.size();
        if (place == b.rank()) {
            all.add(List.copyOf(begun));
            return;
        }
        for (int dim = 0; dim < a.rank(); dim++) {
            if (a.dim(dim) == b.dim(place) && !begun.contains(dim)) {
                begun.add(dim);
                extend(a, b, begun, all);
                begun.removeLast();
            }
        }
    }

    /**
     * The height and width of a kernel are of one size and side by side in every framework, height first; so a single
     * pair of equal neighbours keeps its order. Three of a size tell nothing.
     */
    private static List<List<Integer>> kernels(List<List<Integer>> orders, Shape a, Shape b) {
        var sizes = new HashSet<Long>();
        for (var dim : a.dims()) {
            sizes.add(dim);
        }
        if (a.rank() - sizes.size() != 1) { return orders; }
        var kept = orders.stream().filter(order -> {
            for (int place = 0; place + 1 < order.size(); place++) {
                if (b.dim(place) == b.dim(place + 1)) { return order.get(place + 1) == order.get(place) + 1; }
            }
            return false;
        }).toList();
        return kept.size() == 1 ? kept : orders;
    }

    /** The ops that bring a source of one shape into another, its dimensions in a given order; none where nothing moves. */
    static List<Op> ops(Shape from, Shape to, List<Integer> order) {
        if (from.equals(to) && order.equals(same(order.size()))) { return List.of(); }
        return List.of(new Rearrange(axes(from, same(order.size())), axes(to, order), Map.of()));
    }

    /** The same with all layers in the first dimension of both. */
    static List<Op> stacked(Shape each, Shape one, List<Integer> order, boolean stack) {
        if (each.equals(one) && order.equals(same(order.size()))) {
            return List.of(stack ? new Stack(0) : new Unstack(0));
        }
        var from = new ArrayList<>(List.of(List.of("n")));
        from.addAll(axes(each, same(order.size())));
        var to = new ArrayList<>(List.of(List.of("n")));
        to.addAll(axes(one, order));
        var turn = new Rearrange(from, to, Map.of());
        return stack ? List.of(new Stack(0), turn) : List.of(turn, new Unstack(0));
    }

    /** A name for each dimension that isn't 1; {@code order} says which of the source's stands where. */
    private static List<List<String>> axes(Shape shape, List<Integer> order) {
        var letters = List.of("o", "d", "x", "y", "z");
        var dims = new ArrayList<List<String>>();
        int place = 0;
        for (var dim : shape.dims()) {
            dims.add(dim == 1 ? List.of() : List.of(letters.get(order.get(place++))));
        }
        return dims;
    }

    /** Where dimension {@code place} of the squeezed shape stands in the shape itself. */
    static int axis(Shape shape, int place) {
        int seen = -1;
        for (int axis = 0; axis < shape.rank(); axis++) {
            seen += shape.dim(axis) == 1 ? 0 : 1;
            if (seen == place) { return axis; }
        }
        return 0;
    }

    /** Whether two shapes differ along one axis and in nothing else, as they are or transposed. */
    static @Nullable Fit rows(Shape from, Shape to) {
        var a = from.squeezed();
        var b = to.squeezed();
        if (a.rank() != b.rank() || a.rank() == 0 || a.rank() > 2) { return null; }
        if (a.rank() == 1) { return new Fit(Relation.ROWS, List.of(List.of(0)), 0.3); }
        boolean straight = a.dim(0) == b.dim(0) || a.dim(1) == b.dim(1);
        boolean turned = a.dim(0) == b.dim(1) || a.dim(1) == b.dim(0);
        if (!straight && !turned) { return null; }
        return new Fit(Relation.ROWS, List.of(straight ? List.of(0, 1) : List.of(1, 0)), straight ? 0.5 : 0.4);
    }

    /** How many values stand in each number if the source is packed; 0 if it isn't. */
    static int packed(Shape from, @Nullable DType type, Shape to) {
        if (type != DType.U8 && type != DType.I8 && type != DType.I32) { return 0; }
        for (int k : type == DType.I32 ? new int[]{4, 8, 16} : new int[]{2, 4, 8}) {
            boolean along = from.rank() == to.rank();
            int differing = 0;
            for (int axis = 0; along && axis < from.rank(); axis++) {
                if (from.dim(axis) != to.dim(axis)) {
                    along = from.dim(axis) * k == to.dim(axis);
                    differing++;
                }
            }
            if (along && differing == 1 || isFlat(from, to, k)) { return k; }
        }
        return 0;
    }

    /** All values of a matrix in one row. */
    private static boolean isFlat(Shape from, Shape to, int k) {
        try {
            return from.squeezed().rank() == 1 && to.rank() > 1 && Math.multiplyExact(from.count(), k) == to.count();
        } catch (ArithmeticException e) { // a parameter somebody typed, of more elements than there can be
            return false;
        }
    }
}
