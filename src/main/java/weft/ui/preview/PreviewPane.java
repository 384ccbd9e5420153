package weft.ui.preview;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import javafx.beans.property.Property;
import javafx.geometry.Insets;
import javafx.geometry.Pos;
import javafx.geometry.Side;
import javafx.geometry.VPos;
import javafx.scene.Node;
import javafx.scene.control.Button;
import javafx.scene.control.CheckBox;
import javafx.scene.control.ContextMenu;
import javafx.scene.control.Label;
import javafx.scene.control.MenuItem;
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

import org.jspecify.annotations.Nullable;
import org.kordamp.ikonli.javafx.FontIcon;

import weft.ui.Ui;
import weft.ui.Watch;
import weft.ui.preview.PreviewModel.State;
import weft.ui.preview.PreviewModel.Which;
import weft.ui.verify.VerifyModel;
import weft.work.Running;

/** The prompt line, then before and after side by side, and what goes on inside. */
public final class PreviewPane extends BorderPane {
    /** From this width on three columns stand side by side. */
    private static final double WIDE = 1180;
    private static final double LINE = 780;
    private final Ui ui;
    private final PreviewModel model;
    private final InsideModel inside;
    private final VerifyModel verify;
    private final Button run;
    private final VBox before = new VBox();
    private final VBox after = new VBox();
    private final Label rate = Ui.firm("", "muted");
    private final TextField prompt = new TextField();
    private final Map<Which, StackPane> signs = new EnumMap<>(Which.class);

    public PreviewPane(Ui ui, PreviewModel model, InsideModel inside, VerifyModel verify) {
        this.ui = ui;
        this.model = model;
        this.inside = inside;
        this.verify = verify;
        getStyleClass().add("preview");
        run = ui.button("", null, this::runOrStop, "accent");
        run.setId("run-preview");
        prompt.setId("prompt");
        prompt.setAccessibleText(ui.t("preview.prompt"));
        prompt.textProperty().bindBidirectional(model.prompt());
        prompt.setPrefWidth(ui.px(344));
        prompt.setOnAction(_ -> run());
        var numbers = new HBox(ui.px(8), number("preview.seed", model.seed(), "seed"),
                number("preview.temperature", model.temperature(), "temperature"),
                number("preview.topK", model.topK(), "top-k"), number("preview.tokens", model.count(), "tokens"));
        numbers.setAlignment(Pos.CENTER_LEFT);
        var line = new HBox(ui.px(8));
        line.setAlignment(Pos.CENTER_LEFT);
        line.setMinHeight(ui.px(52));
        var lines = new VBox();
        lines.getStyleClass().add("prompt-line");
        setTop(new VBox(lines, new BesideNote(ui, model)));
        var aside = new Aside(ui, inside, verify);
        var columns = new GridPane();
        columns.add(before, 0, 0);
        columns.add(after, 1, 0);
        columns.add(aside, 2, 0);
        widthProperty().addListener((_, _, width) -> {
            arrange(columns, aside, width.doubleValue() >= ui.px(WIDE));
            promptLine(lines, line, numbers, width.doubleValue() >= ui.px(LINE));
        });
        arrange(columns, aside, false);
        promptLine(lines, line, numbers, true);
        before.getStyleClass().addAll("preview-side", "preview-before");
        after.getStyleClass().add("preview-side");
        GridPane.setVgrow(before, Priority.ALWAYS);
        GridPane.setVgrow(after, Priority.ALWAYS);
        // what is higher than its place begins where the other begins
        columns.getChildren().forEach(side -> GridPane.setValignment(side, VPos.TOP));
        var scroll = new ScrollPane(columns);
        scroll.setFitToWidth(true);
        scroll.setFitToHeight(true);
        scroll.getStyleClass().add("plain-scroll");
        setCenter(scroll);
        Watch.over(this, this::show, model.before(), model.after(), model.other(), inside.chosen(), inside.place(),
                inside.problem(), model.measuring(),
                ui.session().workspace());
        // the texts stay: somebody may be clicking on their tokens
        Watch.over(this, this::signs, verify.before(), verify.after());
        for (var which : Which.values()) {
            Watch.over(this, this::show, model.facts(which));
        }
        show();
        Running.warmUp(); // while the prompt is being written
    }

