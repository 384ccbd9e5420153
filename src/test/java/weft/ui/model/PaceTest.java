package weft.ui.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;

import org.junit.jupiter.api.Test;

import weft.text.Texts;

/** Rate and time left, in both languages. */
class PaceTest {
    private static final Texts EN = Texts.of(Locale.ENGLISH).with("window");
    private static final Texts ZH = Texts.of(Locale.SIMPLIFIED_CHINESE).with("window");

    @Test
    void nothing_is_said_before_anybody_can_know() {
        assertThat(Pace.of(0.5, 100, 900_000_000L)).isEmpty();
        assertThat(Pace.of(0.005, 100, 5_000_000_000L)).isEmpty();
        assertThat(Pace.of(-1, 0, 5_000_000_000L)).isEmpty();
        assertThat(Pace.of(Double.NaN, 0, 5_000_000_000L)).isEmpty();
    }

    @Test
    void rate_and_time_left() {
        var quick = Pace.of(0.25, 500_000_000L, 2_000_000_000L).orElseThrow();
        assertThat(quick).isEqualTo(new Pace(25, 250e6, 6));
        assertThat(quick.text(EN, true)).isEqualTo("25 % · " + EN.bytes(250_000_000) + "/s · 6 s left");
        assertThat(quick.text(EN, false)).isEqualTo("25 % · 6 s left");
        assertThat(Pace.of(0.02, 1, 10_000_000_000L).orElseThrow().text(EN, false)).isEqualTo("2 % · 8 min left");
        assertThat(quick.text(ZH, true)).isEqualTo("25 % · 每秒 " + ZH.bytes(250_000_000) + " · 还需 6 秒");
    }
}
