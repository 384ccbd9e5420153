package weft.ui;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import javafx.geometry.Insets;
import javafx.geometry.Pos;
import javafx.scene.Node;
import javafx.scene.control.Label;
import javafx.scene.control.ScrollPane;
import javafx.scene.control.TextArea;
import javafx.scene.input.Clipboard;
import javafx.scene.input.ClipboardContent;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.VBox;

import org.jspecify.annotations.Nullable;

import weft.rule.Rule;
import weft.text.Texts;
import weft.work.Explain;
import weft.work.Explanation;
import weft.work.Explanation.Finding;
import weft.work.PastedRules;
import weft.work.Workspace;

/**
 * A box for pasted text: a framework's error log, rules, or two columns of names. A log is explained without any checkpoint
 * open; rules are taken over where there is a target.
 */
final class PasteCard extends VBox {
    /** What was pasted here, until the card is closed. */
    static final String DRAFT = "paste";
    private static final int MOST = 40;
    private final Ui ui;
    private final TextArea text = new TextArea();
    private final Label found = Ui.label("", "muted");
    private final VBox findings = new VBox();
    private final ScrollPane scroll = new ScrollPane(findings);
    private final javafx.scene.control.Button use;
    private List<Rule> rules = List.of();

    PasteCard(Ui ui, Runnable close) {
        this.ui = ui;
        getStyleClass().addAll("popup-card", "paste-card");
        setId("paste-card");
        setSpacing(ui.px(12));
        setPadding(new Insets(ui.px(20)));
        setMaxSize(ui.px(820), ui.px(560));
        text.setAccessibleText(ui.t("paste.title"));
        text.setId("paste-text");
        text.getStyleClass().add("mono");
        text.setPromptText("RuntimeError: Error(s) in loading state_dict for GPT2Model:\n\tsize mismatch for "
                + "h.0.attn.c_attn.weight: copying a param with shape torch.Size([768, 2304]) from checkpoint, the shape "
                + "in current model is torch.Size([2304, 768]).");
        text.setWrapText(true);
        text.setPrefRowCount(10);
        text.textProperty().bindBidirectional(ui.session().drafts().of(DRAFT));
        text.setMinHeight(ui.px(96));
        text.textProperty().addListener((_, _, _) -> read());
        findings.setSpacing(ui.px(8));
        findings.setId("findings");
        scroll.setFitToWidth(true);
        scroll.getStyleClass().add("plain-scroll");
        scroll.setMinHeight(ui.px(160));
        VBox.setVgrow(text, Priority.SOMETIMES);
        VBox.setVgrow(scroll, Priority.ALWAYS);
        use = ui.button(ui.t("paste.use"), null, () -> {
            ui.session().addRules(rules);
            close.run();
        }, "accent");
        use.setId("paste-use");
        var cancel = ui.button(ui.t("action.close"), null, close);
        cancel.setId("paste-cancel");
        found.setWrapText(true);
        found.setId("paste-found");
        HBox.setHgrow(found, Priority.ALWAYS);
        found.setMaxWidth(Double.MAX_VALUE);
        var buttons = new HBox(ui.px(8), found, cancel, use);
        buttons.setAlignment(Pos.CENTER_LEFT);
        getChildren().addAll(Ui.label(ui.t("paste.title"), "pane-title"), text, scroll, buttons);
        var clipboard = Clipboard.getSystemClipboard();
        read();
        if (text.getText().isEmpty() && clipboard.hasString()) {
            fill(clipboard.getString());
        }
    }

    /** What was copied stands there already if it is of use: whoever opens this has mostly just copied it. */
    private void fill(String copied) {
        if (!PastedRules.of(copied).rules().isEmpty()) {
            text.setText(copied);
            return;
        }
        ui.session().tasks().run("explain", "busy.explain", _ -> Explain.of(copied).isPresent(), known -> {
            if (known && text.getText().isEmpty()) {
                text.setText(copied);
            }
        }, _ -> {
        });
    }

    @Override
    public void requestFocus() {
        text.requestFocus();
    }

    private void read() {
        var pasted = text.getText();
        ui.session().tasks().cancel("explain"); // of what stood there before
        found(List.of(), List.of());
        if (pasted.isBlank()) {
            found.setText(ui.t("paste.what"));
            return;
        }
        var workspace = ui.session().workspace().get();
        found.setText(ui.t("busy.explain"));
        ui.session().tasks().run("explain", "busy.explain", _ -> {
            var explained = Explain.of(pasted);
            var own = PastedRules.of(pasted);
            return new Read(explained, own,
                    workspace == null || explained.isPresent() ? own.rules() : own.in(workspace));
        }, this::explained, problem -> found.setText(ui.texts().message(problem)));
    }

    /**
     * What the text is.
     *
     * @param rules those of {@code own}, with what is known of the pair where they are two names
     */
    private record Read(Optional<Explanation> log, PastedRules own, List<Rule> rules) {
    }

