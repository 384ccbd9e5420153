package weft.work;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import weft.io.CheckpointException;
import weft.io.Progress;
import weft.tensor.TensorData;
import weft.work.HeatMap.Cut;
import weft.work.HeatMap.Window;
import weft.work.TensorLook.Ref;

/** Numbers of NumPy 2 ({@code quantile(method='inverted_cdf')}, {@code linalg.norm}, {@code histogram(bins=5)}) on the same file. */
class TensorLookTest {
    private static final Path TINY = Path.of("src/test/resources/fixtures/gpt2-tiny/hf");
    private static final Ref FUSED = new Ref(false, "transformer.h.0.attn.c_attn.weight"); // [24, 72]
    private static final Ref FIRST = new Ref(false, "transformer.h.0.attn.c_proj.weight"); // [24, 24]
    private static final Ref SECOND = new Ref(false, "transformer.h.1.attn.c_proj.weight");
    private Workspace workspace;

    @BeforeEach
    void open() throws CheckpointException {
        workspace = Workspace.open(TINY, Progress.NONE);
    }

    @Test
    void quantiles_are_numpys() throws CheckpointException {
        var facts = TensorLook.facts(workspace, FUSED, 5, Progress.NONE);
        assertThat(facts.quantiles().values()).containsExactly(-0.8822022676467896, -0.26675117015838623,
                0.015301542356610298, 0.2738707363605499, 0.9220542311668396);
    }

    @Test
    void quantiles_leave_out_what_is_not_finite_and_order_the_negative() throws CheckpointException {
        var values = TensorData.ofFloats(new float[]{3, Float.NaN, -1, -0f, Float.POSITIVE_INFINITY, -2, 0}, 7);
        assertThat(Quantiles.of(values, List.of(0.0, 0.2, 0.4, 0.6, 0.8, 1.0), Progress.NONE).values())
                .containsExactly(-2.0, -2.0, -1.0, 0.0, 0.0, 3.0);
        var nothing = TensorData.ofFloats(new float[]{Float.NaN}, 1);
        assertThat(Quantiles.of(nothing, List.of(0.5), Progress.NONE).values()).containsExactly(Double.NaN);
    }

    @Test
    void two_tensors_are_compared_as_numpy_does() throws CheckpointException {
        var found = TensorLook.compare(workspace, FIRST, SECOND, 5, Progress.NONE);
        assertThat(found.maxAbs()).isEqualTo(1.9053308963775635);
        assertThat(found.maxAt()).containsExactly(15, 5);
        assertThat(found.meanAbs()).isCloseTo(0.48605597291245634, within(1e-12));
        assertThat(found.relative()).isCloseTo(1.4023895240447235, within(1e-12));
        assertThat(found.cosine()).isCloseTo(-0.018129782247387514, within(1e-12));
        assertThat(found.spread().counts()).containsExactly(10L, 109L, 217L, 190L, 50L);
        assertThat(found.spread().from()).isEqualTo(-1.9053308963775635);
        assertThat(found.isSame()).isFalse();
        assertThat(TensorLook.compare(workspace, FIRST, FIRST, 5, Progress.NONE).isSame()).isTrue();
    }

    @Test
    void nan_on_one_side_never_passes_for_equal() throws CheckpointException {
        var a = TensorData.ofFloats(new float[]{1, Float.NaN, Float.NaN}, 3);
        var b = TensorData.ofFloats(new float[]{1, Float.NaN, 2}, 3);
        var found = TensorDifference.of(a, b, 3, Progress.NONE);
        assertThat(found.equal()).isEqualTo(2);
        assertThat(found.nan()).isEqualTo(1);
        assertThat(found.maxAbs()).isNaN();
        assertThat(found.isSame()).isFalse();
    }

