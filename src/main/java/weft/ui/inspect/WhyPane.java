package weft.ui.inspect;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import javafx.geometry.Insets;
import javafx.geometry.Pos;
import javafx.geometry.VPos;
import javafx.scene.control.Button;
import javafx.scene.control.Label;
import javafx.scene.control.ScrollPane;
import javafx.scene.input.KeyEvent;
import javafx.scene.layout.BorderPane;
import javafx.scene.layout.FlowPane;
import javafx.scene.layout.GridPane;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import javafx.scene.layout.VBox;

import org.jspecify.annotations.Nullable;

import weft.arch.Dialect;
import weft.picture.WhyPicture;
import weft.plan.Evidence;
import weft.plan.Kind;
import weft.plan.Plan;
import weft.plan.Producer;
import weft.plan.Row;
import weft.plan.Status;
import weft.rule.Combine;
import weft.rule.Rearrange;
import weft.rule.Rule;
import weft.ui.Ui;
import weft.ui.Watch;
import weft.ui.tree.Item;
import weft.work.Guided;
import weft.work.RowReasons;

/** Why the selected row is as it is: words on the left, the picture with the lit cell on the right. */
public final class WhyPane extends BorderPane {
    /** What the buttons lead to. */
    public interface Ways {
        void editRule();
    }

    private static final double HEIGHT = 276;
    private final Ui ui;
    private final Ways ways;
    private final VBox words = new VBox();
    private final DrawingView view;
    /** The picture, and what tells two readings apart: beside it where there is room, else under it. */
    private final FlowPane right = new FlowPane();
    private final VBox left = new VBox();
    private final VBox steps = new VBox();
    private final ScrollPane centre;
    private @Nullable WhyPicture picture;
    private WhyPicture.@Nullable Cell cell;
    /** Shows whether a proof runs, on the button that is there now. */
    private final AtomicReference<Runnable> proving = new AtomicReference<>(() -> {
    });

    public WhyPane(Ui ui, Ways ways) {
        this.ui = ui;
        this.ways = ways;
        getStyleClass().add("why-pane");
        view = new DrawingView(ui);
        view.setFocusTraversable(true);
        view.onPoint((x, y) -> {
            if (picture != null) {
                picture.cellAt(x, y).ifPresent(this::light);
            }
        });
        view.addEventHandler(KeyEvent.KEY_PRESSED, this::key);
        words.getStyleClass().add("why-words");
        words.setPrefWidth(ui.px(396));
        words.setMinWidth(ui.px(200));
        words.setMaxWidth(ui.px(396));
        var leftScroll = new ScrollPane(words);
        leftScroll.setFitToWidth(true);
        leftScroll.setFitToHeight(true);
        leftScroll.setHbarPolicy(ScrollPane.ScrollBarPolicy.NEVER);
        leftScroll.getStyleClass().add("plain-scroll");
        leftScroll.prefWidthProperty()
                .bind(widthProperty().multiply(0.31).map(w -> Math.clamp(w.doubleValue(), ui.px(290), ui.px(396))));
        VBox.setVgrow(leftScroll, Priority.ALWAYS);
        steps.getStyleClass().add("why-steps");
        left.getChildren().setAll(leftScroll, steps);
        left.getStyleClass().add("why-left");
        left.prefWidthProperty().bind(leftScroll.prefWidthProperty());
        right.setAlignment(Pos.TOP_LEFT);
        var scroll = new ScrollPane(right);
        scroll.getStyleClass().add("plain-scroll");
        scroll.setFitToWidth(true);
        centre = scroll;
        scroll.viewportBoundsProperty().addListener((_, _, now) -> fit(now.getWidth()));
        Watch.over(this, this::show, ui.session().selected(), ui.session().workspace(), ui.session().proof());
        Watch.over(this, () -> proving.get().run(), ui.session().tasks().title());
        show();
    }

