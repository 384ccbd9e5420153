package weft.token;

import java.util.Arrays;
import java.util.PriorityQueue;

/**
 * Joins neighbours of a text as long as what they spell together is a token, the strongest token first, of equally
 * strong ones the leftmost. This is how tiktoken and SentencePiece merge: by the token that comes out, where GPT-2's
 * files name the pair that goes in ({@link Merges}). A heap of candidates: O(n log n).
 */
final class SpanMerges {
    /** How strong the token {@code text[start, end)} is, 0 the strongest; -1 if there is none. */
    @FunctionalInterface
    interface Ranks {
        int rank(String text, int start, int end);
    }

    private SpanMerges() {
    }

    /**
     * @param ends where each symbol ends; the first begins at 0
     * @param frozen whether a symbol stays as it is
     * @return where each symbol ends after all merges
     */
    static int[] apply(String text, int[] ends, boolean[] frozen, Ranks ranks) {
        int count = ends.length;
        var next = new int[count];
        var previous = new int[count];
        var end = ends.clone();
        var gone = new boolean[count];
        var candidates = new PriorityQueue<Long>();
        for (int i = 0; i < count; i++) {
            next[i] = i + 1;
            previous[i] = i - 1;
        }
        for (int i = 0; i + 1 < count; i++) {
            offer(candidates, rank(text, ends, end, frozen, next, i, ranks), i);
        }
        int left = count;
        for (Long top = candidates.poll(); top != null; top = candidates.poll()) {
            int at = (int) (long) top;
            if (gone[at] || rank(text, ends, end, frozen, next, at, ranks) != (int) (top >>> 32)) {
                continue; // a neighbour has changed since
            }
            int after = next[at];
            end[at] = end[after];
            gone[after] = true;
            next[at] = next[after];
            left--;
            if (next[at] < count) {
                previous[next[at]] = at;
                offer(candidates, rank(text, ends, end, frozen, next, at, ranks), at);
            }
            if (previous[at] >= 0) {
                offer(candidates, rank(text, ends, end, frozen, next, previous[at], ranks), previous[at]);
            }
        }
        var result = new int[left];
        int n = 0;
        for (int i = 0; i < count; i = next[i]) {
            result[n++] = end[i];
        }
        return n == left ? result : Arrays.copyOf(result, n);
    }

    /** The rank of a symbol joined with the one after it. */
    private static int rank(String text, int[] ends, int[] end, boolean[] frozen, int[] next, int at, Ranks ranks) {
        int after = next[at];
        if (after >= end.length || frozen[at] || frozen[after]) { return -1; }
        return ranks.rank(text, at == 0 ? 0 : ends[at - 1], end[after]);
    }

    private static void offer(PriorityQueue<Long> candidates, int rank, int at) {
        if (rank >= 0) {
            candidates.add((long) rank << 32 | at);
        }
    }
}
