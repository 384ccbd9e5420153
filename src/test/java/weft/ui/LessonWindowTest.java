package weft.ui;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import javafx.scene.Node;
import javafx.scene.Scene;
import javafx.scene.control.Label;
import javafx.scene.input.Clipboard;
import javafx.scene.input.KeyCode;
import javafx.stage.Stage;
import javafx.stage.Window;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.testfx.api.FxRobot;
import org.testfx.framework.junit5.Start;

import weft.ui.lesson.LessonModel.Step;
import weft.ui.lesson.LessonModel.Verdict;
import weft.ui.state.LessonProgress.Done;
import weft.ui.state.Store;

/** Lessons as somebody takes them: by key and mouse, from the start page to the picture in a file. */
@Windowed
class LessonWindowTest {
    @TempDir
    Path folder;
    private MainView view;
    private @Nullable Path answer;

    /** Answers every dialog with one place. */
    private final class Place implements Choosers {
        @Override
        public @Nullable Path file(String title, @Nullable Window over) {
            return answer;
        }

        @Override
        public @Nullable Path folder(String title, @Nullable Window over) {
            return answer;
        }

        @Override
        public @Nullable Path save(String title, String name, @Nullable Window over) {
            return answer == null ? null : answer.resolve(name);
        }
    }

    @Start
    void start(Stage stage) throws Exception {
        var plain = Desk.of(Store.in(Files.createTempDirectory("weft-state")), () -> {
        });
        view = WeftWindow.view(Locale.ENGLISH,
                new Desk(plain.preferences(), plain.recent(), plain.another(), new Place(), plain.lessons()));
        view.session().dark().set(false);
        stage.setScene(new Scene(view, 1000, 900));
        stage.show();
    }

    private static void await(Callable<Boolean> condition) throws Exception {
        Hand.await(condition);
    }

    private boolean passed() {
        return view.lessons().verdict().get() instanceof Verdict v && v.passed();
    }

    private boolean given(String parameter, String ops) {
        return view.session().plan().flatMap(p -> p.row(parameter))
                .map(r -> r.status().isReady() && r.ops().toString().contains(ops))
                .orElse(false);
    }

    private void begin(FxRobot robot, String id, int choice) throws Exception {
        robot.push(KeyCode.F4);
        await(() -> robot.lookup("#lesson-" + id).tryQuery().isPresent());
        robot.clickOn("#lesson-" + id);
        await(() -> view.session().plan().isPresent() && view.lessons().isActive());
        robot.clickOn("#choice-" + choice).clickOn("#lesson-next");
        assertThat(view.lessons().step().get()).isEqualTo(Step.TRY);
    }

    private static Node label(FxRobot robot, String text) {
        return robot.lookup((Node n) -> n instanceof Label l && String.valueOf(l.getText()).endsWith(text)
                && l.getStyleClass().contains("name")).nth(0).query();
    }

    private static boolean isShown(@Nullable Node node) {
        return node == null || node.isVisible() && isShown(node.getParent());
    }

    @Test
    void the_square_from_the_start_page_to_the_picture_on_disk(FxRobot robot) throws Exception {
        robot.clickOn("#start-lessons");
        await(() -> robot.lookup("#lesson-square").tryQuery().isPresent());
        robot.clickOn("#lesson-square");
        await(() -> view.session().plan().isPresent());
        // nobody looks before answering
        assertThat(robot.lookup("#lesson-next").<Node>query().isDisabled()).isTrue();
        assertThat(isShown(robot.lookup("#table").query())).isFalse();
        robot.clickOn("#choice-2").clickOn("#lesson-next");
        robot.clickOn("#lesson-check");
        await(() -> view.lessons().verdict().get() != null);
        assertThat(passed()).isFalse();
        assertThat(robot.lookup("#verdict").tryQuery()).isPresent();
        robot.clickOn("#lesson-hint");
        assertThat(robot.lookup("#lesson-hint-box").tryQuery()).isPresent();
        // in the real window: find the square, drop the wrong rule, take the right one
        robot.clickOn("#filter-hidden").clickOn(label(robot, "c_proj.weight")).clickOn("#drop-rule");
        await(() -> robot.lookup("#accept-alike").tryQuery().isPresent());
        robot.clickOn("#accept-alike");
        await(() -> given("transformer.h.2.attn.c_proj.weight", "rearrange"));
        robot.clickOn("#lesson-check");
        await(this::passed);
        assertThat(view.lessons().progress().of("square")).isEqualTo(new Done(2, true));
        robot.clickOn("#lesson-next");
        assertThat(robot.lookup("#guessed").<Node>query().getStyleClass()).contains("passed");
        robot.clickOn("#lesson-next");
        answer = folder;
        robot.clickOn("#lesson-png");
        await(() -> view.session().written().get().endsWith("square.png"));
        assertThat(robot.lookup("#lesson-written").<Label>query().getText()).as("the status bar is covered")
                .contains(folder.resolve("square.png").toString());
        robot.clickOn("#lesson-svg");
        await(() -> view.session().written().get().endsWith("square.svg"));
        assertThat(Files.readAllBytes(folder.resolve("square.png"))).startsWith(0x89, 'P', 'N', 'G');
        var image = javax.imageio.ImageIO.read(folder.resolve("square.png").toFile());
        assertThat(image.getRGB(2, 2)).as("white paper").isEqualTo(0xFFFFFFFF);
        assertThat(Files.readString(folder.resolve("square.svg"))).contains("<title>The square that lies</title>",
                "fits, and is wrong", "--ink-text");
        robot.clickOn("#lesson-next"); // the next lesson
        await(() -> Objects.requireNonNull(view.lessons().lesson().get()).id().equals("three-in-one"));
        assertThat(view.preview().prompt().get()).isEqualTo("Once upon a time");
        robot.clickOn("#lesson-leave");
        await(() -> view.session().workspace().get() == null);
        assertThat(view.preview().prompt().get()).as("as it was before the lesson").isEqualTo("Every effort moves you");
        assertThat(robot.lookup("#open-file").tryQuery()).isPresent();
        assertThat(view.desk().recent().entries().get()).as("a lesson is not recent work").isEmpty();
    }

