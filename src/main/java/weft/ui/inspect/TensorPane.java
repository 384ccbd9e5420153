package weft.ui.inspect;

import java.util.List;
import javafx.geometry.Insets;
import javafx.geometry.Pos;
import javafx.scene.control.Button;
import javafx.scene.control.ComboBox;
import javafx.scene.control.Label;
import javafx.scene.control.ScrollPane;
import javafx.scene.control.TextField;
import javafx.scene.input.Clipboard;
import javafx.scene.input.ClipboardContent;
import javafx.scene.layout.BorderPane;
import javafx.scene.layout.FlowPane;
import javafx.scene.layout.GridPane;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import javafx.scene.layout.VBox;
import javafx.util.StringConverter;

import org.jspecify.annotations.Nullable;

import weft.io.Code;
import weft.tensor.Statistics;
import weft.ui.Ui;
import weft.ui.Watch;
import weft.work.Histogram;
import weft.work.TensorDifference;
import weft.work.TensorLook;
import weft.work.TensorLook.Ref;

/** What is in a tensor: numbers and histogram on the left, a slice in colours on the right. */
public final class TensorPane extends BorderPane {
    private final Ui ui;
    private final TensorModel model;
    private final VBox left = new VBox();
    private final FlowPane pickers = new FlowPane();
    private final HeatView heat;
    private final Label spot = Ui.firm("", "mono", "heat-spot");
    private final Label block = Ui.label("", "muted", "small");
    private final VBox right = new VBox();
    private List<Button> farther = List.of();
    private final ScrollPane numbers;
    private final Region none;

    public TensorPane(Ui ui, TensorModel model) {
        this.ui = ui;
        this.model = model;
        getStyleClass().add("tensor-pane");
        heat = new HeatView(ui, model);
        left.setSpacing(ui.px(12));
        left.setPadding(new Insets(ui.px(16)));
        var scroll = new ScrollPane(left);
        scroll.setFitToWidth(true);
        scroll.setFitToHeight(true);
        scroll.setHbarPolicy(ScrollPane.ScrollBarPolicy.NEVER);
        scroll.getStyleClass().addAll("plain-scroll", "why-left");
        scroll.prefWidthProperty()
                .bind(widthProperty().multiply(0.36).map(w -> Math.clamp(w.doubleValue(), ui.px(352), ui.px(400))));
        scroll.setMinWidth(ui.px(352));
        numbers = scroll;
        pickers.setHgap(ui.px(8));
        pickers.setVgap(ui.px(4));
        spot.setId("heat-spot");
        VBox.setVgrow(heat, Priority.ALWAYS);
        var under = new HBox(ui.px(16), spot, block);
        under.setAlignment(Pos.CENTER_LEFT);
        under.setMinHeight(ui.px(20));
        right.setSpacing(ui.px(8));
        right.setPadding(new Insets(ui.px(12), ui.px(16), ui.px(12), ui.px(16)));
        right.getChildren().addAll(pickers, heat, under);
        right.setMinWidth(0);
        none = ui.empty("mdi2g-grid", ui.t("tensor.none"));
        Watch.over(this, () -> {
            facts();
            pickers();
        }, model.shown(), model.beside());
        Watch.over(this, this::facts, model.facts(), model.problem(), model.logarithmic(), ui.session().selected());
        Watch.over(this, this::heat, model.heat());
        Watch.over(this, this::spot, model.spot());
        sceneProperty().addListener((_, _, scene) -> model.setActive(scene != null));
        facts();
        pickers();
        heat();
        spot();
    }

    // ---------------------------------------------------------------- left: numbers

    private void facts() {
        left.getChildren().clear();
        var ref = model.shown().get();
        right.setVisible(ref != null && model.problem().get() == null);
        if (ref == null) {
            setLeft(null);
            setCenter(none);
            return;
        }
        setLeft(numbers);
        setCenter(right);
        left.getChildren().add(head());
        if (model.choices().size() > 1) {
            left.getChildren().add(choice(ref));
        } else {
            left.getChildren().add(Ui.label(ref.name(), "mono", "strong-text"));
        }
        var problem = model.problem().get();
        if (problem != null) {
            var text = Ui.label(ui.texts().message(problem) + " " + ui.texts().hint(problem), "bad");
            text.setWrapText(true);
            text.setMinHeight(USE_PREF_SIZE);
            left.getChildren().add(text);
            if (problem.code() == Code.CRC32C || problem.code() == Code.CRC || problem.code() == Code.BOMB) {
                var anyway = ui.button(ui.t("care.anyway"), null, ui.session()::anyway);
                anyway.setId("read-anyway");
                left.getChildren().add(anyway);
            }
            return;
        }
        var beside = model.beside().get();
        if (beside != null) {
            compared(beside);
        } else {
            var facts = model.facts().get();
            left.getChildren().add(numbers(facts));
            if (facts != null) {
                histogram(facts.histogram());
            }
        }
    }

