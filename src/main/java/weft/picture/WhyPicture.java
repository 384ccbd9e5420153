package weft.picture;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

import weft.io.CheckpointException;
import weft.picture.Drawing.Anchor;
import weft.picture.Drawing.Bow;
import weft.picture.Drawing.Box;
import weft.picture.Drawing.Frame;
import weft.picture.Drawing.Grid;
import weft.picture.Drawing.Ink;
import weft.picture.Drawing.Mark;
import weft.picture.Drawing.Path;
import weft.picture.Drawing.Point;
import weft.picture.Drawing.Stroke;
import weft.picture.Drawing.Words;
import weft.plan.Producer;
import weft.plan.Row;
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
import weft.tensor.Shape;
import weft.text.Texts;

/**
 * Why a row is as it is, as a picture: the tensor as the file has it, what each step makes of it, the parameters at
 * the end; matrices to scale, and one cell lit in all of them at once. A square that fits both ways is drawn both ways.
 */
public final class WhyPicture {
    /** What the two sides compute, {@code y = x·W}, if they say so. */
    public record Formulas(@Nullable String source, @Nullable String target) {
    }

    /** A cell somebody points at. */
    public record Cell(int panel, long row, long column) {
    }

    /** One matrix of the picture. */
    private record Panel(int stage, int tensor, Shape shape, String name, double x, double y, double width,
            double height) {
        long rows() {
            return shape.rank() < 2 ? 1 : shape.dim(shape.rank() - 2);
        }

        long columns() {
            return shape.rank() < 1 ? 1 : shape.dim(shape.rank() - 1);
        }

        boolean contains(double px, double py) {
            return px >= x && px < x + width && py >= y && py < y + height;
        }

        /** All other axes at 0. */
        long[] index(long row, long column) {
            var index = new long[shape.rank()];
            if (shape.rank() > 0) {
                index[shape.rank() - 1] = column;
            }
            if (shape.rank() > 1) {
                index[shape.rank() - 2] = row;
            }
            return index;
        }

        long row(long[] index) {
            return index.length < 2 ? 0 : index[index.length - 2];
        }

        long column(long[] index) {
            return index.length < 1 ? 0 : index[index.length - 1];
        }
    }

    /** A heading and the number under it; a line of text. */
    private static final double HEAD = 52;
    private static final double LINE = 12;
    private static final double LEFT = 52;
    private static final double TOP = 50;
    private static final double ARROW = 176;
    private static final double LONGEST = 225;
    private static final double LEAST = 12;
    /** More stands below the matrices than above them. */
    private static final double LIFT = 6;
    /** Between several matrices of the file, so that each has room for its sizes. */
    private static final double APART = 26;
    private static final int GRID = 64;
    /** Rows that are looked at to find one head, and threads that are drawn of it at most. */
    private static final int MOST_ROWS = 1024;
    /** About the width of a letter beside a matrix. */
    private static final int LETTER = 6;
    private static final int MOST_THREADS = 64;
    /** Letters that have room under an arrow. */
    private static final int LONGEST_NAME = 16;
    /** Letters under an arrow, so that they touch neither matrix and no number beside one; below threads stands none. */
    private static final int EXACT = 19;

    private final Texts texts;
    private final Journey journey;
    private final List<Row> rows;
    private final Formulas formulas;
    private final boolean twoWays;
    private final double height;
    /** Another parameter that has the same values; empty where there is none. */
    private final String alias;
    private final List<Panel> panels = new ArrayList<>();
    private double width;
    private double scale = 1;

    private WhyPicture(Texts texts, Journey journey, List<Row> rows, Formulas formulas, boolean twoWays,
            double height, String alias) {
        this.texts = texts;
        this.journey = journey;
        this.rows = rows;
        this.formulas = formulas;
        this.twoWays = twoWays;
        this.height = height;
        this.alias = alias;
    }

    /**
     * The picture of rows that one rule makes together.
     *
     * @param unsorted the rows, in any order
     * @param texts with the texts {@code picture.…}
     * @param height pixels there are at 100 %
     * @return empty where there is nothing to draw: no source, or a rule that doesn't work out
     */
    public static Optional<WhyPicture> of(List<Row> rows, Sizes sizes, Texts texts, Formulas formulas, double height) {
        return of(rows, "", sizes, texts, formulas, height);
    }

