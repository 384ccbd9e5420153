package weft.ui.preview;

import java.util.Locale;
import javafx.geometry.Insets;
import javafx.geometry.Pos;
import javafx.scene.control.ToggleButton;
import javafx.scene.layout.BorderPane;
import javafx.scene.layout.HBox;
import javafx.scene.layout.VBox;

import weft.ui.Ui;
import weft.ui.Watch;
import weft.ui.preview.InsideModel.Aspect;
import weft.ui.verify.ErrorPane;
import weft.ui.verify.VerifyModel;

/** Beside the texts: the error of each layer, or what goes on inside where a clicked token was written. */
final class Aside extends BorderPane {
    private final Ui ui;
    private final InsideModel inside;
    private final ErrorPane error;
    private final AttentionPane attention;
    private final LensPane lens;
    private final HBox switches = new HBox();

    Aside(Ui ui, InsideModel inside, VerifyModel verify) {
        this.ui = ui;
        this.inside = inside;
        error = new ErrorPane(ui, verify);
        attention = new AttentionPane(ui, inside);
        lens = new LensPane(ui, inside);
        getStyleClass().add("aside");
        setMinWidth(ui.px(300));
        setMinHeight(ui.px(330));
        switches.setPadding(new Insets(ui.px(12), ui.px(16), 0, ui.px(16)));
        switches.setAlignment(Pos.CENTER_LEFT);
        switches.setSpacing(ui.px(4));
        for (var each : Aspect.values()) {
            var button = new ToggleButton(ui.t("aside." + each.name().toLowerCase(Locale.ROOT)));
            button.setId("aside-" + each.name().toLowerCase(Locale.ROOT));
            button.getStyleClass().add("segment-toggle");
            button.setOnAction(_ -> {
                inside.aspect().set(each);
                show();
            });
            switches.getChildren().add(button);
        }
        Watch.over(this, this::show, inside.aspect());
        show();
    }

    private void show() {
        var now = inside.aspect().get();
        for (int i = 0; i < Aspect.values().length; i++) {
            ((ToggleButton) switches.getChildren().get(i)).setSelected(Aspect.values()[i] == now);
        }
        setTop(new VBox(switches));
        setCenter(switch (now) {
            case ERROR -> error;
            case ATTENTION -> attention;
            case LENS -> lens;
        });
        setAccessibleText(ui.t("aside." + now.name().toLowerCase(Locale.ROOT)));
    }
}
