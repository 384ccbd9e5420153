package weft.ui.rules;

import java.util.ArrayList;
import java.util.List;
import javafx.application.Platform;
import javafx.geometry.Insets;
import javafx.geometry.Pos;
import javafx.scene.Node;
import javafx.scene.control.Button;
import javafx.scene.control.ScrollPane;
import javafx.scene.control.Tooltip;
import javafx.scene.layout.BorderPane;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import javafx.scene.layout.VBox;

import weft.plan.Plan;
import weft.plan.Row;
import weft.rule.Rule;
import weft.ui.Ui;
import weft.ui.Watch;
import weft.work.Workspace;

/** All rules as arrow text: the given ones, then those Weft suggests, each with what it covers. */
public final class RulesPane extends BorderPane {
    private final Ui ui;
    private final RuleDrafts drafts;
    private final VBox list = new VBox();
    private final ScrollPane scroll = new ScrollPane(list);

    public RulesPane(Ui ui, RuleDrafts drafts) {
        this.ui = ui;
        this.drafts = drafts;
        getStyleClass().add("rules-pane");
        scroll.setFitToWidth(true);
        scroll.getStyleClass().add("plain-scroll");
        setCenter(scroll);
        Watch.over(this, this::show, ui.session().workspace(), ui.session().chips());
        Watch.over(this, () -> setBottom(new ChangesBar(ui)), ui.session().savedRules());
        Watch.over(this, this::wanted, ui.session().editing());
        sceneProperty().addListener((_, _, _) -> wanted());
        show();
    }

    /** Edits what somebody wants to edit as soon as the pane has its place: nothing outside a scene takes the focus. */
    private void wanted() {
        if (ui.session().editing().get() != null) {
            Platform.runLater(this::edit);
        }
    }

    private void edit() {
        var wanted = ui.session().editing().get();
        if (getScene() == null) { return; }
        applyCss(); // what is scrolled joins the scene with its scroll pane's skin
        layout();
        for (var node : list.getChildren()) {
            if (wanted != null && node instanceof RuleRow row && row.rule().equals(wanted)) {
                ui.session().editing().set(null);
                row.edit();
                double room = Math.max(1, list.getHeight() - scroll.getHeight());
                scroll.setVvalue(Math.clamp(row.getLayoutY() / room, 0, 1));
                return;
            }
        }
    }

    private void show() {
        setBottom(new ChangesBar(ui));
        var plan = ui.session().plan().orElse(null);
        if (plan == null) {
            list.getChildren().clear();
            setBottom(null);
            setCenter(ui.empty("mdi2r-ray-start-arrow", ui.t("rules.pane.noTarget")));
            return;
        }
        setCenter(scroll);
        var nodes = new ArrayList<Node>(); // all of them before what stands there goes, and the focus with it
        var suggested = ui.session().suggested();
        var accepted = ui.session().accepted();
        var taken = drafts.settle(accepted, suggested);
        if (!suggested.isEmpty()) {
            var all = ui.button(ui.t("action.acceptAll", "n", suggested.size()), ui.icon("mdi2c-check", 16),
                    ui.session()::acceptAll, "accent");
            all.setId("accept-all");
            nodes.add(head(ui.t("rules.pane.suggested", "n", suggested.size()), forms(), all));
            suggested.forEach(r -> nodes.add(new RuleRow(ui, drafts, r, plan, true)));
        }
        if (!accepted.isEmpty()) {
            var head = head(ui.t("rules.pane.accepted", "n", accepted.size()));
            if (suggested.isEmpty()) {
                head.getChildren().add(forms());
            }
            nodes.add(head);
            accepted.forEach(r -> nodes.add(new RuleRow(ui, drafts, r, plan, false)));
        }
        if (suggested.isEmpty() && accepted.isEmpty()) {
            int open = plan.open().size();
            nodes.add(hint(open == 0 ? ui.t("rules.pane.none") : ui.t("rules.pane.unknown", "n", open)));
        }
        nodes.add(new NewRule(ui, drafts));
        list.getChildren().setAll(nodes);
        if (taken != null) { // the writer is where the rule went
            nodes.stream().filter(n -> n instanceof RuleRow row && row.rule().equals(taken)).findFirst()
                    .ifPresent(Node::requestFocus);
        }
    }

    private Region hint(String text) {
        var label = Ui.label(text, "muted");
        label.setPadding(new Insets(ui.px(16)));
        return label;
    }

    /** Chips or arrow text of the same list. */
    private HBox forms() {
        var box = new HBox(form("rules.asChips", "rules-chips", true), form("rules.asText", "rules-text", false));
        box.setAlignment(Pos.CENTER_LEFT);
        return box;
    }

    private Button form(String key, String id, boolean chips) {
        var button = ui.button(ui.t(key), null, () -> ui.session().chips().set(chips), "segment");
        button.setId(id);
        if (ui.session().chips().get() == chips) {
            button.getStyleClass().add("on");
        }
        return button;
    }

    private HBox head(String text, Node... right) {
        var box = new HBox(ui.px(8), Ui.label(text, "strong-text"), Ui.space());
        box.getChildren().addAll(right);
        box.setAlignment(Pos.CENTER_LEFT);
        box.getStyleClass().add("rules-head");
        box.setMinHeight(ui.px(44));
        return box;
    }

    /** How many tensors a rule reads and how many parameters it makes. */
    static String covers(Ui ui, Rule rule, Plan plan) {
        var rows = plan.rows().stream().filter(r -> rule.equals(r.rule())).toList();
        long tensors = rows.stream().flatMap(r -> r.sources().stream()).map(t -> t.name()).distinct().count();
        return tensors + " → " + rows.size();
    }

    static List<Row> rows(Rule rule, Plan plan) {
        return plan.rows().stream().filter(r -> rule.equals(r.rule())).toList();
    }

    static Tooltip tip(String text) {
        return Ui.tip(text);
    }

    static String text(Rule rule) {
        return Workspace.text(rule);
    }

    static void grow(Region region) {
        HBox.setHgrow(region, Priority.ALWAYS);
    }
}
