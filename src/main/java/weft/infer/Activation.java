package weft.infer;

/** The non-linearity between the two halves of a feed-forward block. */
public enum Activation {
    /** x/2 · (1 + tanh(√(2/π) · (x + 0.044715 x³))): GPT-2's own, {@code gelu_new}. Hendrycks, Gimpel (2016). */
    GELU_TANH,
    /** x/2 · (1 + erf(x/√2)): the exact one, {@code gelu}. */
    GELU_ERF,
    /** x / (1 + e⁻ˣ): also called swish. */
    SILU,
    /** max(0, x). */
    RELU;

    private static final double ROOT_2_OVER_PI = Math.sqrt(2 / Math.PI);

    /** One value, in f64: what every kernel is held against. */
    public double of(double x) {
        return switch (this) {
            case GELU_TANH -> 0.5 * x * (1 + Math.tanh(ROOT_2_OVER_PI * (x + 0.044715 * x * x * x)));
            case GELU_ERF -> 0.5 * x * erfc(-x / Math.sqrt(2));
            case SILU -> x / (1 + Math.exp(-x));
            case RELU -> Math.max(0, x);
        };
    }

    /**
     * The complementary error function 2/√π ∫ₓ^∞ e^(−t²) dt, to about 1e-15 relative to 1: the Maclaurin series of erf
     * for |x| &lt; 2.5, the continued fraction of erfc (Abramowitz, Stegun 7.1.5 and 7.1.14) beyond.
     */
    static double erfc(double x) {
        if (Double.isNaN(x)) { return x; }
        double a = Math.abs(x);
        double tail;
        if (a < 2.5) {
            double term = a;
            double sum = a;
            for (int n = 1; Math.abs(term) > 1e-17 * sum; n++) {
                term *= -a * a / n;
                sum += term / (2 * n + 1);
            }
            tail = 1 - 2 / Math.sqrt(Math.PI) * sum;
        } else {
            double fraction = a;
            for (int n = 60; n > 0; n--) {
                fraction = a + n / 2.0 / fraction;
            }
            tail = Math.exp(-a * a) / (Math.sqrt(Math.PI) * fraction);
        }
        return x < 0 ? 2 - tail : tail;
    }
}
