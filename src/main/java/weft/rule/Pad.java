package weft.rule;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.tensor.Numbers;
import weft.tensor.Shape;
import weft.tensor.TensorData;

/**
 * Lengthens an axis at its end: {@code pad @0 to 50304 zero}, {@code pad @0 multiple 64 mean}. Law: the new size is
 * no less than the old one.
 *
 * @param size the new size, or what it shall be a multiple of
 * @param multiple whether {@code size} is that
 */
public record Pad(int axis, SizeExpr size, boolean multiple, Filling filling) implements Op {

    /** What the new part holds. */
    public sealed interface Filling {
    }

    /** Zeros. */
    public record Zero() implements Filling {
        @Override
        public String toString() {
            return "zero";
        }
    }

    /** The mean of what is there along the axis, in f64 and rounded once. */
    public record Mean() implements Filling {
        @Override
        public String toString() {
            return "mean";
        }
    }

    /** A copy of one index of the axis. */
    public record Row(SizeExpr index) implements Filling {
        @Override
        public String toString() {
            return "row " + index;
        }
    }

    /**
     * Normal numbers with mean 0 from {@link Random#Random(long)}, whose sequence is specified: element by element of
     * the new part in row-major order.
     */
    public record Normal(long seed, double deviation) implements Filling {
        @Override
        public String toString() {
            return "normal(" + seed + (deviation == ArrowText.DEVIATION ? "" : ", " + OpReader.number(deviation)) + ")";
        }
    }

    private long grown(Shape in, Sizes sizes) throws CheckpointException {
        Op.axis(this, axis, in);
        long old = in.dim(axis);
        long wanted = size.value(sizes);
        if (wanted < (multiple ? 1 : old)) {
            throw Problem.of(Code.E_SIZE).field(toString()).found(wanted).expected(">= " + (multiple ? 1 : old))
                    .asException();
        }
        boolean beyond = multiple && Math.ceilDiv(old, wanted) > Long.MAX_VALUE / wanted;
        long grown = beyond || !multiple ? wanted : Math.ceilDiv(old, wanted) * wanted;
        if (beyond || !in.with(axis, grown).isCountable()) {
            throw Problem.of(Code.E_SIZE).field(toString()).found(wanted).asException();
        }
        if (grown > old && filling instanceof Row(var index)
                && (index.value(sizes) < 0 || index.value(sizes) >= old)) {
            throw Problem.of(Code.E_SIZE).field(toString()).found(index.value(sizes)).expected("< " + old)
                    .asException();
        }
        return grown;
    }

    @Override
    public List<Shape> shapes(List<Shape> in, Sizes sizes) throws CheckpointException {
        var out = new ArrayList<Shape>();
        for (var shape : in) {
            out.add(shape.with(axis, grown(shape, sizes)));
        }
        return out;
    }

    @Override
    public List<TensorData> apply(List<TensorData> in, Sizes sizes) throws CheckpointException {
        var out = new ArrayList<TensorData>();
        for (var data : in) {
            long more = grown(data.shape(), sizes) - data.shape().dim(axis);
            out.add(more == 0
                    ? data
                    : new Concat(axis).apply(List.of(data, filled(data, more, sizes)), sizes).getFirst());
        }
        return out;
    }

    /** The new part: the shape of {@code data} with {@code more} along the axis. */
    private TensorData filled(TensorData data, long more, Sizes sizes) throws CheckpointException {
        var shape = data.shape().with(axis, more);
        return switch (filling) {
            case Zero _ -> expanded(empty(data, shape.with(axis, 1)), more);
            case Row(var index) -> {
                long row = index.value(sizes);
                yield expanded(data.slice(axis, row, row + 1, 1), more);
            }
            case Mean _ -> expanded(mean(data), more);
            case Normal(var seed, var deviation) -> {
                Affine.checkFloating(this, data.dtype());
                var part = empty(data, shape);
                var random = new Random(seed);
                long count = shape.count();
                for (long i = 0; i < count; i++) {
                    Numbers.put(part.segment(), i * data.dtype().bytes(), data.dtype(),
                            random.nextGaussian() * deviation);
                }
                yield part;
            }
        };
    }

    private static TensorData empty(TensorData like, Shape shape) {
        return TensorData.of(Arena.ofAuto().allocate(Math.max(1, shape.count() * like.dtype().bytes()), 64),
                like.dtype(), shape);
    }

    /** One index of the axis seen {@code more} times. */
    private TensorData expanded(TensorData row, long more) {
        var strides = new long[row.shape().rank()];
        for (int i = 0; i < strides.length; i++) {
            strides[i] = i == axis ? 0 : row.stride(i);
        }
        return TensorData.strided(row.segment(), row.dtype(), row.offset(), row.shape().with(axis, more), strides);
    }

    private TensorData mean(TensorData data) throws CheckpointException {
        Affine.checkFloating(this, data.dtype());
        long old = data.shape().dim(axis);
        if (old == 0) {
            throw Problem.of(Code.E_SIZE).field(toString()).found(data.shape()).expected("> 0").asException();
        }
        var mean = empty(data, data.shape().with(axis, 1));
        var sums = new double[Math.toIntExact(mean.shape().count())];
        for (long row = 0; row < old; row++) {
            var values = data.slice(axis, row, row + 1, 1).contiguous();
            for (int i = 0; i < sums.length; i++) {
                sums[i] += data.dtype().get(values.segment(), values.offset() + (long) i * data.dtype().bytes());
            }
        }
        for (int i = 0; i < sums.length; i++) {
            Numbers.put(mean.segment(), (long) i * data.dtype().bytes(), data.dtype(), sums[i] / old);
        }
        return mean;
    }

    @Override
    public Optional<Op> inverse(List<Shape> in, Sizes sizes) throws CheckpointException {
        Op.axis(this, axis, in.getFirst());
        long old = in.getFirst().dim(axis);
        return in.stream().allMatch(s -> s.dim(axis) == old)
                ? Optional.of(Slice.first(axis, SizeExpr.of(old)))
                : Optional.empty();
    }

    @Override
    public Place origin(Place out, List<Shape> in, Sizes sizes) throws CheckpointException {
        if (out.index()[axis] < in.get(out.tensor()).dim(axis)) { return out; }
        return switch (filling) {
            case Row(var index) -> {
                var place = out.index().clone();
                place[axis] = index.value(sizes);
                yield new Place(out.tensor(), place);
            }
            case Zero _,Mean _,Normal _ -> Place.NOWHERE;
        };
    }

    @Override
    public String toString() {
        return "pad @" + axis + (multiple ? " multiple " : " to ") + size + " " + filling;
    }
}
