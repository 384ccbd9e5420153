package weft.ui.lesson;

import java.util.ArrayList;
import javafx.geometry.Insets;
import javafx.geometry.Pos;
import javafx.scene.control.ScrollPane;
import javafx.scene.control.ToggleButton;
import javafx.scene.control.ToggleGroup;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import javafx.scene.layout.StackPane;
import javafx.scene.layout.VBox;

import org.jspecify.annotations.Nullable;

import weft.lesson.Checks;
import weft.lesson.Lesson;
import weft.ui.Ui;

/** The question and its possible answers, in place of what is to be looked at. It marks none as right or wrong. */
final class GuessView extends StackPane {
    private final Ui ui;
    private final LessonModel model;
    private final ArrayList<ToggleButton> cards = new ArrayList<>();

    /** @param large whether the question stands elsewhere: the large view has it on the left */
    GuessView(Ui ui, LessonModel model, Lesson lesson, boolean large) {
        this.ui = ui;
        this.model = model;
        getStyleClass().add(large ? "lesson-stage" : "lesson-guess");
        setId("lesson-guess");
        var words = model.words(lesson);
        var all = new VBox(ui.px(12));
        if (!large) {
            var question = Prose.of(ui, words.question(), "lesson-question");
            VBox.setMargin(question, new Insets(0, 0, ui.px(12), 0));
            all.getChildren().add(question);
        }
        var group = new ToggleGroup();
        for (int i = 0; i < words.choices().size(); i++) {
            all.getChildren().add(card(i + 1, words.choices().get(i), Checks.letter(i + 1), group));
        }
        all.getChildren().add(card(LessonModel.UNSURE, ui.t("lesson.unsure"), null, group));
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

    private ToggleButton card(int answer, String text, @Nullable String letter, ToggleGroup group) {
        var sign = new StackPane(letter == null
                ? ui.icon("mdi2h-help", 15, "letter-icon")
                : Ui.firm(letter, "choice-letter"));
        sign.getStyleClass().add("choice-sign");
        sign.setMinSize(ui.px(28), ui.px(28));
        sign.setMaxSize(ui.px(28), ui.px(28));
        var words = Prose.of(ui, text, "lesson-choice");
        HBox.setHgrow(words, Priority.ALWAYS);
        var row = new HBox(ui.px(14), sign, words);
        row.setAlignment(Pos.CENTER_LEFT);
        row.setMouseTransparent(true);
        var card = new ToggleButton(null, row);
        card.setId("choice-" + (answer == LessonModel.UNSURE ? "unsure" : Integer.toString(answer)));
        card.getStyleClass().add("choice");
        card.setToggleGroup(group);
        card.setMaxWidth(Double.MAX_VALUE);
        card.setAlignment(Pos.CENTER_LEFT);
        card.setAccessibleText((letter == null ? "" : letter + ": ") + weft.lesson.Markdown.plain(text));
        card.setUserData(answer);
        card.setOnAction(_ -> {
            model.choose(answer);
            mark();
        });
        row.prefWidthProperty().bind(card.widthProperty().subtract(ui.px(36)));
        card.setMinHeight(Region.USE_PREF_SIZE);
        cards.add(card);
        return card;
    }

    private void mark() {
        cards.forEach(c -> c.setSelected(c.getUserData() instanceof Integer n && n == model.choice().get()));
    }
}
