package weft.ui.inspect;

import java.util.List;
import java.util.Locale;
import javafx.geometry.Insets;
import javafx.scene.Node;
import javafx.scene.control.ListCell;
import javafx.scene.control.ListView;
import javafx.scene.control.TextField;
import javafx.scene.input.KeyCode;
import javafx.scene.layout.VBox;
import javafx.stage.Popup;

import org.jspecify.annotations.Nullable;

import weft.ui.Ui;
import weft.work.TensorLook.Ref;

/** Which tensor the shown one is compared with: those of its shape, narrowed by typing. */
final class TensorPicker {
    private final Popup popup = new Popup();
    private final TensorModel model;
    private final List<Ref> all;
    private final ListView<Ref> list = new ListView<>();
    private final Ui ui;

    TensorPicker(Ui ui, TensorModel model) {
        this.ui = ui;
        this.model = model;
        all = model.comparable();
        var search = new TextField();
        search.setId("compare-search");
        search.setPromptText(ui.t("tensor.compare.search"));
        search.textProperty().addListener((_, _, text) -> filter(text));
        search.setOnKeyPressed(e -> {
            if (e.getCode() == KeyCode.DOWN) {
                list.requestFocus();
                list.getSelectionModel().selectFirst();
            } else if (e.getCode() == KeyCode.ENTER && !list.getItems().isEmpty()) {
                choose(list.getItems().getFirst());
            }
        });
        list.setId("compare-list");
        list.setPrefSize(ui.px(420), ui.px(220));
        list.setCellFactory(_ -> new ListCell<>() {
            @Override
            protected void updateItem(@Nullable Ref ref, boolean empty) {
                super.updateItem(ref, empty);
                setText(empty || ref == null ? null : (ref.made() ? "→ " : "") + ref.name());
                getStyleClass().remove("mono");
                getStyleClass().add("mono");
            }
        });
        list.setOnMouseClicked(_ -> choose(list.getSelectionModel().getSelectedItem()));
        list.setOnKeyPressed(e -> {
            if (e.getCode() == KeyCode.ENTER) {
                choose(list.getSelectionModel().getSelectedItem());
            }
        });
        list.setPlaceholder(Ui.label(ui.t("tensor.compare.none"), "muted"));
        var box = new VBox(ui.px(8), search, list);
        box.getStyleClass().add("popup-card");
        box.setPadding(new Insets(ui.px(12)));
        popup.getContent().add(box);
        popup.setAutoHide(true);
        popup.setHideOnEscape(true);
        filter("");
    }

    private void filter(String text) {
        var words = text.toLowerCase(Locale.ROOT).strip().split("\\s+");
        list.getItems().setAll(all.stream().filter(r -> {
            var name = r.name().toLowerCase(Locale.ROOT);
            return List.of(words).stream().allMatch(name::contains);
        }).toList());
    }

    private void choose(@Nullable Ref ref) {
        if (ref != null) {
            popup.hide();
            model.compare(ref);
        }
    }

    void show(Node near) {
        var scene = near.getScene();
        if (scene == null || scene.getWindow() == null) { return; }
        var at = near.localToScreen(near.getBoundsInLocal());
        popup.getScene().getStylesheets().setAll(scene.getStylesheets());
        popup.getScene().getRoot().getStyleClass().add("root");
        popup.show(scene.getWindow(), at.getMinX(), Math.max(0, at.getMinY() - ui.px(290)));
    }
}
