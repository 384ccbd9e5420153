package weft.infer;

/**
 * The distribution that logits mean: p[i] = exp(logits[i] − most) / sum, in f64.
 *
 * @param logits [v]; not copied
 * @param most the largest of them
 * @param sum Σ exp(logits[i] − most)
 */
public record Softmax(float[] logits, double most, double sum) {

    public static Softmax of(float[] logits) {
        double most = Double.NEGATIVE_INFINITY;
        for (var logit : logits) {
            most = Math.max(most, logit);
        }
        double sum = 0;
        for (var logit : logits) {
            sum += Math.exp(logit - most);
        }
        return new Softmax(logits, most, sum);
    }

    public double probability(int id) {
        return Math.exp(logits[id] - most) / sum;
    }

    /** Its entropy in bits. */
    public double bits() {
        double weighted = 0;
        for (var logit : logits) {
            double weight = Math.exp(logit - most);
            weighted += weight == 0 ? 0 : weight * (logit - most);
        }
        return (Math.log(sum) - weighted / sum) / Math.log(2);
    }
}
