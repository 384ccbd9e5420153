package weft.ui.model;

import java.util.Optional;

import weft.text.Texts;

/**
 * How fast a piece of work goes and how long it still takes.
 *
 * @param percent done
 * @param perSecond units done in a second
 * @param seconds still to go, at least one
 */
public record Pace(long percent, double perSecond, long seconds) {
    /** Before that nobody can know. */
    private static final long SURE = 1_000_000_000L;

    /**
     * Empty as long as nobody can tell.
     *
     * @param fraction from 0 to 1
     * @param done units done
     * @param nanos since it began
     */
    public static Optional<Pace> of(double fraction, long done, long nanos) {
        if (!(fraction > 0.01) || nanos < SURE) { return Optional.empty(); }
        double seconds = nanos / 1e9;
        return Optional.of(new Pace(Math.round(fraction * 100), done / seconds,
                Math.max(1, Math.round(seconds * (1 - fraction) / fraction))));
    }

    /** @param bytes whether the units are bytes: other rates say nothing to people */
    public String text(Texts texts, boolean bytes) {
        return texts.get("status.left", "percent", percent, "rate",
                bytes ? texts.bytes(Math.round(perSecond)) : null, "time", seconds < 100
                        ? texts.get("status.seconds", "n", seconds)
                        : texts.get("status.minutes", "n", Math.round(seconds / 60.0)));
    }
}
