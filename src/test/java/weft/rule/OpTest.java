package weft.rule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.tensor.DType;
import weft.tensor.Shape;
import weft.tensor.TensorData;

/** What every op owes: the shape law, the inverse bit for bit, the index map. */
class OpTest {
    private static final long[] ODD = {1, 2, 3, 5, 7, 8, 12, 13};
    private static final List<DType> TYPES = List.of(DType.F32, DType.F16, DType.F64, DType.F8_E4M3, DType.I64,
            DType.U8, DType.C128);

    private static TensorData random(Random random, DType dtype, long... dims) {
        var shape = Shape.of(dims);
        var bytes = new byte[(int) (shape.count() * dtype.bytes())];
        random.nextBytes(bytes);
        var segment = Arena.ofAuto().allocate(Math.max(1, bytes.length), 8);
        MemorySegment.copy(bytes, 0, segment, ValueLayout.JAVA_BYTE, 0, bytes.length);
        return TensorData.of(segment, dtype, shape);
    }

    /** Each element its own number, so that one that went astray is noticed. */
    private static TensorData counted(long first, long... dims) {
        var shape = Shape.of(dims);
        var segment = Arena.ofAuto().allocate(Math.max(1, shape.count() * 8), 8);
        for (long i = 0; i < shape.count(); i++) {
            segment.setAtIndex(ValueLayout.JAVA_LONG, i, first + i);
        }
        return TensorData.of(segment, DType.I64, shape);
    }

    private static byte[] bytes(TensorData data) {
        var copy = Arena.ofAuto().allocate(Math.max(1, data.byteSize()), 8);
        data.copyInto(copy);
        return copy.asSlice(0, data.byteSize()).toArray(ValueLayout.JAVA_BYTE);
    }

    private static void assertSame(List<TensorData> actual, List<TensorData> expected) {
        assertThat(actual.stream().map(TensorData::shape)).isEqualTo(expected.stream().map(TensorData::shape).toList());
        for (int i = 0; i < actual.size(); i++) {
            assertThat(actual.get(i).dtype()).isEqualTo(expected.get(i).dtype());
            assertThat(bytes(actual.get(i))).isEqualTo(bytes(expected.get(i)));
        }
    }

    private static List<Shape> shapes(List<TensorData> data) {
        return data.stream().map(TensorData::shape).toList();
    }

    /** Law = data, index map = data, inverse = data; a view as input too. */
    private static void owes(Op op, Random random, boolean lossless, long[]... dims) throws CheckpointException {
        var counted = new ArrayList<TensorData>();
        var any = new ArrayList<TensorData>();
        var type = TYPES.get(random.nextInt(TYPES.size()));
        for (int i = 0; i < dims.length; i++) {
            counted.add(counted(i * 1_000_000L, dims[i]));
            any.add(random(random, type, dims[i]));
        }
        var in = shapes(counted);
        var out = op.apply(counted, Sizes.NONE);
        assertThat(shapes(out)).as(op.toString()).isEqualTo(op.shapes(in, Sizes.NONE));
        for (int t = 0; t < out.size(); t++) {
            var index = new long[out.get(t).shape().rank()];
            if (out.get(t).shape().count() == 0) {
                continue;
            }
            do {
                var place = op.origin(new Op.Place(t, index.clone()), in, Sizes.NONE);
                assertThat(out.get(t).at(index)).as(op + " " + t + java.util.Arrays.toString(index))
                        .isEqualTo(counted.get(place.tensor()).at(place.index()));
            } while (next(index, out.get(t).shape()));
        }
        var inverse = op.inverse(in, Sizes.NONE);
        assertThat(inverse.isPresent()).as(op.toString()).isEqualTo(lossless);
        if (lossless) {
            assertSame(inverse.get().apply(op.apply(any, Sizes.NONE), Sizes.NONE), any);
            assertThat(ArrowText.ops(inverse.get().toString())).containsExactly(inverse.get());
        }
        // The same through views that aren't row-major.
        var views = new ArrayList<TensorData>();
        for (var data : any) {
            int rank = data.shape().rank();
            var turn = new ArrayList<Integer>();
            for (int axis = 0; axis < rank; axis++) {
                turn.add(axis);
            }
            Collections.shuffle(turn, random);
            var order = turn.stream().mapToInt(i -> i).toArray();
            var back = new int[rank];
            for (int axis = 0; axis < rank; axis++) {
                back[order[axis]] = axis;
            }
            views.add(data.permute(order).contiguous().permute(back));
        }
        assertSame(op.apply(views, Sizes.NONE), op.apply(any, Sizes.NONE));
    }

