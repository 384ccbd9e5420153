package weft.infer;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

import weft.io.SourceFile;
import weft.tensor.BlockData;
import weft.tensor.DType;

/**
 * The innermost loops, on vector registers. Each is a small static method, so that it is compiled by itself. Sums are
 * taken in a fixed order, the same in interpreted and in compiled code: the same input gives the same bits.
 */
final class Lanes {
    static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> I = IntVector.SPECIES_PREFERRED;
    /** As many 16-bit values as a register holds floats. */
    private static final VectorSpecies<Short> HALF = VectorSpecies.of(short.class,
            VectorShape.forBitSize(S.vectorBitSize() / 2));
    /** Floats a register holds. */
    static final int VL = S.length();
    /**
     * Registers side by side in a tile. Six rows times two are twelve sums; with two of the panel and one of x they fit
     * sixteen registers. AVX-512 and NEON have thirty-two: four side by side read less for each product. (Measured in
     * one run at 768 deep, best of 20: 4 across 123, 2 across 85 GFLOP/s with AVX-512; 27 and 62 with AVX2.)
     */
    private static final int ACROSS = S.vectorBitSize() == 512 || System.getProperty("os.arch").equals("aarch64")
            ? 4
            : 2;
    /** Columns of a packed panel. */
    static final int PANEL = ACROSS * VL;
    /** Rows of a tile. */
    static final int TILE = 6;
    private static final VectorSpecies<Byte> BYTES = ByteVector.SPECIES_128;
    /** Values a block of Q4_0 or Q8_0. */
    private static final int BLOCK = 32;
    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(LE);

    private Lanes() {
    }

    /** Lines of weights that are walked side by side: as many streams as the hardware reads ahead well. */
    static final int SIDE = 8;

    /**
     * Eight dot products: y[r] = Σⱼ w[r][j] · x[j] for rows r = 0 … 7 of f32 that start at {@code w} + r · pitch.
     *
     * @param w byte offset of the first row
     * @param pitch bytes from row to row
     * @param sums room for eight registers
     */
    static void dot8(MemorySegment segment, long w, long pitch, float[] x, int xStart, int count, float[] y, int yStart,
            float[] sums) {
        var a = FloatVector.zero(S);
        var b = a;
        var c = a;
        var d = a;
        var e = a;
        var f = a;
        var g = a;
        var h = a;
        long w1 = w + pitch;
        long w2 = w1 + pitch;
        long w3 = w2 + pitch;
        long w4 = w3 + pitch;
        long w5 = w4 + pitch;
        long w6 = w5 + pitch;
        long w7 = w6 + pitch;
        int j = 0;
        for (; j <= count - VL; j += VL) {
            var v = FloatVector.fromArray(S, x, xStart + j);
            long at = 4L * j;
            a = FloatVector.fromMemorySegment(S, segment, w + at, LE).fma(v, a);
            b = FloatVector.fromMemorySegment(S, segment, w1 + at, LE).fma(v, b);
            c = FloatVector.fromMemorySegment(S, segment, w2 + at, LE).fma(v, c);
            d = FloatVector.fromMemorySegment(S, segment, w3 + at, LE).fma(v, d);
            e = FloatVector.fromMemorySegment(S, segment, w4 + at, LE).fma(v, e);
            f = FloatVector.fromMemorySegment(S, segment, w5 + at, LE).fma(v, f);
            g = FloatVector.fromMemorySegment(S, segment, w6 + at, LE).fma(v, g);
            h = FloatVector.fromMemorySegment(S, segment, w7 + at, LE).fma(v, h);
        }
        a.intoArray(sums, 0);
        b.intoArray(sums, VL);
        c.intoArray(sums, 2 * VL);
        d.intoArray(sums, 3 * VL);
        e.intoArray(sums, 4 * VL);
        f.intoArray(sums, 5 * VL);
        g.intoArray(sums, 6 * VL);
        h.intoArray(sums, 7 * VL);
        for (int r = 0; r < SIDE; r++) {
            y[yStart + r] = sum(sums, r * VL) + tail(segment, w + r * pitch, x, xStart, j, count);
        }
    }

