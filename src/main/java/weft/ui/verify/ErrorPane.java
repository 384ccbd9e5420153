package weft.ui.verify;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import javafx.geometry.Insets;
import javafx.geometry.Pos;
import javafx.scene.control.Label;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import javafx.scene.layout.VBox;

import org.jspecify.annotations.Nullable;

import weft.io.Code;
import weft.io.Problem;
import weft.picture.Drawing;
import weft.picture.ErrorChart;
import weft.prove.Verification;
import weft.ui.NumberField;
import weft.ui.Ui;
import weft.ui.Watch;
import weft.ui.inspect.DrawingView;

/** The error of every layer, before and after the rules, and what that comes to in one sentence a side. */
public final class ErrorPane extends VBox {
    private final Ui ui;
    private final VerifyModel model;
    private final Chart chart;
    private final VBox sentences = new VBox();
    private final Label under = Ui.label("", "muted");
    private final Label readout = Ui.firm("", "mono", "muted");
    private final HBox legend = new HBox();

    public ErrorPane(Ui ui, VerifyModel model) {
        this.ui = ui;
        this.model = model;
        getStyleClass().add("error-pane");
        chart = new Chart();
        setSpacing(ui.px(8));
        setPadding(new Insets(ui.px(16)));
        legend.setSpacing(ui.px(16));
        legend.setAlignment(Pos.CENTER_RIGHT);
        var head = new HBox(ui.px(16), Ui.label(ui.t("verify.layers"), "pane-title"), Ui.space(), legend);
        head.setAlignment(Pos.CENTER_LEFT);
        var line = new HBox(ui.px(8), under, Ui.space(), readout);
        VBox.setVgrow(chart, Priority.ALWAYS);
        sentences.setSpacing(ui.px(4));
        getChildren().addAll(head, line, chart, sentences);
        setMinWidth(ui.px(300));
        setMinHeight(ui.px(300));
        Watch.over(this, this::show, model.before(), model.after());
        show();
    }

    private void show() {
        var after = model.after().get().verification();
        var before = model.before().get().verification();
        var plan = ui.session().plan().orElse(null);
        var file = model.other().get();
        under.setText(file == null
                ? ui.t("verify.layers.under")
                : ui.t("verify.layers.other", "name", String.valueOf(file.getFileName())));
        legend.getChildren().clear();
        sentences.getChildren().clear();
        readout.setText("");
        var sides = Stream.of(after, before).filter(v -> v != null && !v.modules().isEmpty())
                .toArray(Verification[]::new);
        if (sides.length == 0) {
            chart.set(null);
            chart.setVisible(false);
            chart.setManaged(false);
            if (model.isRunning()) {
                sentences.getChildren().add(Ui.label(ui.t("busy.verify"), "muted"));
            } else if (after == null && before == null && model.after().get().problem() == null) {
                var hint = Ui.label(ui.t(plan == null && file == null ? "verify.noTarget" : "verify.idle"), "muted");
                hint.setWrapText(true);
                sentences.getChildren().add(hint);
            }
        } else {
            chart.setVisible(true);
            chart.setManaged(true);
            var layers = new Layers(plan);
            var modules = Layers.of(sides);
            var lines = new ArrayList<ErrorChart.Line>();
            if (before != null && !before.modules().isEmpty()) {
                lines.add(new ErrorChart.Line(Layers.errors(before, modules), Drawing.Form.TRIANGLE,
                        Drawing.Ink.BEFORE));
                legend.getChildren().add(key("mdi2t-triangle", "before-icon", "verify.before"));
            }
            if (after != null && !after.modules().isEmpty()) {
                lines.add(new ErrorChart.Line(Layers.errors(after, modules), Drawing.Form.RING, Drawing.Ink.AFTER));
                legend.getChildren()
                        .add(key("mdi2c-circle-outline", "accent-icon",
                                file == null ? "verify.after" : "preview.this"));
            }
            var bad = bad(after).or(() -> bad(before));
            chart.set(new ErrorChart(modules.stream().map(layers::label).toList(), lines, Verification.TOLERANCE,
                    ui.t("verify.tolerance", "n", "1e-3"),
                    bad.map(b -> modules.indexOf(b.layer())).orElse(-1),
                    bad.map(b -> ui.t("verify.firstBad", "place", layers.place(b))).orElse(null)));
        }
        side("before", before, model.before().get(), new Layers(plan));
        side("after", after, model.after().get(), new Layers(plan));
    }

    private static Optional<Layers.Bad> bad(@Nullable Verification verification) {
        return verification == null ? Optional.empty() : Layers.bad(verification);
    }

    private Label key(String icon, String style, String text) {
        var label = new Label(ui.t(text), ui.icon(icon, 12, style));
        label.setMinWidth(USE_PREF_SIZE);
        return label;
    }