    private static boolean next(long[] index, Shape shape) {
        for (int axis = index.length - 1; axis >= 0; axis--) {
            if (++index[axis] < shape.dim(axis)) { return true; }
            index[axis] = 0;
        }
        return false;
    }

    private static long odd(Random random) {
        return ODD[random.nextInt(ODD.length)];
    }

    private static Op op(String text) throws CheckpointException {
        var ops = ArrowText.ops(text);
        assertThat(ops).hasSize(1);
        return ops.getFirst();
    }

    @Test
    void a_reshape_and_pairs_are_told_from_other_rearrangements() {
        var reshape = Rearrange.parse("d (q o) -> (d q) o", Map.of());
        assertThat(reshape.isReshape()).isTrue();
        assertThat(reshape.movesPairs()).isFalse();
        var rope = Rearrange.parse("(h 2 p) d -> (h p 2) d", Map.of());
        assertThat(rope.movesPairs()).isTrue();
        assertThat(rope.isReshape()).isFalse();
        for (var other : List.of("a b -> b a", "1 a b -> a b", "(g r) d -> (r g) d")) {
            assertThat(Rearrange.parse(other, Map.of()).isReshape()).as(other).isFalse();
            assertThat(Rearrange.parse(other, Map.of()).movesPairs()).as(other).isFalse();
        }
    }

    @Test
    void rearrange() throws CheckpointException {
        var random = new Random(1);
        for (int round = 0; round < 40; round++) {
            long a = odd(random);
            long b = odd(random);
            long c = odd(random);
            owes(op("rearrange \"a b -> b a\""), random, true, new long[]{a, b});
            owes(op("rearrange \"1 d (q o) -> (q o) d\" q=" + a), random, true, new long[]{1, b, a * c});
            owes(op("rearrange \"(a b) c -> c b a\" a=" + a), random, true, new long[]{a * b, c});
            owes(op("rearrange \"c b a -> (a b) 1 c\""), random, true, new long[]{a, b, c});
            owes(op("rearrange \"(h 2 p) d -> (h p 2) d\" h=" + a), random, true, new long[]{a * 2 * b, c});
            owes(op("rearrange \"a b -> b a\""), random, true, new long[]{a, b}, new long[]{c, a});
        }
        // Head sizes of real models: 2 and 4 are the only ones for which this permutation undoes itself.
        for (long head : new long[]{2, 4, 8, 64}) {
            owes(op("rearrange \"(h 2 p) d -> (h p 2) d\" h=3"), random, true, new long[]{3 * head, 5});
        }
        owes(op("rearrange \"a b -> b a\""), random, true, new long[]{0, 3});
        owes(op("rearrange \"a b -> (b a)\""), random, true, new long[]{0, 3});
    }

    @Test
    void rope_permutation_undoes_itself_for_heads_of_2_and_4_only() throws CheckpointException {
        for (int head = 2; head <= 64; head += 2) {
            var twice = op("rearrange \"(h 2 p) -> (h p 2)\" h=1");
            var data = List.of(counted(0, head));
            var out = twice.apply(twice.apply(data, Sizes.NONE), Sizes.NONE);
            assertThat(java.util.Arrays.equals(bytes(out.getFirst()), bytes(data.getFirst()))).isEqualTo(head <= 4);
        }
    }

    @Test
    void an_inverse_that_cannot_be_said_for_all_inputs_is_none() throws CheckpointException {
        var merge = op("rearrange \"a b -> (a b)\"");
        assertThat(merge.inverse(List.of(Shape.of(2, 3), Shape.of(4, 3)), Sizes.NONE)).isPresent();
        assertThat(merge.inverse(List.of(Shape.of(2, 3), Shape.of(4, 5)), Sizes.NONE)).isEmpty();
        var random = new Random(2);
        owes(merge, random, true, new long[]{2, 3}, new long[]{4, 3});
        owes(merge, random, true, new long[]{2, 3}, new long[]{2, 5});
    }

