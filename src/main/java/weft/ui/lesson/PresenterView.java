package weft.ui.lesson;

import java.util.ArrayList;
import java.util.List;
import javafx.application.Platform;
import javafx.event.EventHandler;
import javafx.geometry.Insets;
import javafx.geometry.Pos;
import javafx.scene.Node;
import javafx.scene.control.Button;
import javafx.scene.control.Label;
import javafx.scene.control.ScrollPane;
import javafx.scene.input.KeyCode;
import javafx.scene.input.KeyEvent;
import javafx.scene.layout.BorderPane;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import javafx.scene.layout.StackPane;
import javafx.scene.layout.VBox;
import javafx.scene.text.Text;
import javafx.scene.text.TextFlow;

import org.jspecify.annotations.Nullable;

import weft.lesson.Lesson;
import weft.picture.Drawing;
import weft.ui.Look;
import weft.ui.Ui;
import weft.ui.Watch;
import weft.ui.lesson.LessonModel.Step;
import weft.ui.lesson.LessonModel.Verdict;

/**
 * A lesson in front of a class: one question, one task, one hint in large type on the left, on the right the few rows it
 * is about and what the model says. Everything has a key.
 */
final class PresenterView extends StackPane {
    /** The window it is drawn for, at twenty pixels an em. */
    private static final double WIDE = 1440;
    private static final double HIGH = 900;
    private static final double LARGER = 20 / 13.0;
    /** With fewer pixels of 100 % in its width, what stands left and right stands above and below. */
    private static final double NARROW = 760;
    /** With fewer still, only the step there is has its word. */
    private static final double NARROWEST = 660;
    /** So many patterns of rows leave room for a picture. */
    private static final int FEW = 2;
    private final Ui outer;
    private final LessonModel model;
    private final Lesson lesson;
    private final LessonShell.Ways ways;
    /** Keys that would go nowhere, because what had the focus is no longer there. */
    private final EventHandler<KeyEvent> lost = event -> {
        if (getScene() != null && !isSomewhere(getScene().getFocusOwner())) {
            requestFocus();
            key(event);
        }
    };
    private BorderPane body = new BorderPane();
    private double size;
    private boolean narrow;
    private boolean narrowest;
    private Ui ui;

    PresenterView(Ui outer, LessonModel model, Lesson lesson, LessonShell.Ways ways) {
        this.outer = outer;
        this.model = model;
        this.lesson = lesson;
        this.ways = ways;
        this.ui = outer;
        getStyleClass().addAll("presenter", light());
        Watch.over(this, () -> {
            getStyleClass().removeAll("presenter-dark", "presenter-light");
            getStyleClass().add(light());
        }, outer.session().dark());
        setId("presenter");
        setFocusTraversable(true);
        addEventFilter(KeyEvent.KEY_PRESSED, this::key);
        widthProperty().addListener((_, _, _) -> resized());
        heightProperty().addListener((_, _, _) -> resized());
        sceneProperty().addListener((_, old, scene) -> {
            if (old != null) {
                old.removeEventFilter(KeyEvent.KEY_PRESSED, lost);
            }
            if (scene != null) {
                scene.addEventFilter(KeyEvent.KEY_PRESSED, lost);
                Platform.runLater(this::requestFocus);
            }
        });
        Watch.over(this, this::step, model.step());
        build(1);
    }

    /** Whether keys reach what has the focus: here, or in a card over this. */
    private boolean isSomewhere(@Nullable Node owner) {
        for (var up = owner; up != null; up = up.getParent()) {
            if (up == this || up.getStyleClass().contains("overlay")) { return true; }
        }
        return false;
    }

    private String light() {
        return outer.session().dark().get() ? "presenter-dark" : "presenter-light";
    }

    private void resized() {
        double now = Math.clamp(Math.min(getWidth() / WIDE, getHeight() / HIGH), 0.62, 2.4);
        if (getWidth() > 0 && getHeight() > 0
                && (Math.abs(now / size - 1) > 0.03 || isNarrow() != narrow || isNarrowest() != narrowest)) {
            build(now);
        }
    }

