package weft.rule;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import weft.io.CheckpointException;
import weft.io.JsonFields;
import weft.tensor.DType;

/**
 * Ops as JSON objects whose first field names the op: {@code {"split": 3, "axis": 0}}. An op may also stand as arrow
 * text, {@code "split 3 @0"}; so do macros, which open.
 */
final class OpJson {
    private static final String NAMES = "rearrange | split | concat | stack | unstack | slice | pad | take | affine | cast"
            + " | combine";

    private OpJson() {
    }

    static Object write(Op op) {
        var json = new LinkedHashMap<String, Object>();
        switch (op) {
            case Rearrange rearrange -> {
                if (rearrange.given().containsKey("rearrange")) {
                    return rearrange.toString(); // an axis that has the op's own name
                }
                json.put("rearrange", rearrange.pattern());
                rearrange.given().forEach((axis, size) -> json.put(axis, size(size)));
            }
            case Split split -> {
                json.put("split", split.parts() > 0 ? (Object) (long) split.parts() : sizes(split.sizes()));
                json.put("axis", (long) split.axis());
                order(split.order(), json);
            }
            case Concat concat -> {
                json.put("concat", (long) concat.axis());
                order(concat.order(), json);
            }
            case Stack stack -> json.put("stack", (long) stack.axis());
            case Unstack unstack -> json.put("unstack", (long) unstack.axis());
            case Slice slice -> {
                json.put("slice", slice.range());
                json.put("axis", (long) slice.axis());
            }
            case Pad pad -> {
                switch (pad.filling()) {
                    case Pad.Row(var index) -> {
                        json.put("pad", "row");
                        json.put("row", size(index));
                    }
                    case Pad.Zero _,Pad.Mean _,Pad.Normal _ -> json.put("pad", pad.filling().toString());
                }
                json.put("axis", (long) pad.axis());
                json.put(pad.multiple() ? "multiple" : "to", size(pad.size()));
            }
            case Take take -> {
                json.put("take", take.written());
                json.put("axis", (long) take.axis());
            }
            case Affine affine -> json.put("affine", numbers(affine));
            case Combine combine -> write(combine.recipe(), json);
            case Cast cast -> json.put("cast", cast.to().name().toLowerCase(Locale.ROOT));
        }
        return json;
    }

    private static void order(List<Integer> order, Map<String, Object> json) {
        if (!order.isEmpty()) {
            json.put("order", order.stream().map(Integer::longValue).toList());
        }
    }

    private static void write(Combine.Recipe recipe, Map<String, Object> json) {
        switch (recipe) {
            case Combine.Add _ -> json.put("combine", "add");
            case Combine.Lora lora -> {
                json.put("combine", "lora");
                json.put("alpha", number(lora.alpha()));
                json.put("r", lora.r());
                if (lora.fanInFanOut()) {
                    json.put("fanInFanOut", true);
                }
                if (lora.rsLora()) {
                    json.put("rsLora", true);
                }
            }
            case Combine.Int8 int8 -> {
                json.put("combine", "dequant");
                json.put("scheme", "int8");
                dtype(int8.to(), json);
            }
            case Combine.Fp8 fp8 -> {
                json.put("combine", "dequant");
                json.put("scheme", "fp8");
                json.put("block", fp8.block());
                dtype(fp8.to(), json);
            }
            case Combine.Nf4 nf4 -> {
                json.put("combine", "dequant");
                json.put("scheme", "nf4");
                json.put("shape", sizes(nf4.shape()));
                json.put("block", nf4.block());
                if (nf4.nested() != Combine.NESTED) {
                    json.put("nested", nf4.nested());
                }
                if (nf4.offset() != 0) {
                    json.put("offset", number(nf4.offset()));
                }
                dtype(nf4.to(), json);
            }
        }
    }

    private static Map<String, Object> numbers(Affine affine) {
        var numbers = new LinkedHashMap<String, Object>();
        numbers.put("mul", number(affine.mul()));
        numbers.put("add", number(affine.add()));
        return numbers;
    }

    private static void dtype(DType to, Map<String, Object> json) {
        if (to != DType.F32) {
            json.put("dtype", to.name().toLowerCase(Locale.ROOT));
        }
    }

    /** A whole number without a decimal point. */
    static Number number(double value) {
        var text = OpReader.number(value);
        return text.matches("-?[0-9]+") ? (Number) Long.valueOf(text) : (Number) value;
    }

    static Object size(SizeExpr size) {
        return size instanceof SizeExpr.Literal(long value) ? (Object) value : size.toString();
    }

    static List<Object> sizes(List<SizeExpr> sizes) {
        return sizes.stream().map(OpJson::size).toList();
    }

    /** Ops from a JSON list. */
    static List<Op> readAll(JsonFields.Value list) throws CheckpointException {
        var ops = new ArrayList<Op>();
        for (var value : list.list()) {
            if (value.isText()) {
                ops.addAll(arrow(value));
            } else {
                ops.add(read(value.fields()));
            }
        }
        return ops;
    }

    private static List<Op> arrow(JsonFields.Value value) throws CheckpointException {
        try {
            return ArrowText.ops(value.text());
        } catch (CheckpointException e) {
            throw value.bad(e.problem().expected());
        }
    }

