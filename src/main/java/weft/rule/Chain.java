package weft.rule;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.tensor.DType;
import weft.tensor.Shape;
import weft.tensor.TensorData;

/**
 * How values get from sources to targets: branches → ops → branches. Each source goes through ops of its own, the
 * results form one list, the common ops work on the list, and each element that is left goes through ops of its own
 * into its target. Preview, proof and conversion all run this and nothing else.
 *
 * @param in ops of each source, one list a source
 * @param ops the common ops
 * @param out ops of each target, one list a target
 */
public record Chain(List<List<Op>> in, List<Op> ops, List<List<Op>> out) {

    public Chain {
        in = in.stream().map(List::copyOf).toList();
        ops = List.copyOf(ops);
        out = out.stream().map(List::copyOf).toList();
    }

    /** From one source to one target. */
    public static Chain of(List<Op> ops) {
        return new Chain(List.of(List.of()), ops, List.of(List.of()));
    }

    /** Every op in the order it runs for one target; what a row shows. */
    public List<Op> steps(int target) {
        var steps = new ArrayList<Op>();
        in.forEach(b -> b.stream().filter(op -> !steps.contains(op)).forEach(steps::add));
        steps.addAll(ops);
        steps.addAll(out.get(target));
        return steps;
    }

    public boolean isIdentity() {
        return ops.isEmpty() && in.stream().allMatch(List::isEmpty) && out.stream().allMatch(List::isEmpty);
    }

    /** The shape of every target. @throws CheckpointException an {@code E-} code with the op that doesn't fit */
    public List<Shape> shapes(List<Shape> sources, Sizes sizes) throws CheckpointException {
        return walk(sources, sizes, (op, shapes) -> op.shapes(shapes, sizes));
    }

    /** How many tensors the common ops leave, whatever the targets are. */
    public int pieces(List<Shape> sources, Sizes sizes) throws CheckpointException {
        List<Shape> list = new ArrayList<>();
        for (int i = 0; i < in.size(); i++) {
            list.addAll(run(in.get(i), List.of(sources.get(i)), (op, shapes) -> op.shapes(shapes, sizes)));
        }
        return Chain.<Shape>run(ops, list, (op, shapes) -> op.shapes(shapes, sizes)).size();
    }

    /** The values of one target. */
    public TensorData apply(int target, List<TensorData> sources, Sizes sizes) throws CheckpointException {
        return apply(target, sources, sizes, _ -> {
        });
    }

    /** The same, telling what each cast on the way that can't keep every value has done. */
    public TensorData apply(int target, List<TensorData> sources, Sizes sizes, Consumer<CastLoss> losses)
            throws CheckpointException {
        return walk(sources, sizes, (op, data) -> {
            var out = op.apply(data, sizes);
            if (op instanceof Cast) {
                for (int i = 0; i < out.size(); i++) {
                    if (!CastLoss.widens(data.get(i).dtype(), out.get(i).dtype())) {
                        losses.accept(CastLoss.between(data.get(i), out.get(i)));
                    }
                }
            }
            return out;
        }).get(target);
    }

    public DType dtype(int target, List<DType> sources) throws CheckpointException {
        return walk(sources, Sizes.NONE, (op, types) -> switch (op) {
            case Split split -> Collections.nCopies(Math.max(split.parts(), split.sizes().size()),
                    types.getFirst());
            case Unstack _ -> Collections.nCopies(out.size(), types.getFirst());
            case Concat _,Stack _,Combine _ -> List.of(op.dtype(types.getFirst()));
            case Rearrange _,Slice _,Pad _,Take _,Affine _,Cast _ -> types.stream().map(op::dtype).toList();
        }).get(target);
    }

    private interface Step<T> {
        List<T> run(Op op, List<T> values) throws CheckpointException;
    }

    private <T> List<T> walk(List<T> sources, Sizes sizes, Step<T> step) throws CheckpointException {
        if (sources.size() != in.size()) {
            throw Problem.of(Code.E_SOURCE).found(sources.size() + " tensors").expected(in.size() + " tensors")
                    .asException();
        }
        List<T> list = new ArrayList<>();
        for (int i = 0; i < in.size(); i++) {
            list.addAll(run(in.get(i), List.of(sources.get(i)), step));
        }
        list = run(ops, list, step);
        if (list.size() != out.size()) {
            throw Problem.of(Code.E_SHAPE).field(last()).found(list.size() + " tensors")
                    .expected(out.size() + " tensors").asException();
        }
        var results = new ArrayList<T>();
        for (int i = 0; i < out.size(); i++) {
            results.add(Op.single(out.get(i).isEmpty() ? Split.equal(1, 0) : out.get(i).getLast(),
                    run(out.get(i), List.of(list.get(i)), step)));
        }
        return results;
    }

