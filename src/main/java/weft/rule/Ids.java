package weft.rule;

import java.util.AbstractList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.RandomAccess;

/**
 * Ids, kept as runs that follow each other: a rule file says {@code 0..16777215} in a few letters, and a hundred of such
 * lines must not fill the memory. Never changes.
 */
final class Ids extends AbstractList<Integer> implements RandomAccess {
    /** First id of each run, and where each begins in the list; the last entry is the list's size. */
    private final int[] first;
    private final int[] begins;

    private Ids(int[] first, int[] begins) {
        this.first = first;
        this.begins = begins;
    }

    /** The same ids, as runs. */
    static Ids of(List<Integer> ids) {
        if (ids instanceof Ids same) { return same; }
        var builder = new Builder();
        for (int id : ids) {
            builder.add(id, id);
        }
        return builder.build();
    }

    /** Adds runs one after the other. */
    static final class Builder {
        private int[] first = new int[4];
        private int[] begins = new int[4];
        private int runs;
        private int size;
        private int next;

        int size() {
            return size;
        }

        void add(int from, int to) {
            if (runs == 0 || from != next) {
                if (runs == first.length) {
                    first = Arrays.copyOf(first, 2 * runs);
                    begins = Arrays.copyOf(begins, 2 * runs);
                }
                first[runs] = from;
                begins[runs] = size;
                runs++;
            }
            size = Math.addExact(size, to - from + 1);
            next = to + 1;
        }

        Ids build() {
            var ends = Arrays.copyOf(begins, runs + 1);
            ends[runs] = size;
            return new Ids(Arrays.copyOf(first, runs), ends);
        }
    }

    int runs() {
        return first.length;
    }

    int first(int run) {
        return first[run];
    }

    /** The last id of a run. */
    int last(int run) {
        return first[run] + begins[run + 1] - begins[run] - 1;
    }

    @Override
    public Integer get(int index) {
        Objects.checkIndex(index, size());
        int run = Arrays.binarySearch(begins, 0, first.length, index);
        run = run < 0 ? -run - 2 : run;
        return first[run] + index - begins[run];
    }

    @Override
    public int size() {
        return begins[first.length];
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Ids ids
                ? Arrays.equals(first, ids.first) && Arrays.equals(begins, ids.begins)
                : super.equals(other);
    }

    @Override
    public int hashCode() {
        return super.hashCode();
    }
}
