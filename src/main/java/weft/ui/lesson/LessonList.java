package weft.ui.lesson;

import javafx.geometry.Insets;
import javafx.geometry.Pos;
import javafx.scene.Node;
import javafx.scene.control.Button;
import javafx.scene.control.Label;
import javafx.scene.control.ScrollPane;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import javafx.scene.layout.StackPane;
import javafx.scene.layout.VBox;

import weft.lesson.Course;
import weft.lesson.Lesson;
import weft.lesson.Markdown;
import weft.ui.Ui;
import weft.ui.Watch;

/** All lessons of a folder: which are done, which one to begin. */
public final class LessonList extends VBox {
    private final Ui ui;
    private final LessonModel model;
    private final Runnable close;
    private final VBox list = new VBox();
    private final VBox problems = new VBox();
    private final Label done = Ui.label("", "muted");
    private final Button shipped;
    private final Button forget;
    private boolean wantsFocus;

    public LessonList(Ui ui, LessonModel model, Runnable close) {
        this.ui = ui;
        this.model = model;
        this.close = close;
        getStyleClass().addAll("popup-card", "lesson-list");
        setId("lesson-list");
        setSpacing(ui.px(12));
        setPadding(new Insets(ui.px(20)));
        setMaxSize(ui.px(720), USE_PREF_SIZE);
        var title = new Label(ui.t("lessons.title"), ui.icon("mdi2s-school-outline", 20, "accent-icon"));
        title.getStyleClass().add("pane-title");
        title.setGraphicTextGap(ui.px(8));
        var head = new HBox(ui.px(12), title, Ui.space(), done);
        head.setAlignment(Pos.CENTER_LEFT);
        list.setSpacing(ui.px(2));
        problems.setSpacing(ui.px(6));
        var all = new VBox(ui.px(8), list, problems);
        all.setPadding(new Insets(ui.px(3))); // the ring of what has the focus
        var scroll = new ScrollPane(all);
        scroll.setFitToWidth(true);
        scroll.getStyleClass().add("plain-scroll");
        scroll.setHbarPolicy(ScrollPane.ScrollBarPolicy.NEVER);
        VBox.setVgrow(scroll, Priority.ALWAYS);
        // made once: lessons that are read in the meantime take no button away from under the pointer
        var folder = ui.button(ui.t("lessons.folder"), ui.icon("mdi2f-folder-open-outline", 16), this::choose);
        folder.setId("lessons-folder");
        shipped = ui.button(ui.t("lessons.shipped"), null, model::backToShipped);
        shipped.setId("lessons-shipped");
        forget = ui.button(ui.t("lessons.forget"), null, model.progress()::clear, "link");
        forget.setId("lessons-forget");
        var shut = ui.button(ui.t("action.close"), null, close);
        shut.setId("lessons-close");
        var buttons = new HBox(ui.px(8), folder, shipped, forget, Ui.space(), shut);
        buttons.setAlignment(Pos.CENTER_LEFT);
        getChildren().addAll(head, scroll, buttons);
        Watch.over(this, this::show, model.course(), model.progress().done());
        Watch.over(this, () -> {
            if (model.course().get() == null) {
                show();
            }
        }, model.reading());
        show();
    }

    @Override
    public void requestFocus() {
        if (list.getChildren().isEmpty() || !(list.getChildren().getFirst() instanceof Button first)) {
            wantsFocus = true; // the lessons are still being read
            super.requestFocus();
        } else {
            if (first.getScene() == null) {
                applyCss(); // what is scrolled joins the scene with its scroll pane's skin, and nothing outside a scene takes the focus
            }
            first.requestFocus();
        }
    }

    private void show() {
        var course = model.course().get();
        wantsFocus |= list.isFocusWithin(); // the row that has it is about to go
        list.getChildren().clear();
        problems.getChildren().clear();
        if (course == null) {
            var none = Ui.label(ui.t(model.reading().get() ? "busy.lessons" : "lessons.none"), "muted");
            none.setWrapText(true);
            none.setMinHeight(USE_PREF_SIZE);
            list.getChildren().add(none);
            done.setText("");
        } else {
            int n = 1;
            for (var lesson : course.lessons()) {
                list.getChildren().add(row(lesson, n++));
            }
            course.problems().forEach(p -> problems.getChildren().add(problem(ui.texts().full(p))));
            long passed = course.lessons().stream().filter(l -> model.progress().of(l.id()).passed()).count();
            done.setText(ui.t("lessons.done", "n", passed, "total", course.lessons().size()));
        }
        there(shipped, course != null && !isShipped(course));
        there(forget, !model.progress().done().get().isEmpty());
        if (wantsFocus && course != null) {
            wantsFocus = false;
            requestFocus();
        }
    }

    private static void there(Button button, boolean there) {
        button.setVisible(there);
        button.setManaged(there);
    }

    private static boolean isShipped(Course course) {
        return Course.shipped().filter(course.folder()::equals).isPresent();
    }

    private void choose() {
        var folder = ui.choosers().folder(ui.t("lessons.folder"), getScene() == null ? null : getScene().getWindow());
        if (folder != null) {
            model.openCourse(folder);
        }
    }

    private Button row(Lesson lesson, int number) {
        var words = model.words(lesson);
        var state = model.progress().of(lesson.id());
        var circle = new StackPane(state.passed()
                ? ui.icon("mdi2c-check", 16, "status-fits")
                : Ui.firm(Integer.toString(number), "step-digit"));
        circle.getStyleClass().addAll("lesson-step", state.passed() ? "done" : "later");
        circle.setMinSize(ui.px(28), ui.px(28));
        circle.setMaxSize(ui.px(28), ui.px(28));
        var question = Ui.label(Markdown.plain(words.question()), "muted");
        var texts = new VBox(ui.px(1), Ui.label(words.title(), "strong-text"), question);
        texts.setMinWidth(0);
        HBox.setHgrow(texts, Priority.ALWAYS);
        var row = new HBox(ui.px(14), circle, texts);
        if (state.passed()) {
            row.getChildren().add(Ui.firm(ui.t("lessons.passed"), "status-fits", "small"));
        } else if (state.answer() > 0) {
            row.getChildren().add(Ui.firm(ui.t("lessons.begun"), "muted", "small"));
        }
        row.setAlignment(Pos.CENTER_LEFT);
        var button = ui.button("", row, () -> {
            close.run();
            model.start(lesson);
        }, "flat", "lesson-row");
        button.setText(null);
        button.setId("lesson-" + lesson.id());
        button.setAccessibleText(number + ": " + words.title());
        button.setMaxWidth(Double.MAX_VALUE);
        button.setMinWidth(0);
        row.prefWidthProperty().bind(list.widthProperty().subtract(ui.px(28)));
        row.maxWidthProperty().bind(row.prefWidthProperty());
        return button;
    }

    private Node problem(String text) {
        var label = new Label(text, ui.icon("mdi2a-alert", 16, "status-needsRule"));
        label.setWrapText(true);
        label.setMinHeight(Region.USE_PREF_SIZE);
        label.getStyleClass().add("lesson-problem");
        return label;
    }
}
