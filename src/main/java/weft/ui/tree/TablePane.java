package weft.ui.tree;

import java.util.ArrayList;
import java.util.List;
import javafx.beans.property.ReadOnlyObjectProperty;
import javafx.collections.FXCollections;
import javafx.collections.ObservableList;
import javafx.css.PseudoClass;
import javafx.geometry.Pos;
import javafx.scene.control.Label;
import javafx.scene.control.ListCell;
import javafx.scene.control.ListView;
import javafx.scene.control.SelectionMode;
import javafx.scene.input.ClipboardContent;
import javafx.scene.input.KeyCode;
import javafx.scene.input.KeyEvent;
import javafx.scene.input.MouseEvent;
import javafx.scene.input.TransferMode;
import javafx.scene.layout.BorderPane;
import javafx.scene.layout.FlowPane;
import javafx.scene.layout.Pane;
import javafx.scene.layout.Region;
import javafx.scene.layout.StackPane;
import javafx.scene.layout.VBox;

import org.jspecify.annotations.Nullable;

import weft.ui.Ui;
import weft.ui.Watch;
import weft.ui.model.Linking;

/** The table: one aligned, virtualised list of lines of equal height, so that any number of tensors scrolls. */
public final class TablePane extends BorderPane {
    private final Ui ui;
    private final ReadOnlyObjectProperty<Columns> columns;
    private final ObservableList<Lines.Line> items = FXCollections.observableArrayList();
    private final ListView<Lines.Line> list = new ListView<>(items);
    private final VBox nothing = new VBox();
    private final Linking linking;
    private boolean showing;

    public TablePane(Ui ui, ReadOnlyObjectProperty<Columns> columns, Linking linking) {
        this.ui = ui;
        this.linking = linking;
        this.columns = columns;
        getStyleClass().add("table-pane");
        setTop(head());
        list.setId("table");
        list.setFixedCellSize(ui.px(26));
        list.getSelectionModel().setSelectionMode(SelectionMode.SINGLE);
        list.setCellFactory(_ -> new Cell());
        list.getStyleClass().add("lines");
        list.setAccessibleText(ui.t("table.name"));
        list.getSelectionModel().selectedItemProperty().addListener((_, _, line) -> {
            if (!showing && line != null) {
                ui.session().selected().set(line.item());
            }
        });
        list.addEventFilter(KeyEvent.KEY_PRESSED, this::key);
        nothing.setSpacing(ui.px(12));
        nothing.setAlignment(Pos.CENTER);
        list.setPlaceholder(nothing);
        setCenter(new StackPane(list));
        Watch.over(this, this::show, ui.session().lines());
        Watch.over(this, this::nothing, ui.session().search(), ui.session().filter()); // as empty as before, by other terms
        Watch.over(this, () -> select(ui.session().selected().get()), ui.session().selected());
        show();
    }

    private void clear() {
        ui.session().search().set("");
        ui.session().filter().set(weft.ui.model.Filter.ALL);
    }

    private void show() {
        showing = true;
        items.setAll(ui.session().lines().get());
        showing = false;
        if (items.isEmpty()) {
            nothing();
        }
        select(ui.session().selected().get());
    }

    /** What was asked for, each term with a cross. */
    private void nothing() {
        var terms = new FlowPane(ui.px(8), ui.px(8));
        terms.setAlignment(Pos.CENTER);
        var all = Query.parse(ui.session().search().get()).terms();
        for (int i = 0; i < all.size(); i++) {
            var rest = new ArrayList<>(all);
            rest.remove(i);
            var chip = ui.button(all.get(i), ui.icon("mdi2c-close", 12),
                    () -> ui.session().search().set(String.join(" ", rest)), "filter-chip", "mono");
            chip.setContentDisplay(javafx.scene.control.ContentDisplay.RIGHT);
            chip.setId("term-" + i);
            terms.getChildren().add(chip);
        }
        var clear = ui.button(ui.t("table.clear"), null, this::clear);
        clear.setId("clear-filter");
        if (all.isEmpty() && ui.session().filter().get().isAll()) {
            nothing.getChildren().setAll(Ui.label(ui.t("table.empty"), "pane-title"));
            return;
        }
        nothing.getChildren().setAll(Ui.label(ui.t("table.nothing"), "pane-title"), terms, clear);
    }

    private void select(@Nullable Item item) {
        var model = list.getSelectionModel();
        var now = model.getSelectedItem();
        if (item == null) {
            model.clearSelection();
            return;
        }
        if (now != null && now.item() == item) { return; }
        for (int i = 0; i < items.size(); i++) {
            if (items.get(i).item().id().equals(item.id())) {
                showing = true;
                model.clearAndSelect(i);
                showing = false;
                if (now == null || !now.item().id().equals(item.id())) {
                    list.scrollTo(Math.max(0, i - 4));
                }
                return;
            }
        }
        showing = true;
        model.clearSelection();
        showing = false;
    }