    /** What stands in a row stands beside each other. */
    private void headsApart(FxRobot robot) {
        var heads = robot.lookup(".table-head .label").<Label>queryAll().stream()
                .map(l -> l.localToScene(l.getBoundsInLocal()))
                .sorted(java.util.Comparator.comparingDouble(javafx.geometry.Bounds::getMinX)).toList();
        assertThat(heads).hasSize(6);
        for (int i = 1; i < heads.size(); i++) {
            assertThat(heads.get(i).getMinX()).as("head %d", i).isGreaterThanOrEqualTo(heads.get(i - 1).getMaxX());
        }
    }

    /** What stands beside another thing in the rows above the table lies over none of it, and nothing is beyond the edge. */
    private void nothingOverAnother(FxRobot robot) {
        assertThat(inScene(robot, "#filter-hidden").getMaxX()).isLessThanOrEqualTo(inScene(robot, "#search").getMinX());
        assertThat(inScene(robot, "#language").getMaxX()).isLessThanOrEqualTo(view.getWidth());
    }

    @Test
    void in_a_small_window_with_large_text_the_lesson_folds_away(FxRobot robot) throws Exception {
        begin(robot, "three-in-one", 1);
        assertThat(robot.lookup("#lesson-fold").tryQuery()).as("there is room for both").isEmpty();
        headsApart(robot);
        robot.push(KeyCode.F3);
        await(() -> robot.lookup("#lesson-bar").tryQuery().isPresent());
        robot.clickOn("#lesson-bar-check");
        await(() -> robot.lookup("#verdict").tryQuery().isPresent());
        assertThat(robot.lookup("#lesson-bar").tryQuery()).as("what was found is read").isEmpty();
        for (var locale : List.of(Locale.ENGLISH, Locale.SIMPLIFIED_CHINESE)) {
            Hand.onFx(() -> {
                view.session().speak(locale);
                view.session().scale().set(1.5);
            });
            robot.clickOn("#lesson-fold");
            await(() -> robot.lookup("#lesson-pane").tryQuery().isEmpty());
            headsApart(robot);
            var table = robot.lookup("#table").<Node>query();
            assertThat(table.getLayoutBounds().getWidth()).isEqualTo(view.getWidth());
            robot.clickOn("#lesson-unfold");
            await(() -> robot.lookup("#lesson-pane").tryQuery().isPresent());
        }
        Hand.onFx(() -> view.session().scale().set(2));
        nothingOverAnother(robot);
    }

    private static javafx.geometry.Bounds inScene(FxRobot robot, String what) {
        var node = robot.lookup(what).<Node>query();
        return node.localToScene(node.getBoundsInLocal());
    }

    /** Whether a node and all that stands in it has room in the width of the window. */
    private boolean inside(FxRobot robot, String what) {
        return robot.lookup(what).lookup((Node n) -> n instanceof Label || n.getId() != null).<Node>queryAll().stream()
                .map(n -> n.localToScene(n.getBoundsInLocal()))
                .allMatch(b -> b.getMinX() >= -1 && b.getMaxX() <= view.getWidth() + 1);
    }

