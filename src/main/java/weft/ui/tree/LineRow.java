package weft.ui.tree;

import java.util.List;
import java.util.stream.Collectors;
import javafx.scene.control.Button;
import javafx.scene.control.Label;
import javafx.scene.layout.Region;

import org.jspecify.annotations.Nullable;

import weft.plan.Kind;
import weft.plan.Row;
import weft.plan.Status;
import weft.tensor.DType;
import weft.ui.Ui;

/**
 * One line of the table: source, thread with chips, target, status. The same nodes show one line after another: a line
 * that scrolls into view makes none and is styled no more than it differs.
 */
final class LineRow extends Slot {
    private final Ui ui;
    private final LineSide source;
    private final Label sourceShape = Ui.label("", "mono", "shape");
    private final Tip size = new Tip(sourceShape); // what a shape or an amount doesn't say
    private final LineThread thread;
    private final LineSide target;
    private final Label targetShape = Ui.label("", "mono", "shape");
    private final LineStatus status;
    private final Region edge = new Region();
    /** Below, and on both sides of the loom. */
    private final List<Region> lines = List.of(new Region(), new Region(), new Region());
    private @Nullable Button accept;
    private Columns columns = Columns.of(1440, 1);
    private Lines.@Nullable Line line;

    LineRow(Ui ui) {
        this.ui = ui;
        source = new LineSide(ui, true);
        thread = new LineThread(ui);
        target = new LineSide(ui, false);
        status = new LineStatus(ui);
        getStyleClass().add("line-row");
        edge.getStyleClass().add("edge");
        lines.forEach(l -> l.getStyleClass().add("row-line"));
        getChildren().add(thread);
        getChildren().addAll(lines);
        getChildren().addAll(edge, source, sourceShape, target, targetShape, status);
        hoverProperty().addListener((_, _, over) -> offer(over && suggested()));
    }

    private boolean suggested() {
        return line != null && line.item().rows().stream().anyMatch(r -> r.status() == Status.NEEDS_RULE);
    }

    /** The button is made when the pointer first comes. */
    private void offer(boolean on) {
        if (on && accept == null) {
            var button = ui.button(ui.t("action.accept"), null, this::accept, "flat", "accept-here");
            button.setFocusTraversable(false);
            getChildren().add(button);
            accept = button;
            requestLayout();
        }
        LineSide.visible(accept, on);
    }

    private void accept() {
        if (line != null) {
            ui.session().acceptUnder(line.item());
        }
    }

    void columns(Columns other) {
        if (!columns.equals(other)) {
            columns = other;
            if (line != null) {
                show(line);
            }
            requestLayout();
        }
    }

    private boolean isTight() {
        return columns.isTight(ui.look().scale());
    }

    void show(Lines.Line shown) {
        line = shown;
        var item = shown.item();
        offer(isHover() && suggested());
        source.show(shown, isTight());
        target.show(shown, isTight());
        boolean several = !item.isRelation();
        boolean differs = !several && differs(item);
        sourceShape.setText(sourceShape(item));
        targetShape.setText((differs ? "≠ " : "") + targetShape(item));
        for (var shape : List.of(sourceShape, targetShape)) {
            LineSide.mark(shape, "amount", several);
            LineSide.mark(shape, "differs", differs);
        }
        size.say(() -> item.tensors().isEmpty()
                ? ""
                : ui.t("tip.size", "count", ui.texts().count(item.elements()), "bytes", ui.texts().bytes(item.bytes()),
                        "types", item.tensors().stream().map(t -> t.dtype()).distinct().map(DType::title)
                                .collect(Collectors.joining(", "))));
        thread.show(item, columns.rule());
        status.show(item, isTight());
        setAccessibleText(spoken(item));
        requestLayout();
    }

    /** Whether the two shapes are not the same: what a framework would complain about. */
    private static boolean differs(Item item) {
        return item.tensors().size() == 1 && !item.rows().isEmpty()
                && !item.tensors().getFirst().shape().squeezed()
                        .equals(item.rows().getFirst().target().shape().squeezed())
                && !item.rows().getFirst().status().isReady();
    }

    private String sourceShape(Item item) {
        if (item.isRelation()) {
            return switch (item.tensors().size()) {
                case 0 -> "";
                case 1 -> item.tensors().getFirst().shape().toString();
                default -> shapes(item.tensors().stream().map(t -> t.shape().toString()).toList());
            };
        }
        return item.tensors().isEmpty()
                ? ""
                : item.kind() == Item.Kind.GROUP && item.tensors().size() < 4
                        ? "" + item.tensors().size()
                        : ui.texts().number(item.tensors().size()) + " · "
                                + Amount.of(item.elements(), ui.texts().isChinese());
    }

    private String targetShape(Item item) {
        if (item.isRelation()) {
            return switch (item.rows().size()) {
                case 0 -> "";
                case 1 -> item.rows().getFirst().target().shape().toString();
                default -> shapes(item.rows().stream().map(r -> r.target().shape().toString()).toList());
            };
        }
        return item.rows().isEmpty() ? "" : ui.texts().number(item.rows().size());
    }

