package weft.ui.preview;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javafx.geometry.HPos;
import javafx.geometry.Pos;
import javafx.scene.layout.ColumnConstraints;
import javafx.scene.layout.GridPane;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import javafx.scene.layout.StackPane;

import org.jspecify.annotations.Nullable;

import weft.ui.Ui;
import weft.ui.preview.PreviewModel.Which;
import weft.work.Running.Candidate;

/** The likeliest tokens as bars on one scale: after the prompt, or in the place of a token that was clicked. */
final class NextBars extends GridPane {
    private final Ui ui;
    private final InsideModel inside;
    private final boolean isBefore;
    private final double most;

    NextBars(Ui ui, PreviewModel model, InsideModel inside, Which which, double most) {
        this.ui = ui;
        this.inside = inside;
        this.isBefore = which == Which.BEFORE;
        this.most = most;
        getStyleClass().add("bars");
        setId("bars-" + which.name().toLowerCase(Locale.ROOT));
        setVgap(ui.px(6));
        setHgap(ui.px(12));
        var name = new ColumnConstraints(ui.px(96));
        var bar = new ColumnConstraints();
        bar.setHgrow(Priority.ALWAYS);
        var number = new ColumnConstraints(ui.px(60));
        number.setHalignment(HPos.RIGHT);
        getColumnConstraints().addAll(name, bar, number);
        var side = model.side(which);
        var chosen = inside.chosen().get();
        if (chosen != null && chosen.which() == which && chosen.position() < side.said().size()) {
            alternatives(side.said().texts().get(chosen.position()), chosen.position());
        } else if (!side.next().isEmpty()) {
            head(ui.t("preview.next"), side.bits(), false);
            for (var candidate : side.next()) {
                bar(candidate, null, false);
            }
        }
    }

    /** A token for people: blanks can be seen. */
    static String shown(String token) {
        return token.replace(" ", "␣").replace("\n", "⏎").replace("\t", "⇥");
    }

    private void head(String title, double bits, boolean closes) {
        var unsure = Ui.firm(Double.isNaN(bits) ? "" : ui.t("preview.bits", "bits", ui.texts().decimal(bits, 2)),
                "muted", "small");
        unsure.setTooltip(Ui.tip(ui.t("preview.bits.tip")));
        var line = new HBox(ui.px(8), Ui.label(title, "strong-text"), Ui.space(), unsure);
        if (closes) {
            var close = ui.iconButton("mdi2c-close", ui.t("inside.close"), () -> inside.choose(null));
            close.setId("inside-close");
            line.getChildren().add(close);
        }
        line.setAlignment(Pos.CENTER_LEFT);
        add(line, 0, 0, 3, 1);
    }

    private void alternatives(String token, int position) {
        var title = ui.t("inside.instead", "token", shown(token));
        var place = inside.place().get();
        var problem = inside.problem().get();
        head(title, place == null ? Double.NaN : place.next().bits(), true);
        if (position == 0 || place == null) {
            var why = Ui.label(position == 0
                    ? ui.t("inside.first")
                    : problem != null ? ui.texts().message(problem) : ui.t("busy.inside"), "muted");
            why.setWrapText(true);
            add(why, 0, 1, 3, 1);
            return;
        }
        List<Candidate> all = new ArrayList<>(place.next().likeliest());
        if (all.stream().noneMatch(c -> c.id() == place.chosen().id())) {
            all.add(place.chosen());
        }
        for (var candidate : all) {
            boolean mine = candidate.id() == place.chosen().id();
            bar(candidate, candidate.token(), mine);
        }
        var rank = Ui.label(ui.t("inside.rank", "token", shown(token), "n", place.rank()), "muted", "small");
        rank.setId("token-rank");
        add(rank, 0, all.size() + 1, 3, 1);
    }

    /** @param goesOn what the text goes on with when the word is clicked; {@code null} if it doesn't */
    private void bar(Candidate candidate, @Nullable String goesOn, boolean mine) {
        int row = getRowCount();
        var token = shown(candidate.token() == null ? "#" + candidate.id() : candidate.token());
        if (goesOn == null || mine) {
            var name = Ui.label(token, "mono");
            if (mine) {
                name.setGraphic(ui.icon("mdi2c-check", 12, "accent-icon"));
                name.getStyleClass().add("strong-text");
            }
            add(name, 0, row);
        } else {
            var name = ui.button(token, null, () -> inside.continueWith(goesOn), "link", "mono");
            name.setMinWidth(0);
            name.setTooltip(Ui.tip(ui.t("inside.continue", "token", token)));
            name.setId("instead-" + candidate.id());
            add(name, 0, row);
        }
        add(new Track(candidate.probability() / most, isBefore), 1, row);
        double percent = candidate.probability() * 100;
        add(Ui.firm(String.format(Locale.ROOT, percent >= 0.1 ? "%.1f %%" : "%.3f %%", percent), "mono", "muted"), 2,
                row);
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
            fill.resizeRelocate(0, 0, Math.max(1, getWidth() * Math.min(1, part)), getHeight());
        }
    }
}
