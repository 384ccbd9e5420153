package weft.infer;

import static weft.infer.Lanes.PANEL;
import static weft.infer.Lanes.SIDE;
import static weft.infer.Lanes.TILE;
import static weft.infer.Lanes.VL;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntConsumer;

import org.ejml.data.FMatrixRMaj;
import org.jspecify.annotations.Nullable;

import weft.tensor.BlockData;
import weft.tensor.DType;
import weft.tensor.TensorData;

/**
 * The products on vector registers and all cores, straight on the mapped weights: no copy, and a file that stores
 * [in, out] runs as fast as one that stores [out, in]. Few rows of x (a decoding step) walk the weights once as they
 * lie; many rows (a prompt) go through packed panels that stay in the cache.
 */
final class VectorKernels implements Kernels {
    /** Rows of x from which packing pays. */
    private static final int MANY = 5;
    /** Multiplications below which a second thread gains nothing: about 50 µs of work. */
    private static final long SMALL = 1 << 19;
    /** Outputs one part adds up at a time: 16 KB of sums stay in the first-level cache. */
    private static final int STRIP = 4096;
    /** Parts that a product over [in, out] is cut into, at least: some for each thread, the same on every machine. */
    private static final int SHARES = 8;

    /** Floats of packed weights a part holds: half of a second-level cache of 2 MB. */
    private static final int PACKED = 1 << 18;

    private final Workers workers;

    VectorKernels(int threads) {
        workers = new Workers(threads);
    }

    /**
     * A weight W [out, in] as lines that lie without gaps in memory: its rows, or its columns. Blocks of a kind the lanes
     * know are read where the file has them, row by row.
     *
     * @param segment what the lines stand in
     * @param start byte of the first line
     * @param pitch bytes from line to line
     * @param blocks what the values lie in, or null where they stand there as they are
     */
    private record Lines(MemorySegment segment, DType type, int out, int in, boolean rows, long start, long pitch,
            @Nullable BlockData blocks) {
        static Lines of(TensorData weight) {
            int out = (int) weight.shape().dim(0);
            int in = (int) weight.shape().dim(1);
            boolean rows = weight.stride(1) == 1 || in == 1;
            var blocks = weight.blocks().filter(b -> b.kind() != BlockData.Kind.OTHER).orElse(null);
            if (rows && blocks != null) {
                long first = weight.offset() / DType.F32.bytes();
                long step = weight.stride(0);
                if (first % blocks.size() == 0 && step % blocks.size() == 0 && in % blocks.size() == 0) {
                    return new Lines(blocks.blocks(), DType.F32, out, in, true, first / blocks.size() * blocks.bytes(),
                            step / blocks.size() * blocks.bytes(), blocks);
                }
            }
            if (!rows && weight.stride(0) != 1) { return of(weight.contiguous()); }
            return new Lines(weight.segment(), weight.dtype(), out, in, rows, weight.offset(),
                    weight.stride(rows ? 0 : 1) * weight.dtype().bytes(), null);
        }

        /** Whether a line's values can be used as they stand there. */
        boolean plain() {
            return type == DType.F32 && blocks == null;
        }

        /** The byte at which element {@code at} of a line stands; of blocks, at which it begins. */
        long place(int line, int at) {
            return start + line * pitch + (long) at * type.bytes();
        }

        /** Some values of a line as f32; of blocks, a whole line. */
        void decode(int line, int at, MemorySegment target, long to, int count) {
            if (blocks == null) {
                Lanes.decode(type, segment, place(line, at), target, to, count);
            } else {
                Lanes.decode(blocks.kind(), segment, start + line * pitch, target, to, count);
            }
        }
    }

    /** What a thread needs beside its results; grown as needed and kept. */
    private static final class Scratch {
        private static final ThreadLocal<Scratch> OF_THREAD = ThreadLocal.withInitial(Scratch::new);
        final float[] sums = new float[SIDE * VL];
        final float[] tile = new float[TILE * PANEL];
        float[] panel = {};
        float[] lines = {};
        float[] scores = {};
        MemorySegment decoded = MemorySegment.NULL;

        static Scratch get() {
            return OF_THREAD.get();
        }

        float[] panel(int size) {
            return panel = panel.length < size ? new float[size] : panel;
        }

        float[] lines(int size) {
            return lines = lines.length < size ? new float[size] : lines;
        }

        float[] scores(int size) {
            return scores = scores.length < size ? new float[size] : scores;
        }

