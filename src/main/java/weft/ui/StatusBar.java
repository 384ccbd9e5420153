package weft.ui;

import javafx.geometry.Pos;
import javafx.scene.control.Label;
import javafx.scene.control.OverrunStyle;
import javafx.scene.control.ProgressBar;
import javafx.scene.layout.HBox;

import weft.ui.model.Pace;

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
        getChildren().addAll(left, right);
        Watch.over(this, this::show, ui.session().tasks().title(), ui.session().workspace(), ui.session().written());
        show();
    }

    /** What happens now goes before what was; what has no room is cut in its middle, and its tooltip has it all. */
    @Override
    protected void layoutChildren() {
        var in = getInsets();
        double room = Math.max(0, getWidth() - in.getLeft() - in.getRight());
        double high = Math.max(0, getHeight() - in.getTop() - in.getBottom());
        double mine = Math.min(room, Math.ceil(left.prefWidth(-1)));
        double rest = Math.min(Math.max(0, room - mine - ui.px(16)), Math.ceil(right.prefWidth(-1)));
        left.resizeRelocate(in.getLeft(), in.getTop(), mine, high);
        right.resizeRelocate(in.getLeft() + room - rest, in.getTop(), rest, high);
        right.setVisible(rest >= ui.px(28));
    }

    private Label told(String text, String icon) {
        var label = Ui.label(text);
        label.setGraphic(ui.icon(icon, 14));
        label.setTextOverrun(OverrunStyle.CENTER_ELLIPSIS);
        label.setTooltip(Ui.tip(text));
        return label;
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
            bar.setMinWidth(ui.px(60));
            bar.setAccessibleText(ui.t(tasks.title().get()));
            var cancel = ui.button(ui.t("action.cancel"), null, tasks::cancelAll, "link");
            cancel.setId("cancel");
            var done = Ui.firm("", "muted");
            done.setId("pace");
            long started = System.nanoTime();
            boolean bytes = tasks.title().get().equals("busy.convert");
            Watch.over(done, () -> {
                done.setText(Pace.of(tasks.fraction().get(), tasks.done().get(), System.nanoTime() - started)
                        .map(p -> p.text(ui.texts(), bytes)).orElse(""));
                requestLayout();
            }, tasks.fraction());
            left.getChildren().addAll(Ui.label(ui.t(tasks.title().get())), bar, done, cancel);
        } else if (workspace == null) {
            left.getChildren().add(Ui.label("Weft"));
        } else {
            var facts = ui.t("status.parameters", "n", ui.texts().count(workspace.source().parameters()));
            if (workspace.plan().isPresent() && ui.session().planMillis() > 0) {
                facts += " · " + ui.t("status.planned", "ms", ui.session().planMillis());
            }
            var label = Ui.label(facts);
            label.setTooltip(Ui.tip(facts));
            left.getChildren().add(label);
        }
        requestLayout();
        var written = ui.session().written().get();
        if (workspace == null) {
            right.getChildren().add(told(ui.t("status.offline"), "mdi2w-wifi-off"));
        } else if (written.isEmpty()) {
            right.getChildren().add(told(ui.t("status.readOnly"), "mdi2l-lock-outline"));
        } else {
            right.getChildren().add(told(ui.t("status.written", "path", written), "mdi2c-check"));
        }
    }
}
