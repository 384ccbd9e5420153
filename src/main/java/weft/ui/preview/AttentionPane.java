package weft.ui.preview;

import javafx.geometry.Insets;
import javafx.geometry.Pos;
import javafx.scene.control.ComboBox;
import javafx.scene.control.Label;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.VBox;

import weft.ui.Ui;
import weft.ui.Watch;

/** Where the heads of a layer look: a map of all positions, the last row being where the chosen token was written. */
final class AttentionPane extends VBox {
    private final Ui ui;
    private final InsideModel model;
    private final AttentionMap map;
    private final Label readout = Ui.firm("", "mono", "muted");
    private boolean filling;

    AttentionPane(Ui ui, InsideModel model) {
        this.ui = ui;
        this.model = model;
        map = new AttentionMap(ui, readout::setText);
        setId("attention");
        setSpacing(ui.px(8));
        setPadding(new Insets(ui.px(12), ui.px(16), ui.px(16), ui.px(16)));
        VBox.setVgrow(map, Priority.ALWAYS);
        Watch.over(this, this::show, model.found(), model.chosen(), model.problem());
        Watch.over(this, this::draw, model.block(), model.head());
        show();
    }

    private void show() {
        var title = Ui.label(InsideWords.title(ui, model), "muted");
        title.setWrapText(true);
        title.setMinHeight(USE_PREF_SIZE);
        getChildren().setAll(title);
        var inside = model.found().get();
        readout.setText("");
        if (inside == null) {
            map.show(null, new float[0]);
            return;
        }
        filling = true;
        var block = box("attention-block", "attention.layer");
        for (int i = 0; i < inside.blocks(); i++) {
            block.getItems().add("h" + i);
        }
        var head = box("attention-head", "attention.head");
        head.getItems().add(ui.t("attention.mean"));
        for (int i = 0; i < inside.heads(); i++) {
            head.getItems().add(Integer.toString(i));
        }
        block.getSelectionModel().select(model.block().get());
        head.getSelectionModel().select(model.head().get() + 1);
        filling = false;
        block.getSelectionModel().selectedIndexProperty().addListener((_, _, at) -> {
            if (!filling && at.intValue() >= 0) {
                model.block().set(at.intValue());
            }
        });
        head.getSelectionModel().selectedIndexProperty().addListener((_, _, at) -> {
            if (!filling && at.intValue() >= 0) {
                model.head().set(at.intValue() - 1);
            }
        });
        var line = new HBox(ui.px(8), Ui.firm(ui.t("attention.layer"), "muted"), block,
                Ui.firm(ui.t("attention.head"), "muted"), head, Ui.space(), readout);
        line.setAlignment(Pos.CENTER_LEFT);
        var foot = Ui.label(ui.t("attention.foot"), "muted", "small");
        foot.setWrapText(true);
        foot.setMinHeight(USE_PREF_SIZE);
        getChildren().addAll(line, map, foot);
        draw();
    }

    private ComboBox<String> box(String id, String key) {
        var box = new ComboBox<String>();
        box.setId(id);
        box.setAccessibleText(ui.t(key));
        return box;
    }

    private void draw() {
        var inside = model.found().get();
        if (inside != null) {
            map.show(inside.text(), inside.attention(model.block().get(), model.head().get()));
        }
    }
}
