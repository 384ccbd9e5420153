package weft.rule;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

import weft.rule.Derive.Derived;
import weft.rule.Derive.Held;
import weft.tensor.Layout;

/**
 * {@link Derive} where one side keeps all layers of a kind in one tensor, an axis of its own saying which, and the other
 * has a tensor for each layer.
 */
public final class DeriveLayers {
    private DeriveLayers() {
    }

    /** Whether a tensor holds every layer. */
    private static boolean isStacked(Held held, String layer) {
        return held.layout().axes().contains(layer);
    }

    /**
     * As {@link Derive#chain}. A source or target that isn't stacked stands for as many tensors as there are layers; its
     * branch of the chain is of one of them.
     *
     * @param layer the axis that counts layers
     */
    public static Optional<Derived> chain(List<Held> sources, List<Held> targets, Map<String, List<String>> finer,
            String layer) {
        boolean from = sources.stream().allMatch(s -> isStacked(s, layer));
        boolean to = targets.stream().allMatch(t -> isStacked(t, layer));
        boolean none = sources.stream().noneMatch(s -> isStacked(s, layer))
                && targets.stream().noneMatch(t -> isStacked(t, layer));
        if (none || from && to) { return Derive.chain(sources, targets, finer); }
        if (from && targets.stream().noneMatch(t -> isStacked(t, layer))) {
            return apart(sources, targets, finer, layer);
        }
        return to && sources.stream().noneMatch(s -> isStacked(s, layer))
                ? together(sources, targets, finer, layer)
                : Optional.empty();
    }

    // Out of one tensor into one for each layer -------------------------------------------------------------------------

    private static Optional<Derived> apart(List<Held> sources, List<Held> targets, Map<String, List<String>> finer,
            String layer) {
        if (targets.size() == 1 && sources.size() == 1) {
            // Layer by layer: what is cut out of the stack is turned by itself.
            int at = place(sources.getFirst().layout(), layer);
            return at < 0
                    ? Optional.empty()
                    : Derive.chain(List.of(without(sources.getFirst(), at)), targets, finer)
                            .filter(d -> d.sources().size() == 1)
                            .map(d -> new Derived(d.sources(), d.targets(), new Chain(List.of(List.of()),
                                    List.of(new Unstack(at)), List.of(all(d.chain())))));
        }
        if (targets.size() == 1) {
            return Derive.chain(sources, List.of(with(targets.getFirst(), layer)), finer).map(d -> {
                var ops = new ArrayList<>(d.chain().ops());
                ops.addAll(d.chain().out().getFirst());
                ops.add(new Unstack(0));
                return new Derived(d.sources(), d.targets(), new Chain(d.chain().in(), ops, List.of(List.of())));
            });
        }
        return sources.size() == 1 ? split(sources.getFirst(), targets, finer, layer) : Optional.empty();
    }

    /** Parts of one size lie behind each other, all layers of the first before those of the second; then each is cut out. */
    private static Optional<Derived> split(Held source, List<Held> targets, Map<String, List<String>> finer,
            String layer) {
        var parts = source.layout().parts();
        var exposed = source.layout().exposed();
        int at = place(exposed, layer);
        if (at < 0 || targets.stream().anyMatch(t -> t.roles().size() != 1) || parts.size() != targets.size()
                || parts.stream().map(Layout.Part::axes).distinct().count() != 1) {
            return Optional.empty();
        }
        var ops = new ArrayList<Op>();
        var whole = exposed.withSumAs("o");
        var expose = Derive.rearrange(source.layout().withSumAs("o"), whole);
        if (expose.isEmpty()) { return Optional.empty(); }
        ops.addAll(expose.get());
        int sum = exposed.sumAxis();
        var number = Integer.toString(parts.size());
        var from = new ArrayList<>(whole.axesByDimension());
        from.set(sum, List.of(number, "o"));
        var to = new ArrayList<>(whole.axesByDimension());
        to.remove(at);
        to.addFirst(List.of(number, layer));
        ops.add(new Rearrange(from, to, Map.of()));
        ops.add(new Unstack(0));
        var order = new ArrayList<Integer>();
        var out = new ArrayList<List<Op>>();
        for (var part : parts) {
            var target = IntStream.range(0, targets.size())
                    .filter(t -> targets.get(t).roles().contains(part.label())).findFirst();
            if (target.isEmpty()) { return Optional.empty(); }
            order.add(target.getAsInt());
            var piece = new Held(without(exposed.piece(part.label()), at), List.of(part.label()));
            var turn = Derive.chain(List.of(piece), List.of(targets.get(target.getAsInt())), finer);
            if (turn.isEmpty()) { return Optional.empty(); }
            out.add(all(turn.get().chain()));
        }
        return Optional.of(new Derived(List.of(0), order, new Chain(List.of(List.of()), ops, out)));
    }

    // Into one tensor, from one for each layer --------------------------------------------------------------------------

