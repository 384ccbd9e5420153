package weft.ui;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.util.Locale;
import javafx.scene.control.Button;
import javafx.scene.control.Labeled;
import javafx.scene.control.TextArea;
import javafx.scene.control.TextField;
import javafx.scene.image.Image;
import javafx.scene.input.KeyCode;
import javafx.stage.Stage;

import org.junit.jupiter.api.Test;
import org.testfx.api.FxRobot;
import org.testfx.framework.junit5.Start;

import weft.ui.DetailPane.Tab;
import weft.ui.state.Preferences.Theme;
import weft.ui.state.Store;

/** What a desk does: recent work, several windows, themes, tabs in two groups, cards, hints while something is dragged. */
@Windowed
class DeskWindowTest extends WindowTest {
    private Desk desk;
    private int windows;

    @Start
    void start(Stage stage) {
        desk = Desk.of(Store.in(folder.resolve("state")), () -> windows++);
        javafx.scene.input.Clipboard.getSystemClipboard().clear(); // what another test copied would stand in the paste box
        view = WeftWindow.window(stage, Locale.ENGLISH, desk);
        stage.show();
    }

    @Test
    void a_window_has_its_icon_in_every_size_and_the_name_of_what_is_open() throws Exception {
        var stage = (Stage) view.getScene().getWindow();
        await(() -> !stage.getIcons().isEmpty());
        assertThat(stage.getIcons()).noneMatch(Image::isError).extracting(Image::getWidth)
                .containsExactly(16.0, 24.0, 32.0, 48.0, 64.0, 128.0, 256.0);
        assertThat(stage.getTitle()).isEqualTo("Weft");
        open("openai-tf");
        assertThat(stage.getTitle()).isEqualTo("openai-tf · Weft");
    }

    @Test
    void work_is_continued_from_the_start_screen_with_target_and_rules(FxRobot robot) throws Exception {
        assertThat(robot.lookup("#recent").tryQuery()).isEmpty();
        openWithTarget(robot);
        acceptAll();
        robot.push(KeyCode.CONTROL, KeyCode.DIGIT3);
        robot.push(KeyCode.CONTROL, KeyCode.SHIFT, KeyCode.M);
        robot.push(KeyCode.CONTROL, KeyCode.DIGIT5);
        robot.push(KeyCode.CONTROL, KeyCode.W);
        await(() -> view.session().workspace().get() == null);
        fx(() -> {
            view.groups().move(Tab.RULES); // what another piece of work would have done
            view.groups().show(Tab.TENSOR);
        });
        robot.clickOn(".recent-row");
        await(() -> view.session().plan().isPresent() && view.session().plan().get().isComplete());
        assertThat(view.groups().left().get()).isEqualTo(Tab.VERIFY);
        assertThat(view.groups().right().get()).isEqualTo(Tab.RULES);
        assertThat(Files.readString(folder.resolve("state/recent.json"))).contains("gpt2/scratch-split");
        robot.push(KeyCode.CONTROL, KeyCode.N);
        assertThat(windows).isEqualTo(1);
    }

    @Test
    void work_whose_file_is_gone_says_so_and_cannot_be_continued(FxRobot robot) throws Exception {
        var source = open("openai-tf");
        robot.push(KeyCode.CONTROL, KeyCode.W);
        await(() -> robot.lookup(".recent-row").tryQuery().isPresent());
        assertThat(robot.lookup(".recent-row").query().isDisabled()).isFalse();
        Files.move(source, folder.resolve("elsewhere"));
        fx(() -> view.session().speak(Locale.SIMPLIFIED_CHINESE));
        await(() -> robot.lookup(".recent-row").query().isDisabled());
        fx(() -> view.session().speak(Locale.ENGLISH));
        await(() -> robot.lookup(".recent-row .label").<Labeled>queryAll().stream()
                .anyMatch(l -> l.getText().equals("moved or deleted")));
    }