    private HBox head() {
        var facts = model.facts().get();
        Label finite;
        if (facts == null) {
            finite = Ui.label("…", "muted");
        } else if (facts.statistics().nan() + facts.statistics().inf() == 0) {
            finite = new Label(ui.t("tensor.finite"), ui.icon("mdi2c-check-circle", 15, "status-fits"));
            finite.getStyleClass().add("status-fits");
        } else {
            finite = new Label(ui.t("tensor.notFinite", "nan", facts.statistics().nan(), "inf",
                    facts.statistics().inf()), ui.icon("mdi2c-close-octagon", 15, "status-mismatch"));
            finite.getStyleClass().add("status-mismatch");
        }
        finite.setMinWidth(USE_PREF_SIZE);
        var box = new HBox(ui.px(16), Ui.label(ui.t("tensor.values"), "pane-title"), Ui.space(), finite);
        box.setAlignment(Pos.CENTER_LEFT);
        return box;
    }

    private String title(Ref ref) {
        return (ref.made() ? "→ " : "") + ref.name();
    }

    private ComboBox<Ref> choice(Ref now) {
        var box = new ComboBox<Ref>();
        box.setId("tensor-choice");
        box.getStyleClass().add("mono");
        box.setConverter(new StringConverter<>() {
            @Override
            public String toString(@Nullable Ref ref) {
                return ref == null ? "" : title(ref);
            }

            @Override
            public @Nullable Ref fromString(String text) {
                return null;
            }
        });
        box.getItems().setAll(model.choices());
        box.getSelectionModel().select(now);
        box.setMaxWidth(Double.MAX_VALUE);
        box.setAccessibleText(ui.t("tensor.which"));
        box.valueProperty().addListener((_, _, ref) -> model.show(ref));
        return box;
    }

    private GridPane numbers(TensorLook.@Nullable Facts facts) {
        var texts = ui.texts();
        var grid = grid();
        int line = 0;
        var shape = model.shape();
        var info = model.info();
        line = fact(grid, line, "tensor.shape", shape.toString(), "tensor.dtype",
                info == null ? "–" : info.dtype().title());
        line = fact(grid, line, "tensor.count", texts.number(shape.count()), "tensor.size",
                info == null ? "–" : texts.bytes(info.bytes()));
        if (facts != null) {
            Statistics s = facts.statistics();
            var q = facts.quantiles().values();
            line = fact(grid, line, "tensor.mean", texts.decimal(s.mean(), 4), "tensor.std", texts.decimal(s.std(), 4));
            line = fact(grid, line, "tensor.min", texts.decimal(s.min(), 4), "tensor.max", texts.decimal(s.max(), 4));
            line = fact(grid, line, "tensor.q1", texts.decimal(q.get(0), 4), "tensor.q99", texts.decimal(q.get(4), 4));
            line = fact(grid, line, "tensor.q25", texts.decimal(q.get(1), 4), "tensor.q75",
                    texts.decimal(q.get(3), 4));
            line = fact(grid, line, "tensor.median", texts.decimal(q.get(2), 4), "tensor.norm", texts.decimal(
                    Math.sqrt((s.std() * s.std() + s.mean() * s.mean()) * (s.count() - s.nan() - s.inf())), 4));
            fact(grid, line, "tensor.zeros", texts.number(s.zeros()), "tensor.sparsity",
                    texts.decimal(s.count() == 0 ? 0 : 100.0 * s.zeros() / s.count(), 3) + " %");
        }
        return grid;
    }

    private GridPane grid() {
        var grid = new GridPane();
        grid.setHgap(ui.px(12));
        grid.setVgap(ui.px(4));
        grid.setMinHeight(USE_PREF_SIZE);
        return grid;
    }