    /** The width in pixels of 100 %. */
    private double room() {
        return getWidth() <= 0 ? WIDE : getWidth() / ui.px(1);
    }

    private boolean isNarrow() {
        return room() < NARROW;
    }

    private boolean isNarrowest() {
        return room() < NARROWEST;
    }

    private void build(double factor) {
        size = factor;
        double scale = outer.look().scale() * LARGER * factor;
        ui = new Ui(outer.session(), new Look(outer.look().dark(), scale, outer.look().chinese()), outer.choosers());
        narrow = isNarrow();
        narrowest = isNarrowest();
        var all = new BorderPane();
        all.setStyle("-fx-font-size: " + 13 * scale + "px;");
        all.setTop(bar());
        all.setMinSize(0, 0);
        body = all;
        getChildren().setAll(all);
        step();
    }

    private void step() {
        if (model.lesson().get() == lesson) {
            var step = model.step().get();
            setAccessibleText(model.words(lesson).title() + ", "
                    + ui.t("lesson.step", "n", step.ordinal() + 1, "step", ui.t(StepBar.key(step))));
            body.setCenter(step == Step.GUESS || step == Step.TRY ? new Halves(step) : new Stacked(step));
        }
    }

    private Node bar() {
        var leave = ui.iconButton("mdi2a-arrow-left", ui.t("lesson.leavePresenter"),
                () -> model.presenter().set(false));
        leave.setId("presenter-leave");
        leave.setFocusTraversable(false);
        var title = new VBox(Ui.label(model.words(lesson).title(), "presenter-title"),
                Ui.label(ui.t("lesson.number", "n", model.number(), "total", model.lessons()), "muted", "small"));
        title.setAlignment(Pos.CENTER_LEFT);
        var left = new HBox(ui.px(12), leave, title);
        left.setAlignment(Pos.CENTER_LEFT);
        left.setMinWidth(ui.px(170));
        left.setPrefWidth(1);
        HBox.setHgrow(left, Priority.ALWAYS);
        title.setMinWidth(0);
        var keys = new HBox(ui.px(6), Ui.firm(ui.t("presenter.step"), "muted", "small"), key("←"), key("→"),
                Ui.firm(ui.t("presenter.leave"), "muted", "small"), key("Esc"));
        keys.setAlignment(Pos.CENTER_RIGHT);
        keys.setMinWidth(USE_PREF_SIZE);
        // as wide as the title's side, so that the steps stand in the middle as long as there is room
        var right = new HBox(keys);
        right.setAlignment(Pos.CENTER_RIGHT);
        right.setMinWidth(ui.px(170));
        right.setPrefWidth(1);
        HBox.setHgrow(right, Priority.ALWAYS);
        HBox.setMargin(keys.getChildren().get(3), new Insets(0, 0, 0, ui.px(8)));
        var steps = new StepBar(ui, model, true, narrowest);
        steps.setMinWidth(USE_PREF_SIZE);
        var bar = new HBox(ui.px(12), left, steps);
        if (!narrow) {
            bar.getChildren().add(right);
        }
        bar.setAlignment(Pos.CENTER);
        bar.getStyleClass().add("presenter-bar");
        bar.setMinHeight(ui.px(44));
        bar.setPadding(new Insets(0, ui.px(16), 0, ui.px(14)));
        return bar;
    }

    private static Label key(String text) {
        return Ui.firm(text, "key");
    }