    @Test
    void split_and_concat() throws CheckpointException {
        var random = new Random(3);
        for (int round = 0; round < 40; round++) {
            long a = odd(random);
            long b = odd(random);
            long c = odd(random);
            int axis = random.nextInt(2);
            owes(op("split 3 @" + axis), random, true, axis == 0 ? new long[]{3 * a, b} : new long[]{b, 3 * a});
            owes(op("split [" + a + ", " + b + ", " + c + "] @1"), random, true, new long[]{b, a + b + c});
            owes(op("split [" + a + ", " + b + ", " + c + "] @0 [2, 0, 1]"), random, true, new long[]{a + b + c, a});
            owes(op("concat @0"), random, true, new long[]{a, 2}, new long[]{b, 2});
            owes(op("concat @1 [2, 0, 1]"), random, true, new long[]{c, a, 3}, new long[]{c, b, 3},
                    new long[]{c, c, 3});
            owes(op("concat @2 [1, 2, 0]"), random, true, new long[]{c, b, a}, new long[]{c, b, a},
                    new long[]{c, b, a});
        }
        owes(op("split [0, 3] @0"), random, true, new long[]{3, 2});
        owes(op("concat @0"), random, true, new long[]{0, 2}, new long[]{4, 2}, new long[]{0, 2});
    }

    @Test
    void stack_and_unstack() throws CheckpointException {
        var random = new Random(4);
        for (int round = 0; round < 40; round++) {
            long a = odd(random);
            long b = odd(random);
            int axis = random.nextInt(3);
            owes(op("stack @" + axis), random, true, new long[]{a, b}, new long[]{a, b}, new long[]{a, b});
            owes(op("stack @" + axis), random, true, new long[]{a, b});
            owes(op("unstack @" + axis), random, true, new long[]{a, b, odd(random)});
        }
        owes(op("stack @0"), random, true, new long[0], new long[0]);
        owes(op("unstack @0"), random, false, new long[]{0, 2});
    }

    @Test
    void slice_pad_and_take() throws CheckpointException {
        var random = new Random(5);
        for (int round = 0; round < 40; round++) {
            long a = odd(random) + 2;
            long b = odd(random);
            owes(op("slice @0 1:"), random, false, new long[]{a, b});
            owes(op("slice @1 0:" + a + ":2"), random, false, new long[]{b, a});
            owes(op("slice @1 0:"), random, true, new long[]{b, a});
            owes(op("pad @0 to " + (a + 3) + " row 1"), random, true, new long[]{a, b});
            owes(op("pad @1 multiple 8 row 0"), random, true, new long[]{b, a});
            owes(op("pad @1 multiple 8 row 0"), random, a == b, new long[]{b, a}, new long[]{b, b});
            var ids = new ArrayList<Integer>();
            for (int i = 0; i < a; i++) {
                ids.add(i);
            }
            Collections.shuffle(ids, random);
            owes(new Take(0, ids), random, true, new long[]{a, b});
            owes(new Take(1, ids), random, true, new long[]{b, a, 3});
            owes(new Take(1, ids), random, false, new long[]{b, a + 1});
            ids.add(0);
            owes(new Take(0, ids), random, true, new long[]{a, b});
        }
        owes(op("take @0 []"), random, false, new long[]{3, 2});
    }

