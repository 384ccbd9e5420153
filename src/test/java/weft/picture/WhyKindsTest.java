package weft.picture;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import weft.io.Progress;
import weft.plan.Plan;
import weft.plan.Row;
import weft.rule.ArrowText;
import weft.rule.Op;
import weft.rule.Pad;
import weft.rule.RuleSet;
import weft.tensor.TensorData;
import weft.text.Texts;
import weft.work.Guided;
import weft.work.Workspace;

/** Every kind of row has its picture, and the lit cell is the same value in the file and in the model. */
class WhyKindsTest {
    private static final Path FIXTURES = Path.of("src/test/resources/fixtures");
    private static final Texts WORDS = Texts.of(Locale.ENGLISH).with("window");
    private static final double HEIGHT = 276;

    private static Workspace open(String source, String target) throws Exception {
        return Workspace.open(FIXTURES.resolve(source), Progress.NONE).withTarget(target, Progress.NONE).acceptAll();
    }

    private static List<Row> together(Plan plan, String parameter) {
        var row = plan.row(parameter).orElseThrow();
        return plan.rows().stream().filter(r -> row.rule() != null && row.rule().equals(r.rule())
                && r.sources().equals(row.sources())).toList();
    }

    private static Optional<WhyPicture> picture(Workspace workspace, String parameter) {
        var plan = workspace.plan().orElseThrow();
        return WhyPicture.of(together(plan, parameter), plan.sizes(), WORDS,
                new WhyPicture.Formulas("y = x·W", "y = W·x"), HEIGHT);
    }

    private static float value(TensorData data, long[] index) {
        long at = 0;
        for (int axis = 0; axis < index.length; axis++) {
            at = at * data.shape().dim(axis) + index[axis];
        }
        return data.toFloats()[(int) at];
    }

    @ParameterizedTest
    @CsvSource({"gpt2-tiny/openai-tf, gpt2/scratch-split, trf_blocks.1.att.W_key.weight",
        "gpt2-tiny/openai-tf, gpt2/scratch-split, trf_blocks.0.ff.layers.0.weight",
        "gpt2-tiny/openai-tf, gpt2/scratch-split, trf_blocks.0.att.out_proj.weight",
        "gpt2-tiny/openai-tf, gpt2/scratch-split, trf_blocks.0.norm1.scale",
        "gpt2-tiny/openai-tf, gpt2/hf, transformer.h.0.mlp.c_fc.weight",
        "gpt2-tiny/scratch-split, gpt2/hf, transformer.h.1.attn.c_attn.weight",
        "llama-line/llama, llama/meta, layers.0.attention.wq.weight",
        "llama-line/llama-meta, llama/hf, model.layers.1.self_attn.k_proj.weight"})
    void the_lit_cell_is_one_value_at_both_ends(String source, String target, String parameter) throws Exception {
        var workspace = open(source, target);
        var rows = together(workspace.plan().orElseThrow(), parameter);
        var picture = picture(workspace, parameter).orElseThrow();
        var cells = new java.util.ArrayList<>(List.of(picture.resting()));
        for (int i = 0; i < 12; i++) {
            cells.add(picture.moved(cells.getLast(), i % 3 * 5 - 3, i % 5 * 7 - 9));
        }
        for (var cell : cells) {
            var places = picture.places(cell);
            assertThat(places).hasSizeGreaterThan(1).noneMatch(Op.Place::isNowhere);
            var from = places.getFirst();
            var to = places.getLast();
            assertThat(value(workspace.values(rows.getFirst().sources().get(from.tensor()).name()), from.index()))
                    .isEqualTo(value(workspace.targetValues(rows.get(to.tensor()).target().name()), to.index()));
            assertThat(picture.draw(cell).marks()).anyMatch(m -> m instanceof Drawing.Frame);
        }
    }

