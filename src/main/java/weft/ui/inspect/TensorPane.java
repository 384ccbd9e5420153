package weft.ui.inspect;

import java.util.List;
import javafx.geometry.Insets;
import javafx.geometry.Pos;
import javafx.scene.control.Label;
import javafx.scene.layout.BorderPane;
import javafx.scene.layout.GridPane;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Pane;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import javafx.scene.layout.VBox;

import org.jspecify.annotations.Nullable;

import weft.io.Problem;
import weft.tensor.DType;
import weft.tensor.Statistics;
import weft.tensor.TensorInfo;
import weft.ui.Ui;
import weft.work.Histogram;

/** What is in the selected tensor: statistics, NaN and Inf, a histogram. Computed beside the window's thread. */
public final class TensorPane extends BorderPane {
    private static final int BINS = 41;
    private final Ui ui;
    private @Nullable TensorInfo shown;
    private boolean logarithmic;

    private record Looked(Statistics statistics, Histogram histogram) {
    }

    public TensorPane(Ui ui) {
        this.ui = ui;
        getStyleClass().add("tensor-pane");
        setPadding(new Insets(ui.px(16)));
        ui.session().selected().addListener((_, _, _) -> show());
        sceneProperty().addListener((_, _, scene) -> {
            if (scene != null) {
                show();
            }
        });
        show();
    }

    private void show() {
        if (getScene() == null) {
            return; // nobody looks
        }
        var item = ui.session().selected().get();
        var workspace = ui.session().workspace().get();
        var tensor = item == null || item.tensors().isEmpty() || !item.isRelation() ? null : item.tensors().getFirst();
        if (tensor == null || workspace == null) {
            shown = null;
            setCenter(null);
            setLeft(Ui.label(ui.t("tensor.none"), "muted"));
            return;
        }
        if (tensor.equals(shown)) { return; }
        shown = tensor;
        setCenter(null);
        setLeft(facts(tensor, null));
        if (tensor.broken() != null) {
            told(tensor.broken());
            return;
        }
        if (!Statistics.canDescribe(tensor.dtype())) { return; }
        ui.session().tasks().run("tensor", "busy.tensor", p -> {
            var statistics = workspace.statistics(tensor.name(), p);
            return new Looked(statistics, workspace.histogram(tensor.name(), statistics, BINS, p));
        }, looked -> {
            if (tensor.equals(shown)) {
                setLeft(facts(tensor, looked.statistics()));
                setCenter(histogram(looked));
            }
        }, problem -> {
            if (tensor.equals(shown)) {
                told(problem);
            }
        });
    }

    private void told(Problem problem) {
        var text = Ui.label(ui.texts().message(problem) + " " + ui.texts().hint(problem), "bad");
        text.setWrapText(true);
        text.setMaxWidth(ui.px(520));
        var box = new VBox(text);
        box.setPadding(new Insets(0, 0, 0, ui.px(32)));
        setCenter(box);
    }

    private Region facts(TensorInfo tensor, @Nullable Statistics s) {
        var name = Ui.label(tensor.name(), "mono", "strong-text");
        var grid = new GridPane();
        grid.setHgap(ui.px(16));
        grid.setVgap(ui.px(5));
        var texts = ui.texts();
        int line = 0;
        line = fact(grid, line, "tensor.shape", tensor.shape().toString(), "tensor.dtype", dtype(tensor.dtype()));
        line = fact(grid, line, "tensor.count", texts.number(tensor.shape().count()), "tensor.size",
                texts.bytes(tensor.bytes()));
        if (s != null) {
            line = fact(grid, line, "tensor.mean", texts.decimal(s.mean(), 4), "tensor.std", texts.decimal(s.std(), 4));
            line = fact(grid, line, "tensor.min", texts.decimal(s.min(), 4), "tensor.max", texts.decimal(s.max(), 4));
            fact(grid, line, "tensor.zeros", texts.number(s.zeros()), "tensor.norm",
                    texts.decimal(Math.sqrt((s.std() * s.std() + s.mean() * s.mean()) * s.count()), 4));
        }
        Label finite;
        if (s == null) {
            finite = Ui.label("…", "muted");
        } else if (s.nan() + s.inf() == 0) {
            finite = new Label(ui.t("tensor.finite"), ui.icon("mdi2c-check-circle", 15, "status-fits"));
            finite.getStyleClass().add("status-fits");
        } else {
            finite = new Label(ui.t("tensor.notFinite", "nan", s.nan(), "inf", s.inf()),
                    ui.icon("mdi2c-close-octagon", 15, "status-mismatch"));
            finite.getStyleClass().add("status-mismatch");
        }
        var head = new HBox(ui.px(16), Ui.label(ui.t("tensor.values"), "pane-title"), Ui.space(), finite);
        head.setAlignment(Pos.CENTER_LEFT);
        var box = new VBox(ui.px(12), head, name, grid);
        box.setPrefWidth(ui.px(380));
        box.setMinWidth(ui.px(320));
        return box;
    }