    @Test
    void paddings_that_are_made_come_from_nowhere() throws CheckpointException {
        var data = TensorData.ofFloats(new float[]{1, 2, 3, 4, 5, 7}, 2, 3);
        for (var filling : List.of("zero", "mean", "normal(5)", "normal(5, 2)")) {
            var pad = op("pad @0 to 4 " + filling);
            var out = pad.apply(List.of(data), Sizes.NONE).getFirst();
            assertThat(pad.origin(new Op.Place(0, 3, 1), List.of(data.shape()), Sizes.NONE).isNowhere()).isTrue();
            assertThat(pad.origin(new Op.Place(0, 1, 1), List.of(data.shape()), Sizes.NONE).index())
                    .containsExactly(1, 1);
            var random = new Random(5);
            for (int row = 2; row < 4; row++) {
                for (int column = 0; column < 3; column++) {
                    float expected = switch (filling) {
                        case "zero" -> 0;
                        case "mean" -> new float[]{2.5f, 3.5f, 5f}[column];
                        case "normal(5)" -> (float) (random.nextGaussian() * 0.02);
                        default -> (float) (random.nextGaussian() * 2);
                    };
                    assertThat((float) out.at(row, column)).isEqualTo(expected);
                }
            }
            assertSame(pad.inverse(List.of(data.shape()), Sizes.NONE).orElseThrow().apply(List.of(out), Sizes.NONE),
                    List.of(data));
        }
    }

    @Test
    void affine_rounds_once() throws CheckpointException {
        var x = 1 + 0x1p-23f;
        var data = TensorData.ofFloats(new float[]{x, -0f, Float.NaN, 3}, 4);
        var out = op("affine mul=0.1 add=-1").apply(List.of(data), Sizes.NONE).getFirst().toFloats();
        assertThat(out).containsExactly((float) (0.1 * x - 1), -1f, Float.NaN, (float) Math.fma(0.1, 3, -1));
        assertThat(Float.floatToRawIntBits(
                op("affine mul=1").apply(List.of(data), Sizes.NONE).getFirst().toFloats()[1])).isEqualTo(1 << 31);
        var affine = new Affine(0.3, 0.7);
        assertThat(affine.inverse(List.of(data.shape()), Sizes.NONE)).isEmpty();
        var back = affine.undo().orElseThrow().apply(affine.apply(List.of(data), Sizes.NONE), Sizes.NONE).getFirst();
        assertThat(back.at(3)).isCloseTo(3, org.assertj.core.data.Offset.offset(1e-6));
        assertThat(new Affine(0, 1).undo()).isEmpty();
    }

    @Test
    void add_sums_in_f64() throws CheckpointException {
        var a = TensorData.ofFloats(new float[]{1e8f, 1}, 2);
        var b = TensorData.ofFloats(new float[]{4, 2}, 2);
        var c = TensorData.ofFloats(new float[]{4, 3}, 2);
        assertThat(op("combine add").apply(List.of(a, b, c), Sizes.NONE).getFirst().toFloats())
                .containsExactly(1e8f + 8, 6);
        assertThat(1e8f + 4 + 4).as("added one by one in f32").isNotEqualTo(1e8f + 8);
    }

    @Test
    void lora_is_merged_either_way_round() throws CheckpointException {
        // W [2, 3], A [1, 3], B [2, 1]; alpha / r = 2
        var w = TensorData.ofFloats(new float[]{1, 2, 3, 4, 5, 6}, 2, 3);
        var a = TensorData.ofFloats(new float[]{1, 10, 100}, 1, 3);
        var b = TensorData.ofFloats(new float[]{1, -1}, 2, 1);
        assertThat(op("combine lora alpha=2 r=1").apply(List.of(w, a, b), Sizes.NONE).getFirst().toFloats())
                .containsExactly(3, 22, 203, 2, -15, -194);
        var turned = op("combine lora alpha=2 r=1 fanInFanOut=true")
                .apply(List.of(w.permute(1, 0), a, b), Sizes.NONE).getFirst();
        assertThat(turned.shape()).isEqualTo(Shape.of(3, 2));
        assertThat(turned.permute(1, 0).toFloats()).containsExactly(3, 22, 203, 2, -15, -194);
    }

    private static TensorData ofBytes(DType dtype, int[] values, long... dims) {
        var segment = Arena.ofAuto().allocate(values.length);
        for (int i = 0; i < values.length; i++) {
            segment.set(ValueLayout.JAVA_BYTE, i, (byte) values[i]);
        }
        return TensorData.of(segment, dtype, Shape.of(dims));
    }

    @Test
    void dequantises_int8_by_row() throws CheckpointException {
        var w = ofBytes(DType.I8, new int[]{127, -127, 1, 0}, 2, 2);
        var scale = TensorData.ofFloats(new float[]{2, 254}, 2);
        assertThat(op("combine dequant int8").apply(List.of(w, scale), Sizes.NONE).getFirst().toFloats())
                .containsExactly(2, -2, 2, 0);
        assertThat(op("combine dequant int8 dtype=bf16").dtype(DType.I8)).isEqualTo(DType.BF16);
    }

