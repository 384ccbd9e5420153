package weft.ui;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import javafx.beans.property.ReadOnlyStringProperty;
import javafx.geometry.Insets;
import javafx.geometry.Pos;
import javafx.geometry.Side;
import javafx.scene.Node;
import javafx.scene.control.Button;
import javafx.scene.control.ContentDisplay;
import javafx.scene.control.ContextMenu;
import javafx.scene.control.Menu;
import javafx.scene.control.MenuBar;
import javafx.scene.control.MenuItem;
import javafx.scene.control.RadioMenuItem;
import javafx.scene.control.SeparatorMenuItem;
import javafx.scene.control.ToggleGroup;
import javafx.scene.input.KeyCombination;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Region;

import org.jspecify.annotations.Nullable;

import weft.ui.model.Linking;
import weft.ui.model.Session;
import weft.ui.state.Preferences;

/** The first row: every action is in a menu with its key, the common ones also as buttons on the right. */
final class Menus extends HBox {
    private final Ui ui;
    private final MainView view;
    private final Session session;
    private final Linking linking;
    private final Desk desk;
    private final boolean open;
    /** What all of it takes with its words; 0 while nobody knows. */
    private double whole;
    private double fitted;
    /** What can be left out, what is least missed first. */
    private final List<List<Node>> spare = new ArrayList<>();

    Menus(Ui ui, MainView view, Desk desk, boolean open) {
        this.ui = ui;
        this.view = view;
        this.session = ui.session();
        this.linking = view.models().linking();
        this.desk = desk;
        this.open = open;
        var menus = new MenuBar(fileMenu(), editMenu(), viewMenu(), rulesMenu(), lessonsMenu(),
                menu("menu.help", item("help.keys", "F1", view::keys), item("help.about", null, view::about)));
        menus.getStyleClass().add("menus");
        menus.setMinWidth(USE_PREF_SIZE);
        getChildren().addAll(menus, Ui.space());
        getStyleClass().add("menu-row");
        setAlignment(Pos.CENTER_LEFT);
        setMinHeight(ui.px(36));
        setMinWidth(0);
        setPrefHeight(ui.px(36));
        if (open) {
            var undo = ui.iconButton("mdi2u-undo", ui.t("action.undo"), session::undo);
            var redo = ui.iconButton("mdi2r-redo", ui.t("action.redo"), session::redo);
            undo.setId("undo");
            redo.setId("redo");
            named(undo, "action.undo", "action.undoWhat", session.undoName());
            named(redo, "action.redo", "action.redoWhat", session.redoName());
            var line = separator();
            getChildren().addAll(undo, redo, line);
            spare.add(List.of(undo, redo, line));
        }
        var paste = ui.button(ui.t("action.paste"), ui.icon("mdi2c-clipboard-text-outline", 16), view::paste, "flat");
        paste.setId("paste");
        getChildren().add(paste);
        spare.add(List.of(paste));
        if (open) {
            var export = ui.button(ui.t("menu.export"), ui.icon("mdi2e-export-variant", 16), view::export, "flat");
            export.setId("export");
            getChildren().add(export);
            spare.add(List.of(export));
        }
        var before = separator();
        getChildren().add(before);
        var language = ui.button(ui.t("language.name"), ui.icon("mdi2t-translate", 16), this::otherLanguage, "flat");
        language.setId("language");
        language.setTooltip(Ui.tip(ui.t("language.other")));
        var theme = ui.iconButton(themeSign(), ui.t("action.theme"), () -> session.dark().set(!session.dark().get()));
        theme.setId("theme");
        Watch.over(theme, () -> theme.setGraphic(ui.icon(themeSign(), 16)), session.dark());
        var present = ui.iconButton("mdi2p-presentation-play", ui.t("lesson.present"), view::present);
        present.setId("menu-present");
        getChildren().addAll(language, theme, present);
        spare.addFirst(List.of(present));
        spare.add(List.of(before, theme));
    }

    /**
     * Where there is no room for words, what has a sign keeps the sign and says the word when it is pointed at. Where there
     * is none for the signs either, those go first that are least missed: each is in a menu too.
     */
    private void fit() {
        spare.forEach(each -> each.forEach(n -> shown(n, true)));
        if (whole == 0) {
            whole = prefWidth(-1);
        }
        boolean tight = getWidth() < whole;
        getChildren().stream().filter(n -> n instanceof Button b && b.getGraphic() != null && b.getText() != null)
                .map(n -> (Button) n).forEach(b -> {
                    b.setContentDisplay(tight ? ContentDisplay.GRAPHIC_ONLY : ContentDisplay.LEFT);
                    if (b.getTooltip() == null) {
                        b.setTooltip(Ui.tip(b.getText()));
                    }
                });
        for (var each : spare) {
            if (prefWidth(-1) <= getWidth()) { return; }
            each.forEach(n -> shown(n, false));
        }
    }

