package weft.infer;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;

/**
 * Chooses tokens. With a temperature T it takes the candidate with the largest logit/T + g, where g is Gumbel noise:
 * that is a draw from softmax(logits/T) (Gumbel, 1954; the <em>Gumbel-max trick</em>), and it needs no running sum
 * over the vocabulary, so last-digit differences between machines matter only where two candidates nearly tie.
 *
 * <p>
 * The noise of candidate {@code id} at step {@code n} is −ln(−ln u), u = (m(s + m(n) + m(¬id)) ≫ 11 + ½) · 2⁻⁵³, where
 * s is the seed and m the 64-bit finaliser of SplitMix64 (Steele, Lea, Flood, <em>Fast Splittable Pseudorandom Number
 * Generators</em>, 2014) applied to its argument times 0x9E3779B97F4A7C15. It depends on nothing else: not on threads,
 * not on which other candidates there are.
 */
public final class Sampler {
    private final Sampling sampling;
    private long step;

    public Sampler(Sampling sampling) {
        this.sampling = sampling;
    }

    /**
     * The next token.
     *
     * @param logits [v]; not changed
     * @param text the ids before it, for the repetition penalty
     * @throws CheckpointException NOT_FINITE if a logit is no finite number
     */
    public int next(float[] logits, int[] text) throws CheckpointException {
        for (int id = 0; id < logits.length; id++) {
            if (!Float.isFinite(logits[id])) {
                throw Problem.of(Code.NOT_FINITE).field("logits[" + id + "]").found(logits[id]).asException();
            }
        }
        var scores = sampling.repetitionPenalty() == 1 ? logits : penalised(logits, text);
        long now = step++;
        if (sampling.temperature() == 0) { return likeliest(scores); }
        int best = -1;
        double bestScore = 0;
        for (int id : candidates(scores)) {
            double score = scores[id] / sampling.temperature() + noise(sampling.seed(), now, id);
            if (best < 0 || score > bestScore) {
                best = id;
                bestScore = score;
            }
        }
        return best;
    }

    /** The largest logit; of equal ones the smallest id. */
    public static int likeliest(float[] logits) {
        int best = 0;
        for (int id = 1; id < logits.length; id++) {
            if (logits[id] > logits[best]) {
                best = id;
            }
        }
        return best;
    }

    /** The ids of the k largest logits, the largest first; of equal ones the smaller id first. */
    public static int[] top(float[] logits, int k) {
        // A full sort of 50257 boxed ids would take longer than a decoding step on a small model.
        int count = Math.min(k, logits.length);
        var sorted = logits.clone();
        Arrays.sort(sorted);
        float least = count == 0 ? Float.POSITIVE_INFINITY : sorted[logits.length - count];
        return IntStream.range(0, logits.length).filter(id -> logits[id] >= least).boxed()
                .sorted(Comparator.<Integer>comparingDouble(id -> -logits[id]).thenComparing(id -> id)).limit(count)
                .mapToInt(id -> id).toArray();
    }

    /** softmax(logits / temperature) in f64. */
    public static double[] probabilities(float[] logits, double temperature) {
        var p = new double[logits.length];
        double largest = Double.NEGATIVE_INFINITY;
        for (var logit : logits) {
            largest = Math.max(largest, logit);
        }
        double sum = 0;
        for (int id = 0; id < p.length; id++) {
            p[id] = Math.exp((logits[id] - largest) / temperature);
            sum += p[id];
        }
        for (int id = 0; id < p.length; id++) {
            p[id] /= sum;
        }
        return p;
    }

    private int[] candidates(float[] scores) {
        int k = sampling.topK() == 0 ? scores.length : Math.min(sampling.topK(), scores.length);
        if (k == scores.length && sampling.topP() == 1) { return IntStream.range(0, k).toArray(); }
        var ids = top(scores, k);
        if (sampling.topP() == 1) { return ids; }
        var kept = new float[ids.length];
        for (int i = 0; i < kept.length; i++) {
            kept[i] = scores[ids[i]];
        }
        var p = probabilities(kept, sampling.temperature());
        double sum = 0;
        int count = 0;
        while (count < p.length && sum < sampling.topP()) {
            sum += p[count++];
        }
        return Arrays.copyOf(ids, count);
    }

    private float[] penalised(float[] logits, int[] text) {
        var scores = logits.clone();
        for (int id : text) {
            // From the logits, not the scores: a token that came twice is penalised once.
            scores[id] = (float) (logits[id] > 0
                    ? logits[id] / sampling.repetitionPenalty()
                    : logits[id] * sampling.repetitionPenalty());
        }
        return scores;
    }

    static double noise(long seed, long step, int id) {
        long bits = mix(seed + mix(step) + mix(~(long) id));
        double u = ((bits >>> 11) + 0.5) * 0x1p-53;
        return -Math.log(-Math.log(u));
    }

    private static long mix(long x) {
        long z = x * 0x9E3779B97F4A7C15L;
        z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
        z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
        return z ^ z >>> 31;
    }
}
