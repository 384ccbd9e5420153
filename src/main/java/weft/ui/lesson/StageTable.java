package weft.ui.lesson;

import java.util.ArrayList;
import java.util.List;
import javafx.geometry.Insets;
import javafx.geometry.Pos;
import javafx.scene.Node;
import javafx.scene.control.Button;
import javafx.scene.control.Label;
import javafx.scene.layout.ColumnConstraints;
import javafx.scene.layout.GridPane;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import javafx.scene.layout.VBox;
import javafx.scene.shape.Rectangle;

import org.jspecify.annotations.Nullable;

import weft.plan.Producer;
import weft.plan.Row;
import weft.rule.Pad;
import weft.ui.Ui;
import weft.ui.Watch;
import weft.ui.tree.Chip;

/**
 * A handful of the plan's rows in large type: name, shape in the file, what is done to it, shape in the model, whether
 * that shape fits. Pressing a row's chip tries the next way. Whether it is right, it doesn't say.
 */
final class StageTable extends VBox {
    private static final double[] SHARES = {35, 18, 21, 18, 8};
    private static final String WEIGHT = ".weight";
    private final Ui ui;
    private final LessonModel model;
    private final GridPane grid = new GridPane();
    private final Label where = Ui.label("", "stage-title");

    StageTable(Ui ui, LessonModel model) {
        this.ui = ui;
        this.model = model;
        setId("stage-table");
        setSpacing(ui.px(8));
        var sides = Ui.firm(ui.t("stage.sides"), "muted", "small");
        var keys = new HBox(ui.px(4), Ui.firm("↑", "key"), Ui.firm("↓", "key"), Ui.firm(ui.t("stage.space"), "key"));
        keys.setMinWidth(USE_PREF_SIZE);
        var head = new HBox(ui.px(12), where, keys, Ui.space(), sides);
        head.setAlignment(Pos.CENTER_LEFT);
        for (var share : SHARES) {
            var column = new ColumnConstraints();
            column.setPercentWidth(share);
            column.setHgrow(Priority.ALWAYS);
            grid.getColumnConstraints().add(column);
        }
        grid.getStyleClass().addAll("stage-card", "stage-grid");
        var corners = new Rectangle(); // the marked row would stand out of them
        corners.widthProperty().bind(grid.widthProperty());
        corners.heightProperty().bind(grid.heightProperty());
        corners.setArcWidth(ui.px(13));
        corners.setArcHeight(ui.px(13));
        grid.setClip(corners);
        getChildren().addAll(head, grid);
        Watch.over(this, this::show, ui.session().workspace(), model.row());
        show();
    }

    private void show() {
        grid.getChildren().clear();
        var rows = model.rows();
        var names = rows.stream().map(StageTable::source).toList();
        var targets = rows.stream().map(r -> r.target().name()).toList();
        boolean one = rows.size() > 1 && names.stream().distinct().count() == 1;
        var prefix = one ? names.getFirst() + "." : prefix(names);
        where.setText(prefix.isEmpty() ? ui.t("stage.rows") : prefix.substring(0, prefix.length() - 1));
        for (int i = 0; i < rows.size(); i++) {
            var target = targets.get(i).substring(prefix(targets).length());
            var name = one ? target : names.get(i).substring(prefix(names).length());
            boolean weights = name.endsWith(WEIGHT) && target.endsWith(WEIGHT);
            row(rows.get(i), i, weights ? cut(name) : name, weights ? cut(target) : target);
        }
    }

    private static String cut(String name) {
        return name.substring(0, name.length() - WEIGHT.length());
    }

    private static String source(Row row) {
        return row.sources().isEmpty() ? row.target().name() : row.sources().getFirst().name();
    }

    /** What all names begin with, up to a dot or a slash. */
    private static String prefix(List<String> names) {
        if (names.isEmpty()) { return ""; }
        var first = names.getFirst();
        int cut = 0;
        for (int i = 0; i < first.length(); i++) {
            int at = i;
            if (!names.stream().allMatch(n -> n.length() > at + 1 && n.charAt(at) == first.charAt(at))) {
                break;
            }
            if (first.charAt(i) == '.' || first.charAt(i) == '/') {
                cut = i + 1;
            }
        }
        return first.substring(0, cut);
    }

