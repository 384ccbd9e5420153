package weft.ui.tree;

import java.util.stream.Collectors;
import javafx.scene.Node;
import javafx.scene.control.Label;

import org.jspecify.annotations.Nullable;
import org.kordamp.ikonli.javafx.FontIcon;

import weft.io.Code;
import weft.plan.Row;
import weft.tensor.DType;
import weft.tensor.TensorInfo;
import weft.ui.Ui;
import weft.ui.tree.Item.Tag;

/**
 * The source or the target of a line: how deep it lies, whether it opens, its name and what is said beside it. The same
 * nodes show one line after another, and those that are seldom needed are made when they are.
 */
final class LineSide extends Slot {
    private static final int ARROW = 16;
    /** Names this short are never cut: what stands beside them gives way. */
    private static final int SHORT = 12;
    /** What is left of a longer beginning that all names share. */
    private static final int MOST_FAINT = 20;
    /** The least of a name that says something. */
    private static final double LEAST = 56;
    private final Ui ui;
    private final boolean isSource;
    private final Label faint = Ui.label("", "mono", "faint");
    private final Label name = Ui.label("", "mono", "name");
    private final Tip full = new Tip(name);
    private @Nullable FontIcon closed;
    private @Nullable FontIcon open;
    private @Nullable Label broken;
    private @Nullable Tip brokenTip;
    private @Nullable Label tag;
    private @Nullable Tip tagTip;
    private @Nullable Label hidden;
    private Lines.@Nullable Line line;
    private int depth;

    LineSide(Ui ui, boolean isSource) {
        this.ui = ui;
        this.isSource = isSource;
        getChildren().addAll(faint, name);
    }

    void show(Lines.Line shown, boolean isTight) {
        line = shown;
        depth = shown.depth();
        var item = shown.item();
        var label = isSource ? item.source() : item.target();
        arrow(shown, !label.isEmpty() && (isSource ? item.severalSources() : item.severalTargets()));
        boolean missing = label.isEmpty() && item.kind() == Item.Kind.RELATION
                && (isSource || ui.session().plan().isPresent());
        boolean both = !label.faint().isEmpty() && !isTight;
        faint.setText(both ? shortened(label.faint()) : "");
        faint.setVisible(both);
        name.setText(label.isEmpty() ? missing ? "–" : "" : label.text());
        name.setVisible(missing || !label.isEmpty());
        mark(name, "missing-side", label.isEmpty());
        mark(name, "strong", !item.isRelation() && !label.isEmpty());
        full.say(() -> item.isRelation() ? full(item) : "");
        broken(item);
        tags(item, isTight, !label.isEmpty() && (isSource || item.source().isEmpty()));
        requestLayout();
    }

    /** The end of a beginning that is too long to leave room for what comes after it. */
    private static String shortened(String faint) {
        return faint.length() <= MOST_FAINT ? faint : "…" + faint.substring(faint.length() - MOST_FAINT + 1);
    }

    /** A tensor that can't be read; that a whole file's values are missing is said once, above the table. */
    static boolean isBroken(Item item) {
        return item.tensors().stream().anyMatch(t -> isBroken(t));
    }

    private static boolean isBroken(TensorInfo tensor) {
        var why = tensor.broken();
        return why != null && why.code() != Code.DATA_MISSING;
    }

    private void broken(Item item) {
        boolean on = isSource && !item.source().isEmpty() && isBroken(item);
        if (on && broken == null) {
            broken = new Label(null, ui.icon("mdi2a-alert-octagon-outline", 14, "status-mismatch"));
            broken.getStyleClass().add("broken");
            brokenTip = new Tip(broken);
            getChildren().add(broken);
        }
        visible(broken, on);
        if (brokenTip != null) {
            brokenTip.say(() -> {
                var all = item.tensors().stream().filter(t -> isBroken(t)).toList();
                var first = all.isEmpty() ? null : all.getFirst().broken();
                return (first == null ? "" : ui.texts().message(first))
                        + (all.size() > 1 ? "\n" + ui.t("proof.more", "n", all.size() - 1) : "");
            });
        }
    }

    /** Whole names, and what their elements are; of a few, since a tooltip isn't a list. */
    private String full(Item item) {
        var names = isSource
                ? item.tensors().stream().map(TensorInfo::name).toList()
                : item.rows().stream().map(Row::target).map(p -> p.name()).toList();
        if (names.isEmpty()) { return ""; }
        var types = isSource
                ? item.tensors().stream().map(TensorInfo::dtype).distinct().map(DType::title)
                        .collect(Collectors.joining(", "))
                : "";
        return names.stream().limit(4).collect(Collectors.joining("\n")) + (names.size() > 4 ? "\n…" : "")
                + (types.isEmpty() ? "" : "\n" + types);
    }

