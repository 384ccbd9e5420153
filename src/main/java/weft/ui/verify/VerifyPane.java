package weft.ui.verify;

import java.util.Locale;
import javafx.geometry.Insets;
import javafx.geometry.Pos;
import javafx.scene.control.Label;
import javafx.scene.control.ScrollPane;
import javafx.scene.layout.BorderPane;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import javafx.scene.layout.StackPane;
import javafx.scene.layout.VBox;

import weft.prove.Verification;
import weft.ui.Ui;
import weft.ui.Watch;
import weft.ui.tree.Squares;
import weft.work.StepText;

/** The ladder from names to text as a column of signs, what is known of the squares, and the error of every layer. */
public final class VerifyPane extends BorderPane {
    private final Ui ui;
    private final VerifyModel model;
    private final VBox ladder = new VBox();
    private final VBox squares = new VBox();
    private final javafx.scene.control.Button run;

    public VerifyPane(Ui ui, VerifyModel model, DiffModel diff) {
        this.ui = ui;
        this.model = model;
        getStyleClass().add("verify-pane");
        run = ui.button("", null, this::runOrStop, "accent");
        run.setId("run-verify");
        var other = ui.button(ui.t("verify.other"), null, this::chooseOther);
        other.setId("verify-other");
        other.setMinWidth(0);
        other.setTooltip(Ui.tip(other.getText()));
        var head = new HBox(ui.px(8), Ui.firm(ui.t("verify.title"), "pane-title"), Ui.space(), other, run);
        head.setAlignment(Pos.CENTER_LEFT);
        ladder.setSpacing(ui.px(10));
        squares.setSpacing(ui.px(8));
        var left = new VBox(ui.px(16), head, ladder, squares);
        left.setPadding(new Insets(ui.px(16)));
        left.getStyleClass().add("verify-left");
        var scroll = new ScrollPane(left);
        scroll.setFitToWidth(true);
        scroll.getStyleClass().addAll("plain-scroll", "why-left");
        scroll.setHbarPolicy(ScrollPane.ScrollBarPolicy.NEVER);
        scroll.setFitToHeight(true);
        scroll.prefWidthProperty()
                .bind(widthProperty().multiply(0.42).map(w -> Math.clamp(w.doubleValue(), ui.px(380), ui.px(560))));
        setLeft(scroll);
        var chart = new ErrorPane(ui, model);
        var around = new ScrollPane(chart); // in a low pane
        around.setFitToWidth(true);
        around.setFitToHeight(true);
        around.getStyleClass().add("plain-scroll");
        Runnable centre = () -> setCenter(diff.other().get() == null ? around : new DiffList(ui, diff));
        Watch.over(this, centre, diff.other(), diff.found());
        centre.run();
        Watch.over(this, this::show, model.after(), model.before(), ui.session().workspace(), ui.session().proof());
        Watch.over(this, this::squares, ui.session().tasks().title());
        show();
    }

    private void runOrStop() {
        if (model.isRunning()) {
            model.stop();
        } else {
            model.again();
        }
    }

    private void chooseOther() {
        var file = ui.choosers().file(ui.t("verify.other"), getScene() == null ? null : getScene().getWindow());
        if (file != null) {
            model.run(file);
        }
    }

