package weft.ui.tree;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import javafx.scene.Node;
import javafx.scene.control.Label;

import org.jspecify.annotations.Nullable;
import org.kordamp.ikonli.javafx.FontIcon;

import weft.plan.Evidence;
import weft.plan.Row;
import weft.plan.Status;
import weft.ui.Ui;

/**
 * The status of a line: sign, word and what is odd; of a group a sign and a number each. The nodes of a status are made
 * when it is first shown, and shown again when it comes again.
 */
final class LineStatus extends Slot {
    /** Most urgent first, as the eye looks for trouble. */
    private static final List<Status> URGENT = List.of(Status.MISMATCH, Status.MISSING, Status.NEEDS_RULE,
            Status.UNPROVEN, Status.BY_RULE, Status.FITS, Status.OPTIONAL);
    private final Ui ui;
    private final Map<Status, Sign> signs = new EnumMap<>(Status.class);
    private final Label remark = Ui.label("", "remark");
    private final Tip tip = new Tip(this);
    private @Nullable Label assumed;
    private @Nullable Label proved;
    /** What is shown, from left to right. */
    private List<Node> shown = List.of();

    LineStatus(Ui ui) {
        this.ui = ui;
        remark.setVisible(false);
        getChildren().add(remark);
    }

    /** A status' sign, and its word or number. */
    private record Sign(FontIcon icon, Label word) {
    }

    private Sign sign(Status status) {
        return signs.computeIfAbsent(status, s -> {
            var sign = new Sign(ui.icon(Ui.sign(s), 15, Ui.style(s)), Ui.label("", "status-word", Ui.style(s)));
            getChildren().addAll(sign.icon(), sign.word());
            return sign;
        });
    }

    /** Whether anybody knows which way round a square is, as a sign of its own. */
    private Label assumption(boolean isProved) {
        var there = isProved ? proved : assumed;
        if (there != null) { return there; }
        var sign = new Label(null, ui.icon(isProved ? "mdi2c-check-decagram" : "mdi2h-help-rhombus", 13,
                isProved ? "status-fits" : "status-unproven"));
        new Tip(sign).say(ui.t(isProved ? "tip.proved" : "tip.assumed"));
        getChildren().add(sign);
        if (isProved) {
            proved = sign;
        } else {
            assumed = sign;
        }
        return sign;
    }

    void show(Item item, boolean isTight) {
        var now = new ArrayList<Node>();
        if (item.rows().isEmpty()) {
            tip.say("");
        } else if (item.isRelation() && item.counts().size() == 1) {
            one(item.rows().getFirst(), isTight, now);
        } else {
            several(item, isTight, now);
        }
        for (var node : shown) {
            if (!now.contains(node)) {
                node.setVisible(false);
            }
        }
        now.forEach(n -> n.setVisible(true));
        shown = now;
        requestLayout();
    }

    private void one(Row row, boolean isTight, List<Node> now) {
        var word = ui.texts().status(row.status().id());
        var odd = LineRow.remark(ui, row);
        tip.say(word + (odd.isEmpty() ? "" : ui.t("list.comma") + odd)
                + (row.evidence() == Evidence.NONE ? "" : "\n" + ui.texts().evidence(row.evidence().id())));
        var sign = sign(row.status());
        now.add(sign.icon());
        if (isTight) { return; }
        sign.word().setText(word);
        now.add(sign.word());
        if (Squares.isSquare(row) && !row.sources().isEmpty()) {
            now.add(assumption(Squares.isProved(row)));
        }
        if (!odd.isEmpty()) {
            remark.setText(odd);
            now.add(remark);
        }
    }

    private void several(Item item, boolean isTight, List<Node> now) {
        var said = new ArrayList<String>();
        for (var each : URGENT) {
            var count = item.counts().get(each);
            if (count == null) {
                continue;
            }
            said.add(ui.texts().status(each.id()) + " " + ui.texts().number(count));
            if (isTight && !now.isEmpty()) {
                continue; // only the most urgent has room; the tooltip has them all
            }
            var sign = sign(each);
            sign.word().setText(ui.texts().number(count));
            now.add(sign.icon());
            now.add(sign.word());
        }
        tip.say(String.join("\n", said));
    }

    @Override
    protected void layoutChildren() {
        double h = getHeight();
        double gap = ui.px(6);
        double x = 0;
        double end = getWidth();
        boolean first = true;
        for (var node : shown) {
            boolean icon = node instanceof FontIcon;
            if (!first) {
                x += icon ? 2 * gap : gap; // a sign and its number belong together
            }
            first = false;
            double room = Math.max(0, end - x);
            if (node instanceof Label label) {
                double width = Math.min(room, Math.ceil(label.prefWidth(-1)));
                label.resizeRelocate(x, 0, width, h);
                x += width;
            } else {
                var bounds = node.getLayoutBounds();
                node.relocate(x, Math.round((h - bounds.getHeight()) / 2));
                x += bounds.getWidth();
            }
        }
    }
}
