package weft.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;

import weft.arch.Architecture;
import weft.rule.ArrowText;
import weft.rule.RuleSet;
import weft.tensor.DType;
import weft.tensor.Shape;
import weft.tensor.TensorInfo;

/** Two lists of names no dialect knows. */
class GuesserTest {
    /** Lines "name d d …"; {@code #} stands for the layers 0, 1 and 2. */
    private static List<TensorInfo> listing(String... lines) {
        var infos = new ArrayList<TensorInfo>();
        for (var line : lines) {
            var words = line.split(" ");
            var dims = new long[words.length - 1];
            for (int i = 0; i < dims.length; i++) {
                dims[i] = Long.parseLong(words[i + 1]);
            }
            for (int layer = 0; layer < (words[0].contains("#") ? 3 : 1); layer++) {
                infos.add(new TensorInfo(words[0].replace("#", Integer.toString(layer)), DType.F32, Shape.of(dims), 0));
            }
        }
        return infos;
    }

    private static Plan plan(List<TensorInfo> source, List<TensorInfo> target) {
        return Planner.plan(new Source("a", source, null), RuleSet.EMPTY, Architecture.of("b", target, null), Map.of());
    }

    private static List<String> arrows(Plan plan) {
        return plan.suggestions().rules().stream().map(ArrowText::print).toList();
    }

    private static final String[] MINE = {"net/emb/token 61 24", "net/layer_#/attention/query/kernel 24 24",
        "net/layer_#/attention/key/kernel 24 24", "net/layer_#/attention/out/kernel 24 24",
        "net/layer_#/attention/query/bias 24", "net/layer_#/attention/key/bias 24", "net/layer_#/ffn/up/kernel 24 96",
        "net/layer_#/ffn/down/kernel 96 24", "net/final_norm/gamma 24"};
    private static final String[] THEIRS = {"token_emb.weight 61 24", "blocks.#.attn.q_proj.weight 24 24",
        "blocks.#.attn.k_proj.weight 24 24", "blocks.#.attn.out_proj.weight 24 24", "blocks.#.attn.q_proj.bias 24",
        "blocks.#.attn.k_proj.bias 24", "blocks.#.mlp.up_proj.weight 96 24", "blocks.#.mlp.down_proj.weight 24 96",
        "norm.weight 24"};

    @Test
    void one_pair_speaks_for_all_layers_and_says_why() {
        var plan = plan(listing(MINE), listing(THEIRS));
        assertThat(arrows(plan)).contains("net/emb/token => token_emb.weight",
                "net/layer_{i}/ffn/up/kernel : rearrange \"o d -> d o\" => blocks.{i}.mlp.up_proj.weight",
                "net/layer_{i}/ffn/down/kernel : rearrange \"o d -> d o\" => blocks.{i}.mlp.down_proj.weight",
                "net/final_norm/gamma => norm.weight");
        assertThat(plan.suggestions().provenance().toString()).contains("blocks.{i}.mlp.up_proj.weight=names",
                "3 layers, shape transposed");
        // Nothing is wrong: what is suggested at all pairs what means the same.
        for (var row : plan.rows()) {
            if (row.status() == Status.NEEDS_RULE) {
                var from = row.sources().getFirst().name();
                assertThat(THEIRS[List.of(MINE).indexOf(line(MINE, from))].split(" ")[0])
                        .isEqualTo(row.target().name().replaceAll("\\.[0-9]\\.", ".#."));
            }
        }
    }

    private static String line(String[] lines, String name) {
        return List.of(lines).stream().filter(l -> l.split(" ")[0].equals(name.replaceAll("layer_[0-9]", "layer_#")))
                .findFirst().orElseThrow();
    }

    @Test
    void squares_go_with_their_siblings_or_not_at_all() {
        var plan = plan(listing("a/layer_#/query/kernel 8 8", "a/layer_#/up/kernel 8 32"),
                listing("b.#.query.weight 8 8", "b.#.up.weight 32 8"));
        assertThat(arrows(plan)).containsExactly("a/layer_{i}/query/kernel : rearrange \"o d -> d o\" => b.{i}.query.weight",
                "a/layer_{i}/up/kernel : rearrange \"o d -> d o\" => b.{i}.up.weight");
        assertThat(plan.suggestions().provenance().toString()).contains("as its siblings");
        var alone = plan(listing("a/layer_#/query/kernel 8 8"), listing("b.#.query.weight 8 8"));
        assertThat(arrows(alone)).isEmpty();
        assertThat(alone.suggestions().provenance().toString()).contains("no sibling shows which way round");
        var straight = plan(listing("a/layer_#/query/kernel 8 8", "a/layer_#/up/kernel 32 8"),
                listing("b.#.query.weight 8 8", "b.#.up.weight 32 8"));
        assertThat(arrows(straight)).containsExactly("a/layer_{i}/query/kernel => b.{i}.query.weight",
                "a/layer_{i}/up/kernel => b.{i}.up.weight");
    }

    @Test
    void what_could_be_either_gets_no_rule() {
        var plan = plan(listing("x.alpha 5 7", "x.beta 5 7"), listing("y.first 5 7", "y.second 5 7"));
        assertThat(plan.suggestions().rules()).isEmpty();
        assertThat(plan.count(Status.MISSING)).isEqualTo(2);
    }

    @Test
    void other_layers_or_other_shapes_are_no_pair() {
        assertThat(plan(listing("a.#.up.weight 4 9"), listing("b.up.weight 4 9")).suggestions().rules()).isEmpty();
        assertThat(plan(listing("a.up.weight 4 9"), listing("b.up.weight 4 8")).suggestions().rules()).isEmpty();
    }

    @Test
    void dimensions_of_one_are_squeezed() {
        assertThat(arrows(plan(listing("a/conv/w 1 4 9"), listing("b.conv.weight 4 9"))))
                .containsExactly("a/conv/w : rearrange \"1 o d -> o d\" => b.conv.weight");
        assertThat(arrows(plan(listing("a/conv/w 1 4 9"), listing("b.conv.weight 9 4"))))
                .containsExactly("a/conv/w : rearrange \"1 o d -> d o\" => b.conv.weight");
    }
}
