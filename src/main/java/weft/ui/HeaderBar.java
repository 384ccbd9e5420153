package weft.ui;

import java.util.List;
import javafx.beans.property.ReadOnlyObjectProperty;
import javafx.geometry.Insets;
import javafx.geometry.Pos;
import javafx.scene.control.Button;
import javafx.scene.control.Label;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Pane;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import javafx.scene.layout.StackPane;
import javafx.scene.layout.VBox;

import weft.plan.Plan;
import weft.plan.Status;
import weft.tensor.DType;
import weft.tensor.TensorInfo;
import weft.ui.tree.Columns;
import weft.work.Workspace;

/** The four cards on top, over the table's columns: source, rules with the one next step, target, progress. */
final class HeaderBar extends Pane {
    /** What the cards' buttons do. */
    interface Steps {
        void chooseSource(Region near);

        void chooseTarget(Region near);

        void review();

        void showError();

        void export();
    }

    private final Ui ui;
    private final ReadOnlyObjectProperty<Columns> columns;
    private final Steps steps;
    private final StackPane source = card("card");
    private final StackPane rules = card("card", "card-rules");
    private final StackPane target = card("card");
    private final StackPane progress = card("card");
    private boolean tight;

    HeaderBar(Ui ui, ReadOnlyObjectProperty<Columns> columns, Steps steps) {
        this.ui = ui;
        this.columns = columns;
        this.steps = steps;
        getStyleClass().add("header");
        setMinHeight(ui.px(60));
        setPrefHeight(ui.px(60));
        source.setId("source-card");
        target.setId("target-card");
        getChildren().addAll(source, rules, target, progress);
        source.setOnMouseClicked(_ -> steps.chooseSource(source));
        target.setOnMouseClicked(_ -> steps.chooseTarget(target));
        Watch.over(this, this::measured, columns);
        Watch.over(this, this::show, ui.session().workspace());
        show();
    }

    private static StackPane card(String... classes) {
        var card = new StackPane();
        card.getStyleClass().addAll(classes);
        return card;
    }

    private void measured() {
        if (tight != columns.get().isTight(ui.look().scale())) {
            show();
        }
        requestLayout();
    }

    private void show() {
        tight = columns.get().isTight(ui.look().scale());
        var workspace = ui.session().workspace().get();
        if (workspace == null) { return; }
        source(workspace);
        target(workspace);
        rules(workspace);
        progress();
    }

    private void source(Workspace workspace) {
        var model = workspace.source();
        var recognition = model.recognition();
        var family = recognition == null ? "" : recognition.dialect().family().name();
        var name = String.valueOf(model.path().toAbsolutePath().normalize().getFileName());
        var title = family.isEmpty()
                ? name
                : familyTitle(family) + " · "
                        + weft.ui.tree.Amount.of(model.parameters(), ui.texts().isChinese());
        var tag = recognition == null ? ui.t("source.unknown") : recognition.dialect().title();
        var dtypes = model.tensors().stream().map(TensorInfo::dtype).distinct().map(DType::title).limit(3).toList();
        // the counts of both sides come first: what follows may be cut
        var line = String.join(" · ", List.of(ui.t("source.tensors", "n", model.tensors().size()), name,
                ui.texts().bytes(model.bytes()), String.join(", ", dtypes)));
        fill(source, "mdi2d-database-outline", title, tag, line, true);
    }

    private static String familyTitle(String family) {
        return switch (family) {
            case "gpt2" -> "GPT-2";
            case "llama" -> "Llama";
            default -> family;
        };
    }

