package weft.ui.preview;

import java.nio.file.Path;
import javafx.scene.layout.HBox;

import org.jspecify.annotations.Nullable;

import weft.ui.Ui;
import weft.ui.preview.PreviewModel.Which;

/** A side's loss and the text it is measured on; a click measures it on another one. */
final class LossMark {
    private final Ui ui;
    private final PreviewModel model;

    LossMark(Ui ui, PreviewModel model) {
        this.ui = ui;
        this.model = model;
    }

    void add(HBox head, Which which) {
        var side = model.side(which);
        boolean known = !Double.isNaN(side.loss());
        if (!known && side.state() != PreviewModel.State.DONE) { return; }
        var text = known
                ? ui.t("preview.loss", "loss", ui.texts().decimal(side.loss(), 4), "name",
                        side.lossText().equals("built-in") ? ui.t("preview.builtIn") : side.lossText())
                : ui.t(model.isMeasuring(which) ? "preview.loss.measuring" : "preview.loss.choose");
        var mark = ui.button(text, null, () -> choose(head), "link", "loss");
        mark.setId("loss-text");
        mark.setMinWidth(ui.px(60));
        mark.setTooltip(Ui.tip((known
                ? text + "\n" + ui.t("preview.loss.tip", "perplexity", ui.texts().decimal(Math.exp(side.loss()), 4))
                        + "\n"
                : "") + ui.t("preview.loss.choose")));
        head.getChildren().add(mark);
        if (model.lossFile().get() != null) {
            var back = ui.iconButton("mdi2c-close", ui.t("preview.loss.back"), () -> model.measure(null));
            back.setId("loss-back");
            head.getChildren().add(back);
        }
    }

    private void choose(HBox near) {
        @Nullable
        Path file = ui.choosers().file(ui.t("preview.loss.choose"),
                near.getScene() == null ? null : near.getScene().getWindow());
        if (file != null) {
            model.measure(file);
        }
    }
}
