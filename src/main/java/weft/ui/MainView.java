package weft.ui;

import java.io.File;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import javafx.beans.property.ObjectProperty;
import javafx.beans.property.ReadOnlyObjectWrapper;
import javafx.beans.property.SimpleObjectProperty;
import javafx.geometry.Orientation;
import javafx.geometry.Pos;
import javafx.scene.Node;
import javafx.scene.Scene;
import javafx.scene.control.Button;
import javafx.scene.control.ContextMenu;
import javafx.scene.control.Label;
import javafx.scene.control.Menu;
import javafx.scene.control.MenuBar;
import javafx.scene.control.MenuItem;
import javafx.scene.control.SeparatorMenuItem;
import javafx.scene.control.SplitPane;
import javafx.scene.control.Tooltip;
import javafx.scene.input.DragEvent;
import javafx.scene.input.KeyCode;
import javafx.scene.input.KeyCodeCombination;
import javafx.scene.input.KeyCombination;
import javafx.scene.input.TransferMode;
import javafx.scene.layout.BorderPane;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Region;
import javafx.scene.layout.StackPane;
import javafx.scene.layout.VBox;
import javafx.stage.DirectoryChooser;
import javafx.stage.FileChooser;
import javafx.stage.Window;

import org.jspecify.annotations.Nullable;

import weft.plan.Status;
import weft.ui.inspect.TensorModel;
import weft.ui.model.Filter;
import weft.ui.model.Session;
import weft.ui.preview.PreviewModel;
import weft.ui.tree.Columns;
import weft.ui.tree.TablePane;
import weft.ui.verify.VerifyModel;

/** The whole window. It is built anew when the language or the text size changes: what it shows is in the session. */
public final class MainView extends StackPane {
    private static final double TALL = 10_000;
    private final Session session;
    private final PreviewModel preview;
    private final VerifyModel verify;
    private final TensorModel tensor;
    private final ObjectProperty<DetailPane.Tab> tab = new SimpleObjectProperty<>(DetailPane.Tab.WHY);
    private final ReadOnlyObjectWrapper<Columns> columns = new ReadOnlyObjectWrapper<>(Columns.of(1440, 1));
    private final java.util.Map<DetailPane.Tab, Double> heights = new java.util.EnumMap<>(DetailPane.Tab.class);
    private Ui ui;
    private @Nullable SplitPane split;
    private @Nullable FilterBar filters;
    private @Nullable DetailPane detail;
    private @Nullable TablePane table;
    private boolean sizing;

    public MainView(Session session) {
        this.session = session;
        this.preview = new PreviewModel(session);
        this.verify = new VerifyModel(session);
        this.tensor = new TensorModel(session);
        this.ui = new Ui(session,
                new Look(session.dark().get(), session.scale().get(), session.texts().get().isChinese()));
        getStyleClass().add("window");
        session.texts().addListener((_, _, _) -> restyle());
        session.scale().addListener((_, _, _) -> restyle());
        session.dark().addListener((_, _, _) -> restyle());
        session.workspace().addListener((_, old, now) -> {
            if ((old == null) != (now == null)) {
                build();
            }
        });
        session.refusal().addListener((_, _, _) -> build());
        sceneProperty().addListener((_, _, scene) -> {
            if (scene != null) {
                look().apply(scene);
                keys(scene);
            }
        });
        widthProperty().addListener((_, _, _) -> measure());
        tab.addListener((_, _, _) -> divide());
        heightProperty().addListener((_, _, _) -> divide());
        setOnDragOver(this::dragOver);
        setOnDragDropped(this::dropped);
        build();
    }

    public Session session() {
        return session;
    }

    public PreviewModel preview() {
        return preview;
    }

    public VerifyModel verification() {
        return verify;
    }

    public TensorModel tensor() {
        return tensor;
    }

    private Look look() {
        return new Look(session.dark().get(), session.scale().get(), session.texts().get().isChinese());
    }

    private void measure() {
        columns.set(Columns.of(Math.max(1, getWidth()), session.scale().get()));
    }

