package weft.ui.lesson;

import java.util.ArrayList;
import javafx.css.PseudoClass;
import javafx.geometry.Insets;
import javafx.geometry.Pos;
import javafx.scene.AccessibleRole;
import javafx.scene.control.ScrollPane;
import javafx.scene.input.KeyCode;
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
        }
        for (int i = 0; i < words.choices().size(); i++) {
            all.getChildren().add(card(i + 1, words.choices().get(i), Checks.letter(i + 1)));
        }
        all.getChildren().add(card(LessonModel.UNSURE, ui.t("lesson.unsure"), null));
        if (!large) {
            var note = Ui.label(ui.t("lesson.guess.note"), "muted");
            note.setWrapText(true);
            VBox.setMargin(note, new Insets(ui.px(8), 0, 0, 0));
            all.getChildren().add(note);
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
        card.setOnMouseClicked(_ -> {
            if (!large) {
                card.requestFocus();
            }
            model.choose(answer);
        });
        card.setOnKeyPressed(e -> {
            if (e.getCode() == KeyCode.SPACE || e.getCode() == KeyCode.ENTER) {
                model.choose(answer);
                e.consume();
            }
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
