package weft.ui.rules;

import java.util.List;
import javafx.geometry.Pos;
import javafx.scene.control.Label;
import javafx.scene.input.KeyCode;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import javafx.scene.layout.VBox;
import javafx.scene.text.Text;
import javafx.scene.text.TextFlow;

import org.jspecify.annotations.Nullable;

import weft.plan.Plan;
import weft.plan.Status;
import weft.rule.Rule;
import weft.ui.Ui;
import weft.ui.tree.Chip;
import weft.work.RowReasons;
import weft.work.RuleMaking;
import weft.work.RuleSteps;

/** One rule: sign, arrow text, what it covers; a click selects its rows, a double click edits it. */
final class RuleRow extends VBox {
    private final Ui ui;
    private final RuleDrafts drafts;
    private final Rule rule;
    private final Plan plan;
    private final boolean suggested;

    RuleRow(Ui ui, RuleDrafts drafts, Rule rule, Plan plan, boolean suggested) {
        this.ui = ui;
        this.drafts = drafts;
        this.rule = rule;
        this.plan = plan;
        this.suggested = suggested;
        getStyleClass().add("rule-row");
        setFocusTraversable(true);
        setAccessibleText(RulesPane.text(rule));
        setOnMouseClicked(e -> {
            requestFocus();
            if (e.getClickCount() == 2) {
                edit();
            } else {
                RulesPane.rows(rule, plan).stream().findFirst().ifPresent(r -> ui.session().reveal(r.target().name()));
            }
        });
        setOnKeyPressed(e -> {
            if (e.getCode() == KeyCode.F2 || !suggested && e.getCode() == KeyCode.ENTER) {
                edit();
                e.consume();
            } else if (!suggested && e.getCode() == KeyCode.DELETE) {
                ui.session().dropRule(rule);
                e.consume();
            } else if (suggested && e.getCode() == KeyCode.ENTER) {
                ui.session().accept(rule);
                e.consume();
            }
        });
        drafts.of(rule).ifPresentOrElse(this::field, this::show);
    }

    private void show() {
        var rows = RulesPane.rows(rule, plan);
        var bad = rows.stream().filter(r -> r.problem() != null).toList();
        boolean unused = rows.isEmpty() && !(rule instanceof Rule.Drop);
        var status = suggested ? Status.NEEDS_RULE : !bad.isEmpty() ? Status.MISMATCH : Status.BY_RULE;
        var sign = ui.icon(unused ? "mdi2c-circle-off-outline" : Ui.sign(status), 15,
                unused ? "muted-icon" : Ui.style(status));
        var text = ui.session().chips().get() ? chips(status) : arrow(RulesPane.text(rule));
        HBox.setHgrow(text, Priority.ALWAYS);
        var covers = Ui.firm(RulesPane.covers(ui, rule, plan), "mono", "muted");
        covers.setTooltip(RulesPane.tip(ui.t("rules.covers")));
        var line = new HBox(ui.px(12), sign, text, covers);
        line.setAlignment(Pos.CENTER_LEFT);
        line.setFillHeight(false); // text would stand at the top of a taller row
        if (suggested) {
            line.getChildren()
                    .add(ui.button(ui.t("action.accept"), null, () -> ui.session().accept(rule), "small-button"));
        } else {
            var edit = ui.iconButton("mdi2p-pencil-outline", ui.t("action.edit"), this::edit);
            var drop = ui.iconButton("mdi2c-close", ui.t("action.drop"), () -> ui.session().dropRule(rule));
            edit.setId("edit-rule");
            line.getChildren().addAll(edit, drop);
        }
        getChildren().setAll(line);
        getStyleClass().remove("rule-bad");
        if (!bad.isEmpty()) {
            getStyleClass().add("rule-bad");
            var problem = bad.getFirst().problem();
            if (problem != null) {
                var sentence = new Label(ui.texts().message(problem));
                sentence.setWrapText(true);
                sentence.getStyleClass().add("rule-error");
                var said = new HBox(ui.px(8), sentence);
                said.setAlignment(Pos.CENTER_LEFT);
                getChildren().add(said);
                offer(said);
            }
        } else if (!rows.isEmpty()) {
            var why = Ui.label(RowReasons.ofRule(plan, rows.getFirst(), ui.texts()), "muted", "small", "rule-note");
            why.setWrapText(true);
            if (!why.getText().isEmpty()) {
                getChildren().add(why);
            }
        } else if (unused) {
            getChildren().add(Ui.label(ui.t("rules.idle"), "muted", "rule-note"));
        }
    }

