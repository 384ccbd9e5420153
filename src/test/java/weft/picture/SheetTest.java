package weft.picture;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What stands under a picture that is taken home. */
class SheetTest {
    private static final double WIDTH = 680;

    @Test
    void no_word_stands_alone_in_the_last_line() {
        var text = "A shape that fits proves nothing about a square. Turn by the convention of the file, never by the error "
                + "message.";
        var lines = Sheet.lines(text, WIDTH);
        assertThat(lines).hasSize(2);
        assertThat(String.join(" ", lines)).isEqualTo(text);
        assertThat(lines.getLast().length()).isGreaterThan(lines.getFirst().length() / 3);
    }

    @Test
    void what_fits_in_a_line_stays_in_it() {
        assertThat(Sheet.lines("Fewer rows: cut at the end.", WIDTH)).hasSize(1);
        assertThat(Sheet.lines("行变少：从末尾截掉，并保留配套的分词器。", WIDTH)).hasSize(1);
    }
}
