package weft.ui.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Locale;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import weft.io.Code;
import weft.plan.Status;
import weft.ui.tree.Item;
import weft.ui.tree.Tsv;

class LinkingTest {
    private static final Path TINY = Path.of("src/test/resources/fixtures/gpt2-tiny/openai-tf");
    private final Session session = new Session(new Tasks(Runnable::run, Runnable::run), Locale.ENGLISH);
    private final Linking linking = new Linking(session);

    @BeforeEach
    void open() {
        session.open(TINY, "gpt2/scratch-split");
    }

    private Item line(String parameter) {
        session.reveal(parameter);
        return session.selected().get();
    }

    private long byRule() {
        return session.plan().orElseThrow().count(Status.BY_RULE);
    }

    @Test
    void it_asks_once_and_makes_the_rule_for_all_layers() {
        linking.start(line("trf_blocks.0.att.out_proj.weight"));
        linking.end(line("trf_blocks.0.att.out_proj.weight"));
        assertThat(byRule()).as("nothing happens before the answer").isZero();
        assertThat(linking.proposal().get().layers()).isEqualTo(2);
        linking.acceptAlike();
        assertThat(byRule()).isEqualTo(2);
        assertThat(linking.proposal().get()).isNull();
        session.undo();
        assertThat(byRule()).isZero();
    }

    @Test
    void or_only_for_this_one() {
        linking.start(line("trf_blocks.0.att.out_proj.weight"));
        linking.end(line("trf_blocks.0.att.out_proj.weight"));
        linking.acceptHere();
        assertThat(byRule()).isEqualTo(1);
    }

    @Test
    void where_there_is_one_layer_only_nothing_is_asked() {
        linking.start(line("tok_emb.weight"));
        linking.end(line("tok_emb.weight"));
        assertThat(linking.proposal().get()).isNull();
        assertThat(byRule()).isEqualTo(1);
    }

    @Test
    void what_cannot_be_made_is_told() {
        linking.start(line("tok_emb.weight"));
        linking.end(line("pos_emb.weight"));
        assertThat(session.trouble().get().code()).isEqualTo(Code.E_SHAPE);
        assertThat(byRule()).isZero();
    }

    @Test
    void a_group_is_no_place_for_a_rule_to_begin_or_end_and_says_so() {
        var group = session.items().stream().filter(i -> !i.isRelation()).findFirst().orElseThrow();
        linking.start(group);
        assertThat(linking.started().get()).isNull();
        assertThat(linking.refused().get()).isEqualTo("ask.noSource");
        linking.end(group);
        assertThat(linking.refused().get()).isEqualTo("ask.notStarted");
        linking.start(line("tok_emb.weight"));
        assertThat(linking.refused().get()).isEmpty();
        linking.end(group);
        assertThat(linking.refused().get()).isEqualTo("ask.noTarget");
        assertThat(linking.started().get()).as("another row can be chosen").isNotNull();
        linking.end(line("tok_emb.weight"));
        assertThat(linking.refused().get()).isEmpty();
        assertThat(byRule()).isEqualTo(1);
    }

    @Test
    void the_table_is_text_with_one_parameter_a_line() {
        session.acceptAll();
        var lines = Tsv.of(session.items(), session.texts().get()).lines().toList();
        assertThat(lines).hasSize(1 + session.plan().orElseThrow().rows().size());
        assertThat(lines).allSatisfy(l -> assertThat(l.split("\t", -1)).hasSize(8));
        assertThat(lines).anySatisfy(l -> assertThat(l).startsWith("model/h0/attn/c_attn/w\t[1, 24, 72]\trearrange")
                .contains("split 3 @0\ttrf_blocks.0.att.W_key.weight\t[24, 24]\tBy rule"));
        session.filter().set(Filter.HIDDEN);
        assertThat(Tsv.of(session.items(), session.texts().get()).lines()).hasSize(3);
    }
}