        MemorySegment decoded(long floats) {
            return decoded = decoded.byteSize() < 4 * floats ? Arena.ofAuto().allocate(4 * floats, 64) : decoded;
        }
    }

    @Override
    public FMatrixRMaj linear(TensorData weight, float @Nullable [] bias, FMatrixRMaj x) {
        var w = Lines.of(weight);
        int n = x.numRows;
        int out = w.out();
        var y = new FMatrixRMaj(n, out); // [n, out]
        if (n < MANY && !w.rows) {
            byColumns(w, bias, x, y);
            return y;
        }
        int unit = n >= MANY ? PANEL : SIDE;
        int limit = n >= MANY ? Math.max(PANEL, PACKED / w.in() / PANEL * PANEL) : out;
        int width = partWidth(out, unit, (long) n * out * w.in(), limit);
        workers.run(ceil(out, width), part -> {
            int from = part * width;
            int to = Math.min(out, from + width);
            var scratch = Scratch.get();
            if (n >= MANY) {
                packed(w, bias, x, y, from, to, scratch);
            } else {
                byRows(w, bias, x, y, from, to, scratch);
            }
        });
        return y;
    }

    /** How many outputs make a part: a few parts a thread, whole units, one part if there is little to do. */
    private int partWidth(int out, int unit, long work, int limit) {
        int parts = work < SMALL ? 1 : 3 * workers.count();
        int width = Math.min(limit, ceil(out, parts));
        return ceil(width, unit) * unit;
    }

    private static int ceil(int a, int b) {
        return (a + b - 1) / b;
    }

    /** Outputs from … to − 1 where W is stored [out, in]: dot products of its rows. */
    private static void byRows(Lines w, float @Nullable [] bias, FMatrixRMaj x, FMatrixRMaj y, int from, int to,
            Scratch scratch) {
        int in = w.in();
        int out = w.out();
        boolean plain = w.plain();
        var segment = plain ? w.segment() : scratch.decoded((long) SIDE * in);
        long pitch = plain ? w.pitch() : 4L * in;
        for (int o = from; o < to; o += SIDE) {
            int rows = Math.min(SIDE, to - o);
            if (!plain) {
                for (int r = 0; r < rows; r++) {
                    w.decode(o + r, 0, segment, r * pitch, in);
                }
            }
            long place = plain ? w.place(o, 0) : 0;
            for (int row = 0; row < x.numRows; row++) {
                int at = row * out + o;
                if (rows == SIDE) {
                    Lanes.dot8(segment, place, pitch, x.data, row * in, in, y.data, at, scratch.sums);
                } else {
                    for (int r = 0; r < rows; r++) {
                        y.data[at + r] = Lanes.dot(segment, place + r * pitch, x.data, row * in, in, scratch.sums);
                    }
                }
                for (int r = 0; bias != null && r < rows; r++) {
                    y.data[at + r] += bias[o + r];
                }
            }
        }
    }

    /**
     * A product where W is stored [in, out]: its lines, scaled and added up. A part takes whole pieces of STRIP outputs
     * from some of the lines, for memory is read fastest in long runs; where W is narrow its lines are shared out among
     * parts of their own sums, added in their order. How many depends on the shape alone, and so do the bits of y.
     */
    private void byColumns(Lines w, float @Nullable [] bias, FMatrixRMaj x, FMatrixRMaj y) {
        int in = w.in();
        int out = w.out();
        int n = x.numRows;
        int strips = ceil(out, STRIP);
        int shares = (long) in * out < SMALL ? 1 : Math.max(1, Math.min(ceil(SHARES, strips), in / (2 * SIDE)));
        int depth = ceil(ceil(in, shares), SIDE) * SIDE;
        int used = ceil(in, depth);
        var sums = used == 1 ? y.data : Scratch.get().lines(Math.multiplyExact(used, n * out)); // [used, n, out]
        workers.run(used * strips, part -> {
            int share = part / strips;
            int from = part % strips * STRIP;
            int to = Math.min(out, from + STRIP);
            for (int row = 0; row < n; row++) {
                int start = (share * n + row) * out;
                if (share == 0 && bias != null) {
                    System.arraycopy(bias, from, sums, start + from, to - from);
                } else {
                    java.util.Arrays.fill(sums, start + from, start + to, 0);
                }
            }
            addLines(w, x, sums, share * n * out, share * depth, Math.min(in, (share + 1) * depth), from, to);
        });
        if (used > 1) {
            System.arraycopy(sums, 0, y.data, 0, n * out);
            for (int share = 1; share < used; share++) {
                Lanes.add(sums, share * n * out, y.data, n * out);
            }
        }
    }

