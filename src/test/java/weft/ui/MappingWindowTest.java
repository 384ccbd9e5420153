package weft.ui;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import javafx.scene.Node;
import javafx.scene.control.Labeled;
import javafx.scene.control.TextField;
import javafx.scene.input.Clipboard;
import javafx.scene.input.KeyCode;
import javafx.stage.Stage;

import org.junit.jupiter.api.Test;
import org.testfx.api.FxRobot;
import org.testfx.framework.junit5.Start;

import weft.plan.Status;

/** Making and mending rules by key and mouse. */
@Windowed
class MappingWindowTest extends WindowTest {
    @Start
    void start(Stage stage) {
        begin(stage);
    }

    @Test
    void a_rule_is_made_by_key_from_one_row_to_another_and_asked_about_once(FxRobot robot) throws Exception {
        openWithTarget(robot);
        fx(() -> view.session().reveal("trf_blocks.0.att.out_proj.weight"));
        robot.push(KeyCode.CONTROL, KeyCode.L);
        assertThat(robot.lookup(".ask").query().isVisible()).isTrue();
        robot.push(KeyCode.CONTROL, KeyCode.SHIFT, KeyCode.L);
        await(() -> view.linking().proposal().get() != null);
        robot.clickOn("#ask-all");
        await(() -> count(Status.BY_RULE) == 2);
        assertThat(robot.lookup(".ask").query().isVisible()).isFalse();
        fx(() -> view.linking().drag(view.session().selected().get()));
        assertThat(robot.lookup(".ask").query().isVisible()).as("rows stay where the mouse aims at them").isFalse();
    }

    @Test
    void a_wrong_axis_and_a_misspelt_word_are_mended_by_a_click(FxRobot robot) throws Exception {
        openWithTarget(robot);
        acceptAll();
        var rules = folder.resolve("mine.weft");
        fx(() -> view.session().exportRules(rules, false));
        await(() -> view.session().savedRules().get() != null);
        robot.push(KeyCode.CONTROL, KeyCode.DIGIT3);
        await(() -> robot.lookup("#edit-rule").queryAll().size() > 3);
        robot.clickOn(robot.lookup("#edit-rule").nth(2).<Node>query());
        TextField field = robot.lookup("#arrow-field").query();
        var good = field.getText();
        fx(() -> field.setText(good.replace("split 3 @0", "splat 3 @1")));
        await(() -> robot.lookup("#fix-word").query().getBoundsInParent().getMinX() > 0);
        robot.clickOn("#fix-word");
        assertThat(field.getText()).isEqualTo(good.replace("split 3 @0", "split 3 @1"));
        robot.clickOn(field).push(KeyCode.ENTER);
        await(() -> count(Status.MISMATCH) == 6);
        assertThat(robot.lookup(".changes-bar .label").<Labeled>query().getText())
                .isEqualTo("1 change since the saved file");
        robot.clickOn("#what-changed");
        assertThat(robot.lookup("#changes .label").queryAll()).hasSize(2);
        robot.push(KeyCode.ESCAPE);
        await(() -> robot.lookup("#fix-rule").tryQuery().isPresent());
        assertThat(robot.lookup("#fix-rule").<Labeled>query().getText()).isEqualTo("Use @0");
        robot.clickOn("#fix-rule");
        await(() -> count(Status.MISMATCH) == 0);
        assertThat(robot.lookup(".changes-bar .label").<Labeled>query().getText()).isEqualTo("As in the saved file");
    }

    @Test
    void a_row_s_rule_is_edited_at_once_though_the_tab_was_never_open(FxRobot robot) throws Exception {
        openWithTarget(robot);
        acceptAll();
        fx(() -> {
            view.session().reveal("trf_blocks.1.att.W_key.weight");
            view.table().focusList();
        });
        robot.push(KeyCode.CONTROL, KeyCode.L);
        await(() -> view.linking().started().get() != null);
        robot.push(KeyCode.ESCAPE);
        await(() -> view.linking().started().get() == null);
        robot.push(KeyCode.DELETE);
        await(() -> !view.session().plan().orElseThrow().isComplete());
        assertThat(view.session().undoName().get()).startsWith("Drop");
        robot.push(KeyCode.CONTROL, KeyCode.Z);
        await(() -> view.session().plan().orElseThrow().isComplete());
        robot.push(KeyCode.F2);
        await(() -> view.getScene().getFocusOwner() instanceof TextField field && "arrow-field".equals(field.getId()));
        robot.push(KeyCode.END).write(" x");
        assertThat(robot.lookup("#arrow-field").<TextField>query().getText()).contains("W_key").endsWith(" x");
    }

