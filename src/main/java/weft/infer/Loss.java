package weft.infer;

import java.util.Arrays;

import org.ejml.data.FMatrixRMaj;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Progress;

/**
 * How well a model predicts a text: the cross-entropy of each id given those before it, in nat.
 *
 * @param mean over all predicted ids, nat/token
 * @param each −ln p of every id but the first, in order
 */
public record Loss(double mean, double[] each) {
    /** Positions whose logits are held at once. */
    private static final int ROWS = 32;

    /** e to the mean. */
    public double perplexity() {
        return Math.exp(mean);
    }

    /** Ids predicted. */
    public int tokens() {
        return each.length;
    }

    /**
     * Every id but the first is predicted once, in windows of the context: ids[s … s + c] with s = 0, c, 2c, …, each
     * window from position 0 with nothing of the one before, as the textbook's data loader cuts them.
     *
     * @throws CheckpointException BAD_PROMPT for fewer than two ids, ID_RANGE, NOT_FINITE, CANCELLED
     */
    public static Loss of(LanguageModel model, int[] ids, Progress progress) throws CheckpointException {
        if (ids.length < 2) { throw Loader.bad(Code.BAD_PROMPT, "ids", ids.length, ">= 2"); }
        Prompts.range(ids, model.vocabulary());
        var each = new double[ids.length - 1];
        int context = model.context();
        for (int start = 0; start < each.length; start += context) {
            int count = Math.min(context, each.length - start);
            var window = Arrays.copyOfRange(ids, start, start + count);
            var hidden = model.hidden(window, model.cache(), Trace.NONE, progress); // [n, d]
            of(model, hidden, ids, start, each, progress);
            progress.at(start + count, each.length);
        }
        return new Loss(mean(each), each);
    }

    /**
     * Fills in −ln p of the ids of one window.
     *
     * @param hidden [n, d], of ids[start … start + n − 1]
     */
    static void of(LanguageModel model, FMatrixRMaj hidden, int[] ids, int start, double[] each, Progress progress)
            throws CheckpointException {
        int count = hidden.numRows;
        for (int from = 0; from < count; from += ROWS) {
            progress.check();
            int to = Math.min(count, from + ROWS);
            var logits = model.head(Matrices.rows(hidden, from, to)); // [rows, v]
            for (int row = from; row < to; row++) {
                each[start + row] = negativeLogProbability(logits, row - from, ids[start + row + 1]);
            }
        }
    }

    static double mean(double[] each) throws CheckpointException {
        double sum = 0;
        for (int i = 0; i < each.length; i++) {
            if (!Double.isFinite(each[i])) { throw Loader.bad(Code.NOT_FINITE, "loss[" + i + "]", each[i], "finite"); }
            sum += each[i];
        }
        return sum / each.length;
    }

    /** ln Σ e^logit − logit of the id, in f64. */
    private static double negativeLogProbability(FMatrixRMaj logits, int row, int id) {
        int start = row * logits.numCols;
        int end = start + logits.numCols;
        double largest = Double.NEGATIVE_INFINITY;
        for (int i = start; i < end; i++) {
            largest = Math.max(largest, logits.data[i]);
        }
        double sum = 0;
        for (int i = start; i < end; i++) {
            sum += Math.exp(logits.data[i] - largest);
        }
        return largest + Math.log(sum) - logits.data[start + id];
    }
}
