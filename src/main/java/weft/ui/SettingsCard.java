package weft.ui;

import java.util.Locale;
import javafx.geometry.HPos;
import javafx.geometry.Insets;
import javafx.geometry.Pos;
import javafx.scene.Node;
import javafx.scene.control.Button;
import javafx.scene.input.Clipboard;
import javafx.scene.input.ClipboardContent;
import javafx.scene.layout.ColumnConstraints;
import javafx.scene.layout.FlowPane;
import javafx.scene.layout.GridPane;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Priority;
import javafx.scene.layout.VBox;

import weft.ui.lesson.LessonModel;
import weft.ui.state.Preferences.Theme;
import weft.work.UserFolder;

/** Everything that can be set for all windows, in one place; each holds at once, and where it is kept is said. */
final class SettingsCard extends VBox {
    private final Ui ui;
    private final Runnable again;
    private final GridPane grid = new GridPane();

    /** @param again shows the card anew: what is set here dresses the whole window, this card too */
    SettingsCard(Ui ui, Desk desk, LessonModel lessons, Runnable again, Runnable close) {
        this.ui = ui;
        this.again = again;
        getStyleClass().add("popup-card");
        setId("settings-card");
        setAccessibleText(ui.t("settings.title"));
        setSpacing(ui.px(16));
        setPadding(new Insets(ui.px(20)));
        setMaxSize(ui.px(620), USE_PREF_SIZE);
        setFocusTraversable(true);
        grid.setHgap(ui.px(20));
        grid.setVgap(ui.px(14));
        var name = new ColumnConstraints();
        name.setHalignment(HPos.LEFT);
        name.setMinWidth(USE_PREF_SIZE);
        var value = new ColumnConstraints();
        value.setHgrow(Priority.ALWAYS);
        grid.getColumnConstraints().addAll(name, value);
        themes(desk);
        sizes();
        languages(desk);
        kept(desk, lessons);
        var done = ui.button(ui.t("action.close"), null, close);
        done.setId("settings-close");
        var foot = new HBox(Ui.space(), done);
        getChildren().addAll(Ui.label(ui.t("settings.title"), "pane-title"), grid, foot);
    }

    private void row(String key, Node... nodes) {
        int at = grid.getRowCount();
        grid.add(Ui.firm(ui.t(key), "muted"), 0, at);
        var box = new FlowPane(ui.px(8), ui.px(8), nodes);
        box.setAlignment(Pos.CENTER_LEFT);
        grid.add(box, 1, at);
    }

    /** One of several: the one that holds is marked, by a tick too. */
    private Button choice(String id, String text, boolean on, Runnable then) {
        var button = ui.button(text, on ? ui.icon("mdi2c-check", 14, "accent-icon") : null, () -> {
            then.run();
            again.run();
        });
        if (on) {
            button.getStyleClass().add("on");
        }
        button.setId(id);
        button.setAccessibleText(text + (on ? ui.t("list.comma") + ui.t("settings.holds") : ""));
        return button;
    }

    private void themes(Desk desk) {
        var theme = desk.preferences().theme();
        var all = new Node[Theme.values().length];
        for (var each : Theme.values()) {
            all[each.ordinal()] = choice("settings-" + each.id(), ui.t("theme." + each.id()), theme.get() == each,
                    () -> theme.set(each));
        }
        row("view.theme", all);
    }

    private void sizes() {
        var scale = ui.session().scale();
        var smaller = choice("settings-smaller", "−", false, () -> ui.session().zoom(-1));
        smaller.setAccessibleText(ui.t("view.smaller"));
        smaller.setDisable(scale.get() <= 0.8);
        var larger = choice("settings-larger", "+", false, () -> ui.session().zoom(1));
        larger.setAccessibleText(ui.t("view.larger"));
        larger.setDisable(scale.get() >= 2);
        row("settings.text", smaller, Ui.firm(Math.round(scale.get() * 100) + " %", "mono"), larger);
    }

    private void languages(Desk desk) {
        var language = desk.preferences().language();
        boolean isSystem = language.get().isEmpty();
        boolean chinese = ui.texts().isChinese();
        row("settings.language", choice("settings-system-language", ui.t("theme.system"), isSystem, () -> {
            ui.session().speak(Locale.getDefault());
            language.set("");
        }), choice("settings-en", "English", !isSystem && !chinese, () -> {
            ui.session().speak(Locale.ENGLISH);
            language.set("en");
        }), choice("settings-zh", "中文", !isSystem && chinese, () -> {
            ui.session().speak(Locale.SIMPLIFIED_CHINESE);
            language.set("zh");
        }));
    }

    private void kept(Desk desk, LessonModel lessons) {
        var place = UserFolder.find().toAbsolutePath().normalize().toString();
        var copy = ui.iconButton("mdi2c-content-copy", ui.t("settings.copyPlace"), () -> {
            var content = new ClipboardContent();
            content.putString(place);
            Clipboard.getSystemClipboard().setContent(content);
        });
        copy.setId("settings-copy-place");
        var folder = Ui.label(place, "mono");
        folder.setWrapText(true);
        row("settings.place", folder, copy);
        var recent = choice("settings-forget-recent", ui.t("settings.forgetRecent"), false, desk.recent()::clear);
        recent.setDisable(desk.recent().entries().get().isEmpty());
        var progress = choice("settings-forget-lessons", ui.t("lessons.forget"), false, lessons.progress()::clear);
        progress.setDisable(lessons.progress().done().get().isEmpty());
        row("settings.remembered", recent, progress);
        var note = Ui.label(ui.t("settings.note"), "muted", "small");
        note.setWrapText(true);
        note.setMinHeight(USE_PREF_SIZE);
        grid.add(note, 0, grid.getRowCount(), 2, 1);
    }
}
