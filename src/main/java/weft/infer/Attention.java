package weft.infer;

/**
 * The shape of an attention layer.
 *
 * @param heads h, query heads
 * @param groups g, key and value heads; g divides h, and g = h unless queries are grouped
 * @param headSize k
 * @param window how many positions a query sees, itself included; {@link Integer#MAX_VALUE} for all before it
 * @param scale what scores are multiplied with: 1/√k
 */
public record Attention(int heads, int groups, int headSize, int window, float scale) {
    /** The first position that the query at {@code position} sees. */
    int firstSeen(int position) {
        return Math.max(0, position - window + 1);
    }

    /** Where the keys of a head stand in a row of the cache. */
    int groupOffset(int head) {
        return head / (heads / groups) * headSize;
    }
}
