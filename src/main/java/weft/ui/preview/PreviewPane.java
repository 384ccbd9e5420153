package weft.ui.preview;

import java.util.List;
import javafx.beans.property.Property;
import javafx.geometry.Insets;
import javafx.geometry.Pos;
import javafx.scene.control.Button;
import javafx.scene.control.CheckBox;
import javafx.scene.control.Label;
import javafx.scene.control.ScrollPane;
import javafx.scene.control.TextField;
import javafx.scene.layout.BorderPane;
import javafx.scene.layout.ColumnConstraints;
import javafx.scene.layout.GridPane;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import javafx.scene.layout.StackPane;
import javafx.scene.layout.VBox;
import javafx.scene.text.Text;
import javafx.scene.text.TextFlow;

import weft.ui.Ui;
import weft.ui.preview.PreviewModel.Side;
import weft.ui.preview.PreviewModel.State;
import weft.ui.verify.ErrorPane;
import weft.ui.verify.VerifyModel;

/** The prompt line, then before and after side by side. */
public final class PreviewPane extends BorderPane {
    /** From this width on three columns stand side by side. */
    private static final double WIDE = 1180;
    private final Ui ui;
    private final PreviewModel model;
    private final VerifyModel verify;
    private final Button run;
    private final VBox before = new VBox();
    private final VBox after = new VBox();
    private final Label rate = Ui.firm("", "muted");
    private final TextField prompt = new TextField();

    public PreviewPane(Ui ui, PreviewModel model, VerifyModel verify) {
        this.ui = ui;
        this.model = model;
        this.verify = verify;
        getStyleClass().add("preview");
        run = ui.button("", null, this::runOrStop, "accent");
        run.setId("run-preview");
        prompt.setId("prompt");
        prompt.textProperty().bindBidirectional(model.prompt());
        prompt.setPrefWidth(ui.px(344));
        prompt.setOnAction(_ -> run());
        var line = new HBox(ui.px(8), Ui.firm(ui.t("preview.prompt"), "muted"), prompt,
                number("preview.seed", model.seed(), "seed"),
                number("preview.temperature", model.temperature(), "temperature"),
                number("preview.topK", model.topK(), "top-k"), number("preview.tokens", model.count(), "tokens"),
                Ui.space(), rate, run);
        line.setAlignment(Pos.CENTER_LEFT);
        line.getStyleClass().add("prompt-line");
        line.setMinHeight(ui.px(52));
        setTop(line);
        var error = new ErrorPane(ui, verify);
        var columns = new GridPane();
        columns.add(before, 0, 0);
        columns.add(after, 1, 0);
        columns.add(error, 2, 0);
        widthProperty().addListener((_, _, width) -> arrange(columns, error, width.doubleValue() >= ui.px(WIDE)));
        arrange(columns, error, false);
        before.getStyleClass().addAll("preview-side", "preview-before");
        after.getStyleClass().add("preview-side");
        GridPane.setVgrow(before, Priority.ALWAYS);
        GridPane.setVgrow(after, Priority.ALWAYS);
        var scroll = new ScrollPane(columns);
        scroll.setFitToWidth(true);
        scroll.setFitToHeight(true);
        scroll.getStyleClass().add("plain-scroll");
        setCenter(scroll);
        model.before().addListener((_, _, _) -> show());
        model.after().addListener((_, _, _) -> show());
        show();
    }

    /** The chart beside the texts where there is room, else below them. */
    private static void arrange(GridPane columns, ErrorPane error, boolean wide) {
        var shares = wide ? List.of(29.5, 29.5, 41.0) : List.of(50.0, 50.0);
        columns.getColumnConstraints().setAll(shares.stream().map(share -> {
            var column = new ColumnConstraints();
            column.setPercentWidth(share);
            return column;
        }).toList());
        GridPane.setConstraints(error, wide ? 2 : 0, wide ? 0 : 1, wide ? 1 : 2, 1);
        GridPane.setVgrow(error, wide ? Priority.ALWAYS : Priority.NEVER);
        error.getStyleClass().remove("below");
        if (!wide) {
            error.getStyleClass().add("below");
        }
    }