    @Test
    void before_a_class_by_key_only(FxRobot robot) throws Exception {
        robot.push(KeyCode.F4);
        await(() -> robot.lookup("#lesson-square").tryQuery().isPresent());
        robot.push(KeyCode.ESCAPE).push(KeyCode.F4); // now they are read already
        await(() -> robot.lookup("#lesson-square").tryQuery().isPresent());
        robot.push(KeyCode.TAB).push(KeyCode.ENTER); // from the first to the second
        await(() -> view.lessons().isActive() && view.session().plan().isPresent());
        assertThat(view.lessons().lesson().get().id()).isEqualTo("square");
        await(() -> "choice-1".equals(view.getScene().getFocusOwner().getId()));
        robot.push(KeyCode.DOWN);
        assertThat(view.lessons().choice().get()).isEqualTo(2);
        robot.push(KeyCode.F5);
        await(() -> robot.lookup("#presenter").tryQuery().isPresent());
        robot.push(KeyCode.DIGIT2).push(KeyCode.RIGHT);
        assertThat(view.lessons().step().get()).isEqualTo(Step.TRY);
        await(() -> view.lessons().said().get().loss() > 5);
        robot.push(KeyCode.H);
        assertThat(view.lessons().hints().get()).isEqualTo(1);
        for (var scale : new double[]{1.5, 2, 1}) {
            Hand.onFx(() -> view.session().scale().set(scale));
            await(() -> inside(robot, "#stage-table"));
            var table = inScene(robot, "#stage-table");
            assertThat(inScene(robot, ".lesson-task").intersects(table)).as("words and rows at %s", scale).isFalse();
            assertThat(inScene(robot, ".presenter-bar").getMaxX()).isLessThanOrEqualTo(view.getWidth() + 1);
        }
        robot.push(KeyCode.ENTER);
        await(() -> view.lessons().verdict().get() != null);
        assertThat(passed()).isFalse();
        robot.push(KeyCode.DOWN).push(KeyCode.SPACE);
        await(() -> given("transformer.h.0.attn.c_proj.weight", "rearrange"));
        await(() -> view.lessons().said().get().loss() < 1);
        robot.push(KeyCode.ENTER);
        await(this::passed);
        robot.push(KeyCode.ENTER).push(KeyCode.RIGHT);
        assertThat(view.lessons().step().get()).isEqualTo(Step.TAKE_HOME);
        robot.push(KeyCode.LEFT).push(KeyCode.ESCAPE);
        await(() -> robot.lookup("#lesson-pane").tryQuery().isPresent());
        assertThat(view.lessons().step().get()).isEqualTo(Step.EXPLAIN);
        robot.push(KeyCode.SHIFT, KeyCode.F4);
        await(() -> !view.lessons().isActive());
    }

    @Test
    void the_log_is_copied_pasted_and_its_rules_taken(FxRobot robot) throws Exception {
        begin(robot, "error-log", 2);
        robot.push(KeyCode.ALT, KeyCode.LEFT);
        assertThat(robot.lookup("#guess-log .label").<Label>query().getText()).as("what the question is about")
                .startsWith("RuntimeError");
        robot.push(KeyCode.ALT, KeyCode.RIGHT);
        robot.clickOn("#lesson-copy-log");
        var copied = new String[1];
        Hand.onFx(() -> copied[0] = Clipboard.getSystemClipboard().getString());
        assertThat(copied[0]).startsWith("RuntimeError");
        robot.push(KeyCode.CONTROL, KeyCode.SHIFT, KeyCode.V);
        robot.clickOn("#paste-text").push(KeyCode.CONTROL, KeyCode.V);
        await(() -> !robot.lookup("#paste-use").<Node>query().isDisabled());
        robot.clickOn("#paste-use");
        await(() -> given("transformer.h.1.attn.c_proj.weight", "rearrange"));
        robot.push(KeyCode.F9);
        await(this::passed);
    }

    @Test
    void a_rule_is_written_by_hand(FxRobot robot) throws Exception {
        begin(robot, "one-token-more", 2);
        robot.clickOn("New rule");
        robot.write("transformer.wte.weight : pad @0 to 1001 mean => transformer.wte.weight").push(KeyCode.ENTER);
        await(() -> given("transformer.wte.weight", "pad"));
        robot.push(KeyCode.F9);
        await(this::passed);
        robot.push(KeyCode.ALT, KeyCode.RIGHT);
        assertThat(view.lessons().step().get()).isEqualTo(Step.EXPLAIN);
    }

    @Test
    void a_teachers_folder_opens_and_what_is_wrong_in_it_is_said(FxRobot robot) throws Exception {
        var mine = folder.resolve("mine");
        var from = Path.of("src/samples/shipped/lessons/1-rows-or-columns");
        for (var name : new String[]{"good", "bad"}) {
            try (var files = Files.walk(from)) {
                for (var file : files.filter(Files::isRegularFile).toList()) {
                    var to = mine.resolve(name).resolve(from.relativize(file).toString());
                    Files.createDirectories(to.getParent());
                    Files.copy(file, to);
                }
            }
        }
        var file = mine.resolve("bad/lesson.json");
        Files.writeString(file, Files.readString(file).replace("\"answer\": 2", "\"answer\": 9"));
        answer = mine;
        robot.push(KeyCode.F4);
        await(() -> robot.lookup("#lessons-folder").tryQuery().isPresent());
        robot.clickOn("#lessons-folder");
        await(() -> robot.lookup(".lesson-problem").tryQuery().isPresent());
        assertThat(robot.lookup(".lesson-problem").<Label>query().getText()).contains("bad/lesson.json", "answer", "9",
                "1 … 3");
        assertThat(robot.lookup(".lesson-row").queryAll()).hasSize(1);
        robot.clickOn("#lessons-shipped");
        await(() -> robot.lookup(".lesson-row").queryAll().size() == 8);
        robot.clickOn("#lessons-close");
        assertThat(robot.lookup("#lesson-list").tryQuery()).isEmpty();
    }
}
