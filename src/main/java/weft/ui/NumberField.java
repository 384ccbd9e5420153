package weft.ui;

import java.util.function.Consumer;
import javafx.geometry.Pos;
import javafx.scene.control.TextField;
import javafx.scene.layout.HBox;

import weft.io.Code;
import weft.io.Problem;
import weft.work.Numbers;

/** Where a person puts a number that no shape shows and nobody said, the number of heads among them. */
public final class NumberField extends HBox {
    private final TextField field = new TextField();

    /**
     * @param word the number's, as a configuration calls it
     * @param set what becomes of it
     */
    public NumberField(Ui ui, String word, Consumer<String> set) {
        getStyleClass().add("number-field");
        setAlignment(Pos.CENTER_LEFT);
        setSpacing(ui.px(8));
        setMinWidth(USE_PREF_SIZE);
        var name = Ui.firm(word, "mono");
        name.setLabelFor(field);
        field.setId("number-" + word);
        field.getStyleClass().add("mono");
        field.setPrefColumnCount(5);
        field.setPrefWidth(ui.px(84));
        field.setMinWidth(ui.px(60));
        var draft = "number " + word;
        field.textProperty().bindBidirectional(ui.session().drafts().of(draft));
        field.setAccessibleText(ui.t("number.name", "name", word));
        Runnable take = () -> {
            if (!field.getText().isBlank()) {
                var value = field.getText().strip();
                ui.session().drafts().forget(draft);
                set.accept(value);
            }
        };
        field.setOnAction(_ -> take.run());
        var button = ui.button(ui.t("number.set"), null, take, "small-button");
        button.setId("number-set");
        button.disableProperty().bind(field.textProperty().map(String::isBlank));
        getChildren().addAll(name, field, button);
        var workspace = ui.session().workspace().get();
        if (workspace != null) {
            Numbers.published(workspace, word).ifPresent(p -> {
                var like = ui.button(ui.t("number.like", "value", Long.toString(p.value()), "size", p.size()), null,
                        () -> field.setText(Long.toString(p.value())), "link");
                like.setId("number-like");
                getChildren().add(like);
            });
        }
    }

    /** Whether a problem asks for a number. */
    public static boolean isAsked(Problem problem) {
        return problem.code() == Code.HYPER_UNKNOWN && problem.field() != null;
    }
}