    private void restyle() {
        var look = look();
        if (getScene() != null) {
            look.apply(getScene());
        }
        build();
        measure();
    }

    private void build() {
        ui = new Ui(session, look());
        var frame = new BorderPane();
        var refused = session.refusal().get();
        boolean open = session.workspace().get() != null && refused == null;
        var top = new VBox(menuRow(open));
        split = null;
        filters = null;
        detail = null;
        table = null;
        if (open) {
            var bar = new FilterBar(ui);
            filters = bar;
            top.getChildren().addAll(new HeaderBar(ui, columns.getReadOnlyProperty(), new HeaderSteps()), bar,
                    new TroubleBar(ui));
            var rows = new TablePane(ui, columns.getReadOnlyProperty());
            table = rows;
            var below = new DetailPane(ui, tab, preview, verify, tensor, this::expand, this::closeDetail);
            detail = below;
            var panes = new SplitPane(rows, below);
            panes.setOrientation(Orientation.VERTICAL);
            panes.getStyleClass().add("main-split");
            SplitPane.setResizableWithParent(below, false);
            split = panes;
            panes.getDividers().getFirst().positionProperty().addListener((_, _, at) -> {
                if (!sizing && panes.getHeight() > 0) {
                    heights.put(tab.get(), (1 - at.doubleValue()) * panes.getHeight());
                }
            });
            panes.heightProperty().addListener((_, _, _) -> divide());
            frame.setCenter(panes);
        } else if (refused != null) {
            frame.setCenter(new RefusalCard(ui, refused, this::openFile));
        } else {
            frame.setCenter(new StartPane(ui, this::openFile, this::openFolder));
        }
        frame.setTop(top);
        frame.setBottom(new StatusBar(ui));
        frame.setMinSize(0, 0);
        getChildren().setAll(frame);
        divide();
    }

    // ---------------------------------------------------------------- the divider

    private void divide() {
        var panes = split;
        if (panes == null || panes.getHeight() <= 0) { return; }
        double wanted = heights.getOrDefault(tab.get(), ui.px(tab.get().height()));
        double least = ui.px(30 + 26 * 4);
        sizing = true;
        panes.setDividerPosition(0, 1 - Math.min(wanted, panes.getHeight() - least) / panes.getHeight());
        sizing = false;
    }

    private void expand() {
        var now = tab.get();
        boolean tall = heights.getOrDefault(now, 0.0) >= TALL;
        heights.remove(now);
        if (!tall) {
            heights.put(now, TALL);
        }
        divide();
    }

    private void closeDetail() {
        heights.put(tab.get(), ui.px(36));
        divide();
    }

    /** Shows a tab, opening the lower part if it was closed. */
    public void show(DetailPane.Tab which) {
        if (heights.getOrDefault(which, TALL) <= ui.px(40)) {
            heights.remove(which);
        }
        tab.set(which);
        divide();
    }

    // ---------------------------------------------------------------- menus

    private HBox menuRow(boolean open) {
        var menus = new MenuBar(fileMenu(open), editMenu(open), viewMenu(open), rulesMenu(open));
        menus.getStyleClass().add("menus");
        menus.setMinWidth(USE_PREF_SIZE);
        var row = new HBox(menus, Ui.space());
        row.getStyleClass().add("menu-row");
        row.setAlignment(Pos.CENTER_LEFT);
        row.setMinHeight(ui.px(36));
        row.setPrefHeight(ui.px(36));
        if (open) {
            var undo = ui.iconButton("mdi2u-undo", ui.t("action.undo"), session::undo);
            var redo = ui.iconButton("mdi2r-redo", ui.t("action.redo"), session::redo);
            undo.setId("undo");
            redo.setId("redo");
            named(undo, "action.undo", "action.undoWhat", session.undoName());
            named(redo, "action.redo", "action.redoWhat", session.redoName());
            var export = ui.button(ui.t("menu.export"), ui.icon("mdi2e-export-variant", 16), () -> {
            }, "flat");
            export.setId("export");
            export.setOnAction(_ -> exportMenu(export));
            row.getChildren().addAll(undo, redo, separator(), export, separator());
        }
        var language = ui.button(ui.t("language.name"), ui.icon("mdi2t-translate", 16), this::otherLanguage, "flat");
        language.setId("language");
        language.setTooltip(new Tooltip(ui.t("language.other")));
        var theme = ui.iconButton(session.dark().get() ? "mdi2w-weather-night" : "mdi2w-white-balance-sunny",
                ui.t("action.theme"), () -> session.dark().set(!session.dark().get()));
        theme.setId("theme");
        row.getChildren().addAll(language, theme);
        return row;
    }

