package weft.ui;

import java.io.File;
import javafx.beans.binding.Bindings;
import javafx.geometry.Insets;
import javafx.geometry.Pos;
import javafx.scene.control.CheckBox;
import javafx.scene.control.ComboBox;
import javafx.scene.control.OverrunStyle;
import javafx.scene.control.TextField;
import javafx.scene.control.ToggleGroup;
import javafx.scene.layout.FlowPane;
import javafx.scene.layout.GridPane;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import javafx.scene.layout.VBox;

import weft.tensor.DType;
import weft.text.Texts;
import weft.ui.ExportModel.What;
import weft.work.Export;
import weft.work.ExportChoices;

/** What to write, where, and how; the button says what is missing as long as something is. */
final class ExportCard extends VBox {
    private final Ui ui;
    private final ExportModel model;
    private final TextField place = new TextField();

    ExportCard(Ui ui, ExportModel model, Runnable close) {
        this.ui = ui;
        this.model = model;
        getStyleClass().addAll("popup-card", "export-card");
        setId("export-card");
        setSpacing(ui.px(14));
        setPadding(new Insets(ui.px(20)));
        setMaxSize(ui.px(680), USE_PREF_SIZE);
        setMaxHeight(USE_PREF_SIZE);
        var kinds = new FlowPane(ui.px(8), ui.px(8));
        var group = new ToggleGroup();
        for (var each : What.values()) {
            var button = new javafx.scene.control.ToggleButton(
                    ui.t("export." + each.name().toLowerCase(java.util.Locale.ROOT)));
            button.setId("export-" + each.name().toLowerCase(java.util.Locale.ROOT));
            button.setToggleGroup(group);
            button.getStyleClass().add("dialect");
            button.setSelected(model.what().get() == each);
            button.setOnAction(_ -> {
                button.setSelected(true);
                model.what().set(each);
                rename();
            });
            kinds.getChildren().add(button);
        }
        place.setId("export-place");
        place.setAccessibleText(ui.t("export.place"));
        place.getStyleClass().add("mono");
        place.textProperty().bindBidirectional(model.place());
        HBox.setHgrow(place, Priority.ALWAYS);
        var browse = ui.button(ui.t("export.browse"), null, this::browse);
        browse.setId("export-browse");
        var where = new HBox(ui.px(8), place, browse);
        where.setAlignment(Pos.CENTER_LEFT);
        var replace = new CheckBox(ui.t("export.replace"));
        replace.setId("export-replace");
        replace.selectedProperty().bindBidirectional(model.replace());
        replace.visibleProperty().bind(model.taken());
        replace.managedProperty().bind(model.taken());
        var missing = Ui.label("", "muted");
        missing.setWrapText(true);
        HBox.setHgrow(missing, Priority.ALWAYS);
        missing.setMaxWidth(Double.MAX_VALUE);
        missing.textProperty().bind(Bindings.createStringBinding(
                () -> model.missing().isEmpty() ? "" : ui.t(model.missing(), "name", model.lostHead()),
                model.depends()));
        missing.setId("export-missing");
        var write = ui.button(ui.t("export.write"), ui.icon("mdi2e-export-variant", 16), () -> {
            close.run();
            model.run();
        }, "accent");
        write.setId("export-write");
        write.disableProperty().bind(Bindings.createBooleanBinding(() -> !model.missing().isEmpty(), model.depends()));
        var cancel = ui.button(ui.t("action.cancel"), null, close);
        cancel.setId("export-cancel");
        var buttons = new HBox(ui.px(8), missing, cancel, write);
        buttons.setAlignment(Pos.CENTER_LEFT);
        var letGo = ui.button(ui.t("care.drop"), null, model::letHeadGo);
        letGo.setId("export-let-go");
        letGo.visibleProperty().bind(Bindings.createBooleanBinding(() -> model.missing().equals("export.headLost"),
                model.depends()));
        letGo.managedProperty().bind(letGo.visibleProperty());
        buttons.getChildren().add(1, letGo);
        var full = Ui.label("", "muted", "small");
        full.setId("export-full");
        full.textProperty().bind(Bindings.createStringBinding(() -> model.full().map(p -> ui.t("export.full", "place",
                Texts.shown(p.toString()))).orElse(""), model.place()));
        full.setTextOverrun(OverrunStyle.CENTER_ELLIPSIS);
        full.managedProperty().bind(full.textProperty().isNotEmpty());
        var rest = new Region();
        VBox.setVgrow(rest, Priority.ALWAYS);
        setMinHeight(ui.px(344)); // whatever is written, the kinds stay where they are
        getChildren().addAll(Ui.label(ui.t("export.title"), "pane-title"), kinds, new VBox(ui.px(4), where, full),
                options(), scripts(), note(), number(), replace, rest, buttons);
        rename();
    }

    @Override
    public void requestFocus() {
        place.requestFocus();
        place.end();
    }

    /** A name of the kind, in the folder that was last written to. */
    private void rename() {
        var now = model.place().get();
        var parent = now.isBlank() ? null : new File(now).getParentFile();
        model.place().set(new File(parent, model.named(new File(now).getName())).getPath());
    }