    private String last() {
        return ops.isEmpty() ? "" : ops.getLast().toString();
    }

    private static <T> List<T> run(List<Op> ops, List<T> values, Step<T> step) throws CheckpointException {
        var list = values;
        for (var op : ops) {
            list = step.run(op, list);
        }
        return list;
    }

    /** Which element of which source ended up at {@code index} of a target; nowhere if an op made it. */
    public Op.Place origin(int target, long[] index, List<Shape> sources, Sizes sizes) throws CheckpointException {
        // Forward once to know every intermediate shape, then back.
        var branches = new ArrayList<List<List<Shape>>>();
        var joined = new ArrayList<Shape>();
        var first = new ArrayList<Integer>();
        for (int i = 0; i < in.size(); i++) {
            var stages = stages(in.get(i), List.of(sources.get(i)), sizes);
            branches.add(stages);
            first.add(joined.size());
            joined.addAll(stages.getLast());
        }
        var common = stages(ops, joined, sizes);
        var tail = stages(out.get(target), List.of(common.getLast().get(target)), sizes);
        var place = back(out.get(target), tail, new Op.Place(0, index), sizes);
        if (place.isNowhere()) { return place; }
        place = back(ops, common, new Op.Place(target, place.index()), sizes);
        if (place.isNowhere()) { return place; }
        int source = in.size() - 1;
        while (first.get(source) > place.tensor()) {
            source--;
        }
        place = back(in.get(source), branches.get(source),
                new Op.Place(place.tensor() - first.get(source), place.index()), sizes);
        return place.isNowhere() ? place : new Op.Place(source, place.index());
    }

    private static List<List<Shape>> stages(List<Op> ops, List<Shape> shapes, Sizes sizes) throws CheckpointException {
        var stages = new ArrayList<List<Shape>>();
        stages.add(shapes);
        for (var op : ops) {
            stages.add(op.shapes(stages.getLast(), sizes));
        }
        return stages;
    }

    private static Op.Place back(List<Op> ops, List<List<Shape>> stages, Op.Place place, Sizes sizes)
            throws CheckpointException {
        var at = place;
        for (int i = ops.size() - 1; i >= 0 && !at.isNowhere(); i--) {
            at = ops.get(i).origin(at, stages.get(i), sizes);
        }
        return at;
    }

    /** The chain from the targets back to the sources, or empty if an op can't be undone. */
    public Optional<Chain> inverse(List<Shape> sources, Sizes sizes) throws CheckpointException {
        var joined = new ArrayList<Shape>();
        var newOut = new ArrayList<List<Op>>();
        for (int i = 0; i < in.size(); i++) {
            var stages = stages(in.get(i), List.of(sources.get(i)), sizes);
            joined.addAll(stages.getLast());
            var undone = undo(in.get(i), stages, sizes);
            if (undone.isEmpty() || stages.getLast().size() != 1) { return Optional.empty(); }
            newOut.add(undone.get());
        }
        var common = stages(ops, joined, sizes);
        var middle = undo(ops, common, sizes);
        if (middle.isEmpty()) { return Optional.empty(); }
        var newIn = new ArrayList<List<Op>>();
        for (int i = 0; i < out.size(); i++) {
            var undone = undo(out.get(i), stages(out.get(i), List.of(common.getLast().get(i)), sizes), sizes);
            if (undone.isEmpty()) { return Optional.empty(); }
            newIn.add(undone.get());
        }
        return Optional.of(new Chain(newIn, middle.get(), newOut));
    }

    private static Optional<List<Op>> undo(List<Op> ops, List<List<Shape>> stages, Sizes sizes)
            throws CheckpointException {
        var undone = new ArrayList<Op>();
        for (int i = ops.size() - 1; i >= 0; i--) {
            var inverse = ops.get(i).inverse(stages.get(i), sizes);
            if (inverse.isEmpty()) { return Optional.empty(); }
            undone.add(inverse.get());
        }
        return Optional.of(undone);
    }
}
