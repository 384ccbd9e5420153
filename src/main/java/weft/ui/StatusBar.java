package weft.ui;

import javafx.geometry.Pos;
import javafx.scene.control.Label;
import javafx.scene.control.ProgressBar;
import javafx.scene.layout.HBox;

/** Left: facts of the plan, or progress with Cancel. Right: what has been written. */
final class StatusBar extends HBox {
    private final Ui ui;
    private final HBox left = new HBox();
    private final HBox right = new HBox();

    StatusBar(Ui ui) {
        this.ui = ui;
        getStyleClass().add("status-bar");
        setMinHeight(ui.px(24));
        setPrefHeight(ui.px(24));
        setAlignment(Pos.CENTER_LEFT);
        for (var side : java.util.List.of(left, right)) {
            side.setAlignment(Pos.CENTER_LEFT);
            side.setSpacing(ui.px(8));
            side.setMinWidth(0);
        }
        getChildren().addAll(left, Ui.space(), right);
        Watch.over(this, this::show, ui.session().tasks().title(), ui.session().workspace(), ui.session().written());
        show();
    }

    /** How far, and how long still; nothing in the first second, when nobody can know. */
    private String left(double fraction, long nanos) {
        if (!(fraction > 0.01) || nanos < 1_000_000_000L) { return ""; }
        long percent = Math.round(fraction * 100);
        return ui.t("status.left", "percent", percent, "seconds",
                Math.max(1, Math.round(nanos / 1e9 * (1 - fraction) / fraction)));
    }

    private void show() {
        var tasks = ui.session().tasks();
        left.getChildren().clear();
        right.getChildren().clear();
        var workspace = ui.session().workspace().get();
        if (!tasks.title().get().isEmpty()) {
            var bar = new ProgressBar();
            bar.progressProperty().bind(tasks.fraction());
            bar.setPrefWidth(ui.px(160));
            var cancel = ui.button(ui.t("action.cancel"), null, tasks::cancelAll, "link");
            cancel.setId("cancel");
            var done = Ui.firm("", "muted");
            long started = System.nanoTime();
            Watch.over(done, () -> done.setText(left(tasks.fraction().get(), System.nanoTime() - started)),
                    tasks.fraction());
            left.getChildren().addAll(Ui.label(ui.t(tasks.title().get())), bar, done, cancel);
        } else if (workspace == null) {
            left.getChildren().add(Ui.label("Weft"));
        } else {
            var facts = ui.t("status.parameters", "n", ui.texts().count(workspace.source().parameters()));
            if (workspace.plan().isPresent() && ui.session().planMillis() > 0) {
                facts += " · " + ui.t("status.planned", "ms", ui.session().planMillis());
            }
            left.getChildren().add(Ui.label(facts));
        }
        var written = ui.session().written().get();
        if (workspace == null) {
            right.getChildren().add(new Label(ui.t("status.offline"), ui.icon("mdi2w-wifi-off", 14)));
        } else if (written.isEmpty()) {
            right.getChildren().add(new Label(ui.t("status.readOnly"), ui.icon("mdi2l-lock-outline", 14)));
        } else {
            right.getChildren().add(new Label(ui.t("status.written", "path", written), ui.icon("mdi2c-check", 14)));
        }
    }
}
