package weft.ui.tree;

import java.util.Locale;

/** A number of elements in as little room as a column or a title has: {@code 7.1 M}, {@code 709 万}. */
public final class Amount {
    private Amount() {
    }

    public static String of(long elements, boolean chinese) {
        if (elements < 10_000) { return String.format(Locale.ROOT, "%,d", elements); }
        if (chinese) { return elements < 100_000_000 ? plain(elements / 1e4) + " 万" : plain(elements / 1e8) + " 亿"; }
        return elements < 1_000_000
                ? plain(elements / 1e3) + " k"
                : elements < 1_000_000_000 ? plain(elements / 1e6) + " M" : plain(elements / 1e9) + " B";
    }

    private static String plain(double value) {
        return String.format(Locale.ROOT, value < 100 ? "%.1f" : "%.0f", value);
    }
}
