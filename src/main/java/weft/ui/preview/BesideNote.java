package weft.ui.preview;

import javafx.geometry.Insets;
import javafx.scene.control.Label;

import org.jspecify.annotations.Nullable;

import weft.ui.Ui;
import weft.ui.Watch;
import weft.ui.preview.PreviewModel.Which;

/** Under the prompt while two checkpoints stand side by side: whether their tokens are the same, so that losses compare. */
final class BesideNote extends Label {
    private final Ui ui;
    private final PreviewModel model;

    BesideNote(Ui ui, PreviewModel model) {
        this.ui = ui;
        this.model = model;
        setId("beside-tokens");
        setWrapText(true);
        setMinHeight(USE_PREF_SIZE);
        setMaxWidth(Double.MAX_VALUE);
        setGraphicTextGap(ui.px(8));
        setPadding(new Insets(ui.px(8), ui.px(16), ui.px(8), ui.px(16)));
        Watch.over(this, this::show, model.tokens(), model.before(), model.after());
        show();
    }

    private void show() {
        var tokens = model.tokens().get();
        setVisible(tokens != null);
        setManaged(tokens != null);
        if (tokens == null) { return; }
        setText(tokens.same()
                ? ui.t("preview.sameTokens", "n", tokens.mine())
                : ui.t("preview.otherTokens", "mine", tokens.mine(), "other", tokens.other(), "mineTokens",
                        tokens.mineTokens(), "otherTokens", tokens.otherTokens(), "mineBits", bits(Which.AFTER),
                        "otherBits", bits(Which.BEFORE)));
        setGraphic(tokens.same()
                ? ui.icon("mdi2c-check-circle", 15, "status-fits")
                : ui.icon("mdi2a-alert", 15, "status-needsRule"));
        getStyleClass().removeAll("muted", "care-note");
        getStyleClass().add(tokens.same() ? "muted" : "care-note");
    }

    /** A side's loss as bits a byte, or {@code null} while it isn't known. */
    private @Nullable String bits(Which which) {
        var tokens = model.tokens().get();
        double loss = model.side(which).loss();
        return tokens == null || Double.isNaN(loss)
                ? null
                : ui.texts().decimal(tokens.bitsPerByte(loss, which == Which.AFTER), 3);
    }
}
