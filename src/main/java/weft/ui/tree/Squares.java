package weft.ui.tree;

import weft.plan.Evidence;
import weft.plan.Row;
import weft.plan.Status;

/** Rows whose shape can't tell which way round the matrix is stored, and whether anything else does. */
public final class Squares {
    private Squares() {
    }

    /** One tensor, one parameter, as many rows as columns; or nobody knows the layout at all. */
    public static boolean isSquare(Row row) {
        if (row.hidden() || row.status() == Status.UNPROVEN) { return true; }
        if (row.sources().size() != 1) { return false; }
        var shape = row.sources().getFirst().shape().squeezed();
        return shape.rank() == 2 && shape.dim(0) == shape.dim(1) && shape.equals(row.target().shape().squeezed());
    }

    /** Whether a matrix really has as many rows as columns; others hide in their order. */
    public static boolean looksSquare(Row row) {
        var shape = row.target().shape().squeezed();
        return isSquare(row) && shape.rank() == 2 && shape.dim(0) == shape.dim(1);
    }

    public static boolean isProved(Row row) {
        return row.evidence() == Evidence.VALUES || row.evidence() == Evidence.FORWARD;
    }

    /** A square that only a convention speaks for. */
    public static boolean isAssumed(Row row) {
        return isSquare(row) && !isProved(row);
    }
}
