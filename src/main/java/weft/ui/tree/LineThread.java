package weft.ui.tree;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import javafx.scene.Node;
import javafx.scene.control.Label;
import javafx.scene.layout.Region;
import javafx.scene.shape.Line;
import javafx.scene.shape.Polyline;

import org.jspecify.annotations.Nullable;
import org.kordamp.ikonli.javafx.FontIcon;

import weft.plan.Row;
import weft.ui.Ui;

/**
 * The rule of a line: a thread with an arrowhead, and on it a chip for each op. Chips are taken from a heap for each tone
 * and put back there, so that scrolling makes none.
 */
final class LineThread extends Slot {
    /** Width of the rule column below which a third chip has no room. */
    private static final double NARROW = 240;
    private final Ui ui;
    private final Region thread = new Region();
    private @Nullable Line dashes;
    private final Polyline head = new Polyline();
    private final Map<Chip.Tone, List<Knot>> heap = new EnumMap<>(Chip.Tone.class);
    private final List<Knot> shown = new ArrayList<>();
    private @Nullable Label unused;
    private boolean isUnused;
    private String tone = "";
    private boolean isNarrow;

    LineThread(Ui ui) {
        this.ui = ui;
        getStyleClass().add("loom");
        thread.getStyleClass().add("thread");
        head.getStyleClass().add("thread-head");
        head.setCache(true); // strokes are dear where no graphics card paints them, and this one is the same in every line
        getChildren().addAll(thread, head);
    }

    /** A chip and its tooltip. */
    private final class Knot {
        private final Label label;
        private final Tip tip;
        private final Chip.Tone tone;
        private @Nullable FontIcon link;

        Knot(Chip.Tone tone) {
            this.tone = tone;
            label = Ui.label("", "chip", style(tone));
            label.setCache(tone == Chip.Tone.SUGGESTED); // its dashes
            tip = new Tip(label);
        }

        void show(Chip chip) {
            label.setText(ui.t(chip.key(), "what", chip.argument()));
            boolean isTie = chip.key().equals("chip.tie");
            if (isTie && link == null) {
                link = ui.icon("mdi2l-link-variant", 12, "chip-icon");
            }
            label.setGraphic(isTie ? link : null);
            tip.say(chip.exact().isEmpty() ? label.getText() : chip.exact());
            label.setVisible(true);
        }
    }

    void show(Item item, double width) {
        isNarrow = width < ui.px(NARROW);
        shown.forEach(k -> {
            k.label.setVisible(false);
            heap.computeIfAbsent(k.tone, _ -> new ArrayList<>()).add(k);
        });
        shown.clear();
        boolean joined = !item.rows().isEmpty() && (!item.tensors().isEmpty() || !item.chips().isEmpty());
        var chips = item.kind() == Item.Kind.PART ? List.<Chip>of() : item.chips();
        boolean visible = item.kind() == Item.Kind.RELATION ? joined : !chips.isEmpty();
        var strongest = chips.stream().map(Chip::tone).max(Comparator.naturalOrder())
                .orElse(Chip.Tone.PLAIN);
        if (!item.isRelation() && chips.isEmpty()) {
            var rules = item.rows().stream().map(Row::rule).filter(Objects::nonNull).distinct().count();
            boolean ready = item.rows().stream().allMatch(r -> r.status().isReady() || !r.target().required());
            if (rules > 1 && ready) {
                visible = true;
                chip(new Chip("chip.rules", "" + rules, Chip.Tone.PLAIN, ""));
            }
        }
        unused(item.rows().isEmpty() && item.kind() == Item.Kind.RELATION && ui.session().plan().isPresent());
        boolean tight = isNarrow && chips.size() > 2;
        (tight ? chips.subList(0, 2) : chips).forEach(this::chip);
        if (tight) {
            chip(new Chip("chip.more", "" + (chips.size() - 2), strongest,
                    chips.subList(2, chips.size()).stream().map(c -> ui.t(c.key(), "what", c.argument()))
                            .collect(Collectors.joining(", "))));
        }
        boolean broken = strongest == Chip.Tone.SUGGESTED || strongest == Chip.Tone.FAILED;
        if (visible && broken && dashes == null) {
            dashes = new Line();
            dashes.getStyleClass().add("thread-dashes");
            dashes.setCache(true);
            getChildren().addFirst(dashes);
            tone = ""; // it has none yet
        }
        thread.setVisible(visible && !broken);
        LineSide.visible(dashes, visible && broken);
        head.setVisible(visible);
        var now = style(strongest);
        if (!now.equals(tone)) {
            restyle(head, now);
            if (dashes != null) {
                restyle(dashes, now);
            }
            tone = now;
        }
        requestLayout();
    }

    private static void restyle(Node node, String now) {
        node.getStyleClass().removeIf(s -> s.startsWith("tone-"));
        node.getStyleClass().add(now);
    }

    private void chip(Chip chip) {
        var free = heap.getOrDefault(chip.tone(), List.of());
        Knot knot;
        if (free.isEmpty()) {
            knot = new Knot(chip.tone());
            getChildren().add(knot.label);
        } else {
            knot = free.removeLast();
        }
        knot.show(chip);
        shown.add(knot);
    }

    private void unused(boolean on) {
        isUnused = on;
        if (on && unused == null) {
            unused = Ui.label(ui.t("chip.unused"), "chip", "chip-unused");
            getChildren().add(unused);
        }
        LineSide.visible(unused, on);
    }

    private static String style(Chip.Tone tone) {
        return "tone-" + tone.name().toLowerCase(Locale.ROOT);
    }

    @Override
    protected void layoutChildren() {
        double h = getHeight();
        double all = getWidth();
        double from = ui.px(10);
        double to = all - ui.px(10);
        double middle = Math.floor(h / 2) + 0.5;
        thread.resizeRelocate(from, middle - 0.5, to - 1 - from, 1);
        var line = dashes;
        if (line != null) {
            line.setStartX(from);
            line.setEndX(to - 1);
            line.setStartY(middle);
            line.setEndY(middle);
        }
        double wing = ui.px(4.5);
        var points = List.of(to - wing - 1, middle - wing, to, middle, to - wing - 1, middle + wing);
        if (!head.getPoints().equals(points)) {
            head.getPoints().setAll(points);
        }
        double room = all - ui.px(isNarrow ? 16 : 36);
        double gap = ui.px(isNarrow && shown.size() > 2 ? 3 : 6);
        var labels = new ArrayList<Label>();
        if (isUnused && unused != null) {
            labels.add(unused);
        }
        shown.forEach(k -> labels.add(k.label));
        var widths = labels.stream().mapToDouble(l -> Math.ceil(l.prefWidth(-1))).toArray();
        double wide = Arrays.stream(widths).sum() + gap * Math.max(0, widths.length - 1);
        double over = wide - room;
        // the widest gives way first
        while (over > 0.5) {
            int widest = 0;
            for (int i = 1; i < widths.length; i++) {
                widest = widths[i] > widths[widest] ? i : widest;
            }
            double second = 0;
            for (int i = 0; i < widths.length; i++) {
                second = i == widest ? second : Math.max(second, widths[i]);
            }
            double less = Math.min(over, Math.max(1, widths[widest] - second));
            widths[widest] = Math.max(0, widths[widest] - less);
            over -= less;
        }
        double x = Math.round((all - Math.min(wide, room)) / 2);
        for (int i = 0; i < widths.length; i++) {
            var label = labels.get(i);
            double high = Math.min(h, label.prefHeight(-1));
            label.resizeRelocate(x, Math.round((h - high) / 2), widths[i], high);
            x += widths[i] + gap;
        }
    }
}