    private HBox number(String key, Property<Number> value, String id) {
        var field = new TextField(value.getValue().toString());
        field.setId("preview-" + id);
        field.getStyleClass().add("mono");
        field.setPrefColumnCount(4);
        field.setPrefWidth(ui.px(58));
        field.textProperty().addListener((_, old, now) -> {
            try {
                double number = now.isBlank() ? 0 : Double.parseDouble(now);
                if (!(number >= 0) || !Double.isFinite(number)) { throw new NumberFormatException(now); }
                value.setValue(number);
                field.getStyleClass().remove("wrong");
            } catch (NumberFormatException e) {
                if (!field.getStyleClass().contains("wrong")) {
                    field.getStyleClass().add("wrong");
                }
            }
        });
        var name = Ui.firm(ui.t(key), "muted");
        name.setLabelFor(field);
        var box = new HBox(ui.px(6), name, field);
        box.setAlignment(Pos.CENTER_LEFT);
        HBox.setMargin(box, new Insets(0, 0, 0, ui.px(8)));
        return box;
    }

    public void runOrStop() {
        if (model.isRunning()) {
            model.stop();
            verify.stop();
        } else {
            run();
        }
    }

    private void run() {
        model.run();
        verify.run();
    }

    public void focusPrompt() {
        prompt.requestFocus();
    }

    private void show() {
        boolean running = model.isRunning();
        run.setText(ui.t(running ? "preview.stop" : "preview.run"));
        run.setGraphic(ui.icon(running ? "mdi2s-stop" : "mdi2p-play", 16));
        run.getStyleClass().remove("accent");
        if (!running) {
            run.getStyleClass().add("accent");
        }
        var now = model.after().get();
        rate.setText(now.state() == State.RUNNING
                ? ui.t("preview.progress", "n", now.tokens(), "total", model.count().get())
                : now.state() == State.DONE && now.rate() > 0
                        ? ui.t("preview.rate", "rate", ui.texts().decimal(now.rate(), 3))
                        : "");
        double most = java.util.stream.Stream.of(model.before().get(), now).flatMap(s -> s.next().stream())
                .mapToDouble(c -> c.probability()).max().orElse(1);
        side(before, model.before().get(), ui.t("preview.before"), true, most);
        side(after, now, ui.t("preview.after"), false, most);
    }

    private void side(VBox box, Side side, String title, boolean isBefore, double most) {
        box.setSpacing(ui.px(10));
        box.getChildren().clear();
        var sign = switch (side.state()) {
            case REFUSED -> ui.icon("mdi2c-close-octagon", 16, "status-mismatch");
            case DONE -> isBefore
                    ? ui.icon("mdi2c-close-octagon", 16, "status-mismatch")
                    : ui.icon("mdi2c-check-circle", 16, "status-fits");
            case IDLE, RUNNING ->
                ui.icon(isBefore ? "mdi2s-skip-previous-outline" : "mdi2a-arrow-right-circle-outline", 16,
                        "muted-icon");
        };
        var head = new HBox(ui.px(8), sign, Ui.label(title, "pane-title"), Ui.space(), loss(side));
        head.setAlignment(Pos.CENTER_LEFT);
        var under = Ui.label(under(isBefore), "muted");
        var line = new HBox(ui.px(8), under, Ui.space());
        line.setAlignment(Pos.CENTER_LEFT);
        line.setMinHeight(ui.px(24));
        if (isBefore && ui.session().plan().isPresent()) {
            var force = new CheckBox(ui.t("preview.force"));
            force.setId("force");
            force.setMinWidth(USE_PREF_SIZE);
            force.setSelected(model.forced().get());
            force.setTooltip(new javafx.scene.control.Tooltip(ui.t("preview.force.tip")));
            force.setOnAction(_ -> {
                model.forced().set(force.isSelected());
                model.run();
            });
            line.getChildren().add(force);
        }
        box.getChildren().addAll(head, line, generated(side), bars(side, isBefore, most));
    }