    /** The indices of the lit cell at each stage, source first; for tests. */
    public List<long[]> lit() {
        return picture == null || cell == null
                ? List.of()
                : picture.places(cell).stream().filter(p -> !p.isNowhere()).map(p -> p.index()).toList();
    }

    private void light(WhyPicture.Cell other) {
        cell = other;
        if (picture != null) {
            view.show(picture.draw(other));
            view.setAccessibleText(ui.t("why.picture", "cell", lit().stream().map(Arrays::toString)
                    .collect(Collectors.joining(" → "))));
        }
    }

    /** As large as there is room, down to three fifths; then it scrolls. */
    private void fit(double width) {
        var shown = picture;
        if (shown == null) { return; }
        double whole = shown.width() * ui.look().scale();
        view.setPrefWidth(width <= 0 ? whole : Math.max(0.6 * whole, Math.min(whole, width)));
        view.setPrefHeight(HEIGHT * ui.look().scale() * Math.min(1, view.getPrefWidth() / whole));
    }

    private void key(KeyEvent event) {
        if (picture == null || cell == null) { return; }
        long by = event.isShiftDown() ? 64 : 1;
        long down = switch (event.getCode()) {
            case UP -> -by;
            case DOWN -> by;
            default -> 0;
        };
        long across = switch (event.getCode()) {
            case LEFT -> -by;
            case RIGHT -> by;
            default -> 0;
        };
        if (down != 0 || across != 0) {
            light(picture.moved(cell, down, across));
            event.consume();
        }
    }

    private void show() {
        words.getChildren().clear();
        right.getChildren().clear();
        steps.getChildren().clear();
        steps.setVisible(false);
        steps.setManaged(false);
        picture = null;
        cell = null;
        var item = ui.session().selected().get();
        var plan = ui.session().plan().orElse(null);
        if (item == null || plan == null) {
            setLeft(null);
            setCenter(ui.empty("mdi2s-select-compare", ui.t(plan == null ? "why.noTarget" : "why.none")));
            return;
        }
        setLeft(left);
        setCenter(centre);
        if (!item.isRelation()) {
            group(item);
            return;
        }
        if (item.rows().isEmpty()) {
            title(ui.t("why.unused"));
            sentence(ui.t("why.unused.text"));
            return;
        }
        var row = item.rows().getFirst();
        var rows = row.rule() == null ? item.rows() : together(item, row, plan);
        var drawn = drawn(row, rows, plan);
        explain(item, rows, plan, drawn);
        drawn.ifPresentOrElse(p -> {
            picture(p);
            if (p.isTwoWays()) {
                right.getChildren().add(whatTells(row, plan));
            }
        }, () -> tryOut(item, row));
    }

    private void picture(WhyPicture shown) {
        picture = shown;
        light(shown.resting());
        fit(centre.getViewportBounds().getWidth());
        right.getChildren().add(view);
    }

    /** A row that waits for somebody to say how its rows are cut or added is drawn as the first way would make it. */
    private void tryOut(Item item, Row row) {
        var workspace = ui.session().workspace().get();
        if (workspace == null || !Guided.isResizable(row)) {
            ui.session().tasks().cancel("why-trial");
            return;
        }
        ui.session().tasks().ask("why-trial", _ -> Guided.resized(workspace, ResizeGuide.FIRST).plan(), tried -> {
            if (ui.session().workspace().get() == workspace && ui.session().selected().get() == item) {
                tried.flatMap(p -> p.row(row.target().name()).flatMap(made -> drawn(made, List.of(made), p)))
                        .ifPresent(made -> {
                            var note = Ui.label(ui.t("why.trial"), "muted", "small");
                            note.setId("why-trial");
                            note.setWrapText(true);
                            note.setMinHeight(Region.USE_PREF_SIZE);
                            add(note);
                            picture(made);
                        });
            }
        });
    }