    /** One dot product, summed as {@link #dot8} does. */
    static float dot(MemorySegment segment, long w, float[] x, int xStart, int count, float[] sums) {
        var a = FloatVector.zero(S);
        int j = 0;
        for (; j <= count - VL; j += VL) {
            a = FloatVector.fromMemorySegment(S, segment, w + 4L * j, LE).fma(FloatVector.fromArray(S, x, xStart + j),
                    a);
        }
        a.intoArray(sums, 0);
        return sum(sums, 0) + tail(segment, w, x, xStart, j, count);
    }

    private static float tail(MemorySegment segment, long w, float[] x, int xStart, int from, int count) {
        float sum = 0;
        for (int j = from; j < count; j++) {
            sum = Math.fma(segment.get(FLOAT, w + 4L * j), x[xStart + j], sum);
        }
        return sum;
    }

    /** A register's lanes added in their order: {@code reduceLanes} leaves the order open. */
    private static float sum(float[] lanes, int start) {
        float sum = 0;
        for (int i = start; i < start + VL; i++) {
            sum += lanes[i];
        }
        return sum;
    }

    /** y[j] += Σᵣ x[r] · w[r][j] for rows r = 0 … 7 of f32 that start at {@code w} + r · pitch. */
    static void axpy8(MemorySegment segment, long w, long pitch, float[] x, int xStart, float[] y, int yStart,
            int count) {
        var v0 = FloatVector.broadcast(S, x[xStart]);
        var v1 = FloatVector.broadcast(S, x[xStart + 1]);
        var v2 = FloatVector.broadcast(S, x[xStart + 2]);
        var v3 = FloatVector.broadcast(S, x[xStart + 3]);
        var v4 = FloatVector.broadcast(S, x[xStart + 4]);
        var v5 = FloatVector.broadcast(S, x[xStart + 5]);
        var v6 = FloatVector.broadcast(S, x[xStart + 6]);
        var v7 = FloatVector.broadcast(S, x[xStart + 7]);
        long w1 = w + pitch;
        long w2 = w1 + pitch;
        long w3 = w2 + pitch;
        long w4 = w3 + pitch;
        long w5 = w4 + pitch;
        long w6 = w5 + pitch;
        long w7 = w6 + pitch;
        int j = 0;
        for (; j <= count - VL; j += VL) {
            long at = 4L * j;
            var sum = FloatVector.fromArray(S, y, yStart + j);
            sum = FloatVector.fromMemorySegment(S, segment, w + at, LE).fma(v0, sum);
            sum = FloatVector.fromMemorySegment(S, segment, w1 + at, LE).fma(v1, sum);
            sum = FloatVector.fromMemorySegment(S, segment, w2 + at, LE).fma(v2, sum);
            sum = FloatVector.fromMemorySegment(S, segment, w3 + at, LE).fma(v3, sum);
            sum = FloatVector.fromMemorySegment(S, segment, w4 + at, LE).fma(v4, sum);
            sum = FloatVector.fromMemorySegment(S, segment, w5 + at, LE).fma(v5, sum);
            sum = FloatVector.fromMemorySegment(S, segment, w6 + at, LE).fma(v6, sum);
            sum = FloatVector.fromMemorySegment(S, segment, w7 + at, LE).fma(v7, sum);
            sum.intoArray(y, yStart + j);
        }
        for (; j < count; j++) {
            float sum = y[yStart + j];
            for (int r = 0; r < SIDE; r++) {
                sum = Math.fma(segment.get(FLOAT, w + r * pitch + 4L * j), x[xStart + r], sum);
            }
            y[yStart + j] = sum;
        }
    }

    /** y[j] += x · w[j]. */
    static void axpy(MemorySegment segment, long w, float x, float[] y, int yStart, int count) {
        var v = FloatVector.broadcast(S, x);
        int j = 0;
        for (; j <= count - VL; j += VL) {
            FloatVector.fromMemorySegment(S, segment, w + 4L * j, LE).fma(v, FloatVector.fromArray(S, y, yStart + j))
                    .intoArray(y, yStart + j);
        }
        for (; j < count; j++) {
            y[yStart + j] = Math.fma(segment.get(FLOAT, w + 4L * j), x, y[yStart + j]);
        }
    }

