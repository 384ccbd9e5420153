package weft.rule;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import weft.tensor.Layout;

/**
 * From the layouts of the same roles in two dialects to the ops that lead from one to the other. This is the reason
 * why N dialects need no N² converters.
 *
 * <p>
 * Axes that stay together on both sides are one axis, so {@code d (h k)} from {@code (h k) d} is a transpose of two
 * axes and needs no head count.
 */
public final class Derive {
    private static final List<String> MERGED = List.of("o", "u", "w", "x", "y", "z");

    private Derive() {
    }

    /**
     * A tensor on one side: its layout and the roles it holds.
     *
     * @param layout resolved; the labels of its sum are role names
     * @param roles the roles in the layout's order; one if it has no sum
     */
    public record Held(Layout layout, List<String> roles) {
    }

    /**
     * The result: a chain over sources and targets in these orders.
     *
     * @param sources {@code sources.get(i)} is the place in the input list of the chain's i-th source
     * @param targets likewise for targets
     */
    public record Derived(List<Integer> sources, List<Integer> targets, Chain chain) {
    }

    /** Empty if these tensors can't be led into those by splits, joins and rearrangements of whole roles. */
    public static Optional<Derived> chain(List<Held> sources, List<Held> targets, Map<String, List<String>> finer) {
        var all = new LinkedHashSet<String>();
        sources.forEach(s -> collect(s.layout(), all));
        targets.forEach(t -> collect(t.layout(), all));
        var from = sources.stream().map(s -> refine(s, all, finer)).toList();
        var to = targets.stream().map(t -> refine(t, all, finer)).toList();
        if (from.size() == 1 && to.size() == 1) {
            var one = one(from.getFirst(), to.getFirst())
                    .map(ops -> new Derived(List.of(0), List.of(0), Chain.of(ops)));
            return one.isPresent() ? one : slices(from.getFirst(), to.getFirst());
        }
        if (from.size() == 1) { return split(from.getFirst(), to); }
        return to.size() == 1 ? join(from, to.getFirst()) : regroup(from, to);
    }

    /**
     * Several tensors to several, some of which hold several roles: {@code [q|k]} and {@code v} to {@code q} and
     * {@code [k|v]}. Every role is led into one frame, its own axes first; side by side in the targets' order they are
     * one tensor, which is cut where one target ends.
     */
    private static Optional<Derived> regroup(List<Held> from, List<Held> to) {
        var flat = Stream.concat(from.stream(), to.stream())
                .filter(h -> h.layout().sum() != null && h.layout().exposed().equals(h.layout())).findFirst();
        if (flat.isEmpty()) { return Optional.empty(); }
        var rest = new ArrayList<List<String>>();
        for (int dim = 0; dim < flat.get().layout().rank(); dim++) {
            if (dim != flat.get().layout().sumAxis() && !flat.get().layout().axes(dim).isEmpty()) {
                rest.add(flat.get().layout().axes(dim));
            }
        }
        var outside = rest.stream().flatMap(List::stream).toList();
        var own = new LinkedHashMap<String, List<String>>(); // role → the axes that are its own
        for (var held : from) {
            for (var role : held.roles()) {
                var axes = piece(held, role).axes();
                if (!axes.containsAll(outside)
                        || own.put(role, axes.stream().filter(a -> !outside.contains(a)).toList()) != null) {
                    return Optional.empty();
                }
            }
        }
        var have = List.copyOf(own.keySet());
        var wanted = to.stream().flatMap(t -> t.roles().stream()).toList();
        if (wanted.size() != have.size() || !new HashSet<>(wanted).equals(own.keySet())) { return Optional.empty(); }
        var in = new ArrayList<List<Op>>();
        for (var held : from) {
            var ops = framed(held, own, rest, true);
            if (ops.isEmpty()) { return Optional.empty(); }
            in.add(ops.get());
        }
        var out = new ArrayList<List<Op>>();
        for (var held : to) {
            var ops = framed(held, own, rest, false);
            if (ops.isEmpty()) { return Optional.empty(); }
            out.add(ops.get());
        }
        var order = wanted.stream().map(have::indexOf).toList();
        var ops = new ArrayList<Op>();
        ops.add(new Concat(0));
        if (!order.equals(IntStream.range(0, order.size()).boxed().toList())) {
            ops.add(splitOp(have.stream().map(r -> part(r, own)).toList(), 0));
            ops.add(new Concat(0, order));
        }
        boolean equal = own.values().stream().distinct().count() == 1
                && to.stream().map(t -> t.roles().size()).distinct().count() == 1;
        ops.add(equal
                ? Split.equal(to.size(), 0)
                : Split.sized(to.stream().map(t -> t.roles().stream().map(r -> product(own.getOrDefault(r, List.of())))
                        .reduce((x, y) -> new SizeExpr.Binary(x, '+', y)).orElse(SizeExpr.of(0))).toList(), 0));
        return Optional.of(new Derived(IntStream.range(0, from.size()).boxed().toList(),
                IntStream.range(0, to.size()).boxed().toList(), new Chain(in, ops, out)));
    }