    /** What is tied is drawn as the one it is tied to, with both names. */
    private Optional<WhyPicture> drawn(Row row, List<Row> rows, Plan plan) {
        var other = row.producer() instanceof Producer.SameAs same ? plan.row(same.parameter()) : Optional.<Row>empty();
        return other.isPresent()
                ? WhyPicture.tied(row, other.get(), plan.sizes(), ui.texts(), formulas(plan), HEIGHT)
                : WhyPicture.of(rows, plan.sizes(), ui.texts(), formulas(plan), HEIGHT);
    }

    /** A part of a relation is explained with the others of it. */
    private static List<Row> together(Item item, Row row, Plan plan) {
        if (item.kind() != Item.Kind.PART) { return item.rows(); }
        return plan.rows().stream().filter(r -> row.rule() != null && row.rule().equals(r.rule())
                && r.sources().equals(row.sources())).toList();
    }

    private static WhyPicture.Formulas formulas(Plan plan) {
        var source = plan.source().recognition() == null ? null : plan.source().recognition().dialect();
        return new WhyPicture.Formulas(formula(source), formula(plan.target().dialect()));
    }

    private static @Nullable String formula(@Nullable Dialect dialect) {
        return dialect == null ? null : dialect.computes();
    }

    private void add(Region node) {
        words.getChildren().add(node);
    }

    private void title(String text) {
        var label = Ui.label(text, "pane-title");
        label.setWrapText(true);
        add(label);
    }

    private void sentence(String text) {
        var label = Ui.label(text, "why-text");
        label.setWrapText(true);
        label.setMinHeight(Region.USE_PREF_SIZE);
        add(label);
    }

    private void warning(String text) {
        var label = new Label(text, ui.icon("mdi2e-eye-off", 16, "hidden-icon"));
        label.setWrapText(true);
        label.setMinHeight(Region.USE_PREF_SIZE);
        label.setGraphicTextGap(ui.px(8));
        label.getStyleClass().add("why-warning");
        add(label);
    }

    private void explain(Item item, List<Row> rows, Plan plan, Optional<WhyPicture> drawn) {
        var row = rows.getFirst();
        var kind = row.kind();
        var f = formulas(plan);
        boolean turned = row.ops().stream().anyMatch(op -> op instanceof Rearrange r && !r.isSqueeze());
        boolean twoWays = drawn.map(WhyPicture::isTwoWays).orElse(false);
        if (row.problem() != null) {
            title(ui.t("why.mismatch"));
            sentence(ui.texts().message(row.problem()));
            if (Guided.isResizable(row)) {
                add(new ResizeGuide(ui, row));
            } else {
                sentence(ui.texts().hint(row.problem()));
            }
        } else if (twoWays) {
            var shape = row.target().shape();
            title(ui.t("why.square"));
            sentence(ui.t("why.square.text", "n", Long.toString(shape.dim(0)), "shape", shape));
            warning(ui.t("why.square.count", "n", plan.hidden()));
        } else {
            switch (row.status()) {
                case FITS -> {
                    title(ui.t("why.fits"));
                    sentence(ui.t("why.fits.text"));
                }
                case MISSING -> {
                    title(ui.t("why.missing"));
                    sentence(ui.t("why.missing.text"));
                }
                case OPTIONAL -> {
                    title(ui.t("why.optional"));
                    sentence(ui.t("why.optional.text"));
                }
                case UNPROVEN -> {
                    title(ui.t("why.unproven"));
                    sentence(ui.t("why.unproven.text"));
                }
                case MISMATCH, NEEDS_RULE, BY_RULE -> change(row, rows, kind, turned, f);
            }
        }
        var reasons = RowReasons.of(plan, rows, ui.session().proof().get(), ui.texts());
        if (!reasons.isEmpty()) {
            var reason = Ui.label(String.join("\n", reasons), "muted", "small");
            reason.setId("why-reasons");
            reason.setWrapText(true);
            reason.setMinHeight(Region.USE_PREF_SIZE);
            add(reason);
        }
        buttons(item, row, plan);
    }

