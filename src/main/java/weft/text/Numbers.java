package weft.text;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Locale;

/** Numbers as people read them. */
final class Numbers {
    private static final String[] BYTES = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};

    private Numbers() {
    }

    /** Powers of ten, one decimal from a thousand on. */
    static String bytes(long value) {
        if (value < 1000) { return value + " B"; }
        double scaled = value;
        int unit = 0;
        while (scaled >= 999.95 && unit < BYTES.length - 1) {
            scaled /= 1000;
            unit++;
        }
        return String.format(Locale.ROOT, "%.1f %s", scaled, BYTES[unit]);
    }

    /** Four digits that count, with the language's own large units; what rounds up to the next unit takes it. */
    static String count(long value, boolean chinese) {
        if (chinese) {
            return value >= 99_995_000
                    ? scaled(value, 8) + " 亿"
                    : value >= 10_000
                            ? scaled(value, 4) + " 万"
                            : Long.toString(value);
        }
        return value >= 999_950_000
                ? scaled(value, 9) + " billion"
                : value >= 1_000_000 ? scaled(value, 6) + " million" : String.format(Locale.ROOT, "%,d", value);
    }

    private static String scaled(long value, int zeros) {
        var rounded = new BigDecimal(value).movePointLeft(zeros).round(new MathContext(4, RoundingMode.HALF_EVEN));
        var plain = rounded.stripTrailingZeros();
        return (plain.scale() < 0 ? plain.setScale(0) : plain).toPlainString();
    }

    /** Digits that count; an exponent where a plain number would have many zeros. */
    static String decimal(double value, int digits) {
        if (Double.isNaN(value) || Double.isInfinite(value)) {
            return Double.isNaN(value) ? "NaN" : value > 0 ? "Inf" : "-Inf";
        }
        double size = Math.abs(value);
        if (size != 0 && (size < 1e-3 || size >= 1e7)) {
            return String.format(Locale.ROOT, "%." + (digits - 1) + "e", value);
        }
        int whole = size < 1 ? 1 : (int) Math.floor(Math.log10(size)) + 1;
        return String.format(Locale.ROOT, "%." + Math.max(0, digits - whole) + "f", value);
    }
}