    private void key(KeyEvent event) {
        var line = list.getSelectionModel().getSelectedItem();
        if (line == null || event.isShortcutDown() || event.isAltDown()) { return; }
        var session = ui.session();
        if (event.getCode() == KeyCode.RIGHT && line.item().opens() && !line.open()) {
            session.toggle(line.item());
            event.consume();
        } else if (event.getCode() == KeyCode.LEFT && line.open()) {
            session.toggle(line.item());
            event.consume();
        } else if (event.getCode() == KeyCode.LEFT && line.depth() > 0) {
            int at = list.getSelectionModel().getSelectedIndex();
            while (at > 0 && items.get(at).depth() >= line.depth()) {
                at--;
            }
            list.getSelectionModel().clearAndSelect(at);
            event.consume();
        } else if (event.getCode() == KeyCode.MULTIPLY || event.getText().equals("*")) {
            session.openAll(line.item());
            event.consume();
        } else if (event.getCode() == KeyCode.ENTER && event.isShiftDown()) {
            session.acceptOnly(line.item().rows());
            event.consume();
        }
    }

    private Region head() {
        var source = Ui.label(ui.t("column.source"));
        var sourceShape = Ui.label(ui.t("column.shape"));
        var rule = Ui.label(ui.t("column.rule"));
        var target = Ui.label(ui.t("column.target"));
        var targetShape = Ui.label(ui.t("column.shape"));
        var status = Ui.label(ui.t("column.status"));
        for (var label : List.of(source, rule, target, status)) {
            label.setTooltip(Ui.tip(label.getText()));
        }
        var head = new Pane(source, sourceShape, rule, target, targetShape, status) {
            @Override
            protected void layoutChildren() {
                var c = columns.get();
                double h = getHeight();
                double pad = ui.px(16);
                double gap = ui.px(8);
                double shape = sourceShape.prefWidth(-1);
                at(sourceShape, c.ruleX() - pad - shape, shape, h);
                at(source, ui.px(32), c.ruleX() - pad - shape - gap - ui.px(32), h);
                double wide = Math.min(rule.prefWidth(-1), c.rule());
                at(rule, c.ruleX() + (c.rule() - wide) / 2, wide, h);
                shape = targetShape.prefWidth(-1);
                at(targetShape, c.statusX() - pad - shape, shape, h);
                at(target, c.targetX() + ui.px(32), c.statusX() - pad - shape - gap - c.targetX() - ui.px(32), h);
                at(status, c.statusX() + pad, getWidth() - c.statusX() - pad, h);
            }
        };
        head.getStyleClass().add("table-head");
        head.setMinHeight(ui.px(30));
        head.setPrefHeight(ui.px(30));
        Watch.over(head, head::requestLayout, columns);
        return head;
    }

    /** No wider than there is room: what is cut is named by its tooltip. */
    private static void at(Label label, double x, double room, double h) {
        label.resizeRelocate(Math.round(x), 0, Math.max(0, Math.min(room, Math.ceil(label.prefWidth(-1)))), h);
    }

    private final class Cell extends ListCell<Lines.Line> {
        /** A row would make something of what is over it. */
        private static final PseudoClass AIM = PseudoClass.getPseudoClass("aim");
        private final LineRow row = new LineRow(ui);

        Cell() {
            setText(null);
            Watch.over(row, () -> row.columns(columns.get()), columns);
            setOnDragDetected(this::drag);
            setOnDragOver(e -> {
                if (getItem() != null && linking.canEnd(getItem().item())) {
                    e.acceptTransferModes(TransferMode.LINK);
                    e.consume();
                }
            });
            setOnDragEntered(_ -> pseudoClassStateChanged(AIM,
                    getItem() != null && linking.canEnd(getItem().item())));
            setOnDragExited(_ -> pseudoClassStateChanged(AIM, false));
            setOnDragDropped(e -> {
                if (getItem() != null && linking.canEnd(getItem().item())) {
                    linking.end(getItem().item());
                    e.setDropCompleted(true);
                    e.consume();
                }
            });
            setOnDragDone(_ -> {
                if (linking.proposal().get() == null) {
                    linking.dismiss();
                }
            });
            setOnMouseClicked(e -> {
                if (e.getClickCount() == 2 && getItem() != null && getItem().item().opens()) {
                    ui.session().toggle(getItem().item());
                }
            });
        }

        /** Drags the source side of a row. */
        private void drag(MouseEvent event) {
            var line = getItem();
            if (line == null || event.getX() > columns.get().ruleX() || !Linking.canStart(line.item())) { return; }
            linking.drag(line.item());
            var content = new ClipboardContent();
            content.putString(line.item().tensors().stream().map(t -> t.name())
                    .collect(java.util.stream.Collectors.joining("\n")));
            startDragAndDrop(TransferMode.LINK).setContent(content);
            event.consume();
        }

        @Override
        protected void updateItem(Lines.@Nullable Line line, boolean empty) {
            super.updateItem(line, empty);
            setMouseTransparent(empty); // JavaFX may leave the empty cells below a short list over its last row
            if (empty || line == null) {
                setGraphic(null);
                return;
            }
            row.columns(columns.get());
            row.show(line);
            setAccessibleText(row.getAccessibleText());
            setGraphic(row);
        }

        @Override
        protected void layoutChildren() {
            if (getGraphic() == row) {
                row.resizeRelocate(0, 0, getWidth(), getHeight());
            }
        }
    }

    /** For the keyboard: the list takes the focus. */
    public void focusList() {
        list.requestFocus();
    }
}