    private void show() {
        boolean running = model.isRunning();
        run.setText(ui.t(running ? "preview.stop" : "verify.run"));
        run.setGraphic(ui.icon(running ? "mdi2s-stop" : "mdi2p-play", 16));
        run.getStyleClass().remove("accent");
        if (!running) {
            run.getStyleClass().add("accent");
        }
        boolean can = ui.session().plan().isPresent() || model.other().get() != null;
        run.setDisable(!can);
        ladder.getChildren().clear();
        var verification = model.after().get().verification();
        var problem = model.after().get().problem();
        if (!can) {
            ladder.getChildren().add(hint(ui.t("verify.noTarget")));
        } else if (problem != null) {
            ladder.getChildren().add(hint(ErrorPane.why(ui, model, problem)));
        } else {
            for (var rung : Verification.Rung.values()) {
                var step = verification == null
                        ? null
                        : verification.ladder().stream().filter(s -> s.rung() == rung).findFirst().orElse(null);
                ladder.getChildren().add(rung(rung, step));
            }
            var file = model.other().get();
            ladder.getChildren().add(Ui.label(file == null
                    ? ui.t("verify.sides", "n", ui.session().accepted().size())
                    : ui.t("verify.sides.other", "name", String.valueOf(file.getFileName())), "muted", "small"));
        }
        squares();
    }

    private Region hint(String text) {
        var label = Ui.label(text, "muted");
        label.setWrapText(true);
        return label;
    }

    private Region rung(Verification.Rung rung, Verification.@org.jspecify.annotations.Nullable Step step) {
        var passed = step == null ? null : step.passed();
        var sign = passed == null
                ? ui.icon("mdi2c-circle-outline", 16, "muted-icon")
                : passed
                        ? ui.icon("mdi2c-check-circle", 16, "status-fits")
                        : ui.icon("mdi2c-close-octagon", 16, "status-mismatch");
        var name = Ui.firm(ui.t("rung." + rung.name().toLowerCase(Locale.ROOT)), "strong-text");
        name.setMinWidth(ui.px(96));
        var detail = Ui.label(step == null ? "" : StepText.of(step, ui.texts(), false), "muted");
        detail.setWrapText(true);
        detail.setMinHeight(USE_PREF_SIZE);
        HBox.setHgrow(detail, Priority.ALWAYS);
        var row = new HBox(ui.px(10), new StackPane(sign), name, detail);
        row.setAlignment(Pos.TOP_LEFT);
        row.setId("rung-" + rung.name().toLowerCase(Locale.ROOT));
        row.setAccessibleText(name.getText() + ", "
                + ui.t(passed == null ? "rung.open" : passed ? "rung.passed" : "rung.failed") + ", "
                + detail.getText());
        return row;
    }

    /** The squares: how many are proved and how many only assumed, and the button that proves them. */
    private void squares() {
        squares.getChildren().clear();
        var plan = ui.session().plan().orElse(null);
        if (plan == null) { return; }
        var rows = plan.rows().stream().filter(Squares::isSquare).toList();
        if (rows.isEmpty()) { return; }
        long proved = rows.stream().filter(Squares::isProved).count();
        var line = new Label(ui.t("squares.known", "n", rows.size(), "proved", proved, "assumed", rows.size() - proved),
                ui.icon(proved == rows.size() ? "mdi2c-check-circle" : "mdi2h-help-rhombus", 16,
                        proved == rows.size() ? "status-fits" : "status-unproven"));
        line.setGraphicTextGap(ui.px(8));
        line.setWrapText(true);
        line.setMinHeight(USE_PREF_SIZE);
        line.setId("squares");
        boolean running = ui.session().isProving();
        var prove = ui.button(ui.t(running ? "action.cancel" : "squares.prove"),
                ui.icon(running ? "mdi2s-stop" : "mdi2p-play", 16),
                running ? ui.session()::cancelProof : ui.session()::prove);
        prove.setId("prove-squares");
        var title = new HBox(ui.px(8), Ui.label(ui.t("squares.title"), "strong-text"), Ui.space(), prove);
        title.setAlignment(Pos.CENTER_LEFT);
        squares.getChildren().addAll(title, line);
        var proof = ui.session().proof().get();
        if (proof == null) { return; }
        for (var told : Proofs.told(proof, ui.texts(), 4)) {
            var label = Ui.label(told, "muted", "small");
            label.setWrapText(true);
            label.setMinHeight(USE_PREF_SIZE);
            squares.getChildren().add(label);
        }
    }
}