    /**
     * A tile C = A B: C[r][j] = Σₖ a[r][k] · panel[k][j] for six rows and a panel's columns.
     *
     * @param a row-major; rows start at a0, … a5 (the last ones may repeat a row)
     * @param panel [count, PANEL] row-major, from {@code p} on
     * @param c [6, PANEL] row-major, overwritten
     */
    static void tile(float[] a, int a0, int a1, int a2, int a3, int a4, int a5, float[] panel, int p, int count,
            float[] c) {
        if (ACROSS == 4) {
            tile4(a, a0, a1, a2, a3, a4, a5, panel, p, count, c);
        } else {
            tile2(a, a0, a1, a2, a3, a4, a5, panel, p, count, c);
        }
    }

    private static void tile2(float[] a, int a0, int a1, int a2, int a3, int a4, int a5, float[] panel, int p,
            int count,
            float[] c) {
        var s00 = FloatVector.zero(S);
        var s01 = s00;
        var s10 = s00;
        var s11 = s00;
        var s20 = s00;
        var s21 = s00;
        var s30 = s00;
        var s31 = s00;
        var s40 = s00;
        var s41 = s00;
        var s50 = s00;
        var s51 = s00;
        for (int k = 0; k < count; k++) {
            int at = p + k * (2 * VL);
            var b0 = FloatVector.fromArray(S, panel, at);
            var b1 = FloatVector.fromArray(S, panel, at + VL);
            var x = FloatVector.broadcast(S, a[a0 + k]);
            s00 = x.fma(b0, s00);
            s01 = x.fma(b1, s01);
            x = FloatVector.broadcast(S, a[a1 + k]);
            s10 = x.fma(b0, s10);
            s11 = x.fma(b1, s11);
            x = FloatVector.broadcast(S, a[a2 + k]);
            s20 = x.fma(b0, s20);
            s21 = x.fma(b1, s21);
            x = FloatVector.broadcast(S, a[a3 + k]);
            s30 = x.fma(b0, s30);
            s31 = x.fma(b1, s31);
            x = FloatVector.broadcast(S, a[a4 + k]);
            s40 = x.fma(b0, s40);
            s41 = x.fma(b1, s41);
            x = FloatVector.broadcast(S, a[a5 + k]);
            s50 = x.fma(b0, s50);
            s51 = x.fma(b1, s51);
        }
        s00.intoArray(c, 0);
        s01.intoArray(c, VL);
        s10.intoArray(c, 2 * VL);
        s11.intoArray(c, 3 * VL);
        s20.intoArray(c, 4 * VL);
        s21.intoArray(c, 5 * VL);
        s30.intoArray(c, 6 * VL);
        s31.intoArray(c, 7 * VL);
        s40.intoArray(c, 8 * VL);
        s41.intoArray(c, 9 * VL);
        s50.intoArray(c, 10 * VL);
        s51.intoArray(c, 11 * VL);
    }

