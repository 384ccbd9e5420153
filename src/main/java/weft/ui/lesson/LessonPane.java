package weft.ui.lesson;

import java.util.ArrayList;
import java.util.List;
import javafx.beans.value.ObservableBooleanValue;
import javafx.geometry.Insets;
import javafx.geometry.Pos;
import javafx.scene.Node;
import javafx.scene.control.Button;
import javafx.scene.control.Label;
import javafx.scene.control.ScrollPane;
import javafx.scene.input.Clipboard;
import javafx.scene.input.ClipboardContent;
import javafx.scene.layout.BorderPane;
import javafx.scene.layout.FlowPane;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import javafx.scene.layout.StackPane;
import javafx.scene.layout.VBox;

import weft.lesson.Checks;
import weft.lesson.Lesson;
import weft.ui.Ui;
import weft.ui.Watch;
import weft.ui.lesson.LessonModel.Step;
import weft.ui.lesson.LessonModel.Verdict;

/** The lesson beside the real window: what happened, what to do, hints one at a time, what the check found. */
final class LessonPane extends BorderPane {
    private final Ui ui;
    private final LessonModel model;
    private final LessonShell.Ways ways;
    private final Lesson lesson;
    private final VBox content = new VBox();
    private final HBox buttons = new HBox();
    private final StackPane folds = new StackPane();
    private final ScrollPane scroll = new ScrollPane(content);
    private final ObservableBooleanValue cramped;
    private int shownHints;

    /** @param cramped whether it lies over the window, which can be used once it is folded away */
    LessonPane(Ui ui, LessonModel model, Lesson lesson, LessonShell.Ways ways, ObservableBooleanValue cramped) {
        this.ui = ui;
        this.model = model;
        this.ways = ways;
        this.lesson = lesson;
        this.cramped = cramped;
        getStyleClass().add("lesson-pane");
        setId("lesson-pane");
        setTop(new VBox(head(), folds));
        content.setSpacing(ui.px(14));
        content.setPadding(new Insets(ui.px(16)));
        scroll.setFitToWidth(true);
        scroll.getStyleClass().add("plain-scroll");
        scroll.setHbarPolicy(ScrollPane.ScrollBarPolicy.NEVER);
        scroll.setFocusTraversable(false);
        setCenter(scroll);
        buttons.setSpacing(ui.px(8));
        buttons.setAlignment(Pos.CENTER_LEFT);
        buttons.setPadding(new Insets(ui.px(10), ui.px(10), ui.px(12), ui.px(16)));
        buttons.getStyleClass().add("lesson-buttons");
        setBottom(buttons);
        Watch.over(this, () -> show(true), model.step());
        Watch.over(this, () -> show(false), model.choice(), model.hints(), model.hintShown(), model.verdict(),
                cramped);
        show(true);
    }

    private Node head() {
        var leave = ui.iconButton("mdi2a-arrow-left", ui.t("lesson.leave"), model::leave);
        leave.setId("lesson-leave");
        var title = Ui.label(model.words(lesson).title(), "pane-title");
        title.setWrapText(true);
        title.setMinHeight(Region.USE_PREF_SIZE);
        var number = Ui.label(ui.t("lesson.number", "n", model.number(), "total", model.lessons()), "muted", "small");
        var words = new VBox(number, title);
        HBox.setHgrow(words, Priority.ALWAYS);
        var present = ui.iconButton("mdi2p-presentation-play", ui.t("lesson.present"),
                () -> model.presenter().set(true));
        present.setId("lesson-present");
        var again = ui.iconButton("mdi2r-restart", ui.t("lesson.again"), model::again);
        again.setId("lesson-again");
        var first = new HBox(ui.px(4), leave, words, again, present);
        first.setAlignment(Pos.TOP_LEFT);
        var steps = new StepBar(ui, model, false);
        var head = new VBox(ui.px(12), first, steps);
        head.setPadding(new Insets(ui.px(10), ui.px(12), ui.px(10), ui.px(8)));
        head.getStyleClass().add("lesson-head");
        return head;
    }