    private void change(Row row, List<Row> rows, @Nullable Kind kind, boolean turned, WhyPicture.Formulas f) {
        var turn = turned && f.source() != null && f.target() != null && !f.source().equals(f.target())
                ? ui.t("why.turn", "source", f.source(), "target", f.target())
                : turned ? ui.t("why.turn.plain") : "";
        switch (kind) {
            case null -> title(ui.t("why.fits"));
            case SPLIT -> {
                title(ui.t(turned ? "why.turnedFused" : "why.fused"));
                var size = rows.getFirst().target().shape();
                sentence((turn.isEmpty() ? "" : turn + ui.t("sentence.gap"))
                        + ui.t("why.fused.text", "n", rows.size(), "total",
                                Long.toString(rows.size() * size.dim(0)), "each", Long.toString(size.dim(0))));
                if (size.rank() == 2 && size.dim(0) == size.dim(1)) {
                    warning(ui.t("why.fused.square", "n", rows.size()));
                }
            }
            case TRANSPOSED -> {
                title(ui.t("why.turned"));
                sentence(turn);
                if (row.hidden()) {
                    warning(ui.t("why.square.here"));
                }
            }
            case TIED -> {
                title(ui.t("why.tied"));
                sentence(ui.t("why.tied.text"));
            }
            case RENAMED -> {
                title(ui.t("why.renamed"));
                sentence(ui.t("why.renamed.text"));
            }
            case SQUEEZED -> {
                title(ui.t("why.squeezed"));
                sentence(ui.t("why.squeezed.text"));
            }
            case MERGED -> merged(row);
            case JOINED, STACKED, UNSTACKED -> {
                title(ui.t("why.joined"));
                sentence(ui.t("why.joined.text", "n", row.sources().size()));
            }
            case INITIALISED -> {
                title(ui.t("why.made"));
                sentence(ui.t(row.rule() instanceof Rule.Init made && made.fill() == Rule.Fill.NORMAL
                        ? "why.made.random"
                        : "why.made.text"));
            }
            case KEPT -> {
                title(ui.t("why.kept"));
                sentence(ui.t("why.kept.text"));
            }
            case PERMUTED -> {
                var moves = row.ops().stream().filter(op -> op instanceof Rearrange).map(op -> (Rearrange) op).toList();
                boolean cut = moves.stream().anyMatch(Rearrange::isReshape);
                title(ui.t(cut ? "why.recut" : "why.permuted"));
                sentence(ui.t(cut
                        ? "why.recut.text"
                        : moves.stream().anyMatch(Rearrange::movesPairs) ? "why.permuted.text" : "why.permuted.other"));
                if (row.hidden()) {
                    warning(ui.t("why.permuted.here"));
                }
            }
            case VOCABULARY, CONTEXT -> {
                title(ui.t("why.changed", "kind", ui.texts().kind(kind.id())));
                if (Guided.isResizable(row)) {
                    add(new ResizeGuide(ui, row));
                } else {
                    sentence(ui.t("why.changed.text"));
                }
            }
            case RESIZED -> {
                title(ui.t("why.resized"));
                sentence(ui.t("why.resized.text"));
            }
            case CAST, SCALED, OTHER_MODEL_SIZE, QUANTISED, UNKNOWN_DTYPE, SHAPE -> {
                title(ui.t("why.changed", "kind", ui.texts().kind(kind.id())));
                sentence(ui.t("why.changed.text"));
            }
        }
    }

