package weft.ui.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Locale;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import weft.ui.model.Session;
import weft.ui.model.Tasks;
import weft.work.HeatMap.Window;
import weft.work.TensorLook.Ref;

class TensorModelTest {
    private static final Path TINY = Path.of("src/test/resources/fixtures/gpt2-tiny/openai-tf");
    private final ArrayDeque<Runnable> later = new ArrayDeque<>();
    private boolean slow;
    private final Session session = new Session(new Tasks(r -> {
        if (slow) {
            later.add(r);
        } else {
            r.run();
        }
    }, Runnable::run), Locale.ENGLISH);
    private final TensorModel model = new TensorModel(session);

    @BeforeEach
    void open() {
        session.open(TINY, "gpt2/scratch-split");
        session.acceptAll();
        model.setActive(true);
    }

    @Test
    void the_selected_row_offers_its_tensor_and_what_rules_make_of_it() {
        session.reveal("trf_blocks.0.att.W_key.weight");
        assertThat(model.choices()).contains(new Ref(false, "model/h0/attn/c_attn/w"),
                new Ref(true, "trf_blocks.0.att.W_key.weight"));
        assertThat(model.shown().get()).isEqualTo(new Ref(false, "model/h0/attn/c_attn/w"));
        assertThat(model.facts().get()).isNotNull();
        assertThat(model.cut().rowAxis()).isEqualTo(1); // [1, 24, 72]
        assertThat(model.window()).isEqualTo(new Window(0, 0, 24, 72));
        model.show(new Ref(true, "trf_blocks.0.att.W_key.weight"));
        assertThat(model.shape().dims()).containsExactly(24, 24);
    }

    @Test
    void the_crosshair_moves_and_the_view_follows() {
        session.reveal("trf_blocks.0.att.W_key.weight");
        model.point(3, 70);
        assertThat(model.spot().get().index()).containsExactly(0, 3, 70);
        model.move(0, 5);
        assertThat(model.spot().get().index()).as("not beyond the edge").containsExactly(0, 3, 71);
        model.zoom(6);
        assertThat(model.window().columns()).isEqualTo(12);
        assertThat(model.heat().get().block()).isEqualTo(1);
        model.move(0, -40);
        var w = model.window();
        assertThat(31).isBetween((int) w.column(), (int) (w.column() + w.columns() - 1));
        model.fit();
        assertThat(model.window()).isEqualTo(new Window(0, 0, 24, 72));
    }

    @Test
    void axes_are_changed_about_and_the_third_takes_an_index() {
        session.reveal("trf_blocks.0.att.W_key.weight");
        model.swapAxes();
        assertThat(model.window()).isEqualTo(new Window(0, 0, 72, 24));
        model.axes(0, 2);
        assertThat(model.window()).isEqualTo(new Window(0, 0, 1, 72));
        model.index(1, 99);
        assertThat(model.cut().index()[1]).isEqualTo(23);
        model.point(0, 7);
        assertThat(model.spot().get().index()).containsExactly(0, 23, 7);
    }

    @Test
    void another_tensor_of_the_same_shape_is_held_beside_it() {
        session.reveal("trf_blocks.0.att.out_proj.weight");
        var other = new Ref(false, "model/h1/attn/c_proj/w");
        assertThat(model.comparable()).contains(other, new Ref(true, "trf_blocks.0.att.W_key.weight"))
                .doesNotContain(model.shown().get());
        model.compare(other);
        assertThat(model.beside().get().found().maxAbs()).isEqualTo(1.9053308963775635);
        model.point(15, 5);
        assertThat(Math.abs(model.spot().get().value())).isEqualTo(1.9053308963775635);
        model.compare(null);
        assertThat(model.beside().get()).isNull();
    }

    @Test
    void numbers_of_a_tensor_seen_before_are_kept() {
        session.reveal("trf_blocks.0.att.out_proj.weight");
        var facts = model.facts().get();
        session.reveal("tok_emb.weight");
        slow = true;
        session.reveal("trf_blocks.0.att.out_proj.weight");
        assertThat(model.facts().get()).isSameAs(facts);
    }

    @Test
    void a_newer_selection_wins_over_what_still_runs() {
        slow = true;
        session.reveal("tok_emb.weight");
        session.reveal("pos_emb.weight");
        while (!later.isEmpty()) {
            later.poll().run();
        }
        assertThat(model.shown().get().name()).isEqualTo("model/wpe");
        assertThat(model.facts().get().statistics().count()).isEqualTo(model.shape().count());
    }

    @Test
    void nobody_looking_reads_nothing() {
        model.setActive(false);
        session.reveal("tok_emb.weight");
        assertThat(model.shown().get()).isNull();
    }
}
