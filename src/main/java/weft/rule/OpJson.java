package weft.rule;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import weft.io.CheckpointException;

/**
 * Ops as JSON objects whose first field names the op: {@code {"split": 3, "axis": 0}}. An op may also stand as arrow
 * text, {@code "split 3 @0"}; so do macros, which open.
 */
final class OpJson {
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
            }
            case Concat concat -> {
                json.put("concat", (long) concat.axis());
                if (!concat.order().isEmpty()) {
                    json.put("order", concat.order().stream().map(Integer::longValue).toList());
                }
            }
            case Cast cast -> json.put("cast", cast.to().name().toLowerCase(Locale.ROOT));
        }
        return json;
    }

    private static Object size(SizeExpr size) {
        return size instanceof SizeExpr.Literal(long value) ? (Object) value : size.toString();
    }

    private static List<Object> sizes(List<SizeExpr> sizes) {
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
        var name = fields.first("rearrange | split | concat | cast");
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
                yield main.isList() ? Split.sized(main.as("[sizes]", OpJson::readSizes), axis)
                        : Split.equal(main.as("parts", v -> OpReader.parts(v.toString())), axis);
            }
            case "concat" -> new Concat(axis(main), fields.has("order")
                    ? fields.get("order").as("[order]", v -> OpReader.order(v.toString()))
                    : List.of());
            case "cast" -> new Cast(main.as("dtype", v -> OpWords.dtype((String) v)));
            default -> throw fields.unknown(name, "rearrange | split | concat | cast");
        };
        fields.done();
        return op;
    }

    private static int axis(JsonFields.Value value) throws CheckpointException {
        return value.as("axis", v -> OpWords.axis(v instanceof Long ? v.toString() : ""));
    }

    private static SizeExpr size(Object value) {
        return SizeExpr.parse(value instanceof Long number && number >= 0 ? number.toString() : (String) value);
    }

    private static List<SizeExpr> readSizes(Object value) {
        var sizes = ((List<?>) value).stream().map(v -> size(v == null ? "" : v)).toList();
        if (sizes.isEmpty()) {
            throw new IllegalArgumentException();
        }
        return sizes;
    }
}