    private int fact(GridPane grid, int line, String key1, String value1, String key2, String value2) {
        grid.add(Ui.firm(ui.t(key1), "muted"), 0, line);
        grid.add(Ui.firm(value1, "mono"), 1, line);
        grid.add(Ui.firm(ui.t(key2), "muted"), 2, line);
        grid.add(Ui.firm(value2, "mono"), 3, line);
        return line + 1;
    }

    private void histogram(Histogram histogram) {
        var linear = segment("tensor.linear", "histogram-linear", false);
        var log = segment("tensor.log", "histogram-log", true);
        var name = ui.t(model.beside().get() == null ? "tensor.histogram" : "tensor.histogram.difference");
        var head = new HBox(Ui.label(name, "strong-text"), Ui.space(), linear, log);
        head.setAlignment(Pos.CENTER_LEFT);
        var bars = new HistogramView(ui, histogram, model.logarithmic().get());
        VBox.setVgrow(bars, Priority.ALWAYS);
        bars.setMaxHeight(ui.px(150));
        left.getChildren().addAll(head, bars);
    }

    private Button segment(String key, String id, boolean log) {
        var button = ui.button(ui.t(key), null, () -> model.logarithmic().set(log), "segment");
        button.setId(id);
        if (model.logarithmic().get() == log) {
            button.getStyleClass().add("on");
        }
        return button;
    }

    private HBox buttons() {
        var box = new HBox(ui.px(8));
        var copy = ui.button(ui.t("tensor.copy"), ui.icon("mdi2c-content-copy", 15), this::copy);
        copy.setId("copy-numpy");
        copy.setTooltip(Ui.tip(ui.t("tensor.copy.tip", "n", ui.texts().number(TensorModel.MOST_COPIED))));
        box.getChildren().add(copy);
        if (model.beside().get() != null) {
            var end = ui.button(ui.t("tensor.compare.end"), ui.icon("mdi2c-close", 15), () -> model.compare(null));
            end.setId("compare-end");
            box.getChildren().add(end);
        } else {
            var compare = ui.button(ui.t("tensor.compare"), null, () -> {
            });
            compare.setId("compare");
            compare.setOnAction(_ -> new TensorPicker(ui, model).show(compare));
            box.getChildren().add(compare);
        }
        box.setMinHeight(USE_PREF_SIZE);
        return box;
    }

    private void copy() {
        var text = model.numpy();
        if (text.isEmpty()) {
            block.setText(ui.t("tensor.copy.tooMany", "n", ui.texts().number(TensorModel.MOST_COPIED)));
            return;
        }
        var content = new ClipboardContent();
        content.putString(text);
        Clipboard.getSystemClipboard().setContent(content);
        block.setText(ui.t("tensor.copied", "n", ui.texts().number(model.window().count())));
    }

    private void compared(TensorModel.Beside beside) {
        var other = Ui.label("− " + title(beside.other()), "mono", "strong-text");
        left.getChildren().add(other);
        TensorDifference found = beside.found();
        if (found == null) {
            left.getChildren().add(Ui.label("…", "muted"));
            return;
        }
        var texts = ui.texts();
        var grid = grid();
        int line = fact(grid, 0, "compare.max", texts.decimal(found.maxAbs(), 4), "compare.at",
                java.util.Arrays.toString(found.maxAt()));
        line = fact(grid, line, "compare.mean", texts.decimal(found.meanAbs(), 4), "compare.relative",
                texts.decimal(found.relative(), 4));
        fact(grid, line, "compare.cosine", texts.decimal(found.cosine(), 6), "compare.equal",
                texts.number(found.equal()) + " / " + texts.number(found.count()));
        grid.setId("compared");
        left.getChildren().add(grid);
        if (found.nan() > 0) {
            left.getChildren().add(Ui.label(ui.t("compare.nan", "n", found.nan()), "bad"));
        }
        histogram(found.spread());
    }

    // ---------------------------------------------------------------- right: the slice

