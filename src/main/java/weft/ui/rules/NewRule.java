package weft.ui.rules;

import javafx.scene.layout.VBox;

import weft.ui.Ui;

/** A place to write another rule, and the rules that are being written. */
final class NewRule extends VBox {
    private final Ui ui;
    private final RuleDrafts drafts;

    NewRule(Ui ui, RuleDrafts drafts) {
        this.ui = ui;
        this.drafts = drafts;
        getStyleClass().add("new-rule");
        setAlignment(javafx.geometry.Pos.CENTER_LEFT);
        drafts.loose().forEach(this::field);
        if (getChildren().isEmpty()) {
            button();
        }
    }

    private void button() {
        var add = ui.button(ui.t("rules.new"), ui.icon("mdi2p-plus", 16), this::write, "flat");
        add.setId("new-rule");
        getChildren().setAll(add);
    }

    private void write() {
        getChildren().clear();
        field(drafts.write()).choose(null);
    }

    private ArrowField field(RuleDrafts.Draft draft) {
        var field = new ArrowField(ui, draft, made -> {
            draft.sent(made);
            ui.session().addRule(made);
        });
        field.left(() -> {
            drafts.end(draft);
            getChildren().remove(field);
            if (getChildren().isEmpty()) {
                button();
            }
        });
        field.field().setPromptText("model/h{i}/ln_1/g => blocks.{i}.norm1.scale");
        getChildren().add(field);
        return field;
    }
}