    private static void tile4(float[] a, int a0, int a1, int a2, int a3, int a4, int a5, float[] panel, int p,
            int count,
            float[] c) {
        var s00 = FloatVector.zero(S);
        var s01 = s00;
        var s02 = s00;
        var s03 = s00;
        var s10 = s00;
        var s11 = s00;
        var s12 = s00;
        var s13 = s00;
        var s20 = s00;
        var s21 = s00;
        var s22 = s00;
        var s23 = s00;
        var s30 = s00;
        var s31 = s00;
        var s32 = s00;
        var s33 = s00;
        var s40 = s00;
        var s41 = s00;
        var s42 = s00;
        var s43 = s00;
        var s50 = s00;
        var s51 = s00;
        var s52 = s00;
        var s53 = s00;
        for (int k = 0; k < count; k++) {
            int at = p + k * (4 * VL);
            var b0 = FloatVector.fromArray(S, panel, at);
            var b1 = FloatVector.fromArray(S, panel, at + VL);
            var b2 = FloatVector.fromArray(S, panel, at + 2 * VL);
            var b3 = FloatVector.fromArray(S, panel, at + 3 * VL);
            var x = FloatVector.broadcast(S, a[a0 + k]);
            s00 = x.fma(b0, s00);
            s01 = x.fma(b1, s01);
            s02 = x.fma(b2, s02);
            s03 = x.fma(b3, s03);
            x = FloatVector.broadcast(S, a[a1 + k]);
            s10 = x.fma(b0, s10);
            s11 = x.fma(b1, s11);
            s12 = x.fma(b2, s12);
            s13 = x.fma(b3, s13);
            x = FloatVector.broadcast(S, a[a2 + k]);
            s20 = x.fma(b0, s20);
            s21 = x.fma(b1, s21);
            s22 = x.fma(b2, s22);
            s23 = x.fma(b3, s23);
            x = FloatVector.broadcast(S, a[a3 + k]);
            s30 = x.fma(b0, s30);
            s31 = x.fma(b1, s31);
            s32 = x.fma(b2, s32);
            s33 = x.fma(b3, s33);
            x = FloatVector.broadcast(S, a[a4 + k]);
            s40 = x.fma(b0, s40);
            s41 = x.fma(b1, s41);
            s42 = x.fma(b2, s42);
            s43 = x.fma(b3, s43);
            x = FloatVector.broadcast(S, a[a5 + k]);
            s50 = x.fma(b0, s50);
            s51 = x.fma(b1, s51);
            s52 = x.fma(b2, s52);
            s53 = x.fma(b3, s53);
        }
        s00.intoArray(c, 0);
        s01.intoArray(c, VL);
        s02.intoArray(c, 2 * VL);
        s03.intoArray(c, 3 * VL);
        s10.intoArray(c, 4 * VL);
        s11.intoArray(c, 5 * VL);
        s12.intoArray(c, 6 * VL);
        s13.intoArray(c, 7 * VL);
        s20.intoArray(c, 8 * VL);
        s21.intoArray(c, 9 * VL);
        s22.intoArray(c, 10 * VL);
        s23.intoArray(c, 11 * VL);
        s30.intoArray(c, 12 * VL);
        s31.intoArray(c, 13 * VL);
        s32.intoArray(c, 14 * VL);
        s33.intoArray(c, 15 * VL);
        s40.intoArray(c, 16 * VL);
        s41.intoArray(c, 17 * VL);
        s42.intoArray(c, 18 * VL);
        s43.intoArray(c, 19 * VL);
        s50.intoArray(c, 20 * VL);
        s51.intoArray(c, 21 * VL);
        s52.intoArray(c, 22 * VL);
        s53.intoArray(c, 23 * VL);
    }

    /** y = x / (1 + e^−z(x)) with z = x for SiLU and z = √(8/π) (x + 0.044715 x³) for GELU: tanh is a sigmoid. */
    static void sigmoidTimes(float[] x, float[] y, int from, int to, float linear, float cubic) {
        int i = from;
        for (; i <= to - VL; i += VL) {
            var v = FloatVector.fromArray(S, x, i);
            var z = v.mul(v).min(1e30f).mul(-cubic).add(-linear).mul(v); // −z; no infinity times 0
            v.div(exp(z).add(1f)).intoArray(y, i);
        }
        if (i < to) {
            var in = new float[VL];
            var out = new float[VL];
            System.arraycopy(x, i, in, 0, to - i);
            sigmoidTimes(in, out, 0, VL, linear, cubic);
            System.arraycopy(out, 0, y, i, to - i);
        }
    }

    /** y = x Φ(x), Φ the normal distribution: the exact GELU. */
    static void gelu(float[] x, float[] y, int from, int to) {
        int i = from;
        for (; i <= to - VL; i += VL) {
            var v = FloatVector.fromArray(S, x, i);
            v.mul(normal(v)).intoArray(y, i);
        }
        if (i < to) {
            var in = new float[VL];
            var out = new float[VL];
            System.arraycopy(x, i, in, 0, to - i);
            gelu(in, out, 0, VL);
            System.arraycopy(out, 0, y, i, to - i);
        }
    }