    private void key(KeyEvent event) {
        if (event.isShortcutDown()) {
            zoom(event);
            return;
        }
        if (event.isAltDown() && event.getCode() != KeyCode.LEFT && event.getCode() != KeyCode.RIGHT) { return; }
        boolean press = event.getCode() == KeyCode.ENTER || event.getCode() == KeyCode.SPACE;
        if (press && model.step().get() == Step.TAKE_HOME) { return; } // the buttons that save
        boolean tries = model.step().get() == Step.TRY;
        switch (event.getCode()) {
            case LEFT, PAGE_UP -> model.previous();
            case RIGHT, PAGE_DOWN -> model.next();
            case H, F7 -> model.hint();
            case F9 -> model.check();
            case ENTER -> {
                if (tries && !(model.verdict().get() instanceof Verdict v && v.passed())) {
                    model.check();
                } else {
                    model.next();
                }
            }
            case UP -> move(-1);
            case DOWN -> move(1);
            case SPACE -> turn();
            case DIGIT1, DIGIT2, DIGIT3, DIGIT4, DIGIT5, DIGIT6 -> choose(event.getText());
            case DIGIT0 -> choose("0");
            case ESCAPE, F5 -> model.presenter().set(false);
            default -> {
                return;
            }
        }
        event.consume();
    }

    /** The menu with these keys isn't there in presenter mode. */
    private void zoom(KeyEvent event) {
        switch (event.getCode()) {
            case PLUS, EQUALS, ADD -> outer.session().zoom(1);
            case MINUS, SUBTRACT -> outer.session().zoom(-1);
            case DIGIT0, NUMPAD0 -> outer.session().scale().set(1);
            default -> {
                return;
            }
        }
        event.consume();
    }

    private void choose(String digit) {
        if (model.step().get() == Step.GUESS && digit.matches("[0-6]")) {
            model.choose(digit.equals("0") ? LessonModel.UNSURE : Integer.parseInt(digit));
        }
    }

    private void move(int by) {
        int rows = model.rows().size();
        if (model.step().get() == Step.TRY && rows > 0) {
            model.row().set(Math.clamp(model.row().get() + by, 0, rows - 1));
        } else if (model.step().get() == Step.GUESS) {
            int choices = model.words(lesson).choices().size();
            int now = model.choice().get() == LessonModel.UNSURE ? choices + 1 : model.choice().get();
            int next = Math.clamp(now + by, 1, choices + 1);
            model.choose(next > choices ? LessonModel.UNSURE : next);
        }
    }

    private void turn() {
        var rows = model.rows();
        if (model.step().get() == Step.TRY && model.row().get() < rows.size()) {
            model.turn(rows.get(model.row().get()));
        }
    }

    /** Words left, what they are about right. */
    private final class Halves extends HBox {
        private final VBox words = new VBox();
        private final ScrollPane scroll = new ScrollPane();
        private final HBox buttons = new HBox();
        private final StackPane stage = new StackPane();
        private final Step step;

        Halves(Step step) {
            this.step = step;
            words.setSpacing(ui.px(18));
            words.setPadding(new Insets(0, ui.px(12), 0, 0)); // what scrolls it stands beside it
            stage.getChildren().setAll(step == Step.GUESS ? new GuessView(ui, model, lesson, true) : table());
            scroll.setContent(narrow ? new VBox(ui.px(18), words, stage) : words);
            scroll.setFitToWidth(true);
            scroll.getStyleClass().add("plain-scroll");
            scroll.setHbarPolicy(ScrollPane.ScrollBarPolicy.NEVER);
            scroll.setFocusTraversable(false);
            buttons.setSpacing(ui.px(12));
            buttons.setAlignment(Pos.CENTER_LEFT);
            var left = new BorderPane(scroll);
            left.setBottom(buttons);
            left.setPadding(new Insets(ui.px(28), ui.px(28), ui.px(24), ui.px(34)));
            BorderPane.setMargin(buttons, new Insets(ui.px(12), 0, 0, 0));
            left.getStyleClass().add("presenter-left");
            left.setMinWidth(0);
            stage.getStyleClass().add("lesson-stage");
            stage.setMinWidth(0);
            left.setMaxHeight(Double.MAX_VALUE);
            if (narrow) {
                left.setPadding(new Insets(ui.px(16), ui.px(8), ui.px(14), ui.px(20)));
                HBox.setHgrow(left, Priority.ALWAYS);
                getChildren().add(left);
                // nobody has a hand free to scroll
                Watch.over(this, () -> Scrolled.afterLayout(this, () -> Scrolled.toBegin(scroll, stage)), model.row(),
                        model.choice(), outer.session().workspace());
            } else {
                left.prefWidthProperty().bind(widthProperty().multiply(0.434));
                stage.prefWidthProperty().bind(widthProperty().multiply(0.566));
                getChildren().addAll(left, stage);
            }
            Watch.over(this, () -> {
                show();
                if (step == Step.TRY) {
                    Scrolled.afterLayout(this, () -> Scrolled.toEnd(scroll, words.getChildren().getLast()));
                }
            }, model.hints(), model.hintShown(), model.verdict());
            Watch.over(this, this::show, model.choice());
            show();
        }