    private void arrow(Lines.Line shown, boolean opens) {
        if (opens && shown.open() && open == null) {
            open = arrow("mdi2c-chevron-down");
        } else if (opens && !shown.open() && closed == null) {
            closed = arrow("mdi2c-chevron-right");
        }
        visible(open, opens && shown.open());
        visible(closed, opens && !shown.open());
    }

    private FontIcon arrow(String literal) {
        var arrow = ui.icon(literal, ARROW, "disclosure");
        arrow.setOnMouseClicked(e -> {
            if (line != null) {
                ui.session().toggle(line.item());
            }
            e.consume();
        });
        getChildren().add(arrow);
        return arrow;
    }

    private void tags(Item item, boolean isTight, boolean has) {
        var said = item.tag();
        boolean tagged = has && said != null && said.what() != Tag.What.ODD && !isTight;
        if (tagged && tag == null) {
            tag = Ui.label("", "tag");
            tagTip = new Tip(tag);
            getChildren().add(tag);
        }
        visible(tag, tagged);
        if (tag != null && tagTip != null) {
            tag.setText(tagged && said != null ? said(said) : "");
            tagTip.say(tag.getText());
        }
        boolean isHidden = isSource && has && item.isRelation() && item.hidden() > 0;
        if (isHidden && hidden == null) {
            hidden = new Label("", ui.icon("mdi2e-eye-off", 12, "hidden-icon"));
            hidden.getStyleClass().addAll("tag", "hidden-tag");
            new Tip(hidden).say(ui.t("tip.hidden"));
            getChildren().add(hidden);
        }
        visible(hidden, isHidden);
        if (hidden != null && isHidden) {
            hidden.setText(isTight ? "" : ui.t("hidden"));
        }
    }

    private String said(Tag said) {
        return switch (said.what()) {
            case ALL -> ui.t("tag.all", "n", said.blocks());
            case ONE_OF -> ui.t("tag.oneOf", "n", said.blocks());
            case LIKE -> ui.t("tag.like", "n", said.blocks(), "first", said.first());
            case SOME -> ui.t("tag.some", "n", said.blocks(), "odd", String.join(", ", said.odd()), "count",
                    said.odd().size());
            case ODD -> "";
        };
    }

    static void visible(@Nullable Node node, boolean on) {
        if (node != null) {
            node.setVisible(on);
        }
    }

    /** Has a style class or hasn't; one that is as it should be is left alone, since each change is styled anew. */
    static void mark(Node node, String style, boolean on) {
        var classes = node.getStyleClass();
        if (on && !classes.contains(style)) {
            classes.add(style);
        } else if (!on && classes.contains(style)) {
            classes.remove(style);
        }
    }

    @Override
    protected void layoutChildren() {
        double h = getHeight();
        double gap = ui.px(4);
        double x = ui.px(12 + 16 * depth) + gap;
        for (var arrow : new FontIcon[]{open, closed}) {
            if (arrow != null && arrow.isVisible()) {
                middle(arrow, x, h);
            }
        }
        x += ui.px(ARROW) + gap;
        double sign = width(broken);
        x = put(broken, x, sign, h) + (sign > 0 ? gap : 0);
        double end = getWidth();
        double badge = width(hidden);
        double room = Math.max(0, end - x - (badge > 0 ? badge + gap : 0));
        double before = width(faint);
        double wanted = width(name);
        double beside = width(tag);
        double rest = room - before - wanted - gap;
        beside = rest < ui.px(24) ? 0 : Math.min(beside, rest);
        if (before + wanted > room) {
            // what all names share gives way before the name itself, which a short one never does
            boolean isShort = name.getText().length() <= SHORT;
            before = Math.max(0, Math.min(before, room - (isShort ? wanted : Math.min(wanted, ui.px(LEAST)))));
            before = before < ui.px(16) ? 0 : before;
            wanted = Math.min(wanted, room - before);
        }
        faint.resizeRelocate(x, 0, before, h);
        x += before;
        name.resizeRelocate(x, 0, Math.max(0, wanted), h);
        x += Math.max(0, wanted);
        x = put(tag, beside > 0 ? x + gap : x, beside, h);
        put(hidden, badge > 0 ? x + gap : x, badge, h);
    }

    private static double width(@Nullable Label label) {
        return label == null || !label.isVisible() ? 0 : Math.ceil(label.prefWidth(-1));
    }

    /** Puts a label in the middle of the line; where it ends. */
    private static double put(@Nullable Label label, double x, double width, double h) {
        if (label == null || !label.isVisible()) { return x; }
        double high = Math.min(h, label.prefHeight(-1));
        label.resizeRelocate(x, Math.round((h - high) / 2), width, high);
        return x + width;
    }

    private static void middle(Node node, double x, double h) {
        var bounds = node.getLayoutBounds();
        node.relocate(x, Math.round((h - bounds.getHeight()) / 2));
    }
}
