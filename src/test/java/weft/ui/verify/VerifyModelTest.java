package weft.ui.verify;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import weft.io.Code;
import weft.prove.Verification;
import weft.rule.Rule;
import weft.ui.model.Session;
import weft.ui.model.Tasks;
import weft.work.ConvertRequest;
import weft.work.Workspace;

class VerifyModelTest {
    private static final Path TINY = Path.of("src/test/resources/fixtures/gpt2-tiny");
    private final Session session = new Session(new Tasks(Runnable::run, Runnable::run), Locale.ENGLISH);
    private final VerifyModel model = new VerifyModel(session);

    @BeforeEach
    void open() {
        session.open(TINY.resolve("openai-tf"), "gpt2/scratch-split");
    }

    private Layers layers() {
        return new Layers(session.plan().orElseThrow());
    }

    /** Takes the turn out of the rule for a square matrix. */
    private void unturn(String parameter) {
        var rule = session.plan().orElseThrow().row(parameter).orElseThrow().rule();
        var text = Workspace.text(rule);
        var wrong = text.replaceFirst("rearrange \"1 (\\w+) (\\w+) -> \\w+ \\w+\"", "rearrange \"1 $1 $2 -> $1 $2\"");
        assertThat(wrong).isNotEqualTo(text);
        List<Rule> read = Workspace.read(wrong).rules().rules();
        session.replaceRule(rule, read.getFirst());
    }

    @Test
    void with_all_rules_every_rung_holds_and_every_layer_is_within_the_tolerance() {
        session.acceptAll();
        model.run();
        var after = model.after().get().verification();
        assertThat(after.passed()).isTrue();
        assertThat(after.ladder()).hasSize(Verification.Rung.values().length)
                .allSatisfy(s -> assertThat(s.passed()).isTrue());
        var modules = Layers.of(after);
        assertThat(modules.stream().map(layers()::label)).containsExactly("emb", "h0", "h1", "ln_f", "out");
        assertThat(Layers.errors(after, modules)).allSatisfy(e -> assertThat(e).isLessThan(1e-5));
        assertThat(Layers.bad(after)).isEmpty();
    }

    @Test
    void forced_bytes_part_in_the_first_block() {
        session.acceptAll();
        model.run();
        var before = model.before().get().verification();
        assertThat(before.passed()).isFalse();
        var bad = Layers.bad(before).orElseThrow();
        assertThat(bad.layer()).isEqualTo("block.0");
        assertThat(bad.error()).isGreaterThan(Verification.TOLERANCE);
    }

    @Test
    void an_unturned_square_is_named_with_its_layer() {
        session.acceptAll();
        unturn("trf_blocks.1.att.out_proj.weight");
        assertThat(session.plan().orElseThrow().isComplete()).as("no shape complains").isTrue();
        model.run();
        var after = model.after().get().verification();
        var bad = Layers.bad(after).orElseThrow();
        assertThat(layers().place(bad)).isEqualTo("h0, attn/c_proj"); // the rule speaks for both blocks
        assertThat(layers().row(bad).orElseThrow().target().name()).isEqualTo("trf_blocks.0.att.out_proj.weight");
        assertThat(after.ladder()).filteredOn(s -> s.rung() == Verification.Rung.SHAPES)
                .allSatisfy(s -> assertThat(s.passed()).isTrue());
        assertThat(after.ladder()).filteredOn(s -> s.rung() == Verification.Rung.VALUES)
                .allSatisfy(s -> assertThat(s.passed()).isFalse());
    }

    @Test
    void an_incomplete_plan_says_what_is_missing_and_the_forced_side_still_has_its_result() {
        model.run();
        assertThat(model.after().get().verification()).isNull();
        assertThat(model.after().get().problem().code()).isEqualTo(Code.NOT_COMPLETE);
        assertThat(model.before().get().verification().modules()).isNotEmpty();
    }

    @Test
    void another_checkpoint_of_the_same_model_passes_and_other_rules_clear_the_result() {
        session.acceptAll();
        model.run(TINY.resolve("hf"));
        assertThat(model.after().get().verification().passed()).isTrue();
        assertThat(model.before().get().verification()).isNull();
        session.undo();
        assertThat(model.after().get().verification()).isNull();
    }

    @Test
    void a_parameter_its_dialect_does_not_know_is_compared_as_its_rule_makes_it(@TempDir Path folder)
            throws Exception {
        var lines = session.plan().orElseThrow().rows().stream()
                .map(r -> r.target().name() + " " + r.target().shape() + "\n").collect(Collectors.joining());
        session.chooseTarget(Files.writeString(folder.resolve("model.txt"), lines + "extra.scale [24]\n").toString());
        session.acceptAll();
        session.addRule(Workspace.read("model/ln_f/g => extra.scale").rules().rules().getFirst());
        assertThat(session.plan().orElseThrow().isComplete()).isTrue();
        assertThat(session.plan().orElseThrow().target().dialect()).isNotNull();
        var written = folder.resolve("model.safetensors");
        session.export(new ConvertRequest(written, false, null, null, 0, true, false));
        model.run(written);
        assertThat(model.after().get().problem()).isNull();
        assertThat(model.after().get().verification().passed()).isTrue();
    }

    @Test
    void what_is_cancelled_leaves_nothing() {
        var waiting = new java.util.ArrayDeque<Runnable>();
        var slow = new Session(new Tasks(waiting::add, Runnable::run), Locale.ENGLISH);
        slow.open(TINY.resolve("openai-tf"), "gpt2/scratch-split");
        waiting.poll().run();
        var other = new VerifyModel(slow);
        other.run();
        assertThat(other.isRunning()).isTrue();
        other.stop();
        assertThat(other.isRunning()).isFalse();
        waiting.forEach(Runnable::run);
        assertThat(other.after().get().verification()).isNull();
    }

    @Test
    void proving_is_an_edit_with_a_name_that_changes_no_rule() {
        session.acceptAll();
        var rules = session.rules();
        session.prove();
        assertThat(session.proof().get()).isNotNull();
        assertThat(session.rules()).isEqualTo(rules);
        assertThat(session.undoName().get()).isNotEmpty();
        assertThat(Proofs.told(session.proof().get(), session.texts().get(), 4)).isNotEmpty();
    }
}
