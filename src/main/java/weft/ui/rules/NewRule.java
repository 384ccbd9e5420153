package weft.ui.rules;

import javafx.scene.layout.StackPane;

import weft.ui.Ui;

/** A place to write another rule. */
final class NewRule extends StackPane {
    private static final String DRAFT = "rule";
    private final Ui ui;

    NewRule(Ui ui) {
        this.ui = ui;
        getStyleClass().add("new-rule");
        setAlignment(javafx.geometry.Pos.CENTER_LEFT);
        if (ui.session().drafts().isBegun(DRAFT)) {
            write();
        } else {
            button();
        }
    }

    private void button() {
        var add = ui.button(ui.t("rules.new"), ui.icon("mdi2p-plus", 16), this::write, "flat");
        add.setId("new-rule");
        getChildren().setAll(add);
    }

    private void write() {
        var field = new ArrowField(ui, DRAFT, "", ui.session()::addRule, this::button);
        field.field().setPromptText("model/h{i}/ln_1/g => blocks.{i}.norm1.scale");
        getChildren().setAll(field);
        field.field().requestFocus();
    }
}
