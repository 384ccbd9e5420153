package weft.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Names from a file stay names, wherever they are printed. */
class CellsTest {
    @ParameterizedTest
    @CsvSource(quoteCharacter = '~', delimiter = '§', value = {"h.0.attn § h.0.attn", "=1+1 § '=1+1", "+1 § '+1",
        "-1 § '-1",
        "@SUM(A1) § '@SUM(A1)", "=HYPERLINK(\"http://x\",\"a\") § \"'=HYPERLINK(\"\"http://x\"\",\"\"a\"\")\"",
        "a,b § \"a,b\"",
        "a\"b § \"a\"\"b\"", "a;b § \"a;b\""})
    void a_cell_of_csv_is_text_whatever_it_looks_like(String name, String cell) {
        assertThat(Cells.csv(name)).isEqualTo(cell);
    }

    @ParameterizedTest
    @CsvSource({"<script>alert(1)</script>, &lt;script&gt;alert(1)&lt;/script&gt;", "a&b, a&amp;b"})
    void markup_in_a_name_is_shown_and_does_nothing(String name, String html) {
        assertThat(Cells.html(name)).isEqualTo(html);
        assertThat(Cells.html("\"'")).isEqualTo("&quot;&#39;");
        assertThat(Cells.html("a\u202Eb\nc")).isEqualTo("a\\u202eb\\nc");
        assertThat(Cells.code("a|b`c")).isEqualTo("`` a\\|b`c ``");
    }
}
