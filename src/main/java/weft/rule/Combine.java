package weft.rule;

import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.tensor.DType;
import weft.tensor.Numbers;
import weft.tensor.Shape;
import weft.tensor.TensorData;

/**
 * Computes one tensor from several by a recipe. Everything but {@link Lora} is added up in f64 and rounded once to the
 * result's type. What went in can't be told from what comes out, so there is no inverse.
 */
public record Combine(Recipe recipe) implements Op {

    /** How the tensors are combined. */
    public sealed interface Recipe {
    }

    /** The sum of tensors of one shape; the first one's type. */
    public record Add() implements Recipe {
        @Override
        public String toString() {
            return "add";
        }
    }

    /**
     * A low-rank adapter merged into its weight: W [out, in] + scale · B [out, r] · A [r, in] (Hu et al., 2021,
     * §4.1); the inputs stand in the order W, A, B. The result has W's shape and type. As PEFT does it, the product,
     * its scaling and the sum are each rounded to f32 (f64 if W is); the sum is then rounded to W's type.
     *
     * @param r the rank; must be A's first dimension
     * @param fanInFanOut whether W is {@code [in, out]} (GPT-2's Conv1D, an embedding)
     * @param rsLora whether the scale is alpha/√r (Kalajdzievski, 2023) rather than alpha/r
     */
    public record Lora(double alpha, long r, boolean fanInFanOut, boolean rsLora) implements Recipe {
        double scale() {
            return alpha / (rsLora ? Math.sqrt(r) : r);
        }

        @Override
        public String toString() {
            return "lora alpha=" + OpReader.number(alpha) + " r=" + r + (fanInFanOut ? " fanInFanOut=true" : "")
                    + (rsLora ? " rsLora=true" : "");
        }
    }

    /** 8-bit integers with one scale a row: W [out, in] i8 · S [out] / 127 (Dettmers et al., 2022, LLM.int8). */
    public record Int8(DType to) implements Recipe {
        @Override
        public String toString() {
            return "dequant int8" + spell(to);
        }
    }

    /**
     * 8-bit floats with scales S to multiply with: W [out, in] and S of one element, of [out] or [out, 1], or one for
     * each square block, {@code [ceil(out/block), ceil(in/block)]}.
     *
     * @param block side of a block
     */
    public record Fp8(long block, DType to) implements Recipe {
        @Override
        public String toString() {
            return "dequant fp8 block=" + block + spell(to);
        }
    }

    /**
     * 4-bit normal floats (Dettmers et al., 2023, QLoRA, appendix E): bytes [n/2] (or [n/2, 1]) that hold two
     * elements each, the first in the upper half, and one f32 a block [ceil(n/block)] to multiply with. With four
     * inputs these are themselves quantised: bytes, u8 [blocks], f32 [ceil(blocks/nested)], f32 [256] (what each u8
     * stands for), to which {@code offset} is added.
     *
     * @param shape the result's shape, which the bytes don't show
     * @param block elements a block
     * @param nested blocks a block of scales
     */
    public record Nf4(List<SizeExpr> shape, long block, long nested, double offset, DType to) implements Recipe {
        public Nf4 {
            shape = List.copyOf(shape);
        }

        @Override
        public String toString() {
            return "dequant nf4 shape=" + shape.stream().map(SizeExpr::toString)
                    .collect(Collectors.joining(", ", "[", "]")) + " block=" + block
                    + (nested == NESTED ? "" : " nested=" + nested)
                    + (offset == 0 ? "" : " offset=" + OpReader.number(offset)) + spell(to);
        }
    }

    /** Elements or blocks a scale where nothing else is said; bitsandbytes' own defaults. */
    static final long BLOCK = 64;
    static final long NESTED = 256;
    /** Side of a block of 8-bit floats where nothing else is said. */
    static final long SQUARE = 128;

    /** The sixteen values of a 4-bit normal float. */
    private static final float[] NF4 = {-1f, -0.6961928009986877f, -0.5250730514526367f, -0.39491748809814453f,
        -0.28444138169288635f, -0.18477343022823334f, -0.09105003625154495f, 0f, 0.07958029955625534f,
        0.16093020141124725f, 0.24611230194568634f, 0.33791524171829224f, 0.44070982933044434f, 0.5626170039176941f,
        0.7229568362236023f, 1f};

