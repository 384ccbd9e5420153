package weft.convert;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.rule.Affine;
import weft.rule.Cast;
import weft.rule.Combine;
import weft.rule.Concat;
import weft.rule.Op;
import weft.rule.Pad;
import weft.rule.Rearrange;
import weft.rule.Sizes;
import weft.rule.Slice;
import weft.rule.Split;
import weft.rule.Stack;
import weft.rule.Take;
import weft.rule.Unstack;
import weft.tensor.DType;
import weft.tensor.Shape;

/** How a framework's Python spells the ops: an expression that makes the next value of a variable. */
enum Framework {
    /** PyTorch: {@code permute} takes every axis. */
    TORCH {
        @Override
        String turned(String value, List<Integer> order) {
            return value + ".permute(" + joined(order) + ")";
        }

        @Override
        String cut(String value, List<Long> sizes, int axis) {
            return value + ".split([" + joined(sizes) + "], dim=" + axis + ")";
        }

        @Override
        String joined(String values, int axis) {
            return "torch.cat([" + values + "], dim=" + axis + ")";
        }

        @Override
        String stacked(String values, int axis) {
            return "torch.stack([" + values + "], dim=" + axis + ")";
        }

        @Override
        String unstacked(String value, int axis) {
            return value + ".unbind(dim=" + axis + ")";
        }

        @Override
        String taken(String value, List<Integer> ids, int axis) {
            return value + ".index_select(" + axis + ", torch.tensor([" + joined(ids) + "]))";
        }

        @Override
        String cast(String value, DType type) throws CheckpointException {
            return value + ".to(" + type(type) + ")";
        }

        @Override
        String affine(String value, Affine affine) {
            return "rounded(" + value + ".to(torch.float64) * " + affine.mul() + " + " + affine.add() + ", " + value
                    + ".dtype)";
        }

        @Override
        String padded(String value, int axis, long more, Pad.Filling filling, Shape shape, Sizes sizes)
                throws CheckpointException {
            var part = switch (filling) {
                case Pad.Zero _ -> value + ".new_zeros(" + tuple(shape.with(axis, more)) + ")";
                case Pad.Row row ->
                    repeated(value + ".narrow(" + axis + ", " + row.index().value(sizes) + ", 1)", shape, axis, more);
                case Pad.Mean _ ->
                    repeated("mean(" + value + ", " + axis + ")", shape, axis, more);
                case Pad.Normal normal ->
                    "rounded(normal(" + tuple(shape.with(axis, more)) + ", " + normal.seed() + ", "
                            + normal.deviation() + "), " + value + ".dtype)";
            };
            return joined(value + ", " + part, axis);
        }

        private String repeated(String value, Shape shape, int axis, long more) {
            return value + ".expand("
                    + joined(IntStream.range(0, shape.rank()).mapToObj(d -> d == axis ? more : -1L).toList())
                    + ")";
        }

        @Override
        String combined(Combine combine, List<String> in, List<Shape> shapes, Sizes sizes) throws CheckpointException {
            var all = String.join(", ", in);
            return switch (combine.recipe()) {
                case Combine.Add _ -> "added(" + all + ")";
                case Combine.Lora lora -> "lora(" + all + ", " + (double) (float) (lora.alpha()
                        / (lora.rsLora() ? Math.sqrt(lora.r()) : lora.r()))
                        + (lora.fanInFanOut() ? ", fan_in_fan_out=True" : "") + ")";
                case Combine.Int8(var to) -> "dequant_int8(" + all + ", " + type(to) + ")";
                case Combine.Fp8(var block, var to) -> "dequant_fp8(" + all + ", " + block + ", " + type(to) + ")";
                case Combine.Nf4 nf4 -> "dequant_nf4(" + all + ", shape="
                        + tuple(combine.shapes(shapes, sizes).getFirst()) + ", block=" + nf4.block() + ", step="
                        + nf4.nested() + ", offset=" + nf4.offset() + ", dtype=" + type(nf4.to()) + ")";
            };
        }

        @Override
        String normal(Shape shape, long seed, double deviation) {
            return "normal(" + tuple(shape) + ", " + seed + ", " + deviation + ").float()";
        }

        @Override
        String filled(String kind, Shape shape) {
            return switch (kind) {
                case "zeros", "ones" -> "torch." + kind + "(" + tuple(shape) + ", dtype=torch.float32)";
                case "mask" -> "torch.triu(torch.ones(" + tuple(shape) + ", dtype=torch.float32), diagonal=1)";
                default -> "torch.full(" + tuple(shape) + ", " + kind + ", dtype=torch.float32)";
            };
        }

        @Override
        String type(DType type) throws CheckpointException {
            return "torch." + switch (type) {
                case F64 -> "float64";
                case F32 -> "float32";
                case F16 -> "float16";
                case BF16 -> "bfloat16";
                case F8_E4M3 -> "float8_e4m3fn";
                case F8_E5M2 -> "float8_e5m2";
                default -> throw unspoken("cast " + type);
            };
        }
    },
    /** MindSpore: {@code transpose} takes every axis, as PyTorch's {@code permute} does; two axes change places by {@code swapaxes}. */
    MINDSPORE {
        @Override
        String turned(String value, List<Integer> order) {
            var moved = IntStream.range(0, order.size()).filter(i -> order.get(i) != i).boxed().toList();
            return moved.size() == 2
                    ? value + ".swapaxes(" + joined(moved) + ")"
                    : value + ".transpose(" + joined(order) + ")";
        }

        @Override
        String cut(String value, List<Long> sizes, int axis) {
            return "ops.split(" + value + ", [" + joined(sizes) + "], axis=" + axis + ")";
        }

        @Override
        String joined(String values, int axis) {
            return "ops.cat((" + values + "), axis=" + axis + ")";
        }

        @Override
        String stacked(String values, int axis) {
            return "ops.stack((" + values + "), axis=" + axis + ")";
        }

        @Override
        String unstacked(String value, int axis) {
            return "ops.unbind(" + value + ", dim=" + axis + ")";
        }

        @Override
        String taken(String value, List<Integer> ids, int axis) {
            return "ops.gather(" + value + ", Tensor([" + joined(ids) + "], ms.int32), " + axis + ")";
        }

        @Override
        String cast(String value, DType type) throws CheckpointException {
            return value + ".astype(" + type(type) + ")";
        }

        @Override
        String affine(String value, Affine affine) {
            return "(" + value + ".astype(ms.float64) * " + affine.mul() + " + " + affine.add() + ").astype(" + value
                    + ".dtype)";
        }

        @Override
        String padded(String value, int axis, long more, Pad.Filling filling, Shape shape, Sizes sizes)
                throws CheckpointException {
            var part = switch (filling) {
                case Pad.Zero _ -> "ops.zeros(" + tuple(shape.with(axis, more)) + ", " + value + ".dtype)";
                case Pad.Row row ->
                    repeated(sliced(value, axis, row.index().value(sizes), row.index().value(sizes) + 1, 1), shape,
                            axis, more);
                case Pad.Mean _ ->
                    repeated(value + ".astype(ms.float64).mean(axis=" + axis + ", keep_dims=True).astype(" + value
                            + ".dtype)", shape, axis, more);
                case Pad.Normal _ -> throw unspoken("pad " + filling);
            };
            return joined(value + ", " + part, axis);
        }

        private String repeated(String value, Shape shape, int axis, long more) {
            return "ops.broadcast_to(" + value + ", " + tuple(shape.with(axis, more)) + ")";
        }

        @Override
        String combined(Combine combine, List<String> in, List<Shape> shapes, Sizes sizes) throws CheckpointException {
            throw unspoken(combine.toString());
        }

        @Override
        String normal(Shape shape, long seed, double deviation) throws CheckpointException {
            throw unspoken("init normal");
        }

        @Override
        String filled(String kind, Shape shape) {
            return switch (kind) {
                case "zeros", "ones" -> "ops." + kind + "(" + tuple(shape) + ", ms.float32)";
                case "mask" -> "ops.triu(ops.ones(" + tuple(shape) + ", ms.float32), diagonal=1)";
                default -> "ops.full(" + tuple(shape) + ", " + kind + ", dtype=ms.float32)";
            };
        }

        @Override
        String type(DType type) throws CheckpointException {
            return "ms." + switch (type) {
                case F64 -> "float64";
                case F32 -> "float32";
                case F16 -> "float16";
                case BF16 -> "bfloat16";
                default -> throw unspoken("cast " + type);
            };
        }
    };