    /**
     * The picture of a parameter that is tied to another one: one matrix, two names.
     *
     * @param feeding the row of the parameter it is tied to
     */
    public static Optional<WhyPicture> tied(Row tied, Row feeding, Sizes sizes, Texts texts, Formulas formulas,
            double height) {
        return of(List.of(feeding), tied.target().name(), sizes, texts, formulas, height);
    }

    private static Optional<WhyPicture> of(List<Row> unsorted, String alias, Sizes sizes, Texts texts,
            Formulas formulas,
            double height) {
        // A model may list its parameters in another order than the one in which they lie in the tensor.
        var rows = unsorted.stream().sorted(Comparator.comparingInt(WhyPicture::place)).toList();
        if (rows.isEmpty() || rows.getFirst().sources().isEmpty()
                || !(rows.getFirst().producer() instanceof Producer.FromSources from)
                || from.distinct().size() != rows.getFirst().sources().size()) {
            return Optional.empty();
        }
        try {
            var known = rows.getFirst().sources();
            var shapes = from.sources().stream().map(n -> known.get(from.distinct().indexOf(n)).shape()).toList();
            if (shapes.stream().anyMatch(s -> s.count() == 0)) { return Optional.empty(); }
            var journey = new Journey(from.chain(), shapes, sizes);
            boolean square = rows.size() == 1 && rows.getFirst().hidden() && journey.stages() == 2
                    && shapes.getFirst().squeezed().rank() == 2 && rows.getFirst().target().shape().rank() == 2
                    && rows.getFirst().ops().stream().anyMatch(op -> op instanceof Rearrange r && r.isTranspose());
            var picture = new WhyPicture(texts, journey, rows, formulas, square && alias.isEmpty(),
                    height, alias);
            picture.place();
            return Optional.of(picture);
        } catch (CheckpointException e) {
            return Optional.empty(); // the row's own problem says it in words
        }
    }

    private static int place(Row row) {
        return row.producer() instanceof Producer.FromSources from ? from.target() : 0;
    }

    /** Whether it shows a square that fits turned and unturned. */
    public boolean isTwoWays() {
        return twoWays;
    }

    public double width() {
        return width;
    }

    // ---------------------------------------------------------------- where things stand

    private void place() {
        double longest = 1;
        for (int stage = 0; stage < journey.stages(); stage++) {
            for (var shape : journey.shapes(stage)) {
                longest = Math.max(longest, Math.max(rowsOf(shape), columnsOf(shape)));
            }
        }
        scale = LONGEST / longest;
        for (int stage = 0; stage < journey.stages(); stage++) {
            double gaps = (stage == 0 ? APART : 10) * (journey.shapes(stage).size() - 1);
            double high = journey.shapes(stage).stream().mapToLong(WhyPicture::rowsOf).sum();
            scale = Math.min(scale, (room(stage) - gaps) / high);
        }
        if (twoWays) {
            scale = Math.min(108 / longest, (height - 36) / 2 / longest);
        }
        double x = LEFT;
        for (int stage = 0; stage < journey.stages(); stage++) {
            x = stage(stage, x) + ARROW;
        }
        width = x - ARROW + 200;
    }

    /** What a stage's matrices may be high, with the words above and below them inside the picture. */
    private double room(int stage) {
        if (stage == 0) { return height - 2 * (HEAD + LINE); }
        return stage == journey.stages() - 1 && rows.size() == 1 ? height - 2 * HEAD : height - TOP - 24;
    }

    private double stage(int stage, double x) {
        var shapes = journey.shapes(stage);
        double gap = shapes.size() < 2 ? 0 : stage == 0 ? APART : 10;
        double total = gap * (shapes.size() - 1);
        double wide = 0;
        for (var shape : shapes) {
            total += length(rowsOf(shape));
            wide = Math.max(wide, length(columnsOf(shape)));
        }
        boolean last = stage == journey.stages() - 1;
        if (twoWays && last) {
            var shape = shapes.getFirst();
            double h = length(rowsOf(shape));
            double between = Math.max(16, height - 24 - 2 * h - 8);
            panels.add(new Panel(stage, -1, shape, "", x, 14, wide, h));
            panels.add(new Panel(stage, 0, shape, name(stage, 0), x, 14 + h + Math.min(24, between), wide, h));
            return x + wide;
        }
        double y = Math.max(TOP, (height - total) / 2 - LIFT);
        for (int i = 0; i < shapes.size(); i++) {
            double h = length(rowsOf(shapes.get(i)));
            panels.add(new Panel(stage, i, shapes.get(i), name(stage, i), x, y, length(columnsOf(shapes.get(i))), h));
            y += h + gap;
        }
        // labels stand right of all panels but the first stage's
        return x + wide + (stage > 0 && !last ? 96 : 0);
    }

