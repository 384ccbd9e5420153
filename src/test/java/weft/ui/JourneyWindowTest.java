package weft.ui;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import javafx.scene.Scene;
import javafx.scene.control.Labeled;
import javafx.scene.control.TextField;
import javafx.scene.input.KeyCode;
import javafx.stage.Stage;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.testfx.api.FxRobot;
import org.testfx.framework.junit5.Start;

import weft.infer.Sampling;
import weft.io.Progress;
import weft.plan.Status;
import weft.ui.model.Filter;
import weft.ui.preview.PreviewModel.State;
import weft.work.Workspace;

/** What a person does in the window, from the open file to the exported one, by key and mouse. */
@Windowed
class JourneyWindowTest {
    @TempDir
    Path folder;
    private MainView view;

    @Start
    void start(Stage stage) {
        view = WeftWindow.view(Locale.ENGLISH);
        stage.setScene(new Scene(view, 1000, 900));
        stage.show();
    }

    private static void await(Callable<Boolean> condition) throws Exception {
        Hand.await(condition);
    }

    private void fx(Runnable run) {
        Hand.onFx(run);
    }

    private Path open() throws Exception {
        var source = Tiny.with(folder, "openai-tf");
        fx(() -> view.session().open(source));
        await(() -> view.session().workspace().get() != null);
        return source;
    }

    private void openWithTarget(FxRobot robot) throws Exception {
        open();
        robot.clickOn("#next-step");
        robot.clickOn("#dialect-gpt2-scratch-split");
        robot.clickOn("#use-target");
        await(() -> view.session().plan().isPresent());
    }

    private long count(Status status) {
        return view.session().plan().orElseThrow().count(status);
    }

    @Test
    void the_target_chooser_spells_what_it_chooses(FxRobot robot) throws Exception {
        open();
        robot.clickOn("#target-card");
        robot.clickOn("#dialect-gpt2-scratch-split");
        robot.clickOn("qkv_bias");
        var popup = robot.listWindows().stream().filter(w -> w != view.getScene().getWindow()).findFirst()
                .orElseThrow();
        fx(() -> Screens.save(popup.getScene(), "target-chooser-en-light"));
        robot.clickOn("#use-target");
        await(() -> view.session().plan().isPresent());
        assertThat(view.session().workspace().get().targetText()).isEqualTo("gpt2/scratch-split,qkv_bias=false");
    }

    @Test
    void from_the_open_file_to_text_that_equals_the_command_lines(FxRobot robot) throws Exception {
        openWithTarget(robot);
        assertThat(count(Status.NEEDS_RULE)).isEqualTo(37);
        robot.clickOn("#next-step"); // Review
        robot.clickOn("#accept-all");
        await(() -> count(Status.BY_RULE) == 37);
        robot.clickOn("#tab-preview");
        robot.clickOn("#prompt").eraseText(40).write("the dog");
        robot.clickOn("#preview-tokens").eraseText(3).write("9");
        robot.clickOn("#run-preview");
        await(() -> view.preview().after().get().state() != State.RUNNING);
        var after = view.preview().after().get();
        var workspace = view.session().workspace().get();
        var said = workspace.run(null).generate("the dog", 9, new Sampling(0.8, 40, 1, 1, 123), false, _ -> {
        }, Progress.NONE);
        assertThat(after.problem()).isNull();
        assertThat(after.text()).isEqualTo(said.text()).isNotEmpty();
        assertThat(after.loss())
                .isEqualTo(workspace.run(null).loss(workspace.fixedText(null).text(), Progress.NONE).mean());
        assertThat(after.lossText()).isEqualTo("weft-text.txt");
        assertThat(after.next()).hasSize(5);
        // before: the framework refuses in its own words; forced, it says something else
        assertThat(view.preview().before().get().refusal().getFirst()).startsWith("RuntimeError");
        robot.clickOn("#force");
        await(() -> view.preview().before().get().state() == State.DONE);
        assertThat(view.preview().before().get().loss()).isNotEqualTo(after.loss());
    }

    @Test
    void one_rule_is_accepted_undone_and_done_again(FxRobot robot) throws Exception {
        openWithTarget(robot);
        fx(() -> view.session().reveal("trf_blocks.0.att.W_key.weight"));
        robot.clickOn("#tab-why");
        robot.clickOn("#accept-alike");
        await(() -> count(Status.BY_RULE) == 6);
        assertThat(view.session().undoName().get()).contains("W_query");
        robot.clickOn("#undo");
        await(() -> count(Status.BY_RULE) == 0);
        robot.push(KeyCode.CONTROL, KeyCode.SHIFT, KeyCode.Z);
        await(() -> count(Status.BY_RULE) == 6);
        robot.clickOn("#drop-rule");
        await(() -> count(Status.BY_RULE) == 0);
        robot.clickOn("#accept-only");
        await(() -> count(Status.BY_RULE) == 3);
        fx(view.session()::acceptAll);
        await(() -> count(Status.BY_RULE) == 37);
        assertThat(view.session().plan().orElseThrow().problems()).isEmpty();
        assertThat(view.session().plan().orElseThrow().isComplete()).isTrue();
    }