    abstract String turned(String value, List<Integer> order);

    abstract String cut(String value, List<Long> sizes, int axis);

    abstract String joined(String values, int axis);

    abstract String stacked(String values, int axis);

    abstract String unstacked(String value, int axis);

    abstract String taken(String value, List<Integer> ids, int axis);

    abstract String cast(String value, DType type) throws CheckpointException;

    abstract String affine(String value, Affine affine);

    abstract String padded(String value, int axis, long more, Pad.Filling filling, Shape shape, Sizes sizes)
            throws CheckpointException;

    /** What a recipe makes of its tensors. */
    abstract String combined(Combine combine, List<String> in, List<Shape> shapes, Sizes sizes)
            throws CheckpointException;

    /** Normal numbers in f32, the very ones Weft draws. */
    abstract String normal(Shape shape, long seed, double deviation) throws CheckpointException;

    /** @param kind {@code zeros}, {@code ones}, {@code mask} or a number */
    abstract String filled(String kind, Shape shape);

    abstract String type(DType type) throws CheckpointException;

    /** What a script of plain operations can't say. */
    static CheckpointException unspoken(String what) {
        return Problem.of(Code.BAD_ARGUMENT).field("--as").found(what).expected("names-json, names-csv, markdown")
                .asException();
    }

    static String joined(List<?> values) {
        return values.stream().map(String::valueOf).collect(Collectors.joining(", "));
    }