    /** By then it is styled; asked before, all of the window would have to be, once more than it is anyway. */
    @Override
    protected void layoutChildren() {
        if (getWidth() != fitted) {
            fitted = getWidth();
            fit();
        }
        super.layoutChildren();
    }

    private static void shown(Node node, boolean now) {
        node.setVisible(now);
        node.setManaged(now);
    }

    private String themeSign() {
        return session.dark().get() ? "mdi2w-weather-night" : "mdi2w-white-balance-sunny";
    }

    private void named(Button button, String without, String with, ReadOnlyStringProperty what) {
        Runnable show = () -> {
            button.setDisable(what.get().isEmpty());
            var text = what.get().isEmpty() ? ui.t(without) : ui.t(with, "what", what.get());
            button.setTooltip(Ui.tip(text));
            button.setAccessibleText(text);
        };
        Watch.over(button, show, what);
        show.run();
    }

    private Region separator() {
        var line = new Region();
        line.getStyleClass().add("divider-line");
        line.setMinSize(1, ui.px(16));
        line.setMaxSize(1, ui.px(16));
        HBox.setMargin(line, new Insets(0, ui.px(8), 0, ui.px(8)));
        return line;
    }

    private void otherLanguage() {
        session.speak(ui.texts().isChinese() ? Locale.ENGLISH : Locale.SIMPLIFIED_CHINESE);
    }

    private MenuItem item(String key, @Nullable String keys, Runnable action) {
        var item = new MenuItem(ui.t(key));
        item.setId(key);
        if (keys != null) {
            item.setAccelerator(KeyCombination.valueOf(keys));
        }
        item.setOnAction(_ -> action.run());
        return item;
    }

    private MenuItem onlyOpen(MenuItem item) {
        item.setDisable(!open);
        return item;
    }

    private Menu menu(String key, MenuItem... items) {
        var menu = new Menu(ui.t(key), null, items);
        menu.setId(key);
        return menu;
    }

    /** An undo that is named where there is something to undo. */
    private MenuItem step(String key, String with, String keys, Runnable action, ReadOnlyStringProperty what) {
        var item = item(key, keys, action);
        Runnable show = () -> {
            item.setDisable(!open || what.get().isEmpty());
            item.setText(what.get().isEmpty() ? ui.t(key) : ui.t(with, "what", what.get()));
        };
        Watch.over(this, show, what);
        show.run();
        return item;
    }

    private Menu fileMenu() {
        return menu("menu.file", item("file.open", "Shortcut+O", view::openFile),
                item("file.openFolder", "Shortcut+Shift+O", view::openFolder), recentMenu(),
                item("file.sample", null, session::openSample), item("file.window", "Shortcut+N", desk.another()),
                new SeparatorMenuItem(),
                onlyOpen(item("file.target", "Shortcut+T", view::targetByKey)),
                onlyOpen(item("file.targetFile", null, view::targetFile)),
                onlyOpen(item("file.rules", null, view::rulesFile)),
                onlyOpen(item("file.adapter", null, view::adapter)),
                onlyOpen(item("file.diff", "Shortcut+D", view::diff)), new SeparatorMenuItem(),
                onlyOpen(item("file.export", "Shortcut+E", view::export)),
                onlyOpen(item("file.exportRules", "Shortcut+S", view::exportRules)),
                onlyOpen(item("file.exportReport", null, view::exportReport)),
                onlyOpen(item("file.exportScript", null, view::exportScript)),
                onlyOpen(item("file.exportTable", null, view::exportTable)),
                onlyOpen(item("file.exportPicture", null, view::exportPicture)), new SeparatorMenuItem(),
                item("file.settings", "Shortcut+Comma", view::settings),
                onlyOpen(item("file.close", "Shortcut+W", session::close)));
    }

    private Menu recentMenu() {
        var menu = menu("file.recent");
        Runnable fill = () -> {
            menu.getItems().clear();
            var items = new LinkedHashMap<Path, MenuItem>();
            for (var entry : desk.recent().entries().get()) {
                var item = new MenuItem(entry.source() + (entry.target() == null ? "" : "  →  " + entry.target()));
                item.setMnemonicParsing(false);
                items.put(entry.path(), item);
                item.setOnAction(_ -> view.restore(entry));
                menu.getItems().add(item);
            }
            menu.setDisable(items.isEmpty());
            Missing.among(session.tasks(), "recent-menu", items.keySet(),
                    gone -> gone.forEach(p -> Objects.requireNonNull(items.get(p)).setDisable(true)));
            menu.getItems().addAll(new SeparatorMenuItem(), item("file.recent.clear", null, desk.recent()::clear));
        };
        Watch.over(this, fill, desk.recent().entries());
        fill.run();
        return menu;
    }

