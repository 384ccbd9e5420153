package weft.ui;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import javafx.geometry.Bounds;
import javafx.geometry.Insets;
import javafx.geometry.Pos;
import javafx.scene.Node;
import javafx.scene.control.CheckBox;
import javafx.scene.control.ComboBox;
import javafx.scene.control.Label;
import javafx.scene.control.ScrollPane;
import javafx.scene.control.TextField;
import javafx.scene.control.ToggleButton;
import javafx.scene.control.ToggleGroup;
import javafx.scene.layout.FlowPane;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.VBox;
import javafx.stage.Popup;

import org.jspecify.annotations.Nullable;

import weft.arch.Dialect;
import weft.text.Texts;

/** What the source should load into: a dialect by family, size and options, or a file. */
final class TargetChooser {
    private final Ui ui;
    private final Popup popup = new Popup();
    private final ToggleGroup dialects = new ToggleGroup();
    private final ComboBox<String> size = new ComboBox<>();
    private final TextField context = new TextField();
    private final VBox options = new VBox();
    private final Label spelled = Ui.label("", "mono", "muted");
    private final Map<String, CheckBox> flags = new LinkedHashMap<>();
    private final VBox lists = new VBox();
    /** Dialects become more and more, the window doesn't. */
    private final ScrollPane scroll = new ScrollPane(lists);

    /** What a person points at on disk. */
    interface Places {
        void file();

        void folder();
    }

    /** @param recent targets that were chosen lately, the newest first */
    TargetChooser(Ui ui, Places places, List<String> recent) {
        this.ui = ui;
        var workspace = ui.session().workspace().get();
        var all = workspace == null ? List.<Dialect>of() : workspace.dialects();
        var recognised = workspace == null ? null : workspace.recognition();
        var families = all.stream().collect(Collectors.groupingBy(d -> d.family().name(), LinkedHashMap::new,
                Collectors.toList()));
        var mineFirst = recognised == null ? "" : recognised.dialect().family().name();
        lists.setSpacing(ui.px(8));
        families.entrySet().stream().sorted(Comparator.comparing(e -> !e.getKey().equals(mineFirst))).forEach(each -> {
            var family = each.getKey();
            var members = each.getValue();
            lists.getChildren().add(Ui.label(family, "strong-text"));
            var flow = new FlowPane(ui.px(8), ui.px(8));
            for (var dialect : members) {
                var button = new ToggleButton();
                var mine = recognised != null && recognised.dialect().id().equals(dialect.id());
                var id = Ui.label(dialect.id().substring(dialect.id().indexOf('/') + 1), "mono", "strong-text");
                var under = Ui.label(dialect.title() + (mine ? " · " + ui.t("target.likeSource") : ""), "muted",
                        "small");
                button.setGraphic(new VBox(id, under));
                button.setUserData(dialect);
                button.setToggleGroup(dialects);
                button.setAccessibleText(dialect.id());
                button.setId("dialect-" + dialect.id().replace('/', '-'));
                button.getStyleClass().add("dialect");
                button.setPrefWidth(ui.px(208));
                button.setAlignment(Pos.CENTER_LEFT);
                flow.getChildren().add(button);
            }
            lists.getChildren().add(flow);
        });
        size.setMinWidth(ui.px(150));
        context.setPrefColumnCount(10);
        context.setPromptText(ui.t("target.asSource"));
        var numbers = new HBox(ui.px(8), Ui.firm(ui.t("target.size")), size, Ui.firm(ui.t("target.contextLength")),
                context);
        numbers.setAlignment(Pos.CENTER_LEFT);
        options.setSpacing(ui.px(4));
        options.setMinHeight(ui.px(22)); // the button below stays under the pointer
        var choose = ui.button(ui.t("action.useTarget"), null, this::choose, "accent");
        choose.setId("use-target");
        choose.disableProperty().bind(dialects.selectedToggleProperty().isNull());
        HBox.setHgrow(spelled, Priority.ALWAYS);
        spelled.setMaxWidth(Double.MAX_VALUE);
        var bottom = new HBox(ui.px(8), spelled, choose);
        bottom.setAlignment(Pos.CENTER_LEFT);
        var files = new FlowPane(ui.px(8), ui.px(8));
        files.getChildren().add(Ui.firm(ui.t("target.orFile"), "muted"));
        for (var kind : List.of("target.config", "target.checkpoint", "target.listing")) {
            files.getChildren().add(place(kind, places::file));
        }
        files.getChildren().add(place("target.folder", places::folder));
        files.setAlignment(Pos.CENTER_LEFT);
        files.setPrefWrapLength(ui.px(610));
        scroll.setFitToWidth(true);
        scroll.setHbarPolicy(ScrollPane.ScrollBarPolicy.NEVER);
        scroll.getStyleClass().add("plain-scroll");
        var box = new VBox(ui.px(12), Ui.label(ui.t("target.title"), "pane-title"), scroll, numbers, options, bottom,
                line(), files);
        var lately = lately(recent, all, workspace == null ? null : workspace.targetText());
        if (!lately.getChildren().isEmpty()) {
            lately.getChildren().addFirst(Ui.firm(ui.t("target.recent"), "muted"));
            box.getChildren().add(lately);
        }
        box.getStyleClass().add("popup-card");
        box.setPadding(new Insets(ui.px(16)));
        box.setPrefWidth(ui.px(698));
        popup.getContent().add(box);
        popup.setAutoHide(true);
        popup.setHideOnEscape(true);
        dialects.selectedToggleProperty().addListener((_, _, _) -> selected());
        size.valueProperty().addListener((_, _, _) -> spell());
        context.textProperty().addListener((_, _, _) -> spell());
        var first = dialects.getToggles().stream().filter(t -> recognised == null
                || !((Dialect) t.getUserData()).id().equals(recognised.dialect().id())).findFirst();
        var current = workspace == null ? null : workspace.targetText();
        dialects.getToggles().stream()
                .filter(t -> current != null && current.split("[@,]", 2)[0].equals(((Dialect) t.getUserData()).id()))
                .findFirst().or(() -> first).ifPresent(t -> t.setSelected(true));
    }