    private static List<String> said(FxRobot robot, String query) {
        return robot.lookup(query).<Labeled>queryAll().stream().map(Labeled::getText).toList();
    }

    @Test
    void ops_are_chips_with_their_shapes_while_a_rule_is_written_too(FxRobot robot) throws Exception {
        openWithTarget(robot);
        acceptAll();
        robot.push(KeyCode.CONTROL, KeyCode.DIGIT3);
        robot.clickOn("#rules-chips");
        await(() -> robot.lookup("#edit-op").queryAll().size() > 3);
        var split = robot.lookup("#edit-op").<Labeled>queryAll().stream().filter(b -> b.getText().equals("split 3"))
                .findFirst().orElseThrow();
        assertThat(split.getParent().getChildrenUnmodifiable()).extracting(n -> ((Labeled) n).getText())
                .containsSubsequence("[1, 24, 72]", "squeeze", "transpose", "[72, 24]", "split 3", "3 × [24, 24]", "→");
        robot.clickOn(split);
        TextField field = robot.lookup("#arrow-field").query();
        assertThat(field.getSelectedText()).isEqualTo("split 3 @0");
        await(() -> said(robot, "#live-steps .label").contains("3 × [24, 24]"));
        robot.write("split 3 @1");
        await(() -> said(robot, "#live-steps .label").contains("3 × [72, 8]"));
        assertThat(robot.lookup("#step-problem").<Labeled>query().getText()).isEqualTo("needed: 3 × [24, 24]");
        robot.push(KeyCode.BACK_SPACE).write("5");
        await(() -> robot.lookup("#step-problem").<Labeled>query().getText().contains("axis 5"));
        var hint = robot.lookup("#live-steps .chip").<javafx.scene.control.Label>query().getTooltip();
        fx(() -> hint.show(view.getScene().getWindow()));
        robot.push(KeyCode.ESCAPE); // a hint that stands somewhere doesn't take the key
        await(() -> robot.lookup("#arrow-field").tryQuery().isEmpty());
        robot.clickOn("#rules-text");
        await(() -> robot.lookup("#edit-op").tryQuery().isEmpty());
    }

    @Test
    void what_is_being_typed_outlives_an_accept_the_language_and_the_theme(FxRobot robot) throws Exception {
        openWithTarget(robot);
        robot.push(KeyCode.CONTROL, KeyCode.DIGIT3);
        fx(() -> robot.lookup("#new-rule").<javafx.scene.control.Button>query().fire());
        robot.write("model/wte =");
        robot.push(KeyCode.LEFT);
        fx(() -> view.session().accept(view.session().suggested().getLast()));
        await(() -> view.session().accepted().size() == 1);
        fx(() -> view.session().dark().set(true));
        fx(() -> view.session().scale().set(1.5));
        fx(() -> view.session().speak(java.util.Locale.CHINESE));
        await(() -> view.getScene().getFocusOwner() instanceof TextField field && "arrow-field".equals(field.getId()));
        robot.write("> tok_emb.weight ");
        robot.push(KeyCode.DELETE);
        assertThat(robot.lookup("#arrow-field").<TextField>query().getText()).isEqualTo("model/wte > tok_emb.weight ");
        robot.push(KeyCode.ESCAPE).push(KeyCode.ESCAPE); // the words that could follow, then the field
        await(() -> robot.lookup("#arrow-field").tryQuery().isEmpty());
        fx(() -> view.session().undo());
        await(() -> view.session().accepted().isEmpty());
        assertThat(robot.lookup("#arrow-field").tryQuery()).isEmpty();
    }