    @Test
    void what_rules_make_is_made_once_while_it_is_looked_at() throws CheckpointException {
        var padded = Guided.resized(workspace.withTarget("gpt2/scratch-split,vocab_size=96", Progress.NONE),
                new weft.rule.Pad.Mean());
        var made = new Ref(true, "tok_emb.weight");
        var data = TensorLook.read(padded, made);
        assertThat(data.shape()).hasToString("[96, 24]");
        assertThat(TensorLook.read(padded, made)).isSameAs(data);
        var zeros = Guided.resized(workspace.withTarget("gpt2/scratch-split,vocab_size=96", Progress.NONE),
                new weft.rule.Pad.Zero());
        assertThat(TensorLook.read(zeros, made)).as("other rules make something else").isNotSameAs(data);
        assertThat(TensorLook.value(zeros, made, 95, 0)).isZero();
        assertThat(TensorLook.value(padded, made, 95, 0)).isNotZero();
    }

    @Test
    void other_shapes_are_refused() {
        assertThatThrownBy(() -> TensorLook.compare(workspace, FIRST, FUSED, 5, Progress.NONE))
                .isInstanceOf(CheckpointException.class);
    }

    @Test
    void a_cell_is_the_value_farthest_from_zero_of_its_block() throws CheckpointException {
        var map = TensorLook.slice(workspace, FUSED, null, Cut.of(2), null, 24, Progress.NONE);
        assertThat(map.block()).isEqualTo(3);
        assertThat(map.rows()).isEqualTo(8);
        assertThat(map.columns()).isEqualTo(24);
        assertThat(map.at(0, 0)).isEqualTo(-0.7479256987571716f);
        assertThat(map.at(0, 1)).isEqualTo(0.9351216554641724f);
        assertThat(map.at(7, 23)).isEqualTo(-0.5986483693122864f);
        var turned = TensorLook.slice(workspace, FUSED, null, Cut.of(2).swapped(), null, 24, Progress.NONE);
        assertThat(turned.at(1, 0)).isEqualTo(map.at(0, 1));
        assertThat(turned.at(23, 7)).isEqualTo(map.at(7, 23));
    }

    @Test
    void one_nan_makes_its_cell_nan() throws CheckpointException {
        var data = TensorData.ofFloats(new float[]{1, Float.NaN, 3, 4, 0, 0, 0, -2}, 2, 4);
        var map = HeatMap.of(data, null, Cut.of(2), null, 2, Progress.NONE);
        assertThat(map.cells()).containsExactly(Float.NaN, 4f);
        assertThat(map.limit()).isEqualTo(5); // 4, rounded up to 1, 2 or 5
    }

    @Test
    void a_slice_stands_where_the_index_says() throws CheckpointException {
        var values = new float[24];
        for (int i = 0; i < 24; i++) {
            values[i] = i;
        }
        var data = TensorData.ofFloats(values, 2, 3, 4);
        var map = HeatMap.of(data, null, new Cut(2, 0, new long[]{0, 1, 0}), new Window(1, 0, 2, 2), 10,
                Progress.NONE);
        assertThat(map.cells()).containsExactly(5f, 17f, 6f, 18f); // [column, 1, row]
        var less = HeatMap.of(data, data, new Cut(1, 2, new long[]{1, 0, 0}), null, 10, Progress.NONE);
        assertThat(less.cells()).containsOnly(0f);
    }

    @Test
    void numpy_text_holds_every_digit() throws CheckpointException {
        assertThat(TensorLook.numpy(workspace, FUSED, Cut.of(2), new Window(1, 2, 2, 3))).isEqualTo(
                "np.array([[0.1883991, -0.6874865, -0.533791],\n          [0.05779458, 0.50508827, 0.1566439]], dtype=np.float32)");
        // the shortest digits that read back as the same float32: what numpy prints for these six
        assertThat(Float.parseFloat("0.1883991")).isEqualTo(0.18839910626411438f);
        assertThat(Float.parseFloat("0.50508827")).isEqualTo(0.5050882697105408f);
    }

    @Test
    void what_rules_make_is_looked_into_like_the_file() throws CheckpointException {
        var turned = workspace.withTarget("gpt2/hf-linear", Progress.NONE).acceptAll();
        var made = new Ref(true, FUSED.name());
        assertThat(TensorLook.shape(turned, made).dims()).containsExactly(72, 24);
        assertThat(TensorLook.value(turned, made, 5, 3)).isEqualTo(TensorLook.value(turned, FUSED, 3, 5));
    }
}