    private void target(Workspace workspace) {
        var plan = workspace.plan();
        if (plan.isEmpty()) {
            fill(target, "mdi2t-target", ui.t("target.none"), "", ui.t("target.none.line"), true);
            return;
        }
        var architecture = plan.get().target();
        var dialect = architecture.dialect();
        var facts = new java.util.ArrayList<String>();
        if (dialect != null) {
            var family = dialect.family();
            architecture.size(family.layers()).ifPresent(n -> facts.add(ui.t("target.layers", "n", n)));
            architecture.size("d").ifPresent(n -> facts.add(ui.t("target.width", "n", Long.toString(n))));
            if (!family.context().isEmpty()) {
                architecture.size(family.context())
                        .ifPresent(n -> facts.add(ui.t("target.context", "n", Long.toString(n))));
            }
        }
        facts.addFirst(ui.t("target.parameters", "n", architecture.required()));
        var text = String.valueOf(workspace.targetText());
        var named = TargetChooser.shortly(text);
        var shortText = named.length() > 40 ? "…" + named.substring(named.length() - 39) : named;
        fill(target, "mdi2t-target", dialect == null ? ui.t("target.other") : dialect.title(), shortText,
                String.join(" · ", facts), true);
    }

    private void fill(StackPane card, String icon, String title, String tag, String line, boolean chooser) {
        var badge = new StackPane(ui.icon(icon, 18));
        badge.getStyleClass().add("card-badge");
        badge.setMinSize(ui.px(32), ui.px(32));
        badge.setMaxSize(ui.px(32), ui.px(32));
        // the tag gives way first: the title says what it is
        var name = title.length() <= 24 ? Ui.firm(title, "card-title") : Ui.label(title, "card-title");
        var first = new HBox(ui.px(8), name);
        first.setAlignment(Pos.CENTER_LEFT);
        if (!tag.isEmpty() && !tight) {
            var mark = Ui.label(tag, "tag");
            mark.setTooltip(Ui.tip(tag));
            if (tag.contains("/")) {
                mark.getStyleClass().add("mono");
            }
            first.getChildren().add(mark);
            // three letters of it say nothing, and the title would give way as well
            first.widthProperty().addListener((_, _, width) -> {
                double room = width.doubleValue() - name.prefWidth(-1) - ui.px(8);
                mark.setManaged(room >= Math.min(ui.px(80), mark.prefWidth(-1)));
                mark.setVisible(mark.isManaged());
            });
        }
        var second = Ui.label(line, "card-line");
        second.setTooltip(Ui.tip(line));
        var words = new VBox(first, second);
        words.setAlignment(Pos.CENTER_LEFT);
        words.setMinWidth(0);
        HBox.setHgrow(words, Priority.ALWAYS);
        var box = new HBox(ui.px(12), badge, words);
        if (chooser) {
            box.getChildren().add(ui.icon("mdi2m-menu-down", 16, "muted-icon"));
        }
        box.setAlignment(Pos.CENTER_LEFT);
        box.setPadding(new Insets(0, ui.px(16), 0, ui.px(16)));
        card.getChildren().setAll(box);
        card.setAccessibleText(title + ", " + tag + ", " + line);
    }

    private void rules(Workspace workspace) {
        var session = ui.session();
        var plan = workspace.plan();
        String title;
        String narrow; // where the window leaves no room for the sentence
        Label line;
        Button button;
        if (plan.isEmpty()) {
            title = ui.t("rules.none");
            narrow = title;
            line = Ui.label(ui.t("rules.none.line"), "card-line");
            button = ui.button(ui.t(tight ? "action.chooseTarget.short" : "action.chooseTarget"), null,
                    () -> steps.chooseTarget(target), "accent");
            button.setId("next-step");
        } else {
            int suggested = session.suggested().size();
            int accepted = session.accepted().size();
            int failing = session.failing().size();
            title = ui.t("rules.accepted", "n", accepted, "total", accepted + suggested);
            narrow = ui.t("rules.accepted.short", "n", accepted, "total", accepted + suggested);
            if (failing > 0) {
                line = new Label(ui.t("rules.failing", "n", failing),
                        ui.icon("mdi2c-close-octagon", 13, "status-mismatch"));
                line.getStyleClass().addAll("card-line", "bad");
                button = ui.button(ui.t("action.showIt"), null, steps::showError);
            } else if (suggested > 0) {
                line = Ui.label(ui.t("rules.suggested", "n", suggested), "card-line");
                button = ui.button(ui.t("action.review", "n", suggested), null, steps::review, "accent");
            } else if (plan.get().isComplete()) {
                line = Ui.label(ui.t("rules.complete"), "card-line");
                button = ui.button(ui.t("action.export"), null, steps::export, "accent");
            } else {
                line = Ui.label(ui.t("rules.open", "n", plan.get().open().size()), "card-line");
                button = ui.button(ui.t("action.showIt"), null, steps::showError);
            }
            button.setId("next-step");
        }
        var heading = Ui.label(title, "card-title-small");
        heading.setTooltip(Ui.tip(title + "\n" + line.getText()));
        var words = new VBox(heading, line);
        words.setAlignment(Pos.CENTER_LEFT);
        words.setMinWidth(0);
        words.widthProperty().addListener((_, _, width) -> {
            boolean room = width.doubleValue() >= ui.px(110);
            heading.setText(room ? title : narrow);
            heading.setVisible(width.doubleValue() >= ui.px(32));
            line.setVisible(room);
            line.setManaged(room);
        });
        HBox.setHgrow(words, Priority.ALWAYS);
        var box = new HBox(ui.px(8), words, button);
        box.setAlignment(Pos.CENTER_LEFT);
        box.setPadding(new Insets(0, ui.px(16), 0, ui.px(16)));
        rules.getChildren().setAll(box);
    }

