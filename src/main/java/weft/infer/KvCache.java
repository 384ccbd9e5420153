package weft.infer;

import java.util.Arrays;

import org.ejml.data.FMatrixRMaj;

/**
 * The keys and values of the positions a model has seen, so that a new token costs one position and not all: two flat
 * arrays a layer, row-major [positions, g·k], grown as positions come. It belongs to one model and one sequence.
 */
public final class KvCache {
    private final int width;
    private final int context;
    private final float[][] keys;
    private final float[][] values;
    private int length;

    /** @param width g·k, floats a position and layer @param context the most positions it can hold */
    KvCache(int layers, int width, int context) {
        this.width = width;
        this.context = context;
        keys = new float[layers][0];
        values = new float[layers][0];
    }

    /** Positions held. */
    public int length() {
        return length;
    }

    /** Positions that can still be added. */
    public int room() {
        return context - length;
    }

    /** Bytes that so many positions take. */
    public long bytes(int positions) {
        return 2L * keys.length * positions * width * Float.BYTES;
    }

    /** Forgets everything. */
    public void clear() {
        length = 0;
    }

    /** Writes k and v [n, g·k] behind the positions held; {@link #advance} makes them count. */
    void append(int layer, FMatrixRMaj k, FMatrixRMaj v) {
        int start = length * width;
        int end = Math.multiplyExact(length + k.numRows, width);
        if (keys[layer].length < end) {
            int capacity = Math.min(Math.max(end, 2 * keys[layer].length), Math.multiplyExact(context, width));
            keys[layer] = Arrays.copyOf(keys[layer], capacity);
            values[layer] = Arrays.copyOf(values[layer], capacity);
        }
        System.arraycopy(k.data, 0, keys[layer], start, end - start);
        System.arraycopy(v.data, 0, values[layer], start, end - start);
    }

    void advance(int positions) {
        length += positions;
    }

    float[] keys(int layer) {
        return keys[layer];
    }

    float[] values(int layer) {
        return values[layer];
    }
}
