package weft.rule;

import java.lang.foreign.Arena;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.tensor.Shape;
import weft.tensor.TensorData;

/**
 * Lays tensors side by side along an axis: {@code concat @0}; {@code concat @0 [2, 0, 1]} takes them in that order.
 * Law: all other dimensions are equal.
 *
 * @param order which input comes where; empty for the order they come in
 */
public record Concat(int axis, List<Integer> order) implements Op {

    public Concat {
        order = List.copyOf(order);
        checkOrder(order, order.size());
    }

    public Concat(int axis) {
        this(axis, List.of());
    }

    /** @throws IllegalArgumentException if an order of {@code n} isn't each number from 0 on once */
    static void checkOrder(List<Integer> order, int n) {
        if (!order.stream().sorted().toList().equals(IntStream.range(0, n).boxed().toList())) {
            throw new IllegalArgumentException(order.toString());
        }
    }

    /** The order that undoes an order. */
    static List<Integer> inverse(List<Integer> order) {
        return IntStream.range(0, order.size()).mapToObj(order::indexOf).toList();
    }

    static String text(List<Integer> order) {
        return order.isEmpty() ? "" : order.stream().map(String::valueOf).collect(Collectors.joining(", ", " [", "]"));
    }

    private int input(int place) {
        return order.isEmpty() ? place : order.get(place);
    }

    @Override
    public List<Shape> shapes(List<Shape> in, Sizes sizes) throws CheckpointException {
        if (in.isEmpty() || !order.isEmpty() && order.size() != in.size()) {
            throw Problem.of(Code.E_SHAPE).field(toString()).found(in.size() + " tensors")
                    .expected((order.isEmpty() ? "1 …" : order.size()) + " tensors").asException();
        }
        var first = in.getFirst();
        Op.axis(this, axis, first);
        long total = 0;
        for (var shape : in) {
            if (shape.rank() != first.rank() || !shape.with(axis, 0).equals(first.with(axis, 0))) {
                throw Problem.of(Code.E_SHAPE).field(toString()).found(shape).expected(first).asException();
            }
            total += shape.dim(axis);
            if (total < 0) { throw Problem.of(Code.E_SIZE).field(toString()).found(in).asException(); }
        }
        return List.of(first.with(axis, total));
    }

    @Override
    public List<TensorData> apply(List<TensorData> in, Sizes sizes) throws CheckpointException {
        var shape = shapes(in.stream().map(TensorData::shape).toList(), sizes).getFirst();
        var dtype = in.getFirst().dtype();
        for (var data : in) {
            if (data.dtype() != dtype) {
                throw Problem.of(Code.E_SHAPE).field(toString()).found(data.dtype()).expected(dtype).asException();
            }
        }
        // Gathered with the axis outermost, where pieces simply follow each other, and seen the other way round.
        var turned = in.getFirst().moveAxis(axis, 0).shape().with(0, shape.dim(axis));
        var memory = Arena.ofAuto().allocate(Math.max(1, shape.count() * dtype.bytes()), 64);
        long at = 0;
        for (int place = 0; place < in.size(); place++) {
            var piece = in.get(input(place)).moveAxis(axis, 0);
            piece.copyInto(memory.asSlice(at, piece.byteSize()));
            at += piece.byteSize();
        }
        return List.of(TensorData.of(memory, dtype, turned).moveAxis(0, axis));
    }

    @Override
    public Optional<Op> inverse(List<Shape> in, Sizes sizes) {
        var lengths = IntStream.range(0, in.size()).mapToObj(place -> in.get(input(place)).dim(axis)).toList();
        var split = lengths.stream().distinct().count() == 1
                ? Split.equal(in.size(), axis)
                : Split.sized(lengths.stream().map(SizeExpr::of).toList(), axis);
        return Optional.of(split.ordered(inverse(order)));
    }

    @Override
    public Place origin(Place out, List<Shape> in, Sizes sizes) {
        var index = out.index().clone();
        for (int place = 0; place < in.size(); place++) {
            long size = in.get(input(place)).dim(axis);
            if (index[axis] < size) { return new Place(input(place), index); }
            index[axis] -= size;
        }
        throw new IndexOutOfBoundsException();
    }

    @Override
    public String toString() {
        return "concat @" + axis + text(order);
    }
}
