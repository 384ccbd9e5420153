package weft.ui;

import java.util.ArrayList;
import java.util.List;
import javafx.geometry.Insets;
import javafx.geometry.Pos;
import javafx.scene.Node;
import javafx.scene.control.Menu;
import javafx.scene.control.MenuItem;
import javafx.scene.control.ScrollPane;
import javafx.scene.input.KeyCombination;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.VBox;

import weft.plan.Status;

/** Every key, as the menus have them and those that are in none, and what the signs of the table mean. */
final class KeysCard extends VBox {
    private static final List<Status> SIGNS = List.of(Status.FITS, Status.BY_RULE, Status.NEEDS_RULE, Status.MISMATCH,
            Status.MISSING, Status.UNPROVEN, Status.OPTIONAL);
    private final Ui ui;

    KeysCard(Ui ui, List<Menu> menus, Runnable close) {
        this.ui = ui;
        getStyleClass().add("popup-card");
        setId("keys-card");
        setAccessibleText(ui.t("help.keys"));
        setSpacing(ui.px(16));
        setPadding(new Insets(ui.px(20)));
        setMaxSize(ui.px(940), ui.px(640));
        setFocusTraversable(true);
        var parts = new ArrayList<VBox>();
        menus.forEach(m -> parts.add(part(m.getText(), keys(m))));
        parts.add(part(ui.t("keys.table"), List.of(line(ui.t("keys.fold"), "← →"), line(ui.t("keys.below"), "*"),
                line(ui.t("keys.drop"), "Del"), line(ui.t("keys.status"), "Alt 0 … 6"),
                line(ui.t("keys.hidden"), "Alt H"), line(ui.t("keys.cell"), "← ↑ → ↓"),
                line(ui.t("keys.cell64"), "Shift ← ↑ → ↓"), line(ui.t("keys.stop"), "Esc"))));
        var signs = new ArrayList<Node>();
        SIGNS.forEach(s -> signs.add(sign(ui.icon(Ui.sign(s), 16, Ui.style(s)), ui.texts().status(s.id()),
                ui.t("keys.sign." + s.id()))));
        signs.add(sign(ui.icon("mdi2e-eye-off", 16, "hidden-icon"), ui.t("filter.hidden"), ui.t("keys.sign.hidden")));
        parts.add(part(ui.t("keys.signs"), signs));
        var left = column();
        var right = column();
        parts.forEach(p -> (lines(left) <= lines(right) ? left : right).getChildren().add(p));
        var columns = new HBox(ui.px(32), left, right);
        columns.setPadding(new Insets(0, ui.px(14), 0, 0));
        var scroll = new ScrollPane(columns);
        scroll.setFitToWidth(true);
        scroll.setHbarPolicy(ScrollPane.ScrollBarPolicy.NEVER);
        scroll.getStyleClass().add("plain-scroll");
        VBox.setVgrow(scroll, Priority.ALWAYS);
        var done = ui.button(ui.t("action.close"), null, close);
        done.setId("keys-close");
        getChildren().addAll(Ui.label(ui.t("help.keys"), "pane-title"), scroll, new HBox(Ui.space(), done));
    }

    private VBox column() {
        var column = new VBox(ui.px(20));
        column.setMinWidth(0);
        column.setPrefWidth(ui.px(400));
        HBox.setHgrow(column, Priority.ALWAYS);
        return column;
    }

    private static int lines(VBox column) {
        return column.getChildren().stream().mapToInt(p -> ((VBox) p).getChildren().size() + 1).sum();
    }

    private VBox part(String title, List<Node> lines) {
        var part = new VBox(ui.px(6), Ui.label(title, "strong-text"));
        part.getChildren().addAll(lines);
        return part;
    }

    private List<Node> keys(Menu menu) {
        var lines = new ArrayList<Node>();
        for (MenuItem item : menu.getItems()) {
            if (item instanceof Menu inner) {
                lines.addAll(keys(inner));
            } else if (item.getAccelerator() instanceof KeyCombination keys) {
                lines.add(line(item.getText(), keys.getDisplayText().replaceAll("(?<=.)\\+(?=.)", " ")));
            }
        }
        return lines;
    }

    private Node line(String what, String keys) {
        var key = Ui.firm(keys, "key");
        var line = new HBox(ui.px(8), Ui.label(what), Ui.space(), key);
        line.setAlignment(Pos.CENTER_LEFT);
        return line;
    }

    private Node sign(Node icon, String name, String means) {
        var text = Ui.label(means, "muted");
        text.setWrapText(true);
        text.setMinHeight(USE_PREF_SIZE);
        var words = new VBox(Ui.label(name), text);
        var line = new HBox(ui.px(8), icon, words);
        HBox.setHgrow(words, Priority.ALWAYS);
        return line;
    }
}