    /** What one side comes to, with the row to look at. */
    private void side(String which, @Nullable Verification verification, VerifyModel.Outcome outcome,
            Layers layers) {
        var problem = outcome.problem();
        if (problem == null && verification != null && verification.modules().isEmpty()) {
            problem = verification.ladder().stream().map(Verification.Step::problem).filter(p -> p != null).findFirst()
                    .orElse(null);
        }
        var name = ui.t(which.equals("before")
                ? "preview.before"
                : model.other().get() == null ? "preview.after" : "preview.this");
        if (problem != null) {
            sentence("mdi2m-minus-circle-outline", "muted-icon",
                    ui.t("verify.side.none", "side", name, "why", why(ui, model, problem)), null, which);
            var word = problem.field();
            if (NumberField.isAsked(problem) && word != null && model.other().get() == null
                    && which.equals("after")) {
                sentences.getChildren()
                        .add(new NumberField(ui, word, value -> ui.session().setNumber(word, value)));
            }
            return;
        }
        if (verification == null || verification.modules().isEmpty()) { return; }
        var bad = Layers.bad(verification);
        if (bad.isEmpty()) {
            double most = verification.modules().stream().mapToDouble(Verification.Module::error).max().orElse(0);
            sentence("mdi2c-check-circle", "status-fits", ui.t("verify.side.good", "side", name, "error", number(most),
                    "tolerance", "1e-3"), null, which);
            return;
        }
        var row = layers.row(bad.get());
        boolean square = row.map(r -> r.hidden()).orElse(false);
        sentence("mdi2c-close-octagon", "status-mismatch",
                ui.t(square ? "verify.side.square" : "verify.side.bad", "side", name, "error",
                        number(bad.get().error()), "place", layers.place(bad.get())),
                row.map(r -> r.target().name()).orElse(null), which);
    }

    /** Why nothing can be compared, and what to do where a window has no place for it. */
    static String why(Ui ui, VerifyModel model, Problem problem) {
        if (problem.code() == Code.OTHER_MODEL && model.other().get() != null) {
            return ui.t("verify.otherSize", "found", problem.found(), "expected", problem.expected());
        }
        return NumberField.isAsked(problem)
                ? ui.texts().message(problem)
                : ui.texts().message(problem) + ui.t("sentence.gap") + ui.texts().hint(problem);
    }

    private String number(double value) {
        return value == 0 ? "0" : ui.texts().decimal(value, 2);
    }

    private void sentence(String icon, String style, String text, @Nullable String row, String which) {
        var label = new Label(text, ui.icon(icon, 15, style));
        label.setGraphicTextGap(ui.px(8));
        label.setWrapText(true);
        label.setMinHeight(Region.USE_PREF_SIZE);
        label.setId("verdict-" + which);
        HBox.setHgrow(label, Priority.ALWAYS);
        label.setMaxWidth(Double.MAX_VALUE);
        var box = new HBox(ui.px(12), label);
        box.setAlignment(Pos.CENTER_LEFT);
        if (row != null) {
            var show = ui.button(ui.t("verify.showRow"), null, () -> ui.session().reveal(row), "link");
            show.setId("show-row-" + which);
            box.getChildren().add(show);
        }
        sentences.getChildren().add(box);
    }

    /** The chart in whatever room there is; the pointer reads values off. */
    private final class Chart extends Region {
        private final DrawingView view = new DrawingView(ui);
        private @Nullable ErrorChart chart;

        Chart() {
            getChildren().add(view);
            setMinHeight(ui.px(150));
            setPrefHeight(ui.px(260));
            view.onPoint((x, _) -> read(x));
        }

        void set(@Nullable ErrorChart other) {
            chart = other;
            setAccessibleText(other == null ? "" : spoken(other));
            requestLayout();
        }

        private void read(double x) {
            var shown = chart;
            if (shown == null) { return; }
            int at = shown.layerAt(x, getWidth() / ui.look().scale());
            readout.setText(at < 0 ? "" : shown.layers().get(at) + "  " + String.join("  ", values(shown, at)));
        }

        private List<String> values(ErrorChart shown, int at) {
            return shown.lines().stream()
                    .map(l -> (l.form() == Drawing.Form.RING ? "○ " : "▲ ") + number(l.values().get(at))).toList();
        }

        private String spoken(ErrorChart shown) {
            var words = new ArrayList<String>();
            for (int i = 0; i < shown.layers().size(); i++) {
                words.add(shown.layers().get(i) + " " + String.join(" ", values(shown, i)));
            }
            return String.join(", ", words);
        }

        @Override
        protected void layoutChildren() {
            var shown = chart;
            view.resizeRelocate(0, 0, getWidth(), getHeight());
            view.show(shown == null
                    ? null
                    : shown.draw(getWidth() / ui.look().scale(), Math.max(120, getHeight() / ui.look().scale())));
        }
    }
}
