package weft.ui.tree;

import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import javafx.geometry.Pos;
import javafx.scene.Node;
import javafx.scene.control.Button;
import javafx.scene.control.Label;
import javafx.scene.control.Tooltip;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Pane;
import javafx.scene.layout.Region;
import javafx.scene.shape.Line;
import javafx.scene.shape.Polyline;
import javafx.scene.shape.Rectangle;

import org.jspecify.annotations.Nullable;

import weft.io.Code;
import weft.plan.Evidence;
import weft.plan.Kind;
import weft.plan.Row;
import weft.plan.Status;
import weft.tensor.DType;
import weft.tensor.TensorInfo;
import weft.ui.Ui;
import weft.ui.tree.Item.Tag;

/** One line of the table: source, thread with chips, target, status. The same nodes show one line after another. */
final class LineRow extends Region {
    private static final int ARROW = 16;
    /** Names this short are never cut: what stands beside them gives way. */
    private static final int SHORT = 12;
    /** Names this short are never cut for a tag beside them. */
    private static final int BEFORE_A_TAG = 20;
    /** What is left of a longer beginning that all names share. */
    private static final int MOST_FAINT = 20;
    /** Width of the rule column below which a third chip has no room. */
    private static final double NARROW = 240;
    private final Ui ui;
    private final HBox source = new HBox();
    private final Label sourceShape = Ui.label("", "mono", "shape");
    private final Region loom = new Region();
    private final Line thread = new Line();
    private final Polyline head = new Polyline();
    private final HBox chips = new HBox();
    private final Button accept;
    private final HBox target = new HBox();
    private final Label targetShape = Ui.label("", "mono", "shape");
    private final HBox status = new HBox();
    private final Pane edge = new Pane();
    private Columns columns = Columns.of(1440, 1);
    private Lines.@Nullable Line line;

    LineRow(Ui ui) {
        this.ui = ui;
        getStyleClass().add("line-row");
        loom.getStyleClass().add("loom");
        thread.getStyleClass().add("thread");
        head.getStyleClass().add("thread-head");
        edge.getStyleClass().add("edge");
        accept = ui.button(ui.t("action.accept"), null, this::accept, "flat", "accept-here");
        accept.setVisible(false);
        accept.setFocusTraversable(false);
        for (var box : List.of(source, chips, target, status)) {
            box.setAlignment(Pos.CENTER_LEFT);
        }
        source.setSpacing(ui.px(4));
        target.setSpacing(ui.px(4));
        status.setSpacing(ui.px(6));
        chips.setAlignment(Pos.CENTER);
        chips.setSpacing(ui.px(6));
        chips.setMouseTransparent(false);
        getChildren().addAll(loom, edge, source, sourceShape, thread, head, chips, accept, target, targetShape, status);
        hoverProperty().addListener((_, _, over) -> accept.setVisible(over && suggested()));
    }

    private boolean suggested() {
        return line != null && line.item().rows().stream().anyMatch(r -> r.status() == Status.NEEDS_RULE);
    }

    private void accept() {
        if (line != null) {
            ui.session().acceptUnder(line.item());
        }
    }