    @Test
    void a_rule_is_edited_and_its_error_stands_under_the_word(FxRobot robot) throws Exception {
        openWithTarget(robot);
        fx(view.session()::acceptAll);
        await(() -> count(Status.BY_RULE) == 37);
        robot.clickOn("#tab-rules");
        robot.clickOn(robot.lookup("#edit-rule").nth(2).<javafx.scene.Node>query());
        TextField field = robot.lookup("#arrow-field").query();
        var good = field.getText();
        assertThat(good).contains("split 3 @0");
        fx(() -> field.setText(good.replace("split 3 @0", "splat 3 @0")));
        assertThat(robot.lookup(".rule-error").<Labeled>query().getText()).contains("splat");
        assertThat(robot.lookup(".error-mark").query().isVisible()).isTrue();
        robot.clickOn(field).push(KeyCode.ENTER); // nothing is taken over
        assertThat(count(Status.BY_RULE)).isEqualTo(37);
        fx(() -> field.setText(good.replace("split 3 @0", "split 3 @1")));
        robot.clickOn(field).push(KeyCode.ENTER);
        await(() -> count(Status.MISMATCH) == 6);
        assertThat(robot.lookup(".rule-bad").queryAll()).isNotEmpty();
        robot.push(KeyCode.CONTROL, KeyCode.Z);
        await(() -> count(Status.MISMATCH) == 0);
    }

    @Test
    void chips_filter_and_the_search_narrows(FxRobot robot) throws Exception {
        openWithTarget(robot);
        robot.clickOn("#filter-hidden");
        await(() -> view.session().filter().get().equals(Filter.HIDDEN));
        assertThat(view.session().lines().get().stream().map(l -> l.item()).filter(i -> i.isRelation()).toList())
                .hasSize(2).allSatisfy(i -> assertThat(i.hidden()).isEqualTo(1));
        robot.push(KeyCode.ALT, KeyCode.DIGIT0);
        await(() -> view.session().filter().get().isAll());
        robot.push(KeyCode.CONTROL, KeyCode.F);
        robot.write("c_fc shape:[1,24,*]");
        assertThat(view.session().lines().get().stream().map(l -> l.item()).filter(i -> i.isRelation()).toList())
                .hasSize(2);
        robot.push(KeyCode.CONTROL, KeyCode.A).write("nowhere");
        assertThat(view.session().lines().get()).isEmpty();
        assertThat(robot.lookup("#term-0").<Labeled>query().getText()).as("all that was typed, not its first letter")
                .isEqualTo("nowhere");
        robot.clickOn("#term-0");
        assertThat(view.session().search().get()).isEmpty();
    }

    @Test
    void what_is_exported_equals_what_the_command_line_writes(FxRobot robot) throws Exception {
        openWithTarget(robot);
        fx(view.session()::acceptAll);
        await(() -> count(Status.BY_RULE) == 37);
        var rules = folder.resolve("mine.weft");
        fx(() -> view.session().exportRules(rules, false));
        await(() -> view.session().written().get().equals(rules.toString()));
        var workspace = view.session().workspace().get();
        assertThat(Files.readString(rules)).isEqualTo(Workspace.text(workspace.rules(), "mine.weft"));
        fx(() -> view.session().exportRules(rules, false));
        await(() -> view.session().trouble().get() != null);
        var file = folder.resolve("mine.safetensors");
        robot.push(KeyCode.CONTROL, KeyCode.E);
        robot.clickOn("#export-checkpoint").clickOn("#export-place").eraseText(60).write(file.toString());
        robot.clickOn("#export-write");
        await(() -> view.session().written().get().equals(file.toString()));
        var theirs = folder.resolve("theirs.safetensors");
        assertThat(weft.cli.Cli.run("test", new String[]{"convert", folder.resolve("openai-tf").toString(), "--target",
            "gpt2/scratch-split", "--rules", rules.toString(), "-o", theirs.toString()}, System.err, System.err))
                .isZero();
        assertThat(file).hasSameBinaryContentAs(theirs);
    }

    @Test
    void a_file_that_is_refused_is_a_card_and_the_old_one_stays(FxRobot robot) throws Exception {
        open();
        fx(() -> view.session().open(Screens.fixture("torch-misc/evil.pt")));
        await(() -> view.session().refusal().get() != null);
        assertThat(robot.lookup("#refusal").tryQuery()).isPresent();
        robot.clickOn("Back");
        assertThat(robot.lookup("#table").tryQuery()).isPresent();
    }

    @Test
    void language_theme_and_text_size_change_what_is_there(FxRobot robot) throws Exception {
        openWithTarget(robot);
        robot.clickOn("#language");
        assertThat(robot.lookup("#tab-why").<Labeled>query().getText()).isEqualTo("为什么");
        robot.clickOn("#theme");
        assertThat(view.getScene().getStylesheets()).anyMatch(s -> s.endsWith("dark.css"));
        robot.push(KeyCode.CONTROL, KeyCode.MINUS);
        assertThat(view.session().scale().get()).isEqualTo(0.9);
        assertThat(view.session().plan()).isPresent();
    }
}
