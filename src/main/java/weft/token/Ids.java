package weft.token;

import java.util.Arrays;

/** A growing row of ids. */
final class Ids {
    private int[] ids = new int[64];
    private int count;

    void add(int... more) {
        if (count + more.length > ids.length) {
            ids = Arrays.copyOf(ids, Math.max(2 * ids.length, count + more.length));
        }
        System.arraycopy(more, 0, ids, count, more.length);
        count += more.length;
    }

    int[] toArray() {
        return Arrays.copyOf(ids, count);
    }
}