    @Test
    void dequantises_fp8_by_tensor_row_and_block() throws CheckpointException {
        // 0x38 = 1, 0x40 = 2, 0x44 = 3, 0xb8 = −1
        var w = ofBytes(DType.F8_E4M3, new int[]{0x38, 0x40, 0x44, 0xb8, 0x38, 0x40}, 2, 3);
        var one = TensorData.ofFloats(new float[]{0.5f}, 1);
        var rows = TensorData.ofFloats(new float[]{1, 10}, 2, 1);
        var blocks = TensorData.ofFloats(new float[]{1, 10}, 1, 2);
        assertThat(op("combine dequant fp8").apply(List.of(w, one), Sizes.NONE).getFirst().toFloats())
                .containsExactly(0.5f, 1, 1.5f, -0.5f, 0.5f, 1);
        assertThat(op("combine dequant fp8").apply(List.of(w, rows), Sizes.NONE).getFirst().toFloats())
                .containsExactly(1, 2, 3, -10, 10, 20);
        assertThat(op("combine dequant fp8 block=2").apply(List.of(w, blocks), Sizes.NONE).getFirst().toFloats())
                .containsExactly(1, 2, 30, -1, 1, 20);
    }

    @Test
    void dequantises_nf4_with_plain_and_nested_scales() throws CheckpointException {
        // Upper half first; codes 15 = 1, 0 = −1, 7 = 0, 11 = 0.3379…
        var packed = ofBytes(DType.U8, new int[]{0xf0, 0x7b, 0xf0}, 3, 1);
        var scale = TensorData.ofFloats(new float[]{2, 3}, 2);
        var nf4 = op("combine dequant nf4 shape=[2, 3] block=4");
        assertThat(nf4.apply(List.of(packed, scale), Sizes.NONE).getFirst().toFloats())
                .containsExactly(2, -2, 0, 2 * 0.33791524171829224f, 3, -3);
        var codes = new float[256];
        codes[5] = 1;
        codes[6] = 2;
        var nested = op("combine dequant nf4 shape=[6] block=4 nested=1 offset=0.5");
        assertThat(nested.apply(List.of(packed, ofBytes(DType.U8, new int[]{5, 6}, 2),
                TensorData.ofFloats(new float[]{1.5f, 1.25f}, 2), TensorData.ofFloats(codes, 256)), Sizes.NONE)
                .getFirst().toFloats()).containsExactly(2, -2, 0, 2 * 0.33791524171829224f, 3, -3);
        assertThat(nf4.origin(new Op.Place(0, 1, 2), List.of(packed.shape(), scale.shape()), Sizes.NONE).index())
                .containsExactly(2, 0);
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {
        "rearrange \"a b -> b a\"; [2]; E_SHAPE",
        "rearrange \"1 a -> a\"; [2, 3]; E_SHAPE",
        "rearrange \"1 a -> a\"; [0, 3]; E_SHAPE",
        "rearrange \"(a b) -> a b\" a=2; [3]; E_SIZE",
        "rearrange \"(a b) -> a b\" a=2 b=3; [0]; E_SHAPE",
        "rearrange \"(a b) -> a b\" a=2 b=3; [12]; E_SHAPE",
        "rearrange \"(a b) -> a b\"; [6]; E_SIZE",
        "rearrange \"(a b) -> a b\" a=x; [6]; E_SIZE",
        "split 2 @0; [3]; E_SIZE",
        "split [1, 3] @0; [3]; E_SIZE",
        "split [x, 1] @0; [3]; E_SIZE",
        "split 2 @1; [4]; E_SHAPE",
        "split 2 @0; [4] [4]; E_SHAPE",
        "concat @0; [2, 3] [2, 4]; E_SHAPE",
        "concat @0; [2, 3] [3]; E_SHAPE",
        "concat @0 [1, 0]; [2]; E_SHAPE",
        "concat @0; [9223372036854775807] [1]; E_SIZE",
        "stack @0; [2] [3]; E_SHAPE",
        "stack @2; [2] [2]; E_SHAPE",
        "unstack @1; [2]; E_SHAPE",
        "unstack @0; [2000000]; E_SIZE",
        "slice @0 2:1; [3]; E_SIZE",
        "slice @0 0:4; [3]; E_SIZE",
        "slice @0 0:2:0; [3]; E_SIZE",
        "pad @0 to 2 zero; [3]; E_SIZE",
        "pad @0 multiple 0 zero; [3]; E_SIZE",
        "pad @0 to 9 row 3; [3]; E_SIZE",
        "pad @1 to 9 zero; [3]; E_SHAPE",
        "take @0 [3]; [3]; E_SIZE",
        "combine add; [3] [2]; E_SHAPE",
        "combine lora alpha=1 r=2; [4, 3] [2, 3]; E_SHAPE",
        "combine lora alpha=1 r=2; [4, 3] [2, 4] [4, 2]; E_SHAPE",
        "combine lora alpha=1 r=2; [4] [2, 3] [4, 2]; E_SHAPE",
        "combine dequant int8; [4, 3] [3]; E_SHAPE",
        "combine dequant fp8 block=2; [4, 3] [2, 3]; E_SHAPE",
        "combine dequant nf4 shape=[3, 5]; [7] [1]; E_SHAPE",
        "combine dequant nf4 shape=[3, 5] block=8; [8] [1]; E_SHAPE"})
    void refuses_shapes_against_the_law(String text, String in, Code code) throws CheckpointException {
        var shapes = new ArrayList<Shape>();
        for (var shape : in.split("(?<=]) ")) {
            var dims = shape.substring(1, shape.length() - 1);
            shapes.add(Shape.of(dims.isEmpty()
                    ? new long[0]
                    : java.util.Arrays.stream(dims.split(", ")).mapToLong(Long::parseLong).toArray()));
        }
        var op = op(text);
        var e = catchThrowableOfType(CheckpointException.class, () -> op.shapes(shapes, Sizes.NONE));
        assertThat(e).isNotNull();
        assertThat(e.code()).isEqualTo(code);
        assertThat(e.problem().found()).isNotNull();
    }

