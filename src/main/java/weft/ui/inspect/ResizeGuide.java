package weft.ui.inspect;

import javafx.geometry.Pos;
import javafx.scene.control.Label;
import javafx.scene.layout.FlowPane;
import javafx.scene.layout.Region;
import javafx.scene.layout.VBox;

import weft.plan.Kind;
import weft.plan.Row;
import weft.rule.Pad;
import weft.tensor.Shape;
import weft.ui.Ui;
import weft.work.RowsReport;

/** A row that fits but for its number of tokens or positions: what stands in the surplus, and the ways to make it fit. */
final class ResizeGuide extends VBox {
    /** What is proposed before the other ways. */
    static final Pad.Filling FIRST = new Pad.Mean();
    private static final long SEED = 42;
    private static final double DEVIATION = 0.02;
    private final Ui ui;

    ResizeGuide(Ui ui, Row row) {
        this.ui = ui;
        setId("resize-guide");
        setSpacing(ui.px(8));
        var mine = row.sources().isEmpty() ? Shape.SCALAR : row.sources().getFirst().shape();
        var theirs = row.target().shape();
        int axis = 0;
        while (axis < Math.min(mine.rank(), theirs.rank()) && mine.dim(axis) == theirs.dim(axis)) {
            axis++;
        }
        if (axis >= mine.rank() || mine.rank() != theirs.rank()) { return; }
        long here = mine.dim(axis);
        long there = theirs.dim(axis);
        boolean words = row.kind() == Kind.VOCABULARY;
        var says = Ui.label(ui.t(here > there
                ? words ? "resize.tokens.more" : "resize.positions.more"
                : words ? "resize.tokens.fewer" : "resize.positions.fewer", "n", Math.abs(here - there)), "why-text");
        says.setWrapText(true);
        says.setMinHeight(Region.USE_PREF_SIZE);
        var found = Ui.label("", "muted");
        found.setId("resize-found");
        found.setWrapText(true);
        found.setMinHeight(Region.USE_PREF_SIZE);
        found.managedProperty().bind(found.textProperty().isNotEmpty());
        var ways = new FlowPane(ui.px(8), ui.px(8));
        ways.setAlignment(Pos.CENTER_LEFT);
        if (here > there) {
            way(ways, "resize-cut", ui.t("resize.cut", "n", there), ui.t(words ? "resize.cut.tip" : "resize.cutAt.tip"),
                    FIRST, true);
            look(row, found);
        } else {
            way(ways, "resize-mean", ui.t("resize.mean"), ui.t("resize.mean.tip"), FIRST, true);
            way(ways, "resize-zero", ui.t("resize.zero"), ui.t("resize.zero.tip"), new Pad.Zero(), false);
            way(ways, "resize-normal", ui.t("resize.normal"), ui.t("resize.normal.tip"),
                    new Pad.Normal(SEED, DEVIATION), false);
        }
        getChildren().addAll(says, found, ways);
    }

    private void way(FlowPane ways, String id, String text, String tip, Pad.Filling filling, boolean first) {
        var button = ui.button(text, null, () -> ui.session().resize(filling));
        if (first) {
            button.getStyleClass().add("accent");
        }
        button.setId(id);
        button.setTooltip(Ui.tip(tip));
        ways.getChildren().add(button);
    }

    /** What the surplus rows hold: whether anything is lost is read from them. */
    private void look(Row row, Label found) {
        var workspace = ui.session().workspace().get();
        if (workspace == null) { return; }
        var tensor = row.sources().getFirst().name();
        ui.session().tasks().run("resize-look", "busy.tensor", _ -> RowsReport.of(workspace),
                all -> all.stream().filter(d -> d.tensor().equals(tensor)).findFirst().ifPresent(d -> {
                    var extra = d.extra();
                    if (extra != null) {
                        found.setText(ui.t("resize.extra." + extra.id(), "least", ui.texts().decimal(d.least(), 3),
                                "most", ui.texts().decimal(d.most(), 3), "usual", ui.texts().decimal(d.usual(), 3)));
                    }
                }), _ -> {
                });
    }
}