    private void show(boolean other) {
        if (model.lesson().get() != lesson) { return; } // another one begins: this pane goes
        var words = model.words(lesson);
        var nodes = new ArrayList<Node>();
        switch (model.step().get()) {
            case GUESS -> nodes.add(Prose.of(ui, words.story()));
            case TRY -> {
                task(ui, model, words, nodes);
                if (lesson.stage().prompt() != null) {
                    var note = Ui.label(ui.t("lesson.runNote"), "muted");
                    note.setWrapText(true);
                    note.setMinHeight(USE_PREF_SIZE);
                    nodes.add(1, note);
                }
                if (lesson.stage().log() instanceof String log) {
                    nodes.add(1, log(log));
                }
            }
            case EXPLAIN -> {
                nodes.add(guessed(ui, model, lesson));
                nodes.add(Prose.of(ui, words.explanation()));
            }
            case TAKE_HOME -> {
                nodes.add(Prose.of(ui, words.takeHome()));
                nodes.add(savers(ui, model, ways));
            }
        }
        // above what is scrolled: whoever has read on folds it away from there
        folds.getChildren().setAll(cramped.get() && model.isBesideWindow() ? List.of(fold()) : List.of());
        content.getChildren().setAll(nodes);
        buttons.getChildren().setAll(buttons());
        if (other) {
            scroll.setVvalue(0);
        } else
            if (model.step().get() == Step.TRY && (model.hints().get() > shownHints || model.verdict().get() != null)) {
                var what = model.verdict().get() == null ? "#lesson-hint-box" : "#verdict";
                Scrolled.afterLayout(this, () -> Scrolled.toEnd(scroll, content.lookup(what)));
            }
        shownHints = model.hints().get();
    }

    private Node fold() {
        var fold = ui.button(ui.t("lesson.fold"), ui.icon("mdi2c-chevron-double-left", 16), model::fold);
        fold.setId("lesson-fold");
        StackPane.setAlignment(fold, Pos.CENTER_LEFT);
        StackPane.setMargin(fold, new Insets(ui.px(10), ui.px(16), 0, ui.px(16)));
        fold.setTooltip(Ui.tip(ui.t("lesson.fold.tip")));
        return fold;
    }

    /** A text to read, and to copy: a log is pasted like any other. */
    private Node log(String log) {
        var text = Ui.label(log.replace("\t", "  "), "mono", "small");
        var shown = new ScrollPane(text);
        shown.getStyleClass().add("lesson-log");
        shown.setPrefViewportHeight(ui.px(150));
        shown.setMinHeight(ui.px(120));
        var copy = ui.button(ui.t("lesson.copyLog"), ui.icon("mdi2c-content-copy", 16), () -> {
            var content = new ClipboardContent();
            content.putString(log);
            Clipboard.getSystemClipboard().setContent(content);
        });
        copy.setId("lesson-copy-log");
        return new VBox(ui.px(8), shown, copy);
    }

    /** The task, the last hint and what the check found. */
    static void task(Ui ui, LessonModel model, Lesson.Words words, List<Node> nodes) {
        var task = new VBox(ui.px(4), Ui.label(ui.t("lesson.task"), "task-title"),
                Prose.of(ui, words.task(), "lesson-task-text"));
        task.getStyleClass().add("lesson-task");
        nodes.add(task);
        if (model.hintShown().get() > 0) {
            nodes.add(hint(ui, model, words));
        }
        if (model.verdict().get() instanceof Verdict verdict) {
            nodes.add(Verdicts.of(ui, verdict));
        }
    }

    private static Node hint(Ui ui, LessonModel model, Lesson.Words words) {
        int n = model.hintShown().get();
        var title = new Label(ui.t("lesson.hint", "n", n, "total", words.hints().size()));
        title.getStyleClass().add("hint-title");
        var head = new HBox(ui.px(4), title);
        head.setAlignment(Pos.CENTER_LEFT);
        if (model.hints().get() > 1) { // what was said once can be read again
            var back = ui.iconButton("mdi2c-chevron-left", ui.t("lesson.hint.back"), () -> model.otherHint(-1));
            back.setId("lesson-hint-back");
            back.setDisable(n == 1);
            var on = ui.iconButton("mdi2c-chevron-right", ui.t("lesson.hint.on"), () -> model.otherHint(1));
            on.setId("lesson-hint-on");
            on.setDisable(n == model.hints().get());
            head.getChildren().addAll(Ui.space(), back, on);
        }
        var text = new VBox(ui.px(2), head, Prose.of(ui, words.hints().get(n - 1), "lesson-hint-text"));
        HBox.setHgrow(text, Priority.ALWAYS);
        var box = new HBox(ui.px(10), ui.icon("mdi2l-lightbulb-on-outline", 18, "status-needsRule"), text);
        box.getStyleClass().add("hint");
        box.setId("lesson-hint-box");
        return box;
    }