    private void named(Button button, String without, String with, javafx.beans.property.ReadOnlyStringProperty what) {
        Runnable show = () -> {
            button.setDisable(what.get().isEmpty());
            var text = what.get().isEmpty() ? ui.t(without) : ui.t(with, "what", what.get());
            button.setTooltip(new Tooltip(text));
            button.setAccessibleText(text);
        };
        what.addListener((_, _, _) -> show.run());
        show.run();
    }

    private Region separator() {
        var line = new Region();
        line.getStyleClass().add("divider-line");
        line.setMinSize(1, ui.px(16));
        line.setMaxSize(1, ui.px(16));
        HBox.setMargin(line, new javafx.geometry.Insets(0, ui.px(8), 0, ui.px(8)));
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

    private MenuItem onlyOpen(MenuItem item, boolean open) {
        item.setDisable(!open);
        return item;
    }

    private Menu menu(String key, MenuItem... items) {
        var menu = new Menu(ui.t(key), null, items);
        menu.setId(key);
        return menu;
    }

    private Menu fileMenu(boolean open) {
        return menu("menu.file", item("file.open", "Shortcut+O", this::openFile),
                item("file.openFolder", "Shortcut+Shift+O", this::openFolder),
                item("file.sample", null, session::openSample), new SeparatorMenuItem(),
                onlyOpen(item("file.target", "Shortcut+T", this::targetByKey), open),
                onlyOpen(item("file.targetFile", null, this::targetFile), open),
                onlyOpen(item("file.rules", null, this::rulesFile), open), new SeparatorMenuItem(),
                onlyOpen(item("file.exportCheckpoint", "Shortcut+E", this::exportFile), open),
                onlyOpen(item("file.exportFolder", null, this::exportFolder), open),
                onlyOpen(item("file.exportRules", "Shortcut+S", this::exportRules), open), new SeparatorMenuItem(),
                onlyOpen(item("file.close", "Shortcut+W", session::close), open));
    }

    private Menu editMenu(boolean open) {
        return menu("menu.edit", onlyOpen(item("action.undo", "Shortcut+Z", session::undo), open),
                onlyOpen(item("action.redo", "Shortcut+Shift+Z", session::redo), open), new SeparatorMenuItem(),
                onlyOpen(item("edit.find", "Shortcut+F", this::find), open),
                onlyOpen(item("edit.next", "F8", () -> session.nextProblem(1)), open),
                onlyOpen(item("edit.previous", "Shift+F8", () -> session.nextProblem(-1)), open));
    }

    private Menu viewMenu(boolean open) {
        var tabs = menu("view.tabs");
        int n = 1;
        for (var each : DetailPane.Tab.values()) {
            tabs.getItems().add(onlyOpen(item("tab." + each.name().toLowerCase(Locale.ROOT), "Shortcut+" + n++,
                    () -> show(each)), open));
        }
        return menu("menu.view", tabs, onlyOpen(item("view.run", "Shortcut+R", this::run), open),
                new SeparatorMenuItem(), item("view.larger", "Shortcut+Plus", () -> zoom(0.1)),
                item("view.smaller", "Shortcut+Minus", () -> zoom(-0.1)),
                item("view.normal", "Shortcut+0", () -> session.scale().set(1)), new SeparatorMenuItem(),
                item("action.theme", null, () -> session.dark().set(!session.dark().get())),
                item("view.language", null, this::otherLanguage));
    }

    private Menu rulesMenu(boolean open) {
        return menu("menu.rules", onlyOpen(item("rules.acceptAll", "Shortcut+Shift+Enter", session::acceptAll), open),
                onlyOpen(item("rules.acceptAlike", "Shortcut+Enter", this::acceptSelected), open),
                onlyOpen(item("rules.acceptOnly", null, this::acceptOnly), open), new SeparatorMenuItem(),
                onlyOpen(item("rules.dropSelected", null, this::dropSelected), open),
                onlyOpen(item("rules.prove", "Shortcut+P", session::prove), open),
                onlyOpen(item("rules.show", null, () -> show(DetailPane.Tab.RULES)), open));
    }

    private void exportMenu(Node near) {
        var checkpoint = item("file.exportCheckpoint", null, this::exportFile);
        var folder = item("file.exportFolder", null, this::exportFolder);
        boolean complete = session.plan().map(p -> p.isComplete()).orElse(false);
        checkpoint.setDisable(!complete);
        folder.setDisable(!complete);
        var menu = new ContextMenu(checkpoint, folder, item("file.exportRules", null, this::exportRules));
        menu.show(near, javafx.geometry.Side.BOTTOM, 0, 0);
    }

    private void zoom(double by) {
        session.scale().set(Math.clamp(Math.round((session.scale().get() + by) * 10) / 10.0, 0.8, 2));
    }

    private void keys(Scene scene) {
        scene.getAccelerators().put(new KeyCodeCombination(KeyCode.ESCAPE), () -> {
            session.tasks().cancelAll();
            preview.stop();
            verify.stop();
        });
        var statuses = List.of(Status.FITS, Status.BY_RULE, Status.NEEDS_RULE, Status.MISMATCH, Status.MISSING,
                Status.UNPROVEN);
        scene.getAccelerators().put(KeyCombination.valueOf("Alt+0"), () -> session.filter().set(Filter.ALL));
        for (int i = 0; i < statuses.size(); i++) {
            var status = statuses.get(i);
            scene.getAccelerators().put(KeyCombination.valueOf("Alt+" + (i + 1)),
                    () -> session.filter().set(Filter.of(status)));
        }
        scene.getAccelerators().put(KeyCombination.valueOf("Alt+H"), () -> session.filter().set(Filter.HIDDEN));
    }

    // ---------------------------------------------------------------- what the menus do

    private void find() {
        if (filters != null) {
            filters.focusSearch();
        }
    }

    /** Runs what is looked at: the ladder if that is in view, else the preview with its chart. */
    private void run() {
        if (tab.get() != DetailPane.Tab.VERIFY) {
            show(DetailPane.Tab.PREVIEW);
            preview.run();
        }
        verify.run();
    }

    private void acceptSelected() {
        var item = session.selected().get();
        if (item != null) {
            session.acceptUnder(item);
        }
    }

    private void acceptOnly() {
        var item = session.selected().get();
        if (item != null) {
            session.acceptOnly(item.rows());
        }
    }

    private void dropSelected() {
        var item = session.selected().get();
        if (item != null && !item.rows().isEmpty()) {
            var rule = item.rows().getFirst().rule();
            if (rule != null && session.accepted().contains(rule)) {
                session.dropRule(rule);
            }
        }
    }

    private @Nullable Window window() {
        return getScene() == null ? null : getScene().getWindow();
    }

    private void openFile() {
        var chooser = new FileChooser();
        chooser.setTitle(ui.t("file.open"));
        opened(chooser.showOpenDialog(window()));
    }

    private void openFolder() {
        var chooser = new DirectoryChooser();
        chooser.setTitle(ui.t("file.openFolder"));
        opened(chooser.showDialog(window()));
    }

    private void opened(@Nullable File file) {
        if (file != null) {
            session.open(file.toPath());
        }
    }

    private void targetFile() {
        var chooser = new FileChooser();
        chooser.setTitle(ui.t("file.targetFile"));
        var file = chooser.showOpenDialog(window());
        if (file != null) {
            session.chooseTarget(file.getPath());
        }
    }

    private void rulesFile() {
        var chooser = new FileChooser();
        chooser.setTitle(ui.t("file.rules"));
        var file = chooser.showOpenDialog(window());
        if (file != null) {
            session.openRules(file.toPath());
        }
    }

    private void exportRules() {
        var file = saveAs("rules.weft");
        if (file != null) {
            session.exportRules(file, true); // the system's dialog has asked
        }
    }

    private void exportFile() {
        var file = saveAs("model.safetensors");
        if (file != null) {
            session.exportCheckpoint(file, false, true);
        }
    }

    private void exportFolder() {
        var chooser = new DirectoryChooser();
        chooser.setTitle(ui.t("file.exportFolder"));
        var folder = chooser.showDialog(window());
        if (folder != null) {
            session.exportCheckpoint(folder.toPath(), true, false);
        }
    }

    private @Nullable Path saveAs(String name) {
        var chooser = new FileChooser();
        chooser.setInitialFileName(name);
        var file = chooser.showSaveDialog(window());
        return file == null ? null : file.toPath();
    }

    private void targetByKey() {
        var card = lookup("#target-card");
        if (card != null) {
            new TargetChooser(ui, this::targetFile, this::targetFile).show(card);
        }
    }

    private final class HeaderSteps implements HeaderBar.Steps {
        @Override
        public void chooseSource(Region near) {
            var menu = new ContextMenu(item("file.open", null, MainView.this::openFile),
                    item("file.openFolder", null, MainView.this::openFolder),
                    item("file.sample", null, session::openSample));
            menu.show(near, javafx.geometry.Side.BOTTOM, 0, 0);
        }

        @Override
        public void chooseTarget(Region near) {
            new TargetChooser(ui, MainView.this::targetFile, MainView.this::targetFile).show(near);
        }

        @Override
        public void review() {
            session.nextProblem(1);
            MainView.this.show(DetailPane.Tab.RULES);
        }

        @Override
        public void showError() {
            var failing = session.failing();
            if (failing.isEmpty()) {
                session.nextProblem(1);
                MainView.this.show(DetailPane.Tab.WHY);
            } else {
                session.plan().flatMap(p -> p.rows().stream().filter(r -> r.problem() != null).findFirst())
                        .ifPresent(r -> session.reveal(r.target().name()));
                MainView.this.show(DetailPane.Tab.RULES);
            }
        }

        @Override
        public void export() {
            var button = lookup("#next-step");
            if (button != null) {
                exportMenu(button);
            }
        }
    }

    // ---------------------------------------------------------------- drop

    private void dragOver(DragEvent event) {
        if (event.getDragboard().hasFiles()) {
            event.acceptTransferModes(TransferMode.COPY);
        }
        event.consume();
    }

    private void dropped(DragEvent event) {
        var files = event.getDragboard().getFiles();
        if (!files.isEmpty()) {
            boolean asTarget = session.workspace().get() != null && event.getX() > getWidth() / 2;
            session.drop(files.getFirst().toPath(), asTarget);
            event.setDropCompleted(true);
        }
        event.consume();
    }

    /** For tests: the table. */
    public @Nullable TablePane table() {
        return table;
    }

    /** A yellow bar: what didn't work, while everything else goes on. */
    private static final class TroubleBar extends HBox {
        private final Ui ui;

        TroubleBar(Ui ui) {
            this.ui = ui;
            getStyleClass().add("trouble");
            setAlignment(Pos.CENTER_LEFT);
            setSpacing(ui.px(8));
            ui.session().trouble().addListener((_, _, _) -> show());
            show();
        }

        private void show() {
            var problem = ui.session().trouble().get();
            setVisible(problem != null);
            setManaged(problem != null);
            if (problem != null) {
                var text = new Label(ui.texts().full(problem), ui.icon("mdi2a-alert", 16, "status-needsRule"));
                text.setWrapText(true);
                getChildren().setAll(text, Ui.space(),
                        ui.iconButton("mdi2c-close", ui.t("action.dismiss"), ui.session()::dismissTrouble));
            }
        }
    }
}