    private String name(int stage, int tensor) {
        if (stage == 0) {
            return rows.getFirst().producer() instanceof Producer.FromSources from ? from.sources().get(tensor) : "";
        }
        return stage == journey.stages() - 1 && tensor < rows.size() ? rows.get(tensor).target().name() : "";
    }

    private static long rowsOf(Shape shape) {
        return shape.rank() < 2 ? 1 : shape.dim(shape.rank() - 2);
    }

    private static long columnsOf(Shape shape) {
        return shape.rank() < 1 ? 1 : shape.dim(shape.rank() - 1);
    }

    private double length(long cells) {
        return Math.max(LEAST, Math.round(cells * scale));
    }

    // ---------------------------------------------------------------- the cell

    /** The cell under a point, if there is one. */
    public Optional<Cell> cellAt(double x, double y) {
        for (int i = 0; i < panels.size(); i++) {
            var p = panels.get(i);
            if (p.contains(x, y)) {
                return Optional.of(new Cell(i, Math.min(p.rows() - 1, (long) ((y - p.y()) / p.height() * p.rows())),
                        Math.min(p.columns() - 1, (long) ((x - p.x()) / p.width() * p.columns()))));
            }
        }
        return Optional.empty();
    }

    /** Where a cell is lit before anybody pointed: off the middle, so that turning shows. */
    public Cell resting() {
        var p = panels.getFirst();
        return new Cell(0, p.rows() * 27 / 100, p.columns() * 44 / 100);
    }

    /** The cell moved by some rows and columns, inside its matrix. */
    public Cell moved(Cell cell, long rowsDown, long columnsRight) {
        var p = panels.get(cell.panel());
        return new Cell(cell.panel(), Math.clamp(cell.row() + rowsDown, 0, p.rows() - 1),
                Math.clamp(cell.column() + columnsRight, 0, p.columns() - 1));
    }

    /**
     * Every place the cell's value is at, one a stage: the index in the source first; {@link Op.Place#NOWHERE} where a
     * stage doesn't have it. Empty if it can't be followed.
     */
    public List<Op.Place> places(Cell cell) {
        var p = panels.get(cell.panel());
        if (p.tensor() < 0) { // the wrong reading of a square: the value that stands there came from the same place
            var first = panels.getFirst();
            return places(
                    new Cell(0, Math.min(cell.row(), first.rows() - 1), Math.min(cell.column(), first.columns() - 1)));
        }
        try {
            return journey.follow(p.stage(), new Op.Place(p.tensor(), p.index(cell.row(), cell.column())));
        } catch (CheckpointException e) {
            return List.of();
        }
    }

    // ---------------------------------------------------------------- painting

    /** The picture with a cell lit. */
    public Drawing draw(Cell cell) {
        var places = places(cell);
        var marks = new ArrayList<Mark>();
        for (int i = 0; i < panels.size(); i++) {
            matrix(panels.get(i), marks);
        }
        resized(marks);
        for (var panel : panels) {
            var lit = lit(panel, places, cell);
            if (lit != null) {
                light(panel, lit, marks);
            }
            labels(panel, lit, marks);
        }
        letters(marks);
        arrows(cell, marks);
        double lowest = panels.stream().mapToDouble(p -> p.y() + p.height() + (p.stage() == 0 ? 38 : 16)).max()
                .orElse(0);
        marks.add(Words.prose(LEFT, Math.min(height - 10, lowest + 24), texts.get("picture.square", "n", step()),
                Ink.MUTED, Anchor.START));
        return new Drawing(width, height, List.copyOf(marks));
    }

    /** The index lit in a panel; null if the cell isn't there. */
    private long @Nullable [] lit(Panel panel, List<Op.Place> places, Cell cell) {
        if (places.isEmpty()) { return null; }
        if (panel.tensor() < 0 && places.getFirst().isNowhere()) { return null; }
        if (panel.tensor() < 0) {
            // read as it is: the same row and column as in the file
            var source = places.getFirst().index();
            return panel.index(panels.getFirst().row(source), panels.getFirst().column(source));
        }
        var place = places.get(panel.stage());
        return place.tensor() == panel.tensor() ? place.index() : null;
    }