    /** What was guessed, and what it is. */
    static Node guessed(Ui ui, LessonModel model, Lesson lesson) {
        int said = model.choice().get();
        var words = model.words(lesson);
        boolean right = said == lesson.answer();
        var box = new VBox(ui.px(6));
        box.setId("guessed");
        box.getStyleClass().addAll("verdict", right ? "passed" : "open");
        if (said > 0) {
            box.getChildren().add(choice(ui, said, words, ui.t("lesson.youSaid"), right));
        }
        if (!right) {
            box.getChildren().add(choice(ui, lesson.answer(), words, ui.t("lesson.itIs"), true));
        }
        return box;
    }

    private static Node choice(Ui ui, int answer, Lesson.Words words, String who, boolean right) {
        var sign = right
                ? ui.icon("mdi2c-check-circle", 16, "status-fits")
                : ui.icon("mdi2c-close-circle-outline", 16, "status-needsRule");
        var text = new VBox(Ui.label(who + " " + Checks.letter(answer), "strong-text"),
                Prose.of(ui, words.choices().get(answer - 1)));
        HBox.setHgrow(text, Priority.ALWAYS);
        return new HBox(ui.px(8), sign, text);
    }

    /** The buttons that save the picture, and what became of it: the line that tells it elsewhere is covered. */
    static Node savers(Ui ui, LessonModel model, LessonShell.Ways ways) {
        var png = ui.button(ui.t("lesson.png"), ui.icon("mdi2d-download", 16), () -> ways.save("png"));
        png.setId("lesson-png");
        var svg = ui.button(ui.t("lesson.svg"), null, () -> ways.save("svg"));
        svg.setId("lesson-svg");
        var told = Ui.label("", "muted", "small");
        told.setId("lesson-written");
        told.setWrapText(true);
        told.setMinHeight(Region.USE_PREF_SIZE);
        Runnable tell = () -> {
            var problem = ui.session().trouble().get();
            var written = ui.session().written().get();
            var text = problem != null
                    ? ui.texts().full(problem)
                    : model.isSaved(written) ? ui.t("status.written", "path", written) : "";
            told.setText(text);
            told.setVisible(!text.isEmpty());
            told.setManaged(!text.isEmpty());
        };
        Watch.over(told, tell, ui.session().written(), ui.session().trouble());
        tell.run();
        return new VBox(ui.px(8), new FlowPane(ui.px(8), ui.px(8), png, svg), told);
    }

    private List<Node> buttons() {
        var all = new ArrayList<Node>();
        var step = model.step().get();
        boolean passed = model.verdict().get() instanceof Verdict v && v.passed();
        switch (step) {
            case GUESS -> {
                var look = accent("lesson.look", "lesson-next", model::next);
                look.setDisable(!model.canGoOn());
                all.add(look);
            }
            case TRY -> {
                if (passed) {
                    all.add(accent("lesson.why", "lesson-next", model::next));
                } else {
                    var check = accent("lesson.check", "lesson-check", model::check);
                    check.setGraphic(ui.icon("mdi2c-check", 16));
                    all.add(check);
                    var hint = ui.button(ui.t("lesson.nextHint"), null, model::hint);
                    hint.setId("lesson-hint");
                    hint.setDisable(model.hints().get() >= model.words(lesson).hints().size());
                    all.add(hint);
                }
                all.add(Ui.space());
            }
            case EXPLAIN -> all.add(accent("lesson.toTakeHome", "lesson-next", model::next));
            case TAKE_HOME -> {
                if (model.hasNext()) {
                    all.add(accent("lesson.nextLesson", "lesson-next", model::nextLesson));
                }
                var list = ui.button(ui.t("lesson.all"), null, ways::list);
                list.setId("lesson-all");
                all.add(list);
            }
        }
        if (step != Step.GUESS && step != Step.TRY) {
            all.add(Ui.space());
        }
        if (step != Step.GUESS) {
            var back = ui.iconButton("mdi2c-chevron-left", ui.t("lesson.previous"), model::previous);
            back.setId("lesson-previous");
            all.add(back);
        }
        if (step == Step.TRY && !passed) {
            var on = ui.iconButton("mdi2c-chevron-right", ui.t("lesson.next"), model::next);
            on.setId("lesson-skip");
            all.add(on);
        }
        return all;
    }

    private Button accent(String key, String id, Runnable action) {
        var button = ui.button(ui.t(key), null, action, "accent");
        button.setId(id);
        return button;
    }
}