    /** sums [n, out] += x · lines first … end − 1 of W [in, out], for the outputs from … to − 1. */
    private static void addLines(Lines w, FMatrixRMaj x, float[] sums, int start, int first, int end, int from,
            int to) {
        int in = w.in();
        int out = w.out();
        int width = to - from;
        boolean plain = w.plain();
        var segment = plain ? w.segment() : Scratch.get().decoded((long) SIDE * width);
        long pitch = plain ? w.pitch() : 4L * width;
        for (int i = first; i < end; i += SIDE) {
            int lines = Math.min(SIDE, end - i);
            if (!plain) {
                for (int r = 0; r < lines; r++) {
                    w.decode(i + r, from, segment, r * pitch, width);
                }
            }
            long place = plain ? w.place(i, from) : 0;
            for (int row = 0; row < x.numRows; row++) {
                int at = start + row * out + from;
                if (lines == SIDE) {
                    Lanes.axpy8(segment, place, pitch, x.data, row * in + i, sums, at, width);
                } else {
                    for (int r = 0; r < lines; r++) {
                        Lanes.axpy(segment, place + r * pitch, x.data[row * in + i + r], sums, at, width);
                    }
                }
            }
        }
    }

    /** Outputs from … to − 1 for many rows of x: the part of W as panels, against tiles of six rows. */
    private static void packed(Lines w, float @Nullable [] bias, FMatrixRMaj x, FMatrixRMaj y, int from, int to,
            Scratch scratch) {
        int in = w.in();
        var panels = pack(w, from, to, scratch);
        for (int row = 0; row < x.numRows; row += TILE) {
            int rows = Math.min(TILE, x.numRows - row);
            for (int o = from; o < to; o += PANEL) {
                int columns = Math.min(PANEL, to - o);
                product(x.data, row * in, in, rows, panels, (o - from) * in, in, y.data, row * y.numCols + o, y.numCols,
                        columns, scratch.tile);
            }
            for (int r = row; bias != null && r < row + rows; r++) { // while they are still in the cache
                int start = r * y.numCols;
                for (int o = from; o < to; o++) {
                    y.data[start + o] += bias[o];
                }
            }
        }
    }

    /** Rows from … to − 1 of W [out, in] as panels [in, PANEL], one after the other; lines are read as they lie. */
    private static float[] pack(Lines w, int from, int to, Scratch scratch) {
        int in = w.in();
        var panels = scratch.panel(Math.multiplyExact(in, ceil(to - from, PANEL) * PANEL));
        boolean plain = w.plain();
        int size = w.rows ? in : to - from;
        var segment = plain ? w.segment() : scratch.decoded(size);
        var lines = w.rows ? scratch.lines(Math.multiplyExact(PANEL, in)) : panels;
        int first = w.rows ? from : 0;
        int end = w.rows ? to : in;
        for (int line = first; line < end; line++) {
            long place = plain ? w.place(line, w.rows ? 0 : from) : 0;
            if (!plain) {
                w.decode(line, w.rows ? 0 : from, segment, 0, size);
            }
            if (w.rows) {
                int column = (line - from) % PANEL;
                MemorySegment.copy(segment, Lanes.FLOAT, place, lines, column * in, in);
                if (column == PANEL - 1 || line == end - 1) {
                    Lanes.transpose(lines, 0, in, column + 1, in, panels, (line - from - column) * in);
                }
            } else {
                for (int o = 0; o < size; o += PANEL) {
                    MemorySegment.copy(segment, Lanes.FLOAT, place + 4L * o, panels, o * in + line * PANEL,
                            Math.min(PANEL, size - o));
                }
            }
        }
        return panels;
    }

