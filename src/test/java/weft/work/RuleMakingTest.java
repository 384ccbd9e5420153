package weft.work;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Progress;
import weft.plan.Row;
import weft.plan.Status;
import weft.rule.Rule;
import weft.rule.RuleSet;

class RuleMakingTest {
    private static final Path TINY = Path.of("src/test/resources/fixtures/gpt2-tiny/openai-tf");
    private Workspace workspace;

    @BeforeEach
    void open() throws CheckpointException {
        workspace = Workspace.open(TINY, Progress.NONE).withTarget("gpt2/scratch-split", Progress.NONE);
    }

    private Optional<RuleMaking.Proposal> between(String tensor, String... parameters) throws CheckpointException {
        var plan = workspace.plan().orElseThrow();
        List<Row> rows = List.of(parameters).stream().map(p -> plan.row(p).orElseThrow()).toList();
        return RuleMaking.between(workspace, List.of(workspace.source().tensor(tensor).orElseThrow().info()), rows,
                Progress.NONE);
    }

    @Test
    void a_pair_weft_knows_takes_its_own_ops_and_is_offered_for_every_layer() throws CheckpointException {
        var made = between("model/h0/attn/c_proj/w", "trf_blocks.0.att.out_proj.weight").orElseThrow();
        assertThat(Workspace.text(made.here())).startsWith("model/h0/attn/c_proj/w : rearrange ")
                .endsWith(" => trf_blocks.0.att.out_proj.weight");
        assertThat(made.layers()).isEqualTo(2);
        assertThat(Workspace.text(made.alike())).startsWith("model/h{i}/attn/c_proj/w : ")
                .endsWith("=> trf_blocks.{i}.att.out_proj.weight");
        var done = workspace.withRules(RuleSet.of(List.of(made.alike())));
        assertThat(done.plan().orElseThrow().count(Status.BY_RULE)).isEqualTo(2);
        var whole = workspace.acceptAll();
        assertThat(done.targetValues("trf_blocks.1.att.out_proj.weight").toFloats())
                .containsExactly(whole.targetValues("trf_blocks.1.att.out_proj.weight").toFloats());
    }

    @Test
    void one_tensor_is_split_among_three_parameters() throws CheckpointException {
        var made = between("model/h1/attn/c_attn/w", "trf_blocks.1.att.W_query.weight",
                "trf_blocks.1.att.W_key.weight", "trf_blocks.1.att.W_value.weight").orElseThrow();
        assertThat(Workspace.text(made.here())).contains("split 3 @0");
        assertThat(made.layers()).isEqualTo(2);
    }

    @Test
    void shapes_alone_find_a_transpose_for_names_nobody_knows() throws CheckpointException {
        var made = between("model/h0/mlp/c_proj/w", "trf_blocks.1.ff.layers.0.weight"); // [1, 96, 24] to [96, 24]
        assertThat(Workspace.text(made.orElseThrow().here())).contains("rearrange \"1 a b -> a b\"");
        assertThat(made.orElseThrow().layers()).as("h1 would need trf_blocks.2").isEqualTo(1);
    }

    @Test
    void what_no_simple_rule_gives_is_not_made() throws CheckpointException {
        assertThat(between("model/wte", "trf_blocks.0.norm1.scale")).isEmpty();
    }

    @Test
    void a_wrong_axis_is_mended() throws CheckpointException {
        var all = workspace.acceptAll();
        var rule = all.plan().orElseThrow().row("trf_blocks.0.att.W_key.weight").orElseThrow().rule();
        var broken = Workspace.read(Workspace.text(rule).replace("split 3 @0", "split 3 @1")).rules().rules()
                .getFirst();
        var wrong = all.replace(rule, broken);
        assertThat(wrong.plan().orElseThrow().count(Status.MISMATCH)).isEqualTo(6);
        assertThat(RuleMaking.fix(wrong, broken, Progress.NONE)).contains(rule);
        assertThat(RuleMaking.fix(all, Workspace.read("a => b").rules().rules().getFirst(), Progress.NONE)).isEmpty();
    }

    private static Rule rule(String text) {
        return Workspace.read(text).rules().rules().getFirst();
    }

    @Test
    void the_shapes_between_ops_are_those_on_the_way_to_the_parameters() throws CheckpointException {
        var fused = workspace.plan().orElseThrow().row("trf_blocks.0.att.W_key.weight").orElseThrow().rule();
        var steps = RuleSteps.of(workspace.plan().orElseThrow(), fused).orElseThrow();
        assertThat(steps.sources()).containsExactly("model/h0/attn/c_attn/w");
        assertThat(steps.from()).hasToString("[[1, 24, 72]]");
        assertThat(steps.steps()).extracting(s -> s.shapes().toString())
                .containsExactly("[[72, 24]]", "[[24, 24], [24, 24], [24, 24]]");
        assertThat(steps.targets()).hasSize(3);
        assertThat(steps.arrives()).isTrue();
        assertThat(RuleSteps.of(workspace, fused)).as("given alone").contains(steps);
    }

    @Test
    void nothing_follows_an_op_that_does_not_work() throws CheckpointException {
        var wrong = RuleSteps
                .of(workspace, rule("model/h{i}/attn/c_attn/w : split 5 @2 | rearrange \"1 a b -> b a\" => "
                        + "trf_blocks.{i}.att.W_query.weight"))
                .orElseThrow();
        assertThat(wrong.steps()).singleElement().satisfies(s -> {
            assertThat(s.shapes()).isEmpty();
            assertThat(s.problem().code()).isEqualTo(Code.E_SIZE);
        });
        var unturned = RuleSteps.of(workspace, rule("model/h{i}/mlp/c_fc/w : rearrange \"1 a b -> a b\" => "
                + "trf_blocks.{i}.ff.layers.0.weight")).orElseThrow();
        assertThat(unturned.steps()).extracting(s -> s.shapes().toString()).containsExactly("[[24, 96]]");
        assertThat(unturned.wanted()).hasToString("[[96, 24]]");
        assertThat(unturned.arrives()).isFalse();
        assertThat(RuleSteps.of(workspace, rule("tok_emb.weight =tie copy=> out_head.weight"))).isEmpty();
    }

    @Test
    void changes_are_counted_without_regard_to_order() throws CheckpointException {
        var saved = workspace.acceptAll().rules();
        var turned = new java.util.ArrayList<>(saved.rules().reversed());
        assertThat(RuleChanges.between(saved, saved.with(turned)).count()).isZero();
        var last = turned.removeLast();
        var changes = RuleChanges.between(saved, saved.with(turned));
        assertThat(changes.dropped()).containsExactly(last);
        assertThat(changes.added()).isEmpty();
        assertThat(changes.count()).isEqualTo(1);
    }
}
