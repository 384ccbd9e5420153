package weft.infer;

import java.util.Arrays;

import org.ejml.data.FMatrixRMaj;
import org.ejml.dense.row.CommonOps_FDRM;

/** The few things the formulas need beside products. Every result is a new matrix. */
final class Matrices {
    private Matrices() {
    }

    /** a + b. */
    static FMatrixRMaj plus(FMatrixRMaj a, FMatrixRMaj b) {
        return CommonOps_FDRM.add(a, b, null);
    }

    /** Element by element a · b. */
    static FMatrixRMaj times(FMatrixRMaj a, FMatrixRMaj b) {
        return CommonOps_FDRM.elementMult(a, b, null);
    }

    /** Rows from … to − 1. */
    static FMatrixRMaj rows(FMatrixRMaj a, int from, int to) {
        return FMatrixRMaj.wrap(to - from, a.numCols, Arrays.copyOfRange(a.data, from * a.numCols, to * a.numCols));
    }
}