    private void row(Row row, int at, String name, String target) {
        boolean here = model.row().get() == at;
        var names = new VBox(Ui.label(name, "mono", "stage-name"));
        names.setAlignment(Pos.CENTER_LEFT);
        if (!name.equals(target)) {
            names.getChildren().add(Ui.label("→ " + target, "mono", "muted", "stage-target"));
        }
        boolean fits = row.status().isReady();
        var sign = ui.icon(fits ? "mdi2c-check-circle" : "mdi2c-close-octagon", 18,
                fits ? "status-fits" : "status-mismatch");
        sign.setAccessibleText(ui.t(fits ? "stage.fits" : "stage.misfit"));
        var cells = List.<Node>of(names,
                shape(row.sources().isEmpty() ? "–" : row.sources().getFirst().shape().toString()),
                chip(row, at), shape(row.target().shape().toString()), sign);
        for (int i = 0; i < cells.size(); i++) {
            var cell = new HBox(cells.get(i));
            cell.setAlignment(i == 1 || i == 3 ? Pos.CENTER_RIGHT : i == 0 ? Pos.CENTER_LEFT : Pos.CENTER);
            cell.setMinHeight(ui.px(52));
            cell.setPadding(new Insets(0, ui.px(4), 0, ui.px(i == 0 ? 12 : 4)));
            cell.getStyleClass().add("stage-cell");
            if (i == 0) {
                cell.getStyleClass().add("stage-first");
            }
            if (here) {
                cell.getStyleClass().add(i == 0 ? "stage-here-first" : "stage-here");
            }
            HBox.setHgrow(names, Priority.ALWAYS);
            cell.setOnMouseClicked(_ -> model.row().set(at));
            grid.add(cell, i, at);
        }
    }

    private Label shape(String text) {
        return Ui.firm(text, "mono", "stage-shape");
    }

    private Button chip(Row row, int at) {
        boolean given = row.rule() != null && ui.session().accepted().contains(row.rule());
        var chips = given ? Chip.of(List.of(row)) : List.<Chip>of();
        var words = new ArrayList<String>();
        for (var chip : chips) {
            words.add(chip.key().equals("chip.rename") ? ui.t("stage.asItIs") : said(chip));
        }
        var part = part(row);
        if (given && part != null) {
            words.add(part);
        }
        if (given) {
            row.ops().stream().filter(op -> op instanceof Pad).map(op -> filling(((Pad) op).filling()))
                    .forEach(words::add);
        }
        boolean same = given && chips.stream().allMatch(c -> c.key().equals("chip.rename"));
        var text = !given
                ? ui.t(row.status().isReady() ? "stage.asItIs" : "stage.none")
                : String.join(ui.t("list.comma"), words);
        var button = ui.button(text, null, () -> {
            model.row().set(at);
            model.turn(row);
        }, "stage-chip", same || !given && row.status().isReady() ? "plain" : given ? "given" : "open");
        button.setId("stage-chip-" + (at + 1));
        button.setFocusTraversable(false);
        button.setMinWidth(Region.USE_COMPUTED_SIZE);
        button.setWrapText(true);
        return button;
    }

    /** The chip's word; a tie names the other parameter, which the large table has no room for. */
    private String said(Chip chip) {
        return chip.key().equals("chip.tie") ? ui.t("stage.tied") : ui.t(chip.key(), "what", chip.argument());
    }

    /** What new rows hold: two ways to make a row may differ in nothing else. */
    private String filling(Pad.Filling filling) {
        return switch (filling) {
            case Pad.Zero _ -> ui.t("stage.fill.zero");
            case Pad.Mean _ -> ui.t("stage.fill.mean");
            case Pad.Row row -> ui.t("stage.fill.row", "n", row.index());
            case Pad.Normal _ -> ui.t("stage.fill.normal");
        };
    }

    /** Which part of a tensor that is taken apart; {@code null} of one that isn't. */
    private @Nullable String part(Row row) {
        return row.producer() instanceof Producer.FromSources from && from.chain().out().size() > 1
                ? ui.t("stage.part", "n", from.target() + 1)
                : null;
    }
}