    /** The numbers stand beside the prompt where there is room, else below it. */
    private void promptLine(VBox lines, HBox line, HBox numbers, boolean wide) {
        boolean isWide = lines.getChildren().size() == 1;
        if (wide == isWide) { return; }
        var name = Ui.firm(ui.t("preview.prompt"), "muted");
        name.setLabelFor(prompt);
        HBox.setHgrow(prompt, wide ? Priority.NEVER : Priority.ALWAYS);
        lines.getChildren().clear();
        line.getChildren().clear();
        if (wide) {
            line.getChildren().addAll(name, prompt, numbers, Ui.space(), rate, run);
            lines.getChildren().add(line);
        } else {
            line.getChildren().addAll(name, prompt, rate, run);
            numbers.setMinHeight(ui.px(40));
            lines.getChildren().addAll(line, numbers);
        }
    }

    /** The third column beside the texts where there is room, else below them. */
    private static void arrange(GridPane columns, Region aside, boolean wide) {
        var shares = wide ? List.of(29.5, 29.5, 41.0) : List.of(50.0, 50.0);
        columns.getColumnConstraints().setAll(shares.stream().map(share -> {
            var column = new ColumnConstraints();
            column.setPercentWidth(share);
            return column;
        }).toList());
        GridPane.setConstraints(aside, wide ? 2 : 0, wide ? 0 : 1, wide ? 1 : 2, 1);
        GridPane.setVgrow(aside, wide ? Priority.ALWAYS : Priority.NEVER);
        aside.getStyleClass().remove("below");
        if (!wide) {
            aside.getStyleClass().add("below");
        }
    }

