package weft.work;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

import org.jspecify.annotations.Nullable;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.io.Progress;
import weft.tensor.Shape;
import weft.tensor.Statistics;
import weft.tensor.TensorInfo;

/**
 * Two checkpoints by their names alone: which values moved, and by how much.
 *
 * @param moved tensors of one name that differ, other shapes first, then the largest ‖a − b‖ / ‖b‖
 * @param same how many are equal in every element
 * @param onlyHere names only the first has
 * @param onlyThere names only the second has
 */
public record CheckpointDiff(List<Moved> moved, int same, List<String> onlyHere, List<String> onlyThere) {

    /**
     * A tensor that differs.
     *
     * @param found {@code null} where the shapes differ or the values can't be read
     * @param problem why they can't be
     */
    public record Moved(String name, Shape here, Shape there, @Nullable TensorDifference found,
            @Nullable Problem problem) {
        /** ‖a − b‖ / ‖b‖, or 0 where nobody can say. */
        public double farOr0() {
            return Double.isFinite(order()) ? order() : 0;
        }

        /** How far it moved; what can't be said comes first. */
        double order() {
            return found == null || Double.isNaN(found.relative()) || found.nan() > 0
                    ? Double.POSITIVE_INFINITY
                    : found.relative();
        }
    }

    /** @throws CheckpointException what opening the other file throws; {@code CANCELLED} */
    public static CheckpointDiff of(Workspace here, Path file, Progress progress) throws CheckpointException {
        var there = Workspace.open(file, progress);
        var moved = new ArrayList<Moved>();
        var onlyHere = new ArrayList<String>();
        int same = 0;
        var tensors = here.source().tensors();
        for (int i = 0; i < tensors.size(); i++) {
            progress.check();
            progress.at(i, tensors.size());
            var name = tensors.get(i).name();
            var other = there.source().tensor(name);
            if (other.isEmpty()) {
                onlyHere.add(name);
                continue;
            }
            var one = compare(here, there, tensors.get(i), other.get().info(), progress);
            if (one == null) {
                same++;
            } else {
                moved.add(one);
            }
        }
        var onlyThere = there.source().tensors().stream().map(TensorInfo::name)
                .filter(n -> here.source().tensor(n).isEmpty()).toList();
        moved.sort(Comparator.comparingDouble(Moved::order).reversed());
        return new CheckpointDiff(List.copyOf(moved), same, List.copyOf(onlyHere), onlyThere);
    }

    private static @Nullable Moved compare(Workspace here, Workspace there, TensorInfo a, TensorInfo b,
            Progress progress) throws CheckpointException {
        if (!a.shape().equals(b.shape()) || !Statistics.canDescribe(a.dtype())
                || !Statistics.canDescribe(b.dtype())) {
            return new Moved(a.name(), a.shape(), b.shape(), null, null);
        }
        try {
            var found = TensorDifference.of(here.values(a.name()), there.values(a.name()), 1, quiet(progress));
            return found.isSame() ? null : new Moved(a.name(), a.shape(), b.shape(), found, null);
        } catch (CheckpointException e) {
            if (e.code() == Code.CANCELLED) { throw e; }
            return new Moved(a.name(), a.shape(), b.shape(), null, e.problem());
        }
    }

    /** The whole tells how far it is; its parts don't. */
    private static Progress quiet(Progress other) {
        return new Progress() {
            @Override
            public boolean cancelled() {
                return other.cancelled();
            }
        };
    }
}