    @Test
    void a_tab_moves_to_a_group_on_the_right_and_both_are_seen(FxRobot robot) throws Exception {
        openWithTarget(robot);
        robot.push(KeyCode.CONTROL, KeyCode.DIGIT3);
        robot.push(KeyCode.CONTROL, KeyCode.SHIFT, KeyCode.M);
        await(() -> robot.lookup("#tabs-right").tryQuery().isPresent());
        robot.push(KeyCode.CONTROL, KeyCode.DIGIT2);
        assertThat(robot.lookup(".rules-pane").tryQuery()).isPresent();
        assertThat(robot.lookup(".tensor-pane").tryQuery()).isPresent();
        robot.rightClickOn("#tab-rules").clickOn("#move-rules");
        await(() -> robot.lookup("#tabs-right").tryQuery().isEmpty());
    }

    @Test
    void a_target_of_before_is_chosen_again_and_what_hangs_over_the_window_goes_with_its_language(FxRobot robot)
            throws Exception {
        openWithTarget(robot);
        fx(() -> view.session().chooseTarget("gpt2/hf"));
        await(() -> "gpt2/hf".equals(view.session().workspace().get().targetText()));
        robot.push(KeyCode.CONTROL, KeyCode.T);
        await(() -> robot.lookup("#recent-targets").tryQuery().isPresent());
        fx(() -> view.session().speak(Locale.SIMPLIFIED_CHINESE));
        assertThat(robot.lookup("#recent-targets").tryQuery()).isEmpty();
        robot.push(KeyCode.CONTROL, KeyCode.T);
        await(() -> robot.lookup("#recent-targets").tryQuery().isPresent());
        assertThat(robot.lookup("#recent-targets .label").<Labeled>query().getText()).isEqualTo("最近：");
        fx(() -> view.session().dark().set(!view.session().dark().get()));
        var popup = robot.lookup("#recent-targets").query().getScene();
        assertThat(popup.getStylesheets()).as("another theme dresses it").isEqualTo(view.getScene().getStylesheets());
        fx(() -> {
            view.session().dark().set(!view.session().dark().get());
            view.session().speak(Locale.ENGLISH);
        });
        robot.push(KeyCode.CONTROL, KeyCode.T);
        robot.clickOn("#recent-target");
        await(() -> "gpt2/scratch-split".equals(view.session().workspace().get().targetText()));
    }

    @Test
    void a_theme_that_was_chosen_holds_for_the_next_start(FxRobot robot) throws Exception {
        robot.clickOn("#theme");
        assertThat(desk.preferences().theme().get()).isEqualTo(Theme.DARK);
        assertThat(view.getScene().getStylesheets()).anyMatch(s -> s.endsWith("dark.css"));
        assertThat(Desk.of(Store.in(folder.resolve("state")), () -> {
        }).preferences().theme().get()).isEqualTo(Theme.DARK);
        fx(() -> desk.preferences().theme().set(Theme.SYSTEM));
    }

    @Test
    void what_was_typed_stays_when_text_grows_or_another_theme_or_language_comes(FxRobot robot) throws Exception {
        openWithTarget(robot);
        robot.push(KeyCode.CONTROL, KeyCode.SHIFT, KeyCode.V);
        robot.clickOn("#paste-text").write("model/wte tok");
        robot.push(KeyCode.CONTROL, KeyCode.SHIFT, KeyCode.EQUALS); // where + is up there
        assertThat(view.session().scale().get()).isEqualTo(1.1);
        await(() -> robot.lookup("#paste-text").<TextArea>query().isFocused());
        robot.write("_emb");
        fx(() -> {
            view.session().speak(Locale.SIMPLIFIED_CHINESE);
            view.session().dark().set(true);
        });
        await(() -> robot.lookup("#paste-text").<TextArea>query().isFocused());
        robot.write(".weight");
        assertThat(robot.lookup("#paste-text").<TextArea>query().getText()).isEqualTo("model/wte tok_emb.weight");
        robot.push(KeyCode.ESCAPE);
        robot.push(KeyCode.CONTROL, KeyCode.SHIFT, KeyCode.V);
        assertThat(robot.lookup("#paste-text").<TextArea>query().getText()).as("it was closed").isEmpty();
        robot.push(KeyCode.ESCAPE);
        robot.push(KeyCode.CONTROL, KeyCode.COMMA);
        robot.clickOn("#settings-en");
        await(() -> robot.lookup("#settings-en").query().isFocused());
        robot.clickOn("#settings-light").clickOn("#settings-close");
        robot.push(KeyCode.CONTROL, KeyCode.DIGIT3);
        fx(() -> robot.lookup("#new-rule").<Button>query().fire()); // under the list, out of the mouse's reach
        robot.write("model/wte =>");
        robot.push(KeyCode.CONTROL, KeyCode.DIGIT0);
        await(() -> robot.lookup("#arrow-field").<TextField>query().isFocused());
        robot.write(" tok_emb.weight");
        var field = robot.lookup("#arrow-field").<TextField>query();
        fx(() -> view.session().dark().set(true));
        assertThat(robot.lookup("#arrow-field").<TextField>query()).as("a theme builds nothing anew").isSameAs(field);
        robot.push(KeyCode.ENTER);
        await(() -> view.session().accepted().size() == 1);
        assertThat(robot.lookup("#arrow-field").tryQuery()).isEmpty();
        fx(() -> desk.preferences().theme().set(Theme.SYSTEM));
    }