    private Menu editMenu() {
        return menu("menu.edit",
                step("action.undo", "action.undoWhat", "Shortcut+Z", session::undo, session.undoName()),
                step("action.redo", "action.redoWhat", "Shortcut+Shift+Z", session::redo, session.redoName()),
                new SeparatorMenuItem(), item("action.paste", "Shortcut+Shift+V", view::paste),
                onlyOpen(item("edit.copyTable", "Shortcut+Shift+C", view::copyTable)),
                new SeparatorMenuItem(), onlyOpen(item("edit.find", "Shortcut+F", view::find)),
                onlyOpen(item("edit.terms", null, view::terms)),
                onlyOpen(item("edit.next", "F8", () -> session.nextProblem(1))),
                onlyOpen(item("edit.previous", "Shift+F8", () -> session.nextProblem(-1))));
    }

    private Menu viewMenu() {
        var tabs = menu("view.tabs");
        int n = 1;
        for (var each : DetailPane.Tab.values()) {
            tabs.getItems().add(onlyOpen(item(each.key(), "Shortcut+" + n++, () -> view.show(each))));
        }
        tabs.getItems().addAll(new SeparatorMenuItem(),
                onlyOpen(item("view.moveTab", "Shortcut+Shift+M", view::moveTab)));
        return menu("menu.view", tabs, onlyOpen(item("view.run", "Shortcut+R", view::run)),
                onlyOpen(item("preview.beside", null, view::beside)),
                onlyOpen(item("view.config", null, view::config)),
                onlyOpen(item("view.region", "F6", view::nextRegion)),
                new SeparatorMenuItem(), item("view.larger", "Shortcut+Plus", () -> session.zoom(1)),
                item("view.smaller", "Shortcut+Minus", () -> session.zoom(-1)),
                item("view.normal", "Shortcut+0", () -> session.scale().set(1)), new SeparatorMenuItem(),
                themes(), item("view.language", null, this::otherLanguage));
    }

    private Menu themes() {
        var menu = menu("view.theme");
        var group = new ToggleGroup();
        for (var each : Preferences.Theme.values()) {
            var item = new RadioMenuItem(ui.t("theme." + each.id()));
            item.setId("theme." + each.id());
            item.setToggleGroup(group);
            item.setOnAction(_ -> desk.preferences().theme().set(each));
            menu.getItems().add(item);
        }
        Runnable show = () -> group.selectToggle(group.getToggles().get(desk.preferences().theme().get().ordinal()));
        Watch.over(this, show, desk.preferences().theme());
        show.run();
        return menu;
    }

    private Menu rulesMenu() {
        return menu("menu.rules", onlyOpen(item("rules.acceptAll", "Shortcut+Shift+Enter", session::acceptAll)),
                onlyOpen(item("rules.acceptAlike", "Shortcut+Enter", view::acceptSelected)),
                onlyOpen(item("rules.acceptOnly", "Shift+Enter", view::acceptOnly)), new SeparatorMenuItem(),
                onlyOpen(item("rules.linkFrom", "Shortcut+L", () -> linking.start(session.selected().get()))),
                onlyOpen(item("rules.linkTo", "Shortcut+Shift+L", () -> linking.end(session.selected().get()))),
                onlyOpen(item("rules.edit", "F2", view::editSelected)),
                onlyOpen(item("rules.dropSelected", "Shortcut+Delete", view::dropSelected)), new SeparatorMenuItem(),
                onlyOpen(item("rules.prove", "Shortcut+P", session::prove)),
                onlyOpen(item("rules.show", null, () -> view.show(DetailPane.Tab.RULES))));
    }

    /** Lessons: the list, and the keys of the one on its way. */
    private Menu lessonsMenu() {
        var lessons = view.lessons();
        return menu("menu.lessons", item("lessons.list", "F4", view::lessonList),
                item("lessons.folder", null, view::lessonFolder), new SeparatorMenuItem(),
                inLesson(item("lessons.present", "F5", () -> lessons.presenter().set(!lessons.presenter().get()))),
                inLesson(item("lessons.fold", "F3", lessons::fold)),
                inLesson(item("lessons.check", "F9", lessons::check)),
                inLesson(item("lessons.hint", "F7", lessons::hint)),
                inLesson(item("lessons.next", "Alt+Right", lessons::next)),
                inLesson(item("lessons.previous", "Alt+Left", lessons::previous)),
                inLesson(item("lessons.again", null, lessons::again)), new SeparatorMenuItem(),
                inLesson(item("lessons.leave", "Shift+F4", lessons::leave)));
    }

    private MenuItem inLesson(MenuItem item) {
        item.setDisable(!view.lessons().isActive());
        return item;
    }

    /** What a complete plan's button offers. */
    static void sourceMenu(Ui ui, MainView view, Node near) {
        var menu = new ContextMenu();
        for (var key : List.of("file.open", "file.openFolder", "file.sample")) {
            var item = new MenuItem(ui.t(key));
            item.setOnAction(_ -> {
                switch (key) {
                    case "file.open" -> view.openFile();
                    case "file.openFolder" -> view.openFolder();
                    default -> ui.session().openSample();
                }
            });
            menu.getItems().add(item);
        }
        menu.show(near, Side.BOTTOM, 0, 0);
    }
}