    private void pickers() {
        pickers.getChildren().clear();
        var ref = model.shown().get();
        if (ref == null) { return; }
        var shape = model.shape();
        var cut = model.cut();
        if (shape.rank() >= 2) {
            var rows = axis("heat.rows", "rows-axis", cut.rowAxis());
            var columns = axis("heat.columns", "columns-axis", cut.columnAxis());
            rows.valueProperty().addListener((_, _, now) -> {
                model.axes(now, model.cut().columnAxis());
                pickers();
            });
            columns.valueProperty().addListener((_, _, now) -> {
                model.axes(model.cut().rowAxis(), now);
                pickers();
            });
            var swap = ui.iconButton("mdi2s-swap-horizontal", ui.t("heat.swap"), () -> {
                model.swapAxes();
                pickers();
            });
            swap.setId("swap-axes");
            pickers.getChildren().addAll(labelled("heat.rows", rows), swap, labelled("heat.columns", columns));
        }
        for (int i = 0; i < shape.rank(); i++) {
            if (i != cut.rowAxis() && i != cut.columnAxis() && shape.dim(i) > 1) {
                pickers.getChildren().add(index(i, shape.dim(i)));
            }
        }
        var in = ui.iconButton("mdi2m-magnify-plus-outline", ui.t("heat.in"), () -> model.zoom(2));
        var out = ui.iconButton("mdi2m-magnify-minus-outline", ui.t("heat.out"), () -> model.zoom(0.5));
        var fit = ui.iconButton("mdi2f-fit-to-page-outline", ui.t("heat.fit"), model::fit);
        in.setId("zoom-in");
        out.setId("zoom-out");
        fit.setId("zoom-fit");
        farther = List.of(out, fit);
        farther.forEach(b -> b.setDisable(!model.isZoomed()));
        pickers.getChildren().addAll(new HBox(in, out, fit), buttons());
    }

    private HBox labelled(String key, Region control) {
        var label = Ui.firm(ui.t(key), "muted");
        label.setLabelFor(control);
        var box = new HBox(ui.px(6), label, control);
        box.setAlignment(Pos.CENTER_LEFT);
        return box;
    }

    private ComboBox<Integer> axis(String key, String id, int now) {
        var box = new ComboBox<Integer>();
        var shape = model.shape();
        for (int i = 0; i < shape.rank(); i++) {
            box.getItems().add(i);
        }
        box.setConverter(new StringConverter<>() {
            @Override
            public String toString(@Nullable Integer axis) {
                return axis == null ? "" : ui.t("heat.axis", "i", axis, "n", shape.dim(axis));
            }

            @Override
            public @Nullable Integer fromString(String text) {
                return null;
            }
        });
        box.setId(id);
        box.setAccessibleText(ui.t(key));
        box.getSelectionModel().select(Integer.valueOf(now));
        return box;
    }

    /** Where in an axis that isn't shown. */
    private HBox index(int axis, long size) {
        var field = new TextField(Long.toString(model.cut().index()[axis]));
        field.setId("index-" + axis);
        field.getStyleClass().add("mono");
        field.setPrefColumnCount(5);
        field.setOnAction(_ -> {
            if (field.getText().strip().matches("[0-9]{1,15}")) {
                model.index(axis, Long.parseLong(field.getText().strip()));
            }
            field.setText(Long.toString(model.cut().index()[axis]));
        });
        field.setOnKeyPressed(e -> {
            long by = switch (e.getCode()) {
                case UP -> 1;
                case DOWN -> -1;
                default -> 0;
            };
            if (by != 0) {
                model.index(axis, model.cut().index()[axis] + by);
                field.setText(Long.toString(model.cut().index()[axis]));
                e.consume();
            }
        });
        var name = Ui.firm(ui.t("heat.index", "i", axis), "muted");
        name.setLabelFor(field);
        var box = new HBox(ui.px(6), name, field, Ui.firm("/ " + size, "muted"));
        box.setAlignment(Pos.CENTER_LEFT);
        return box;
    }

    private void heat() {
        var map = model.heat().get();
        farther.forEach(b -> b.setDisable(!model.isZoomed()));
        block.setText(map == null
                ? ""
                : ui.t(map.block() == 1 ? "heat.single" : "heat.block", "n", Long.toString(map.block())));
    }

    private void spot() {
        var at = model.spot().get();
        spot.setText(at == null
                ? ""
                : java.util.Arrays.toString(at.index()) + " = " + (at.value() == (float) at.value()
                        ? Float.toString((float) at.value())
                        : Double.toString(at.value())));
    }

}
