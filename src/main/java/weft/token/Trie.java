package weft.token;

import java.util.Arrays;

/** Texts by their characters, for finding all that begin at a place. One open-addressed table of edges. */
final class Trie {
    private long[] edges = new long[1 << 10]; // node and character, plus one: zero is empty
    private int[] targets = new int[1 << 10];
    private int[] values = new int[1 << 8];
    private int nodes = 1;

    Trie() {
        values[0] = -1;
    }

    void put(String text, int value) {
        int node = 0;
        for (int i = 0; i < text.length(); i++) {
            int next = step(node, text.charAt(i));
            node = next >= 0 ? next : grow(node, text.charAt(i));
        }
        values[node] = value;
    }

    /** The node behind a character, or -1. The root is 0. */
    int step(int node, char c) {
        long edge = ((long) node << 16 | c) + 1;
        int mask = edges.length - 1;
        for (int slot = slot(edge, mask);; slot = slot + 1 & mask) {
            if (edges[slot] == edge) { return targets[slot]; }
            if (edges[slot] == 0) { return -1; }
        }
    }

    /** What was put at a node, or -1. */
    int value(int node) {
        return values[node];
    }

    /** What was put under the characters from {@code from} to {@code to}, or -1. */
    int value(String text, int from, int to) {
        int node = 0;
        for (int i = from; i < to && node >= 0; i++) {
            node = step(node, text.charAt(i));
        }
        return node < 0 ? -1 : values[node];
    }

    /** Where the longest text that begins at {@code from} ends, or -1. */
    int longest(String text, int from) {
        int end = -1;
        int node = 0;
        for (int i = from; i < text.length(); i++) {
            node = step(node, text.charAt(i));
            if (node < 0) {
                break;
            }
            end = values[node] >= 0 ? i + 1 : end;
        }
        return end;
    }

    private int grow(int node, char c) {
        if (nodes == values.length) {
            values = Arrays.copyOf(values, 2 * nodes);
        }
        values[nodes] = -1;
        insert(((long) node << 16 | c) + 1, nodes);
        if (2 * nodes > edges.length) {
            var old = edges;
            var oldTargets = targets;
            edges = new long[2 * old.length];
            targets = new int[2 * old.length];
            for (int i = 0; i < old.length; i++) {
                if (old[i] != 0) {
                    insert(old[i], oldTargets[i]);
                }
            }
        }
        return nodes++;
    }

    private void insert(long edge, int target) {
        int mask = edges.length - 1;
        int slot = slot(edge, mask);
        while (edges[slot] != 0) {
            slot = slot + 1 & mask;
        }
        edges[slot] = edge;
        targets[slot] = target;
    }

    private static int slot(long edge, int mask) {
        long mixed = edge * 0x9E3779B97F4A7C15L;
        return (int) (mixed >>> 32) & mask;
    }
}