    /** An adapter that is added, or packed numbers that are unpacked. */
    private void merged(Row row) {
        var recipe = row.ops().stream().filter(op -> op instanceof Combine).map(op -> ((Combine) op).recipe())
                .findFirst().orElse(null);
        switch (recipe) {
            case Combine.Lora lora -> {
                title(ui.t("why.lora"));
                sentence(ui.t("why.lora.text", "r", lora.r(), "alpha", lora.alpha() == Math.rint(lora.alpha())
                        ? Long.toString((long) lora.alpha())
                        : ui.texts().decimal(lora.alpha(), 3)));
            }
            case Combine.Nf4 nf4 -> {
                title(ui.t("why.packed"));
                sentence(ui.t("why.packed.nf4", "block", nf4.block()));
            }
            case Combine.Int8 _ -> {
                title(ui.t("why.packed"));
                sentence(ui.t("why.packed.int8"));
            }
            case Combine.Fp8 fp8 -> {
                title(ui.t("why.packed"));
                sentence(ui.t("why.packed.fp8", "block", fp8.block()));
            }
            case Combine.Add _ -> {
                title(ui.t("why.joined"));
                sentence(ui.t("why.joined.text", "n", row.sources().size()));
            }
            case null -> { // a tensor that was trained as a whole takes the base's place
                title(ui.t("why.replaced"));
                sentence(ui.t("why.replaced.text"));
            }
        }
    }

    private void buttons(Item item, Row row, Plan plan) {
        var box = new FlowPane(ui.px(8), ui.px(8));
        box.setAlignment(Pos.CENTER_LEFT);
        var rule = row.rule();
        if (rule != null && row.status() == Status.NEEDS_RULE) {
            int mine = Math.max(1, item.kind() == Item.Kind.PART ? rule.targets().size() : item.rows().size());
            long alike = plan.rows().stream().filter(r -> rule.equals(r.rule())).count() / mine;
            var all = ui.button(alike > 1 ? ui.t("why.acceptAlike", "n", alike) : ui.t("action.accept"),
                    ui.icon("mdi2c-check", 16), () -> ui.session().accept(rule), "accent");
            all.setId("accept-alike");
            box.getChildren().add(all);
            if (alike > 1) {
                var one = ui.button(ui.t("why.acceptOnly"), null, () -> ui.session().acceptOnly(item.rows()));
                one.setId("accept-only");
                box.getChildren().add(one);
            }
            box.getChildren().add(editButton(rule));
        } else if (rule != null && ui.session().accepted().contains(rule)) {
            var drop = ui.button(ui.t("action.drop"), null, () -> ui.session().dropRule(rule));
            drop.setId("drop-rule");
            box.getChildren().addAll(drop, editButton(rule));
        }
        if (!box.getChildren().isEmpty()) {
            steps(box);
        }
    }

    /** What can be done stands below the words, however many they are. */
    private void steps(Region box) {
        steps.getChildren().setAll(box);
        steps.setVisible(true);
        steps.setManaged(true);
    }

    private Button editButton(Rule rule) {
        var edit = ui.button(ui.t("why.edit"), null, () -> {
            ui.session().editing().set(rule);
            ways.editRule();
        }, "link");
        edit.setId("edit-here");
        return edit;
    }

    private void group(Item item) {
        var name = Ui.label(item.target().isEmpty() ? item.source().text() : item.target().text(), "mono",
                "strong-text");
        name.setWrapText(true);
        add(name);
        var sizes = new ArrayList<String>();
        if (!item.tensors().isEmpty()) {
            sizes.add(ui.t("why.group.source", "n", item.tensors().size(), "count", ui.texts().count(item.elements()),
                    "bytes", ui.texts().bytes(item.bytes())));
        }
        if (!item.rows().isEmpty()) {
            sizes.add(ui.t("why.group.target", "n", item.rows().size(), "count", ui.texts().count(
                    item.rows().stream().mapToLong(r -> r.target().shape().count()).sum())));
        }
        var amounts = Ui.label(String.join("\n", sizes), "muted", "small");
        amounts.setId("group-sizes");
        amounts.setWrapText(true);
        amounts.setMinHeight(Region.USE_PREF_SIZE);
        add(amounts);
        var lines = new ArrayList<String>();
        item.counts().forEach((s, n) -> lines.add(ui.texts().status(s.id()) + " " + n));
        if (!lines.isEmpty()) {
            sentence(String.join(" · ", lines));
        }
        if (item.hidden() > 0) {
            warning(ui.t("why.square.count", "n", item.hidden()));
        }
        sentence(ui.t("why.group"));
        var rules = item.rows().stream().filter(r -> r.status() == Status.NEEDS_RULE).map(Row::rule).distinct().count();
        if (rules > 0) {
            var accept = ui.button(ui.t("why.acceptGroup", "n", rules), ui.icon("mdi2c-check", 16),
                    () -> ui.session().acceptUnder(item), "accent");
            accept.setId("accept-group");
            steps(accept);
        }
    }