    private static String shapes(List<String> shapes) {
        return shapes.stream().distinct().count() == 1
                ? shapes.size() + " × " + shapes.getFirst()
                : shapes.size() + " ×";
    }

    /** What is odd about a row, in a few words; never the status again. */
    public static String remark(Ui ui, Row row) {
        var words = new java.util.ArrayList<String>();
        var kind = row.kind();
        if (kind == null || kind == Kind.RENAMED) {
            square(ui, row, words);
            return String.join(ui.t("list.comma"), words);
        }
        switch (row.status()) {
            case MISMATCH -> {
                if (kind == Kind.CONTEXT && row.sources().size() == 1) {
                    words.add(ui.t("remark.context", "found", Long.toString(row.sources().getFirst().shape().dim(0)),
                            "expected", Long.toString(row.target().shape().dim(0))));
                } else if (kind == Kind.SHAPE && row.problem() != null && row.problem().found() != null) {
                    words.add(ui.t("remark.gives", "found", row.problem().found()));
                } else {
                    words.add(ui.texts().kind(kind.id()));
                }
            }
            case BY_RULE, NEEDS_RULE -> {
                switch (kind) {
                    case SPLIT -> {
                        if (row.ops().stream().anyMatch(op -> op instanceof weft.rule.Rearrange r && !r.isSqueeze())) {
                            words.add(ui.texts().kind(Kind.TRANSPOSED.id()));
                        }
                        words.add(ui.t("remark.fused"));
                    }
                    case INITIALISED -> words.add(ui.t("remark.made"));
                    default -> words.add(ui.texts().kind(kind.id()));
                }
                square(ui, row, words);
            }
            case FITS, UNPROVEN -> square(ui, row, words);
            case MISSING, OPTIONAL -> {
            }
        }
        return String.join(ui.t("list.comma"), words);
    }

    private static void square(Ui ui, Row row, List<String> words) {
        // beside another word the assumed sign says it
        if (Squares.looksSquare(row) && (words.isEmpty() || !Squares.isSquare(row))) {
            words.add(ui.t("remark.square"));
        }
    }

    /** The line as one sentence. */
    private String spoken(Item item) {
        var words = new java.util.ArrayList<String>();
        words.add(item.source().faint() + item.source().text());
        words.add(sourceShape.getText().replace(", ", " × "));
        if (!item.rows().isEmpty()) {
            words.add("→ " + item.target().text());
            words.add(targetShape.getText().replace(", ", " × "));
            item.counts().forEach((s, n) -> words.add(ui.texts().status(s.id()) + (item.isRelation() ? "" : " " + n)));
            if (item.isRelation()) {
                var row = item.rows().getFirst();
                words.add(remark(ui, row));
                if (Squares.isSquare(row)) {
                    words.add(ui.t(Squares.isProved(row) ? "remark.proved" : "remark.assumed"));
                }
            }
        }
        if (item.hidden() > 0) {
            words.add(ui.t("hidden"));
        }
        if (LineSide.isBroken(item)) {
            words.add(ui.t("remark.broken"));
        }
        return words.stream().filter(w -> !w.isBlank()).collect(Collectors.joining(", "));
    }

    @Override
    protected void layoutChildren() {
        double h = getHeight();
        double gap = ui.px(8);
        double pad = ui.px(16);
        edge.resizeRelocate(0, 0, ui.px(3), h);
        thread.resizeRelocate(columns.ruleX(), 0, columns.rule(), h);
        lines.get(0).resizeRelocate(0, h - 1, getWidth(), 1);
        lines.get(1).resizeRelocate(columns.ruleX(), 0, 1, h);
        lines.get(2).resizeRelocate(columns.targetX() - 1, 0, 1, h);
        double shape = right(sourceShape, columns.ruleX() - pad, columns.shape() + ui.px(24), h);
        source.resizeRelocate(0, 0, columns.ruleX() - pad - gap - Math.max(shape, ui.px(72)), h);
        var button = accept;
        if (button != null) {
            double wide = button.prefWidth(-1);
            button.resizeRelocate(columns.targetX() - wide - ui.px(4), ui.px(2), wide, h - ui.px(4));
        }
        shape = right(targetShape, columns.statusX() - pad, columns.shape() + ui.px(24), h);
        target.resizeRelocate(columns.targetX(), 0,
                columns.name() + columns.shape() - pad - gap - Math.max(shape, ui.px(72)), h);
        status.resizeRelocate(columns.statusX() + pad, 0, Math.max(0, getWidth() - columns.statusX() - pad - gap), h);
    }

    /** Puts a label against the right; how wide it is. */
    private static double right(Label label, double end, double most, double h) {
        double width = Math.min(most, Math.ceil(label.prefWidth(-1)));
        label.resizeRelocate(end - width, 0, width, h);
        return width;
    }

    @Override
    protected double computePrefHeight(double width) {
        return ui.px(26);
    }
}
