package weft.ui;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import java.util.stream.Stream;
import javafx.application.Platform;
import javafx.beans.property.ObjectProperty;
import javafx.beans.property.ReadOnlyObjectWrapper;
import javafx.geometry.Orientation;
import javafx.scene.Node;
import javafx.scene.Scene;
import javafx.scene.control.Label;
import javafx.scene.control.ListView;
import javafx.scene.control.MenuBar;
import javafx.scene.control.SplitPane;
import javafx.scene.input.Clipboard;
import javafx.scene.input.ClipboardContent;
import javafx.scene.input.DragEvent;
import javafx.scene.input.KeyCode;
import javafx.scene.input.KeyCodeCombination;
import javafx.scene.input.KeyCombination;
import javafx.scene.input.KeyEvent;
import javafx.scene.input.MouseEvent;
import javafx.scene.input.TransferMode;
import javafx.scene.layout.BorderPane;
import javafx.scene.layout.HBox;
import javafx.scene.layout.Region;
import javafx.scene.layout.StackPane;
import javafx.scene.layout.VBox;
import javafx.stage.Window;

import org.jspecify.annotations.Nullable;

import weft.lesson.Course;
import weft.lesson.Lesson;
import weft.plan.Status;
import weft.ui.inspect.TensorModel;
import weft.ui.lesson.LessonList;
import weft.ui.lesson.LessonModel;
import weft.ui.lesson.LessonShell;
import weft.ui.model.Filter;
import weft.ui.model.Linking;
import weft.ui.model.Session;
import weft.ui.preview.PreviewModel;
import weft.ui.state.Layout;
import weft.ui.state.Recent;
import weft.ui.tree.Columns;
import weft.ui.tree.TablePane;
import weft.ui.tree.Tsv;
import weft.ui.verify.VerifyModel;
import weft.work.Explain;
import weft.work.Guided;
import weft.work.Workspace;

/**
 * The whole window. It is built anew when the language or the text size changes: what it shows is in the session, and so
 * is what was typed into it. Another theme only dresses it anew.
 */
public final class MainView extends StackPane {
    private static final double TALL = 10_000;
    private static final double HEAD = 30;
    private static final double ROW = 26;
    /** Below this there is no room for both the table and what is said of a row. */
    private static final double LOW = 280;
    private final Session session;
    private final Desk desk;
    private final Models models;
    private final LessonModel lessons;
    private final TabGroups groups = new TabGroups();
    private final ObjectProperty<DetailPane.Tab> tab = groups.left();
    private final ReadOnlyObjectWrapper<Columns> columns = new ReadOnlyObjectWrapper<>(Columns.of(1440, 1));
    private final java.util.Map<DetailPane.Tab, Double> heights = new java.util.EnumMap<>(DetailPane.Tab.class);
    private Ui ui;
    private @Nullable SplitPane split;
    private @Nullable FilterBar filters;
    private @Nullable DetailPane detail;
    private @Nullable TablePane table;
    private final StackPane overlay = new StackPane();
    private @Nullable String promptBefore;
    /** What stands over the window, or stood there before something was dragged over it. */
    private @Nullable Supplier<Region> card;
    private final DropLook looked;
    private boolean sizing;
    /** Whether the divider is being dragged. */
    private boolean held;
    private boolean arranging;

    public MainView(Session session) {
        this(session, Desk.none());
    }

