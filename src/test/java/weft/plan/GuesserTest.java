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
        return plan(source, target, RuleSet.EMPTY);
    }

    private static Plan plan(List<TensorInfo> source, List<TensorInfo> target, RuleSet given) {
        return Planner.plan(new Source("a", source, null), given, Architecture.of("b", target, null), Map.of());
    }

    private static Plan plan(List<TensorInfo> source, List<TensorInfo> target, String given) throws Exception {
        return plan(source, target, ArrowText.read(given, "given.weft"));
    }

    private static Map<String, Reason> why(Plan plan) {
        return Reason.of(plan.suggestions().provenance());
    }

    /** A rule that is suggested makes what it says, in the right shape, of nothing that another one uses. */
    private static void sound(Plan plan) {
        for (var row : plan.rows()) {
            assertThat(row.problem() == null || row.status() == Status.MISMATCH).isTrue();
        }
        var used = plan.rows().stream().filter(r -> r.status() == Status.NEEDS_RULE).flatMap(r -> r.sources().stream())
                .map(TensorInfo::name).toList();
        var one = plan.rows().stream().filter(r -> r.status() == Status.NEEDS_RULE && r.kind() != Kind.SPLIT
                && r.kind() != Kind.UNSTACKED).flatMap(r -> r.sources().stream()).map(TensorInfo::name).toList();
        assertThat(used).containsAll(one);
        assertThat(one).doesNotHaveDuplicates();
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
        var up = why(plan).get("blocks.{i}.mlp.up_proj.weight");
        assertThat(up.from()).containsExactly("net/layer_{i}/ffn/up/kernel");
        assertThat(up.layers()).isEqualTo(3);
        assertThat(up.shape()).isEqualTo(Reason.Relation.TRANSPOSED);
        assertThat(up.names()).isBetween(0.25, 1.0);
        assertThat(up.open()).isNull();
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
        assertThat(arrows(plan)).containsExactly(
                "a/layer_{i}/query/kernel : rearrange \"o d -> d o\" => b.{i}.query.weight",
                "a/layer_{i}/up/kernel : rearrange \"o d -> d o\" => b.{i}.up.weight");
        assertThat(why(plan).get("b.{i}.query.weight").notes()).contains(Reason.Note.SIBLINGS);
        var alone = plan(listing("a/layer_#/query/kernel 8 8"), listing("b.#.query.weight 8 8"));
        assertThat(arrows(alone)).isEmpty();
        assertThat(why(alone).get("b.{i}.query.weight").open()).isEqualTo(Reason.Open.SQUARE);
        assertThat(why(alone).get("b.{i}.query.weight").from()).containsExactly("a/layer_{i}/query/kernel");
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
        for (var target : List.of("y.first", "y.second")) {
            assertThat(why(plan).get(target).open()).isEqualTo(Reason.Open.AMBIGUOUS);
            assertThat(why(plan).get(target).from()).containsExactlyInAnyOrder("x.alpha", "x.beta");
        }
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

    @Test
    void layers_may_count_from_another_number() {
        var plan = plan(listing("enc/1/up/kernel 4 9", "enc/2/up/kernel 4 9"), listing("dec.0.up.weight 9 4",
                "dec.1.up.weight 9 4"));
        assertThat(arrows(plan)).containsExactly(
                "enc/{i}/up/kernel : rearrange \"o d -> d o\" => dec.{i-1}.up.weight");
        assertThat(plan.row("dec.1.up.weight").orElseThrow().sources()).extracting(TensorInfo::name)
                .containsExactly("enc/2/up/kernel");
        assertThat(plan.count(Status.NEEDS_RULE)).isEqualTo(2);
    }

    private static final String[] APART = {"blocks.#.attn.q_proj.weight 24 24", "blocks.#.attn.k_proj.weight 24 24",
        "blocks.#.attn.v_proj.weight 24 24", "blocks.#.attn.q_proj.bias 24", "blocks.#.attn.k_proj.bias 24",
        "blocks.#.attn.v_proj.bias 24", "blocks.#.attn.out_proj.weight 24 24", "blocks.#.mlp.up_proj.weight 96 24",
        "blocks.#.mlp.down_proj.weight 24 96"};

    @Test
    void a_fused_projection_of_an_unknown_framework_is_cut_where_sizes_add_up() {
        var plan = plan(listing("net/cell_#/attention/qkv/kernel 24 72", "net/cell_#/attention/qkv/bias 72",
                "net/cell_#/attention/out/kernel 24 24", "net/cell_#/ffn/up/kernel 24 96",
                "net/cell_#/ffn/down/kernel 96 24"), listing(APART));
        sound(plan);
        assertThat(arrows(plan)).contains(
                "net/cell_{i}/attention/qkv/kernel : rearrange \"o d -> d o\" | split 3 @0 => blocks.{i}.attn.q_proj.weight, "
                        + "blocks.{i}.attn.k_proj.weight, blocks.{i}.attn.v_proj.weight",
                "net/cell_{i}/attention/qkv/bias : split 3 @0 => blocks.{i}.attn.q_proj.bias, "
                        + "blocks.{i}.attn.k_proj.bias, blocks.{i}.attn.v_proj.bias");
        var why = why(plan).get("blocks.{i}.attn.k_proj.weight");
        assertThat(why.shape()).isEqualTo(Reason.Relation.FUSED);
        assertThat(why.notes()).contains(Reason.Note.ORDER, Reason.Note.SIBLINGS);
        assertThat(plan.count(Status.NEEDS_RULE)).isEqualTo(APART.length * 3L);
    }

    @Test
    void a_name_that_says_nothing_holds_what_adds_up_if_it_is_the_only_one() {
        var torch = new String[]{"layers.#.self_attn.in_proj_weight 72 24", "layers.#.self_attn.in_proj_bias 72",
            "layers.#.self_attn.out_proj.weight 24 24", "layers.#.linear1.weight 96 24",
            "layers.#.linear1.bias 96", "layers.#.linear2.weight 24 96"};
        var parts = new ArrayList<>(List.of(APART));
        parts.add("blocks.#.mlp.up_proj.bias 96");
        var plan = plan(listing(torch), listing(parts.toArray(String[]::new)));
        sound(plan);
        assertThat(arrows(plan)).contains(
                "layers.{i}.self_attn.in_proj_weight : split 3 @0 => blocks.{i}.attn.q_proj.weight, "
                        + "blocks.{i}.attn.k_proj.weight, blocks.{i}.attn.v_proj.weight");
        // The bias of 96 is one of a kind, its weight goes with it, and so the other weight is left; squares go as they do.
        assertThat(plan.open()).allMatch(r -> r.status() == Status.NEEDS_RULE);
        // Without it either matrix could be the other one turned, and no square is touched.
        var less = plan(listing(torch), listing(APART));
        assertThat(arrows(less)).noneMatch(a -> a.contains(".weight"));
        // Two that could be it: none is taken.
        var two = plan(listing("layers.#.one 72 24", "layers.#.two 72 24", "layers.#.up.weight 96 24"),
                listing(APART));
        sound(two);
        assertThat(arrows(two)).noneMatch(a -> a.contains("q_proj"));
        assertThat(why(two).get("blocks.{i}.attn.q_proj.weight").open()).isEqualTo(Reason.Open.AMBIGUOUS);
        assertThat(why(two).get("blocks.{i}.attn.q_proj.weight").from()).contains("layers.{i}.one",
                "layers.{i}.two");
    }

    @Test
    void grouped_queries_are_cut_by_their_sizes_and_joined_again() {
        var whole = new String[]{"m.#.wqkv.weight 40 24", "m.#.up.weight 96 24"};
        var parts = new String[]{"n.#.attn.query.weight 24 24", "n.#.attn.key.weight 8 24",
            "n.#.attn.value.weight 8 24", "n.#.up.weight 96 24"};
        var apart = plan(listing(whole), listing(parts));
        sound(apart);
        assertThat(arrows(apart)).contains("m.{i}.wqkv.weight : split [24, 8, 8] @0 => n.{i}.attn.query.weight, "
                + "n.{i}.attn.key.weight, n.{i}.attn.value.weight");
        var together = plan(listing(parts), listing(whole));
        sound(together);
        assertThat(arrows(together)).contains("n.{i}.attn.query.weight, n.{i}.attn.key.weight, "
                + "n.{i}.attn.value.weight : concat @0 => m.{i}.wqkv.weight");
        assertThat(together.count(Status.NEEDS_RULE)).isEqualTo(6);
    }

    @Test
    void square_pieces_wait_for_a_sibling() {
        var plan = plan(listing("m.#.qkv.weight 72 24"), listing("n.#.query.weight 24 24", "n.#.key.weight 24 24",
                "n.#.value.weight 24 24"));
        assertThat(plan.suggestions().rules()).isEmpty();
        assertThat(why(plan).get("n.{i}.key.weight").open()).isEqualTo(Reason.Open.SQUARE);
        var turned = plan(listing("m.#.qkv.weight 72 24", "m.#.up.weight 24 96"),
                listing("n.#.query.weight 24 24", "n.#.key.weight 24 24", "n.#.value.weight 24 24",
                        "n.#.up.weight 96 24"));
        assertThat(arrows(turned)).contains("m.{i}.qkv.weight : rearrange \"o d -> d o\" | split 3 @1 => "
                + "n.{i}.query.weight, n.{i}.key.weight, n.{i}.value.weight");
        sound(turned);
    }

    @Test
    void tensorflow_s_extra_dimension_is_dropped() {
        var plan = plan(listing("net/h#/mix/c_in/w 1 768 2304", "net/h#/mix/c_in/b 2304"),
                listing("body.#.mix.c_in.weight 2304 768", "body.#.mix.c_in.bias 2304"));
        assertThat(arrows(plan)).containsExactly(
                "net/h{i}/mix/c_in/w : rearrange \"1 o d -> d o\" => body.{i}.mix.c_in.weight",
                "net/h{i}/mix/c_in/b => body.{i}.mix.c_in.bias");
    }

    @Test
    void kernels_of_convolutions_keep_height_before_width_and_squares_follow() {
        var plan = plan(listing("net/stem/conv/kernel 3 3 5 16", "net/mid_#/conv/kernel 3 3 16 16"),
                listing("stem.conv.weight 16 5 3 3", "mid.#.conv.weight 16 16 3 3"));
        assertThat(arrows(plan)).containsExactly(
                "net/stem/conv/kernel : rearrange \"o d x y -> y x o d\" => stem.conv.weight",
                "net/mid_{i}/conv/kernel : rearrange \"o d x y -> y x o d\" => mid.{i}.conv.weight");
        var alone = plan(listing("net/mid_#/conv/kernel 3 3 16 16"), listing("mid.#.conv.weight 16 16 3 3"));
        assertThat(arrows(alone)).isEmpty();
        assertThat(why(alone).get("mid.{i}.conv.weight").open()).isEqualTo(Reason.Open.SQUARE);
    }

    @Test
    void layers_in_one_tensor_are_taken_apart_and_put_together() {
        var flax = new String[]{"params/layers/up/kernel 3 24 96", "params/layers/norm/scale 3 24"};
        var torch = new String[]{"layers.#.up.weight 96 24", "layers.#.norm.weight 24"};
        var apart = plan(listing(flax), listing(torch));
        assertThat(arrows(apart)).containsExactly(
                "params/layers/up/kernel : rearrange \"n o d -> n d o\" | unstack @0 => layers.{i}.up.weight",
                "params/layers/norm/scale : unstack @0 => layers.{i}.norm.weight");
        assertThat(apart.count(Status.NEEDS_RULE)).isEqualTo(6);
        var together = plan(listing(torch), listing(flax));
        assertThat(arrows(together)).containsExactly(
                "layers.{i}.up.weight : stack @0 | rearrange \"n o d -> n d o\" => params/layers/up/kernel",
                "layers.{i}.norm.weight : stack @0 => params/layers/norm/scale");
        assertThat(together.count(Status.NEEDS_RULE)).isEqualTo(2);
        assertThat(why(apart).get("layers.{i}.up.weight").shape()).isEqualTo(Reason.Relation.STACKED);
    }

    @Test
    void a_padded_vocabulary_is_named_and_not_made() {
        var plan = plan(listing("net/emb/tokens 64 24", "net/emb/positions 16 24"),
                listing("word_embeddings.weight 61 24", "position_embeddings.weight 16 24"));
        var row = plan.row("word_embeddings.weight").orElseThrow();
        assertThat(row.status()).isEqualTo(Status.MISMATCH);
        assertThat(row.kind()).isEqualTo(Kind.VOCABULARY);
        assertThat(row.sources()).extracting(TensorInfo::name).containsExactly("net/emb/tokens");
        assertThat(why(plan).get("word_embeddings.weight").open()).isEqualTo(Reason.Open.ROWS);
        assertThat(plan.row("position_embeddings.weight").orElseThrow().status()).isEqualTo(Status.NEEDS_RULE);
        var context = plan(listing("wpe.weight 32 24"), listing("position_embeddings.weight 16 24"));
        assertThat(context.row("position_embeddings.weight").orElseThrow().kind()).isEqualTo(Kind.CONTEXT);
    }

    @Test
    void packed_values_are_named_and_not_made() {
        var packed = new ArrayList<TensorInfo>();
        for (int i = 0; i < 3; i++) {
            packed.add(new TensorInfo("m." + i + ".up.weight_packed", DType.U8, Shape.of(96, 12), 96 * 12));
        }
        var plan = plan(packed, listing("n.#.up.weight 96 24"));
        var row = plan.row("n.1.up.weight").orElseThrow();
        assertThat(row.status()).isEqualTo(Status.MISMATCH);
        assertThat(row.kind()).isEqualTo(Kind.QUANTISED);
        assertThat(row.sources()).extracting(TensorInfo::name).containsExactly("m.1.up.weight_packed");
        assertThat(why(plan).get("n.{i}.up.weight").open()).isEqualTo(Reason.Open.PACKED);
        // A float of that shape is no packed one.
        assertThat(plan(listing("m.#.up.weight_packed 96 12"), listing("n.#.up.weight 96 24")).rows().getFirst()
                .kind()).isNotEqualTo(Kind.QUANTISED);
    }

    @Test
    void one_accepted_pair_of_one_layer_speaks_for_all() throws Exception {
        var mine = listing("zig/#/foo/m 8 8", "zig/#/bar/m 8 8");
        var theirs = listing("zag.#.one.matrix 8 8", "zag.#.two.matrix 8 8");
        assertThat(plan(mine, theirs).suggestions().rules()).isEmpty();
        var plan = plan(mine, theirs, "zig/1/foo/m : rearrange \"o d -> d o\" => zag.1.two.matrix");
        assertThat(arrows(plan)).contains(
                "zig/{i}/foo/m : rearrange \"o d -> d o\" => zag.{i}.two.matrix");
        assertThat(why(plan).get("zag.{i}.two.matrix").notes()).containsExactly(Reason.Note.ACCEPTED);
        assertThat(plan.row("zag.1.two.matrix").orElseThrow().status()).isEqualTo(Status.BY_RULE);
        assertThat(plan.row("zag.2.two.matrix").orElseThrow().status()).isEqualTo(Status.NEEDS_RULE);
        assertThat(plan.row("zag.2.two.matrix").orElseThrow().sources()).extracting(TensorInfo::name)
                .containsExactly("zig/2/foo/m");
        // And the one that is left has no rival any more; its way round is the accepted one's.
        assertThat(arrows(plan)).contains("zig/{i}/bar/m : rearrange \"o d -> d o\" => zag.{i}.one.matrix");
    }

    @Test
    void an_accepted_pair_teaches_words_to_its_siblings() throws Exception {
        var mine = listing("net/#/wonk/kernel 8 8", "net/#/wonk/bias 8", "net/#/plim/kernel 8 8", "net/#/plim/bias 8",
                "net/#/krux/bias 8", "net/#/krux/kernel 8 8", "net/#/up/kernel 8 32");
        var theirs = listing("m.#.ash.weight 8 8", "m.#.ash.bias 8", "m.#.birch.weight 8 8", "m.#.birch.bias 8",
                "m.#.cedar.bias 8", "m.#.cedar.weight 8 8", "m.#.up.weight 32 8");
        var before = plan(mine, theirs);
        assertThat(arrows(before)).containsExactly("net/{i}/up/kernel : rearrange \"o d -> d o\" => m.{i}.up.weight");
        var after = plan(mine, theirs, "net/{i}/wonk/kernel : rearrange \"o d -> d o\" => m.{i}.cedar.weight");
        assertThat(arrows(after)).containsExactlyInAnyOrder(
                "net/{i}/up/kernel : rearrange \"o d -> d o\" => m.{i}.up.weight",
                "net/{i}/wonk/bias => m.{i}.cedar.bias");
        assertThat(why(after).get("m.{i}.cedar.bias").notes()).contains(Reason.Note.ACCEPTED);
        var both = plan(mine, theirs, "net/{i}/wonk/kernel : rearrange \"o d -> d o\" => m.{i}.cedar.weight\n"
                + "net/{i}/plim/bias => m.{i}.ash.bias");
        assertThat(arrows(both)).contains("net/{i}/wonk/bias => m.{i}.cedar.bias",
                "net/{i}/plim/kernel : rearrange \"o d -> d o\" => m.{i}.ash.weight",
                "net/{i}/krux/kernel : rearrange \"o d -> d o\" => m.{i}.birch.weight",
                "net/{i}/krux/bias => m.{i}.birch.bias");
        assertThat(both.isComplete()).isFalse();
        assertThat(both.open()).allMatch(r -> r.status() == Status.NEEDS_RULE);
    }

    @Test
    void an_accepted_cut_of_a_weight_is_its_bias_s_too() throws Exception {
        var mine = listing("s.#.mix.weight 48 16", "s.#.mix.bias 48", "s.#.up.weight 64 16");
        var theirs = listing("t.#.one.weight 16 16", "t.#.two.weight 16 16", "t.#.three.weight 16 16",
                "t.#.one.bias 16",
                "t.#.two.bias 16", "t.#.three.bias 16", "t.#.up.weight 64 16");
        assertThat(arrows(plan(mine, theirs))).containsExactly("s.{i}.up.weight => t.{i}.up.weight");
        var after = plan(mine, theirs,
                "s.{i}.mix.weight : split 3 @0 => t.{i}.two.weight, t.{i}.one.weight, t.{i}.three.weight");
        assertThat(arrows(after))
                .contains("s.{i}.mix.bias : split 3 @0 => t.{i}.two.bias, t.{i}.one.bias, t.{i}.three.bias");
        assertThat(after.open()).allMatch(r -> r.status() == Status.NEEDS_RULE);
    }

    @Test
    void twins_are_never_applied_however_many_siblings_are_sure() {
        // Two norms of each layer whose names say nothing of which is which.
        var plan = plan(listing("a.#.up.weight 32 8", "a.#.down.weight 8 32", "a.#.left_norm.weight 8",
                "a.#.right_norm.weight 8"),
                listing("b.#.up.weight 32 8", "b.#.down.weight 8 32",
                        "b.#.pre.weight 8", "b.#.post.weight 8"));
        assertThat(arrows(plan)).containsExactly("a.{i}.up.weight => b.{i}.up.weight",
                "a.{i}.down.weight => b.{i}.down.weight");
        assertThat(why(plan).get("b.{i}.pre.weight").open()).isEqualTo(Reason.Open.AMBIGUOUS);
        assertThat(why(plan).get("b.{i}.post.weight").from()).containsExactlyInAnyOrder("a.{i}.left_norm.weight",
                "a.{i}.right_norm.weight");
    }

    @Test
    void reasons_are_read_back_from_a_rule_file() throws Exception {
        var plan = plan(listing(MINE), listing(THEIRS));
        var json = weft.rule.RuleFile.print(plan.suggestions(), "rules.json");
        var read = weft.rule.RuleFile.read(json.getBytes(java.nio.charset.StandardCharsets.UTF_8), "rules.json");
        assertThat(Reason.of(read.provenance())).isEqualTo(why(plan)).isNotEmpty();
    }
}
