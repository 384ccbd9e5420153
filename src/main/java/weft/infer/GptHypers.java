package weft.infer;

/**
 * The numbers of a GPT-2 that no shape shows, and those the shapes are checked against.
 *
 * @param layers blocks
 * @param heads attention heads a block; divides the width
 * @param context rows of the position table: the longest sequence
 * @param epsilon what LayerNorm adds to the variance
 */
public record GptHypers(int layers, int heads, int context, double epsilon, Activation activation) {
}
