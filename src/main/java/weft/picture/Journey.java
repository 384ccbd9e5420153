package weft.picture;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

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

    /** Where an element of one stage is in all of them; empty if it can't be followed forward. */
    Optional<List<Op.Place>> follow(int stage, Op.Place place) throws CheckpointException {
        var places = new ArrayList<Op.Place>(Collections.nCopies(stages.size(), place));
        var at = place;
        for (int i = stage - 1; i >= 0; i--) {
            at = pieces.get(i).origin(at.tensor(), at.index(), stages.get(i), sizes);
            places.set(i, at);
        }
        at = place;
        for (int i = stage; i < pieces.size(); i++) {
            var back = pieces.get(i).inverse(stages.get(i), sizes);
            if (back.isEmpty()) { return Optional.empty(); }
            at = back.get().origin(at.tensor(), at.index(), stages.get(i + 1), sizes);
            places.set(i + 1, at);
        }
        return Optional.of(places);
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
        for (int i = pieces.size() - 1; i >= stage; i--) {
            at = pieces.get(i).origin(at.tensor(), at.index(), stages.get(i), sizes);
        }
        return at;
    }
}
