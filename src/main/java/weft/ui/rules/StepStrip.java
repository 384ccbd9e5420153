package weft.ui.rules;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import javafx.geometry.Pos;
import javafx.scene.Node;
import javafx.scene.control.Label;
import javafx.scene.layout.FlowPane;

import org.jspecify.annotations.Nullable;

import weft.rule.Op;
import weft.tensor.Shape;
import weft.ui.Ui;
import weft.ui.tree.Chip;
import weft.work.RuleSteps;

/** A rule's ops as chips, each with the shape that is there after it, up to the one that doesn't work. */
final class StepStrip extends FlowPane {
    private static final double ONE_LINE = 20_000;
    private final Ui ui;
    private final @Nullable Consumer<Op> chosen;

    /** @param chosen is told which op's chip was pressed; {@code null} where nobody presses any */
    StepStrip(Ui ui, @Nullable Consumer<Op> chosen) {
        this.ui = ui;
        this.chosen = chosen;
        setHgap(ui.px(6));
        setVgap(ui.px(4));
        setAlignment(Pos.CENTER_LEFT);
        setPrefWrapLength(ONE_LINE); // it is as wide as it may be, and wraps where there is no more room
        setMinWidth(0);
        setMaxWidth(Double.MAX_VALUE);
    }

    /**
     * The whole way from names to names.
     *
     * @param tone of what works
     */
    void show(RuleSteps steps, List<String> from, List<String> to, Chip.Tone tone) {
        var nodes = new ArrayList<Node>();
        names(from, nodes);
        nodes.addAll(way(steps, tone));
        nodes.add(Ui.firm("→", "mono", "muted"));
        names(to, nodes);
        getChildren().setAll(nodes);
    }

    /** Only what happens between; nothing for a rule that takes no tensor. */
    void show(@Nullable RuleSteps steps) {
        getChildren().setAll(steps == null ? List.of() : way(steps, Chip.Tone.ACCEPTED));
    }

    private List<Node> way(RuleSteps steps, Chip.Tone tone) {
        var nodes = new ArrayList<Node>();
        nodes.add(shape(steps.from()));
        for (var step : steps.steps()) {
            boolean works = step.problem() == null;
            for (var chip : Chip.of(step.op(), works ? tone : Chip.Tone.FAILED)) {
                nodes.add(chip(chip, step.op()));
            }
            if (works) {
                nodes.add(shape(step.shapes()));
            }
        }
        var last = steps.steps().isEmpty() ? null : steps.steps().getLast().problem();
        if (last != null) {
            var why = Ui.label(ui.texts().message(last), "bad");
            why.setId("step-problem");
            nodes.add(why);
        } else if (!steps.arrives()) {
            var needed = Ui.label(ui.t("steps.needed", "shape", text(steps.wanted())), "bad");
            needed.setId("step-problem");
            nodes.add(needed);
        }
        return nodes;
    }

    private void names(List<String> names, List<Node> into) {
        for (int i = 0; i < names.size(); i++) {
            into.add(name(names.get(i) + (i < names.size() - 1 ? "," : "")));
        }
    }

    private Label name(String name) {
        var label = Ui.label(name, "mono");
        label.setTooltip(Ui.tip(name));
        return label;
    }

    private Label shape(List<Shape> shapes) {
        var label = Ui.label(text(shapes), "mono", "muted");
        label.getStyleClass().add("step-shape");
        return label;
    }

    /** {@code 3 × [128, 128]}. */
    private static String text(List<Shape> shapes) {
        return shapes.size() > 1 && shapes.stream().distinct().count() == 1
                ? shapes.size() + " × " + shapes.getFirst()
                : shapes.stream().map(Shape::toString).collect(Collectors.joining(", "));
    }

    private Node chip(Chip chip, Op op) {
        var word = ui.t(chip.key(), "what", chip.argument());
        var tone = "tone-" + chip.tone().name().toLowerCase(java.util.Locale.ROOT);
        var told = chosen;
        if (told == null) {
            var label = Ui.label(word, "chip", tone);
            label.setTooltip(Ui.tip(chip.exact()));
            return label;
        }
        var button = ui.button(word, null, () -> told.accept(op), "chip", tone);
        button.setTooltip(Ui.tip(chip.exact()));
        button.setAccessibleText(chip.exact());
        button.setId("edit-op");
        return button;
    }

    /** A name that is longer than the line is cut. */
    private void cut(double width) {
        if (width > 0) {
            getChildren().forEach(c -> {
                if (c instanceof Label label) {
                    label.setMaxWidth(width);
                }
            });
        }
    }

    @Override
    protected double computeMinWidth(double height) {
        return 0;
    }

    @Override
    protected double computePrefHeight(double width) {
        cut(width);
        return super.computePrefHeight(width);
    }

    @Override
    protected void layoutChildren() {
        cut(getWidth());
        super.layoutChildren();
    }
}
