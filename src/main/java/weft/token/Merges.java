package weft.token;

import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;

/**
 * Byte-pair merges: of all neighbours in a word the pair with the lowest rank is joined, the leftmost first, until no
 * pair has a rank. Source: Sennrich, Haddow, Birch, <em>Neural Machine Translation of Rare Words with Subword
 * Units</em> (2016). A heap of candidates keeps a word of n symbols at O(n log n).
 */
final class Merges {
    private record Merge(int rank, int result) {
    }

    private final Map<Long, Merge> merges = new HashMap<>();

    /** The next rule, weaker than all before it; a pair given twice keeps its last rank, as a dictionary would. */
    void add(int rank, int left, int right, int result) {
        merges.put(key(left, right), new Merge(rank, result));
    }

    /** Left and right of every rule, the strongest first. */
    List<int[]> inOrder() {
        return merges.entrySet().stream().sorted(Comparator.comparingInt(e -> e.getValue().rank))
                .map(e -> new int[]{(int) (e.getKey() >>> 32), (int) (long) e.getKey()}).toList();
    }

    /** Joins the first {@code count} symbols as far as the rules go; the array is overwritten. */
    int[] apply(int[] symbols, int count) {
        if (count < 2) { return Arrays.copyOf(symbols, count); }
        // Symbols are a linked list over their places; a symbol merged into its left neighbour is marked -1.
        var next = new int[count];
        var previous = new int[count];
        var candidates = new PriorityQueue<Long>();
        for (int i = 0; i < count; i++) {
            next[i] = i + 1;
            previous[i] = i - 1;
        }
        for (int i = 0; i + 1 < count; i++) {
            offer(candidates, symbols, i, i + 1);
        }
        int left = count;
        for (Long top = candidates.poll(); top != null; top = candidates.poll()) {
            int at = (int) (long) top;
            int after = next[at];
            if (symbols[at] < 0 || after >= count) {
                continue;
            }
            var merge = merges.get(key(symbols[at], symbols[after]));
            if (merge == null || merge.rank != (int) (top >>> 32)) {
                continue; // a neighbour has changed since
            }
            symbols[at] = merge.result;
            symbols[after] = -1;
            next[at] = next[after];
            left--;
            if (next[at] < count) {
                previous[next[at]] = at;
                offer(candidates, symbols, at, next[at]);
            }
            if (previous[at] >= 0) {
                offer(candidates, symbols, previous[at], at);
            }
        }
        var result = new int[left];
        int n = 0;
        for (int i = 0; i < count; i = next[i]) {
            result[n++] = symbols[i];
        }
        return result;
    }

    private void offer(PriorityQueue<Long> candidates, int[] symbols, int left, int right) {
        var merge = merges.get(key(symbols[left], symbols[right]));
        if (merge != null) {
            candidates.add((long) merge.rank << 32 | left);
        }
    }

    private static long key(int left, int right) {
        return (long) left << 32 | right;
    }
}
