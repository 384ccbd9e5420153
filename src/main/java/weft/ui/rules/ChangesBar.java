package weft.ui.rules;

import javafx.geometry.Insets;
import javafx.geometry.Pos;
import javafx.scene.control.ScrollPane;
import javafx.scene.layout.HBox;
import javafx.scene.layout.VBox;
import javafx.stage.Popup;

import weft.rule.Rule;
import weft.ui.Ui;
import weft.work.RuleChanges;
import weft.work.Workspace;

/** Under the rules: how many changes since the saved file, and which. */
final class ChangesBar extends HBox {
    private final Ui ui;

    ChangesBar(Ui ui) {
        this.ui = ui;
        getStyleClass().add("changes-bar");
        setAlignment(Pos.CENTER_LEFT);
        setSpacing(ui.px(12));
        setPadding(new Insets(0, ui.px(16), 0, ui.px(16)));
        setMinHeight(ui.px(36));
        show();
    }

    private void show() {
        var saved = ui.session().savedRules().get();
        int now = ui.session().accepted().size();
        if (saved == null) {
            getChildren().setAll(Ui.label(ui.t(now == 0 ? "changes.none" : "changes.unsaved", "n", now), "muted"));
        } else {
            var changes = RuleChanges.between(saved, ui.session().rules());
            getChildren().setAll(Ui.label(ui.t(changes.count() == 0 ? "changes.same" : "changes.some", "n",
                    changes.count())));
            if (changes.count() > 0) {
                var what = ui.button(ui.t("changes.what"), null, () -> {
                }, "link");
                what.setId("what-changed");
                what.setOnAction(_ -> list(changes, what));
                getChildren().add(what);
            }
        }
        getChildren().addAll(Ui.space(), Ui.label(ui.t("rules.covers.foot"), "muted", "small"));
    }

    private void list(RuleChanges changes, javafx.scene.Node near) {
        var lines = new VBox(ui.px(6));
        lines.setId("changes");
        changes.dropped().forEach(r -> lines.getChildren().add(line("mdi2m-minus", "status-mismatch", r)));
        changes.added().forEach(r -> lines.getChildren().add(line("mdi2p-plus", "status-fits", r)));
        var scroll = new ScrollPane(lines);
        scroll.setFitToWidth(true);
        scroll.getStyleClass().add("plain-scroll");
        scroll.setMaxHeight(ui.px(280));
        var box = new VBox(ui.px(12), Ui.label(ui.t("changes.what"), "pane-title"), scroll);
        box.getStyleClass().add("popup-card");
        box.setPadding(new Insets(ui.px(16)));
        box.setPrefWidth(ui.px(640));
        var popup = new Popup();
        popup.getContent().add(box);
        popup.setAutoHide(true);
        popup.setHideOnEscape(true);
        var at = near.localToScreen(near.getBoundsInLocal());
        popup.getScene().getStylesheets().setAll(getScene().getStylesheets());
        popup.getScene().getRoot().getStyleClass().add("root");
        popup.show(getScene().getWindow(), at.getMinX(), Math.max(0, at.getMinY() - ui.px(340)));
    }

    private HBox line(String icon, String style, Rule rule) {
        var text = Ui.label(Workspace.text(rule), "mono");
        text.setWrapText(true);
        var box = new HBox(ui.px(8), ui.icon(icon, 14, style), text);
        box.setAlignment(Pos.TOP_LEFT);
        return box;
    }
}