    /**
     * Φ(x) = erfc(−x/√2)/2 to 1.3e-7. With z = |x|/√2 and t = 1/(1 + z/2), erfc(z) e^(z²)/t is a polynomial of degree 8
     * in t to 4.5e-8 relative: fitted for z up to 14 at 400 Chebyshev nodes, weights moved to where the error was large.
     */
    private static FloatVector normal(FloatVector x) {
        var z = x.abs().mul(0.70710678f);
        var t = FloatVector.broadcast(S, 1f).div(z.mul(0.5f).add(1f));
        var p = FloatVector.broadcast(S, -0.0593872768f);
        p = p.fma(t, FloatVector.broadcast(S, 0.286127561f));
        p = p.fma(t, FloatVector.broadcast(S, -0.490412933f));
        p = p.fma(t, FloatVector.broadcast(S, 0.281739666f));
        p = p.fma(t, FloatVector.broadcast(S, -0.029152075f));
        p = p.fma(t, FloatVector.broadcast(S, 0.203753631f));
        p = p.fma(t, FloatVector.broadcast(S, 0.242834944f));
        p = p.fma(t, FloatVector.broadcast(S, 0.282412107f));
        p = p.fma(t, FloatVector.broadcast(S, 0.282084332f));
        var half = p.mul(t).mul(exp(z.mul(z).neg())).mul(0.5f);
        var above = FloatVector.broadcast(S, 1f).sub(half);
        return above.blend(half, x.lt(0f));
    }

    private static final float LOG2_E = 1.442695041f;
    private static final float LN2_HIGH = 0.693359375f;
    private static final float LN2_LOW = -2.12194440e-4f;

    /** e^x to about 1e-7 relative, for −87 … 88; clamped outside. The steps are the same in every compiled form. */
    static FloatVector exp(FloatVector x) {
        var clamped = x.max(-87f).min(88f);
        // e^x = 2ⁿ e^r with n the integer nearest to x/ln 2 and |r| <= ln 2 / 2. Adding 1.5 · 2²³ rounds to an integer.
        var shifted = clamped.mul(LOG2_E).add(0x1.8p23f);
        var n = shifted.sub(0x1.8p23f);
        var r = n.fma(FloatVector.broadcast(S, -LN2_HIGH), clamped);
        r = n.fma(FloatVector.broadcast(S, -LN2_LOW), r);
        // Taylor's series to r⁷/7!: the rest is below 1e-8 for |r| <= 0.35.
        var p = FloatVector.broadcast(S, 1f / 5040).fma(r, FloatVector.broadcast(S, 1f / 720));
        p = p.fma(r, FloatVector.broadcast(S, 1f / 120));
        p = p.fma(r, FloatVector.broadcast(S, 1f / 24));
        p = p.fma(r, FloatVector.broadcast(S, 1f / 6));
        p = p.fma(r, FloatVector.broadcast(S, 0.5f));
        p = p.fma(r, FloatVector.broadcast(S, 1f));
        p = p.fma(r, FloatVector.broadcast(S, 1f));
        var power = shifted.reinterpretAsInts().sub(Float.floatToRawIntBits(0x1.8p23f)).add(127)
                .lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats(); // 2ⁿ
        return p.mul(power);
    }

    /** scores[i] = e^(scores[i] − top) for from … to − 1; returns their sum. */
    static float exponentials(float[] scores, int from, int to, float top, float[] sums) {
        int i = from;
        var sum = FloatVector.zero(S);
        for (; i <= to - VL; i += VL) {
            var e = exp(FloatVector.fromArray(S, scores, i).sub(top));
            e.intoArray(scores, i);
            sum = sum.add(e);
        }
        sum.intoArray(sums, 0);
        float total = sum(sums, 0);
        if (i < to) {
            Arrays.fill(sums, 0, VL, top);
            System.arraycopy(scores, i, sums, 0, to - i);
            exp(FloatVector.fromArray(S, sums, 0).sub(top)).intoArray(sums, 0);
            System.arraycopy(sums, 0, scores, i, to - i);
            for (int j = i; j < to; j++) {
                total += scores[j];
            }
        }
        return total;
    }

    /** y[j] += w[j] for j = 0 … count − 1, w from {@code start} on. */
    static void add(float[] w, int start, float[] y, int count) {
        for (int j = 0; j < count; j++) {
            y[j] += w[start + j];
        }
    }