    MainView(Session session, Desk desk) {
        this.session = session;
        this.desk = desk;
        this.looked = new DropLook(session.tasks());
        look().theme();
        this.models = Models.of(session);
        this.lessons = new LessonModel(session, desk.lessons());
        this.ui = new Ui(session,
                new Look(session.dark().get(), session.scale().get(), session.texts().get().isChinese()),
                desk.choosers());
        getStyleClass().add("window");
        session.texts().addListener((_, _, _) -> restyle());
        session.scale().addListener((_, _, _) -> restyle());
        session.dark().addListener((_, _, _) -> dress());
        session.workspace().addListener((_, old, now) -> {
            if ((old == null) != (now == null)) {
                build();
            }
        });
        session.refusal().addListener((_, _, _) -> build());
        lessons.lesson().addListener((_, _, now) -> lesson(now));
        lessons.presenter().addListener((_, _, _) -> rebuild());
        lessons.step().addListener((_, _, _) -> measure());
        lessons.folded().addListener((_, _, _) -> measure());
        sceneProperty().addListener((_, _, scene) -> {
            if (scene != null) {
                look().apply(scene);
                keys(scene);
            }
        });
        widthProperty().addListener((_, _, _) -> measure());
        tab.addListener((_, _, _) -> divide());
        heightProperty().addListener((_, _, _) -> divide());
        addEventFilter(KeyEvent.KEY_PRESSED, this::keptByLists);
        setOnDragOver(this::dragOver);
        setOnDragDropped(this::dropped);
        setOnDragExited(_ -> {
            looked.forget();
            if (overlay.getStyleClass().contains("drop-overlay")) {
                endDrop();
            }
        });
        session.workspace().addListener((_, _, now) -> remember(now));
        tab.addListener((_, _, _) -> remember(session.workspace().get()));
        groups.moved().addListener((_, _, _) -> remember(session.workspace().get()));
        groups.right().addListener((_, _, _) -> remember(session.workspace().get()));
        build();
    }

    public Session session() {
        return session;
    }

    Desk desk() {
        return desk;
    }

    Models models() {
        return models;
    }

    TabGroups groups() {
        return groups;
    }

    public LessonModel lessons() {
        return lessons;
    }

    public PreviewModel preview() {
        return models.preview();
    }

    public VerifyModel verification() {
        return models.verify();
    }

    public TensorModel tensor() {
        return models.tensor();
    }

    public Linking linking() {
        return models.linking();
    }

    private Look look() {
        return new Look(session.dark().get(), session.scale().get(), session.texts().get().isChinese());
    }

    /** After every edit: a crash costs nothing. */
    private void remember(@Nullable Workspace now) {
        if (now != null && !lessons.isActive() && !arranging) {
            desk.recent().put(Recent.of(now, tab.get().name(), System.currentTimeMillis()).with(arrangement()));
        }
    }

    private Layout arrangement() {
        var right = new ArrayList<String>();
        if (groups.right().get() instanceof DetailPane.Tab shown) {
            right.add(shown.name());
        }
        groups.tabs(true).stream().map(Enum::name).filter(n -> !right.contains(n)).forEach(right::add);
        var given = new LinkedHashMap<String, Double>();
        heights.forEach((which, height) -> given.put(which.name(), height));
        return new Layout(right, given);
    }

    private void arrange(Layout layout) {
        groups.tabs(true).forEach(groups::move);
        heights.clear();
        for (var each : DetailPane.Tab.values()) {
            if (layout.heights().get(each.name()) instanceof Double height) {
                heights.put(each, height);
            }
        }
        // the first is the one that is shown: it comes last
        layout.right().reversed().forEach(name -> Stream.of(DetailPane.Tab.values())
                .filter(t -> t.name().equals(name)).findFirst().ifPresent(groups::move));
        divide();
    }

    private void measure() {
        columns.set(Columns.of(Math.max(1, LessonShell.windowWidth(ui, lessons, getWidth())), session.scale().get()));
    }

    private void dress() {
        look().theme();
        if (getScene() != null) {
            look().apply(getScene());
            Popups.dress(window());
        }
    }

    private void restyle() {
        var at = Place.of(this);
        var open = card;
        dress();
        rebuild();
        if (open != null) {
            show(open);
        }
        if (at != null) {
            at.in(this);
        }
    }

    private void rebuild() {
        build();
        measure();
    }

    /** A lesson begins with the tab it is about. */
    private void lesson(@Nullable Lesson now) {
        closeOverlay();
        if (now != null) {
            groups.show(DetailPane.Tab.valueOf(now.stage().tab().toUpperCase(Locale.ROOT)));
        }
        prompt(now == null ? null : now.stage().prompt());
        rebuild();
    }