        private void show() {
            if (model.lesson().get() != lesson) { return; }
            var text = model.words(lesson);
            var nodes = new ArrayList<Node>();
            if (step == Step.GUESS || !narrow) {
                nodes.add(Prose.of(ui, text.question(), "presenter-question"));
            }
            if (step == Step.GUESS) {
                nodes.add(Prose.of(ui, text.story(), "presenter-text"));
            } else {
                LessonPane.task(ui, model, text, nodes);
            }
            words.getChildren().setAll(nodes);
            buttons.getChildren().setAll(buttons());
        }

        private List<Node> buttons() {
            if (step == Step.GUESS) {
                var look = button("lesson.look", "Enter", model::next, "presenter-next");
                look.setDisable(!model.canGoOn());
                return List.of(look);
            }
            return model.verdict().get() instanceof Verdict v && v.passed()
                    ? List.of(button("lesson.why", "Enter", model::next, "presenter-next"))
                    : List.of(button("lesson.check", "Enter", model::check, "presenter-check"), hintButton());
        }

        private Button hintButton() {
            var hint = button("lesson.nextHint", "H", model::hint, "presenter-hint");
            hint.getStyleClass().remove("accent");
            hint.setDisable(model.hints().get() >= model.words(lesson).hints().size());
            return hint;
        }

        private Node table() {
            var box = new VBox(ui.px(16), new StageTable(ui, model));
            var log = lesson.stage().log();
            if (lesson.stage().prompt() != null) {
                var says = new Says();
                VBox.setVgrow(says, Priority.ALWAYS);
                box.getChildren().add(says);
            } else if (log != null) {
                var text = Ui.label(log, "mono", "stage-log");
                text.setWrapText(true);
                var scroll = new ScrollPane(text);
                scroll.setFitToWidth(true);
                scroll.getStyleClass().addAll("plain-scroll", "stage-card");
                VBox.setVgrow(scroll, Priority.ALWAYS);
                box.getChildren().add(scroll);
            } else if (lesson.stage().rows().size() <= FEW && TakeHome.picture(ui, model) instanceof Drawing drawing) {
                var picture = new Fitted(ui, drawing, 3);
                picture.setMinHeight(narrow ? ui.px(220) : 0);
                VBox.setVgrow(picture, Priority.ALWAYS);
                box.getChildren().add(picture);
            }
            box.setPadding(new Insets(ui.px(narrow ? 10 : 26)));
            return box;
        }
    }

    /** The picture large above, words and buttons below it: what was seen is explained, and taken home. */
    private final class Stacked extends BorderPane {
        private final Step step;

        Stacked(Step step) {
            this.step = step;
            Watch.over(this, this::show, ui.session().workspace());
            show();
        }