    @Test
    void rows_that_are_added_or_cut_off_are_hatched_and_have_no_origin() throws Exception {
        var workspace = Guided.resized(
                Workspace.open(FIXTURES.resolve("gpt2-tiny/hf"), Progress.NONE)
                        .withTarget("gpt2/scratch-split,vocab_size=96,context_length=8", Progress.NONE),
                new Pad.Mean());
        var padded = picture(workspace, "tok_emb.weight").orElseThrow();
        var drawing = padded.draw(padded.resting());
        assertThat(drawing.marks().stream().filter(m -> m instanceof Drawing.Stroke s && !s.arrow()).count())
                .as("hatching").isGreaterThan(10);
        var kept = padded.places(padded.resting());
        assertThat(kept.getFirst().index()).isEqualTo(kept.getLast().index());
        var lit = drawing.marks().stream().filter(m -> m instanceof Drawing.Frame).count();
        assertThat(lit).isEqualTo(2);
        var added = new WhyPicture.Cell(1, 90, 3);
        assertThat(padded.places(added).getFirst().isNowhere()).isTrue();
        assertThat(padded.draw(added).marks().stream().filter(m -> m instanceof Drawing.Frame).count()).isEqualTo(1);
        var cut = picture(workspace, "pos_emb.weight").orElseThrow();
        assertThat(cut.places(new WhyPicture.Cell(0, 7, 5)).getLast().index()).containsExactly(7, 5);
        assertThat(cut.places(new WhyPicture.Cell(0, 8, 5)).getLast().isNowhere()).isTrue();
    }

    private static List<String> words(WhyPicture picture) {
        return picture.draw(picture.resting()).marks().stream()
                .flatMap(m -> m instanceof Drawing.Words w ? Stream.of(w.text()) : Stream.empty()).toList();
    }

    /** Rows that are cut are drawn as a step, not as the rows of a head in another order. */
    @Test
    void a_reshape_is_no_order_of_rows() throws Exception {
        var name = "transformer.h.0.attn.c_attn.weight";
        var workspace = Workspace.open(FIXTURES.resolve("gpt2-tiny/hf"), Progress.NONE)
                .withTarget("gpt2/hf-linear", Progress.NONE)
                .withRules(RuleSet.of(List.of(ArrowText.rule(
                        name + " : rearrange \"d (q o) -> (d q) o\" q=3 => " + name))));
        var picture = picture(workspace, name).orElseThrow();
        assertThat(words(picture)).contains("d (q o) → (d q) o").noneMatch(w -> w.contains("head"));
        var rotary = picture(open("llama-line/llama", "llama/meta"), "layers.0.attention.wq.weight").orElseThrow();
        assertThat(words(rotary)).anyMatch(w -> w.contains("head"));
    }

    @Test
    void a_renamed_tensor_is_drawn_with_both_names() throws Exception {
        assertThat(words(picture(open("gpt2-tiny/openai-tf", "gpt2/scratch-split"), "trf_blocks.0.norm1.scale")
                .orElseThrow())).contains("model/h0/ln_1/g", "→ …s.0.norm1.scale");
    }

    @Test
    void what_is_tied_is_one_matrix_with_two_names() throws Exception {
        var workspace = open("gpt2-tiny/openai-tf", "gpt2/scratch-split");
        var plan = workspace.plan().orElseThrow();
        var picture = WhyPicture.tied(plan.row("out_head.weight").orElseThrow(),
                plan.row("tok_emb.weight").orElseThrow(), plan.sizes(), WORDS, new WhyPicture.Formulas(null, null),
                HEIGHT).orElseThrow();
        assertThat(picture.draw(picture.resting()).marks()).filteredOn(m -> m instanceof Drawing.Words)
                .extracting(m -> ((Drawing.Words) m).text()).contains("tok_emb.weight", "out_head.weight");
    }

    @Test
    void a_head_whose_rows_change_order_is_drawn_as_threads() throws Exception {
        var workspace = open("llama-line/llama-meta", "llama/hf");
        var picture = picture(workspace, "model.layers.0.self_attn.q_proj.weight").orElseThrow();
        var threads = picture.draw(picture.resting()).marks().stream()
                .filter(m -> m instanceof Drawing.Path p && p.points().size() == 2).toList();
        assertThat(threads).hasSizeGreaterThanOrEqualTo(4);
        assertThat(threads).as("one stands out").anyMatch(m -> ((Drawing.Path) m).ink() == Drawing.Ink.LIT);
    }
}
