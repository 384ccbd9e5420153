package weft.ui;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import javafx.scene.control.Button;
import javafx.scene.control.ComboBox;
import javafx.scene.control.Labeled;
import javafx.scene.control.ListCell;
import javafx.scene.control.TextArea;
import javafx.scene.input.KeyCode;
import javafx.stage.Stage;

import org.junit.jupiter.api.Test;
import org.testfx.api.FxRobot;
import org.testfx.framework.junit5.Start;

import weft.plan.Status;
import weft.ui.DetailPane.Tab;
import weft.ui.inspect.WhyPane;
import weft.ui.tree.Lines;
import weft.work.ConvertRequest;
import weft.work.Export;
import weft.work.Reports;

/** Steps the window offers: an adapter, another vocabulary, a damaged file, an interrupted export, reports and scripts. */
@Windowed
class GuideWindowTest extends WindowTest {
    @Start
    void start(Stage stage) {
        begin(stage);
    }

    private static String text(FxRobot robot, String query) {
        return robot.lookup(query).<Labeled>query().getText();
    }

    @Test
    void a_dropped_adapter_becomes_suggestions(FxRobot robot) throws Exception {
        open("hf");
        var adapter = Screens.fixture("lora/gpt2");
        fx(() -> view.drop(adapter, Dropped.of(adapter, Dropped.Lying.of(adapter), true, false, false)));
        await(() -> view.session().plan().isPresent());
        assertThat(view.session().accepted()).isEmpty();
        assertThat(view.session().suggested()).hasSize(4);
        assertThat(view.session().undoName().get()).isEqualTo("Adapter gpt2");
        fx(() -> view.session().reveal("transformer.h.0.attn.c_attn.weight"));
        assertThat(robot.lookup(".why-words .pane-title").<Labeled>query().getText()).isEqualTo("An adapter is added");
        acceptAll();
        robot.push(KeyCode.CONTROL, KeyCode.Z).push(KeyCode.CONTROL, KeyCode.Z);
        await(() -> view.session().plan().isEmpty());
    }

    @Test
    void a_vocabulary_is_resized_as_a_person_says(FxRobot robot) throws Exception {
        open("hf");
        fx(() -> view.session().chooseTarget("gpt2/scratch-split,vocab_size=64,context_length=12"));
        await(() -> view.session().plan().isPresent());
        var head = robot.lookup(".list-cell").<ListCell<?>>queryAll().stream()
                .filter(c -> c.isVisible() && c.getItem() instanceof Lines.Line l
                        && l.item().target().text().equals("out_head.weight"))
                .findFirst().orElseThrow();
        var at = head.localToScreen(head.getBoundsInLocal());
        robot.clickOn(at.getMinX() + 40, at.getMaxY() - 4); // the last row of a short list, to its lower edge
        await(() -> view.session().selected().get() != null);
        assertThat(view.session().selected().get().target().text()).isEqualTo("out_head.weight");
        fx(() -> view.session().reveal("tok_emb.weight"));
        robot.clickOn("#resize-mean");
        await(() -> view.session().accepted().stream()
                .anyMatch(r -> weft.work.Workspace.text(r).contains("pad @0 to vocab_size mean")));
        assertThat(view.session().plan().orElseThrow().row("pos_emb.weight").orElseThrow().status())
                .isEqualTo(Status.BY_RULE);
        assertThat(view.session().accepted()).hasSize(2);
        robot.push(KeyCode.CONTROL, KeyCode.Z);
        await(() -> view.session().accepted().isEmpty());
        fx(() -> view.session().reveal("pos_emb.weight"));
        await(() -> !text(robot, "#resize-found").isEmpty());
        assertThat(text(robot, "#resize-cut")).isEqualTo("Keep the first 12");
        await(() -> robot.lookup("#why-trial").tryQuery().isPresent()); // drawn before anybody chose a way
        WhyPane pane = robot.lookup(".why-pane").query();
        assertThat(pane.lit()).hasSize(2).allSatisfy(lit -> assertThat(lit).containsExactly(pane.lit().getFirst()));
        assertThat(view.session().accepted()).isEmpty();
    }

    @Test
    void configurations_are_compared_field_by_field(FxRobot robot) throws Exception {
        open("hf");
        fx(() -> view.session().chooseTarget("gpt2/scratch-split@124M"));
        await(() -> view.session().plan().isPresent());
        await(() -> !view.models().cares().all().get().isEmpty());
        robot.clickOn("#care-step");
        assertThat(robot.lookup("#config-fields .label").<Labeled>queryAll()).extracting(Labeled::getText)
                .contains("emb_dim", "768", "n_layers", "12");
        robot.push(KeyCode.ESCAPE);
        await(() -> robot.lookup("#config-card").tryQuery().isEmpty());
        fx(() -> robot.lookup("#care-dismiss").<Button>query().fire());
        assertThat(robot.lookup("#cares").query().isVisible()).isFalse();
    }

    @Test
    void an_interrupted_export_is_cleared_away_by_a_button(FxRobot robot) throws Exception {
        var source = Tiny.with(folder, "openai-tf");
        var left = Files.createDirectory(source.resolve(".~out.bin.part"));
        Files.writeString(left.resolve("out.bin"), "half");
        fx(() -> view.session().open(source));
        await(() -> !view.models().cares().all().get().isEmpty());
        assertThat(text(robot, "#care-step")).isEqualTo("Delete its rest");
        robot.clickOn("#care-step");
        await(() -> !Files.exists(left) && view.models().cares().all().get().isEmpty());
        assertThat(view.session().workspace().get()).isNotNull();
    }

