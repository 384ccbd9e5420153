package weft.ui.lesson;

import java.nio.file.Path;
import javafx.application.Platform;
import javafx.beans.property.ReadOnlyBooleanWrapper;
import javafx.geometry.Insets;
import javafx.geometry.Pos;
import javafx.scene.Node;
import javafx.scene.layout.BorderPane;
import javafx.scene.layout.Pane;
import javafx.scene.layout.Region;
import javafx.scene.layout.StackPane;

import org.jspecify.annotations.Nullable;

import weft.lesson.Lesson;
import weft.ui.Ui;
import weft.ui.Watch;
import weft.ui.lesson.LessonModel.Step;

/**
 * A lesson around the real window: its pane on the left, and on the right the question, the window, or the picture to
 * take home; in presenter mode the large view in place of all. Where the window would get too little of the width, the
 * pane lies over it and folds away to a line on top.
 */
public final class LessonShell extends BorderPane {
    /** What the window does for a lesson. */
    public interface Ways {
        /** Shows the list of lessons. */
        void list();

        /** Asks where, and writes the picture there. @param kind {@code png} or {@code svg} */
        void save(String kind);
    }

    /** The least width at 100 % in which the window's table can be read. */
    private static final double ROOM = 560;
    private final Ui ui;
    private final LessonModel model;
    private final Lesson lesson;
    private final BorderPane window;
    private final StackPane over = new StackPane();
    private final LessonPane pane;
    private final LessonBar bar;
    private final ReadOnlyBooleanWrapper cramped = new ReadOnlyBooleanWrapper();

    private LessonShell(Ui ui, LessonModel model, Lesson lesson, BorderPane window, Ways ways) {
        this.ui = ui;
        this.model = model;
        this.lesson = lesson;
        this.window = window;
        getStyleClass().add("lesson-shell");
        cramped.bind(widthProperty().map(w -> w.doubleValue() > 0 && isCramped(ui, w.doubleValue())));
        pane = new LessonPane(ui, model, lesson, ways, cramped.getReadOnlyProperty());
        pane.minWidthProperty().bind(widthProperty().map(w -> paneWidth(ui, w.doubleValue())));
        pane.maxWidthProperty().bind(pane.minWidthProperty());
        pane.prefWidthProperty().bind(pane.minWidthProperty());
        bar = new LessonBar(ui, model, lesson);
        over.setMinSize(0, 0);
        setCenter(over);
        setMinSize(0, 0);
        Watch.over(this, () -> {
            if (model.lesson().get() == lesson) {
                show();
            }
        }, model.step(), model.folded(), cramped);
        Watch.over(this, () -> {
            if (model.step().get() == Step.TRY && window.lookup("#table") instanceof Node table) {
                Platform.runLater(table::requestFocus); // what is to be tried is there
            }
        }, model.step());
        show();
    }

    /** The window alone, or with the lesson that is on its way. */
    public static Region around(Ui ui, LessonModel model, BorderPane window, Ways ways) {
        var lesson = model.lesson().get();
        return lesson == null
                ? window
                : model.presenter().get()
                        ? new PresenterView(ui, model, lesson, ways)
                        : new LessonShell(ui, model, lesson, window, ways);
    }

    /** How wide the lesson's pane is in a window of a width. */
    static double paneWidth(Ui ui, double width) {
        return Math.min(Math.clamp(width * 0.265, ui.px(272), ui.px(380)), width * 0.45);
    }

    private static boolean isCramped(Ui ui, double width) {
        return width - paneWidth(ui, width) < ui.px(ROOM);
    }

    /** What is left for the window itself. */
    public static double windowWidth(Ui ui, LessonModel model, double width) {
        if (!model.isActive() || model.presenter().get()) { return width; }
        boolean alone = model.isBesideWindow() && (model.folded().get() || isCramped(ui, width));
        return alone ? width : width - paneWidth(ui, width);
    }

    private void show() {
        boolean beside = model.isBesideWindow();
        boolean folded = beside && model.folded().get();
        boolean drawer = beside && !folded && cramped.get();
        setTop(folded ? bar : null);
        setLeft(folded || drawer ? null : pane);
        over.getChildren().remove(pane);
        cover();
        if (drawer) {
            StackPane.setAlignment(pane, Pos.CENTER_LEFT);
            over.getChildren().add(pane);
        }
    }

    private void cover() {
        switch (model.step().get()) {
            case GUESS -> cover(new GuessView(ui, model, lesson, false));
            case TRY, EXPLAIN -> cover(null);
            case TAKE_HOME -> cover(new Fitted(ui, TakeHome.sheet(ui, model, lesson), ui.look().scale() * 1.3));
        }
    }

    /** Something over all of the window but its menu; what lies below can't be reached by key either. */
    private void cover(@Nullable Node with) {
        boolean free = with == null;
        if (window.getCenter() != null) {
            window.getCenter().setVisible(free);
        }
        window.getBottom().setVisible(free);
        if (window.getTop() instanceof Pane top) {
            // bars that show themselves when there is something to say keep their own word
            top.getChildren().stream().skip(1).forEach(n -> n.setOpacity(free ? 1 : 0));
            top.getChildren().stream().skip(1).forEach(n -> n.setDisable(!free));
        }
        if (with == null) {
            over.getChildren().setAll(window);
        } else {
            over.getChildren().setAll(window, with);
            StackPane.setMargin(with, new Insets(ui.px(36), 0, 0, 0));
        }
    }

    /** Writes the picture of the lesson there is. */
    public static void save(Ui ui, LessonModel model, String kind, Path file) {
        var lesson = model.lesson().get();
        if (lesson != null && model.step().get() == Step.TAKE_HOME) {
            model.save(file, kind.equals("svg") ? TakeHome.svg(ui, model, lesson) : TakeHome.png(ui, model, lesson));
        }
    }
}
