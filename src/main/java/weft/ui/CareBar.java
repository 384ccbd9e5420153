package weft.ui;

import java.util.List;
import javafx.geometry.Pos;
import javafx.scene.Node;
import javafx.scene.control.Label;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;

import weft.ui.model.Cares;
import weft.ui.model.Cares.Care;
import weft.ui.model.Cares.Step;

/** A yellow bar under the header: one sentence about what is open, one step, and how many more there are. */
final class CareBar extends HBox {
    private final Ui ui;
    private final Cares cares;
    private final Runnable config;

    /** @param config shows both configurations */
    CareBar(Ui ui, Cares cares, Runnable config) {
        this.ui = ui;
        this.cares = cares;
        this.config = config;
        getStyleClass().addAll("trouble", "care");
        setId("cares");
        setAlignment(Pos.CENTER_LEFT);
        setSpacing(ui.px(8));
        Watch.over(this, this::show, cares.all());
        show();
    }

    private void show() {
        var all = cares.all().get();
        setVisible(!all.isEmpty());
        setManaged(isVisible());
        getChildren().clear();
        if (all.isEmpty()) { return; }
        var first = all.getFirst();
        var text = new Label(told(first), ui.icon("mdi2a-alert", 16, "status-needsRule"));
        text.setWrapText(true);
        text.setMinHeight(USE_PREF_SIZE);
        text.setMinWidth(0);
        HBox.setHgrow(text, Priority.ALWAYS);
        text.setMaxWidth(Double.MAX_VALUE);
        getChildren().add(text);
        step(first, this);
        if (all.size() > 1) {
            var more = ui.button(ui.t("care.more", "n", all.size() - 1), null, () -> {
            }, "link");
            more.setId("care-more");
            more.setOnAction(_ -> list(all, more));
            getChildren().add(more);
        }
        var close = ui.iconButton("mdi2c-close", ui.t("action.dismiss"), cares::dismiss);
        close.setId("care-dismiss");
        getChildren().add(close);
    }

    /** Where a window has a better way than the command line's, the sentence doesn't speak of that. */
    private String told(Care care) {
        var problem = care.problem();
        return switch (care.step()) {
            case NUMBER -> ui.texts().message(problem) + ui.t("sentence.gap") + ui.t("care.number");
            case UNPACK -> ui.t("care.packed", "n", problem.expected(), "scheme", problem.found());
            case NONE, ANYWAY, REPAIR, CONFIG, DROP -> ui.texts().full(problem);
        };
    }

    private void step(Care care, HBox line) {
        if (care.step() == Step.NONE) { return; }
        var word = care.problem().field();
        if (care.step() == Step.NUMBER && word != null) {
            line.getChildren().add(new NumberField(ui, word, value -> ui.session().setNumber(word, value)));
            return;
        }
        var key = switch (care.step()) {
            case ANYWAY -> "care.anyway";
            case REPAIR -> Cares.isComplete(care) ? "care.finish" : "care.delete";
            case DROP -> "care.drop";
            case UNPACK -> "care.unpack";
            case CONFIG, NUMBER, NONE -> "care.config";
        };
        var button = ui.button(ui.t(key), null, () -> {
            if (care.step() == Step.CONFIG) {
                config.run();
            } else {
                cares.take(care.step());
            }
        }, "small-button");
        button.setId("care-step");
        line.getChildren().add(button);
    }

    private void list(List<Care> all, Node near) {
        Popups.list(ui, "care-list", all.stream().map(care -> {
            var line = Popups.line(ui, told(care));
            step(care, line);
            return line;
        }).toList(), near);
    }
}
