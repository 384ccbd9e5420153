package weft.rule;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

import weft.docs.Committed;
import weft.io.CheckpointException;
import weft.picture.Drawing;
import weft.picture.Drawing.Anchor;
import weft.picture.Drawing.Ink;
import weft.picture.Svg;
import weft.tensor.Shape;
import weft.tensor.TensorData;

/**
 * The pictures of the rule reference: one for each op, with every row of its table. They are drawn from the rows, the op's own
 * shapes, values and index map, so a picture can't show another thing than what the op does.
 */
class RulePicturesTest {
    private static final double CELL = 26;
    private static final double LINE = 22;
    private static final double GAP = 14;
    private static final double EDGE = 16;

    @TestFactory
    Stream<DynamicTest> each_op_has_its_picture() throws IOException {
        var byOp = new LinkedHashMap<String, List<List<String>>>();
        for (var row : RuleExamples.tables("op")) {
            byOp.computeIfAbsent(row.getFirst().split(" ")[0], _ -> new ArrayList<>()).add(row);
        }
        assertThat(byOp).hasSizeGreaterThanOrEqualTo(11);
        return byOp.entrySet().stream().map(op -> DynamicTest.dynamicTest(op.getKey(),
                () -> Committed.picture("rules/" + op.getKey() + ".svg", picture(op.getKey(), op.getValue()))));
    }

    private static String picture(String name, List<List<String>> rows) throws CheckpointException {
        var marks = new ArrayList<Drawing.Mark>();
        double y = EDGE;
        double width = 0;
        for (var row : rows) {
            var op = ArrowText.ops(row.get(0)).getFirst();
            var in = Arrays.stream(row.get(2).split("; ")).map(RuleExamples::tensor).toList();
            marks.add(new Drawing.Words(EDGE, y + 11, row.get(0), Ink.TEXT, Anchor.START, true, true, false));
            width = Math.max(width, EDGE + row.get(0).length() * 7.4);
            y += 20;
            var shapes = in.stream().map(TensorData::shape).toList();
            var out = op.apply(in, Sizes.NONE);
            double height = Math.max(height(in), height(out));
            double x = EDGE;
            for (int i = 0; i < in.size(); i++) {
                int number = i;
                x = tensor(marks, x, y + (height - height(in.get(i))) / 2, in.get(i), at -> ink(number, at)) + GAP;
            }
            marks.add(new Drawing.Stroke(x, y + height / 2, x + 34, y + height / 2, Ink.ACCENT, true));
            x += 34 + GAP;
            for (int i = 0; i < out.size(); i++) {
                int number = i;
                x = tensor(marks, x, y + (height - height(out.get(i))) / 2, out.get(i), at -> {
                    var from = op.origin(new Op.Place(number, at), shapes, Sizes.NONE);
                    return from.isNowhere() ? Ink.BAND : ink(from.tensor(), from.index());
                }) + GAP;
            }
            width = Math.max(width, x);
            y += height + 26;
        }
        var drawing = new Drawing(Math.ceil(width + 2), Math.ceil(y - 10), marks);
        return Committed.standalone(Svg.of(drawing, name));
    }

    /** A's first line, A's second, and whatever else goes in. */
    private static Ink ink(int tensor, long[] at) {
        if (tensor > 0) { return Ink.PART_2; }
        return at.length > 1 && at[0] > 0 ? Ink.PART_1 : Ink.PART_0;
    }

    @FunctionalInterface
    private interface Inks {
        Ink of(long[] at) throws CheckpointException;
    }

    private static double height(List<TensorData> tensors) {
        return tensors.stream().mapToDouble(RulePicturesTest::height).max().orElse(0);
    }

    private static double height(TensorData data) {
        var shape = data.shape();
        return (shape.rank() < 2 ? 1 : shape.dim(shape.rank() - 2)) * LINE + 16;
    }

    /** Slices of the last two dimensions, side by side, with the shape below. @return where it ends */
    private static double tensor(List<Drawing.Mark> marks, double x, double y, TensorData data, Inks inks)
            throws CheckpointException {
        var shape = data.shape();
        long lines = shape.rank() < 2 ? 1 : shape.dim(shape.rank() - 2);
        long columns = shape.dim(shape.rank() - 1);
        long slices = shape.rank() < 3 ? 1 : shape.dim(0);
        double cell = Math.max(CELL, widest(data, shape) * 7 + 8);
        double left = x;
        double end = x;
        for (long s = 0; s < slices; s++) {
            for (long i = 0; i < lines; i++) {
                for (long j = 0; j < columns; j++) {
                    var at = switch (shape.rank()) {
                        case 1 -> new long[]{j};
                        case 2 -> new long[]{i, j};
                        default -> new long[]{s, i, j};
                    };
                    marks.add(new Drawing.Box(left + j * cell, y + i * LINE, cell, LINE, inks.of(at), Ink.PART_LINE));
                    marks.add(new Drawing.Words(left + (j + 0.5) * cell, y + i * LINE + 15, number(data.at(at)),
                            Ink.TEXT, Anchor.MIDDLE, true, false, false));
                }
            }
            end = left + columns * cell;
            left = end + 5;
        }
        if (shape.rank() == 3) {
            marks.add(new Drawing.Frame(x - 3, y - 3, end - x + 6, lines * LINE + 6, 1, Ink.LINE));
        }
        var label = shape.toString();
        double width = Math.max(end - x, label.length() * 7.3);
        marks.add(new Drawing.Words(x + (end - x) / 2, y + lines * LINE + 15, label, Ink.MUTED, Anchor.MIDDLE, true,
                false, false));
        return x + (end - x + width) / 2;
    }

    private static int widest(TensorData data, Shape shape) {
        int widest = 1;
        var at = new long[shape.rank()];
        for (long n = 0; n < shape.count(); n++) {
            long rest = n;
            for (int axis = at.length - 1; axis >= 0; axis--) {
                at[axis] = rest % shape.dim(axis);
                rest /= shape.dim(axis);
            }
            widest = Math.max(widest, number(data.at(at)).length());
        }
        return widest;
    }

    private static String number(double value) {
        if (Double.isInfinite(value)) { return "∞"; }
        if (value == Math.rint(value)) { return Long.toString((long) value); }
        return String.format(java.util.Locale.ROOT, "%.3g", value).replaceFirst("0+$", "");
    }
}