    private HBox number(String key, Property<Number> value, String id) {
        var field = new TextField(value.getValue().toString());
        field.setId("preview-" + id);
        field.getStyleClass().add("mono");
        field.setPrefColumnCount(4);
        field.setPrefWidth(ui.px(58));
        field.setMinWidth(ui.px(36));
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
        box.setPadding(new Insets(0, 0, 0, ui.px(8)));
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
        verify.run(model.other().get());
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
                : now.state() == State.DONE && now.rate() > 0 && model.other().get() == null
                        ? ui.t("preview.rate", "rate", ui.texts().decimal(now.rate(), 3))
                        : "");
        var place = inside.place().get();
        double most = java.util.stream.Stream.concat(model.sides().flatMap(s -> s.next().stream()),
                place == null ? java.util.stream.Stream.of() : place.next().likeliest().stream())
                .mapToDouble(c -> c.probability()).max().orElse(1);
        var focus = focused();
        side(before, Which.BEFORE, most);
        side(after, Which.AFTER, most);
        if (focus != null && lookup("#" + focus) instanceof Node again) { // the sides are built anew
            again.requestFocus();
        }
    }

    /** What of the two sides has the focus, by its name. */
    private @Nullable String focused() {
        var owner = getScene() == null ? null : getScene().getFocusOwner();
        var id = owner == null ? null : owner.getId();
        for (Node up = owner; up != null; up = up.getParent()) {
            if (up == before || up == after) { return id; }
        }
        return null;
    }

    /** What ran is a model; whether it is the right one, only the comparison with the file in its own layout can say. */
    private FontIcon sign(Which which, State state) {
        boolean isBefore = which == Which.BEFORE;
        if (state == State.REFUSED) { return ui.icon("mdi2c-close-octagon", 16, "status-mismatch"); }
        if (model.other().get() != null) { return ui.icon("mdi2d-database-outline", 16, "muted-icon"); }
        var outcome = isBefore ? verify.before().get() : verify.after().get();
        var verification = verify.other().get() == null ? outcome.verification() : null;
        if (state == State.DONE && verification != null) {
            return verification.passed()
                    ? ui.icon("mdi2c-check-circle", 16, "status-fits")
                    : ui.icon("mdi2c-close-octagon", 16, "status-mismatch");
        }
        return ui.icon(isBefore ? "mdi2s-skip-previous-outline" : "mdi2a-arrow-right-circle-outline", 16, "muted-icon");
    }

    private void signs() {
        signs.forEach((which, sign) -> sign.getChildren().setAll(sign(which, model.side(which).state())));
    }

    private void side(VBox box, Which which, double most) {
        var side = model.side(which);
        boolean isBefore = which == Which.BEFORE;
        boolean isOther = isBefore && model.other().get() != null;
        box.setSpacing(ui.px(10));
        box.getChildren().clear();
        var sign = new StackPane(sign(which, side.state()));
        signs.put(which, sign);
        var head = new HBox(ui.px(8), sign, title(which), Ui.space());
        new LossMark(ui, model).add(head, which);
        head.setAlignment(Pos.CENTER_LEFT);
        var under = Ui.label(under(which), "muted");
        under.setTooltip(Ui.tip(under.getText()));
        var line = new HBox(ui.px(8), under, Ui.space());
        line.setAlignment(Pos.CENTER_LEFT);
        line.setMinHeight(ui.px(24));
        if (isBefore && !isOther && ui.session().plan().isPresent()) {
            var force = new CheckBox(ui.t("preview.force"));
            force.setId("force");
            force.setMinWidth(USE_PREF_SIZE);
            force.setSelected(model.forced().get());
            force.setTooltip(Ui.tip(ui.t("preview.force.tip")));
            force.setOnAction(_ -> {
                model.forced().set(force.isSelected());
                model.run();
            });
            line.getChildren().add(force);
        } else if (isOther) {
            var end = ui.button(ui.t("preview.other.end"), null, this::backToBefore, "link");
            end.setId("beside-end");
            line.getChildren().add(end);
        }
        box.getChildren().addAll(head, line);
        if (model.other().get() != null) {
            var facts = Ui.label(facts(which, side), "muted", "small");
            facts.setId("facts-" + which.name().toLowerCase(java.util.Locale.ROOT));
            facts.setTooltip(Ui.tip(facts.getText()));
            box.getChildren().add(facts);
        }
        box.getChildren().addAll(new SideText(ui, model, inside, which),
                new NextBars(ui, model, inside, which, most));
    }

    /** What a side is; the one on the left can be something else. */
    private Region title(Which which) {
        boolean beside = model.other().get() != null;
        if (which == Which.AFTER) {
            return Ui.firm(ui.t(beside
                    ? "preview.this"
                    : ui.session().plan().isEmpty() ? "preview.itself" : "preview.after"), "pane-title");
        }
        var title = ui.button(ui.t(beside ? "preview.other" : "preview.before"), ui.icon("mdi2m-menu-down", 16),
                () -> {
                }, "flat", "title-button");
        title.setContentDisplay(javafx.scene.control.ContentDisplay.RIGHT);
        title.setId("before-what");
        title.setOnAction(_ -> {
            var menu = new ContextMenu();
            menu.getItems().add(item("preview.before", this::backToBefore));
            menu.getItems().add(item("preview.beside", this::beside));
            menu.show(title, Side.BOTTOM, 0, 0);
        });
        return title;
    }

    private MenuItem item(String key, Runnable action) {
        var item = new MenuItem(ui.t(key));
        item.setId(key);
        item.setOnAction(_ -> action.run());
        return item;
    }

    /** Asks for another checkpoint to stand on the left. */
    public void beside() {
        var file = ui.choosers().file(ui.t("preview.beside"), getScene() == null ? null : getScene().getWindow());
        if (file != null) {
            model.beside(file);
            verify.run(file);
        }
    }

    private void backToBefore() {
        model.beside(null);
        verify.run();
    }

    /** What a side's model is, so that nobody mistakes the small one for the large one. */
    private String facts(Which which, PreviewModel.Side side) {
        var facts = model.facts(which).get();
        if (facts == null) { return ui.t(side.state() == State.RUNNING ? "busy.open" : "preview.noFacts"); }
        var all = new java.util.ArrayList<String>();
        all.add(ui.t("status.parameters", "n", ui.texts().count(facts.parameters())));
        all.add(ui.t("target.layers", "n", facts.layers()));
        all.add(ui.t("target.width", "n", Long.toString(facts.width())));
        all.add(ui.t("target.context", "n", Long.toString(facts.context())));
        if (side.state() == State.DONE && side.rate() > 0) {
            all.add(ui.t("preview.rate", "rate", ui.texts().decimal(side.rate(), 3)));
        }
        return String.join(" · ", all);
    }

    private String under(Which which) {
        if (ui.session().plan().isEmpty() && model.other().get() == null) {
            return which == Which.BEFORE ? "" : ui.t("preview.itself.under");
        }
        if (which == Which.AFTER && model.other().get() == null && ui.session().accepted().isEmpty()) {
            return ui.t("rules.none");
        }
        var other = model.other().get();
        if (other != null) {
            var workspace = ui.session().workspace().get();
            var path = which == Which.BEFORE ? other : workspace == null ? other : workspace.source().path();
            var name = String.valueOf(path.toAbsolutePath().normalize().getFileName());
            int rules = ui.session().accepted().size();
            if (which == Which.AFTER && model.isBare()) { return name + " · " + ui.t("preview.bare"); }
            return which == Which.BEFORE || rules == 0 ? name : name + " · " + ui.t("preview.after.under", "n", rules);
        }
        return which == Which.BEFORE
                ? ui.t(model.forced().get() ? "preview.forced.under" : "preview.before.under")
                : ui.t("preview.after.under", "n", ui.session().accepted().size());
    }
}