        private void show() {
            if (model.lesson().get() != lesson || ui.session().plan().isEmpty()) { return; }
            boolean home = step == Step.TAKE_HOME;
            var picture = home ? TakeHome.sheet(ui, model, lesson) : TakeHome.picture(ui, model);
            var text = model.words(lesson);
            var button = home
                    ? button("lesson.nextLesson", null, model::nextLesson, "presenter-next")
                    : button("lesson.toTakeHome", "Enter", model::next, "presenter-next");
            button.setVisible(!home || model.hasNext());
            var left = new VBox(ui.px(16),
                    home ? LessonPane.savers(ui, model, ways) : LessonPane.guessed(ui, model, lesson),
                    button);
            var words = new ScrollPane(Prose.of(ui, home ? text.takeHome() : text.explanation(), "presenter-text"));
            words.setFitToWidth(true);
            words.getStyleClass().add("plain-scroll");
            words.setHbarPolicy(ScrollPane.ScrollBarPolicy.NEVER);
            words.setFocusTraversable(false);
            HBox.setHgrow(words, Priority.ALWAYS);
            left.setMinWidth(ui.px(280));
            left.setPrefWidth(ui.px(330));
            left.setMaxWidth(ui.px(330));
            Region below = narrow ? under(left, words.getContent()) : new HBox(ui.px(36), left, words);
            below.setPadding(new Insets(ui.px(22), ui.px(34), ui.px(22), ui.px(34)));
            below.getStyleClass().add("presenter-below");
            if (picture == null) {
                setCenter(below);
                return;
            }
            double share = narrow ? 0.42 : home ? 0.66 : 0.47;
            below.prefHeightProperty().bind(heightProperty().multiply(1 - share));
            below.minHeightProperty().bind(below.prefHeightProperty());
            setCenter(new Fitted(ui, picture, 3));
            setBottom(below);
        }
    }

    /** One above the other, where there is no room beside. */
    private static ScrollPane under(VBox first, Node then) {
        first.setMaxWidth(Double.MAX_VALUE);
        var all = new VBox(first.getSpacing(), first.getChildren().getFirst(), then, first.getChildren().getLast());
        double gap = first.getSpacing();
        all.setPadding(new Insets(gap, 2 * gap, gap, 2 * gap)); // its own is the style sheet's
        var scroll = new ScrollPane(all);
        scroll.setFitToWidth(true);
        scroll.getStyleClass().add("plain-scroll");
        scroll.setHbarPolicy(ScrollPane.ScrollBarPolicy.NEVER);
        scroll.setFocusTraversable(false);
        return scroll;
    }

    private Button button(String name, @Nullable String key, Runnable action, String id) {
        var row = new HBox(ui.px(8), Ui.firm(ui.t(name)));
        row.setAlignment(Pos.CENTER);
        if (key != null) {
            row.getChildren().add(key(key));
        }
        var button = ui.button("", row, action, "accent", "presenter-button");
        button.setText(null);
        button.setAccessibleText(ui.t(name));
        button.setFocusTraversable(false);
        button.setId(id);
        return button;
    }

    /** What the model says with the rules as they are, and how surprised it is by a text it should know. */
    private final class Says extends VBox {
        private final TextFlow text = new TextFlow();
        private final Label loss = Ui.firm("", "muted", "small");

        Says() {
            setSpacing(ui.px(8));
            setId("stage-says");
            var head = new HBox(ui.px(12), Ui.label(ui.t("stage.says"), "stage-title"), Ui.space(), loss);
            head.setAlignment(Pos.BASELINE_LEFT);
            var card = new StackPane(text);
            card.setAlignment(Pos.TOP_LEFT);
            card.getStyleClass().add("stage-card");
            card.setPadding(new Insets(ui.px(14), ui.px(16), ui.px(14), ui.px(16)));
            VBox.setVgrow(card, Priority.ALWAYS);
            getChildren().addAll(head, card);
            Watch.over(this, this::show, model.said());
            show();
        }

        private void show() {
            var said = model.said().get();
            text.getChildren().clear();
            if (said.problem() != null) {
                add(ui.t("stage.silent"), "muted-text");
            } else {
                add(said.prompt(), "muted-text");
                add(said.text(), said.running() ? "faint-text" : "plain-text");
            }
            loss.setText(Double.isNaN(said.loss())
                    ? ""
                    : ui.t("stage.loss", "loss", String.format(java.util.Locale.ROOT, "%.2f", said.loss()), "name",
                            said.lossText()));
        }

        private void add(String words, String style) {
            var piece = new Text(words);
            piece.getStyleClass().addAll("stage-text", style);
            text.getChildren().add(piece);
        }
    }
}