    private static String dtype(DType type) {
        return type.title();
    }

    private int fact(GridPane grid, int line, String key1, String value1, String key2, String value2) {
        grid.add(Ui.firm(ui.t(key1), "muted"), 0, line);
        grid.add(Ui.firm(value1, "mono"), 1, line);
        grid.add(Ui.firm(ui.t(key2), "muted"), 2, line);
        grid.add(Ui.firm(value2, "mono"), 3, line);
        return line + 1;
    }

    private Region histogram(Looked looked) {
        var bars = new Bars(looked.histogram());
        var linear = ui.button(ui.t("tensor.linear"), null, () -> {
        }, "segment");
        var log = ui.button(ui.t("tensor.log"), null, () -> {
        }, "segment");
        Runnable mark = () -> {
            linear.getStyleClass().remove("on");
            log.getStyleClass().remove("on");
            (logarithmic ? log : linear).getStyleClass().add("on");
            bars.requestLayout();
        };
        linear.setOnAction(_ -> {
            logarithmic = false;
            mark.run();
        });
        log.setOnAction(_ -> {
            logarithmic = true;
            mark.run();
        });
        mark.run();
        var head = new HBox(Ui.label(ui.t("tensor.histogram"), "pane-title"), Ui.space(), linear, log);
        head.setAlignment(Pos.CENTER_LEFT);
        var h = looked.histogram();
        var scale = new HBox(Ui.firm(ui.texts().decimal(h.from(), 3), "mono", "muted"), Ui.space(),
                Ui.firm(ui.texts().decimal((h.from() + h.to()) / 2, 3), "mono", "muted"), Ui.space(),
                Ui.firm(ui.texts().decimal(h.to(), 3), "mono", "muted"));
        var box = new VBox(ui.px(8), head, bars, scale);
        VBox.setVgrow(bars, Priority.ALWAYS);
        box.setMaxWidth(ui.px(620));
        box.setMaxHeight(ui.px(280));
        box.setPadding(new Insets(0, 0, 0, ui.px(48)));
        setAlignment(box, Pos.TOP_LEFT);
        return box;
    }

    /** One bar a bin, as high as it has values. */
    private final class Bars extends Pane {
        private final List<Long> counts;
        private final List<Region> bars;
        private final Region base = new Region();

        Bars(Histogram histogram) {
            counts = histogram.counts();
            bars = counts.stream().map(_ -> {
                var bar = new Region();
                bar.getStyleClass().add("histogram-bar");
                return bar;
            }).toList();
            base.getStyleClass().add("divider-line");
            getChildren().addAll(bars);
            getChildren().add(base);
            setMinHeight(ui.px(80));
            setPrefHeight(ui.px(180));
            setAccessibleText(ui.t("tensor.histogram"));
        }

        private double height(long count) {
            return count == 0 ? 0 : logarithmic ? Math.log10(count) + 1 : count;
        }

        @Override
        protected void layoutChildren() {
            double most = counts.stream().mapToDouble(this::height).max().orElse(1);
            double each = getWidth() / counts.size();
            double room = getHeight() - 1;
            for (int i = 0; i < bars.size(); i++) {
                double x = Math.round(i * each);
                double end = Math.round((i + 1) * each) - 1;
                double h = most <= 0 ? 0 : Math.ceil(height(counts.get(i)) / most * room);
                bars.get(i).resizeRelocate(x, room - h, Math.max(1, end - x), h);
            }
            base.resizeRelocate(0, room, getWidth(), 1);
        }
    }
}
