package weft.picture;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

import weft.io.CheckpointException;
import weft.rule.Chain;
import weft.rule.Op;
import weft.rule.Sizes;
import weft.tensor.Shape;

/**
 * A chain taken apart into the steps a person sees, and where each element is after each of them. The index maps are
 * the ops' own, so that a picture can't say another thing than what the converter does.
 */
final class Journey {
    /** The shapes at each stage: the sources first, the targets last. */
    private final List<List<Shape>> stages = new ArrayList<>();
    private final List<Chain> pieces = new ArrayList<>();
    private final List<List<Op>> ops = new ArrayList<>();
    private final Sizes sizes;

    Journey(Chain chain, List<Shape> sources, Sizes sizes) throws CheckpointException {
        this.sizes = sizes;
        stages.add(sources);
        if (chain.in().stream().anyMatch(b -> !b.isEmpty())) {
            add(new Chain(chain.in(), List.of(), nothing(chain.in().size())),
                    chain.in().stream().flatMap(List::stream).distinct().toList());
        }
        for (var op : chain.ops()) {
            var shapes = stages.getLast();
            var out = op.shapes(shapes, sizes);
            add(new Chain(nothing(shapes.size()), List.of(op), nothing(out.size())), List.of(op));
        }
        if (chain.out().stream().anyMatch(b -> !b.isEmpty())) {
            add(new Chain(nothing(chain.out().size()), List.of(), chain.out()),
                    chain.out().stream().flatMap(List::stream).distinct().toList());
        }
        if (pieces.isEmpty()) {
            add(new Chain(nothing(sources.size()), List.of(), nothing(sources.size())), List.of());
        }
    }

    private static List<List<Op>> nothing(int n) {
        return Collections.nCopies(n, List.<Op>of());
    }

    private void add(Chain piece, List<Op> what) throws CheckpointException {
        stages.add(piece.shapes(stages.getLast(), sizes));
        pieces.add(piece);
        ops.add(what);
    }

    /** One more than there are steps. */
    int stages() {
        return stages.size();
    }

    List<Shape> shapes(int stage) {
        return stages.get(stage);
    }

    /** What happens between a stage and the next. */
    List<Op> ops(int stage) {
        return ops.get(stage);
    }

    /**
     * Where an element of one stage is in all of them; {@link Op.Place#NOWHERE} at stages that don't have it: a row that
     * was added, or one that was cut off.
     */
    List<Op.Place> follow(int stage, Op.Place place) throws CheckpointException {
        var places = new ArrayList<Op.Place>(Collections.nCopies(stages.size(), Op.Place.NOWHERE));
        places.set(stage, place);
        for (int i = stage - 1; i >= 0 && !places.get(i + 1).isNowhere(); i--) {
            var at = places.get(i + 1);
            places.set(i, pieces.get(i).origin(at.tensor(), at.index(), stages.get(i), sizes));
        }
        for (int i = stage; i < pieces.size() && !places.get(i).isNowhere(); i++) {
            var at = places.get(i);
            var back = pieces.get(i).inverse(stages.get(i), sizes);
            places.set(i + 1, back.isPresent()
                    ? back.get().origin(at.tensor(), at.index(), stages.get(i + 1), sizes)
                    : onward(i, at));
        }
        return List.copyOf(places);
    }

    /**
     * Where a step that loses values puts one: such steps move each axis by itself, so the way of the first elements
     * tells the way of all, and the answer is held against the step's own map.
     */
    private Op.Place onward(int step, Op.Place at) throws CheckpointException {
        var shapes = stages.get(step + 1);
        for (int t = 0; t < shapes.size(); t++) {
            var shape = shapes.get(t);
            var first = back(step, t, new long[shape.rank()]);
            if (first.tensor() != at.tensor() || first.index().length != shape.rank()
                    || at.index().length != shape.rank()) {
                continue;
            }
            var index = new long[shape.rank()];
            boolean there = true;
            for (int axis = 0; axis < index.length; axis++) {
                long stride = 1;
                if (shape.dim(axis) > 1) {
                    var next = new long[shape.rank()];
                    next[axis] = 1;
                    var second = back(step, t, next);
                    stride = second.isNowhere() ? 1 : Math.max(1, second.index()[axis] - first.index()[axis]);
                }
                long away = at.index()[axis] - first.index()[axis];
                index[axis] = Math.floorDiv(away, stride);
                there &= away >= 0 && index[axis] < shape.dim(axis);
            }
            if (there) {
                var origin = back(step, t, index);
                if (origin.tensor() == at.tensor() && Arrays.equals(origin.index(), at.index())) {
                    return new Op.Place(t, index);
                }
            }
        }
        return Op.Place.NOWHERE;
    }

    private Op.Place back(int step, int tensor, long[] index) throws CheckpointException {
        return pieces.get(step).origin(tensor, index, stages.get(step), sizes);
    }

    /** Which row of the stage before each of the first rows comes from; a row that comes from none is −1. */
    long[] rowsFrom(int step, int most) throws CheckpointException {
        var shape = stages.get(step + 1).getFirst();
        if (shape.rank() < 1 || stages.get(step).getFirst().rank() != shape.rank()) { return new long[0]; }
        var rows = new long[(int) Math.min(most, shape.dim(0))];
        for (int row = 0; row < rows.length; row++) {
            var index = new long[shape.rank()];
            index[0] = row;
            var origin = back(step, 0, index);
            rows[row] = origin.isNowhere() ? -1 : origin.index()[0];
        }
        return rows;
    }

    /** Where the first and the last element of a target stand at a stage. */
    List<Op.Place> corners(int target, int stage) throws CheckpointException {
        var shape = stages.getLast().get(target);
        var last = new long[shape.rank()];
        for (int i = 0; i < last.length; i++) {
            last[i] = shape.dim(i) - 1;
        }
        return List.of(back(new Op.Place(target, new long[shape.rank()]), stage),
                back(new Op.Place(target, last), stage));
    }

    private Op.Place back(Op.Place target, int stage) throws CheckpointException {
        var at = target;
        for (int i = pieces.size() - 1; i >= stage && !at.isNowhere(); i--) {
            at = pieces.get(i).origin(at.tensor(), at.index(), stages.get(i), sizes);
        }
        return at;
    }
}
