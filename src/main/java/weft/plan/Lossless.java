package weft.plan;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

import weft.io.CheckpointException;
import weft.rule.Cast;
import weft.rule.CastLoss;
import weft.rule.Chain;
import weft.rule.Op;
import weft.rule.Rule;
import weft.rule.Sizes;
import weft.rule.Slice;
import weft.tensor.DType;
import weft.tensor.Shape;
import weft.tensor.TensorInfo;

/** Whether the source can be had back, bit for bit, from what a plan writes. It is computed, never declared. */
public final class Lossless {
    private Lossless() {
    }

    /** A chain with the sources it runs on: several targets may come out of one. */
    private record Run(Chain chain, List<String> sources) {
    }

    /**
     * True if every source tensor that is a parameter goes into a chain that can be undone and all of whose targets
     * are written.
     *
     * @param written which parameters are
     */
    public static boolean check(Plan plan, Predicate<String> written) throws CheckpointException {
        if (!plan.unused().isEmpty() || !plan.unexpected().isEmpty()) { return false; }
        var runs = new HashMap<Run, HashSet<Integer>>();
        var tied = new HashSet<String>();
        for (var row : plan.rows()) {
            if (!row.status().isReady() || !written.test(row.target().name())) {
                continue;
            }
            switch (row.producer()) {
                case Producer.FromSources from -> runs
                        .computeIfAbsent(new Run(from.chain(), from.sources()), _ -> new HashSet<>())
                        .add(from.target());
                // The source's own tensor of a tie that compares is equal to what is written.
                case Producer.SameAs _ when row.rule() instanceof Rule.Tie tie && tie.compares() ->
                    row.sources().forEach(s -> tied.add(s.name()));
                case Producer.SameAs _,Producer.Made _,Producer.Kept _ -> {
                }
                case null -> {
                }
            }
        }
        var tensors = new HashMap<String, TensorInfo>();
        plan.source().all().forEach(t -> tensors.putIfAbsent(t.name(), t));
        var back = new HashSet<>(tied);
        back.addAll(plan.ignored().keySet());
        for (var run : runs.entrySet()) {
            var from = run.getKey();
            if (run.getValue().size() == from.chain().out().size() && canBeUndone(from, tensors, plan)) {
                back.addAll(from.sources());
            }
        }
        return back.containsAll(tensors.keySet());
    }

    private static boolean canBeUndone(Run run, Map<String, TensorInfo> tensors, Plan plan)
            throws CheckpointException {
        if (run.chain().isIdentity()) { return true; }
        var shapes = new ArrayList<Shape>();
        var types = new HashSet<DType>();
        for (var name : run.sources()) {
            var tensor = tensors.get(name);
            if (tensor == null) { return false; }
            shapes.add(tensor.shape());
            types.add(tensor.dtype());
        }
        var chain = withoutWideningCasts(run.chain(), types);
        if (chain.isEmpty()) { return false; }
        return new HashSet<>(run.sources()).size() < run.sources().size()
                ? isPutTogether(chain.get(), run.sources(), shapes, plan.sizes())
                : chain.get().inverse(shapes, plan.sizes()).isPresent();
    }

    /**
     * Whether a tensor that feeds several branches is cut there into slices that leave nothing out, each of which can
     * be had back: alone a slice can't be undone, with the rest of them it can.
     */
    private static boolean isPutTogether(Chain chain, List<String> sources, List<Shape> shapes, Sizes sizes)
            throws CheckpointException {
        var rests = new ArrayList<List<Op>>();
        var pieces = new ArrayList<Shape>();
        var cuts = new HashMap<String, List<long[]>>();
        var before = new HashMap<String, List<Op>>();
        for (int i = 0; i < sources.size(); i++) {
            var ops = chain.in().get(i);
            int at = 0;
            while (at < ops.size() && !(ops.get(at) instanceof Slice)) {
                at++;
            }
            var whole = new Chain(List.of(ops.subList(0, at)), List.of(), List.of(List.of()));
            var shape = whole.shapes(List.of(shapes.get(i)), sizes).getFirst();
            if (at == ops.size() || !before.computeIfAbsent(sources.get(i), _ -> whole.in().getFirst())
                    .equals(whole.in().getFirst()) || whole.inverse(List.of(shapes.get(i)), sizes).isEmpty()) {
                return false;
            }
            var slice = (Slice) ops.get(at);
            long start = slice.start().value(sizes);
            long stop = slice.stop() == null ? shape.dim(slice.axis()) : slice.stop().value(sizes);
            if (slice.step().value(sizes) != 1) { return false; }
            cuts.computeIfAbsent(sources.get(i), _ -> new ArrayList<>())
                    .add(new long[]{slice.axis(), start, stop, shape.dim(slice.axis())});
            pieces.add(slice.shapes(List.of(shape), sizes).getFirst());
            rests.add(ops.subList(at + 1, ops.size()));
        }
        return cuts.values().stream().allMatch(Lossless::isWhole)
                && new Chain(rests, chain.ops(), chain.out()).inverse(pieces, sizes).isPresent();
    }

    /** Whether slices {axis, start, stop, size} of one tensor lie side by side from its beginning to its end. */
    private static boolean isWhole(List<long[]> slices) {
        slices.sort(Comparator.comparingLong(s -> s[1]));
        long end = 0;
        for (var slice : slices) {
            if (slice[0] != slices.getFirst()[0] || slice[1] != end) { return false; }
            end = slice[2];
        }
        return end == slices.getFirst()[3];
    }

    /** Casts that keep every value of the sources' type are undone by a cast; empty if one doesn't. */
    private static Optional<Chain> withoutWideningCasts(Chain chain, Set<DType> types) {
        var ops = new ArrayList<Op>(chain.ops());
        chain.in().forEach(ops::addAll);
        chain.out().forEach(ops::addAll);
        var casts = ops.stream().filter(Cast.class::isInstance).map(Cast.class::cast).distinct().toList();
        if (casts.isEmpty()) { return Optional.of(chain); }
        if (types.size() != 1 || casts.size() > 1
                || !CastLoss.widens(types.iterator().next(), casts.getFirst().to())) {
            return Optional.empty();
        }
        return Optional.of(new Chain(chain.in().stream().map(Lossless::plain).toList(), plain(chain.ops()),
                chain.out().stream().map(Lossless::plain).toList()));
    }

    private static List<Op> plain(List<Op> ops) {
        return ops.stream().filter(op -> !(op instanceof Cast)).toList();
    }
}