    private static Layout.Part part(String role, Map<String, List<String>> own) {
        return new Layout.Part(role, List.of(), own.getOrDefault(role, List.of()));
    }

    /** Ops from a tensor into the frame, its roles side by side on the first axis, or ({@code !into}) back out of it. */
    private static Optional<List<Op>> framed(Held held, Map<String, List<String>> own, List<List<String>> rest,
            boolean into) {
        var layout = held.layout();
        var exposed = layout.exposed();
        if (layout.sum() == null) {
            var mine = frame(own.get(held.roles().getFirst()), rest);
            return into ? rearrange(layout, mine) : rearrange(mine, layout);
        }
        if (layout.equals(exposed) && layout.parts().stream().allMatch(p -> p.axes().equals(own.get(p.label())))) {
            var name = free(layout, frame(List.of(), rest));
            var mine = frame(List.of(name), rest);
            return into ? rearrange(layout.withSumAs(name), mine) : rearrange(mine, layout.withSumAs(name));
        }
        var ops = new ArrayList<Op>();
        var turn = alike(held.roles(), r -> into
                ? rearrange(piece(held, r), frame(own.get(r), rest))
                : rearrange(frame(own.get(r), rest), piece(held, r)));
        if (into) {
            if (!append(ops, expose(layout, exposed))) { return Optional.empty(); }
            ops.add(splitOp(layout.parts(), exposed.sumAxis()));
            if (!append(ops, turn)) { return Optional.empty(); }
            ops.add(new Concat(0));
            return Optional.of(ops);
        }
        ops.add(splitOp(layout.parts().stream().map(p -> part(p.label(), own)).toList(), 0));
        if (!append(ops, turn)) { return Optional.empty(); }
        ops.add(new Concat(exposed.sumAxis()));
        return append(ops, expose(exposed, layout)) ? Optional.of(ops) : Optional.empty();
    }

    /** One role of a tensor alone. */
    private static Layout piece(Held held, String role) {
        return held.layout().sum() == null ? held.layout() : held.layout().exposed().piece(role);
    }

    private static Layout frame(@Nullable List<String> own, List<List<String>> rest) {
        var dims = new ArrayList<List<String>>();
        dims.add(own == null ? List.of() : own);
        dims.addAll(rest);
        return Layout.ofAxes(dims);
    }

    /** The ops that serve every role, or empty if they would differ. */
    private static Optional<List<Op>> alike(List<String> roles,
            Function<String, Optional<List<Op>>> turn) {
        var turns = new ArrayList<List<Op>>();
        for (var role : roles) {
            var mine = turn.apply(role);
            if (mine.isEmpty()) { return Optional.empty(); }
            turns.add(mine.get());
        }
        if (turns.stream().distinct().count() <= 1) { return turns.stream().findFirst(); }
        return turns.stream().allMatch(t -> t.size() == 1 && t.getFirst() instanceof Rearrange)
                ? shared(turns.stream().map(t -> (Rearrange) t.getFirst()).toList())
                : Optional.empty();
    }