    /** A square's table: what can tell the two readings apart. */
    private Region whatTells(Row row, Plan plan) {
        var grid = new GridPane();
        grid.getStyleClass().add("tells");
        grid.setHgap(ui.px(24));
        int line = 0;
        var n = Long.toString(row.target().shape().dim(0));
        line = tell(grid, line, "tells.shape", n + " = " + n, "tells.cant", "mdi2m-minus", "muted-icon");
        line = tell(grid, line, "tells.statistics", ui.t("tells.equal"), "tells.cant", "mdi2m-minus", "muted-icon");
        line = tell(grid, line, "tells.histogram", ui.t("tells.equal"), "tells.cant", "mdi2m-minus", "muted-icon");
        var recognised = plan.source().recognition();
        var dialect = recognised == null || row.evidence() != Evidence.CONVENTION ? null : recognised.dialect().id();
        boolean convention = dialect != null;
        line = tell(grid, line, "tells.convention", dialect == null ? "–" : dialect,
                convention ? "tells.yes" : "tells.cant", convention ? "mdi2c-check-circle" : "mdi2m-minus",
                convention ? "status-fits" : "muted-icon");
        boolean proved = row.evidence() == Evidence.FORWARD || row.evidence() == Evidence.VALUES;
        tell(grid, line, "tells.forward", ui.t(proved ? "tells.run" : "tells.notRun"),
                proved ? "tells.yes" : "tells.can",
                proved ? "mdi2c-check-circle" : "mdi2c-circle-outline", proved ? "status-fits" : "muted-icon");
        var run = proveButton();
        var box = new VBox(ui.px(8), Ui.label(ui.t("tells.title"), "strong-text"), grid, run);
        VBox.setMargin(run, new Insets(ui.px(8), 0, 0, 0));
        box.setPadding(new Insets(ui.px(14), ui.px(16), 0, ui.px(8)));
        box.setMinWidth(ui.px(380));
        return box;
    }

    /** One click proves all squares; a second one stops it. */
    private Button proveButton() {
        var button = ui.button("", null, () -> {
            if (ui.session().isProving()) {
                ui.session().cancelProof();
            } else {
                ui.session().prove();
            }
        });
        button.setId("prove");
        Runnable mark = () -> {
            boolean running = ui.session().isProving();
            button.setText(ui.t(running ? "action.cancel" : "tells.prove"));
            button.setGraphic(ui.icon(running ? "mdi2s-stop" : "mdi2p-play", 16));
        };
        proving.set(mark);
        mark.run();
        return button;
    }

    private int tell(GridPane grid, int line, String key, String found, String answer, String icon, String style) {
        var name = Ui.firm(ui.t(key), "tells-cell");
        var value = Ui.firm(found, "mono", "muted", "tells-cell");
        var says = new Label(ui.t(answer), ui.icon(icon, 15, style));
        says.getStyleClass().add("tells-cell");
        says.setMinWidth(Region.USE_PREF_SIZE);
        if (style.equals("status-fits")) {
            says.getStyleClass().addAll("status-fits", "strong-text");
        }
        for (var cellLabel : List.of(name, value, says)) {
            GridPane.setValignment(cellLabel, VPos.CENTER);
        }
        grid.add(name, 0, line);
        grid.add(value, 1, line);
        grid.add(says, 2, line);
        return line + 1;
    }
}
