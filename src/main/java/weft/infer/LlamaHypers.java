package weft.infer;

import java.util.List;

/**
 * The numbers of a model of the Llama line that no shape shows.
 *
 * @param layers blocks
 * @param heads h, query heads a block
 * @param groups g, key and value heads a block; divides the heads
 * @param context the longest sequence it should be given
 * @param epsilon what RMSNorm adds to the mean square
 * @param ropeBase θ of the rotary frequencies
 * @param windows for each layer how many positions a query sees, itself included, 0 for all; empty if all see all
 * @param activation of the gate: {@link Activation#SILU}
 */
public record LlamaHypers(int layers, int heads, int groups, int context, double epsilon, double ropeBase,
        RopeScaling ropeScaling, List<Integer> windows, Activation activation) {
    public LlamaHypers {
        windows = List.copyOf(windows);
    }
}
