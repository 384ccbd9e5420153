package weft.rule;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.tensor.Layout;
import weft.tensor.Shape;
import weft.tensor.TensorData;

/**
 * Names axes, takes them apart, puts them in another order and together again: {@code "1 d (q o) -> (q o) d" q=3}.
 * {@code 1} drops or adds a dimension of 1. Law: both sides name the same axes, so no element is lost or made, and
 * none can be scrambled as a free reshape would.
 *
 * <p>
 * Sizes: those given, then whatever follows from the shape; a product with more than one open factor looks its names
 * up in {@link Sizes}. An axis that keeps its place in a dimension needs no size.
 *
 * @param from the input's dimensions, each a list of axes; an empty list is a dimension of 1
 * @param to the output's
 * @param given sizes written beside the pattern
 */
public record Rearrange(List<List<String>> from, List<List<String>> to, Map<String, SizeExpr> given) implements Op {

    public Rearrange {
        from = from.stream().map(List::copyOf).toList();
        to = to.stream().map(List::copyOf).toList();
        var left = from.stream().flatMap(List::stream).toList();
        var right = to.stream().flatMap(List::stream).toList();
        var names = new HashSet<>(left);
        if (names.size() != left.size() || new HashSet<>(right).size() != right.size()
                || !names.equals(new HashSet<>(right)) || !names.containsAll(given.keySet())) {
            throw new IllegalArgumentException(text(from) + " -> " + text(to));
        }
        given = Collections.unmodifiableMap(new LinkedHashMap<>(given));
    }

    /** @throws IllegalArgumentException with the pattern if it isn't one or its sides don't name the same axes */
    public static Rearrange parse(String pattern, Map<String, SizeExpr> given) {
        int arrow = pattern.indexOf("->");
        if (arrow < 0) { throw new IllegalArgumentException(pattern); }
        return new Rearrange(side(pattern.substring(0, arrow)), side(pattern.substring(arrow + 2)), given);
    }

    private static List<List<String>> side(String text) {
        var layout = Layout.parse(text.trim());
        if (layout.sumAxis() >= 0) { throw new IllegalArgumentException(text); }
        var dims = new ArrayList<List<String>>();
        for (int dim = 0; dim < layout.rank(); dim++) {
            dims.add(layout.axes(dim));
        }
        return dims;
    }

    private Map<String, Long> solve(Shape in, Sizes sizes) throws CheckpointException {
        if (in.rank() != from.size()) {
            throw Problem.of(Code.E_SHAPE).field(toString()).found(in).expected(text(from)).asException();
        }
        var known = new LinkedHashMap<String, Long>();
        for (int dim = 0; dim < from.size(); dim++) {
            long rest = in.dim(dim);
            var open = new ArrayList<String>();
            for (var axis : from.get(dim)) {
                var size = Character.isDigit(axis.charAt(0)) ? SizeExpr.of(Long.parseLong(axis)) : given.get(axis);
                if (size == null) {
                    open.add(axis);
                } else {
                    known.put(axis, size.value(sizes));
                    rest = divide(rest, known.get(axis), in, dim);
                }
            }
            while (open.size() > 1) {
                // Look up a name, any that is known; the last one follows by division.
                var axis = open.stream().filter(a -> sizes.size(a).isPresent()).findFirst()
                        .orElseThrow(() -> Problem.of(Code.E_SIZE).field(toString()).found(String.join(", ", open))
                                .asException());
                known.put(axis, sizes.size(axis).getAsLong());
                rest = divide(rest, known.get(axis), in, dim);
                open.remove(axis);
            }
            if (open.size() == 1) {
                known.put(open.getFirst(), rest);
            } else if (rest != 1) {
                long product = 1;
                for (var axis : from.get(dim)) {
                    long size = known.getOrDefault(axis, 1L);
                    // Nothing is 0, which any numbers divide: their product may be beyond a long.
                    product = product > Long.MAX_VALUE / size ? Long.MAX_VALUE : product * size;
                }
                throw Problem.of(Code.E_SHAPE).field(toString()).found(in).expected(in.with(dim, product))
                        .asException();
            }
        }
        return known;
    }

    private long divide(long rest, long size, Shape in, int dim) throws CheckpointException {
        if (size <= 0 || rest % size != 0) {
            throw Problem.of(Code.E_SIZE).field(toString()).found(in.dim(dim) + " @" + dim).expected("n × " + size)
                    .asException();
        }
        return rest / size;
    }

    private static Shape shape(List<List<String>> side, Map<String, Long> sizes) {
        return Shape.of(side.stream().mapToLong(dim -> dim.stream().mapToLong(a -> sizes.getOrDefault(a, 1L))
                .reduce(1, Math::multiplyExact)).toArray());
    }

    private static List<String> atoms(List<List<String>> side) {
        return side.stream().flatMap(List::stream).toList();
    }

    /**
     * What it does in a framework's own words: reshape to {@code apart}, put the axes in {@code order}, reshape to {@code result}.
     *
     * @param order the i-th axis of the outcome is this axis of {@code apart}
     */
    public record Steps(Shape apart, List<Integer> order, Shape result) {
    }

    /** The three steps for an input of this shape. @throws CheckpointException an {@code E-} code if the shape doesn't fit */
    public Steps steps(Shape in, Sizes sizes) throws CheckpointException {
        var known = solve(in, sizes);
        var left = atoms(from);
        var apart = Shape.of(left.stream().mapToLong(a -> known.getOrDefault(a, 1L)).toArray());
        return new Steps(apart, atoms(to).stream().map(left::indexOf).toList(), shape(to, known));
    }