    @Test
    void names_are_completed_while_a_rule_is_written(FxRobot robot) throws Exception {
        openWithTarget(robot);
        robot.push(KeyCode.CONTROL, KeyCode.DIGIT3);
        fx(() -> robot.lookup("#new-rule").<javafx.scene.control.Button>query().fire());
        fx(() -> robot.lookup(".rules-pane > .scroll-pane").<javafx.scene.control.ScrollPane>query().setVvalue(1));
        robot.clickOn("#arrow-field").write("wte");
        await(() -> robot.lookup("#completion").tryQuery().isPresent());
        robot.push(KeyCode.TAB);
        TextField field = robot.lookup("#arrow-field").query();
        assertThat(field.getText()).isEqualTo("model/wte");
        robot.write(" => tok");
        await(() -> robot.lookup("#completion").tryQuery().isPresent());
        robot.push(KeyCode.DOWN).push(KeyCode.ENTER);
        assertThat(field.getText()).isEqualTo("model/wte => tok_emb.weight");
        robot.push(KeyCode.ENTER);
        await(() -> count(Status.BY_RULE) == 1);
    }

    @Test
    void a_window_made_lower_and_high_again_has_its_panes_as_before(FxRobot robot) throws Exception {
        openWithTarget(robot);
        fx(() -> view.show(DetailPane.Tab.PREVIEW));
        var window = view.getScene().getWindow();
        double high = window.getHeight();
        double pane = robot.lookup(".detail").<javafx.scene.layout.Region>query().getHeight();
        fx(() -> window.setHeight(500));
        await(() -> robot.lookup(".detail").<javafx.scene.layout.Region>query().getHeight() < pane - 100);
        fx(() -> window.setHeight(high));
        await(() -> robot.lookup(".detail").<javafx.scene.layout.Region>query().getHeight() == pane);
    }

    @Test
    void text_grows_by_the_key_that_bears_the_plus_sign(FxRobot robot) {
        robot.push(KeyCode.CONTROL, KeyCode.EQUALS);
        robot.push(KeyCode.CONTROL, KeyCode.SHIFT, KeyCode.EQUALS);
        robot.push(KeyCode.CONTROL, KeyCode.ADD);
        assertThat(view.session().scale().get()).isEqualTo(1.3);
        robot.push(KeyCode.CONTROL, KeyCode.SUBTRACT);
        assertThat(view.session().scale().get()).isEqualTo(1.2);
    }

    @Test
    void the_picture_of_the_table_has_all_its_lines(FxRobot robot) throws Exception {
        openWithTarget(robot);
        var png = new byte[1][];
        fx(() -> {
            view.session().items().forEach(view.session()::openAll);
            view.exportPicture();
            png[0] = view.models().export().picture().get().get();
        });
        int lines = view.session().lines().get().size();
        assertThat(lines).as("more than there is room for").isGreaterThan(40);
        var head = java.nio.ByteBuffer.wrap(png[0]);
        assertThat(head.getInt(20)).isEqualTo(30 + 26 * lines + 1);
        var image = new javafx.scene.image.Image(new java.io.ByteArrayInputStream(png[0]));
        int last = head.getInt(20) - 14; // the middle of the last line, where a name stands
        assertThat(
                java.util.stream.IntStream.range(500, 900).map(x -> image.getPixelReader().getArgb(x, last)).distinct())
                .as("something is drawn there").hasSizeGreaterThan(3);
    }

    @Test
    void search_terms_are_offered_and_taken_away_one_by_one(FxRobot robot) throws Exception {
        openWithTarget(robot);
        robot.push(KeyCode.CONTROL, KeyCode.F).write("cattn is:proved");
        assertThat(view.session().lines().get()).isEmpty();
        robot.clickOn("#term-1");
        assertThat(view.session().search().get()).isEqualTo("cattn");
        assertThat(view.session().lines().get()).isNotEmpty();
        robot.push(KeyCode.CONTROL, KeyCode.F).push(KeyCode.DOWN);
        assertThat(view.getScene().getFocusOwner().getId()).isEqualTo("table");
        robot.push(KeyCode.CONTROL, KeyCode.F).push(KeyCode.ESCAPE);
        assertThat(view.session().search().get()).isEmpty();
        robot.write("cattn").clickOn("#search-terms");
        robot.clickOn("is:assumed");
        assertThat(view.session().search().get()).isEqualTo("cattn is:assumed");
        var copied = new String[1];
        robot.push(KeyCode.CONTROL, KeyCode.SHIFT, KeyCode.C);
        fx(() -> copied[0] = Clipboard.getSystemClipboard().getString());
        assertThat(copied[0]).startsWith("Source tensor\tShape\tRule");
    }
}