    private long step() {
        long longest = panels.stream().mapToLong(p -> Math.max(p.rows(), p.columns())).max().orElse(1);
        long step = GRID;
        while (step > 1 && longest / step < 6) {
            step /= 2;
        }
        while (longest / step > 64) {
            step *= 2;
        }
        return step;
    }

    private void matrix(Panel p, List<Mark> marks) {
        var bands = bands(p);
        if (bands.isEmpty()) {
            marks.add(new Box(p.x(), p.y(), p.width(), p.height(), tint(p), Ink.PART_LINE));
        }
        for (int i = 0; i < bands.size(); i++) {
            var b = bands.get(i);
            marks.add(new Box(b[0], b[1], b[2], b[3], part(i), Ink.PART_LINE));
        }
        double each = step() * scale;
        if (each >= 4) {
            marks.add(new Grid(p.x(), p.y(), p.width(), p.height(), each));
        }
    }

    /** Rows or columns that are added, and those that are cut off, are hatched. */
    private void resized(List<Mark> marks) {
        for (int stage = 0; stage + 1 < journey.stages(); stage++) {
            for (var op : journey.ops(stage)) {
                int axis = op instanceof Pad pad ? pad.axis() : op instanceof Slice slice ? slice.axis() : -1;
                for (var before : panels) {
                    for (var after : panels) {
                        boolean pair = before.stage() == stage && after.stage() == stage + 1
                                && before.tensor() == after.tensor();
                        if (axis >= 0 && pair && before.shape().rank() == after.shape().rank()) {
                            hatch(before, after, axis, marks);
                        }
                    }
                }
            }
        }
    }

    private static void hatch(Panel before, Panel after, int axis, List<Mark> marks) {
        long old = before.shape().dim(axis);
        long now = after.shape().dim(axis);
        if (old == now) { return; }
        var larger = now > old ? after : before;
        int fromEnd = larger.shape().rank() - 1 - axis;
        if (fromEnd > 1) { return; } // an axis the picture doesn't show
        double part = (double) Math.abs(now - old) / Math.max(now, old);
        double wide = fromEnd == 0 ? Math.max(6, larger.width() * part) : larger.width();
        double high = fromEnd == 1 ? Math.max(6, larger.height() * part) : larger.height();
        double x = larger.x() + larger.width() - wide;
        double y = larger.y() + larger.height() - high;
        marks.add(new Box(x, y, wide, high, Ink.WINDOW, Ink.PART_LINE));
        for (double d = 5; d < wide + high; d += 5) { // lines from lower left to upper right
            double x1 = Math.max(0, d - high);
            double y1 = Math.min(high, d);
            double x2 = Math.min(wide, d);
            double y2 = Math.max(0, d - wide);
            marks.add(new Stroke(x + x1, y + y1, x + x2, y + y2, now > old ? Ink.ACCENT : Ink.MUTED, false));
        }
    }

    private Ink tint(Panel p) {
        return p.stage() == journey.stages() - 1 && rows.size() > 1 && p.tensor() >= 0 ? part(p.tensor()) : Ink.PART_0;
    }

    private static Ink part(int i) {
        return switch (i % 3) {
            case 0 -> Ink.PART_0;
            case 1 -> Ink.PART_1;
            default -> Ink.PART_2;
        };
    }

    /** Where each target's values lie in a panel, as x, y, width, height; empty unless they tile it neatly. */
    private List<double[]> bands(Panel p) {
        if (rows.size() < 2 || p.stage() == journey.stages() - 1) { return List.of(); }
        var bands = new ArrayList<double[]>();
        long covered = 0;
        try {
            for (int t = 0; t < journey.shapes(journey.stages() - 1).size(); t++) {
                var corners = journey.corners(t, p.stage());
                var a = corners.getFirst();
                var b = corners.getLast();
                if (a.tensor() != p.tensor() || b.tensor() != p.tensor()) {
                    continue;
                }
                long r0 = Math.min(p.row(a.index()), p.row(b.index()));
                long r1 = Math.max(p.row(a.index()), p.row(b.index())) + 1;
                long c0 = Math.min(p.column(a.index()), p.column(b.index()));
                long c1 = Math.max(p.column(a.index()), p.column(b.index())) + 1;
                long area = (r1 - r0) * (c1 - c0);
                if (area != journey.shapes(journey.stages() - 1).get(t).count()) { return List.of(); }
                covered += area;
                bands.add(new double[]{p.x() + p.width() * c0 / p.columns(), p.y() + p.height() * r0 / p.rows(),
                    p.width() * (c1 - c0) / p.columns(), p.height() * (r1 - r0) / p.rows()});
            }
        } catch (CheckpointException e) {
            return List.of();
        }
        return covered == p.rows() * p.columns() ? bands : List.of();
    }

