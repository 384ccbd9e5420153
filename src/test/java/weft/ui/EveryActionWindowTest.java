package weft.ui;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import javafx.scene.Node;
import javafx.scene.Parent;
import javafx.scene.Scene;
import javafx.scene.canvas.Canvas;
import javafx.scene.control.ButtonBase;
import javafx.scene.control.Labeled;
import javafx.scene.control.Menu;
import javafx.scene.control.MenuBar;
import javafx.scene.control.MenuItem;
import javafx.scene.control.RadioMenuItem;
import javafx.scene.control.SeparatorMenuItem;
import javafx.scene.control.SplitPane;
import javafx.scene.control.TextField;
import javafx.scene.control.TextInputControl;
import javafx.scene.control.ToggleButton;
import javafx.scene.input.Clipboard;
import javafx.scene.input.ClipboardContent;
import javafx.scene.input.KeyCode;
import javafx.scene.input.KeyCodeCombination;
import javafx.scene.text.Text;
import javafx.stage.Stage;
import javafx.stage.Window;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.testfx.framework.junit5.Start;

import weft.ui.DetailPane.Tab;
import weft.ui.model.Session;
import weft.ui.model.Tasks;
import weft.ui.preview.InsideModel;
import weft.ui.preview.PreviewModel;
import weft.ui.state.Preferences.Theme;
import weft.ui.state.Recent;
import weft.ui.state.Store;
import weft.work.Workspace;

/**
 * Presses every menu item and every button once and fails where nothing happens: nothing in view, nothing in the model,
 * no dialog asked for, no popup, nothing on the clipboard. One window serves all: between two presses everything a press
 * can change is put back.
 */
@Windowed
class EveryActionWindowTest {
    private static final double WIDE = 1000, TALL = 900;
    @TempDir
    Path folder;
    /** Weights alone: nobody says how many heads they have. */
    private static Path bare = Path.of("");
    private Stage stage;
    private Path source = Path.of("");
    private @Nullable MainView view;
    private @Nullable Workspace opened;
    private int written;
    private final AtomicInteger asked = new AtomicInteger();

    @Start
    void start(Stage given) throws Exception {
        source = Tiny.with(folder, "openai-tf");
        bare = Files.copy(Screens.fixture("gpt2-tiny/hf/model.safetensors"), folder.resolve("bare.safetensors"));
        stage = new Stage(); // TestFX keeps every event of the given one, and with it what it happened to
        stage.setScene(new Scene(new javafx.scene.layout.Pane(), WIDE, TALL));
        stage.show();
    }

    @AfterEach
    void close() {
        Hand.onFx(stage::hide);
    }

    /** Counts how often somebody would have been asked, and answers nothing. */
    private final class Nobody implements Choosers {
        @Override
        public @Nullable Path file(String title, @Nullable Window over) {
            asked.incrementAndGet();
            return null;
        }

        @Override
        public @Nullable Path folder(String title, @Nullable Window over) {
            asked.incrementAndGet();
            return null;
        }

        @Override
        public @Nullable Path save(String title, String name, @Nullable Window over) {
            asked.incrementAndGet();
            return null;
        }
    }

    private MainView window() {
        var plain = Desk.of(Store.in(folder.resolve("state")), asked::incrementAndGet);
        var desk = new Desk(plain.preferences(), plain.recent(), plain.another(), new Nobody());
        var session = new Session(new Tasks(Runnable::run, Runnable::run), Locale.ENGLISH);
        desk.join(session);
        var made = new MainView(session, desk);
        stage.setScene(new Scene(made, WIDE, TALL));
        return made;
    }

    /** Twice is enough: cells are there after the first time. */
    private static void settle(MainView view) {
        view.resize(WIDE, TALL);
        for (int i = 0; i < 2; i++) {
            view.applyCss();
            view.layout();
        }
    }

    private MainView fresh(boolean open) {
        return fresh(open, false);
    }

    /**
     * The window as it is after it was opened, whatever was pressed before.
     *
     * @param keeps whether a checkpoint that nobody changed is left open
     */
    private MainView fresh(boolean open, boolean keeps) {
        hidePopups();
        var window = view == null ? window() : view;
        view = window;
        var session = window.session();
        window.getScene().getAccelerators().get(new KeyCodeCombination(KeyCode.ESCAPE)).run();
        window.desk().preferences().theme().set(Theme.LIGHT);
        session.scale().set(1);
        if (session.texts().get().isChinese()) {
            session.speak(Locale.ENGLISH);
        }
        var content = new ClipboardContent();
        content.putString("");
        Clipboard.getSystemClipboard().setContent(content);
        List.copyOf(window.groups().moved().get()).forEach(window.groups()::move);
        for (var tab : Tab.values()) {
            window.resetHeight(tab);
        }
        window.show(Tab.WHY);
        window.preview().forced().set(false);
        window.models().inside().aspect().set(InsideModel.Aspect.ERROR);
        window.models().export().place().set(folder.resolve("out" + written++).resolve("model.safetensors").toString());
        window.models().export().replace().set(false);
        window.tensor().logarithmic().set(false);
        session.chips().set(false);
        session.dismissRefusal();
        window.lessons().leave();
        window.lessons().progress().clear();
        window.lessons().backToShipped();
        if (open) {
            if (!keeps || opened == null || session.workspace().get() != opened) {
                session.open(source, "gpt2/scratch-split");
                opened = session.workspace().get();
            }
            session.reveal("trf_blocks.0.att.out_proj.weight");
        } else {
            session.close();
        }
        window.desk().recent().clear();
        return window;
    }

