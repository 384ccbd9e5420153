package weft.ui.verify;

import java.util.List;
import javafx.geometry.Insets;
import javafx.geometry.Pos;
import javafx.scene.control.ListCell;
import javafx.scene.control.ListView;
import javafx.scene.layout.BorderPane;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import javafx.scene.layout.VBox;

import org.jspecify.annotations.Nullable;

import weft.text.Texts;
import weft.ui.Ui;
import weft.work.CheckpointDiff;
import weft.work.RowGroup;

/** Two checkpoints by names: the tensors that moved, the farthest first, with a bar for how far. */
final class DiffList extends BorderPane {
    private final Ui ui;

    DiffList(Ui ui, DiffModel model) {
        this.ui = ui;
        var other = model.other().get();
        var found = model.found().get();
        var close = ui.iconButton("mdi2c-close", ui.t("diff.close"), model::close);
        close.setId("diff-close");
        var title = Ui.label(ui.t("diff.title", "name", other == null ? "" : String.valueOf(other.getFileName())),
                "pane-title");
        var head = new HBox(ui.px(8), title, Ui.space(), close);
        head.setAlignment(Pos.CENTER_LEFT);
        var top = new VBox(ui.px(8), head);
        top.setPadding(new Insets(ui.px(16), ui.px(16), ui.px(8), ui.px(16)));
        setTop(top);
        setMinWidth(ui.px(300));
        if (found == null) {
            top.getChildren().add(Ui.label(ui.t("busy.diff"), "muted"));
            return;
        }
        var line = Ui.label(ui.t("diff.counts", "moved", found.moved().size(), "same", found.same(), "here",
                found.onlyHere().size(), "there", found.onlyThere().size()), "muted");
        line.setId("diff-counts");
        line.setWrapText(true);
        top.getChildren().add(line);
        only(top, "diff.only.here", found.onlyHere());
        only(top, "diff.only.there", found.onlyThere());
        double most = found.moved().stream().mapToDouble(CheckpointDiff.Moved::farOr0).max().orElse(1);
        var list = new ListView<CheckpointDiff.Moved>();
        list.setId("diff-list");
        list.getStyleClass().add("lines");
        list.setFixedCellSize(ui.px(26));
        list.getItems().setAll(found.moved());
        list.setCellFactory(_ -> new Cell(most));
        list.setPlaceholder(Ui.label(ui.t("diff.none"), "muted"));
        list.getSelectionModel().selectedItemProperty().addListener((_, _, moved) -> {
            if (moved != null) {
                ui.session().revealTensor(moved.name());
            }
        });
        setCenter(list);
    }

    /** Names that have no counterpart, as many as a line holds: numbers that run are one. */
    private void only(VBox top, String key, List<String> names) {
        if (names.isEmpty()) { return; }
        var label = Ui.label(ui.t(key, "names",
                String.join(", ", RowGroup.fold(names).stream().map(Texts::shown).toList())), "muted", "small");
        label.setId(key.replace('.', '-'));
        var all = Ui.tip(label.getText());
        all.setWrapText(true);
        all.setMaxWidth(ui.px(600));
        label.setTooltip(all);
        top.getChildren().add(label);
    }

    private final class Cell extends ListCell<CheckpointDiff.Moved> {
        private final double most;

        Cell(double most) {
            this.most = most;
        }

        @Override
        protected void updateItem(CheckpointDiff.@Nullable Moved moved, boolean empty) {
            super.updateItem(moved, empty);
            if (empty || moved == null) {
                setGraphic(null);
                return;
            }
            var name = Ui.label(moved.name(), "mono");
            HBox.setHgrow(name, Priority.ALWAYS);
            name.setMaxWidth(Double.MAX_VALUE);
            var bar = new Region();
            bar.getStyleClass().addAll("track-fill", "track-before");
            double wide = most > 0 ? ui.px(90) * moved.farOr0() / most : 0;
            bar.setMinSize(wide, ui.px(8));
            bar.setMaxSize(wide, ui.px(8));
            var room = new HBox(bar);
            room.setAlignment(Pos.CENTER_LEFT);
            room.setMinWidth(ui.px(90));
            var number = Ui.firm(text(moved), "mono", "muted");
            number.setMinWidth(ui.px(150));
            number.setAlignment(Pos.CENTER_RIGHT);
            var box = new HBox(ui.px(12), name, room, number);
            box.setAlignment(Pos.CENTER_LEFT);
            box.setPadding(new Insets(0, ui.px(16), 0, ui.px(16)));
            setGraphic(box);
            setAccessibleText(moved.name() + ", " + number.getText());
        }
    }

    private String text(CheckpointDiff.Moved moved) {
        var found = moved.found();
        return found == null
                ? moved.here().equals(moved.there()) ? ui.t("diff.unread") : moved.here() + " ≠ " + moved.there()
                : ui.t("diff.moved", "relative", ui.texts().decimal(found.relative(), 3), "max",
                        ui.texts().decimal(found.maxAbs(), 3));
    }
}
