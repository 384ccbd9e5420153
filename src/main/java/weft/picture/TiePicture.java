package weft.picture;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import weft.picture.Drawing.Anchor;
import weft.picture.Drawing.Box;
import weft.picture.Drawing.Bow;
import weft.picture.Drawing.Grid;
import weft.picture.Drawing.Ink;
import weft.picture.Drawing.Mark;
import weft.picture.Drawing.Words;
import weft.plan.Plan;
import weft.plan.Producer;
import weft.plan.Row;
import weft.text.Texts;

/** One matrix in the file, two parameters in the model: a tie. */
public final class TiePicture {
    private static final double WIDTH = 760;
    private static final double HEIGHT = 250;
    private static final double HIGH = 150;
    private static final double SMALL = 78;

    private TiePicture() {
    }

    /** @return empty unless the first row takes its values from another parameter that the file feeds */
    public static Optional<Drawing> of(List<Row> rows, Plan plan, Texts texts) {
        if (rows.isEmpty() || !(rows.getFirst().producer() instanceof Producer.SameAs same)) { return Optional.empty(); }
        var tied = rows.getFirst();
        var other = plan.row(same.parameter()).orElse(null);
        if (other == null || other.sources().isEmpty() || other.target().shape().rank() != 2) {
            return Optional.empty();
        }
        var shape = other.target().shape();
        double ratio = Math.clamp((double) shape.dim(1) / shape.dim(0), 0.25, 1);
        var marks = new ArrayList<Mark>();
        double x = 52;
        double y = 48;
        matrix(marks, x, y, HIGH * ratio, HIGH);
        marks.add(Words.bold(x, y - 30, texts.get("picture.file"), Ink.TEXT, Anchor.START));
        marks.add(new Words(x - 9, y + HIGH / 2, Long.toString(shape.dim(0)), Ink.MUTED, Anchor.MIDDLE, false, false,
                true));
        marks.add(Words.prose(x, y - 9, Long.toString(shape.dim(1)), Ink.MUTED, Anchor.START));
        marks.add(Words.mono(x, y + HIGH + 20, other.sources().getFirst().name(), Ink.TEXT, Anchor.START));
        marks.add(Words.mono(x, y + HIGH + 38, other.sources().getFirst().shape().toString(), Ink.MUTED,
                Anchor.START));
        double right = 400;
        double[] tops = {26, 26 + SMALL + 40};
        var names = List.of(other, tied);
        for (int i = 0; i < 2; i++) {
            matrix(marks, right, tops[i], SMALL * ratio, SMALL);
            marks.add(new Bow(x + HIGH * ratio + 18, y + HIGH / 2, right - 14, tops[i] + SMALL / 2, Ink.MUTED));
            var row = names.get(i);
            double words = right + SMALL * ratio + 16;
            marks.add(Words.mono(words, tops[i] + 22, row.target().name(), Ink.TEXT, Anchor.START));
            marks.add(Words.mono(words, tops[i] + 40, row.target().shape().toString(), Ink.MUTED, Anchor.START));
            marks.add(Words.prose(words, tops[i] + 60, texts.get(i == 0 ? "picture.tie.first" : "picture.tie.second"),
                    Ink.MUTED, Anchor.START));
        }
        return Optional.of(new Drawing(WIDTH, HEIGHT, List.copyOf(marks)));
    }

    private static void matrix(List<Mark> marks, double x, double y, double width, double height) {
        marks.add(new Box(x, y, width, height, Ink.PART_0, Ink.PART_LINE));
        marks.add(new Grid(x, y, width, height, 12));
    }
}