    private void progress() {
        var plan = ui.session().plan();
        if (plan.isEmpty()) {
            progress.getChildren().clear();
            return;
        }
        var p = plan.get();
        long required = p.target().required();
        long ready = p.rows().stream().filter(r -> r.target().required() && r.status().isReady()).count();
        var title = Ui.label(ui.t("progress.ready", "n", ready, "total", required), "card-title-small");
        var percent = Ui.firm(required == 0 ? "" : ready * 100 / required + " %", "card-line");
        title.setManaged(!tight);
        title.setVisible(!tight);
        percent.setTooltip(Ui.tip(title.getText()));
        var first = new HBox(title, Ui.space(), percent);
        first.setAlignment(Pos.BASELINE_LEFT);
        var box = new VBox(ui.px(6), first, bar(p, required));
        box.setAlignment(Pos.CENTER_LEFT);
        box.setPadding(new Insets(0, ui.px(16), 0, ui.px(16)));
        progress.getChildren().setAll(box);
    }

    /** One stretch a status, as wide as it has parameters. */
    private Region bar(Plan plan, long required) {
        var order = List.of(Status.FITS, Status.BY_RULE, Status.NEEDS_RULE, Status.UNPROVEN, Status.MISMATCH,
                Status.MISSING);
        var parts = new java.util.ArrayList<Region>();
        var sizes = new java.util.ArrayList<Long>();
        for (var status : order) {
            long n = plan.rows().stream().filter(r -> r.target().required() && r.status() == status).count();
            if (n > 0) {
                var part = new Region();
                part.getStyleClass().addAll("ready-part", Ui.style(status));
                parts.add(part);
                sizes.add(n);
            }
        }
        var bar = new Pane() {
            @Override
            protected void layoutChildren() {
                double gap = ui.px(1);
                double x = 0;
                double least = ui.px(4);
                for (int i = 0; i < parts.size(); i++) {
                    double wide = Math.max(least, getWidth() * sizes.get(i) / Math.max(1, required));
                    double end = i == parts.size() - 1 ? getWidth() : Math.min(getWidth(), x + wide);
                    parts.get(i).resizeRelocate(x, 0, Math.max(0, end - x - (i == parts.size() - 1 ? 0 : gap)),
                            getHeight());
                    x = end;
                }
            }
        };
        bar.getChildren().addAll(parts);
        bar.getStyleClass().add("ready-bar");
        bar.setMinHeight(ui.px(6));
        bar.setPrefHeight(ui.px(6));
        bar.setMaxHeight(ui.px(6));
        return bar;
    }

    @Override
    protected void layoutChildren() {
        var c = columns.get();
        double h = getHeight() - 1;
        source.resizeRelocate(0, 0, c.ruleX(), h);
        rules.resizeRelocate(c.ruleX(), 0, c.rule(), h);
        target.resizeRelocate(c.targetX(), 0, c.name() + c.shape(), h);
        progress.resizeRelocate(c.statusX(), 0, getWidth() - c.statusX(), h);
    }
}