    private Shape result(Shape in, Sizes sizes) throws CheckpointException {
        var known = solve(in, sizes);
        try {
            return shape(to, known);
        } catch (ArithmeticException e) { // next to a dimension of 0 others may be of any size
            throw Problem.of(Code.E_SIZE).field(toString()).found(in).asException(e);
        }
    }

    @Override
    public List<Shape> shapes(List<Shape> in, Sizes sizes) throws CheckpointException {
        var out = new ArrayList<Shape>();
        for (var shape : in) {
            out.add(result(shape, sizes));
        }
        return out;
    }

    @Override
    public List<TensorData> apply(List<TensorData> in, Sizes sizes) throws CheckpointException {
        var out = new ArrayList<TensorData>();
        for (var data : in) {
            out.add(apply(data, sizes));
        }
        return out;
    }

    private TensorData apply(TensorData data, Sizes sizes) throws CheckpointException {
        var known = solve(data.shape(), sizes);
        var left = atoms(from);
        var cut = Shape.of(left.stream().mapToLong(a -> known.getOrDefault(a, 1L)).toArray());
        var order = atoms(to).stream().mapToInt(left::indexOf).toArray();
        return data.reshape(cut).permute(order).reshape(shape(to, known));
    }

    /**
     * Sides swapped. Sizes that followed from the input's shape may be open on the other side: they are written down
     * there, all but one a dimension. Empty if one op can't say them because inputs differ in more than one.
     */
    @Override
    public Optional<Op> inverse(List<Shape> in, Sizes sizes) throws CheckpointException {
        var known = new ArrayList<Map<String, Long>>();
        for (var shape : in) {
            known.add(solve(shape, sizes));
        }
        var needed = new LinkedHashMap<String, SizeExpr>();
        for (var dim : to) {
            var axes = dim.stream().filter(a -> !Character.isDigit(a.charAt(0))).toList();
            // An axis that varies can't be stated; one of size 0 can't be divided by.
            var open = axes.stream().filter(a -> known.stream().map(k -> k.get(a)).distinct().count() > 1
                    || known.stream().anyMatch(k -> k.getOrDefault(a, 1L) == 0)).toList();
            if (open.size() > 1) { return Optional.empty(); }
            var left = open.isEmpty() && !axes.isEmpty() ? axes.getLast() : open.isEmpty() ? "" : open.getFirst();
            for (var axis : axes) {
                if (!axis.equals(left)) {
                    var stated = given.get(axis);
                    needed.put(axis, stated != null
                            ? stated
                            : SizeExpr.of(known.getFirst().getOrDefault(axis, 1L)));
                }
            }
        }
        return Optional.of(new Rearrange(to, from, needed));
    }

    @Override
    public Place origin(Place out, List<Shape> in, Sizes sizes) throws CheckpointException {
        var known = solve(in.get(out.tensor()), sizes);
        var at = new LinkedHashMap<String, Long>();
        for (int dim = 0; dim < to.size(); dim++) {
            long rest = out.index()[dim];
            for (var axis : to.get(dim).reversed()) {
                long size = known.getOrDefault(axis, 1L);
                at.put(axis, rest % size);
                rest /= size;
            }
        }
        var index = new long[from.size()];
        for (int dim = 0; dim < from.size(); dim++) {
            for (var axis : from.get(dim)) {
                index[dim] = index[dim] * known.getOrDefault(axis, 1L) + at.getOrDefault(axis, 0L);
            }
        }
        return new Place(out.tensor(), index);
    }

    /** Whether only dimensions of 1 come and go. */
    public boolean isSqueeze() {
        return real(from).equals(real(to));
    }

    /** Whether whole dimensions trade places (apart from dimensions of 1). */
    public boolean isTranspose() {
        return !isSqueeze() && new HashSet<>(real(from)).equals(new HashSet<>(real(to)));
    }

    /** Whether the numbers keep their order and are only cut anew: what a framework calls reshape. */
    public boolean isReshape() {
        return !isSqueeze() && atoms(from).equals(atoms(to));
    }

    /** Whether the two halves of a dimension become pairs or pairs halves: an axis of 2 changes its place in there. */
    public boolean movesPairs() {
        return from.stream().anyMatch(dim -> dim.stream().anyMatch(this::isTwo)
                && to.stream().anyMatch(d -> !d.equals(dim) && new HashSet<>(d).equals(new HashSet<>(dim))));
    }

    private boolean isTwo(String axis) {
        return axis.equals("2") || SizeExpr.of(2).equals(given.get(axis));
    }

    private static List<List<String>> real(List<List<String>> side) {
        return side.stream().filter(d -> !d.isEmpty()).toList();
    }

    /** Whether a dimension of 1 is dropped or added. */
    public boolean changesOnes() {
        return from.stream().filter(List::isEmpty).count() != to.stream().filter(List::isEmpty).count();
    }

    private static String text(List<List<String>> side) {
        return side.stream().map(d -> switch (d.size()) {
            case 0 -> "1";
            case 1 -> d.getFirst();
            default -> "(" + String.join(" ", d) + ")";
        }).collect(Collectors.joining(" "));
    }

    /** {@code 1 d (q o) -> (q o) d}, without quotes and sizes. */
    public String pattern() {
        return text(from) + " -> " + text(to);
    }

    @Override
    public String toString() {
        return "rearrange \"" + pattern() + "\""
                + given.entrySet().stream().map(e -> " " + e.getKey() + "=" + e.getValue())
                        .collect(Collectors.joining());
    }
}
