package weft.work;

import org.jspecify.annotations.Nullable;

import weft.io.CheckpointException;
import weft.io.Progress;
import weft.io.SourceFile;
import weft.tensor.TensorData;

/**
 * A two-dimensional slice of a tensor in so many cells that it can be looked at. Each cell is the value farthest from 0
 * of a block of {@code block} × {@code block} values; one NaN makes its cell NaN.
 *
 * @param window what of the slice is shown, in values
 * @param rows cells down
 * @param columns cells across
 * @param cells [rows, columns], row after row
 */
public record HeatMap(Window window, long block, int rows, int columns, float[] cells) {

    /** A rectangle of values of a slice: the first row and column, and how many of each. */
    public record Window(long row, long column, long rows, long columns) {
        /** How many values. */
        public long count() {
            return rows * columns;
        }
    }

    /**
     * Which two axes of a tensor are looked at, and where in the others.
     *
     * @param rowAxis −1 where the tensor has one axis or none: then there is one row
     * @param columnAxis −1 where it has none
     * @param index one number an axis; those of the two axes don't count
     */
    public record Cut(int rowAxis, int columnAxis, long[] index) {
        /** The last two axes, and the beginning of the others. */
        public static Cut of(int rank) {
            return new Cut(rank < 2 ? -1 : rank - 2, rank - 1, new long[rank]);
        }

        /** The two axes changed about. */
        public Cut swapped() {
            return rowAxis < 0 ? this : new Cut(columnAxis, rowAxis, index);
        }

        /** The full index of a value of the slice. */
        public long[] at(long row, long column) {
            var full = index.clone();
            if (rowAxis >= 0) {
                full[rowAxis] = row;
            }
            if (columnAxis >= 0) {
                full[columnAxis] = column;
            }
            return full;
        }

        long rows(TensorData data) {
            return rowAxis < 0 ? 1 : data.shape().dim(rowAxis);
        }

        long columns(TensorData data) {
            return columnAxis < 0 ? 1 : data.shape().dim(columnAxis);
        }

        /** The whole slice. */
        Window whole(TensorData data) {
            return new Window(0, 0, rows(data), columns(data));
        }

        /** A window's values, row after row, one stretch of a row. */
        float[] row(TensorData data, long row, long column, int count) {
            var part = data;
            for (int axis = 0; axis < data.shape().rank(); axis++) {
                long from = axis == rowAxis ? row : axis == columnAxis ? column : index[axis];
                part = part.slice(axis, from, from + (axis == columnAxis ? count : 1), 1);
            }
            return part.toFloats();
        }
    }

    /**
     * @param minus what is taken away from it, of the same shape, or {@code null}
     * @param window what is shown; {@code null} for the whole slice
     * @param most cells in each direction
     * @throws CheckpointException {@code CANCELLED}, {@code CHANGED}
     */
    static HeatMap of(TensorData data, @Nullable TensorData minus, Cut cut, @Nullable Window window, int most,
            Progress progress) throws CheckpointException {
        var shown = window == null ? cut.whole(data) : window;
        long block = Math.max(1, (Math.max(shown.rows(), shown.columns()) + most - 1) / most);
        int rows = (int) ((shown.rows() + block - 1) / block);
        int columns = (int) ((shown.columns() + block - 1) / block);
        var cells = new float[rows * columns];
        int width = Math.toIntExact(shown.columns());
        SourceFile.guarded(() -> {
            for (long r = 0; r < shown.rows(); r++) {
                if ((r & 31) == 0) {
                    progress.check();
                    progress.at(r, shown.rows());
                }
                var line = cut.row(data, shown.row() + r, shown.column(), width);
                if (minus != null) {
                    var other = cut.row(minus, shown.row() + r, shown.column(), width);
                    for (int i = 0; i < width; i++) {
                        line[i] -= other[i];
                    }
                }
                int start = (int) (r / block) * columns;
                for (int i = 0; i < width; i++) {
                    int cell = start + (int) (i / block);
                    float had = cells[cell];
                    float value = line[i];
                    cells[cell] = Float.isNaN(had) || Float.isNaN(value)
                            ? Float.NaN
                            : Math.abs(value) > Math.abs(had) ? value : had;
                }
            }
            return rows;
        });
        return new HeatMap(shown, block, rows, columns, cells);
    }

    /** A cell's value. */
    public float at(int row, int column) {
        return cells[row * columns + column];
    }

    /**
     * The value that colours saturate at: 99 of 100 cells lie between minus this and this, rounded up to 1, 2 or 5 times
     * a power of ten.
     */
    public double limit() {
        var sizes = new float[cells.length];
        int n = 0;
        for (var cell : cells) {
            if (Float.isFinite(cell)) {
                sizes[n++] = Math.abs(cell);
            }
        }
        if (n == 0) { return 1; }
        java.util.Arrays.sort(sizes, 0, n);
        double size = sizes[Math.min(n - 1, n * 99 / 100)];
        if (size == 0) {
            size = sizes[n - 1];
        }
        if (size == 0) { return 1; }
        double decade = Math.pow(10, Math.floor(Math.log10(size)));
        for (double step : new double[]{1, 2, 5}) {
            if (size <= step * decade * (1 + 1e-6)) { return step * decade; }
        }
        return 10 * decade;
    }
}