    /** values[i] ·= factor for from … to − 1. */
    static void scale(float[] values, int from, int to, float factor) {
        for (int i = from; i < to; i++) {
            values[i] *= factor;
        }
    }

    static float max(float[] values, int from, int to) {
        float top = Float.NEGATIVE_INFINITY;
        int i = from;
        if (to - from >= VL) {
            var v = FloatVector.fromArray(S, values, i);
            for (i += VL; i <= to - VL; i += VL) {
                v = v.max(FloatVector.fromArray(S, values, i));
            }
            top = v.reduceLanes(VectorOperators.MAX);
        }
        for (; i < to; i++) {
            top = Math.max(top, values[i]);
        }
        return top;
    }

    /** Σⱼ a[j] · b[j], summed as {@link #dot} does. */
    static float dot(float[] a, int aStart, float[] b, int bStart, int count, float[] sums) {
        var sum = FloatVector.zero(S);
        int j = 0;
        for (; j <= count - VL; j += VL) {
            sum = FloatVector.fromArray(S, a, aStart + j).fma(FloatVector.fromArray(S, b, bStart + j), sum);
        }
        sum.intoArray(sums, 0);
        float total = sum(sums, 0);
        for (; j < count; j++) {
            total = Math.fma(a[aStart + j], b[bStart + j], total);
        }
        return total;
    }

    /** y[j] += x · w[j]. */
    static void axpy(float[] w, int wStart, float x, float[] y, int yStart, int count) {
        var v = FloatVector.broadcast(S, x);
        int j = 0;
        for (; j <= count - VL; j += VL) {
            FloatVector.fromArray(S, w, wStart + j).fma(v, FloatVector.fromArray(S, y, yStart + j)).intoArray(y,
                    yStart + j);
        }
        for (; j < count; j++) {
            y[yStart + j] = Math.fma(w[wStart + j], x, y[yStart + j]);
        }
    }

    /** [rows, columns] with a pitch to a panel [columns, PANEL]; the panel's columns from {@code rows} on become 0. */
    static void transpose(float[] matrix, int start, int pitch, int rows, int columns, float[] panel, int p) {
        // Blocks of 16 columns: what is written stays in the first-level cache until its lines are full.
        for (int block = 0; block < columns; block += 16) {
            int end = Math.min(columns, block + 16);
            for (int r = 0; r < rows; r++) {
                int from = start + r * pitch;
                for (int k = block; k < end; k++) {
                    panel[p + k * PANEL + r] = matrix[from + k];
                }
            }
            for (int k = block; k < end && rows < PANEL; k++) {
                Arrays.fill(panel, p + k * PANEL + rows, p + (k + 1) * PANEL, 0);
            }
        }
    }

    /** Some values of any real type to f32. */
    static void decode(DType type, MemorySegment segment, long from, MemorySegment target, long to, int count) {
        switch (type) {
            case BF16 -> bf16(segment, from, target, to, count);
            case F16 -> f16(segment, from, target, to, count);
            case F64, F32, F8_E4M3, F8_E5M2, I64, I32, I16, I8, U64, U32, U16, U8, BOOL, C64, C128, STRING, UNKNOWN -> {
                for (int i = 0; i < count; i++) {
                    target.set(FLOAT, to + 4L * i, (float) type.get(segment, from + (long) i * type.bytes()));
                }
            }
        }
    }

    /**
     * Whole blocks of 32 values to f32, from the block at byte {@code from} on. Each value is its number times the
     * block's scale, rounded once, as ggml rounds it.
     */
    static void decode(BlockData.Kind kind, MemorySegment segment, long from, MemorySegment target, long to,
            int count) {
        switch (kind) {
            case Q8_0 -> {
                for (int i = 0; i < count; i += BLOCK, from += 34) {
                    q8(segment, from, target, to + 4L * i);
                }
            }
            case Q4_0 -> {
                for (int i = 0; i < count; i += BLOCK, from += 18) {
                    q4(segment, from, target, to + 4L * i);
                }
            }
            case OTHER -> throw new IllegalArgumentException(kind.name());
        }
    }