    @Test
    void sizes_are_looked_up_by_name() throws CheckpointException {
        Sizes sizes = name -> switch (name) {
            case "h" -> OptionalLong.of(3);
            case "k" -> OptionalLong.of(8);
            default -> OptionalLong.empty();
        };
        assertThat(op("split [h*k, 2*k, k] @0").shapes(List.of(Shape.of(48, 2)), sizes))
                .containsExactly(Shape.of(24, 2), Shape.of(16, 2), Shape.of(8, 2));
        assertThat(op("rearrange \"(h 2 p) d -> (h p 2) d\"").shapes(List.of(Shape.of(24, 5)), sizes))
                .containsExactly(Shape.of(24, 5));
        assertThat(op("pad @0 multiple h*k zero").shapes(List.of(Shape.of(25)), sizes)).containsExactly(Shape.of(48));
        assertThat(op("slice @0 k:h*k:h").shapes(List.of(Shape.of(24)), sizes)).containsExactly(Shape.of(6));
    }

    @ParameterizedTest
    @ValueSource(strings = {"2", "n", "a+b", "a-b-c", "a-(b-c)", "a*b/c", "a/(b*c)", "(a+b)*c", "a*(b+c)/d"})
    void sizes_print_as_they_were_written(String text) {
        assertThat(SizeExpr.parse(text)).hasToString(text);
    }

    @Test
    void sizes_divide_exactly_or_not_at_all() throws CheckpointException {
        Sizes sizes = name -> name.equals("n") ? OptionalLong.of(12) : OptionalLong.empty();
        assertThat(SizeExpr.parse("(n+6)/3*2-1").value(sizes)).isEqualTo(11);
        for (var bad : List.of("n/5", "n/0", "n/(n-12)", "m", "n*999999999999999999*9")) {
            assertThat(catchThrowableOfType(CheckpointException.class, () -> SizeExpr.parse(bad).value(sizes)).code())
                    .isEqualTo(Code.E_SIZE);
        }
        for (var bad : List.of("", "a b", "2a", "(a", "a)", "a+", "a%b", "-1", "9999999999999999999",
                "a".repeat(201))) {
            assertThat(catchThrowableOfType(IllegalArgumentException.class, () -> SizeExpr.parse(bad))).isNotNull();
        }
    }