    /**
     * C = A B for one panel of B.
     *
     * @param a [rows, count], row-major with a pitch, from {@code aStart} on
     * @param panel [count, PANEL] from {@code p} on
     * @param c [rows, columns], row-major with a pitch, from {@code cStart} on
     */
    private static void product(float[] a, int aStart, int aPitch, int rows, float[] panel, int p, int count, float[] c,
            int cStart, int cPitch, int columns, float[] tile) {
        for (int row = 0; row < rows; row += TILE) {
            // The last tile repeats its last row rather than having a smaller form.
            int last = Math.min(rows - 1, row + TILE - 1);
            int a0 = aStart + row * aPitch;
            int a1 = aStart + Math.min(last, row + 1) * aPitch;
            int a2 = aStart + Math.min(last, row + 2) * aPitch;
            int a3 = aStart + Math.min(last, row + 3) * aPitch;
            int a4 = aStart + Math.min(last, row + 4) * aPitch;
            int a5 = aStart + Math.min(last, row + 5) * aPitch;
            Lanes.tile(a, a0, a1, a2, a3, a4, a5, panel, p, count, tile);
            for (int r = row; r <= last; r++) {
                System.arraycopy(tile, (r - row) * PANEL, c, cStart + r * cPitch, columns);
            }
        }
    }

    @Override
    public FMatrixRMaj attend(Attention shape, FMatrixRMaj q, float[] keys, float[] values, int length) {
        var mixed = new FMatrixRMaj(q.numRows, q.numCols); // [n, h·k]
        boolean small = (long) q.numRows * length * q.numCols < SMALL;
        int parts = small ? 1 : Math.min(shape.heads(), 3 * workers.count());
        workers.run(parts, part -> {
            var scratch = Scratch.get();
            for (int head = part; head < shape.heads(); head += parts) {
                if (q.numRows >= MANY) {
                    manyQueries(shape, head, q, keys, values, length, mixed, scratch);
                } else {
                    fewQueries(shape, head, q, keys, values, length, mixed, scratch);
                }
            }
        });
        return mixed;
    }

    /** One head, query by query: dot products with the keys, then the values scaled and added up. */
    private static void fewQueries(Attention shape, int head, FMatrixRMaj q, float[] keys, float[] values, int length,
            FMatrixRMaj mixed, Scratch scratch) {
        int k = shape.headSize();
        int pitch = shape.groups() * k;
        int group = shape.groupOffset(head);
        var scores = scratch.scores(length);
        for (int row = 0; row < q.numRows; row++) {
            int last = length - q.numRows + row;
            int first = shape.firstSeen(last);
            int at = row * q.numCols + head * k;
            for (int t = first; t <= last; t++) {
                scores[t] = shape.scale() * Lanes.dot(q.data, at, keys, t * pitch + group, k, scratch.sums);
            }
            softmax(scores, first, last + 1, scratch.sums);
            for (int t = first; t <= last; t++) {
                Lanes.axpy(values, t * pitch + group, scores[t], mixed.data, at, k);
            }
        }
    }

    /** One head with many queries: the same products as {@link #packed}, a few dozen queries at a time. */
    private static void manyQueries(Attention shape, int head, FMatrixRMaj q, float[] keys, float[] values, int length,
            FMatrixRMaj mixed, Scratch scratch) {
        int block = 8 * TILE;
        int k = shape.headSize();
        int pitch = shape.groups() * k;
        int group = shape.groupOffset(head);
        int keyPanels = ceil(length, PANEL);
        int valuePanels = ceil(k, PANEL);
        int size = k * PANEL;
        // Keys as panels [k, PANEL positions], then values as panels [length, PANEL columns].
        var panels = scratch.panel(Math.addExact(keyPanels * size, Math.multiplyExact(valuePanels * PANEL, length)));
        for (int panel = 0; panel < keyPanels; panel++) {
            int t = panel * PANEL;
            Lanes.transpose(keys, t * pitch + group, pitch, Math.min(PANEL, length - t), k, panels, panel * size);
        }
        int valueStart = keyPanels * size;
        for (int panel = 0; panel < valuePanels; panel++) {
            int columns = Math.min(PANEL, k - panel * PANEL);
            for (int t = 0; t < length; t++) {
                int to = valueStart + (panel * length + t) * PANEL;
                System.arraycopy(values, t * pitch + group + panel * PANEL, panels, to, columns);
                java.util.Arrays.fill(panels, to + columns, to + PANEL, 0);
            }
        }
        int past = length - q.numRows;
        int scorePitch = keyPanels * PANEL;
        var scores = scratch.scores(block * scorePitch); // [block, length]
        for (int from = 0; from < q.numRows; from += block) {
            int rows = Math.min(block, q.numRows - from);
            int first = shape.firstSeen(past + from) / PANEL * PANEL; // the first position any of these queries sees
            int end = past + from + rows; // one after the last
            int at = from * q.numCols + head * k;
            for (int t = first; t < end; t += PANEL) {
                product(q.data, at, q.numCols, rows, panels, t / PANEL * size, k, scores, t, scorePitch, PANEL,
                        scratch.tile);
            }
            for (int row = 0; row < rows; row++) {
                int start = row * scorePitch;
                int last = past + from + row;
                int seen = shape.firstSeen(last);
                Lanes.scale(scores, start + seen, start + last + 1, shape.scale());
                java.util.Arrays.fill(scores, start + first, start + seen, 0);
                softmax(scores, start + seen, start + last + 1, scratch.sums);
                java.util.Arrays.fill(scores, start + last + 1, start + end, 0);
            }
            for (int panel = 0; panel < valuePanels; panel++) {
                product(scores, first, scorePitch, rows, panels, valueStart + (panel * length + first) * PANEL,
                        end - first, mixed.data, at + panel * PANEL, q.numCols, Math.min(PANEL, k - panel * PANEL),
                        scratch.tile);
            }
        }
    }

