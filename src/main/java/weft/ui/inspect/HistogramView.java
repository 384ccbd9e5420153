package weft.ui.inspect;

import java.util.List;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Pane;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import javafx.scene.layout.VBox;

import weft.ui.Ui;
import weft.work.Histogram;

/** One bar a bin, as high as it has values, linear or logarithmic, with its ends. */
final class HistogramView extends VBox {
    private final Ui ui;
    private final boolean logarithmic;

    HistogramView(Ui ui, Histogram histogram, boolean logarithmic) {
        this.ui = ui;
        this.logarithmic = logarithmic;
        var bars = new Bars(histogram);
        VBox.setVgrow(bars, Priority.ALWAYS);
        setSpacing(ui.px(4));
        var texts = ui.texts();
        var scale = new HBox(Ui.firm(texts.decimal(histogram.from(), 3), "mono", "muted"), Ui.space(),
                Ui.firm(texts.decimal((histogram.from() + histogram.to()) / 2, 2), "mono", "muted"), Ui.space(),
                Ui.firm(texts.decimal(histogram.to(), 3), "mono", "muted"));
        getChildren().addAll(bars, scale);
    }

    private double height(long count) {
        return count == 0 ? 0 : logarithmic ? Math.log10(count) + 1 : count;
    }

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
            setMinHeight(ui.px(48));
            setPrefHeight(ui.px(96));
            setAccessibleText(ui.t("tensor.histogram"));
        }

        @Override
        protected void layoutChildren() {
            double most = counts.stream().mapToDouble(HistogramView.this::height).max().orElse(1);
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