    private static String spell(DType to) {
        return to == DType.F32 ? "" : " dtype=" + to.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public List<Shape> shapes(List<Shape> in, Sizes sizes) throws CheckpointException {
        return List.of(switch (recipe) {
            case Add _ -> {
                count(in, 1, Integer.MAX_VALUE);
                for (var shape : in) {
                    same(shape, in.getFirst());
                }
                yield in.getFirst();
            }
            case Lora lora -> {
                count(in, 3, 3);
                var weight = in.getFirst();
                if (weight.rank() != 2) { throw wrong(weight, "[out, in]"); }
                long out = weight.dim(lora.fanInFanOut ? 1 : 0);
                long into = weight.dim(lora.fanInFanOut ? 0 : 1);
                same(in.get(1), Shape.of(lora.r, into));
                same(in.get(2), Shape.of(out, lora.r));
                yield weight;
            }
            case Int8 _ -> {
                count(in, 2, 2);
                var weight = in.getFirst();
                if (weight.rank() != 2) { throw wrong(weight, "[out, in]"); }
                same(in.get(1), Shape.of(weight.dim(0)));
                yield weight;
            }
            case Fp8 fp8 -> {
                count(in, 2, 2);
                scaleSteps(fp8, in.get(0), in.get(1));
                yield in.getFirst();
            }
            case Nf4 nf4 -> {
                if (in.size() != 2) {
                    count(in, 4, 4);
                }
                var dims = new long[nf4.shape.size()];
                for (int i = 0; i < dims.length; i++) {
                    dims[i] = nf4.shape.get(i).value(sizes);
                    if (dims[i] < 0) { throw wrong(dims[i], ">= 0"); }
                }
                var shape = Shape.of(dims);
                try {
                    long n = shape.count();
                    long blocks = Math.ceilDiv(n, nf4.block);
                    elements(in.get(0), Math.ceilDiv(n, 2));
                    elements(in.get(1), blocks);
                    if (in.size() == 4) {
                        elements(in.get(2), Math.ceilDiv(blocks, nf4.nested));
                        elements(in.get(3), 256);
                    }
                } catch (ArithmeticException e) {
                    throw wrong(shape, "< 2^63");
                }
                yield shape;
            }
        });
    }

    private CheckpointException wrong(Object found, Object expected) {
        return Problem.of(Code.E_SHAPE).field(toString()).found(found).expected(expected).asException();
    }

    private void count(List<Shape> in, int least, int most) throws CheckpointException {
        if (in.size() < least || in.size() > most) { throw wrong(in.size() + " tensors", least + " tensors"); }
    }

    private void same(Shape found, Shape expected) throws CheckpointException {
        if (!found.equals(expected)) { throw wrong(found, expected); }
    }

    private void elements(Shape found, long expected) throws CheckpointException {
        if (found.count() != expected) { throw wrong(found, "[" + expected + "]"); }
    }

    /** Rows and columns that share one scale. */
    private long[] scaleSteps(Fp8 fp8, Shape weight, Shape scale) throws CheckpointException {
        if (scale.count() == 1) { return new long[]{Long.MAX_VALUE, Long.MAX_VALUE}; }
        if (weight.rank() != 2) { throw wrong(weight, "[out, in]"); }
        if (scale.equals(Shape.of(weight.dim(0))) || scale.equals(Shape.of(weight.dim(0), 1))) {
            return new long[]{1, Long.MAX_VALUE};
        }
        same(scale, Shape.of(Math.ceilDiv(weight.dim(0), fp8.block), Math.ceilDiv(weight.dim(1), fp8.block)));
        return new long[]{fp8.block, fp8.block};
    }

    @Override
    public DType dtype(DType in) {
        return switch (recipe) {
            case Add _,Lora _ -> in;
            case Int8(var to) -> to;
            case Fp8(_, var to) -> to;
            case Nf4(_, _, _, _, var to) -> to;
        };
    }

    @Override
    public List<TensorData> apply(List<TensorData> in, Sizes sizes) throws CheckpointException {
        var shape = shapes(in.stream().map(TensorData::shape).toList(), sizes).getFirst();
        var type = dtype(in.getFirst().dtype());
        var plain = in.stream().map(TensorData::contiguous).toList();
        var out = TensorData.of(Arena.ofAuto().allocate(Math.max(1, shape.count() * type.bytes()), 64), type, shape);
        switch (recipe) {
            case Add _ -> add(plain, out);
            case Lora lora -> lora(lora, plain, out);
            case Int8 _ -> {
                type(plain.get(0), DType.I8);
                Affine.checkFloating(this, plain.get(1).dtype());
                long columns = shape.dim(1);
                fill(out, i -> get(plain.get(0), i) * get(plain.get(1), i / columns) / 127);
            }
            case Fp8 fp8 -> fp8(fp8, plain, out);
            case Nf4 nf4 -> nf4(nf4, plain, out);
        }
        return List.of(out);
    }

    private void type(TensorData data, DType expected) throws CheckpointException {
        if (data.dtype() != expected) {
            throw Problem.of(Code.UNKNOWN_DTYPE).field(toString()).found(data.dtype()).expected(expected)
                    .asException();
        }
    }

    private interface Element {
        double at(long place);
    }

    /** Element {@code place} of a contiguous tensor. */
    private static double get(TensorData data, long place) {
        return data.dtype().get(data.segment(), data.offset() + place * data.dtype().bytes());
    }

    private static void fill(TensorData out, Element element) {
        long count = out.shape().count();
        for (long i = 0; i < count; i++) {
            Numbers.put(out.segment(), i * out.dtype().bytes(), out.dtype(), element.at(i));
        }
    }

    private void add(List<TensorData> in, TensorData out) throws CheckpointException {
        for (var data : in) {
            Affine.checkFloating(this, data.dtype());
        }
        fill(out, i -> {
            double sum = get(in.getFirst(), i);
            for (int k = 1; k < in.size(); k++) {
                sum += get(in.get(k), i);
            }
            return sum;
        });
    }

    private void lora(Lora lora, List<TensorData> in, TensorData out) throws CheckpointException {
        for (var data : in) {
            Affine.checkFloating(this, data.dtype());
        }
        int rank = Math.toIntExact(lora.r);
        long rows = out.shape().dim(0);
        int columns = Math.toIntExact(out.shape().dim(1));
        // W's rows are B's rows (or, of [in, out], A's columns); the other factor runs along them.
        var byRow = lora.fanInFanOut ? in.get(1).permute(1, 0).contiguous() : in.get(2); // [rows, r]
        var along = lora.fanInFanOut ? in.get(2).permute(1, 0).contiguous() : in.get(1); // [r, columns]
        if (out.dtype() == DType.F64) {
            loraInDoubles(lora.scale(), rank, byRow, along, in.getFirst(), out);
            return;
        }
        var factors = new float[rank][columns];
        for (int k = 0; k < rank; k++) {
            for (int c = 0; c < columns; c++) {
                factors[k][c] = (float) get(along, (long) k * columns + c);
            }
        }
        float scale = (float) lora.scale();
        var sum = new float[columns];
        for (long row = 0; row < rows; row++) {
            Arrays.fill(sum, 0);
            for (int k = 0; k < rank; k++) {
                float factor = (float) get(byRow, row * rank + k);
                for (int c = 0; c < columns; c++) {
                    sum[c] = Math.fma(factor, factors[k][c], sum[c]);
                }
            }
            for (int c = 0; c < columns; c++) {
                long place = row * columns + c;
                Numbers.put(out.segment(), place * out.dtype().bytes(), out.dtype(),
                        (float) get(in.getFirst(), place) + sum[c] * scale);
            }
        }
    }

    private static void loraInDoubles(double scale, int rank, TensorData byRow, TensorData along, TensorData weight,
            TensorData out) {
        long columns = out.shape().dim(1);
        fill(out, i -> {
            double sum = 0;
            for (int k = 0; k < rank; k++) {
                sum = Math.fma(get(byRow, i / columns * rank + k), get(along, k * columns + i % columns), sum);
            }
            return get(weight, i) + sum * scale;
        });
    }

    private void fp8(Fp8 fp8, List<TensorData> in, TensorData out) throws CheckpointException {
        var weight = in.get(0);
        var scale = in.get(1);
        if (weight.dtype() != DType.F8_E4M3 && weight.dtype() != DType.F8_E5M2) {
            type(weight, DType.F8_E4M3);
        }
        Affine.checkFloating(this, scale.dtype());
        var steps = scaleSteps(fp8, weight.shape(), scale.shape());
        if (scale.shape().count() == 1) {
            double factor = get(scale, 0);
            fill(out, i -> get(weight, i) * factor);
            return;
        }
        long columns = weight.shape().dim(1);
        long blocks = Math.ceilDiv(columns, steps[1]);
        fill(out, i -> get(weight, i) * get(scale, i / columns / steps[0] * blocks + i % columns / steps[1]));
    }

    private void nf4(Nf4 nf4, List<TensorData> in, TensorData out) throws CheckpointException {
        var packed = in.get(0);
        type(packed, DType.U8);
        boolean isNested = in.size() == 4;
        if (isNested) {
            type(in.get(1), DType.U8);
            Affine.checkFloating(this, in.get(2).dtype());
            Affine.checkFloating(this, in.get(3).dtype());
        } else {
            Affine.checkFloating(this, in.get(1).dtype());
        }
        Element scale = isNested
                ? b -> (float) (get(in.get(3), (long) get(in.get(1), b)) * get(in.get(2), b / nf4.nested))
                        + (float) nf4.offset
                : b -> get(in.get(1), b);
        fill(out, i -> {
            int pair = (int) get(packed, i / 2);
            // As the kernels do it: each step in f32, then the result's type.
            return (float) (NF4[i % 2 == 0 ? pair >> 4 : pair & 15] * scale.at(i / nf4.block));
        });
    }

    @Override
    public Optional<Op> inverse(List<Shape> in, Sizes sizes) {
        return Optional.empty();
    }

    /** The element of the first input that it is based on; of packed halves, the byte. */
    @Override
    public Place origin(Place out, List<Shape> in, Sizes sizes) throws CheckpointException {
        if (!(recipe instanceof Nf4)) { return new Place(0, out.index()); }
        var shape = shapes(in, sizes).getFirst();
        long place = 0;
        for (int axis = 0; axis < shape.rank(); axis++) {
            place = place * shape.dim(axis) + out.index()[axis];
        }
        var packed = in.getFirst();
        var index = new long[packed.rank()];
        long rest = place / 2;
        for (int axis = packed.rank() - 1; axis >= 0; axis--) {
            index[axis] = rest % packed.dim(axis);
            rest /= packed.dim(axis);
        }
        return new Place(0, index);
    }

    @Override
    public String toString() {
        return "combine " + recipe;
    }
}
