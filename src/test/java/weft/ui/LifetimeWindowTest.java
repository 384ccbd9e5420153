package weft.ui;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.ref.WeakReference;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import javafx.scene.Node;
import javafx.scene.Parent;
import javafx.scene.Scene;
import javafx.scene.control.Labeled;
import javafx.scene.input.KeyCode;
import javafx.scene.layout.BorderPane;
import javafx.scene.text.Text;
import javafx.stage.Stage;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.testfx.api.FxRobot;
import org.testfx.framework.junit5.Start;

import weft.ui.DetailPane.Tab;
import weft.ui.preview.PreviewModel.State;
import weft.ui.state.Store;

/** What was built anew is let go, and what nobody sees does nothing. */
@Windowed
class LifetimeWindowTest extends WindowTest {
    private Stage own;

    @Start
    void start(Stage stage) {
        own = new Stage(); // TestFX keeps every event of the other one, and with it what it happened to
        begin(own);
    }

    @AfterEach
    void close() {
        fx(own::hide);
    }

    private static void walk(Node node, List<Node> into) {
        into.add(node);
        if (node instanceof Parent parent) {
            parent.getChildrenUnmodifiable().forEach(c -> walk(c, into));
        }
    }

    private static List<Node> nodes(Node root) {
        var all = new ArrayList<Node>();
        walk(root, all);
        return all;
    }

    /** What can be read in a part of the window. */
    private static String text(Node root) {
        var text = new StringBuilder();
        for (var node : nodes(root)) {
            switch (node) {
                case Labeled labeled -> text.append(labeled.getText()).append('\n');
                case Text words -> text.append(words.getText()).append('\n');
                default -> {
                }
            }
        }
        return text.toString();
    }

    /** Waits until the collector has taken them; what stays is named. */
    private static void awaitGone(List<WeakReference<Node>> old) throws Exception {
        try {
            await(() -> {
                System.gc();
                return old.stream().allMatch(r -> r.refersTo(null));
            });
        } catch (java.util.concurrent.TimeoutException e) {
            assertThat(old.stream().map(WeakReference::get).filter(Objects::nonNull)
                    .map(n -> n.getClass().getName() + " " + n.getStyleClass()).sorted().distinct())
                    .as("views of before that something still holds").isEmpty();
        }
    }

    private void lesson() {
        view.lessons().openShipped();
    }

    @Test
    void views_of_before_are_let_go() throws Exception {
        var source = Tiny.with(folder, "openai-tf");
        var session = view.session();
        var old = new ArrayList<WeakReference<Node>>();
        fx(this::lesson);
        await(() -> view.lessons().course().get() != null);
        var changes = List.<Runnable>of(() -> session.speak(Locale.SIMPLIFIED_CHINESE), () -> session.dark().set(true),
                () -> session.scale().set(1.2), () -> session.speak(Locale.ENGLISH), () -> session.dark().set(false),
                () -> session.scale().set(1), session::close, () -> session.open(source, "gpt2/scratch-split"),
                () -> session.open(Path.of("src/test/resources/fixtures/torch-misc/evil.pt")), session::dismissRefusal,
                () -> view.lessons().start(Objects.requireNonNull(view.lessons().course().get()).lessons().get(1)),
                () -> view.lessons().presenter().set(true), () -> view.lessons().presenter().set(false),
                () -> view.lessons().leave());
        fx(() -> session.open(source, "gpt2/scratch-split"));
        await(() -> session.plan().isPresent());
        fx(session::acceptAll);
        await(() -> session.plan().orElseThrow().isComplete());
        for (var change : changes) {
            fx(() -> {
                for (var tab : Tab.values()) { // each has been looked at
                    view.show(tab);
                    view.applyCss();
                    view.layout();
                }
                view.groups().move(Tab.RULES);
                view.export();
            });
            fx(() -> {
                nodes(view).stream().filter(n -> n != view && n.getParent() != view)
                        .forEach(n -> old.add(new WeakReference<>(n)));
                view.groups().move(Tab.RULES);
            });
            fx(change);
            await(() -> session.tasks().title().get().isEmpty());
        }
        fx(() -> session.speak(Locale.SIMPLIFIED_CHINESE));
        assertThat(old).hasSizeGreaterThan(2000);
        awaitGone(old);
    }

    @Test
    void a_window_that_was_closed_is_let_go() throws Exception {
        var desk = Desk.of(Store.in(folder.resolve("state")), () -> {
        });
        var old = new ArrayList<WeakReference<Node>>();
        fx(() -> {
            var other = new Stage();
            var made = WeftWindow.view(Locale.ENGLISH, desk);
            other.setScene(new Scene(made, 1000, 700));
            other.show();
            old.add(new WeakReference<>(made));
        });
        fx(() -> Objects.requireNonNull(old.getFirst().get()).getScene().getWindow().hide());
        fx(() -> desk.preferences().language().set("zh"));
        awaitGone(old);
        fx(() -> desk.preferences().language().set("en"));
    }

    private Node pane(Tab tab) {
        return ((BorderPane) view.lookup(view.groups().tabs(true).contains(tab) ? "#tabs-right" : "#tabs-left"))
                .getCenter();
    }

    private void away(Tab tab) {
        view.show(tab == Tab.WHY ? Tab.RULES : Tab.WHY);
    }

    @Test
    void a_tab_that_is_not_shown_waits_until_it_is(FxRobot robot) throws Exception {
        openWithTarget(robot);
        fx(() -> {
            view.session().reveal("trf_blocks.0.att.W_key.weight");
            view.preview().count().set(3);
            view.preview().run();
        });
        await(() -> view.preview().before().get().state() != State.RUNNING);
        for (var tab : Tab.values()) {
            var shown = new Node[1];
            var before = new ArrayList<Node>();
            fx(() -> view.show(tab));
            await(() -> view.session().tasks().title().get().isEmpty());
            fx(() -> shown[0] = pane(tab));
            var said = text(shown[0]);
            fx(() -> away(tab));
            fx(() -> before.addAll(nodes(shown[0])));
            fx(() -> {
                view.session().acceptAll();
                view.session().reveal("tok_emb.weight");
            });
            await(() -> view.session().plan().orElseThrow().isComplete());
            assertThat(nodes(shown[0])).as("%s, while nobody looks", tab).isEqualTo(before);
            assertThat(text(shown[0])).isEqualTo(said);
            fx(() -> view.show(tab));
            await(() -> view.session().tasks().title().get().isEmpty());
            assertThat(pane(tab)).isSameAs(shown[0]);
            var now = text(shown[0]);
            assertThat(now).as("%s, shown again", tab).isNotEqualTo(said);
            fx(() -> view.session().dark().set(!view.session().dark().get())); // builds the window anew
            fx(() -> view.show(tab));
            await(() -> view.session().tasks().title().get().isEmpty());
            assertThat(text(pane(tab))).isEqualTo(now);
            robot.push(KeyCode.CONTROL, KeyCode.Z);
            await(() -> !view.session().plan().orElseThrow().isComplete());
            fx(() -> view.session().reveal("trf_blocks.0.att.W_key.weight"));
        }
    }
}