    private Node place(String key, Runnable ask) {
        var button = ui.button(ui.t(key), null, () -> {
            popup.hide();
            ask.run();
        });
        button.setId(key.replace('.', '-'));
        return button;
    }

    /** What was chosen lately and is there still, but for what is chosen now. */
    private FlowPane lately(List<String> recent, List<Dialect> known, @Nullable String now) {
        var flow = new FlowPane(ui.px(16), ui.px(4));
        var files = new LinkedHashMap<Path, Node>();
        flow.setId("recent-targets");
        flow.setAlignment(Pos.CENTER_LEFT);
        flow.setPrefWrapLength(ui.px(610));
        for (var target : recent) {
            boolean named = known.stream().anyMatch(d -> d.id().equals(target.split("[@,]", 2)[0]));
            if (target.equals(now) || !named && !isPath(target)) {
                continue;
            }
            var button = ui.button(named ? target : shortly(target), null, () -> {
                popup.hide();
                ui.session().chooseTarget(target);
            }, "link", "mono");
            button.setId("recent-target");
            button.setTooltip(Ui.tip(Texts.shown(target)));
            button.setMaxWidth(ui.px(600));
            button.setMinWidth(0);
            flow.getChildren().add(button);
            if (!named) {
                files.put(Path.of(target), button);
            }
        }
        Missing.among(ui.session().tasks(), "recent-targets", files.keySet(), gone -> gone
                .forEach(p -> flow.getChildren().remove(files.get(p))));
        return flow;
    }

    private static boolean isPath(String file) {
        try {
            return Path.of(file).isAbsolute();
        } catch (InvalidPathException e) {
            return false;
        }
    }

    /** The last two names of a path. */
    static String shortly(String file) {
        try {
            var path = Path.of(file);
            int n = path.getNameCount();
            return Texts.shown(n < 3 ? file : "…/" + path.subpath(n - 2, n));
        } catch (InvalidPathException e) { // a dialect's options can hold what no path can
            return Texts.shown(file);
        }
    }

    private Node line() {
        var line = new javafx.scene.layout.Region();
        line.getStyleClass().add("divider-line");
        line.setMinHeight(1);
        line.setMaxHeight(1);
        return line;
    }

    private void selected() {
        var toggle = dialects.getSelectedToggle();
        if (toggle == null || !(toggle.getUserData() instanceof Dialect dialect)) {
            spelled.setText("");
            return;
        }
        size.getItems().setAll(ui.t("target.asSource"));
        size.getItems().addAll(dialect.family().sizes().keySet());
        size.getSelectionModel().select(0);
        flags.clear();
        options.getChildren().clear();
        dialect.options().forEach((name, on) -> {
            var box = new CheckBox(name);
            box.getStyleClass().add("mono");
            box.setMnemonicParsing(false); // an option's name has underscores
            box.setSelected(on);
            box.selectedProperty().addListener((_, _, _) -> spell());
            flags.put(name, box);
            options.getChildren().add(box);
        });
        spell();
    }

    private String text() {
        if (dialects.getSelectedToggle() == null
                || !(dialects.getSelectedToggle().getUserData() instanceof Dialect dialect)) {
            return "";
        }
        var text = new StringBuilder(dialect.id());
        if (size.getSelectionModel().getSelectedIndex() > 0) {
            text.append('@').append(size.getValue());
        }
        if (context.getText().matches("[1-9][0-9]{0,8}")) {
            text.append(',').append(dialect.family().word(dialect.family().context())).append('=')
                    .append(context.getText());
        }
        flags.forEach((name, box) -> {
            if (box.isSelected() != Boolean.TRUE.equals(dialect.options().get(name))) {
                text.append(',').append(name).append('=').append(box.isSelected());
            }
        });
        return text.toString();
    }

    private void spell() {
        spelled.setText(Texts.shown(text()));
    }

    private void choose() {
        popup.hide();
        ui.session().chooseTarget(text());
    }

    void show(Node near) {
        var scene = near.getScene();
        if (scene == null || scene.getWindow() == null) { return; }
        Bounds at = near.localToScreen(near.getBoundsInLocal());
        popup.getScene().getStylesheets().setAll(scene.getStylesheets());
        popup.getScene().getRoot().getStyleClass().add("root");
        popup.getScene().getRoot().applyCss();
        double under = scene.getWindow().getY() + scene.getWindow().getHeight() - at.getMaxY();
        double others = ui.px(280); // all but the list
        scroll.setPrefViewportHeight(
                Math.clamp(lists.prefHeight(ui.px(610)), ui.px(120), Math.max(ui.px(120), under - others)));
        scroll.setMinViewportHeight(ui.px(80));
        popup.show(scene.getWindow(), at.getMinX(), at.getMaxY());
    }
}