    /** The preview continues what the lesson speaks of, and afterwards what stood there before. */
    private void prompt(@Nullable String ofLesson) {
        var prompt = models.preview().prompt();
        if (ofLesson != null) {
            promptBefore = promptBefore == null ? prompt.get() : promptBefore;
            prompt.set(ofLesson);
        } else if (promptBefore != null) {
            prompt.set(promptBefore);
            promptBefore = null;
        }
    }

    private void build() {
        Popups.closeOver(window()); // what hangs over the window speaks the language and wears the colours of before
        ui = new Ui(session, look(), desk.choosers());
        var frame = new BorderPane();
        var refused = session.refusal().get();
        boolean open = session.workspace().get() != null && refused == null;
        var top = new VBox(new Menus(ui, this, desk, open));
        split = null;
        filters = null;
        detail = null;
        table = null;
        if (open) {
            var bar = new FilterBar(ui, this::toTable);
            filters = bar;
            top.getChildren().addAll(new HeaderBar(ui, columns.getReadOnlyProperty(), new HeaderSteps()), bar,
                    new TroubleBar(ui), new CareBar(ui, models.cares(), this::config),
                    new AskBar(ui, models.linking()));
            var rows = new TablePane(ui, columns.getReadOnlyProperty(), models.linking());
            table = rows;
            rows.setMinHeight(least(LOW));
            var below = new DetailPane(ui, groups, models, this::expand, this::closeDetail);
            detail = below;
            var panes = new SplitPane(rows, below);
            panes.setOrientation(Orientation.VERTICAL);
            panes.getStyleClass().add("main-split");
            SplitPane.setResizableWithParent(below, false);
            split = panes;
            panes.getDividers().getFirst().positionProperty().addListener((_, _, at) -> {
                if (held && !sizing && panes.getHeight() > 0) { // a window made lower says nothing about a wish
                    heights.put(tab.get(), (1 - at.doubleValue()) * panes.getHeight());
                }
            });
            panes.heightProperty().addListener((_, _, _) -> {
                divide();
                Platform.runLater(this::divide); // its layout keeps the lower part's height, as much of it as there was room
            });
            panes.addEventFilter(MouseEvent.MOUSE_PRESSED, e -> held = isDivider(e));
            panes.addEventFilter(MouseEvent.MOUSE_RELEASED, e -> {
                held = false;
                if (isDivider(e)) {
                    remember(session.workspace().get());
                }
            });
            panes.addEventHandler(MouseEvent.MOUSE_CLICKED, e -> {
                if (e.getClickCount() == 2 && isDivider(e)) {
                    resetHeight(tab.get());
                }
            });
            frame.setCenter(panes);
        } else if (refused != null) {
            frame.setCenter(new RefusalCard(ui, refused, this::openFile, this::instructions));
        } else {
            frame.setCenter(new StartPane(ui, this, desk));
        }
        frame.setTop(top);
        frame.setBottom(new StatusBar(ui));
        frame.setMinSize(0, 0);
        getChildren().setAll(LessonShell.around(ui, lessons, frame, new LessonWays()), overlay);
        clearOverlay();
        divide();
    }

    // ---------------------------------------------------------------- the divider

    private void divide() {
        var panes = split;
        if (panes == null || panes.getHeight() <= 0) { return; }
        double wanted = heights.getOrDefault(tab.get(), ui.px(tab.get().height()));
        double least = least(panes.getHeight());
        if (table != null) {
            table.setMinHeight(least);
        }
        sizing = true;
        panes.setDividerPosition(0, 1 - Math.min(wanted, panes.getHeight() - least) / panes.getHeight());
        sizing = false;
    }

    /** The table's head and four rows are always in view; two where large type in a small window leaves no more. */
    private double least(double height) {
        return ui.px(HEAD + ROW * (height < ui.px(LOW) ? 2 : 4));
    }