    // ---------------------------------------------------------------- what a window looks like

    private String look(MainView view) {
        var text = new StringBuilder();
        walk(view, text);
        var session = view.session();
        text.append(session.rules()).append(session.filter().get()).append(session.search().get())
                .append(session.selected().get() == null ? "" : session.selected().get().id())
                .append(session.undoName().get()).append(session.dark().get()).append(session.scale().get())
                .append(session.proof().get() != null).append(asked.get()).append(Window.getWindows().size())
                .append(view.groups().left().get()).append(view.groups().moved().get())
                .append(Clipboard.getSystemClipboard().getString()).append(view.desk().preferences().theme().get())
                .append(view.tensor().window()).append(view.tensor().cut().rowAxis())
                .append(view.linking().started().get() != null).append(view.preview().prompt().get())
                .append(view.models().cares().all().get().size())
                .append(view.desk().recent().entries().get().size());
        for (var other : Window.getWindows()) { // what a popup shows counts as well
            if (other != stage && other.getScene() != null) {
                other.getScene().getRoot().applyCss();
                walk(other.getScene().getRoot(), text);
            }
        }
        var owner = view.getScene().getFocusOwner();
        return text.append(owner == null ? "" : owner.getId() + owner.getClass()).toString();
    }

    /** How long planning took differs each time, and is nothing that a press did. */
    private static final Pattern TIME = Pattern.compile("planned in .* ms");

    private static void walk(Node node, StringBuilder text) {
        if (!node.isVisible()) { return; }
        text.append(node.getClass().getSimpleName()).append(node.getId()).append(node.getStyleClass());
        switch (node) {
            case Labeled labeled -> text.append(TIME.matcher(String.valueOf(labeled.getText())).replaceAll(""))
                    .append(labeled.isDisabled());
            case TextInputControl input -> text.append(input.getText());
            case Text words -> text.append(words.getText());
            case Canvas canvas -> text.append(canvas.getWidth()).append(canvas.getHeight());
            default -> {
            }
        }
        if (node instanceof ToggleButton toggle) {
            text.append(toggle.isSelected());
        }
        if (node instanceof SplitPane split) {
            for (var position : split.getDividerPositions()) {
                text.append(Math.round(position * 100));
            }
        }
        if (node instanceof Parent parent) {
            parent.getChildrenUnmodifiable().forEach(c -> walk(c, text));
        }
        text.append('\n');
    }

    // ---------------------------------------------------------------- menus

    /** What must be so before an item makes sense. */
    private static final Map<String, Consumer<MainView>> BEFORE = Map.of(
            "action.undo", v -> v.session().acceptAll(),
            "action.redo", v -> {
                v.session().acceptAll();
                v.session().undo();
            },
            "rules.linkTo", v -> v.linking().start(v.session().selected().get()),
            "rules.dropSelected", v -> v.session().acceptAll(),
            "tab.why", v -> v.show(Tab.RULES),
            "view.normal", v -> v.session().scale().set(1.2),
            "file.recent.clear",
            v -> v.desk().recent().put(Recent.of(Objects.requireNonNull(v.session().workspace().get()), "why", 0)),
            "theme.light", v -> v.desk().preferences().theme().set(Theme.DARK),
            "edit.find", v -> Objects.requireNonNull(v.table()).focusList());

    private static void lesson(MainView view, String id) {
        view.lessons().openShipped();
        view.lessons().start(Objects.requireNonNull(view.lessons().course().get()).lessons().stream()
                .filter(l -> l.id().equals(id)).findFirst().orElseThrow());
    }

    /** A lesson whose question is answered. */
    private static void task(MainView view, String id) {
        lesson(view, id);
        view.lessons().choose(1);
        view.lessons().next();
    }