    /** The ops as chips with the shapes between them; a rule that takes no tensor is text all the same. */
    private Region chips(Status status) {
        var steps = rule instanceof Rule.Map ? RuleSteps.of(plan, rule).orElse(null) : null;
        if (steps == null || !(rule instanceof Rule.Map map)) { return arrow(RulesPane.text(rule)); }
        var strip = new StepStrip(ui, op -> edit(op.toString()));
        strip.show(steps, names(map.from()), names(map.to()),
                status == Status.NEEDS_RULE ? Chip.Tone.SUGGESTED : Chip.Tone.ACCEPTED);
        return strip;
    }

    private static List<String> names(List<Rule.Branch> branches) {
        return branches.stream().map(b -> (b.source() == null ? "" : b.source() + ":") + b.name()).toList();
    }

    /** Looks beside the window's thread for what would mend the rule. */
    private void offer(HBox said) {
        var workspace = ui.session().workspace().get();
        if (workspace == null || suggested) { return; }
        ui.session().tasks().run("fix " + RulesPane.text(rule), "busy.plan",
                p -> RuleMaking.fix(workspace, rule, p), found -> found.ifPresent(better -> {
                    var text = RulesPane.text(better);
                    var fix = ui.button(ui.t("rule.use", "what", difference(text)), null,
                            () -> ui.session().replaceRule(rule, better), "small-button");
                    fix.setId("fix-rule");
                    fix.setTooltip(Ui.tip(text));
                    said.getChildren().addAll(Ui.space(), fix);
                }), _ -> {
                });
    }

    /** The word that differs, {@code @0}, or the ops as a whole. */
    private String difference(String better) {
        var old = RulesPane.text(rule);
        var mine = old.split(" ");
        var theirs = better.split(" ");
        var different = new java.util.ArrayList<String>();
        for (int i = 0; i < theirs.length; i++) {
            if (mine.length != theirs.length || !mine[i].equals(theirs[i])) {
                different.add(theirs[i]);
            }
        }
        return different.size() == 1 ? different.getFirst() : ui.t("rule.suggestion");
    }

    /** Captures and the arrow stand out, so that names can be compared. */
    static TextFlow arrow(String text) {
        var flow = new TextFlow();
        var matcher = java.util.regex.Pattern.compile("\\{[^}]*}|(?<= )=[^=]*=>|=>").matcher(text);
        int from = 0;
        while (matcher.find()) {
            add(flow, text.substring(from, matcher.start()), "plain-text");
            add(flow, matcher.group(), matcher.group().startsWith("{") ? "capture-text" : "arrow-text");
            from = matcher.end();
        }
        add(flow, text.substring(from), "plain-text");
        return flow;
    }

    private static void add(TextFlow flow, String part, String style) {
        if (!part.isEmpty()) {
            var text = new Text(part);
            text.getStyleClass().addAll("mono", "rule-text", style);
            flow.getChildren().add(text);
        }
    }

    Rule rule() {
        return rule;
    }

    /** In place; a suggestion that was edited is taken over as it was written. */
    void edit() {
        edit(null);
    }

    /** @param word what is chosen in the text, or {@code null} */
    private void edit(@Nullable String word) {
        field(drafts.edit(rule, RulesPane.text(rule))).choose(word);
    }

    private ArrowField field(RuleDrafts.Draft draft) {
        var field = new ArrowField(ui, draft, made -> {
            draft.sent(made);
            if (suggested) {
                ui.session().accept(made);
            } else if (made.equals(rule)) {
                leave(draft);
            } else {
                ui.session().replaceRule(rule, made);
            }
        });
        field.left(() -> leave(draft));
        getChildren().setAll(field);
        return field;
    }

    private void leave(RuleDrafts.Draft draft) {
        drafts.end(draft);
        show();
        requestFocus();
    }
}