    /**
     * One op for pieces of different sizes, where all are moved the same way: {@code (g o) d -> g o d} serves queries
     * of r·k and keys of k rows a group, because {@code o} follows by division.
     */
    private static Optional<List<Op>> shared(List<Rearrange> turns) {
        var first = turns.getFirst();
        var names = new ArrayList<>(MERGED);
        turns.forEach(t -> t.from().forEach(names::removeAll));
        var called = new LinkedHashMap<String, String>();
        var given = new LinkedHashMap<String, SizeExpr>();
        for (int dim = 0; dim < first.from().size(); dim++) {
            int open = 0;
            for (int at = 0; at < first.from().get(dim).size(); at++) {
                var axis = first.from().get(dim).get(at);
                var size = first.given().get(axis);
                boolean same = true;
                for (var turn : turns) {
                    if (turn.from().size() != first.from().size()
                            || turn.from().get(dim).size() != first.from().get(dim).size()) {
                        return Optional.empty();
                    }
                    same &= turn.from().get(dim).get(at).equals(axis)
                            && Objects.equals(turn.given().get(axis), size);
                }
                called.put(axis, same || names.isEmpty() ? axis : names.removeFirst());
                if (same && size != null) {
                    given.put(axis, size);
                }
                open += same ? 0 : 1;
            }
            if (open > 1) { return Optional.empty(); }
        }
        var one = renamed(first, first, called, given);
        return turns.stream().allMatch(t -> renamed(t, first, called, given).equals(one))
                ? Optional.of(List.of(one))
                : Optional.empty();
    }

    /** An op whose axes are called what the first one's axes in their places are called. */
    private static Rearrange renamed(Rearrange op, Rearrange first, Map<String, String> called,
            Map<String, SizeExpr> given) {
        var names = new LinkedHashMap<String, String>();
        for (int dim = 0; dim < op.from().size(); dim++) {
            for (int at = 0; at < op.from().get(dim).size(); at++) {
                var axis = first.from().get(dim).get(at);
                names.put(op.from().get(dim).get(at), called.getOrDefault(axis, axis));
            }
        }
        return new Rearrange(called(op.from(), names), called(op.to(), names), given);
    }

    private static List<List<String>> called(List<List<String>> dims, Map<String, String> names) {
        return dims.stream().map(d -> d.stream().map(a -> names.getOrDefault(a, a)).toList()).toList();
    }

    private static void collect(Layout layout, LinkedHashSet<String> names) {
        names.addAll(layout.axes());
        var sum = layout.sum();
        if (sum != null) {
            sum.parts().forEach(p -> names.addAll(p.axes()));
        }
    }

    private static Held refine(Held held, LinkedHashSet<String> wanted, Map<String, List<String>> finer) {
        var layout = Layout.refine(held.layout(), wanted, finer);
        return new Held(layout.withParts(p -> new Layout.Part(p.label(), p.shown(),
                Layout.refine(Layout.ofAxes(List.of(p.axes())), wanted, finer).axes())), held.roles());
    }