    private static Optional<Derived> together(List<Held> sources, List<Held> targets, Map<String, List<String>> finer,
            String layer) {
        if (sources.size() == 1 && targets.size() == 1) {
            int at = place(targets.getFirst().layout(), layer);
            return at < 0
                    ? Optional.empty()
                    : Derive.chain(sources, List.of(without(targets.getFirst(), at)), finer)
                            .filter(d -> d.sources().size() == 1)
                            .map(d -> new Derived(d.sources(), d.targets(), new Chain(List.of(all(d.chain())),
                                    List.of(new Stack(at)), List.of(List.of()))));
        }
        if (sources.size() == 1) {
            return Derive.chain(List.of(with(sources.getFirst(), layer)), targets, finer).map(d -> {
                var ops = new ArrayList<Op>(List.of(new Stack(0)));
                ops.addAll(d.chain().in().getFirst());
                ops.addAll(d.chain().ops());
                return new Derived(d.sources(), d.targets(), new Chain(List.of(List.of()), ops, d.chain().out()));
            });
        }
        return targets.size() == 1 ? join(sources, targets.getFirst(), finer, layer) : Optional.empty();
    }

    /** All layers of the first part, then all of the second: side by side on the parts' axis, and taken apart by it. */
    private static Optional<Derived> join(List<Held> sources, Held target, Map<String, List<String>> finer,
            String layer) {
        var parts = target.layout().parts();
        var exposed = target.layout().exposed();
        int at = place(exposed, layer);
        if (at < 0 || sources.stream().anyMatch(s -> s.roles().size() != 1) || parts.size() != sources.size()) {
            return Optional.empty();
        }
        var order = new ArrayList<Integer>();
        var in = new ArrayList<List<Op>>();
        for (var part : parts) {
            var source = IntStream.range(0, sources.size())
                    .filter(s -> sources.get(s).roles().contains(part.label())).findFirst();
            if (source.isEmpty()) { return Optional.empty(); }
            order.add(source.getAsInt());
            var piece = new Held(without(exposed.piece(part.label()), at), List.of(part.label()));
            var turn = Derive.chain(List.of(sources.get(source.getAsInt())), List.of(piece), finer);
            if (turn.isEmpty()) { return Optional.empty(); }
            in.add(all(turn.get().chain()));
        }
        var ops = new ArrayList<Op>();
        var whole = exposed.withSumAs("o");
        int sum = exposed.sumAxis();
        boolean alike = parts.stream().map(Layout.Part::axes).distinct().count() == 1;
        if (alike) {
            var number = Integer.toString(parts.size());
            var from = new ArrayList<>(whole.axesByDimension());
            from.remove(at);
            from.addFirst(List.of(number, layer));
            var to = new ArrayList<>(whole.axesByDimension());
            to.set(sum, List.of(number, "o"));
            ops.add(new Stack(0));
            ops.add(new Rearrange(from, to, Map.of()));
        } else {
            int along = sum > at ? sum - 1 : sum;
            ops.add(new Concat(along));
            ops.add(Split.sized(parts.stream().map(p -> Derive.product(axes(layer, p.axes()))).toList(), along));
            var from = new ArrayList<>(whole.axesByDimension());
            from.remove(at);
            from.set(along, List.of(layer, "o"));
            ops.add(new Rearrange(from, whole.axesByDimension(), Map.of()));
            ops.add(new Concat(sum));
        }
        var close = Derive.rearrange(whole, target.layout().withSumAs("o"));
        if (close.isEmpty()) { return Optional.empty(); }
        ops.addAll(close.get());
        return Optional.of(new Derived(order, List.of(0), new Chain(in, ops, List.of(List.of()))));
    }

    // Layouts -----------------------------------------------------------------------------------------------------------

    private static List<String> axes(String first, List<String> others) {
        var axes = new ArrayList<>(List.of(first));
        axes.addAll(others);
        return axes;
    }

    /** Every op of a chain with one source and one target, in order. */
    private static List<Op> all(Chain chain) {
        var ops = new ArrayList<>(chain.in().getFirst());
        ops.addAll(chain.ops());
        ops.addAll(chain.out().getFirst());
        return ops;
    }

    /** The dimension that counts layers and nothing else, or −1. */
    private static int place(Layout layout, String layer) {
        return layout.dims().indexOf(List.<Layout.Factor>of(new Layout.Axis(layer)));
    }

    private static Layout without(Layout layout, int dim) {
        var dims = new ArrayList<>(layout.dims());
        dims.remove(dim);
        return new Layout(Collections.unmodifiableList(dims));
    }

    private static Held without(Held held, int dim) {
        return new Held(without(held.layout(), dim), held.roles());
    }

    /** The same of all layers, stacked in front. */
    private static Held with(Held held, String layer) {
        var dims = new ArrayList<List<Layout.Factor>>();
        dims.add(List.of(new Layout.Axis(layer)));
        dims.addAll(held.layout().dims());
        return new Held(new Layout(List.copyOf(dims)), held.roles());
    }
}
