package weft.ui.rules;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;

import org.junit.jupiter.api.Test;

class CompletionTest {
    private static final List<String> SOURCES = Completion.names(List.of("model/h0/ln_1/g", "model/h1/ln_1/g",
            "model/wte"));
    private static final List<String> TARGETS = Completion.names(List.of("tok_emb.weight", "blocks.0.norm1.scale"));

    private static List<String> at(String textWithCaret) {
        int caret = textWithCaret.indexOf('^');
        return Completion.at(textWithCaret.replace("^", ""), caret, SOURCES, TARGETS).map(Completion::words)
                .orElse(List.of());
    }

    @Test
    void left_of_the_arrow_stand_names_of_the_file_with_their_layers_as_captures() {
        assertThat(at("ln^")).containsExactly("model/h{i}/ln_1/g", "model/h0/ln_1/g", "model/h1/ln_1/g");
        assertThat(at("model/w^")).containsExactly("model/wte");
    }

    @Test
    void right_of_it_names_of_the_model() {
        assertThat(at("model/wte => to^")).containsExactly("tok_emb.weight");
        assertThat(at("model/wte => ^")).containsExactly("tok_emb.weight", "blocks.{i}.norm1.scale",
                "blocks.0.norm1.scale").doesNotContain("model/wte");
        assertThat(at("a => x, sc^")).contains("blocks.{i}.norm1.scale");
    }

    @Test
    void between_stand_ops() {
        assertThat(at("model/wte : re^ => tok_emb.weight")).first().asString().startsWith("rearrange");
        assertThat(at("a : split 3 @0 | cas^")).containsExactly("cast float32");
        assertThat(at("a : split 3^")).as("an op's arguments are free").isEmpty();
    }

    @Test
    void a_word_taken_replaces_the_one_at_the_caret() {
        var found = Completion.at("model/wt => x", 8, SOURCES, TARGETS).orElseThrow();
        var taken = found.take("model/wt => x", "model/wte");
        assertThat(taken.text()).isEqualTo("model/wte => x");
        assertThat(taken.caret()).isEqualTo(9);
    }

    @Test
    void a_misspelt_op_is_known() {
        assertThat(Completion.meant("splat")).isEqualTo("split");
        assertThat(Completion.meant("rearange")).isEqualTo("rearrange");
        assertThat(Completion.meant("blocks")).isNull();
    }
}
