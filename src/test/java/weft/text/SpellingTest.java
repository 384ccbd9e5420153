package weft.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;

import org.junit.jupiter.api.Test;

class SpellingTest {
    private static final List<String> WORDS = List.of("inspect", "diff", "export", "--target", "--to");

    @Test
    void the_nearest_word_is_meant_whatever_its_capitals() {
        assertThat(Spelling.near("insepct", WORDS)).isEqualTo("inspect");
        assertThat(Spelling.near("DIFF", WORDS)).isEqualTo("diff");
        assertThat(Spelling.near("--tagret", WORDS)).isEqualTo("--target");
    }

    @Test
    void another_word_is_not_a_misspelt_one() {
        assertThat(Spelling.near("model", WORDS)).isNull();
        assertThat(Spelling.near("", WORDS)).isNull();
        assertThat(Spelling.near("--quiet", WORDS)).isNull();
    }

    @Test
    void letters_to_change() {
        assertThat(Spelling.distance("kitten", "sitting")).isEqualTo(3);
        assertThat(Spelling.distance("", "abc")).isEqualTo(3);
    }
}
