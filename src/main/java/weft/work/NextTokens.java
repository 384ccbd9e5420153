package weft.work;

import java.util.List;

import weft.io.CheckpointException;

/**
 * What a model would write next.
 *
 * @param likeliest the likeliest first
 * @param bits the entropy of all of them: 0 where it is sure, log₂ of the vocabulary where it has no idea
 */
public record NextTokens(List<Running.Candidate> likeliest, double bits) {
    /** @param ids what stands before, at least one */
    public static NextTokens of(Running running, int[] ids, int count) throws CheckpointException {
        var logits = running.logits(ids);
        return new NextTokens(running.likeliest(logits, count), bits(logits));
    }

    /** Softmax of one id. */
    static double probability(float[] logits, int id) {
        double most = Double.NEGATIVE_INFINITY;
        for (var logit : logits) {
            most = Math.max(most, logit);
        }
        double sum = 0;
        for (var logit : logits) {
            sum += Math.exp(logit - most);
        }
        return Math.exp(logits[id] - most) / sum;
    }

    /** Entropy of the distribution that logits mean, in bits. */
    static double bits(float[] logits) {
        double most = Double.NEGATIVE_INFINITY;
        for (var logit : logits) {
            most = Math.max(most, logit);
        }
        double sum = 0;
        double weighted = 0;
        for (var logit : logits) {
            double weight = Math.exp(logit - most);
            sum += weight;
            weighted += weight == 0 ? 0 : weight * (logit - most);
        }
        return (Math.log(sum) - weighted / sum) / Math.log(2);
    }
}