    /** Format, type and size of a checkpoint's files. */
    private Region options() {
        var format = new ComboBox<String>();
        format.setId("export-format");
        format.setAccessibleText(ui.t("export.format"));
        format.getItems().add(ui.t("export.byName"));
        format.getItems().addAll(ExportChoices.formats());
        format.getSelectionModel().select(Math.max(0, format.getItems().indexOf(model.format().get())));
        format.valueProperty().addListener((_, _, chosen) -> model.format()
                .set(format.getSelectionModel().getSelectedIndex() == 0 ? "" : chosen));
        var type = new ComboBox<String>();
        type.setId("export-type");
        type.setAccessibleText(ui.t("export.type"));
        type.getItems().add(ui.t("export.asItIs"));
        ExportChoices.types().forEach(t -> type.getItems().add(t.title()));
        DType chosenType = model.type().get();
        type.getSelectionModel().select(chosenType == null ? 0 : ExportChoices.types().indexOf(chosenType) + 1);
        type.getSelectionModel().selectedIndexProperty().addListener((_, _, at) -> model.type()
                .set(at.intValue() <= 0 ? null : ExportChoices.types().get(at.intValue() - 1)));
        var shard = new TextField();
        shard.setId("export-shard");
        shard.setAccessibleText(ui.t("export.shard"));
        shard.setPrefColumnCount(7);
        shard.setPromptText(ui.t("export.oneFile"));
        shard.textProperty().bindBidirectional(model.shard());
        shard.setTooltip(Ui.tip(ui.t("export.shard.tip")));
        var grid = new GridPane();
        grid.setHgap(ui.px(12));
        grid.setVgap(ui.px(8));
        grid.addRow(0, Ui.firm(ui.t("export.format"), "muted"), format, Ui.firm(ui.t("export.type"), "muted"), type,
                Ui.firm(ui.t("export.shard"), "muted"), shard);
        var only = new TextField();
        only.setId("export-only");
        only.setAccessibleText(ui.t("export.only"));
        only.getStyleClass().add("mono");
        only.setPromptText(ui.t("export.only.all"));
        only.setTooltip(Ui.tip(ui.t("export.only.tip", "pattern", "h.{i}.ln_1.weight, *.bias")));
        only.textProperty().bindBidirectional(model.only());
        var chosen = Ui.label("", "muted");
        chosen.setId("export-chosen");
        chosen.textProperty().bind(Bindings.createStringBinding(() -> model.chosen()
                .map(n -> ui.t("export.chosen", "n", n[0], "total", n[1])).orElse(""), model.only(), model.what()));
        grid.add(Ui.firm(ui.t("export.only"), "muted"), 0, 1);
        grid.add(only, 1, 1, 3, 1);
        grid.add(chosen, 4, 1, 2, 1);
        grid.visibleProperty().bind(Bindings.createBooleanBinding(
                () -> model.what().get() == What.CHECKPOINT || model.what().get() == What.FOLDER, model.what()));
        grid.managedProperty().bind(grid.visibleProperty());
        return grid;
    }

    /** What rules are written as. */
    private Region scripts() {
        var box = new ComboBox<String>();
        box.setId("export-script-kind");
        box.setAccessibleText(ui.t("export.as"));
        for (var as : Export.As.values()) {
            box.getItems().add(ui.t("export.as." + as.id()));
        }
        box.getSelectionModel().select(model.script().get().ordinal());
        box.getSelectionModel().selectedIndexProperty().addListener((_, _, at) -> {
            if (at.intValue() >= 0) {
                model.script().set(Export.As.values()[at.intValue()]);
                rename();
            }
        });
        var line = new HBox(ui.px(12), Ui.firm(ui.t("export.as"), "muted"), box);
        line.setAlignment(Pos.CENTER_LEFT);
        line.visibleProperty().bind(model.what().isEqualTo(What.SCRIPT));
        line.managedProperty().bind(line.visibleProperty());
        return line;
    }

    /** What the ending of a name decides, or what is in it. */
    private Region note() {
        var note = Ui.label("", "muted");
        note.setWrapText(true);
        note.textProperty().bind(Bindings.createStringBinding(() -> switch (model.what().get()) {
            case REPORT -> ui.t("export.report.endings");
            case RULES -> ui.t("export.rules.endings");
            case TABLE -> ui.t("export.table.note");
            case PICTURE -> ui.t("export.picture.note");
            case CHECKPOINT, FOLDER, SCRIPT -> "";
        }, model.what()));
        note.visibleProperty().bind(note.textProperty().isNotEmpty());
        note.managedProperty().bind(note.visibleProperty());
        return note;
    }

    /** A number nobody said, and where to put it: without it the configuration that is written lacks it. */
    private Region number() {
        var box = new VBox(ui.px(8));
        Runnable show = () -> {
            box.getChildren().clear();
            model.missingNumber().ifPresent(word -> {
                var why = Ui.label(ui.t("number.missing", "name", word), "muted");
                why.setWrapText(true);
                why.setMinHeight(USE_PREF_SIZE);
                box.getChildren().addAll(why,
                        new NumberField(ui, word, value -> ui.session().setNumber(word, value)));
            });
            box.setVisible(!box.getChildren().isEmpty());
            box.setManaged(box.isVisible());
        };
        Watch.over(box, show, model.cares(), model.what());
        show.run();
        return box;
    }

    private void browse() {
        var window = getScene() == null ? null : getScene().getWindow();
        var chosen = model.what().get() == What.FOLDER
                ? ui.choosers().folder(ui.t("export.title"), window)
                : ui.choosers().save(ui.t("export.title"), model.proposed(), window);
        if (chosen != null) {
            model.place().set(chosen.toString());
        }
    }
}
