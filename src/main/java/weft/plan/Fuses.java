package weft.plan;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;

import weft.name.Pattern;
import weft.plan.Reason.Note;
import weft.rule.Concat;
import weft.rule.Op;
import weft.rule.Rule;
import weft.rule.SizeExpr;
import weft.rule.Split;
import weft.tensor.Shape;

/**
 * Finds what one side keeps in one tensor and the other in several: query, key and value in one projection, gate and up
 * in one layer. Names tell which belong together and in which order; shapes have to add up along one dimension.
 */
final class Fuses {
    /** How far the next best must lie behind. */
    private static final double MARGIN = 0.08;
    private final Aliases aliases;
    private final List<Known> known = new ArrayList<>();

    /** A rule of a person that splits or joins: in words. */
    private record Known(boolean split, Set<String> one, List<Set<String>> many) {
    }

    /**
     * One tensor and those that lie in it, in their order.
     *
     * @param split whether the one is the source
     * @param ops {@code null} if shapes don't tell which way round the pieces lie
     * @param rivals of the one, if more than one tensor might hold them
     */
    record Fused(boolean split, Alike one, List<Alike> many, @Nullable List<Op> ops, double names, List<Note> notes,
            List<Alike> rivals) {
        boolean isOpen() {
            return ops == null || !rivals.isEmpty();
        }

        Rule.Map rule() {
            var pieces = new ArrayList<Rule.Branch>();
            for (var piece : many) {
                var by = piece.shiftFrom(one);
                pieces.add(Rule.Branch.of(split ? piece.shifted(by == null ? 0 : by) : piece.name()));
            }
            var whole = many.getFirst();
            var by = one.shiftFrom(whole);
            var own = List.of(Rule.Branch.of(split || by == null ? one.name() : one.shifted(by)));
            var turn = ops == null ? List.<Op>of() : ops;
            return split ? new Rule.Map(own, turn, pieces) : new Rule.Map(pieces, turn, own);
        }
    }

    Fuses(Aliases aliases) {
        this.aliases = aliases;
    }

    /** Learns from a rule that a person gave. @param mine words of a source's name @param theirs of a target's */
    void learn(Rule.Map map, Function<Pattern, Set<String>> mine, Function<Pattern, Set<String>> theirs) {
        boolean split = map.from().size() == 1 && map.to().size() > 1;
        if (!split && (map.to().size() != 1 || map.from().size() < 2)
                || map.from().stream().anyMatch(b -> b.source() != null)) {
            return;
        }
        var one = split ? map.from().getFirst() : map.to().getFirst();
        var many = split ? map.to() : map.from();
        known.add(new Known(split, (split ? mine : theirs).apply(one.name()),
                many.stream().map(b -> (split ? theirs : mine).apply(b.name())).toList()));
    }

    /**
     * What follows from a person's own rules: the bias goes as its weight went.
     *
     * @param orders in which order the dimensions of matrices go, or {@code null} if nothing tells
     */
    List<Fused> following(List<Alike> sources, List<Alike> targets, @Nullable List<Integer> orders) {
        var found = new ArrayList<Fused>();
        for (var rule : known) {
            for (var one : rule.split() ? sources : targets) {
                var many = new ArrayList<Alike>();
                for (var words : rule.many()) {
                    var fits = (rule.split() ? targets : sources).stream()
                            .filter(m -> m.shiftFrom(one) != null
                                    && isAnalogous(rule.one(), one.words(), words, m.words()))
                            .toList();
                    if (fits.size() == 1) {
                        many.add(fits.getFirst());
                    }
                }
                if (many.size() == rule.many().size() && new HashSet<>(many).size() == many.size()) {
                    var ops = ops(rule.split(), one.shape(), many.stream().map(Alike::shape).toList(), orders);
                    if (ops.isPresent()) {
                        found.add(new Fused(rule.split(), one, many, ops.get().ops(), 1, List.of(Note.ACCEPTED),
                                List.of()));
                    }
                }
            }
        }
        return found;
    }

    private static boolean isAnalogous(Set<String> one, Set<String> otherOne, Set<String> piece,
            Set<String> otherPiece) {
        return Words.without(otherOne, one).equals(Words.without(otherPiece, piece))
                && Words.without(one, otherOne).equals(Words.without(piece, otherPiece))
                && !one.equals(otherOne);
    }

    /**
     * What names say belongs together.
     *
     * @param named whether only tensors are looked at whose name says that they hold several
     */
    List<Fused> find(List<Alike> sources, List<Alike> targets, @Nullable List<Integer> orders, boolean named) {
        var found = new ArrayList<Fused>();
        var taken = new HashSet<Alike>();
        for (var together : Aliases.TOGETHER) {
            for (boolean split : new boolean[]{true, false}) {
                for (var many : groups(together, split ? targets : sources)) {
                    if (many.stream().anyMatch(taken::contains)) {
                        continue;
                    }
                    fused(together, split, many, split ? sources : targets, orders, named).ifPresent(f -> {
                        if (taken.stream().noneMatch(f.one()::equals)) {
                            taken.addAll(f.many());
                            taken.add(f.one());
                            found.add(f);
                        }
                    });
                }
            }
        }
        return found;
    }

