package weft.work;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

import org.junit.jupiter.api.Test;

import weft.io.Progress;
import weft.rule.ArrowText;
import weft.text.Texts;

/** Why a planned row is as it is, told of accepted and of own rules as well as of suggested ones. */
class RowReasonsTest {
    private static final Texts TEXTS = Texts.of(Locale.ENGLISH);

    private static Workspace tiny() throws Exception {
        return Workspace.open(Path.of("src/test/resources/fixtures/gpt2-tiny/openai-tf"), Progress.NONE)
                .withTarget("gpt2/scratch-split", Progress.NONE);
    }

    private static List<String> reasons(Workspace workspace, String parameter) {
        var plan = workspace.plan().orElseThrow();
        return RowReasons.of(plan, plan.row(parameter).orElseThrow(), null, TEXTS);
    }

    @Test
    void names_layouts_and_where_the_rule_comes_from() throws Exception {
        var key = "trf_blocks.0.att.W_key.weight";
        assertThat(reasons(tiny(), key)).containsExactly(
                "The tensor holds 3 roles; this is block.0.attn.k.weight. In the file it lies as 1 d [q|k|v], in the "
                        + "model as (h k) d.",
                "Which way round: only one layout has this shape.");
        var accepted = tiny().acceptAll();
        int number = accepted.rules().rules()
                .indexOf(accepted.plan().orElseThrow().row(key).orElseThrow().rule()) + 1;
        assertThat(reasons(accepted, key)).contains("Rule " + number + ", taken over as suggested.");
        var one = tiny();
        var only = one.acceptOnly(List.of(one.plan().orElseThrow().row("trf_blocks.0.norm1.scale").orElseThrow()));
        assertThat(reasons(only, "trf_blocks.0.norm1.scale")).contains("Rule 1, taken over as suggested.");
    }

    @Test
    void a_rule_of_ones_own_is_called_that_and_other_roles_are_told() throws Exception {
        var own = tiny().withRules(weft.rule.RuleSet.of(
                List.of(ArrowText.rule("model/h{i}/ln_1/g => trf_blocks.{i}.norm2.scale"))));
        assertThat(reasons(own, "trf_blocks.1.norm2.scale")).contains(
                "By its name model/h1/ln_1/g is block.1.norm1.weight, but trf_blocks.1.norm2.scale is "
                        + "block.1.norm2.weight.",
                "Rule 1 is your own; Weft would not have suggested it.");
    }

    /** The suggestion's ops and names, but the names in another order: that is another rule. */
    @Test
    void parts_in_another_order_are_ones_own_rule() throws Exception {
        var own = tiny().withRules(weft.rule.RuleSet.of(List.of(ArrowText.rule(
                "model/h{i}/attn/c_attn/w : rearrange \"1 d o -> o d\" | split 3 @0 => trf_blocks.{i}.att.W_key.weight, "
                        + "trf_blocks.{i}.att.W_query.weight, trf_blocks.{i}.att.W_value.weight"))));
        assertThat(reasons(own, "trf_blocks.0.att.W_key.weight"))
                .contains("Rule 1 is your own; Weft would not have suggested it.");
        assertThat(reasons(own, "trf_blocks.0.att.W_value.weight")).contains("Rule 1, taken over as suggested.");
    }

    @Test
    void a_square_says_what_proved_it() throws Exception {
        var sample = Workspace.open(Path.of("src/samples/shipped/openai-tf"), Progress.NONE)
                .withTarget("gpt2/scratch-split", Progress.NONE).acceptAll();
        var square = "trf_blocks.0.att.out_proj.weight";
        assertThat(reasons(sample, square)).anyMatch(r -> r.startsWith("Which way round: assumed"));
        var proof = sample.prove(sample.fixedText(null), null, Progress.NONE);
        var plan = proof.workspace().plan().orElseThrow();
        var told = RowReasons.of(plan, plan.row(square).orElseThrow(), proof, TEXTS);
        assertThat(told).anyMatch(r -> r.startsWith("Which way round: proved by the forward pass"))
                .anyMatch(
                        r -> r.matches("Read the other way, the loss on weft-text.txt rises by [0-9.]+ nat/token\\."));
    }
}