    private void letters(List<Mark> marks) {
        if (rows.size() < 2) { return; }
        var letters = letters();
        for (var p : panels) {
            if (p.height() < 20) {
                continue;
            }
            var bands = bands(p);
            for (int i = 0; i < bands.size(); i++) {
                var b = bands.get(i);
                if (b[2] >= 16 && b[3] >= 16) {
                    marks.add(
                            Words.bold(b[0] + b[2] / 2, b[1] + b[3] / 2 + 5, letters.get(i), Ink.MUTED, Anchor.MIDDLE));
                }
            }
            if (p.stage() == journey.stages() - 1 && p.tensor() < letters.size()) {
                marks.add(Words.bold(p.x() + p.width() / 2, p.y() + p.height() / 2 + 5, letters.get(p.tensor()),
                        Ink.MUTED,
                        Anchor.MIDDLE));
            }
        }
    }

    /** What tells the targets apart, as a letter: query, key, value are Q, K, V. */
    private List<String> letters() {
        var names = rows.stream().map(r -> r.target().name()).toList();
        int same = 0;
        var first = names.getFirst();
        while (same < first.length()) {
            int at = same;
            if (!names.stream().allMatch(n -> at < n.length() && n.charAt(at) == first.charAt(at))) {
                break;
            }
            same++;
        }
        var letters = new ArrayList<String>();
        for (var name : names) {
            letters.add(same < name.length() ? name.substring(same, same + 1).toUpperCase(Locale.ROOT) : "");
        }
        boolean distinct = letters.stream().distinct().count() == letters.size();
        for (int i = 0; i < letters.size() && !distinct; i++) {
            letters.set(i, Integer.toString(i + 1));
        }
        return letters;
    }

    private void light(Panel p, long[] index, List<Mark> marks) {
        double cw = p.width() / p.columns();
        double ch = p.height() / p.rows();
        double x = p.x() + (p.column(index) + 0.5) * cw;
        double y = p.y() + (p.row(index) + 0.5) * ch;
        double band = 7;
        if (p.rows() > 1) {
            double by = Math.clamp(y - band / 2, p.y(), p.y() + p.height() - band);
            marks.add(new Box(p.x(), by, p.width(), band, Ink.BAND, Ink.BAND));
        }
        double bx = Math.clamp(x - band / 2, p.x(), Math.max(p.x(), p.x() + p.width() - band));
        marks.add(new Box(bx, p.y(), Math.min(band, p.width()), p.height(), Ink.BAND, Ink.BAND));
        marks.add(new Box(x - 4, y - 4, 8, 8, Ink.LIT, Ink.LIT));
        marks.add(new Frame(x - 8.5, y - 8.5, 17, 17, 2, Ink.LIT));
    }

