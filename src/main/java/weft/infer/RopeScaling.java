package weft.infer;

import java.util.List;

/** How a model's rotary frequencies were stretched so that it could read longer texts than it was first trained on. */
public sealed interface RopeScaling {
    /** Nothing was stretched. */
    RopeScaling NONE = new Linear(1);

    /**
     * The frequencies a model runs with.
     *
     * @param plain base^(−2j/k) for j = 0 … k/2 − 1, in radians a position
     */
    double[] frequencies(double[] plain, double base);

    /** What the cosines and sines are multiplied with. */
    default double magnitude() {
        return 1;
    }

    /** All positions divided by a factor. Chen et al., <em>Extending Context Window via Positional Interpolation</em> (2023). */
    record Linear(double factor) implements RopeScaling {
        @Override
        public double[] frequencies(double[] plain, double base) {
            var scaled = plain.clone();
            for (int j = 0; j < scaled.length; j++) {
                scaled[j] /= factor;
            }
            return scaled;
        }
    }

    /**
     * Llama 3.1's: wavelengths longer than original/low are divided, shorter than original/high are kept, those between
     * mixed. Source: Meta's {@code llama-models}, {@code apply_scaling}.
     *
     * @param original the context the model was first trained on
     */
    record Llama3(double factor, double low, double high, int original) implements RopeScaling {
        @Override
        public double[] frequencies(double[] plain, double base) {
            var scaled = plain.clone();
            for (int j = 0; j < scaled.length; j++) {
                double turns = original * plain[j] / (2 * Math.PI); // over the original context
                double keep = Math.clamp((turns - low) / (high - low), 0, 1);
                scaled[j] = (1 - keep) * plain[j] / factor + keep * plain[j];
            }
            return scaled;
        }
    }

    /** Each frequency divided by a number of its own, as GGUF stores Llama 3.1's ({@code rope_freqs}). */
    record Divided(List<Float> by) implements RopeScaling {
        @Override
        public double[] frequencies(double[] plain, double base) {
            var scaled = plain.clone();
            for (int j = 0; j < scaled.length; j++) {
                scaled[j] /= by.get(j);
            }
            return scaled;
        }
    }

    /**
     * YaRN: channels that turn more than {@code fast} times over the original context are kept, those that turn less
     * than {@code slow} times are divided, a ramp over the channels between. Peng et al., <em>YaRN</em> (2023), §3.
     *
     * @param magnitude what cosines and sines are multiplied with; {@link #magnitude(double)} is the paper's
     */
    record Yarn(double factor, double fast, double slow, int original, double magnitude) implements RopeScaling {
        /** 0.1 ln factor + 1. */
        public static double magnitude(double factor) {
            return factor <= 1 ? 1 : 0.1 * Math.log(factor) + 1;
        }

        @Override
        public double[] frequencies(double[] plain, double base) {
            double first = Math.max(0, Math.floor(channel(fast, plain.length, base)));
            double last = Math.min(2.0 * plain.length - 1, Math.ceil(channel(slow, plain.length, base)));
            double width = first == last ? 0.001 : last - first;
            var scaled = plain.clone();
            for (int j = 0; j < scaled.length; j++) {
                double divide = Math.clamp((j - first) / width, 0, 1);
                scaled[j] = divide * plain[j] / factor + (1 - divide) * plain[j];
            }
            return scaled;
        }

        /** The channel that turns so many times over the original context. */
        private double channel(double turns, int half, double base) {
            return half * Math.log(original / (turns * 2 * Math.PI)) / Math.log(base);
        }
    }
}