    private String under(boolean isBefore) {
        int rules = ui.session().accepted().size();
        return isBefore
                ? ui.t(model.forced().get() ? "preview.forced.under" : "preview.before.under")
                : ui.t("preview.after.under", "n", rules);
    }

    private Label loss(Side side) {
        if (Double.isNaN(side.loss())) { return Ui.firm(""); }
        var label = Ui.firm(ui.t("preview.loss", "loss", ui.texts().decimal(side.loss(), 4), "name",
                side.lossText().equals("built-in") ? ui.t("preview.builtIn") : side.lossText()), "loss");
        label.setTooltip(new javafx.scene.control.Tooltip(ui.t("preview.loss.tip", "perplexity",
                ui.texts().decimal(Math.exp(side.loss()), 4))));
        return label;
    }

    private Region generated(Side side) {
        var flow = new TextFlow();
        flow.setLineSpacing(ui.px(5));
        if (side.state() == State.IDLE) {
            flow.getChildren().add(text(ui.t("preview.idle"), "faint-text"));
        } else if (!side.refusal().isEmpty()) {
            for (var told : side.refusal()) {
                var text = text(told + "\n", told.startsWith("    ") ? "plain-text" : "bad-text");
                text.getStyleClass().addAll("mono", "refusal-text");
                flow.getChildren().add(text);
            }
        } else if (side.problem() != null && side.text().isEmpty()) {
            flow.getChildren().add(text(ui.texts().message(side.problem()) + "\n", "plain-text"));
            flow.getChildren().add(text(ui.texts().hint(side.problem()), "muted-text"));
        } else {
            flow.getChildren().addAll(text(side.prompt(), "muted-text"), text(side.text(), "plain-text"));
            if (side.state() == State.RUNNING) {
                flow.getChildren().add(text("▍", "cursor-text"));
            }
        }
        flow.getStyleClass().add("generated");
        flow.setMinHeight(ui.px(118));
        VBox.setVgrow(flow, Priority.ALWAYS);
        flow.setMaxHeight(ui.px(260));
        return flow;
    }

    private static Text text(String content, String style) {
        var text = new Text(content);
        text.getStyleClass().add(style);
        return text;
    }

    private Region bars(Side side, boolean isBefore, double most) {
        var grid = new GridPane();
        grid.getStyleClass().add("bars");
        grid.setVgap(ui.px(6));
        grid.setHgap(ui.px(12));
        var name = new ColumnConstraints(ui.px(96));
        var bar = new ColumnConstraints();
        bar.setHgrow(Priority.ALWAYS);
        var number = new ColumnConstraints(ui.px(52));
        number.setHalignment(javafx.geometry.HPos.RIGHT);
        grid.getColumnConstraints().addAll(name, bar, number);
        if (side.next().isEmpty()) { return grid; }
        grid.add(Ui.label(ui.t("preview.next"), "strong-text"), 0, 0, 3, 1);
        int row = 1;
        for (var candidate : side.next()) {
            var token = candidate.token() == null ? "#" + candidate.id() : candidate.token();
            grid.add(Ui.label(token.replace(" ", "␣").replace("\n", "⏎"), "mono"), 0, row);
            grid.add(new Track(candidate.probability() / most, isBefore), 1, row);
            grid.add(Ui.firm(String.format(java.util.Locale.ROOT, "%.1f %%", candidate.probability() * 100), "mono",
                    "muted"), 2, row);
            row++;
        }
        return grid;
    }

    /** A bar on its track. */
    private final class Track extends StackPane {
        private final Region fill = new Region();
        private final double part;

        Track(double part, boolean isBefore) {
            this.part = part;
            getStyleClass().add("track");
            fill.getStyleClass().addAll("track-fill", isBefore ? "track-before" : "track-after");
            fill.setManaged(false);
            getChildren().add(fill);
            setMinHeight(ui.px(10));
            setMaxHeight(ui.px(10));
        }

        @Override
        protected void layoutChildren() {
            fill.resizeRelocate(0, 0, Math.max(1, getWidth() * part), getHeight());
        }
    }
}
