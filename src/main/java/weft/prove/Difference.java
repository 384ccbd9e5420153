package weft.prove;

import org.ejml.data.FMatrixRMaj;
import org.jspecify.annotations.Nullable;

/** How far two lists of numbers lie apart. NaN never passes: comparisons are written so that it fails them. */
final class Difference {
    private boolean passes = true;
    private boolean exact = true;
    private boolean sameSize = true;
    private double maxAbs;
    private double maxRel;
    private double error;
    private double dot;
    private double squaresA;
    private double squaresB;

    /** Of two matrices; if one is missing or of another size, nothing passes. */
    static Difference of(@Nullable FMatrixRMaj a, @Nullable FMatrixRMaj b) {
        var difference = new Difference();
        if (a == null || b == null || a.numRows != b.numRows || a.numCols != b.numCols) {
            difference.passes = false;
            difference.exact = false;
            difference.sameSize = false;
            difference.maxAbs = Double.NaN;
        } else {
            difference.add(a.data, b.data, a.getNumElements());
        }
        return difference;
    }

    void add(float[] a, float[] b) {
        add(a, b, a.length);
    }

    private void add(float[] a, float[] b, int count) {
        for (int i = 0; i < count; i++) {
            double x = a[i];
            double y = b[i];
            double apart = x == y ? 0 : Math.abs(x - y); // equal infinities are equal
            boolean finite = apart < Double.POSITIVE_INFINITY; // false for NaN too
            passes &= finite && apart <= Verification.TOLERANCE + Verification.TOLERANCE * Math.abs(y);
            exact &= finite && apart <= Verification.EXACT + Verification.EXACT * Math.abs(y);
            maxAbs = Math.max(maxAbs, apart); // NaN stays
            maxRel = Math.max(maxRel, apart == 0 ? 0 : apart / Math.max(Math.abs(x), Math.abs(y)));
            error = Math.max(error, apart / (1 + Math.abs(y)));
            dot += x * y;
            squaresA += x * x;
            squaresB += y * y;
        }
    }

    void add(Difference other) {
        passes &= other.passes;
        exact &= other.exact;
        maxAbs = Math.max(maxAbs, other.maxAbs);
    }

    boolean passes() {
        return passes;
    }

    boolean isExact() {
        return exact;
    }

    boolean sameSize() {
        return sameSize;
    }

    double maxAbs() {
        return maxAbs;
    }

    double maxRel() {
        return Double.isNaN(maxAbs) ? Double.NaN : maxRel;
    }

    /** The largest |a − b| / (1 + |b|), to be held against the tolerance. */
    double error() {
        return Double.isNaN(maxAbs) ? Double.NaN : error;
    }

    /** 1 for two zero vectors. */
    double cosine() {
        return Double.isNaN(maxAbs)
                ? Double.NaN
                : squaresA == 0 && squaresB == 0 ? 1 : dot / Math.sqrt(squaresA * squaresB);
    }
}
