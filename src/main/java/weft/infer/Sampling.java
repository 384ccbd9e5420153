package weft.infer;

/**
 * How the next token is chosen.
 *
 * @param temperature 0 takes the likeliest token (greedy); above, logits are divided by it
 * @param topK only the k likeliest tokens may come; 0 for all
 * @param topP of those, the fewest whose probabilities add up to at least p; 1 for all
 * @param repetitionPenalty logits of tokens already in the text are divided by it where positive, multiplied where
 *        negative (Keskar et al., <em>CTRL</em>, 2019, §4.1); 1 for none
 * @param seed of the generator; the same seed gives the same text
 */
public record Sampling(double temperature, int topK, double topP, double repetitionPenalty, long seed) {
    /** The likeliest token, always. */
    public static final Sampling GREEDY = new Sampling(0, 0, 1, 1, 0);

    public Sampling {
        if (!(temperature >= 0) || !Double.isFinite(temperature) || topK < 0 || !(topP > 0 && topP <= 1)
                || !(repetitionPenalty > 0) || !Double.isFinite(repetitionPenalty)) {
            throw new IllegalArgumentException("temperature >= 0, topK >= 0, 0 < topP <= 1, repetitionPenalty > 0");
        }
    }
}
