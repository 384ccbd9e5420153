package weft.ui;

import javafx.beans.property.BooleanProperty;
import javafx.beans.property.SimpleBooleanProperty;
import javafx.geometry.Insets;
import javafx.geometry.Pos;
import javafx.scene.control.Label;
import javafx.scene.control.ScrollPane;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Pane;
import javafx.scene.layout.Priority;
import javafx.scene.layout.Region;
import javafx.scene.layout.StackPane;
import javafx.scene.layout.VBox;

/** Nothing is open yet: what Weft is for, where to drop a file, and the sample for those who have none. */
final class StartPane extends StackPane {
    /** At 100 %: what both halves need. */
    private static final double NARROW = 800;
    private final BooleanProperty narrow = new SimpleBooleanProperty();

    StartPane(Ui ui, MainView view, Desk desk) {
        getStyleClass().add("start");
        var title = Ui.label(ui.t("start.title"), "start-title");
        var under = Ui.label(ui.t("start.under"), "start-under");
        under.setWrapText(true);
        under.setMinHeight(USE_PREF_SIZE);
        under.setTextAlignment(javafx.scene.text.TextAlignment.CENTER);
        var texts = new VBox(ui.px(8), title, under);
        texts.setAlignment(Pos.CENTER);

        var file = ui.button(ui.t("start.openFile"), ui.icon("mdi2f-folder-open-outline", 16), view::openFile, "accent",
                "large");
        var key = new Label("Ctrl O");
        key.getStyleClass().addAll("key", "key-on-accent");
        file.setGraphic(
                new HBox(ui.px(8), ui.icon("mdi2f-folder-open-outline", 16), Ui.firm(ui.t("start.openFile")), key) {
                    {
                        setAlignment(Pos.CENTER);
                    }
                });
        file.setText(null);
        file.setAccessibleText(ui.t("start.openFile"));
        file.setId("open-file");
        var folder = ui.button(ui.t("start.openFolder"), null, view::openFolder, "large");
        folder.setId("open-folder");
        var buttons = new HBox(ui.px(12), file, folder);
        buttons.setAlignment(Pos.CENTER);
        var drop = new VBox(ui.px(8), ui.icon("mdi2t-tray-arrow-down", 48, "accent-icon"),
                Ui.label(ui.t("start.drop"), "start-drop"), Ui.label(ui.t("start.drop.what"), "muted"), buttons,
                Ui.label("TensorFlow · Keras · PyTorch · safetensors · MindSpore · NumPy · GGUF · ONNX", "muted",
                        "small"));
        VBox.setMargin(buttons, new Insets(ui.px(12), 0, ui.px(12), 0));
        drop.setAlignment(Pos.CENTER);
        drop.getStyleClass().add("drop-zone");
        drop.setMinHeight(ui.px(296));
        drop.setPrefWidth(ui.px(696));
        HBox.setHgrow(drop, Priority.ALWAYS);

        var sample = ui.button(ui.t("start.sample.open"), ui.icon("mdi2p-play", 16), ui.session()::openSample);
        sample.setId("open-sample");
        boolean there = weft.work.Workspace.samples().isPresent();
        sample.setDisable(!there);
        var head = new Label(ui.t("start.sample"), ui.icon("mdi2s-school-outline", 20, "accent-icon"));
        head.getStyleClass().add("pane-title");
        head.setGraphicTextGap(ui.px(8));
        var text = Ui.label(ui.t(there ? "start.sample.text" : "start.sample.missing"), "muted");
        text.setWrapText(true);
        text.setMinHeight(USE_PREF_SIZE);
        int lessons = weft.lesson.Course.shipped().map(weft.lesson.Course::count).orElse(0);
        var learn = ui.button(ui.t("start.lessons", "n", lessons), null, view::lessonList, "link");
        learn.setId("start-lessons");
        learn.setVisible(lessons > 0);
        var ways = new HBox(ui.px(16), sample, learn);
        ways.setAlignment(Pos.CENTER_LEFT);
        var card = new VBox(ui.px(8), head, text, ways);
        VBox.setMargin(ways, new Insets(ui.px(12), 0, 0, 0));
        card.getStyleClass().add("big-card");
        card.setPrefWidth(ui.px(472));
        var steps = new VBox(ui.px(16), step(ui, "1", "start.step1"), step(ui, "2", "start.step2"),
                step(ui, "3", "start.step3"),
                step(ui, "4", "start.step4"));
        steps.getStyleClass().add("steps");
        var below = new StackPane();
        Runnable fill = () -> below.getChildren()
                .setAll(desk.recent().entries().get().isEmpty() ? steps : new RecentList(ui, view, desk.recent()));
        Watch.over(this, fill, desk.recent().entries());
        fill.run();
        var side = new VBox(ui.px(32), card, below);
        side.setPrefWidth(ui.px(472));
        side.setMinWidth(ui.px(240));

        var paste = ui.button(ui.t("start.paste"), ui.icon("mdi2c-clipboard-text-outline", 16), view::paste, "large");
        paste.setId("start-paste");
        var pasted = new HBox(ui.px(12), paste, Ui.label(ui.t("start.paste.text"), "muted"));
        pasted.setAlignment(Pos.CENTER_LEFT);
        var waiting = new Label("", ui.icon("mdi2a-arrow-right-circle-outline", 16));
        waiting.setId("start-rules");
        waiting.setWrapText(true);
        waiting.setMinHeight(USE_PREF_SIZE);
        Runnable wait = () -> {
            var rules = ui.session().waitingRules().get();
            waiting.setText(rules == null ? "" : ui.t("start.rules", "name", String.valueOf(rules.getFileName())));
            waiting.setVisible(rules != null);
            waiting.setManaged(rules != null);
        };
        Watch.over(waiting, wait, ui.session().waitingRules());
        wait.run();
        var main = new VBox(ui.px(20), waiting, drop, pasted);
        HBox.setHgrow(main, Priority.ALWAYS);
        VBox.setVgrow(drop, Priority.ALWAYS);
        var both = new StackPane();
        both.setMaxWidth(ui.px(1200));
        narrow.addListener((_, _, now) -> both.getChildren().setAll(arranged(ui, main, side, now)));
        both.getChildren().setAll(arranged(ui, main, side, narrow.get()));
        narrow.bind(widthProperty().greaterThan(0).and(widthProperty().lessThan(ui.px(NARROW))));
        var all = new VBox(ui.px(44), texts, both);
        all.setAlignment(Pos.CENTER);
        all.setMaxWidth(ui.px(1200));
        all.setPadding(new Insets(ui.px(24)));
        // with large type in a small window not all of it fits
        var scroll = new ScrollPane(new StackPane(all));
        scroll.setFitToWidth(true);
        scroll.setFitToHeight(true);
        scroll.getStyleClass().addAll("plain-scroll", "start");
        getChildren().add(scroll);
    }

    /** Beside each other, or one below the other where text is large and the window isn't. */
    private static Pane arranged(Ui ui, Region main, Region side, boolean narrow) {
        if (narrow) { return new VBox(ui.px(32), main, side); }
        var beside = new HBox(ui.px(32), main, side);
        beside.setAlignment(Pos.TOP_CENTER);
        beside.setFillHeight(true);
        return beside;
    }

    private static Region step(Ui ui, String number, String key) {
        var circle = new StackPane(Ui.firm(number, "step-number"));
        circle.getStyleClass().add("step-circle");
        circle.setMinSize(ui.px(24), ui.px(24));
        circle.setMaxSize(ui.px(24), ui.px(24));
        var title = Ui.label(ui.t(key), "strong-text");
        var text = Ui.label(ui.t(key + ".text"), "muted");
        text.setWrapText(true);
        text.setMinHeight(USE_PREF_SIZE);
        var words = new VBox(title, text);
        HBox.setHgrow(words, Priority.ALWAYS);
        var row = new HBox(ui.px(12), circle, words);
        row.setAlignment(Pos.TOP_LEFT);
        return row;
    }
}