    private static Op read(JsonFields fields) throws CheckpointException {
        var name = fields.first(NAMES);
        var main = fields.get(name);
        Op op = switch (name) {
            case "rearrange" -> {
                var given = new LinkedHashMap<String, SizeExpr>();
                for (var axis : fields.left()) {
                    given.put(axis, fields.get(axis).as("size", OpJson::size));
                }
                yield main.as("\"a b -> b a\"", v -> Rearrange.parse((String) v, given));
            }
            case "split" -> {
                int axis = axis(fields.get("axis"));
                var split = main.isList()
                        ? Split.sized(main.as("[sizes]", OpJson::readSizes), axis)
                        : Split.equal(main.as("parts", v -> OpReader.parts(v.toString())), axis);
                yield fields.has("order")
                        ? fields.get("order").as("[order]", v -> split.ordered(OpReader.order(v.toString())))
                        : split;
            }
            case "concat" -> new Concat(axis(main), fields.has("order")
                    ? fields.get("order").as("[order]", v -> OpReader.order(v.toString()))
                    : List.of());
            case "stack" -> new Stack(axis(main));
            case "unstack" -> new Unstack(axis(main));
            case "slice" -> {
                int axis = axis(fields.get("axis"));
                yield main.as("start:stop:step", v -> Slice.parse(axis, (String) v));
            }
            case "pad" -> {
                int axis = axis(fields.get("axis"));
                boolean multiple = fields.has("multiple");
                var size = fields.get(multiple ? "multiple" : "to").as("size", OpJson::size);
                var filling = "row".equals(main.value())
                        ? new Pad.Row(fields.get("row").as("index", OpJson::size))
                        : main.as(OpReader.FILLINGS, v -> OpReader.filling((String) v));
                yield new Pad(axis, size, multiple, filling);
            }
            case "take" -> {
                int axis = axis(fields.get("axis"));
                yield new Take(axis, main.as("[ids] | {new: old}",
                        v -> v instanceof Map<?, ?> map ? Take.tokenMap(map) : ids(v)));
            }
            case "affine" -> {
                var numbers = main.fields();
                var affine = new Affine(numbers.has("mul") ? number(numbers.get("mul")) : 1,
                        numbers.has("add") ? number(numbers.get("add")) : 0);
                numbers.done();
                yield affine;
            }
            case "combine" -> new Combine(recipe(main, fields));
            case "cast" -> new Cast(main.as("dtype", v -> OpWords.dtype((String) v)));
            default -> throw fields.unknown(name, NAMES);
        };
        fields.done();
        return op;
    }

    private static Combine.Recipe recipe(JsonFields.Value name, JsonFields fields) throws CheckpointException {
        return switch (name.text()) {
            case "add" -> new Combine.Add();
            case "lora" -> new Combine.Lora(number(fields.get("alpha")), positive(fields, "r", 0),
                    fields.has("fanInFanOut") && fields.get("fanInFanOut").as("true | false", v -> (Boolean) v),
                    fields.has("rsLora") && fields.get("rsLora").as("true | false", v -> (Boolean) v));
            case "dequant" -> dequant(fields);
            default -> throw name.bad("add | lora | dequant");
        };
    }

    private static Combine.Recipe dequant(JsonFields fields) throws CheckpointException {
        var scheme = fields.get("scheme");
        return switch (scheme.text()) {
            case "int8" -> new Combine.Int8(dtype(fields));
            case "fp8" -> new Combine.Fp8(positive(fields, "block", Combine.SQUARE), dtype(fields));
            case "nf4" -> new Combine.Nf4(fields.get("shape").as("[sizes]", OpJson::readSizes),
                    positive(fields, "block", Combine.BLOCK), positive(fields, "nested", Combine.NESTED),
                    fields.has("offset") ? number(fields.get("offset")) : 0, dtype(fields));
            default -> throw scheme.bad("int8 | fp8 | nf4");
        };
    }

    private static DType dtype(JsonFields fields) throws CheckpointException {
        return fields.has("dtype") ? fields.get("dtype").as("dtype", v -> OpWords.dtype((String) v)) : DType.F32;
    }

    /** A positive number; 0 as the other one says that it must be there. */
    private static long positive(JsonFields fields, String name, long otherwise) throws CheckpointException {
        return !fields.has(name) && otherwise > 0
                ? otherwise
                : fields.get(name).as("1 …", v -> OpReader.positive(v.toString()));
    }

    static double number(JsonFields.Value value) throws CheckpointException {
        return value.as("number", v -> {
            double number = ((Number) v).doubleValue();
            if (!Double.isFinite(number)) { throw new IllegalArgumentException(); }
            return number;
        });
    }

    private static int axis(JsonFields.Value value) throws CheckpointException {
        return value.as("axis", v -> OpWords.axis(v instanceof Long ? v.toString() : ""));
    }

    static SizeExpr size(Object value) {
        return SizeExpr.parse(value instanceof Long number && number >= 0 ? number.toString() : (String) value);
    }

    /** A shape's sizes; a scalar has none. */
    static List<SizeExpr> readShape(Object value) {
        return ((List<?>) value).isEmpty() ? List.of() : readSizes(value);
    }

    /** Ids and runs of ids: {@code [3, "5..9"]}. */
    static List<Integer> ids(Object value) {
        return Take.read(((List<?>) value).stream().map(String::valueOf).toList());
    }

    private static List<SizeExpr> readSizes(Object value) {
        var sizes = ((List<?>) value).stream().map(v -> size(v == null ? "" : v)).toList();
        if (sizes.isEmpty()) { throw new IllegalArgumentException(); }
        return sizes;
    }
}