    /** One tensor to one tensor. */
    private static Optional<List<Op>> one(Held from, Held to) {
        var a = from.layout();
        var b = to.layout();
        var partsA = a.parts();
        var partsB = b.parts();
        if (partsA.isEmpty() != partsB.isEmpty() || !new HashSet<>(from.roles()).equals(new HashSet<>(to.roles()))) {
            return Optional.empty();
        }
        if (partsA.isEmpty()) { return rearrange(a, b); }
        boolean alike = axesOfParts(a).equals(axesOfParts(b));
        if (alike && from.roles().equals(to.roles())) {
            var name = free(a, b);
            return rearrange(a.withSumAs(name), b.withSumAs(name));
        }
        var order = to.roles().stream().map(r -> from.roles().indexOf(r)).toList();
        if (alike && a.exposed().equals(a) && b.exposed().equals(b)) {
            var name = free(a, b);
            return rearrange(a.withSumAs(name), b.withSumAs(name)).map(turn -> {
                var ops = new ArrayList<>(turn);
                ops.add(splitOp(partsA, b.sumAxis()));
                ops.add(new Concat(b.sumAxis(), order));
                return ops;
            });
        }
        // Interleaved on one side or both: the sum becomes an axis of its own, its pieces are turned one by one.
        var exposedA = a.exposed();
        var exposedB = b.exposed();
        var ops = new ArrayList<Op>();
        if (!append(ops, expose(a, exposedA))) { return Optional.empty(); }
        ops.add(splitOp(partsA, exposedA.sumAxis()));
        if (!append(ops, alike(from.roles(), r -> rearrange(exposedA.piece(r), exposedB.piece(r))))) {
            return Optional.empty();
        }
        boolean inOrder = order.equals(IntStream.range(0, order.size()).boxed().toList());
        ops.add(new Concat(exposedB.sumAxis(), inOrder ? List.of() : order));
        return append(ops, expose(exposedB, b)) ? Optional.of(ops) : Optional.empty();
    }

    /**
     * One tensor to one tensor whose parts are moved differently: the rotary order of query and key changes, that of
     * the value doesn't. The source feeds a branch for each part, which cuts it out and turns it by itself.
     */
    private static Optional<Derived> slices(Held from, Held to) {
        var a = from.layout();
        var b = to.layout();
        if (a.parts().isEmpty() || b.parts().isEmpty()
                || !new HashSet<>(from.roles()).equals(new HashSet<>(to.roles()))) {
            return Optional.empty();
        }
        var exposedA = a.exposed();
        var exposedB = b.exposed();
        var starts = new LinkedHashMap<String, SizeExpr>();
        var ends = new LinkedHashMap<String, SizeExpr>();
        SizeExpr end = SizeExpr.of(0);
        for (var part : a.parts()) {
            starts.put(part.label(), end);
            end = end.equals(SizeExpr.of(0))
                    ? product(part.axes())
                    : new SizeExpr.Binary(end, '+', product(part.axes()));
            ends.put(part.label(), end);
        }
        var in = new ArrayList<List<Op>>();
        for (var role : to.roles()) {
            var ops = new ArrayList<Op>();
            if (!append(ops, expose(a, exposedA))) { return Optional.empty(); }
            boolean last = a.parts().getLast().label().equals(role);
            ops.add(new Slice(exposedA.sumAxis(), starts.getOrDefault(role, SizeExpr.of(0)),
                    last ? null : ends.get(role), SizeExpr.of(1)));
            if (!append(ops, rearrange(exposedA.piece(role), exposedB.piece(role)))) { return Optional.empty(); }
            in.add(ops);
        }
        var ops = new ArrayList<Op>();
        ops.add(new Concat(exposedB.sumAxis()));
        if (!append(ops, expose(exposedB, b))) { return Optional.empty(); }
        return Optional.of(new Derived(Collections.nCopies(in.size(), 0), List.of(0),
                new Chain(in, ops, List.of(List.of()))));
    }

