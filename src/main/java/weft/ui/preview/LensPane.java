package weft.ui.preview;

import java.util.Locale;
import javafx.geometry.Insets;
import javafx.geometry.Pos;
import javafx.scene.control.Label;
import javafx.scene.control.ScrollPane;
import javafx.scene.control.Tooltip;
import javafx.scene.layout.ColumnConstraints;
import javafx.scene.layout.GridPane;
import javafx.scene.layout.Priority;
import javafx.scene.layout.StackPane;
import javafx.scene.layout.VBox;

import weft.ui.Ui;
import weft.ui.Watch;
import weft.work.TokenInside;

/** The logit lens: what each layer would write in the chosen token's place if it were the last. */
final class LensPane extends VBox {
    private static final int GUESSES = 4;
    private final Ui ui;
    private final InsideModel model;

    LensPane(Ui ui, InsideModel model) {
        this.ui = ui;
        this.model = model;
        setId("lens");
        setSpacing(ui.px(8));
        setPadding(new Insets(ui.px(12), ui.px(16), ui.px(16), ui.px(16)));
        Watch.over(this, this::show, model.found(), model.chosen(), model.problem());
        show();
    }

    private void show() {
        getChildren().setAll(wrapped(InsideWords.title(ui, model)));
        var inside = model.found().get();
        if (inside == null) { return; }
        int from = inside.from();
        var word = NextBars.shown(inside.text().texts().getLast());
        getChildren().add(wrapped(from < 0
                ? ui.t("lens.never", "token", word)
                : ui.t("lens.from", "token", word, "layer", InsideWords.layer(ui, inside.layers().get(from).name()))));
        var grid = new GridPane();
        grid.setHgap(ui.px(4));
        grid.setVgap(ui.px(3));
        grid.getColumnConstraints().add(new ColumnConstraints(ui.px(64)));
        for (int i = 0; i < GUESSES; i++) {
            var column = new ColumnConstraints();
            column.setHgrow(Priority.ALWAYS);
            column.setPercentWidth((100.0 - 14) / GUESSES);
            grid.getColumnConstraints().add(column);
        }
        int line = 0;
        for (var layer : inside.layers()) {
            var name = Ui.firm(InsideWords.layer(ui, layer.name()), "mono", "muted");
            grid.add(name, 0, line);
            int column = 1;
            for (var guess : layer.guesses().stream().limit(GUESSES).toList()) {
                grid.add(cell(guess, guess.id() == inside.token()), column++, line);
            }
            line++;
        }
        var scroll = new ScrollPane(grid);
        scroll.setFitToWidth(true);
        scroll.getStyleClass().add("plain-scroll");
        VBox.setVgrow(scroll, Priority.ALWAYS);
        getChildren().add(scroll);
    }

    /** The surer, the stronger the colour; the chosen token has a frame besides. */
    private StackPane cell(TokenInside.Guess guess, boolean mine) {
        var shade = new StackPane();
        shade.getStyleClass().add("lens-shade");
        shade.setOpacity(0.08 + 0.8 * guess.probability());
        var percent = String.format(Locale.ROOT, "%.0f %%", guess.probability() * 100);
        var word = Ui.label(NextBars.shown(guess.word()), "mono");
        var cell = new StackPane(shade, word);
        StackPane.setAlignment(word, Pos.CENTER_LEFT);
        StackPane.setMargin(word, new Insets(0, ui.px(6), 0, ui.px(6)));
        cell.setMinHeight(ui.px(21));
        cell.getStyleClass().add("lens-cell");
        if (guess.probability() > 0.55) {
            word.getStyleClass().add("on-shade");
        }
        if (mine) {
            cell.getStyleClass().add("lens-mine");
        }
        Tooltip.install(cell, Ui.tip(NextBars.shown(guess.word()) + "  " + percent));
        cell.setAccessibleText(guess.word() + " " + percent);
        return cell;
    }

    private static Label wrapped(String text) {
        var label = Ui.label(text, "muted");
        label.setWrapText(true);
        label.setMinHeight(USE_PREF_SIZE);
        return label;
    }
}
