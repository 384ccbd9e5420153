package weft.infer;

import java.util.Map;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

import org.ejml.data.FMatrixRMaj;

import weft.io.CheckpointException;
import weft.io.Progress;

/** A decoder-only transformer that is ready to run. It holds no state of a sequence: that is the cache's. */
public interface LanguageModel {
    /** The family's identifier: {@code gpt2}, {@code llama}. */
    String family();

    /** v, the rows of the head. */
    int vocabulary();

    /** c, the longest sequence. */
    int context();

    /** d. */
    int width();

    int layers();

    /** An empty cache for one sequence. */
    KvCache cache();

    /**
     * Runs new positions behind those in the cache, which grows by them.
     *
     * @param ids n token ids, at least one
     * @return the hidden states after the final norm, [n, d]
     * @throws CheckpointException BAD_PROMPT for no ids or more than fit, ID_RANGE, CANCELLED, CHANGED
     */
    FMatrixRMaj hidden(int[] ids, KvCache cache, Trace trace, Progress progress) throws CheckpointException;

    /**
     * What the first block gets: a row for each id, from position 0.
     *
     * @return [n, d]
     * @throws CheckpointException as {@link #hidden}
     */
    FMatrixRMaj embed(int[] ids) throws CheckpointException;

    /**
     * The same model with some of its layers read anew; all others are shared.
     *
     * @param weights of all roles
     * @param changed whether a module's weights aren't this model's: {@code block.0.attn.q}, {@code embed.tokens}
     * @throws CheckpointException as loading does
     */
    LanguageModel with(Weights weights, Predicate<String> changed) throws CheckpointException;

    /** Logits [n, v] of hidden states [n, d]. */
    FMatrixRMaj head(FMatrixRMaj hidden) throws CheckpointException;

    /**
     * Every module by name, in the order it runs, as a function on its own: matrix [n, in] to [n, out], positions 0 …
     * n − 1. {@code head} is among them, {@code embed} is not (it takes ids).
     */
    Map<String, UnaryOperator<FMatrixRMaj>> modules();

    /** Logits of all positions of a sequence, [n, v]. */
    default FMatrixRMaj logits(int... ids) throws CheckpointException {
        return head(hidden(ids, cache(), Trace.NONE, Progress.NONE));
    }

    /** Logits of the last position of a sequence, [v]. */
    default float[] lastLogits(int... ids) throws CheckpointException {
        return lastLogits(ids, cache(), Progress.NONE);
    }

    /** Logits of the last of some new positions, [v]; the cache grows by them. */
    default float[] lastLogits(int[] ids, KvCache cache, Progress progress) throws CheckpointException {
        var hidden = hidden(ids, cache, Trace.NONE, progress); // [n, d]
        return head(Matrices.rows(hidden, hidden.numRows - 1, hidden.numRows)).data;
    }
}