    private void explained(Read read) {
        if (read.log().isPresent()) {
            var told = read.log().get();
            var lines = new ArrayList<Node>();
            told.sizes().forEach(s -> lines.add(line(null, ui.texts().get("explain.size", "word", s.word(), "found",
                    s.checkpoint(), "expected", s.model()), false)));
            var groups = told.groups();
            groups.stream().limit(MOST).forEach(g -> lines.add(line(g)));
            if (groups.size() > MOST) {
                lines.add(Ui.label(ui.t("proof.more", "n", groups.size() - MOST), "muted"));
            }
            told.advice().forEach(a -> lines.add(line(null, ui.texts().get("explain.log." + a.name()), false)));
            rules(told.rules().rules(), lines);
            found(told.rules().rules(), lines);
            var head = ui.texts().get("explain.head", "n",
                    told.findings().stream().filter(Finding::reported).count(), "frameworks",
                    String.join(", ", told.titles()), "from", told.checkpointDialect(), "to",
                    told.modelDialect());
            boolean wants = !told.rules().rules().isEmpty() && ui.session().workspace().get() != null
                    && ui.session().plan().isEmpty();
            found.setText(wants ? head + (ui.texts().isChinese() ? "" : " ") + ui.t("paste.noTarget") : head);
        } else {
            var lines = new ArrayList<Node>();
            read.rules().stream().limit(MOST).forEach(r -> lines.add(rule(r)));
            if (read.rules().size() > MOST) {
                lines.add(Ui.label(ui.t("proof.more", "n", read.rules().size() - MOST), "muted"));
            }
            found(read.rules(), lines);
            found.setText(read.rules().isEmpty()
                    ? ui.t("paste.nothing")
                    : ui.session().plan().isEmpty()
                            ? ui.t("paste.noTarget")
                            : ui.t("paste.found", "n", read.rules().size(), "left", read.own().left()));
        }
    }

    private void found(List<Rule> taken, List<Node> lines) {
        rules = taken;
        use.setDisable(taken.isEmpty() || ui.session().plan().isEmpty());
        findings.getChildren().setAll(lines);
        scroll.setVisible(!lines.isEmpty());
        scroll.setManaged(!lines.isEmpty());
    }

    private Node rule(Rule rule) {
        var label = Ui.label(Texts.shown(Workspace.text(rule)), "mono");
        label.setWrapText(true);
        label.setMinHeight(USE_PREF_SIZE);
        return label;
    }

    /** The rules a log leads to, for those who load by a script of their own as well. */
    private void rules(List<Rule> found, List<Node> lines) {
        if (found.isEmpty()) { return; }
        var copy = ui.button(ui.t("paste.copy"), ui.icon("mdi2c-content-copy", 16), () -> {
            var content = new ClipboardContent();
            content.putString(found.stream().map(Workspace::text).collect(Collectors.joining("\n", "", "\n")));
            Clipboard.getSystemClipboard().setContent(content);
        }, "flat");
        copy.setId("paste-copy");
        var head = new HBox(ui.px(8), Ui.label(ui.texts().get("explain.rules"), "strong-text"), Ui.space(), copy);
        head.setAlignment(Pos.CENTER_LEFT);
        lines.add(head);
        found.stream().limit(MOST).forEach(r -> lines.add(rule(r)));
        if (found.size() > MOST) {
            lines.add(Ui.label(ui.t("proof.more", "n", found.size() - MOST), "muted"));
        }
    }

    private Node line(List<Finding> group) {
        var first = group.getFirst();
        var names = Explanation.names(group, ui.texts());
        return line((first.reported() ? "" : ui.texts().get("explain.unseen") + " ")
                + (names.isEmpty() ? ui.texts().get("explain.unnamed") : names), first.advice(ui.texts()),
                first.hidden());
    }

    private Node line(@Nullable String parameter, String advice, boolean hidden) {
        var says = Ui.label(advice);
        says.setWrapText(true);
        says.setMinHeight(USE_PREF_SIZE);
        var words = new VBox();
        if (parameter != null) {
            var name = Ui.label(Texts.shown(parameter), "mono", "strong-text");
            name.setWrapText(true);
            name.setMinHeight(USE_PREF_SIZE);
            words.getChildren().add(name);
        }
        words.getChildren().add(says);
        HBox.setHgrow(words, Priority.ALWAYS);
        var sign = hidden
                ? ui.icon("mdi2e-eye-off", 16, "hidden-icon")
                : ui.icon(parameter == null ? "mdi2i-information-outline" : "mdi2c-close-octagon", 16,
                        parameter == null ? "muted-icon" : "status-mismatch");
        var row = new HBox(ui.px(10), sign, words);
        row.setAlignment(Pos.TOP_LEFT);
        return row;
    }
}