    @Test
    void pasted_names_become_rules(FxRobot robot) throws Exception {
        openWithTarget(robot);
        robot.push(KeyCode.CONTROL, KeyCode.SHIFT, KeyCode.V);
        robot.clickOn("#paste-text").write("model/wte tok_emb.weight");
        robot.clickOn("#paste-use");
        await(() -> view.session().accepted().size() == 1);
        assertThat(view.session().undoName().get()).isEqualTo("Paste 1 rule");
    }

    @Test
    void a_pasted_error_is_explained_without_a_checkpoint(FxRobot robot) throws Exception {
        robot.push(KeyCode.CONTROL, KeyCode.SHIFT, KeyCode.V);
        fx(() -> robot.lookup("#paste-text").<javafx.scene.control.TextArea>query().setText("""
                RuntimeError: Error(s) in loading state_dict for GPT2LMHeadModel:
                \tsize mismatch for transformer.h.0.attn.c_attn.weight: copying a param with shape \
                torch.Size([768, 2304]) from checkpoint, the shape in current model is torch.Size([2304, 768]).
                """));
        await(() -> robot.lookup("#paste-found").<Labeled>query().getText().contains("PyTorch"));
        assertThat(robot.lookup("#findings .label").<Labeled>queryAll()).extracting(Labeled::getText)
                .anyMatch(t -> t.contains("c_attn.weight"))
                .anyMatch(t -> t.contains("transpose") || t.contains("Transpose"));
        robot.push(KeyCode.ESCAPE);
        await(() -> robot.lookup("#paste-card").tryQuery().isEmpty());
    }

    @Test
    void a_folder_that_is_not_empty_is_asked_about(FxRobot robot) throws Exception {
        openWithTarget(robot);
        acceptAll();
        var out = Files.createDirectories(folder.resolve("out"));
        Files.writeString(out.resolve("old"), "x");
        robot.push(KeyCode.CONTROL, KeyCode.E);
        robot.clickOn("#export-folder").clickOn("#export-place").eraseText(60).write(out.toString());
        assertThat(robot.lookup("#export-write").query().isDisabled()).isTrue();
        assertThat(robot.lookup("#export-missing").<Labeled>query().getText()).contains("Replace");
        robot.clickOn("#export-replace").clickOn("#export-write");
        await(() -> view.session().written().get().equals(out.toString()));
        assertThat(out.resolve("old")).as("only files of the same name are replaced").exists();
        assertThat(Files.list(out).count()).isGreaterThan(1);
    }

    @Test
    void halves_say_what_letting_go_would_do(FxRobot robot) throws Exception {
        openWithTarget(robot);
        fx(() -> view.dropHint(Dropped.TARGET));
        assertThat(robot.lookup("#drop-target").query().getStyleClass()).contains("drop-half-lit");
        assertThat(robot.lookup("#drop-source").query().getStyleClass()).doesNotContain("drop-half-lit");
    }
}