    /** A sum cut into its parts. */
    private static Optional<Derived> split(Held from, List<Held> to) {
        var parts = from.layout().parts();
        if (to.stream().anyMatch(t -> t.roles().size() != 1) || parts.size() != to.size()) { return Optional.empty(); }
        var order = new ArrayList<Integer>();
        for (var part : parts) {
            var at = IntStream.range(0, to.size()).filter(i -> to.get(i).roles().contains(part.label())).findFirst();
            if (at.isEmpty()) { return Optional.empty(); }
            order.add(at.getAsInt());
        }
        var ordered = order.stream().map(to::get).toList();
        var whole = together(from.layout(), ordered);
        if (whole != null) {
            var turn = rearrange(from.layout().withSumAs("o"), whole);
            if (turn.isPresent()) {
                var ops = new ArrayList<>(turn.get());
                ops.add(splitOp(parts, whole.dims().indexOf(List.<Layout.Factor>of(new Layout.Axis("o")))));
                return Optional.of(new Derived(List.of(0), order,
                        new Chain(List.of(List.of()), ops, Collections.nCopies(to.size(), List.of()))));
            }
        }
        var exposed = from.layout().exposed();
        var ops = new ArrayList<Op>();
        if (!append(ops, expose(from.layout(), exposed))) { return Optional.empty(); }
        ops.add(splitOp(parts, exposed.sumAxis()));
        var out = new ArrayList<List<Op>>();
        for (var target : ordered) {
            var turn = rearrange(exposed.piece(target.roles().getFirst()), target.layout());
            if (turn.isEmpty()) { return Optional.empty(); }
            out.add(turn.get());
        }
        return Optional.of(new Derived(List.of(0), order, new Chain(List.of(List.of()), ops, out)));
    }

    /** Parts joined into a sum. */
    private static Optional<Derived> join(List<Held> from, Held to) {
        var parts = to.layout().parts();
        if (from.stream().anyMatch(f -> f.roles().size() != 1) || parts.size() != from.size()) {
            return Optional.empty();
        }
        var order = new ArrayList<Integer>();
        for (var part : parts) {
            var at = IntStream.range(0, from.size()).filter(i -> from.get(i).roles().contains(part.label()))
                    .findFirst();
            if (at.isEmpty()) { return Optional.empty(); }
            order.add(at.getAsInt());
        }
        var ordered = order.stream().map(from::get).toList();
        var whole = together(to.layout(), ordered);
        if (whole != null) {
            var turn = rearrange(whole, to.layout().withSumAs("o"));
            if (turn.isPresent()) {
                var ops = new ArrayList<Op>();
                ops.add(new Concat(whole.dims().indexOf(List.<Layout.Factor>of(new Layout.Axis("o")))));
                ops.addAll(turn.get());
                return Optional.of(new Derived(order, List.of(0),
                        new Chain(Collections.nCopies(from.size(), List.of()), ops, List.of(List.of()))));
            }
        }
        var exposed = to.layout().exposed();
        var in = new ArrayList<List<Op>>();
        for (var source : ordered) {
            var turn = rearrange(source.layout(), exposed.piece(source.roles().getFirst()));
            if (turn.isEmpty()) { return Optional.empty(); }
            in.add(turn.get());
        }
        var ops = new ArrayList<Op>();
        ops.add(new Concat(exposed.sumAxis()));
        if (!append(ops, expose(exposed, to.layout()))) { return Optional.empty(); }
        return Optional.of(new Derived(order, List.of(0), new Chain(in, ops, List.of(List.of()))));
    }

    /**
     * The layout all single tensors share when each one's stretch of the sum is called {@code o}, so that they can be
     * turned as one; null if they differ or {@code o} isn't a dimension of its own.
     */
    private static @Nullable Layout together(Layout fused, List<Held> singles) {
        Layout shared = null;
        for (var single : singles) {
            var part = fused.parts().stream().filter(p -> single.roles().contains(p.label())).findFirst().orElseThrow();
            var dims = new ArrayList<List<String>>();
            for (int dim = 0; dim < single.layout().rank(); dim++) {
                var axes = single.layout().axes(dim);
                dims.add(axes.equals(part.axes()) && !axes.isEmpty() ? List.of("o") : axes);
            }
            var mine = Layout.ofAxes(dims);
            if (!mine.axes().contains("o") || shared != null && !shared.equals(mine)) { return null; }
            shared = mine;
        }
        return fused.exposed().equals(fused) ? shared : null;
    }

