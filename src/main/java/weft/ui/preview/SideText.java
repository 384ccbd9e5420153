package weft.ui.preview;

import java.util.Locale;
import java.util.Set;
import javafx.scene.control.Button;
import javafx.scene.input.KeyCode;
import javafx.scene.layout.Priority;
import javafx.scene.layout.VBox;
import javafx.scene.text.Text;
import javafx.scene.text.TextFlow;

import weft.io.Code;
import weft.ui.NumberField;
import weft.ui.Ui;
import weft.ui.preview.InsideModel.Chosen;
import weft.ui.preview.PreviewModel.Side;
import weft.ui.preview.PreviewModel.State;
import weft.ui.preview.PreviewModel.Which;

/** What a side wrote, or why it wrote nothing. Every token can be clicked, or reached by arrow keys. */
final class SideText extends TextFlow {
    /** What a tokenizer from elsewhere puts right. */
    private static final Set<Code> TOKENIZER = Set.of(Code.NO_TOKENIZER, Code.BAD_TOKENIZER, Code.VOCABULARY_TOO_LARGE);
    private final Ui ui;
    private final InsideModel inside;
    private final Which which;

    SideText(Ui ui, PreviewModel model, InsideModel inside, Which which) {
        this.ui = ui;
        this.inside = inside;
        this.which = which;
        var side = model.side(which);
        setLineSpacing(ui.px(5));
        getStyleClass().add("generated");
        setId("text-" + which.name().toLowerCase(Locale.ROOT));
        VBox.setVgrow(this, Priority.ALWAYS);
        if (side.state() == State.IDLE) {
            boolean nothing = which == Which.BEFORE && model.other().get() == null && ui.session().plan().isEmpty();
            add(ui.t(nothing ? "preview.noTarget" : "preview.idle"), "faint-text");
        } else if (!side.refusal().isEmpty()) {
            for (var told : side.refusal()) {
                add(told + "\n", told.startsWith("    ") ? "plain-text" : "bad-text").getStyleClass()
                        .addAll("mono", "refusal-text");
            }
        } else if (side.problem() != null && side.text().isEmpty()) {
            add(ui.texts().message(side.problem()) + "\n", "plain-text");
            var word = side.problem().field();
            if (NumberField.isAsked(side.problem()) && word != null) {
                getChildren().add(new NumberField(ui, word, value -> model.number(which, word, value)));
            } else {
                add(ui.texts().hint(side.problem()) + "\n", "muted-text");
                if (TOKENIZER.contains(side.problem().code())) {
                    getChildren().add(chooser(model));
                }
            }
        } else if (side.said().size() > 0) {
            tokens(side);
        } else {
            add(side.prompt(), "muted-text");
            add(side.text(), "plain-text");
            if (side.state() == State.RUNNING) {
                add("▍", "cursor-text");
            }
        }
    }

    private Button chooser(PreviewModel model) {
        var choose = ui.button(ui.t("tokenizer.choose"), ui.icon("mdi2f-folder-open-outline", 16), () -> {
            var folder = ui.choosers().folder(ui.t("tokenizer.title"),
                    getScene() == null ? null : getScene().getWindow());
            if (folder != null) {
                model.tokenizer(which, folder);
            }
        });
        choose.setId("tokenizer-" + which.name().toLowerCase(Locale.ROOT));
        return choose;
    }

    /** All that is said is inside; where there is more room than that, not much more is taken. */
    @Override
    protected double computeMinHeight(double width) {
        return Math.max(ui.px(118), super.computePrefHeight(width));
    }

    @Override
    protected double computePrefHeight(double width) {
        return computeMinHeight(width);
    }

    @Override
    protected double computeMaxHeight(double width) {
        return Math.max(ui.px(260), super.computePrefHeight(width));
    }

    private Text add(String content, String style) {
        var text = new Text(content);
        text.getStyleClass().add(style);
        getChildren().add(text);
        return text;
    }

    private void tokens(Side side) {
        int first = side.said().size() - side.tokens();
        var chosen = inside.chosen().get();
        for (int i = 0; i < side.said().size(); i++) {
            int at = i;
            var token = new Chosen(which, at);
            var text = add(side.said().texts().get(i), i < first ? "muted-text" : "plain-text");
            text.getStyleClass().add("token");
            text.setPickOnBounds(true); // a blank has no shape to hit
            text.setId("token-" + which.name().toLowerCase(Locale.ROOT) + "-" + i);
            text.setOnMouseClicked(e -> {
                requestFocus();
                inside.choose(token.equals(inside.chosen().get()) ? null : token);
                e.consume();
            });
            if (token.equals(chosen)) {
                text.getStyleClass().add("chosen-token");
            }
        }
        setFocusTraversable(true);
        setAccessibleText(ui.t("preview.tokens.name", "text", side.prompt() + side.text()));
        setOnKeyPressed(e -> {
            if (e.getCode() == KeyCode.RIGHT || e.getCode() == KeyCode.LEFT) {
                inside.step(which, e.getCode() == KeyCode.RIGHT ? 1 : -1);
                e.consume();
            }
        });
    }
}
