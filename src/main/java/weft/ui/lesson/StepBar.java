package weft.ui.lesson;

import java.util.ArrayList;
import java.util.List;
import javafx.geometry.Pos;
import javafx.scene.Node;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Pane;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import javafx.scene.layout.StackPane;
import javafx.scene.layout.VBox;

import weft.ui.Ui;
import weft.ui.Watch;
import weft.ui.lesson.LessonModel.Step;

/** Guess, try, explain, take home: a number each, a tick on what is behind. */
final class StepBar extends HBox {
    private static final List<Step> STEPS = List.of(Step.values());
    private final Ui ui;
    private final LessonModel model;
    private final boolean words;
    private final boolean terse;

    /** @param beside whether the words stand beside the numbers, or below */
    StepBar(Ui ui, LessonModel model, boolean beside) {
        this(ui, model, beside, false);
    }

    /** @param terse whether only the step there is has its word */
    StepBar(Ui ui, LessonModel model, boolean beside, boolean terse) {
        this.ui = ui;
        this.model = model;
        this.words = beside;
        this.terse = terse;
        getStyleClass().add("step-bar");
        setAlignment(beside ? Pos.CENTER : Pos.TOP_LEFT);
        setSpacing(ui.px(beside ? 9 : 0));
        Watch.over(this, this::show, model.step(), model.verdict());
        show();
    }

    static String key(Step step) {
        return switch (step) {
            case GUESS -> "lesson.guess";
            case TRY -> "lesson.try";
            case EXPLAIN -> "lesson.explain";
            case TAKE_HOME -> "lesson.takeHome";
        };
    }

    private void show() {
        var now = model.step().get();
        var nodes = new ArrayList<Node>();
        for (var step : STEPS) {
            if (words && step != Step.GUESS) {
                nodes.add(line(ui.px(16)));
            }
            nodes.add(one(step, now));
        }
        getChildren().setAll(nodes);
        setAccessibleText(ui.t("lesson.step", "n", now.ordinal() + 1, "step", ui.t(key(now))));
    }

    private Region line(double width) {
        var line = new Region();
        line.getStyleClass().add("divider-line");
        line.setMinSize(width, 1);
        line.setMaxSize(width, 1);
        return line;
    }

    private boolean isDone(Step step, Step now) {
        return switch (step) {
            case GUESS -> model.choice().get() != 0 && now != Step.GUESS;
            case TRY -> model.verdict().get() instanceof LessonModel.Verdict v && v.passed();
            case EXPLAIN, TAKE_HOME -> step.ordinal() < now.ordinal();
        };
    }

    private Node one(Step step, Step now) {
        boolean done = isDone(step, now);
        var circle = new StackPane(done
                ? ui.icon("mdi2c-check", 14, "status-fits")
                : Ui.firm(Integer.toString(step.ordinal() + 1), "step-digit"));
        circle.getStyleClass().addAll("lesson-step", done ? "done" : step == now ? "now" : "later");
        circle.setMinSize(ui.px(24), ui.px(24));
        circle.setMaxSize(ui.px(24), ui.px(24));
        var word = Ui.firm(ui.t(key(step)), step == now ? "strong-text" : "muted");
        word.setVisible(!terse || step == now);
        word.setManaged(word.isVisible());
        Pane both = words ? new HBox(ui.px(8), circle, word) : new VBox(ui.px(4), circle, word);
        if (both instanceof HBox box) {
            box.setAlignment(Pos.CENTER_LEFT);
        } else if (both instanceof VBox box) {
            box.setAlignment(Pos.CENTER);
            word.getStyleClass().add("small");
            HBox.setHgrow(box, Priority.ALWAYS);
        }
        both.setId("lesson-step-" + (step.ordinal() + 1));
        return both;
    }
}