    private static boolean isDivider(MouseEvent event) {
        return event.getPickResult().getIntersectedNode() instanceof Node under
                && under.getStyleClass().contains("split-pane-divider");
    }

    /** The lower part is as high again as its tab asks for. */
    void resetHeight(DetailPane.Tab which) {
        heights.remove(which);
        divide();
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
        groups.show(which);
        divide();
    }

    private void stop() {
        session.tasks().cancelAll();
        models.linking().dismiss();
        closeOverlay();
    }

    /** A list keeps the keys for cells that can be edited, which ours can't: they mean here what they mean everywhere. */
    private void keptByLists(KeyEvent event) {
        if (!(event.getTarget() instanceof ListView<?>) || event.isShiftDown() || event.isShortcutDown()) { return; }
        if (event.getCode() == KeyCode.F2) {
            editSelected();
            event.consume();
        } else if (event.getCode() == KeyCode.DELETE && !event.isAltDown()) {
            dropSelected();
            event.consume();
        } else if (event.getCode() == KeyCode.ESCAPE) {
            stop();
            event.consume();
        }
    }

    private void keys(Scene scene) {
        scene.getAccelerators().put(new KeyCodeCombination(KeyCode.ESCAPE), this::stop);
        var statuses = List.of(Status.FITS, Status.BY_RULE, Status.NEEDS_RULE, Status.MISMATCH, Status.MISSING,
                Status.UNPROVEN);
        scene.getAccelerators().put(KeyCombination.valueOf("Alt+0"), () -> session.filter().set(Filter.ALL));
        for (int i = 0; i < statuses.size(); i++) {
            var status = statuses.get(i);
            scene.getAccelerators().put(KeyCombination.valueOf("Alt+" + (i + 1)),
                    () -> session.filter().set(Filter.of(status)));
        }
        scene.getAccelerators().put(KeyCombination.valueOf("Alt+H"), () -> session.filter().set(Filter.HIDDEN));
        // many keyboards have no key of its own for +, and all have some further away
        for (var larger : List.of("Equals", "Shift+Equals", "Shift+Plus", "Add")) {
            scene.getAccelerators().put(KeyCombination.valueOf("Shortcut+" + larger), () -> session.zoom(1));
        }
        scene.getAccelerators().put(KeyCombination.valueOf("Shortcut+Subtract"), () -> session.zoom(-1));
        scene.getAccelerators().put(KeyCombination.valueOf("Shortcut+Numpad 0"), () -> session.scale().set(1));
    }

    // ---------------------------------------------------------------- what the menus do

    void copyTable() {
        var content = new ClipboardContent();
        content.putString(Tsv.of(session.items(), ui.texts()));
        Clipboard.getSystemClipboard().setContent(content);
    }

    void terms() {
        if (filters != null) {
            filters.terms();
        }
    }

    private void toTable() {
        if (table != null) {
            table.focusList();
        }
    }

    void find() {
        if (filters != null) {
            filters.focusSearch();
        }
    }

    /** Runs what is looked at: the ladder if that is in view, else the preview with its chart. */
    void run() {
        if (tab.get() != DetailPane.Tab.VERIFY) {
            show(DetailPane.Tab.PREVIEW);
            models.preview().run();
            models.verify().run(models.preview().other().get());
        } else {
            models.verify().again();
        }
    }

    void acceptSelected() {
        var item = session.selected().get();
        if (item != null) {
            session.acceptUnder(item);
        }
    }

    void acceptOnly() {
        var item = session.selected().get();
        if (item != null) {
            session.acceptOnly(item.rows());
        }
    }

    void editSelected() {
        var item = session.selected().get();
        if (item != null && !item.rows().isEmpty() && item.rows().getFirst().rule() != null) {
            session.editing().set(item.rows().getFirst().rule());
            show(DetailPane.Tab.RULES);
        }
    }

