package weft.ui.rules;

import java.util.function.Consumer;
import javafx.application.Platform;
import javafx.geometry.Insets;
import javafx.geometry.Point2D;
import javafx.scene.control.TextField;
import javafx.scene.input.KeyCode;
import javafx.scene.layout.VBox;
import javafx.scene.shape.Line;
import javafx.scene.text.Font;
import javafx.scene.text.Text;

import org.jspecify.annotations.Nullable;

import weft.rule.ArrowText;
import weft.rule.Rule;
import weft.text.Texts;
import weft.ui.Look;
import weft.ui.Ui;
import weft.work.RuleSteps;
import weft.work.Workspace;

/** One rule being written: what can't be read is marked under the word, with what could stand there. */
final class ArrowField extends VBox {
    private final Ui ui;
    private final TextField field = new TextField();
    private final Line mark = new Line();
    private final javafx.scene.control.Label error = Ui.label("", "rule-error");
    private final javafx.scene.layout.Pane under = new javafx.scene.layout.Pane(mark);
    private final javafx.scene.control.Button fix = new javafx.scene.control.Button();
    private final StepStrip steps;
    private final String lane;
    private @Nullable Rule rule;
    private Runnable left = () -> {
    };

    /**
     * @param draft what is typed here outlives the field
     * @param done gets the rule when Enter is pressed and the text reads as one
     */
    ArrowField(Ui ui, RuleDrafts.Draft draft, Consumer<Rule> done) {
        this.ui = ui;
        this.lane = "rule-steps " + System.identityHashCode(draft); // each shows its own, and the latest of it
        field.setText(draft.text());
        field.selectRange(draft.anchor(), draft.caret());
        field.getStyleClass().addAll("mono", "arrow-field");
        field.setId("arrow-field");
        mark.getStyleClass().add("error-mark");
        under.setMinHeight(ui.px(3));
        under.setPrefHeight(ui.px(3));
        error.setWrapText(true);
        error.setPadding(new Insets(0, 0, ui.px(4), ui.px(8)));
        fix.setId("fix-word");
        fix.setMinWidth(USE_PREF_SIZE);
        fix.setVisible(false);
        fix.setManaged(false);
        var said = new javafx.scene.layout.HBox(ui.px(8), error, fix);
        said.setAlignment(javafx.geometry.Pos.CENTER_LEFT);
        steps = new StepStrip(ui, null);
        steps.setId("live-steps");
        steps.setPadding(new Insets(0, 0, 0, ui.px(8)));
        getChildren().addAll(field, under, said, steps);
        new CompletionPopup(ui, field);
        field.textProperty().addListener((_, _, now) -> {
            draft.text(now);
            read();
        });
        field.selectionProperty().addListener((_, _, _) -> draft.chosen(field.getAnchor(), field.getCaretPosition()));
        field.caretPositionProperty()
                .addListener((_, _, _) -> draft.chosen(field.getAnchor(), field.getCaretPosition()));
        field.focusedProperty().addListener((_, _, now) -> {
            var scene = field.getScene();
            // if it is still the owner, another window has the keyboard
            draft.focused(this, now || scene != null && scene.getFocusOwner() == field);
        });
        if (draft.isFocused(this)) { // by the field in whose place this one comes
            field.sceneProperty().addListener((_, _, scene) -> {
                if (scene != null) {
                    Platform.runLater(() -> back(draft.anchor(), draft.caret()));
                }
            });
        }
        field.setOnKeyPressed(e -> {
            if (e.getCode() == KeyCode.ENTER) {
                var made = rule;
                if (made != null) {
                    done.accept(made);
                }
                e.consume();
            } else if (e.getCode() == KeyCode.ESCAPE) {
                left();
                e.consume();
            }
        });
        read();
    }

    TextField field() {
        return field;
    }

    void problem(String text) {
        error.setText(text);
        error.setManaged(!text.isEmpty());
    }

    private void read() {
        var reading = Workspace.read(field.getText());
        var first = reading.errors().isEmpty() ? null : reading.errors().getFirst();
        rule = first == null && reading.rules().rules().size() == 1 ? reading.rules().rules().getFirst() : null;
        mark.setVisible(first != null);
        offer(first);
        steps();
        if (first != null) {
            show(first);
        } else if (rule == null && !field.getText().isBlank()) {
            problem(ui.t("rule.one"));
        } else {
            problem("");
        }
    }

    /** The shapes the rule leads through as it stands; while it can't be read there are none. */
    private void steps() {
        var made = rule;
        var workspace = ui.session().workspace().get();
        if (made == null || workspace == null || workspace.plan().isEmpty()) {
            ui.session().tasks().cancel(lane);
            steps.show(null);
            return;
        }
        ui.session().tasks().run(lane, "busy.plan", _ -> RuleSteps.of(workspace, made),
                found -> steps.show(found.orElse(null)), _ -> steps.show(null));
    }

    /** @param then what Escape does */
    void left(Runnable then) {
        left = then;
    }

    private void left() {
        left.run();
    }

    /** The writer goes on where he was. */
    private void back(int anchor, int caret) {
        if (field.getScene() == null) { return; }
        applyCss();
        field.requestFocus();
        field.selectRange(anchor, caret);
    }

    /** Chooses a word, so that typing replaces it; the end if it isn't there. */
    void choose(@Nullable String word) {
        int at = word == null ? -1 : field.getText().indexOf(word);
        applyCss(); // a field whose skin comes after its focus chooses all
        field.requestFocus();
        if (word == null || at < 0) {
            field.end();
        } else {
            field.selectRange(at, at + word.length());
        }
    }

    /** A word that is nearly an op's can be put right by a click. */
    private void offer(ArrowText.@Nullable Error wrong) {
        var meant = wrong == null ? null : Completion.meant(wrong.found());
        fix.setVisible(meant != null);
        fix.setManaged(meant != null);
        if (wrong != null && meant != null) {
            fix.setText(ui.t("rule.use", "what", meant));
            fix.getStyleClass().add("small-button");
            fix.setOnAction(_ -> {
                var text = field.getText();
                field.setText(text.substring(0, wrong.offset()) + meant
                        + text.substring(wrong.offset() + wrong.found().length()));
                field.requestFocus();
                field.end();
            });
        }
    }

    private void show(ArrowText.Error wrong) {
        var found = wrong.found().isBlank() ? ui.t("rule.end") : Texts.shown(wrong.found());
        problem(ui.t("rule.wrong", "found", found, "expected", wrong.expected()));
        var inset = ui.px(8);
        double start = width(field.getText().substring(0, Math.min(wrong.offset(), field.getText().length())));
        double end = width(field.getText().substring(0,
                Math.min(wrong.offset() + wrong.length(), field.getText().length())));
        mark.setStartX(inset + start);
        mark.setEndX(inset + Math.max(end, start + ui.px(7)));
        mark.setStartY(1);
        mark.setEndY(1);
        var at = new Point2D(start, 0);
        mark.setUserData(at);
    }

    private double width(String text) {
        var probe = new Text(text);
        probe.setFont(Font.font(Look.mono(), ui.px(12)));
        return probe.getLayoutBounds().getWidth();
    }
}