    @Test
    void values_that_fail_their_checksum_are_read_when_somebody_says_so(FxRobot robot) throws Exception {
        var source = Tiny.with(folder, "openai-tf");
        Path data;
        try (var files = Files.list(source)) {
            data = files.filter(f -> f.toString().contains(".data-")).findFirst().orElseThrow();
        }
        try (var file = new RandomAccessFile(data.toFile(), "rw")) {
            for (long at = 0; at < file.length(); at += 64) {
                file.seek(at);
                int was = file.read();
                file.seek(at);
                file.write(was ^ 1);
            }
        }
        fx(() -> view.session().open(source, "gpt2/scratch-split"));
        await(() -> view.session().plan().isPresent());
        fx(() -> {
            view.session().reveal("tok_emb.weight");
            view.show(Tab.TENSOR);
        });
        await(() -> view.tensor().problem().get() != null);
        robot.clickOn("#read-anyway");
        await(() -> view.tensor().facts().get() != null);
        assertThat(view.tensor().problem().get()).isNull();
        acceptAll();
        var out = folder.resolve("out.safetensors");
        fx(() -> view.session().export(new weft.work.ConvertRequest(out, false, null, null, 0, true, false)));
        await(() -> view.session().trouble().get() != null);
        assertThat(out).as("what is doubtful is never exported").doesNotExist();
    }

    @Test
    void what_a_refused_file_would_do_is_shown(FxRobot robot) throws Exception {
        fx(() -> view.session().open(Screens.fixture("torch-misc/evil.pt")));
        await(() -> robot.lookup("#instructions").tryQuery().isPresent());
        robot.clickOn("#instructions");
        await(() -> robot.lookup("#instruction-list").tryQuery().isPresent());
        assertThat(robot.lookup("#instruction-list").<TextArea>query().getText()).contains("REDUCE");
        robot.clickOn("#instructions-close");
        await(() -> robot.lookup("#instructions-card").tryQuery().isEmpty());
    }

    @Test
    void the_model_beside_a_file_without_tensors_is_a_click_away(FxRobot robot) throws Exception {
        var model = Tiny.with(folder, "hf").resolve("model.safetensors");
        var state = Files.writeString(model.resolveSibling("optimizer.pt"), "no tensors");
        fx(() -> view.session().open(state));
        await(() -> robot.lookup("#open-instead").tryQuery().isPresent());
        assertThat(text(robot, "#open-instead")).isEqualTo("Open model.safetensors");
        robot.clickOn("#open-instead");
        await(() -> view.session().workspace().get() != null);
        assertThat(view.session().workspace().get().source().path()).isEqualTo(model);
    }

    @Test
    void a_report_and_a_script_are_written_as_the_command_line_writes_them(FxRobot robot) throws Exception {
        openWithTarget(robot);
        acceptAll();
        var texts = weft.text.Texts.of(java.util.Locale.ENGLISH);
        for (var name : new String[]{"r.html", "r.md", "r.csv"}) {
            var file = folder.resolve(name);
            robot.push(KeyCode.CONTROL, KeyCode.E);
            robot.clickOn("#export-report").clickOn("#export-place").push(KeyCode.CONTROL, KeyCode.A)
                    .write(file.toString()).clickOn("#export-write");
            await(() -> view.session().written().get().equals(file.toString()));
            assertThat(Files.readString(file))
                    .isEqualTo(Reports.text(view.session().workspace().get(), name, texts));
        }
        var script = folder.resolve("convert.py");
        robot.push(KeyCode.CONTROL, KeyCode.E);
        robot.clickOn("#export-script");
        ComboBox<String> kind = robot.lookup("#export-script-kind").query();
        fx(() -> kind.getSelectionModel().select(Export.As.MINDSPORE.ordinal()));
        robot.clickOn("#export-place").push(KeyCode.CONTROL, KeyCode.A).write(script.toString())
                .clickOn("#export-write");
        await(() -> view.session().written().get().equals(script.toString()));
        assertThat(Files.readString(script))
                .isEqualTo(Export.text(view.session().workspace().get(), Export.As.MINDSPORE, texts));
    }

    @Test
    void only_chosen_parameters_are_written(FxRobot robot) throws Exception {
        openWithTarget(robot);
        acceptAll();
        var file = folder.resolve("some.safetensors");
        robot.push(KeyCode.CONTROL, KeyCode.E);
        robot.clickOn("#export-checkpoint").clickOn("#export-only").write("nowhere");
        assertThat(text(robot, "#export-missing")).isEqualTo("No parameter has such a name.");
        assertThat(robot.lookup("#export-write").query().isDisabled()).isTrue();
        robot.push(KeyCode.CONTROL, KeyCode.A).write("norm1.scale");
        assertThat(text(robot, "#export-chosen")).isEqualTo("2 of 37 written");
        robot.clickOn("#export-place").push(KeyCode.CONTROL, KeyCode.A).write(file.toString())
                .clickOn("#export-write");
        await(() -> view.session().written().get().equals(file.toString()));
        assertThat(weft.work.Workspace.open(file, weft.io.Progress.NONE).source().tensors()).hasSize(2);
    }
}