    static String tuple(Shape shape) {
        return shape.rank() == 1
                ? "(" + shape.dim(0) + ",)"
                : "("
                        + IntStream.range(0, shape.rank()).mapToObj(i -> Long.toString(shape.dim(i)))
                                .collect(Collectors.joining(", "))
                        + ")";
    }

    String sliced(String value, int axis, long start, long stop, long step) {
        return value + "[" + ":, ".repeat(axis) + start + ":" + stop + (step == 1 ? "" : ":" + step) + "]";
    }

    /**
     * The statements of one op.
     *
     * @param in the variables that go in, with their shapes
     * @param out the variables that come out
     */
    List<String> statements(Op op, List<String> in, List<Shape> shapes, List<String> out, Sizes sizes)
            throws CheckpointException {
        var first = in.getFirst();
        var results = op.shapes(shapes, sizes);
        return switch (op) {
            case Split split -> {
                var order = split.order().isEmpty() ? IntStream.range(0, out.size()).boxed().toList() : split.order();
                var names = IntStream.range(0, out.size()).mapToObj(i -> out.get(order.indexOf(i))).toList();
                var lengths = IntStream.range(0, out.size())
                        .mapToObj(i -> results.get(order.indexOf(i)).dim(split.axis())).toList();
                yield List.of(unpacked(names) + " = " + cut(first, lengths, split.axis()));
            }
            case Unstack unstack -> List.of(unpacked(out) + " = " + unstacked(first, unstack.axis()));
            case Concat concat -> {
                var order = concat.order().isEmpty() ? in : concat.order().stream().map(in::get).toList();
                yield List.of(out.getFirst() + " = "
                        + joined(String.join(", ", order) + (this == MINDSPORE && in.size() == 1 ? "," : ""),
                                concat.axis()));
            }
            case Stack stack -> List.of(out.getFirst() + " = "
                    + stacked(String.join(", ", in) + (this == MINDSPORE && in.size() == 1 ? "," : ""), stack.axis()));
            case Combine combine -> List.of(out.getFirst() + " = " + combined(combine, in, shapes, sizes));
            case Rearrange _,Slice _,Pad _,Take _,Affine _,Cast _ -> {
                var lines = new ArrayList<String>();
                for (int i = 0; i < in.size(); i++) {
                    var value = single(op, in.get(i), shapes.get(i), results.get(i), sizes);
                    if (!value.equals(out.get(i))) {
                        lines.add(out.get(i) + " = " + value);
                    }
                }
                yield lines;
            }
        };
    }

    private static String unpacked(List<String> names) {
        return names.size() == 1 ? names.getFirst() + "," : String.join(", ", names);
    }

    private String single(Op op, String value, Shape shape, Shape result, Sizes sizes) throws CheckpointException {
        return switch (op) {
            case Rearrange rearrange -> {
                var steps = rearrange.steps(shape, sizes);
                var text = value;
                if (!steps.apart().equals(shape)) {
                    text += ".reshape(" + tuple(steps.apart()) + ")";
                }
                if (!steps.order().equals(IntStream.range(0, steps.order().size()).boxed().toList())) {
                    text = turned(text, steps.order());
                }
                var turned = Shape.of(steps.order().stream().mapToLong(i -> steps.apart().dim(i)).toArray());
                yield turned.equals(steps.result()) ? text : text + ".reshape(" + tuple(steps.result()) + ")";
            }
            case Slice slice -> sliced(value, slice.axis(), slice.start().value(sizes),
                    slice.stop() == null ? shape.dim(slice.axis()) : slice.stop().value(sizes),
                    slice.step().value(sizes));
            case Pad pad -> {
                long more = result.dim(pad.axis()) - shape.dim(pad.axis());
                yield more == 0 ? value : padded(value, pad.axis(), more, pad.filling(), shape, sizes);
            }
            case Take take -> taken(value, take.ids(), take.axis());
            case Affine affine -> affine.mul() == 1 && affine.add() == 0 ? value : affine(value, affine);
            case Cast cast -> cast(value, cast.to());
            case Split _,Concat _,Stack _,Unstack _,Combine _ -> throw new IllegalArgumentException(op.toString());
        };
    }
}
