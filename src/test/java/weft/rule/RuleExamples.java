package weft.rule;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

import weft.io.CheckpointException;
import weft.io.Json;
import weft.tensor.DType;
import weft.tensor.Numbers;
import weft.tensor.Shape;
import weft.tensor.TensorData;

/** The tables of the rule reference, and the small tensors in them. */
final class RuleExamples {
    static final Path REFERENCE = Path.of("src/site/markdown/rules.md");
    private static final String A = "[[1, 2, 3], [4, 5, 6]]";
    private static final String B = "[[7, 8, 9], [10, 11, 12]]";

    /** The cells of a table's row: code without its back-ticks, {@code \|} as a bar. */
    private static List<String> cells(String row) {
        return Arrays.stream(row.substring(1, row.length() - 1).split("(?<!\\\\)\\|"))
                .map(c -> c.strip().replace("`", "").replace("\\|", "|")).toList();
    }

    static List<List<String>> tables(String first) throws IOException {
        var rows = new ArrayList<List<String>>();
        boolean inside = false;
        for (var line : Files.readAllLines(REFERENCE)) {
            if (!line.startsWith("|")) {
                inside = false;
            } else if (line.startsWith("| " + first + " |")) {
                inside = true;
            } else if (inside && !line.startsWith("|-")) {
                rows.add(cells(line));
            }
        }
        return rows;
    }

    /** {@code A}, {@code B} or {@code [[1, 2]]} as f32, or with a type in front. */
    static TensorData tensor(String text) {
        var words = text.replace("A", A).replace("B", B);
        var type = words.startsWith("[") ? DType.F32 : DType.parse(words.substring(0, words.indexOf(' ')));
        var list = words.substring(words.indexOf('['));
        var dims = new ArrayList<Long>();
        try {
            var values = new ArrayList<Double>();
            flatten(Json.read(list, ""), 0, dims, values);
            var shape = Shape.of(dims.stream().mapToLong(d -> d).toArray());
            var segment = Arena.ofAuto().allocate(Math.max(1, shape.count() * type.bytes()));
            for (int i = 0; i < values.size(); i++) {
                if (type.isFloating()) {
                    Numbers.put(segment, (long) i * type.bytes(), type, values.get(i));
                } else {
                    segment.set(ValueLayout.JAVA_BYTE, i, values.get(i).byteValue());
                }
            }
            return TensorData.of(segment, type, shape);
        } catch (CheckpointException e) {
            throw new IllegalArgumentException(text, e);
        }
    }

    private static void flatten(Object value, int depth, List<Long> dims, List<Double> values) {
        if (value instanceof List<?> list) {
            if (dims.size() == depth) {
                dims.add((long) list.size());
            }
            list.forEach(v -> flatten(v, depth + 1, dims, values));
        } else {
            values.add(((Number) value).doubleValue());
        }
    }

    static String text(TensorData data) {
        return text(data, 0, new long[data.shape().rank()]);
    }

    private static String text(TensorData data, int axis, long[] index) {
        if (axis == index.length) {
            double value = data.at(index);
            return value == Math.rint(value) && !Double.isInfinite(value)
                    ? Long.toString((long) value)
                    : Float.toString((float) value);
        }
        var parts = new ArrayList<String>();
        for (long i = 0; i < data.shape().dim(axis); i++) {
            index[axis] = i;
            parts.add(text(data, axis + 1, index));
        }
        return parts.stream().collect(Collectors.joining(", ", "[", "]"));
    }
}