    private static void q8(MemorySegment segment, long from, MemorySegment target, long to) {
        float scale = Float.float16ToFloat(segment.get(SourceFile.I16, from));
        for (int half = 0; half < BLOCK; half += BYTES.length()) {
            scaled(ByteVector.fromMemorySegment(BYTES, segment, from + 2 + half, LE), scale, target, to + 4L * half);
        }
    }

    private static void q4(MemorySegment segment, long from, MemorySegment target, long to) {
        float scale = Float.float16ToFloat(segment.get(SourceFile.I16, from));
        var nibbles = ByteVector.fromMemorySegment(BYTES, segment, from + 2, LE);
        scaled(nibbles.and((byte) 15).sub((byte) 8), scale, target, to);
        scaled(nibbles.lanewise(VectorOperators.LSHR, 4).and((byte) 15).sub((byte) 8), scale, target,
                to + 4L * BYTES.length());
    }

    /** Sixteen signed bytes, each times the scale. */
    private static void scaled(ByteVector bytes, float scale, MemorySegment target, long to) {
        for (int part = 0; part * VL < BYTES.length(); part++) {
            ((FloatVector) bytes.convertShape(VectorOperators.B2F, S, part)).mul(scale).intoMemorySegment(target,
                    to + 4L * part * VL, LE);
        }
    }

    /** bf16 is the upper half of f32. */
    private static void bf16(MemorySegment segment, long from, MemorySegment target, long to, int count) {
        int i = 0;
        for (; i <= count - VL; i += VL) {
            ints(segment, from + 2L * i).lanewise(VectorOperators.LSHL, 16).intoMemorySegment(target, to + 4L * i, LE);
        }
        for (; i < count; i++) {
            target.set(FLOAT, to + 4L * i, Float.intBitsToFloat(segment.get(SourceFile.I16, from + 2L * i) << 16));
        }
    }

    /**
     * f16 has 5 bits of exponent with bias 15 and 10 of fraction: moved up 13 bits they are an f32 that is 2¹¹² times too
     * small, subnormal numbers too. Infinities and NaN come out finite: {@link Kernels#finite} looks at the bits.
     */
    private static void f16(MemorySegment segment, long from, MemorySegment target, long to, int count) {
        int i = 0;
        for (; i <= count - VL; i += VL) {
            var bits = ints(segment, from + 2L * i);
            var magnitude = bits.and(0x7FFF).lanewise(VectorOperators.LSHL, 13).reinterpretAsFloats().mul(0x1p112f);
            magnitude.reinterpretAsInts().or(bits.and(0x8000).lanewise(VectorOperators.LSHL, 16))
                    .intoMemorySegment(target, to + 4L * i, LE);
        }
        for (; i < count; i++) {
            target.set(FLOAT, to + 4L * i, Float.float16ToFloat(segment.get(SourceFile.I16, from + 2L * i)));
        }
    }

    /** A register of 16-bit values as 32-bit ones. */
    private static IntVector ints(MemorySegment segment, long from) {
        return (IntVector) ShortVector.fromMemorySegment(HALF, segment, from, LE).convertShape(VectorOperators.S2I, I,
                0);
    }

    /** Whether all f32 are finite: 0 times any of them is 0. */
    static boolean finite(MemorySegment segment, long from, int count, float[] sums) {
        var sum = FloatVector.zero(S);
        int i = 0;
        for (; i <= count - VL; i += VL) {
            sum = FloatVector.fromMemorySegment(S, segment, from + 4L * i, LE).fma(FloatVector.zero(S), sum);
        }
        sum.intoArray(sums, 0);
        float total = sum(sums, 0);
        for (; i < count; i++) {
            total += segment.get(FLOAT, from + 4L * i) * 0;
        }
        return total == 0;
    }

    /** Whether none of some 16-bit floats has all bits of its exponent set. */
    static boolean finite16(MemorySegment segment, long from, int count, int exponent) {
        boolean finite = true;
        for (int i = 0; i < count; i++) {
            finite &= (segment.get(SourceFile.I16, from + 2L * i) & exponent) != exponent;
        }
        return finite;
    }
}