    private void labels(Panel p, long @Nullable [] index, List<Mark> marks) {
        boolean first = p.stage() == 0;
        boolean last = p.stage() == journey.stages() - 1;
        var at = index == null ? null : "W" + Arrays.toString(index);
        double right = p.x() + p.width() + 14;
        if (first) {
            if (p.tensor() == 0) {
                double head = p.y() - (p.rows() > 1 ? 36 : 16);
                marks.add(Words.bold(p.x(), head, texts.get("picture.file"), Ink.TEXT, Anchor.START));
                if (turned() && formulas.source() != null && p.width() > 180) {
                    marks.add(Words.mono(p.x() + p.width(), head, formulas.source(), Ink.MUTED, Anchor.END));
                }
            }
            axes(p, rowsAreInputs(formulas.source()), marks);
            double under = p.y() + p.height() + 20;
            boolean alone = journey.shapes(0).size() == 1;
            if (at != null) {
                marks.add(alone
                        ? Words.mono(p.x(), under, at, Ink.LIT, Anchor.START)
                        : Words.mono(p.x() + 66, p.y() - 9, at, Ink.LIT, Anchor.START));
            }
            if (alone) {
                marks.add(Words.mono(p.x(), under + 18, p.shape().toString(), Ink.TEXT, Anchor.START));
            }
            return;
        }
        if (twoWays) {
            boolean wrong = p.tensor() < 0;
            double y = p.y() + 14;
            marks.add(Words.bold(right, y, wrong ? asItIs() : opTitle(0), Ink.TEXT, Anchor.START));
            marks.add(Words.mono(right, y + 19, p.shape().toString(), Ink.TEXT, Anchor.START));
            if (at != null) {
                marks.add(Words.mono(right, y + 38, at, Ink.LIT, Anchor.START));
            }
            marks.add(Words.bold(right, y + 66, texts.get(wrong ? "picture.wrong" : "picture.right"),
                    wrong ? Ink.BAD : Ink.GOOD, Anchor.START));
            marks.add(
                    Words.prose(right, y + 84, texts.get(wrong ? "picture.wrong.why" : "picture.right.why"), Ink.MUTED,
                            Anchor.START));
            return;
        }
        if (last) {
            var name = p.name();
            int cut = 0; // the end of a name says which it is
            for (int i = 0, dots = 0; i < name.length()
                    && dots < name.chars().filter(c -> c == '.' || c == '/').count() - 1; i++) {
                if (name.charAt(i) == '.' || name.charAt(i) == '/') {
                    dots++;
                    cut = i + 1;
                }
            }
            if (p.tensor() == 0 && rows.size() == 1) {
                marks.add(Words.bold(p.x(), p.y() - (p.rows() > 1 ? 36 : 16), texts.get("picture.model"), Ink.TEXT,
                        Anchor.START));
                axes(p, rowsAreInputs(formulas.target()), marks);
            } else if (p.tensor() == 0) {
                marks.add(Words.bold(p.x(), Math.max(12, p.y() - 12), texts.get("picture.parameters", "n", rows.size()),
                        Ink.TEXT, Anchor.START));
            }
            double y = p.y() + Math.max(12, Math.min(p.height() / 2, 24));
            marks.add(Words.mono(right, y, name.substring(cut), Ink.TEXT, Anchor.START));
            if (!alias.isEmpty()) {
                marks.add(Words.mono(right, y + 54, alias, Ink.TEXT, Anchor.START));
                marks.add(Words.prose(right, y + 72, texts.get("picture.same"), Ink.MUTED, Anchor.START));
            }
            if (p.height() > 30 || rows.size() == 1) {
                marks.add(Words.mono(right, y + 18, p.shape().toString(), Ink.MUTED, Anchor.START));
                if (at != null) {
                    marks.add(Words.mono(right, y + 36, at.substring(1), Ink.LIT, Anchor.START));
                }
            } else if (at != null) {
                marks.add(Words.mono(right + 160, y, at.substring(1), Ink.LIT, Anchor.START));
            }
            return;
        }
        if (p.tensor() == 0) {
            var formula = isTurnedBefore(p.stage()) ? formulas.target() : formulas.source();
            axes(p, rowsAreInputs(formula), marks);
            if (turned() && formula != null) {
                marks.add(Words.mono(right, p.y() + 12, formula, Ink.MUTED, Anchor.START));
            }
        }
        marks.add(Words.mono(right, p.y() + p.height() - 4, p.shape().toString(), Ink.TEXT, Anchor.START));
        if (at != null && index != null) {
            double y = p.y() + (p.row(index) + 0.5) * p.height() / p.rows() + 4;
            marks.add(Words.mono(right, Math.clamp(y, p.y() + 32, Math.max(p.y() + 32, p.y() + p.height() - 24)), at,
                    Ink.LIT,
                    Anchor.START));
        }
    }

    /** Whether any step turns a matrix: only then it matters which side is which. */
    private boolean turned() {
        return rows.getFirst().ops().stream().anyMatch(op -> op instanceof Rearrange r && r.isTranspose());
    }

    /** Whether a step before this stage has turned the matrix already. */
    private boolean isTurnedBefore(int stage) {
        for (int i = 0; i < stage; i++) {
            if (journey.ops(i).stream().anyMatch(op -> op instanceof Rearrange r && r.isTranspose())) { return true; }
        }
        return false;
    }

    private static boolean rowsAreInputs(@Nullable String formula) {
        return formula != null && formula.replace(" ", "").startsWith("y=x");
    }

