package weft.ui.lesson;

import java.util.ArrayList;
import javafx.application.Platform;
import javafx.css.PseudoClass;
import javafx.geometry.Insets;
import javafx.geometry.Pos;
import javafx.scene.AccessibleRole;
import javafx.scene.control.ScrollPane;
import javafx.scene.input.MouseButton;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import javafx.scene.layout.StackPane;
import javafx.scene.layout.VBox;

import org.jspecify.annotations.Nullable;

import weft.lesson.Checks;
import weft.lesson.Lesson;
import weft.lesson.Markdown;
import weft.ui.Ui;
import weft.ui.Watch;

/** The question and its possible answers, in place of what is to be looked at. It marks none as right or wrong. */
final class GuessView extends StackPane {
    private static final PseudoClass SELECTED = PseudoClass.getPseudoClass("selected");
    private final Ui ui;
    private final LessonModel model;
    private final boolean large;
    private final ArrayList<HBox> cards = new ArrayList<>();

    /** @param large whether the question stands elsewhere: the large view has it on the left */
    GuessView(Ui ui, LessonModel model, Lesson lesson, boolean large) {
        this.ui = ui;
        this.model = model;
        this.large = large;
        getStyleClass().add(large ? "lesson-stage" : "lesson-guess");
        setId("lesson-guess");
        var words = model.words(lesson);
        var all = new VBox(ui.px(12));
        if (!large) {
            var question = Prose.of(ui, words.question(), "lesson-question");
            VBox.setMargin(question, new Insets(0, 0, ui.px(12), 0));
            all.getChildren().add(question);
            if (lesson.stage().log() instanceof String log) {
                all.getChildren().add(log(log));
            }
        }
        for (int i = 0; i < words.choices().size(); i++) {
            all.getChildren().add(card(i + 1, words.choices().get(i), Checks.letter(i + 1)));
        }
        all.getChildren().add(card(LessonModel.UNSURE, ui.t("lesson.unsure"), null));
        if (!large) {
            var note = Ui.label(ui.t("lesson.guess.note"), "muted");
            note.setWrapText(true);
            note.setMinHeight(USE_PREF_SIZE);
            VBox.setMargin(note, new Insets(ui.px(8), 0, 0, 0));
            all.getChildren().add(note);
        }
        if (large && lesson.stage().log() instanceof String log) {
            all.getChildren().add(log(log));
        }
        all.setMaxWidth(ui.px(large ? 560 : 640));
        all.setMaxHeight(USE_PREF_SIZE);
        all.setPadding(new Insets(ui.px(large ? 12 : 24)));
        var middle = new StackPane(all);
        middle.setAlignment(large ? Pos.TOP_CENTER : Pos.CENTER);
        var scroll = new ScrollPane(middle);
        scroll.setFitToWidth(true);
        scroll.setFitToHeight(true);
        scroll.getStyleClass().add("plain-scroll");
        scroll.setFocusTraversable(false);
        getChildren().add(scroll);
        Watch.over(this, this::mark, model.choice());
        mark();
        if (!large) {
            sceneProperty().addListener((_, _, scene) -> {
                if (scene != null) {
                    Platform.runLater(this::begin);
                }
            });
        }
    }

    /** Who answers by key begins at the answers, not at the menu. */
    private void begin() {
        applyCss(); // what is scrolled joins the scene with its scroll pane's skin
        var first = cards.stream().filter(c -> c.getUserData() instanceof Integer n && n == model.choice().get())
                .findFirst().orElse(cards.getFirst());
        if (first.getScene() != null && model.step().get() == LessonModel.Step.GUESS) {
            first.requestFocus();
        }
    }

    /** What the question is about, to be read before it is answered. */
    private Region log(String log) {
        var text = Ui.label(log.replace("\t", "  "), "mono", large ? "stage-log" : "small");
        text.setWrapText(true);
        var shown = new ScrollPane(text);
        shown.setId("guess-log");
        shown.setFitToWidth(true);
        shown.getStyleClass().add("lesson-log");
        shown.setPrefViewportHeight(ui.px(large ? 170 : 150));
        shown.setMinHeight(ui.px(100));
        return shown;
    }

    /** To the card above or below, as in any group of choices. */
    private void move(HBox card, int by) {
        var to = cards.get(Math.clamp(cards.indexOf(card) + by, 0, cards.size() - 1));
        to.requestFocus();
        if (to.getUserData() instanceof Integer answer) {
            model.choose(answer);
        }
    }

    private HBox card(int answer, String text, @Nullable String letter) {
        var sign = new StackPane(letter == null
                ? ui.icon("mdi2h-help", 15, "letter-icon")
                : Ui.firm(letter, "choice-letter"));
        sign.getStyleClass().add("choice-sign");
        sign.setMinSize(ui.px(28), ui.px(28));
        sign.setMaxSize(ui.px(28), ui.px(28));
        var words = Prose.of(ui, text, "lesson-choice");
        words.setAlignment(Pos.CENTER_LEFT);
        HBox.setHgrow(words, Priority.ALWAYS);
        var card = new HBox(ui.px(14), sign, words);
        card.setAlignment(Pos.CENTER_LEFT);
        card.setId("choice-" + (answer == LessonModel.UNSURE ? "unsure" : Integer.toString(answer)));
        card.getStyleClass().add("choice");
        card.setFocusTraversable(!large);
        card.setAccessibleRole(AccessibleRole.RADIO_BUTTON);
        card.setAccessibleText((letter == null ? "" : letter + ": ") + Markdown.plain(text));
        card.setUserData(answer);
        // at the press: the file that is still being opened may change the view before the button is let go
        card.setOnMousePressed(e -> {
            if (e.getButton() != MouseButton.PRIMARY) { return; }
            if (!large) {
                card.requestFocus();
            }
            model.choose(answer);
        });
        card.setOnKeyPressed(e -> {
            switch (e.getCode()) {
                case SPACE -> model.choose(answer);
                case ENTER -> {
                    if (model.choice().get() == answer) {
                        model.next();
                    } else {
                        model.choose(answer);
                    }
                }
                case UP -> move(card, -1);
                case DOWN -> move(card, 1);
                default -> {
                    return;
                }
            }
            e.consume();
        });
        card.setMinHeight(Region.USE_PREF_SIZE);
        cards.add(card);
        return card;
    }

    private void mark() {
        cards.forEach(c -> c.pseudoClassStateChanged(SELECTED,
                c.getUserData() instanceof Integer n && n == model.choice().get()));
    }
}
