package weft.ui.lesson;

import javafx.geometry.Insets;
import javafx.geometry.Pos;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;

import weft.lesson.Lesson;
import weft.lesson.Markdown;
import weft.ui.Ui;
import weft.ui.Watch;
import weft.ui.lesson.LessonModel.Step;
import weft.ui.lesson.LessonModel.Verdict;

/** A lesson that was folded away: a line above the window with the task and what is needed while trying. */
final class LessonBar extends HBox {
    private final Ui ui;
    private final LessonModel model;
    private final Lesson lesson;

    LessonBar(Ui ui, LessonModel model, Lesson lesson) {
        this.ui = ui;
        this.model = model;
        this.lesson = lesson;
        getStyleClass().add("lesson-bar");
        setId("lesson-bar");
        setAlignment(Pos.CENTER_LEFT);
        setSpacing(ui.px(8));
        setMinHeight(ui.px(40));
        setPadding(new Insets(0, ui.px(12), 0, ui.px(8)));
        Watch.over(this, this::show, model.step(), model.verdict(), model.hints());
        show();
    }

    private void show() {
        if (model.lesson().get() != lesson) { return; }
        boolean tries = model.step().get() == Step.TRY;
        var unfold = ui.button(ui.t("lesson.unfold"), ui.icon("mdi2c-chevron-double-right", 16), model::fold, "flat");
        unfold.setId("lesson-unfold");
        var words = model.words(lesson);
        var text = Markdown.plain(tries ? words.task() : words.explanation()).replace('\n', ' ');
        var told = Ui.label(text, tries ? "strong-text" : "muted");
        told.setTooltip(Ui.tip(text));
        told.getTooltip().setWrapText(true);
        told.getTooltip().setMaxWidth(ui.px(480));
        HBox.setHgrow(told, Priority.ALWAYS);
        told.setMaxWidth(Double.MAX_VALUE);
        getChildren().setAll(unfold, told);
        if (!tries) { return; }
        if (model.verdict().get() instanceof Verdict verdict && verdict.passed()) {
            var why = ui.button(ui.t("lesson.why"), null, model::next, "accent");
            why.setId("lesson-bar-next");
            getChildren().add(why);
            return;
        }
        var hint = ui.button(ui.t("lesson.nextHint"), null, model::hint);
        hint.setId("lesson-bar-hint");
        hint.setDisable(model.hints().get() >= words.hints().size());
        var check = ui.button(ui.t("lesson.check"), ui.icon("mdi2c-check", 16), model::check, "accent");
        check.setId("lesson-bar-check");
        getChildren().addAll(hint, check);
    }
}