    /** What needs a lesson. */
    private static final Map<String, Consumer<MainView>> IN_LESSON = Map.of(
            "lessons.present", v -> lesson(v, "square"), "lessons.check", v -> task(v, "square"),
            "lessons.hint", v -> task(v, "square"), "lessons.next", v -> {
                lesson(v, "square");
                v.lessons().choose(2);
            }, "lessons.previous", v -> task(v, "square"), "lessons.again", v -> {
                task(v, "square");
                v.session().dropRule(v.session().accepted().getFirst());
            }, "lessons.leave", v -> lesson(v, "square"), "lessons.fold", v -> task(v, "square"));

    private static Map<String, MenuItem> items(MainView view) {
        var found = new TreeMap<String, MenuItem>();
        view.lookupAll(".menu-bar").forEach(bar -> ((MenuBar) bar).getMenus().forEach(m -> collect(m, found)));
        return found;
    }

    private static void collect(MenuItem item, Map<String, MenuItem> found) {
        if (item instanceof Menu menu) {
            menu.getItems().forEach(i -> collect(i, found));
        } else if (!(item instanceof SeparatorMenuItem)) {
            found.put(item.getId() == null ? item.getText() : item.getId(), item);
        }
    }

    @Test
    void every_menu_item_does_something() throws Exception {
        var ids = new ArrayList<String>();
        Hand.onFx(() -> ids.addAll(items(fresh(true)).keySet()));
        assertThat(ids).hasSizeGreaterThan(35);
        var idle = new ArrayList<String>();
        for (var id : ids) {
            Hand.onFx(() -> {
                var view = fresh(true, true);
                BEFORE.getOrDefault(id, IN_LESSON.getOrDefault(id, _ -> {
                })).accept(view);
                var item = items(view).get(id);
                if (item == null || item.isDisable()) {
                    idle.add(id + " can't be pressed");
                    return;
                }
                settle(view);
                var before = look(view);
                if (item instanceof RadioMenuItem radio) {
                    radio.setSelected(true);
                }
                item.fire();
                settle(view);
                if (look(view).equals(before)) {
                    idle.add(id);
                }
                hidePopups();
            });
        }
        assertThat(idle).as("menu items that do nothing").isEmpty();
    }

    private void hidePopups() {
        List.copyOf(Window.getWindows()).stream().filter(w -> w != stage).forEach(Window::hide);
    }

    // ---------------------------------------------------------------- buttons

    /** A state of the window whose buttons are pressed. */
    private enum State {
        START(_ -> {
        }), OPEN(_ -> {
        }), WHY(v -> v.show(Tab.WHY)), ACCEPTED(v -> {
            v.session().acceptAll();
            v.show(Tab.WHY);
        }), TENSOR(v -> v.show(Tab.TENSOR)), ZOOMED(v -> {
            v.show(Tab.TENSOR);
            settle(v);
            v.tensor().zoom(2);
        }), COMPARED(v -> {
            v.show(Tab.TENSOR);
            settle(v);
            v.tensor().compare(v.tensor().comparable().getFirst());
        }), RULES(v -> v.show(Tab.RULES)), EDITED(v -> {
            v.session().acceptAll();
            v.show(Tab.RULES);
        }), CHIPS(v -> {
            EDITED.reach.accept(v);
            v.session().chips().set(true);
        }), NUMBER(v -> {
            v.session().open(bare, "gpt2/scratch-split");
            settle(v);
            ((TextField) v.lookup("#number-n_head")).setText("3");
        }), HEAD(v -> {
            v.session().open(Screens.fixture("llama-line/llama"), "llama/gguf,output=false");
            v.session().acceptAll();
        }), HEAD_EXPORTED(v -> {
            HEAD.reach.accept(v);
            v.export();
        }), RESIZED(v -> {
            v.session().open(Screens.fixture("gpt2-tiny/hf"), "gpt2/scratch-split,vocab_size=96");
            v.session().reveal("tok_emb.weight");
        }), CUT(v -> {
            v.session().open(Screens.fixture("gpt2-tiny/hf"), "gpt2/scratch-split,vocab_size=59");
            v.session().reveal("tok_emb.weight");
        }), TARGET(v -> {
            v.session().chooseTarget("gpt2/hf");
            v.session().chooseTarget("gpt2/scratch-split");
            v.targetByKey();
        }), PREVIEW(v -> v.show(Tab.PREVIEW)), WRITTEN(v -> {
            v.session().acceptAll();
            v.show(Tab.PREVIEW);
            v.preview().count().set(6);
            v.preview().prompt().set("the dog");
            v.preview().run();
        }), INSIDE(v -> {
            WRITTEN.reach.accept(v);
            v.models().inside().choose(new InsideModel.Chosen(PreviewModel.Which.AFTER, 8));
        }), BESIDE(v -> {
            WRITTEN.reach.accept(v);
            v.preview().beside(v.session().workspace().get().source().path());
        }), CONFIG(MainView::config), SETTINGS(v -> {
            v.lessons().progress().put("square", new weft.ui.state.LessonProgress.Done(2, true));
            v.desk().recent()
                    .put(Recent.of(Objects.requireNonNull(v.session().workspace().get()), "why", 0));
            v.settings();
        }), TROUBLE(v -> v.session().chooseTarget("gpt2/nowhere")), VERIFY(v -> v.show(Tab.VERIFY)), VERIFIED(v -> {
            v.session().acceptAll();
            v.show(Tab.VERIFY);
            v.verification().run();
        }), EXPORT(v -> {
            v.session().acceptAll();
            v.export();
        }), PASTE(MainView::paste), KEYS(MainView::keys), ABOUT(MainView::about),
        NOTHING(v -> v.session().search().set("nowhere is:hidden")), ASKED(v -> {
            v.linking().start(v.session().selected().get());
            v.linking().end(v.session().selected().get());
        }), REFUSED(v -> v.session().open(Screens.fixture("torch-misc/evil.pt"))), LESSONS(v -> {
            v.lessons().progress().put("square", new weft.ui.state.LessonProgress.Done(2, true));
            v.lessons().openCourse(Path.of("src/samples/shipped/lessons/2-the-square-that-lies"));
            v.lessonList();
        }), LESSON_TRY(v -> {
            task(v, "error-log");
            v.session().acceptAll();
        }), LESSON_FOLDED(v -> {
            task(v, "square");
            v.lessons().fold();
        }), LESSON_GUESS(v -> {
            lesson(v, "square");
            v.lessons().choose(2);
        }), LESSON_EXPLAIN(v -> {
            task(v, "square");
            v.lessons().next();
        }), LESSON_HOME(v -> {
            task(v, "square");
            v.lessons().next();
            v.lessons().next();
        }), PRESENTER(v -> {
            task(v, "square");
            v.lessons().presenter().set(true);
            v.lessons().row().set(1);
        }), PRESENTER_HOME(v -> {
            task(v, "square");
            v.lessons().presenter().set(true);
            v.lessons().next();
            v.lessons().next();
        });