    void dropSelected() {
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

    void openFile() {
        open(ui.choosers().file(ui.t("file.open"), window()));
    }

    void openFolder() {
        open(ui.choosers().folder(ui.t("file.openFolder"), window()));
    }

    private void open(@Nullable Path place) {
        if (place != null) {
            openOrTeach(place);
        }
    }

    /** A folder of lessons shows its list, rules are used; anything else is a checkpoint. */
    void openOrTeach(Path place) {
        session.open(place, p -> Course.isHere(p) || Guided.isRules(p), () -> looked.letGo(place, lying -> {
            if (lying == Dropped.Lying.RULES) {
                session.openRules(place);
            } else {
                lessonFolder(place);
            }
        }));
    }

    void targetFile() {
        var file = ui.choosers().file(ui.t("file.targetFile"), window());
        if (file != null) {
            session.chooseTarget(file.toString());
        }
    }

    private void targetFolder() {
        var folder = ui.choosers().folder(ui.t("target.folder"), window());
        if (folder != null) {
            session.chooseTarget(folder.toString());
        }
    }

    void rulesFile() {
        var file = ui.choosers().file(ui.t("file.rules"), window());
        if (file != null) {
            session.openRules(file);
        }
    }

    void exportRules() {
        export(ExportModel.What.RULES);
    }

    void exportReport() {
        export(ExportModel.What.REPORT);
    }

    void exportScript() {
        export(ExportModel.What.SCRIPT);
    }

    void exportTable() {
        export(ExportModel.What.TABLE);
    }

    void exportPicture() {
        export(ExportModel.What.PICTURE);
    }

    void export() {
        export(ExportModel.What.CHECKPOINT);
    }

    private void export(ExportModel.What what) {
        models.export().what().set(what);
        models.export().picture().set(() -> table == null
                ? Png.of(snapshot(null, null))
                : TablePicture.of(ui, columns.getReadOnlyProperty(), models.linking(), table.getWidth()));
        show(() -> new ExportCard(ui, models.export(), this::closeOverlay));
    }

    void lessonList() {
        lessons.openShipped();
        show(() -> new LessonList(ui, lessons, this::closeOverlay));
    }

    void lessonFolder() {
        var folder = ui.choosers().folder(ui.t("lessons.folder"), window());
        if (folder != null) {
            lessonFolder(folder);
        }
    }

    private void lessonFolder(Path folder) {
        lessons.openCourse(folder);
        show(() -> new LessonList(ui, lessons, this::closeOverlay));
    }

    private final class LessonWays implements LessonShell.Ways {
        @Override
        public void list() {
            lessonList();
        }

        @Override
        public void save(String kind) {
            var lesson = lessons.lesson().get();
            var file = lesson == null
                    ? null
                    : ui.choosers().save(ui.t("lesson.save"), lesson.id() + "." + kind, window());
            if (file != null) {
                LessonShell.save(ui, lessons, kind, file);
            }
        }
    }

    void paste() {
        show(() -> new PasteCard(ui, this::closeOverlay));
    }

    private void paste(String text) {
        session.drafts().of(PasteCard.DRAFT).set(text);
        paste();
    }

    void diff() {
        var file = ui.choosers().file(ui.t("file.diff"), window());
        if (file != null) {
            models.diff().run(file);
            show(DetailPane.Tab.VERIFY);
        }
    }

    /** What holds for all windows. */
    void settings() {
        show(() -> new SettingsCard(ui, desk, lessons, this::settings, this::closeOverlay));
    }

    void keys() {
        show(() -> new KeysCard(ui, lookup(".menus") instanceof MenuBar bar ? bar.getMenus() : List.of(),
                this::closeOverlay));
    }

    void about() {
        show(() -> new AboutCard(ui, this::closeOverlay));
    }

    /** Shows the lesson to a class; without one it asks for one. */
    void present() {
        if (lessons.isActive()) {
            lessons.presenter().set(true);
        } else {
            lessonList();
        }
    }

    /** Both configurations field by field. */
    void config() {
        show(() -> new ConfigCard(ui, this::closeOverlay));
    }

    void adapter() {
        var folder = ui.choosers().folder(ui.t("file.adapter"), window());
        if (folder != null) {
            session.mergeAdapter(folder);
        }
    }

    /** Another checkpoint in the preview's place of before. */
    void beside() {
        var file = ui.choosers().file(ui.t("preview.beside"), window());
        if (file != null) {
            show(DetailPane.Tab.PREVIEW);
            models.preview().beside(file);
            models.verify().run(file);
        }
    }

    /** Continues a piece of work where it was left. */
    void restore(Recent.Entry entry) {
        session.open(entry.mark());
        arranging = true; // what is open still is another piece of work
        arrange(entry.layout());
        for (var each : DetailPane.Tab.values()) {
            if (each.name().equals(entry.tab())) {
                groups.show(each);
            }
        }
        arranging = false;
    }

    void moveTab() {
        groups.move(groups.right().get() != null && detailRightHasFocus()
                ? java.util.Objects.requireNonNull(groups.right().get())
                : tab.get());
    }

    private boolean detailRightHasFocus() {
        var right = lookup("#tabs-right");
        var owner = getScene() == null ? null : getScene().getFocusOwner();
        while (owner != null && owner != right) {
            owner = owner.getParent();
        }
        return owner != null;
    }

    /** From the table to the tabs to the search and back. */
    void nextRegion() {
        var owner = getScene() == null ? null : getScene().getFocusOwner();
        if (owner != null && "table".equals(owner.getId())) {
            var button = lookup("#tab-" + tab.get().name().toLowerCase(Locale.ROOT));
            if (button != null) {
                button.requestFocus();
            }
        } else if (owner != null && owner.getId() != null && owner.getId().startsWith("tab-")) {
            find();
        } else if (table != null) {
            table.focusList();
        }
    }

    // ---------------------------------------------------------------- cards over the window

    /** @param made makes the card, and makes it once more when the window is built anew under it */
    private void show(Supplier<Region> made) {
        var shown = made.get();
        card = made;
        overlay.getStyleClass().setAll("overlay");
        overlay.getChildren().setAll(shown);
        overlay.setVisible(true);
        shown.requestFocus();
    }

    private void closeOverlay() {
        session.drafts().forget(PasteCard.DRAFT);
        clearOverlay();
    }

    private void clearOverlay() {
        card = null;
        overlay.setVisible(false);
        overlay.getChildren().clear();
    }

    private void chooseTarget(Node near) {
        Popups.closeOver(window()); // one chooser is enough
        new TargetChooser(ui, new TargetChooser.Places() {
            @Override
            public void file() {
                targetFile();
            }

            @Override
            public void folder() {
                targetFolder();
            }
        }, desk.recent().targets().all().get()).show(near);
    }

    void targetByKey() {
        var card = lookup("#target-card");
        if (card != null) {
            chooseTarget(card);
        }
    }

    private final class HeaderSteps implements HeaderBar.Steps {
        @Override
        public void chooseSource(Region near) {
            Menus.sourceMenu(ui, MainView.this, near);
        }

        @Override
        public void chooseTarget(Region near) {
            MainView.this.chooseTarget(near);
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
            MainView.this.export();
        }
    }

    // ---------------------------------------------------------------- drop

    private void dragOver(DragEvent event) {
        var board = event.getDragboard();
        if (models.linking().started().get() != null) { // a row on its way to another one
            event.consume();
            return;
        }
        if (board.hasFiles() || board.hasString()) {
            event.acceptTransferModes(TransferMode.COPY);
            if (board.hasFiles()) {
                over(event, board.getFiles());
            } else {
                dropHint(Dropped.LOG);
            }
        }
        event.consume();
    }

    /** Says what letting files go here would do, and says it again should the disk have more to say. */
    private void over(DragEvent event, List<File> files) {
        var path = Dropped.pick(files);
        var which = files.size() < 2
                ? ""
                : ui.t("drop.several", "name", String.valueOf(path.getFileName()), "n", files.size());
        var place = new DropPlace(event);
        dropHint(place.of(path, looked.soFar(path, () -> {
            if (overlay.getStyleClass().contains("drop-overlay")) {
                over(event, files);
            }
        })), which);
    }

    /** Where in the window something is held: over a source that is open it makes a difference. */
    private final class DropPlace {
        private final boolean right;
        private final boolean preview;

        DropPlace(DragEvent event) {
            right = event.getX() > getWidth() / 2;
            preview = lookup(".preview") instanceof Node pane
                    && pane.contains(pane.sceneToLocal(event.getSceneX(), event.getSceneY()));
        }

        Dropped of(Path path, Dropped.Lying lying) {
            return Dropped.of(path, lying, session.workspace().get() != null, right, preview);
        }
    }

    /** What a refused file would have done. */
    private void instructions(Path file) {
        session.tasks().run("instructions", "busy.open", _ -> Guided.instructions(file, 2000), lines -> show(
                () -> new InstructionsCard(ui, lines, this::closeOverlay)), session::tell);
    }

    /** A log that was dropped is shown in the paste card. */
    void explain(Path log) {
        session.tasks().run("explain-file", "busy.explain", _ -> Explain.text(log), this::paste, session::tell);
    }

    /** Says what letting go would do: over an open source there are two halves. */
    void dropHint(Dropped what) {
        dropHint(what, "");
    }

    /** @param which the one of several files it would do that with, or empty */
    private void dropHint(Dropped what, String which) {
        boolean both = session.workspace().get() != null && what.isHalf();
        overlay.getStyleClass().setAll("drop-overlay");
        var halves = new HBox();
        halves.getChildren().add(half(both ? Dropped.SOURCE.key() : what.key(), which, what != Dropped.TARGET));
        if (both) {
            halves.getChildren().add(half(Dropped.TARGET.key(), which, what == Dropped.TARGET));
        }
        overlay.getChildren().setAll(halves);
        overlay.setMouseTransparent(true);
        overlay.setVisible(true);
    }

    private Region half(String key, String which, boolean lit) {
        var label = new Label(ui.t(key) + (which.isEmpty() ? "" : "\n" + which),
                ui.icon("mdi2t-tray-arrow-down", 32, "accent-icon"));
        label.setContentDisplay(javafx.scene.control.ContentDisplay.TOP);
        label.setTextAlignment(javafx.scene.text.TextAlignment.CENTER);
        label.getStyleClass().add("pane-title");
        var half = new StackPane(label);
        half.setId(key.replace('.', '-'));
        half.getStyleClass().add(lit ? "drop-half-lit" : "drop-half");
        HBox.setHgrow(half, javafx.scene.layout.Priority.ALWAYS);
        half.setMaxWidth(Double.MAX_VALUE);
        half.setPrefWidth(100);
        return half;
    }

    private void endDrop() {
        overlay.setMouseTransparent(false);
        if (card instanceof Supplier<Region> open) { // it was open before something came over it
            show(open);
        } else {
            clearOverlay();
        }
    }

    private void dropped(DragEvent event) {
        var files = event.getDragboard().getFiles();
        endDrop();
        if (!files.isEmpty()) {
            var path = Dropped.pick(files);
            var place = new DropPlace(event);
            looked.letGo(path, lying -> drop(path, place.of(path, lying)));
            event.setDropCompleted(true);
        } else if (event.getDragboard().hasString()) {
            paste(event.getDragboard().getString());
            event.setDropCompleted(true);
        }
        event.consume();
    }

    /** What was let go does what the hint said. */
    void drop(Path path, Dropped meaning) {
        switch (meaning) {
            case LOG -> explain(path);
            case LOSS -> {
                show(DetailPane.Tab.PREVIEW);
                models.preview().measure(path);
            }
            case TARGET -> session.chooseTarget(path.toString());
            case SOURCE -> session.open(path);
            case RULES -> session.openRules(path);
            case ADAPTER -> session.mergeAdapter(path);
            case LESSONS -> lessonFolder(path);
        }
    }

    /** For tests: the table. */
    public @Nullable TablePane table() {
        return table;
    }
}
