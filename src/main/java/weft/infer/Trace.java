package weft.infer;

import org.ejml.data.FMatrixRMaj;

/**
 * Looks on while a model computes. The matrices are the model's own and are not written again: keep them, don't change
 * them. Nothing is recorded unless somebody asks.
 */
public interface Trace {
    /** Nobody looks. */
    Trace NONE = new Trace() {
    };

    /**
     * A module has run.
     *
     * @param name as in {@link LanguageModel#modules()}: {@code block.0.attn.q}, {@code block.0.mlp}, {@code block.0}
     * @param input [n, in]
     * @param output [n, out]
     */
    default void module(String name, FMatrixRMaj input, FMatrixRMaj output) {
    }

    /** Whether {@link #attention} is wanted; it takes the slower way through the reference kernels. */
    default boolean wantsAttention() {
        return false;
    }

    /** The probabilities of a head, [n, positions]: row r is what the r-th new position looks at; rows add up to 1. */
    default void attention(int layer, int head, FMatrixRMaj probabilities) {
    }
}