    /** Inputs and outputs written on the sides of a matrix. */
    private void axes(Panel p, boolean rowsAreInputs, List<Mark> marks) {
        if (p.rows() < 2) { return; }
        boolean say = turned() && formulas.source() != null && formulas.target() != null;
        var down = !say
                ? Long.toString(p.rows())
                : texts.get(rowsAreInputs ? "picture.inputs" : "picture.outputs.down", "n", Long.toString(p.rows()));
        var across = !say
                ? Long.toString(p.columns())
                : texts.get(rowsAreInputs ? "picture.outputs" : "picture.inputs", "n", Long.toString(p.columns()));
        boolean stacked = panels.stream().filter(other -> other.stage() == p.stage()).count() > 1;
        var side = stacked && down.length() * LETTER > p.height() ? Long.toString(p.rows()) : down;
        marks.add(new Words(p.x() - 9, p.y() + p.height() / 2, side, Ink.MUTED, Anchor.MIDDLE, false, false, true));
        boolean above = p.stage() == 0 || p.stage() == journey.stages() - 1;
        if (above) {
            marks.add(Words.prose(p.x(), p.y() - 9, across, Ink.MUTED, Anchor.START));
        } else {
            marks.add(
                    Words.prose(p.x() + p.width() / 2, Math.min(height - 4, p.y() + p.height() + 16), across, Ink.MUTED,
                            Anchor.MIDDLE));
        }
    }

    private void arrows(Cell cell, List<Mark> marks) {
        double middle = height / 2 - LIFT;
        for (int stage = 0; stage + 1 < journey.stages(); stage++) {
            int from = stage;
            double right = panels.stream().filter(p -> p.stage() == from).mapToDouble(p -> p.x() + p.width()).max()
                    .orElse(0);
            double left = panels.stream().filter(p -> p.stage() == from + 1).mapToDouble(Panel::x).min().orElse(0);
            if (twoWays) {
                double y = panels.getFirst().y() + panels.getFirst().height() / 2;
                panels.stream().filter(p -> p.stage() == 1).forEach(p -> marks
                        .add(new Bow(right + 16, y, left - 18, p.y() + p.height() / 2, Ink.MUTED)));
                continue;
            }
            double start = stage == 0 ? right + 22 : right + 112;
            double end = left - (stage + 2 == journey.stages() && rows.size() > 1 ? 20 : 30);
            double at = panels.getFirst().y() + panels.getFirst().height() / 2;
            at = stage == 0 ? Math.clamp(at, 40, height - 40) : middle;
            double center = (start + Math.max(start + 24, end)) / 2;
            var order = order(stage);
            if (order.length > 0) {
                threads(order, start, Math.max(start + 24, end), at, cell, marks, stage);
                continue;
            }
            marks.add(new Stroke(start, at, Math.max(start + 24, end), at, Ink.MUTED, true));
            marks.add(Words.bold(center, at - 9, opTitle(stage), Ink.TEXT, Anchor.MIDDLE));
            if (!journey.ops(stage).isEmpty()) {
                marks.add(Words.mono(center, at + 19, exact(stage, EXACT), Ink.MUTED, Anchor.MIDDLE));
            } else if (journey.stages() == 2 && rows.size() == 1) {
                renamed(center, at, marks);
            }
        }
    }

    /** Both names under the arrow, from where they differ. */
    private void renamed(double center, double at, List<Mark> marks) {
        var from = name(0, 0);
        var to = name(1, 0);
        if (from.equals(to)) { return; }
        int cut = 0;
        for (int i = 0; i < Math.min(from.length(), to.length()) && from.charAt(i) == to.charAt(i); i++) {
            if (from.charAt(i) == '.' || from.charAt(i) == '/') {
                cut = i + 1;
            }
        }
        marks.add(Words.mono(center, at + 19, end(from.substring(cut)), Ink.MUTED, Anchor.MIDDLE));
        marks.add(Words.mono(center, at + 36, "→ " + end(to.substring(cut)), Ink.MUTED, Anchor.MIDDLE));
    }

    /** As much of a name's end as an arrow is long. */
    private static String end(String name) {
        return name.length() > LONGEST_NAME ? "…" + name.substring(name.length() - LONGEST_NAME + 1) : name;
    }

    /** The rows of one head in another order: where each of them comes from; empty if a step does no such thing. */
    private long[] order(int stage) {
        var ops = journey.ops(stage);
        if (ops.size() != 1 || !(ops.getFirst() instanceof Rearrange r) || r.isTranspose() || r.isSqueeze()) {
            return new long[0];
        }
        try {
            var rows = journey.rowsFrom(stage, MOST_ROWS);
            if (Arrays.stream(rows).anyMatch(from -> from < 0) || isInOrder(rows)) { return new long[0]; }
            if (Arrays.stream(rows).distinct().count() < rows.length) { return new long[0]; } // rows are cut, not moved
            for (int head = 2; head <= rows.length; head++) {
                if (repeats(rows, head)) { return Arrays.copyOf(rows, head); }
            }
        } catch (CheckpointException e) {
            // drawn as an arrow
        }
        return new long[0];
    }