    @Test
    void chains_go_there_and_back() throws CheckpointException {
        var random = new Random(9);
        var texts = Map.of(
                "a : rearrange \"1 d (q o) -> (q o) d\" q=3 | split 3 @0 => x, y, z", List.of(Shape.of(1, 5, 21)),
                "(q : rearrange \"(h 2 p) d -> (h p 2) d\" h=2), (k : rearrange \"(h 2 p) d -> (h p 2) d\" h=1), v"
                        + " : concat @0 [2, 0, 1] => qkv",
                List.of(Shape.of(16, 3), Shape.of(8, 3), Shape.of(8, 3)),
                "a, b : stack @1 | rearrange \"a b c -> c b a\" => y", List.of(Shape.of(3, 4), Shape.of(3, 4)),
                "a : split [2, 5] @1 => (x : rearrange \"a b -> b a\"), (y : pad @0 to 9 zero)",
                List.of(Shape.of(3, 7)),
                "a : unstack @0 | rearrange \"a b -> b a\" | stack @2 => b", List.of(Shape.of(4, 3, 5)),
                "a : qkv(layout=grouped, heads=6, kvHeads=2) => q, k, v", List.of(Shape.of(50, 3)),
                "a : qkv(layout=perHead, heads=6) => q, k, v", List.of(Shape.of(90, 3)),
                "a : qkv(heads=6, kvHeads=2) => q, k, v", List.of(Shape.of(50, 3)));
        for (var entry : texts.entrySet()) {
            var text = entry.getKey();
            var shapes = entry.getValue();
            var chain = ((Rule.Map) ArrowText.rule(text)).chain();
            var data = shapes.stream().map(s -> random(random, DType.F32, s.dims())).toList();
            var counted = new ArrayList<TensorData>();
            for (int i = 0; i < shapes.size(); i++) {
                counted.add(counted(i * 100_000L, shapes.get(i).dims()));
            }
            var outShapes = chain.shapes(shapes, Sizes.NONE);
            var out = new ArrayList<TensorData>();
            for (int target = 0; target < chain.out().size(); target++) {
                var moved = chain.apply(target, counted, Sizes.NONE);
                assertThat(moved.shape()).as(text).isEqualTo(outShapes.get(target));
                var index = new long[moved.shape().rank()];
                do {
                    var place = chain.origin(target, index.clone(), shapes, Sizes.NONE);
                    if (!place.isNowhere()) {
                        assertThat(moved.at(index)).as(text).isEqualTo(counted.get(place.tensor()).at(place.index()));
                    }
                } while (next(index, moved.shape()));
                out.add(chain.apply(target, data, Sizes.NONE));
                assertThat(chain.dtype(target, Collections.nCopies(shapes.size(), DType.BF16))).isEqualTo(DType.BF16);
            }
            var inverse = chain.inverse(shapes, Sizes.NONE).orElseThrow(() -> new AssertionError(text));
            var back = new ArrayList<TensorData>();
            for (int i = 0; i < shapes.size(); i++) {
                back.add(inverse.apply(i, out, Sizes.NONE));
            }
            assertSame(back, data);
        }
    }

    /** The law said one row and the values none: the sum of the numbers was beyond a long. */
    @Test
    void a_step_beyond_the_end_takes_the_first() throws CheckpointException {
        for (var range : List.of("0:4:", "1:4:")) {
            var slice = op("slice @0 " + range + "999999999999999999*9+223372036854775815"); // 2^63 - 2
            var out = slice.apply(List.of(TensorData.ofFloats(new float[]{1, 2, 3, 4}, 4)), Sizes.NONE).getFirst();
            assertThat(List.of(out.shape())).isEqualTo(slice.shapes(List.of(Shape.of(4)), Sizes.NONE));
            assertThat(out.toFloats()).containsExactly(range.startsWith("1") ? 2 : 1);
        }
    }
}