    private static Map<String, List<String>> axesOfParts(Layout layout) {
        var axes = new LinkedHashMap<String, List<String>>();
        layout.parts().forEach(p -> axes.put(p.label(), p.axes()));
        return axes;
    }

    private static String free(Layout a, Layout b) {
        return MERGED.stream().filter(n -> !a.axes().contains(n) && !b.axes().contains(n)).findFirst().orElseThrow();
    }

    private static boolean append(List<Op> ops, Optional<List<Op>> more) {
        more.ifPresent(ops::addAll);
        return more.isPresent();
    }

    private static Optional<List<Op>> expose(Layout from, Layout to) {
        var name = free(from, to);
        return rearrange(from.withSumAs(name), to.withSumAs(name));
    }

    private static Split splitOp(List<Layout.Part> parts, int axis) {
        boolean equal = parts.stream().map(Layout.Part::axes).distinct().count() == 1;
        return equal
                ? Split.equal(parts.size(), axis)
                : Split.sized(parts.stream().map(p -> product(p.axes())).toList(), axis);
    }

    static SizeExpr product(List<String> axes) {
        return axes.stream().map(a -> Character.isDigit(a.charAt(0))
                ? SizeExpr.of(Long.parseLong(a))
                : (SizeExpr) new SizeExpr.Name(a)).reduce((a, b) -> new SizeExpr.Binary(a, '*', b))
                .orElse(SizeExpr.of(1));
    }

    /** No op where nothing moves, one {@link Rearrange} otherwise; empty if the axes aren't the same. */
    static Optional<List<Op>> rearrange(Layout from, Layout to) {
        var left = from.axes();
        var right = to.axes();
        if (left.size() != right.size() || new HashSet<>(left).size() != left.size()
                || !new HashSet<>(left).equals(new HashSet<>(right))) {
            return Optional.empty();
        }
        var follows = new LinkedHashMap<String, String>(); // axis → the one right behind it, on both sides
        for (var dim : from.axesByDimension()) {
            for (int i = 0; i + 1 < dim.size(); i++) {
                var pair = dim.subList(i, i + 2);
                if (to.axesByDimension().stream().anyMatch(d -> Collections.indexOfSubList(d, pair) >= 0)) {
                    follows.put(pair.get(0), pair.get(1));
                }
            }
        }
        var names = new ArrayList<>(MERGED);
        names.removeAll(left);
        var groups = new LinkedHashMap<String, List<String>>(); // first axis → the run it starts
        for (var axis : left) {
            if (follows.containsValue(axis)) {
                continue;
            }
            var run = new ArrayList<String>();
            for (String next = axis; next != null; next = follows.get(next)) {
                run.add(next);
            }
            groups.put(axis, run);
        }
        var called = new LinkedHashMap<String, String>();
        var given = new LinkedHashMap<String, SizeExpr>();
        groups.forEach((first, run) -> called.put(first, run.size() == 1 ? first : names.removeFirst()));
        var leftDims = rename(from.axesByDimension(), groups, called);
        for (var dim : leftDims) {
            // Several open factors in one dimension: say how large the merged ones are.
            groups.forEach((first, run) -> {
                var name = called.getOrDefault(first, first);
                if (dim.size() > 1 && run.size() > 1 && dim.contains(name)) {
                    given.put(name, product(run));
                }
            });
        }
        var op = new Rearrange(leftDims, rename(to.axesByDimension(), groups, called), given);
        return Optional.of(op.from().equals(op.to()) ? List.of() : List.of(op));
    }

    private static List<List<String>> rename(List<List<String>> dims, Map<String, List<String>> groups,
            Map<String, String> called) {
        return dims.stream().map(d -> d.stream().filter(groups::containsKey).map(a -> called.getOrDefault(a, a))
                .toList()).toList();
    }
}