        private final Consumer<MainView> reach;

        State(Consumer<MainView> reach) {
            this.reach = reach;
        }
    }

    /** Buttons that are as they are: pressing what is already on changes nothing. */
    private static boolean isOn(ButtonBase button) {
        return button instanceof ToggleButton toggle && toggle.isSelected() || button.getStyleClass().contains("on");
    }

    private List<ButtonBase> buttons(MainView view) {
        var found = new ArrayList<ButtonBase>();
        var popups = Window.getWindows().stream().filter(w -> w != stage && w.getScene() != null).toList();
        if (popups.isEmpty()) {
            collect(view, found);
        } else {
            popups.forEach(w -> collect(w.getScene().getRoot(), found));
        }
        return found;
    }

    private static void collect(Node node, List<ButtonBase> found) {
        if (!node.isVisible() || node instanceof MenuBar) { return; }
        if (node instanceof ButtonBase button && !button.isDisabled() && !isOn(button)
                && !button.getStyleClass().contains("arrow-button")) {
            found.add(button);
        } else if (node instanceof Parent parent) {
            parent.getChildrenUnmodifiable().forEach(c -> collect(c, found));
        }
    }

    private static String name(ButtonBase button) {
        return button.getId() != null
                ? button.getId()
                : button.getText() != null ? button.getText() : String.valueOf(button.getAccessibleText());
    }

    private MainView reach(State state) {
        var view = fresh(state != State.START);
        state.reach.accept(view);
        settle(view);
        return view;
    }

    @Test
    void every_button_does_something() throws Exception {
        var idle = new ArrayList<String>();
        var pressed = new java.util.TreeSet<String>();
        for (var state : State.values()) {
            var names = new ArrayList<String>();
            Hand.onFx(() -> buttons(reach(state)).forEach(b -> names.add(name(b))));
            for (int i = 0; i < names.size(); i++) {
                int at = i;
                if (!pressed.add(names.get(i)) && !names.get(i).equals("null")) {
                    continue;
                }
                Hand.onFx(() -> {
                    var view = reach(state);
                    var all = buttons(view);
                    if (at >= all.size() || !name(all.get(at)).equals(names.get(at))) {
                        idle.add(state + ": " + names.get(at) + " isn't there again");
                        return;
                    }
                    var before = look(view);
                    all.get(at).fire();
                    settle(view);
                    if (look(view).equals(before)) {
                        idle.add(state + ": " + names.get(at));
                    }
                    hidePopups();
                });
            }
        }
        assertThat(pressed).hasSizeGreaterThan(45);
        assertThat(idle).as("buttons that do nothing").isEmpty();
    }

}
