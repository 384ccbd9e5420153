package weft.ui.rules;

import java.util.List;
import javafx.scene.control.ListCell;
import javafx.scene.control.ListView;
import javafx.scene.control.TextField;
import javafx.scene.input.KeyCode;
import javafx.scene.input.KeyEvent;
import javafx.stage.Popup;

import org.jspecify.annotations.Nullable;

import weft.ui.Ui;

/** Words that could stand at the caret, over the field: arrows choose, Enter or Tab takes, Escape hides. */
final class CompletionPopup {
    private final Ui ui;
    private final TextField field;
    private final List<String> sources;
    private final List<String> targets;
    private final Popup popup = new Popup();
    private final ListView<String> list = new ListView<>();
    private @Nullable Completion completion;
    private boolean taking;

    CompletionPopup(Ui ui, TextField field) {
        this.ui = ui;
        this.field = field;
        var plan = ui.session().plan().orElse(null);
        sources = plan == null
                ? List.of()
                : Completion.names(plan.source().tensors().stream().map(t -> t.name()).toList());
        targets = plan == null
                ? List.of()
                : Completion.names(plan.rows().stream().map(r -> r.target().name()).toList());
        list.setId("completion");
        list.getStyleClass().add("completion");
        list.setFocusTraversable(false);
        list.setCellFactory(_ -> new ListCell<>() {
            {
                getStyleClass().add("mono");
                setOnMouseClicked(_ -> take(getItem()));
            }

            @Override
            protected void updateItem(@Nullable String word, boolean empty) {
                super.updateItem(word, empty);
                setText(empty ? null : word);
            }
        });
        popup.getContent().add(list);
        popup.setAutoHide(true);
        popup.setHideOnEscape(false);
        popup.setConsumeAutoHidingEvents(false); // a click beside it is meant for what is there
        field.addEventFilter(KeyEvent.KEY_PRESSED, this::key);
        field.textProperty().addListener((_, _, _) -> {
            if (!taking && field.isFocused()) {
                javafx.application.Platform.runLater(this::show); // the caret moves after the text
            }
        });
        field.focusedProperty().addListener((_, _, focused) -> {
            if (!focused) {
                popup.hide();
            }
        });
    }

    private void key(KeyEvent event) {
        if (event.getCode() == KeyCode.SPACE && event.isControlDown()) {
            show();
            event.consume();
            return;
        }
        if (!popup.isShowing()) { return; }
        var model = list.getSelectionModel();
        switch (event.getCode()) {
            case DOWN -> model.select(Math.min(model.getSelectedIndex() + 1, list.getItems().size() - 1));
            case UP -> model.select(Math.max(0, model.getSelectedIndex() - 1));
            case TAB -> take(model.getSelectedItem() == null ? list.getItems().getFirst() : model.getSelectedItem());
            case ENTER -> {
                if (model.getSelectedItem() == null) { return; }
                take(model.getSelectedItem());
            }
            case ESCAPE -> popup.hide();
            default -> {
                return;
            }
        }
        event.consume();
    }

    private void show() {
        var scene = field.getScene();
        var found = Completion.at(field.getText(), field.getCaretPosition(), sources, targets);
        completion = found.orElse(null);
        if (found.isEmpty() || scene == null || scene.getWindow() == null || !field.isFocused()) {
            popup.hide();
            return;
        }
        list.getItems().setAll(found.get().words());
        list.getSelectionModel().clearSelection();
        list.setFixedCellSize(ui.px(24));
        list.setPrefSize(ui.px(420), ui.px(24) * Math.min(8, list.getItems().size()) + 4);
        popup.getScene().getStylesheets().setAll(scene.getStylesheets());
        if (!popup.getScene().getRoot().getStyleClass().contains("root")) {
            popup.getScene().getRoot().getStyleClass().add("root");
        }
        var at = field.localToScreen(field.getBoundsInLocal());
        // above: below stands what is wrong, with the button that mends it
        popup.show(scene.getWindow(), at.getMinX(), Math.max(0, at.getMinY() - list.getPrefHeight() - 2));
    }

    private void take(@Nullable String word) {
        var now = completion;
        popup.hide();
        if (word == null || now == null) { return; }
        var taken = now.take(field.getText(), word);
        taking = true;
        field.setText(taken.text());
        field.positionCaret(taken.caret());
        taking = false;
    }
}