    /** Complete sets of parts: names that differ in nothing but the part, and that count the same layers. */
    private static List<List<Alike>> groups(Aliases.Together together, List<Alike> side) {
        record Key(Set<String> frame, Set<Long> layers) {
        }
        var byFrame = new LinkedHashMap<Key, Map<Integer, List<Alike>>>();
        for (var like : side) {
            int part = together.part(like.words());
            if (part >= 0 && !together.isNamedBy(like.words())) {
                byFrame.computeIfAbsent(new Key(together.frame(like.words()), like.numbers()), _ -> new HashMap<>())
                        .computeIfAbsent(part, _ -> new ArrayList<>()).add(like);
            }
        }
        var groups = new ArrayList<List<Alike>>();
        for (var parts : byFrame.values()) {
            if (parts.size() == together.parts().size() && parts.values().stream().allMatch(p -> p.size() == 1)) {
                var group = new ArrayList<Alike>();
                for (int i = 0; i < parts.size(); i++) {
                    group.add(Objects.requireNonNull(parts.get(i)).getFirst());
                }
                groups.add(group);
            }
        }
        return groups;
    }

    private Optional<Fused> fused(Aliases.Together together, boolean split, List<Alike> many,
            List<Alike> side,
            @Nullable List<Integer> orders, boolean named) {
        var frame = together.frame(many.getFirst().words());
        var shapes = many.stream().map(Alike::shape).toList();
        record Scored(Alike one, double names, Turn turn) {
        }
        var candidates = new ArrayList<Scored>();
        for (var one : side) {
            boolean says = together.isNamedBy(one.words());
            if (one.shiftFrom(many.getFirst()) == null || named && !says
                    || one.words().contains("bias") != frame.contains("bias") && one.shape().squeezed().rank() == 1) {
                continue;
            }
            ops(split, one.shape(), shapes, orders).ifPresent(turn -> {
                var plain = Words.without(together.frame(one.words()), together.fused());
                double names = Math.max(Words.overlap(plain, frame), aliases.follows(plain, frame));
                candidates.add(new Scored(one, Math.min(1, names + (says ? 0.4 : 0)), turn));
            });
        }
        candidates.sort((a, b) -> Double.compare(b.names(), a.names()));
        if (candidates.isEmpty()) { return Optional.empty(); }
        var best = candidates.getFirst();
        var rivals = candidates.stream().skip(1).filter(c -> c.names() > best.names() - MARGIN).map(Scored::one)
                .toList();
        return Optional.of(new Fused(split, best.one(), many, best.turn().ops(), best.names(),
                best.turn().isTold() ? List.of(Note.ORDER) : List.of(Note.SIBLINGS, Note.ORDER), rivals));
    }

    /** Ops, {@code null} if shapes don't tell which; and whether shapes alone told. */
    private record Turn(@Nullable List<Op> ops, boolean isTold) {
    }

    /** How one tensor is cut into pieces of these shapes, or joined from them; empty if they don't add up. */
    private static Optional<Turn> ops(boolean split, Shape one, List<Shape> pieces,
            @Nullable List<Integer> orders) {
        var whole = one.squeezed();
        int rank = whole.rank();
        if (rank < 1 || rank > 2 || pieces.stream().anyMatch(p -> p.squeezed().rank() != rank)
                || pieces.stream().map(Shape::rank).distinct().count() > 1) {
            return Optional.empty();
        }
        var ways = new ArrayList<List<Integer>>();
        for (var order : rank == 1 ? List.of(List.of(0)) : List.of(List.of(0, 1), List.of(1, 0))) {
            if (axis(whole, pieces, order) >= 0) {
                ways.add(order);
            }
        }
        if (ways.isEmpty()) { return Optional.empty(); }
        boolean told = ways.size() == 1;
        var order = told ? ways.getFirst() : orders != null && ways.contains(orders) ? orders : null;
        if (order == null) { return Optional.of(new Turn(null, false)); }
        int place = axis(whole, pieces, order); // among the dimensions of a piece that aren't 1
        var sum = together(pieces, place, whole.dim(order.get(place)));
        int axis = Fit.axis(pieces.getFirst(), place);
        var ops = new ArrayList<Op>();
        if (split) {
            ops.addAll(Fit.ops(one, sum, order));
            ops.add(cut(pieces, axis));
        } else {
            ops.add(new Concat(axis));
            // From the pieces' order back to the whole's: of two dimensions, swapping is its own way back.
            ops.addAll(Fit.ops(sum, one, order));
        }
        return Optional.of(new Turn(ops, told));
    }

    /** The first piece's shape, as long as all of them along one dimension. */
    private static Shape together(List<Shape> pieces, int place, long length) {
        return pieces.getFirst().with(Fit.axis(pieces.getFirst(), place), length);
    }

    private static Split cut(List<Shape> pieces, int axis) {
        boolean equal = pieces.stream().distinct().count() == 1;
        return equal
                ? Split.equal(pieces.size(), axis)
                : Split.sized(pieces.stream().map(p -> SizeExpr.of(p.dim(axis))).toList(), axis);
    }

    /** Along which dimension of a piece the pieces add up to the whole, whose dimensions go in this order; −1 if none. */
    private static int axis(Shape whole, List<Shape> pieces, List<Integer> order) {
        for (int place = 0; place < order.size(); place++) {
            long sum = 0;
            boolean same = true;
            for (var piece : pieces) {
                var own = piece.squeezed();
                sum += own.dim(place);
                for (int other = 0; other < order.size(); other++) {
                    same &= other == place || own.dim(other) == whole.dim(order.get(other));
                }
            }
            if (same && sum == whole.dim(order.get(place))) { return place; }
        }
        return -1;
    }
}