    void columns(Columns other) {
        if (!columns.equals(other)) {
            boolean was = isTight();
            columns = other;
            if (was != isTight() && line != null) {
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
        accept.setVisible(isHover() && suggested());
        side(source, item.source(), shown, item.severalSources(), true);
        side(target, item.target(), shown, item.severalTargets(), false);
        sourceShape.setText(sourceShape(item));
        targetShape.setText(targetShape(item));
        size(item);
        boolean several = !item.isRelation();
        if (!several && differs(item)) {
            targetShape.setText("≠ " + targetShape.getText());
        }
        mark(sourceShape, "amount", several);
        mark(targetShape, "amount", several);
        boolean differs = !several && differs(item);
        mark(sourceShape, "differs", differs);
        mark(targetShape, "differs", differs);
        thread(item);
        status(item);
        setAccessibleText(spoken(item));
        requestLayout();
    }

    /** Made when the pointer comes: a tooltip is a window, and a line that scrolls past needs none. */
    private static void tip(Node node, String text) {
        tip(node, () -> text);
    }

    private static void tip(Node node, Supplier<String> text) {
        node.setOnMouseEntered(_ -> {
            node.setOnMouseEntered(null);
            Tooltip.install(node, new Tooltip(text.get()));
        });
    }

    private static void mark(Node node, String style, boolean on) {
        node.getStyleClass().remove(style);
        if (on) {
            node.getStyleClass().add(style);
        }
    }

    /** Whether the two shapes are not the same: what a framework would complain about. */
    private static boolean differs(Item item) {
        return item.tensors().size() == 1 && !item.rows().isEmpty()
                && !item.tensors().getFirst().shape().squeezed()
                        .equals(item.rows().getFirst().target().shape().squeezed())
                && !item.rows().getFirst().status().isReady();
    }

    private void side(HBox box, Item.Label label, Lines.Line shown, boolean opens, boolean isSource) {
        var item = shown.item();
        box.getChildren().clear();
        var indent = new Region();
        indent.setMinWidth(ui.px(12 + 16 * shown.depth()));
        box.getChildren().add(indent);
        if (opens && !label.isEmpty()) {
            var arrow = ui.icon(isOpen(shown) ? "mdi2c-chevron-down" : "mdi2c-chevron-right", ARROW, "disclosure");
            arrow.setOnMouseClicked(e -> {
                ui.session().toggle(item);
                e.consume();
            });
            box.getChildren().add(arrow);
        } else {
            var gap = new Region();
            gap.setMinWidth(ui.px(ARROW));
            box.getChildren().add(gap);
        }
        if (label.isEmpty()) {
            if (item.kind() == Item.Kind.RELATION && (isSource || ui.session().plan().isPresent())) {
                box.getChildren().add(Ui.label("–", "mono", "faint"));
            }
            return;
        }
        boolean group = !item.isRelation();
        if (isSource && isBroken(item)) {
            box.getChildren().add(broken(item));
        }
        if (!label.faint().isEmpty() && !isTight()) {
            var faint = Ui.firm(shortened(label.faint()), "mono", "faint");
            var name = label.text().length() <= SHORT
                    ? Ui.firm(label.text(), "mono", "name")
                    : Ui.label(label.text(), "mono", "name");
            mark(name, "strong", group);
            var both = new HBox(faint, name);
            both.setAlignment(Pos.CENTER_LEFT);
            both.setMinWidth(label.text().length() <= SHORT ? USE_PREF_SIZE : 0);
            box.getChildren().add(both);
        } else {
            var name = item.tag() != null && label.text().length() <= BEFORE_A_TAG
                    ? Ui.firm(label.text(), "mono", "name")
                    : Ui.label(label.text(), "mono", "name");
            mark(name, "strong", group);
            box.getChildren().add(name);
        }
        if (isSource || item.source().isEmpty()) {
            tags(box, item, isSource);
        }
    }

    /** The end of a beginning that is too long to leave room for what comes after it. */
    private static String shortened(String faint) {
        return faint.length() <= MOST_FAINT ? faint : "…" + faint.substring(faint.length() - MOST_FAINT + 1);
    }

    /** A tensor that can't be read; that a whole file's values are missing is said once, above the table. */
    private static boolean isBroken(Item item) {
        return item.tensors().stream().anyMatch(t -> isBroken(t));
    }

    static boolean isBroken(TensorInfo tensor) {
        var why = tensor.broken();
        return why != null && why.code() != Code.DATA_MISSING;
    }

    private Label broken(Item item) {
        var all = item.tensors().stream().filter(t -> isBroken(t)).toList();
        var sign = new Label(null, ui.icon("mdi2a-alert-octagon-outline", 14, "status-mismatch"));
        sign.getStyleClass().add("broken");
        sign.setMinWidth(USE_PREF_SIZE);
        tip(sign, () -> {
            var first = all.getFirst().broken();
            return (first == null ? "" : ui.texts().message(first))
                    + (all.size() > 1 ? "\n" + ui.t("proof.more", "n", all.size() - 1) : "");
        });
        return sign;
    }

    private boolean isOpen(Lines.Line shown) {
        return shown.open();
    }

    private void tags(HBox box, Item item, boolean isSource) {
        var tag = item.tag();
        if (tag != null && tag.what() != Tag.What.ODD && !isTight()) {
            var label = Ui.label(tag(tag), "tag");
            tip(label, label.getText());
            box.getChildren().add(label);
        }
        if (isSource && item.isRelation() && item.hidden() > 0) {
            var label = new Label(isTight() ? "" : ui.t("hidden"), ui.icon("mdi2e-eye-off", 12, "hidden-icon"));
            label.getStyleClass().addAll("tag", "hidden-tag");
            label.setMinWidth(USE_PREF_SIZE);
            tip(label, ui.t("tip.hidden"));
            box.getChildren().add(label);
        }
    }

    private String tag(Tag tag) {
        return switch (tag.what()) {
            case ALL -> ui.t("tag.all", "n", tag.blocks());
            case ONE_OF -> ui.t("tag.oneOf", "n", tag.blocks());
            case LIKE -> ui.t("tag.like", "n", tag.blocks(), "first", tag.first());
            case SOME -> ui.t("tag.some", "n", tag.blocks(), "odd", String.join(", ", tag.odd()), "count",
                    tag.odd().size());
            case ODD -> "";
        };
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
                        : item.tensors().size() + " · " + Amount.of(item.elements(), ui.texts().isChinese());
    }

    private static String targetShape(Item item) {
        if (item.isRelation()) {
            return switch (item.rows().size()) {
                case 0 -> "";
                case 1 -> item.rows().getFirst().target().shape().toString();
                default -> shapes(item.rows().stream().map(r -> r.target().shape().toString()).toList());
            };
        }
        return item.rows().isEmpty() ? "" : "" + item.rows().size();
    }

    private static String shapes(List<String> shapes) {
        return shapes.stream().distinct().count() == 1
                ? shapes.size() + " × " + shapes.getFirst()
                : shapes.size() + " ×";
    }

    // ---------------------------------------------------------------- rule

    private void thread(Item item) {
        chips.getChildren().clear();
        boolean joined = !item.rows().isEmpty() && (!item.tensors().isEmpty() || !item.chips().isEmpty());
        var shown = item.kind() == Item.Kind.PART ? List.<Chip>of() : item.chips();
        boolean visible = item.kind() == Item.Kind.RELATION ? joined : !shown.isEmpty();
        Chip.Tone tone = shown.stream().map(Chip::tone).max(java.util.Comparator.naturalOrder())
                .orElse(Chip.Tone.PLAIN);
        if (!item.isRelation() && shown.isEmpty()) {
            var rules = item.rows().stream().map(Row::rule).filter(java.util.Objects::nonNull).distinct().count();
            boolean ready = item.rows().stream().allMatch(r -> r.status().isReady() || !r.target().required());
            if (rules > 1 && ready) {
                visible = true;
                chips.getChildren().add(chip(new Chip("chip.rules", "" + rules, Chip.Tone.PLAIN, "")));
            }
        }
        if (item.rows().isEmpty() && item.kind() == Item.Kind.RELATION && ui.session().plan().isPresent()) {
            chips.getChildren().add(Ui.label(ui.t("chip.unused"), "chip", "chip-unused"));
        }
        boolean tight = columns.rule() < ui.px(NARROW) && shown.size() > 2;
        chips.setSpacing(ui.px(tight ? 3 : 6));
        (tight ? shown.subList(0, 2) : shown).forEach(c -> chips.getChildren().add(chip(c)));
        if (tight) {
            chips.getChildren().add(chip(new Chip("chip.more", "" + (shown.size() - 2), tone,
                    shown.subList(2, shown.size()).stream().map(c -> ui.t(c.key(), "what", c.argument()))
                            .collect(Collectors.joining(", ")))));
        }
        thread.setVisible(visible);
        head.setVisible(visible);
        for (var node : List.of(thread, head)) {
            node.getStyleClass().removeIf(s -> s.startsWith("tone-"));
            node.getStyleClass().add(style(tone));
        }
    }

    private Label chip(Chip chip) {
        var label = Ui.label(ui.t(chip.key(), "what", chip.argument()), "chip", style(chip.tone()));
        if (chip.key().equals("chip.tie")) {
            label.setGraphic(ui.icon("mdi2l-link-variant", 12, "chip-icon"));
        }
        tip(label, chip.exact().isEmpty() ? label.getText() : chip.exact());
        return label;
    }

    private static String style(Chip.Tone tone) {
        return "tone-" + tone.name().toLowerCase(java.util.Locale.ROOT);
    }

    // ---------------------------------------------------------------- status

    private void status(Item item) {
        status.getChildren().clear();
        status.setOnMouseEntered(null);
        if (status.hasProperties()) { // what stood here before
            Tooltip.uninstall(status, null);
        }
        if (item.rows().isEmpty()) { return; }
        if (item.isRelation() && item.counts().size() == 1) {
            var row = item.rows().getFirst();
            status.getChildren().add(ui.icon(Ui.sign(row.status()), 15, Ui.style(row.status())));
            var word = ui.texts().status(row.status().id());
            var remark = remark(ui, row);
            tip(status, word + (remark.isEmpty() ? "" : ui.t("list.comma") + remark)
                    + (row.evidence() == Evidence.NONE ? "" : "\n" + ui.texts().evidence(row.evidence().id())));
            if (isTight()) { return; }
            status.getChildren().add(Ui.firm(word, "status-word", Ui.style(row.status())));
            if (Squares.isSquare(row) && !row.sources().isEmpty()) {
                status.getChildren().add(assumption(row));
            }
            if (!remark.isEmpty()) {
                var label = Ui.label(remark, "remark");
                status.getChildren().add(label);
            }
            return;
        }
        var said = new java.util.ArrayList<String>();
        // most urgent first, as the eye looks for trouble
        for (var each : List.of(Status.MISMATCH, Status.MISSING, Status.NEEDS_RULE, Status.UNPROVEN, Status.BY_RULE,
                Status.FITS, Status.OPTIONAL)) {
            var count = item.counts().get(each);
            if (count != null) {
                var icon = ui.icon(Ui.sign(each), 15, Ui.style(each));
                var number = Ui.firm(Integer.toString(count), "status-word", Ui.style(each));
                var both = new HBox(ui.px(6), icon, number);
                both.setAlignment(Pos.CENTER_LEFT);
                both.setMinWidth(USE_PREF_SIZE);
                said.add(ui.texts().status(each.id()) + " " + count);
                if (isTight() && !status.getChildren().isEmpty()) {
                    continue; // only the most urgent has room; the tooltip has them all
                }
                status.getChildren().add(both);
                HBox.setMargin(both, new javafx.geometry.Insets(0, ui.px(6), 0, 0));
            }
        }
        tip(status, String.join("\n", said));
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

    /** Whether anybody knows which way round a square is, as a sign of its own. */
    private Label assumption(Row row) {
        boolean proved = Squares.isProved(row);
        var sign = new Label(null, ui.icon(proved ? "mdi2c-check-decagram" : "mdi2h-help-rhombus", 13,
                proved ? "status-fits" : "status-unproven"));
        sign.setMinWidth(USE_PREF_SIZE);
        tip(sign, ui.t(proved ? "tip.proved" : "tip.assumed"));
        return sign;
    }

    /** The line as one sentence. */
    private String spoken(Item item) {
        var words = new java.util.ArrayList<String>();
        words.add(item.source().faint() + item.source().text());
        words.add(sourceShape.getText().replace(",", " ×"));
        if (!item.rows().isEmpty()) {
            words.add("→ " + item.target().text());
            words.add(targetShape.getText().replace(",", " ×"));
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
        if (isBroken(item)) {
            words.add(ui.t("remark.broken"));
        }
        return words.stream().filter(w -> !w.isBlank()).collect(Collectors.joining(", "));
    }

    /** What a shape or an amount doesn't say: how many numbers, how many bytes, of what type. */
    private void size(Item item) {
        sourceShape.setOnMouseEntered(null);
        if (sourceShape.hasProperties()) { // what stood here before
            Tooltip.uninstall(sourceShape, null);
        }
        if (!item.tensors().isEmpty()) {
            tip(sourceShape, () -> ui.t("tip.size", "count", ui.texts().count(item.elements()), "bytes",
                    ui.texts().bytes(item.bytes()), "types", item.tensors().stream().map(t -> t.dtype()).distinct()
                            .map(DType::title).collect(Collectors.joining(", "))));
        }
    }

    @Override
    protected void layoutChildren() {
        double h = getHeight();
        double gap = ui.px(8);
        double pad = ui.px(16);
        edge.resizeRelocate(0, 0, ui.px(3), h);
        loom.resizeRelocate(columns.ruleX(), 0, columns.rule(), h);
        double shape = right(sourceShape, columns.ruleX() - pad, columns.shape() + ui.px(24), h);
        place(source, 0, columns.ruleX() - pad - gap - Math.max(shape, ui.px(72)), h);
        double from = columns.ruleX() + ui.px(10);
        double to = columns.targetX() - ui.px(10);
        double middle = Math.floor(h / 2) + 0.5;
        thread.setStartX(from);
        thread.setEndX(to - 1);
        thread.setStartY(middle);
        thread.setEndY(middle);
        double wing = ui.px(4.5);
        head.getPoints().setAll(to - wing - 1, middle - wing, to, middle, to - wing - 1, middle + wing);
        double room = columns.rule() - ui.px(columns.rule() < ui.px(NARROW) ? 16 : 36);
        double wide = Math.min(room, chips.prefWidth(-1));
        chips.resizeRelocate(Math.round(columns.ruleX() + (columns.rule() - wide) / 2), 0, wide, h);
        double button = accept.prefWidth(-1);
        accept.resizeRelocate(columns.targetX() - button - ui.px(4), ui.px(2), button, h - ui.px(4));
        shape = right(targetShape, columns.statusX() - pad, columns.shape() + ui.px(24), h);
        place(target, columns.targetX(), columns.name() + columns.shape() - pad - gap - Math.max(shape, ui.px(72)), h);
        place(status, columns.statusX() + pad, Math.max(0, getWidth() - columns.statusX() - pad - gap), h);
    }

    /** What is too long for its column ends with it. */
    private static void place(Region node, double x, double width, double h) {
        node.resizeRelocate(x, 0, width, h);
        if (node.getClip() instanceof Rectangle clip) {
            clip.setWidth(Math.max(0, width));
            clip.setHeight(h);
        } else {
            node.setClip(new Rectangle(Math.max(0, width), h));
        }
    }

    /** Puts a label against the right; how wide it is. */
    private static double right(Label label, double end, double most, double h) {
        double width = Math.min(most, label.prefWidth(-1));
        label.resizeRelocate(end - width, 0, width, h);
        return width;
    }

    @Override
    protected double computePrefHeight(double width) {
        return ui.px(26);
    }

    @Override
    protected double computeMinWidth(double height) {
        return 0;
    }

    @Override
    protected double computePrefWidth(double height) {
        return 0;
    }
}