    private static boolean isInOrder(long[] rows) {
        for (int i = 0; i < rows.length; i++) {
            if (rows[i] != i) { return false; }
        }
        return true;
    }

    /** Whether the order is the same in each stretch of so many rows. */
    private static boolean repeats(long[] rows, int head) {
        for (int i = 0; i < head; i++) {
            if (rows[i] >= head) { return false; }
        }
        for (int i = head; i < rows.length; i++) {
            if (rows[i] != rows[i - head] + head) { return false; }
        }
        return true;
    }

    /** A thread for each row of one head, from where it stood to where it stands; the lit cell's stands out. */
    private void threads(long[] order, double x1, double x2, double middle, Cell cell, List<Mark> marks, int stage) {
        double high = Math.min(130, height - 110);
        double top = middle - high / 2;
        int step = Math.max(1, order.length / MOST_THREADS);
        double each = high / Math.max(1, order.length - 1);
        var places = places(cell);
        var lit = places.isEmpty() ? Op.Place.NOWHERE : places.get(stage + 1);
        int row = lit.isNowhere() || lit.index().length == 0 ? -1 : (int) (lit.index()[0] % order.length);
        for (int i = 0; i < order.length; i += step) {
            if (i != row) {
                marks.add(new Path(List.of(new Point(x1, top + order[i] * each), new Point(x2, top + i * each)),
                        Ink.PART_LINE));
            }
        }
        if (row >= 0) {
            marks.add(new Path(List.of(new Point(x1, top + order[row] * each), new Point(x2, top + row * each)),
                    Ink.LIT));
            marks.add(Words.mono(x1 - 4, top + order[row] * each + 4, Long.toString(order[row]), Ink.LIT, Anchor.END));
            marks.add(Words.mono(x2 + 4, top + row * each + 4, Integer.toString(row), Ink.LIT, Anchor.START));
        }
        double center = (x1 + x2) / 2;
        marks.add(Words.bold(center, top - 22, opTitle(stage), Ink.TEXT, Anchor.MIDDLE));
        marks.add(Words.prose(center, top - 7, texts.get("picture.head", "n", order.length), Ink.MUTED, Anchor.MIDDLE));
        marks.add(Words.mono(center, top + high + 18, exact(stage, EXACT + 2), Ink.MUTED, Anchor.MIDDLE));
    }

    private String asItIs() {
        var op = journey.ops(0).isEmpty() ? null : journey.ops(0).getFirst();
        return op instanceof Rearrange r && r.changesOnes()
                ? texts.get("picture.squeezeOnly")
                : texts.get("picture.asItIs");
    }

    private String opTitle(int stage) {
        var words = new ArrayList<String>();
        for (var op : journey.ops(stage)) {
            if (op instanceof Rearrange r && r.isTranspose() && r.changesOnes()) {
                words.add(texts.get("chip.squeeze"));
            }
            words.add(texts.get("chip." + switch (op) {
                case Rearrange r -> r.isSqueeze() ? "squeeze" : r.isTranspose() ? "transpose" : "rearrange";
                case Split _ -> "split";
                case Concat _ -> "join";
                case Stack _ -> "stack";
                case Unstack _ -> "unstack";
                case Slice _ -> "slice";
                case Pad _ -> "pad";
                case Take _ -> "take";
                case Affine _ -> "affine";
                case Cast _ -> "cast";
                case Combine c -> switch (c.recipe()) {
                    case Combine.Nf4 _,Combine.Int8 _,Combine.Fp8 _ -> "unpack";
                    case Combine.Lora _,Combine.Add _ -> "combine";
                };
            }, "what", what(op)));
        }
        return words.isEmpty() ? texts.get("picture.names") : String.join(texts.get("list.comma"), words);
    }

    private static String what(Op op) {
        return op instanceof Split s
                ? Integer.toString(s.parts() > 0 ? s.parts() : s.sizes().size())
                : op instanceof Cast c ? c.to().title() : "";
    }

    private String exact(int stage, int most) {
        var ops = journey.ops(stage);
        if (ops.isEmpty()) { return ""; }
        var text = ops.getFirst() instanceof Rearrange r ? r.pattern().replace("->", "→") : ops.getFirst().toString();
        return text.length() > most ? text.substring(0, most - 1) + "…" : text;
    }
}