    private static void softmax(float[] scores, int from, int to, float[] sums) {
        float total = Lanes.exponentials(scores, from, to, Lanes.max(scores, from, to), sums);
        Lanes.scale(scores, from, to, 1 / total);
    }

    @Override
    public FMatrixRMaj activate(Activation activation, FMatrixRMaj x) {
        var y = new FMatrixRMaj(x.numRows, x.numCols);
        int count = x.getNumElements();
        int width = partWidth(count, VL, 16L * count, count);
        workers.run(ceil(count, width), part -> {
            int from = part * width;
            activate(activation, x.data, y.data, from, Math.min(count, from + width));
        });
        return y;
    }

    @Override
    public void eachRow(int n, int width, IntConsumer work) {
        int rows = partWidth(n, 1, 4L * n * width, n);
        workers.run(ceil(n, rows), part -> {
            for (int row = part * rows; row < Math.min(n, part * rows + rows); row++) {
                work.accept(row);
            }
        });
    }

    private static void activate(Activation activation, float[] x, float[] y, int from, int to) {
        switch (activation) {
            // (1 + tanh u)/2 = 1/(1 + e^−2u)
            case GELU_TANH -> Lanes.sigmoidTimes(x, y, from, to, 1.5957691216057308f, 0.07135481627260025f);
            case SILU -> Lanes.sigmoidTimes(x, y, from, to, 1, 0);
            case GELU_ERF -> Lanes.gelu(x, y, from, to);
            case RELU -> {
                for (int i = from; i < to; i++) {
                    y[i] = (float) activation.of(x[i]);
                }
            }
        }
    }

    @Override
    public boolean finite(TensorData weight) {
        if (weight.shape().rank() != 2) { return EjmlKernels.INSTANCE.finite(weight); }
        var w = Lines.of(weight);
        int lines = w.rows ? w.out() : w.in();
        int size = w.rows ? w.in() : w.out();
        var all = new AtomicBoolean(true);
        int width = partWidth(lines, 1, (long) lines * size, lines);
        workers.run(ceil(lines, width), part -> {
            int to = Math.min(lines, part * width + width);
            for (int line = part * width; line < to && all.get(); line++) {
                if (!finite(w, line, size)) {
                    all.set(false);
                }
            }
        });
        return all.get();
    }

    private static boolean finite(Lines w, int line, int size) {
        if (w.blocks != null) {
            var scratch = Scratch.get();
            var values = scratch.decoded(size);
            w.decode(line, 0, values, 0, size);
            return Lanes.finite(values, 0, size, scratch.sums);
        }
        var segment = w.segment();
        long from = w.place(line, 0);
        return switch (w.type()) {
            case F32 -> Lanes.finite(segment, from, size, Scratch.get().sums);
            case F16 -> Lanes.finite16(segment, from, size, 0x7C00);
            case BF16 -> Lanes.finite16(segment, from, size, 0x7F80);
            case F64, F8_E4M3, F8_E5M2, I64, I32, I16, I8, U64, U32, U16, U8, BOOL, C64, C128, STRING, UNKNOWN -> {
                boolean finite = true;
                for (int i = 0; i < size; i++) {
                    // As f32, since that is what is computed with.
                    finite &= Float.isFinite((float) w.type().get(segment, from + (long) i * w.type().bytes()));
                }
                yield finite;
            }
        };
    }

    @Override
    public String toString() {
        return "Vector API, " + Lanes.S.vectorBitSize() + " bits, " + workers.count() + " threads";
    }
}
