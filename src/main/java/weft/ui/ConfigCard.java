package weft.ui;

import javafx.geometry.Insets;
import javafx.geometry.Pos;
import javafx.scene.Node;
import javafx.scene.control.Label;
import javafx.scene.control.ScrollPane;
import javafx.scene.layout.ColumnConstraints;
import javafx.scene.layout.GridPane;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import javafx.scene.layout.VBox;

import org.jspecify.annotations.Nullable;

import weft.text.Texts;
import weft.work.ConfigComparison;

/** Both configurations field by field, what differs first, with the rows a difference explains. */
final class ConfigCard extends VBox {
    private final Ui ui;

    ConfigCard(Ui ui, Runnable close) {
        this.ui = ui;
        getStyleClass().addAll("popup-card", "config-card");
        setId("config-card");
        setAccessibleText(ui.t("config.title"));
        setSpacing(ui.px(12));
        setPadding(new Insets(ui.px(20)));
        setMaxSize(ui.px(760), USE_PREF_SIZE);
        setFocusTraversable(true);
        var done = ui.button(ui.t("action.close"), null, close);
        done.setId("config-close");
        var foot = new HBox(Ui.space(), done);
        foot.setAlignment(Pos.CENTER_RIGHT);
        var workspace = ui.session().workspace().get();
        var fields = workspace == null ? java.util.List.<ConfigComparison.Field>of() : ConfigComparison.of(workspace);
        getChildren().add(Ui.label(ui.t("config.title"), "pane-title"));
        if (fields.isEmpty()) {
            var none = Ui.label(ui.t("config.none"), "muted");
            none.setWrapText(true);
            getChildren().addAll(none, foot);
            return;
        }
        long differ = fields.stream().filter(f -> !f.same()).count();
        getChildren().add(Ui.label(ui.t("config.counts", "n", fields.size(), "differ", differ), "muted"));
        var grid = new GridPane();
        grid.setId("config-fields");
        grid.setHgap(ui.px(16));
        grid.setVgap(ui.px(6));
        var sign = new ColumnConstraints(ui.px(18));
        var name = new ColumnConstraints();
        name.setHgrow(Priority.ALWAYS);
        name.setMinWidth(Region.USE_PREF_SIZE);
        grid.getColumnConstraints().addAll(sign, name, column(), column(), column());
        grid.addRow(0, new Label(), Ui.label(ui.t("config.field"), "muted"), Ui.label(ui.t("config.source"), "muted"),
                Ui.label(ui.t("config.target"), "muted"), Ui.label(ui.t("config.rows"), "muted"));
        int line = 1;
        for (var field : fields) {
            grid.addRow(line++, field.same()
                    ? ui.icon("mdi2c-check-circle", 15, "status-fits")
                    : ui.icon("mdi2c-close-octagon", 15, "status-mismatch"), words(field.field(), !field.same()),
                    value(field.source(), !field.same()), value(field.target(), !field.same()), rows(field, close));
        }
        var scroll = new ScrollPane(grid);
        scroll.setFitToWidth(true);
        scroll.getStyleClass().add("plain-scroll");
        VBox.setVgrow(scroll, Priority.ALWAYS);
        getChildren().addAll(scroll, foot);
    }

    /** As wide as others where there is room. */
    private ColumnConstraints column() {
        return new ColumnConstraints(ui.px(56), ui.px(150), ui.px(150));
    }

    private Label words(String text, boolean strong) {
        var label = Ui.label(Texts.shown(text), "mono");
        label.setTooltip(Ui.tip(label.getText()));
        if (strong) {
            label.getStyleClass().add("strong-text");
        }
        return label;
    }

    private Label value(@Nullable Object value, boolean strong) {
        var text = value == null
                ? "–"
                : value instanceof Double || value instanceof Float
                        ? ui.texts().decimal(((Number) value).doubleValue(), 3)
                        : value.toString();
        return words(text, strong && value != null);
    }

    private Node rows(ConfigComparison.Field field, Runnable close) {
        if (field.rows().isEmpty()) { return new Label(); }
        return ui.button(ui.t("config.showRows", "n", field.rows().size()), null, () -> {
            close.run();
            ui.session().reveal(field.rows().getFirst());
        }, "link");
    }
}
