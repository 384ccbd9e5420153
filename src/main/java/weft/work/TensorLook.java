package weft.work;

import java.lang.ref.SoftReference;
import java.lang.ref.WeakReference;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import weft.io.CheckpointException;
import weft.io.Progress;
import weft.io.SourceFile;
import weft.tensor.DType;
import weft.tensor.Shape;
import weft.tensor.Statistics;
import weft.tensor.TensorData;

/** Looking into one tensor: numbers, quantiles, a slice, single values, and another tensor beside it. */
public final class TensorLook {
    private TensorLook() {
    }

    /**
     * Which tensor.
     *
     * @param made what the rules make of a parameter, or the file's own tensor
     */
    public record Ref(boolean made, String name) {
    }

    /** Numbers about all of a tensor's values. */
    public record Facts(Statistics statistics, Quantiles quantiles, Histogram histogram) {
    }

    /** Shares whose quantiles are shown. */
    public static final List<Double> SHARES = List.of(0.01, 0.25, 0.5, 0.75, 0.99);

    /** What rules made lately. A chain that computes would run anew for every step of a crosshair and every zoom. */
    private record Made(WeakReference<Workspace> of, Ref ref, SoftReference<TensorData> data) {
    }

    /** One that is looked at, and one beside it. */
    private static final int KEPT = 2;
    private static final AtomicReference<List<Made>> LATELY = new AtomicReference<>(List.of());

    static TensorData read(Workspace workspace, Ref ref) throws CheckpointException {
        if (!ref.made()) { return workspace.values(ref.name()); }
        for (var each : LATELY.get()) {
            var data = each.data().get();
            if (data != null && each.of().refersTo(workspace) && each.ref().equals(ref)) { return data; }
        }
        var data = workspace.targetValues(ref.name());
        var made = new Made(new WeakReference<>(workspace), ref, new SoftReference<>(data));
        LATELY.updateAndGet(old -> Stream.concat(Stream.of(made), old.stream()).limit(KEPT).toList());
        return data;
    }

    /** @throws CheckpointException {@code CANCELLED}, or bytes that can't be read */
    public static Facts facts(Workspace workspace, Ref ref, int bins, Progress progress) throws CheckpointException {
        var data = read(workspace, ref);
        var statistics = Statistics.of(data, progress);
        return new Facts(statistics, Quantiles.of(data, SHARES, progress),
                Histogram.of(data, statistics, bins, progress));
    }

    /**
     * A slice in cells.
     *
     * @param minus the tensor that is taken away, or {@code null}
     * @param window {@code null} for the whole slice
     */
    public static HeatMap slice(Workspace workspace, Ref ref, @Nullable Ref minus, HeatMap.Cut cut,
            HeatMap.@Nullable Window window, int most, Progress progress) throws CheckpointException {
        var data = read(workspace, ref);
        var other = minus == null ? null : read(workspace, minus);
        return HeatMap.of(data,
                other == null || other.shape().equals(data.shape()) ? other : other.reshape(data.shape()), cut,
                window, most, progress);
    }

    /** One value, exactly as it is stored. */
    public static double value(Workspace workspace, Ref ref, long... index) throws CheckpointException {
        var data = read(workspace, ref);
        return SourceFile.guarded(() -> data.at(index));
    }

    public static TensorDifference compare(Workspace workspace, Ref a, Ref b, int bins, Progress progress)
            throws CheckpointException {
        return TensorDifference.of(read(workspace, a), read(workspace, b), bins, progress);
    }

    /**
     * A window of a slice as Python that makes the same array: every digit that tells two values apart. Types that
     * NumPy lacks come as float32, which holds them exactly.
     */
    public static String numpy(Workspace workspace, Ref ref, HeatMap.Cut cut, HeatMap.Window window)
            throws CheckpointException {
        var data = read(workspace, ref);
        boolean wide = data.dtype() == DType.F64 || !data.dtype().isFloating();
        int count = Math.toIntExact(window.columns());
        return SourceFile.guarded(() -> {
            var text = new StringBuilder("np.array([");
            for (long r = 0; r < window.rows(); r++) {
                text.append(r == 0 ? "[" : ",\n          [");
                if (wide) {
                    for (int c = 0; c < count; c++) {
                        double value = data.at(cut.at(window.row() + r, window.column() + c));
                        text.append(c == 0 ? "" : ", ").append(number(value, data.dtype()));
                    }
                } else {
                    var line = cut.row(data, window.row() + r, window.column(), count);
                    for (int c = 0; c < count; c++) {
                        text.append(c == 0 ? "" : ", ").append(number(line[c]));
                    }
                }
                text.append(']');
            }
            return text.append("], dtype=np.").append(dtype(data.dtype())).append(')').toString();
        });
    }

    private static String number(float value) {
        return Float.isNaN(value)
                ? "np.nan"
                : Float.isInfinite(value)
                        ? value > 0 ? "np.inf" : "-np.inf"
                        : Float.toString(value).toLowerCase(Locale.ROOT);
    }

    private static String number(double value, DType type) {
        if (!type.isFloating()) { return Long.toString((long) value); }
        return Double.isNaN(value)
                ? "np.nan"
                : Double.isInfinite(value)
                        ? value > 0 ? "np.inf" : "-np.inf"
                        : Double.toString(value).toLowerCase(Locale.ROOT);
    }

    private static String dtype(DType type) {
        return switch (type) {
            case F64 -> "float64";
            case F16 -> "float16";
            case I8, U8, I16, U16, I32, U32, I64, U64 -> type.title();
            case BOOL -> "bool";
            default -> "float32";
        };
    }

    /** A tensor's shape. */
    public static Shape shape(Workspace workspace, Ref ref) {
        return ref.made()
                ? workspace.plan().flatMap(p -> p.row(ref.name())).map(r -> r.target().shape()).orElse(Shape.SCALAR)
                : workspace.source().tensor(ref.name()).map(t -> t.info().shape()).orElse(Shape.SCALAR);
    }
}
