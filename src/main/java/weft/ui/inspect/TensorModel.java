package weft.ui.inspect;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import javafx.beans.property.BooleanProperty;
import javafx.beans.property.ReadOnlyObjectProperty;
import javafx.beans.property.ReadOnlyObjectWrapper;
import javafx.beans.property.SimpleBooleanProperty;

import org.jspecify.annotations.Nullable;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.plan.Producer;
import weft.tensor.Shape;
import weft.tensor.Statistics;
import weft.tensor.TensorInfo;
import weft.ui.model.Session;
import weft.ui.tree.Item;
import weft.work.HeatMap;
import weft.work.HeatMap.Cut;
import weft.work.HeatMap.Window;
import weft.work.TensorDifference;
import weft.work.TensorLook;
import weft.work.TensorLook.Facts;
import weft.work.TensorLook.Ref;
import weft.work.Workspace;

/**
 * One tensor that is looked into: its numbers, a slice of it, the value under the crosshair, another tensor beside it.
 * Numbers are computed beside the window's thread and kept for tensors that were looked at before.
 */
public final class TensorModel {
    /** A value of the slice and where it is in the tensor. */
    public record Spot(long row, long column, long[] index, double value) {
    }

    /**
     * Another tensor beside this one.
     *
     * @param found {@code null} while it is computed
     */
    public record Beside(Ref other, @Nullable TensorDifference found) {
    }

    static final int BINS = 41;
    /** Cells of a heat map in each direction. */
    static final int CELLS = 240;
    /** Values that are copied as text at once. */
    static final long MOST_COPIED = 65_536;
    private static final int KEPT = 64;
    private static final String LANE = "tensor", HEAT = "heat", COMPARE = "compare";

    private final Session session;
    private final ReadOnlyObjectWrapper<@Nullable Ref> shown = new ReadOnlyObjectWrapper<>();
    private final ReadOnlyObjectWrapper<@Nullable Facts> facts = new ReadOnlyObjectWrapper<>();
    private final ReadOnlyObjectWrapper<@Nullable HeatMap> heat = new ReadOnlyObjectWrapper<>();
    private final ReadOnlyObjectWrapper<@Nullable Spot> spot = new ReadOnlyObjectWrapper<>();
    private final ReadOnlyObjectWrapper<@Nullable Beside> beside = new ReadOnlyObjectWrapper<>();
    private final ReadOnlyObjectWrapper<@Nullable Problem> problem = new ReadOnlyObjectWrapper<>();
    private final BooleanProperty logarithmic = new SimpleBooleanProperty();
    private final Map<Ref, Facts> kept = new LinkedHashMap<>(KEPT, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Ref, Facts> eldest) {
            return size() > KEPT;
        }
    };
    private Cut cut = Cut.of(0);
    private @Nullable Window window;
    private @Nullable Workspace of;
    private boolean active;
    private boolean computing;

    public TensorModel(Session session) {
        this.session = session;
        session.selected().addListener((_, _, _) -> select());
        session.workspace().addListener((_, _, _) -> changed());
        session.tasks().whenStopped(this::stopped);
    }

    /** What was being computed isn't known and won't be, until the tensor is chosen again. */
    private void stopped() {
        var pair = beside.get();
        if (pair != null && pair.found() == null) {
            compare(null);
        }
        if (computing) {
            computing = false;
            problem.set(Problem.of(Code.CANCELLED));
        }
    }

    // ---------------------------------------------------------------- what is shown

    public ReadOnlyObjectProperty<@Nullable Ref> shown() {
        return shown.getReadOnlyProperty();
    }

    public ReadOnlyObjectProperty<@Nullable Facts> facts() {
        return facts.getReadOnlyProperty();
    }

    public ReadOnlyObjectProperty<@Nullable HeatMap> heat() {
        return heat.getReadOnlyProperty();
    }

    public ReadOnlyObjectProperty<@Nullable Spot> spot() {
        return spot.getReadOnlyProperty();
    }

    public ReadOnlyObjectProperty<@Nullable Beside> beside() {
        return beside.getReadOnlyProperty();
    }

    /** Why the values can't be shown. */
    public ReadOnlyObjectProperty<@Nullable Problem> problem() {
        return problem.getReadOnlyProperty();
    }

    /** How a histogram's heights grow. */
    public BooleanProperty logarithmic() {
        return logarithmic;
    }

    public Cut cut() {
        return cut;
    }

    public Shape shape() {
        var ref = shown.get();
        return of == null || ref == null ? Shape.SCALAR : TensorLook.shape(of, ref);
    }

    /** What the file says of the shown tensor; {@code null} for one that rules make. */
    public @Nullable TensorInfo info() {
        var ref = shown.get();
        return of == null || ref == null || ref.made()
                ? null
                : of.source().tensors().stream().filter(t -> t.name().equals(ref.name())).findFirst().orElse(null);
    }

    /** The tensors and parameters of the selected line. */
    public List<Ref> choices() {
        var item = session.selected().get();
        return item == null || !item.isRelation() ? List.of() : refs(item);
    }

    private static List<Ref> refs(Item item) {
        var refs = new ArrayList<Ref>();
        item.tensors().forEach(t -> refs.add(new Ref(false, t.name())));
        item.rows().stream().filter(r -> r.producer() instanceof Producer.FromSources && r.problem() == null)
                .forEach(r -> refs.add(new Ref(true, r.target().name())));
        return List.copyOf(refs);
    }

    // ---------------------------------------------------------------- choosing

    /** Nobody looks: nothing is read. */
    public void setActive(boolean looked) {
        if (active != looked) {
            active = looked;
            select();
        }
    }

    private void changed() {
        var now = session.workspace().get();
        var before = of;
        boolean same = before != null && now != null && before.source() == now.source();
        kept.keySet().removeIf(r -> !same || r.made());
        var ref = shown.get();
        if (!same || ref != null && ref.made()) {
            show(null);
        }
        of = now;
        select();
    }

    private void select() {
        of = session.workspace().get();
        if (!active || of == null) { return; }
        var choices = choices();
        var ref = shown.get();
        if (choices.isEmpty()) {
            show(null);
        } else if (ref == null || !choices.contains(ref)) {
            show(choices.getFirst());
        }
    }

    /** Looks into this tensor. */
    public void show(@Nullable Ref ref) {
        for (var lane : List.of(LANE, HEAT, COMPARE)) {
            session.tasks().cancel(lane);
        }
        computing = false;
        facts.set(null);
        heat.set(null);
        spot.set(null);
        beside.set(null);
        problem.set(null);
        window = null;
        var workspace = of;
        cut = Cut.of(ref == null || workspace == null ? 0 : TensorLook.shape(workspace, ref).rank());
        shown.set(ref);
        if (ref == null || workspace == null) { return; }
        var info = info();
        if (info != null && info.broken() != null) {
            problem.set(info.broken());
            return;
        }
        if (info != null && !Statistics.canDescribe(info.dtype())) { return; }
        var known = kept.get(ref);
        if (known != null) {
            facts.set(known);
        } else {
            computing = true;
            session.tasks().run(LANE, "busy.tensor", p -> TensorLook.facts(workspace, ref, BINS, p), found -> {
                computing = false;
                kept.put(ref, found);
                facts.set(found);
            }, why -> {
                computing = false;
                problem.set(why);
            });
        }
        slice();
    }

    // ---------------------------------------------------------------- the slice

    /** Shows the slice anew: other axes, another index, another window. */
    private void slice() {
        var ref = shown.get();
        var workspace = of;
        if (ref == null || workspace == null || shape().count() == 0) { return; }
        var minus = beside.get() == null ? null : Objects.requireNonNull(beside.get()).other();
        var asked = cut;
        var part = window;
        session.tasks().run(HEAT, "busy.tensor",
                p -> TensorLook.slice(workspace, ref, minus, asked, part, CELLS, p), heat::set, problem::set);
    }

    /** Which axes run down and across; the same axis for both changes them about. */
    public void axes(int rows, int columns) {
        if (shape().rank() < 2) { return; }
        cut = rows == columns ? cut.swapped() : new Cut(rows, columns, cut.index());
        restart();
    }

    public void swapAxes() {
        cut = cut.swapped();
        restart();
    }

    /** Where in the axes that are not shown. */
    public void index(int axis, long at) {
        var index = cut.index().clone();
        index[axis] = Math.clamp(at, 0, Math.max(0, shape().dim(axis) - 1));
        cut = new Cut(cut.rowAxis(), cut.columnAxis(), index);
        spot.set(null);
        slice();
    }

    private void restart() {
        window = null;
        spot.set(null);
        slice();
    }

    private Window whole() {
        var shape = shape();
        return new Window(0, 0, cut.rowAxis() < 0 ? 1 : shape.dim(cut.rowAxis()),
                cut.columnAxis() < 0 ? 1 : shape.dim(cut.columnAxis()));
    }

    /** What of the slice is in view. */
    public Window window() {
        var part = window;
        return part == null ? whole() : part;
    }

    /** Whether only a part of the slice is in view. */
    public boolean isZoomed() {
        return window != null;
    }

    /** Twice as near, or half, around the crosshair or the middle. */
    public void zoom(double factor) {
        var at = spot.get();
        var w = window();
        zoom(factor, at == null ? w.row() + w.rows() / 2 : at.row(),
                at == null ? w.column() + w.columns() / 2 : at.column());
    }

    public void zoom(double factor, long row, long column) {
        var all = whole();
        var w = window();
        long rows = Math.clamp(Math.round(w.rows() / factor), Math.min(4, all.rows()), all.rows());
        long columns = Math.clamp(Math.round(w.columns() / factor), Math.min(4, all.columns()), all.columns());
        window(new Window(row - rows / 2, column - columns / 2, rows, columns));
    }

    public void fit() {
        window(whole());
    }

    /** Moves the part in view into the slice. */
    private void window(Window wanted) {
        var all = whole();
        var next = new Window(Math.clamp(wanted.row(), 0, all.rows() - wanted.rows()),
                Math.clamp(wanted.column(), 0, all.columns() - wanted.columns()), wanted.rows(), wanted.columns());
        var part = next.equals(all) ? null : next;
        if (!Objects.equals(part, window)) {
            window = part;
            slice();
        }
    }

    // ---------------------------------------------------------------- the crosshair

    /** Puts the crosshair on a value of the slice; the view follows. */
    public void point(long row, long column) {
        var ref = shown.get();
        var workspace = of;
        if (ref == null || workspace == null) { return; }
        var all = whole();
        long r = Math.clamp(row, 0, all.rows() - 1);
        long c = Math.clamp(column, 0, all.columns() - 1);
        var index = cut.at(r, c);
        var other = beside.get();
        try {
            double value = TensorLook.value(workspace, ref, index);
            if (other != null && TensorLook.shape(workspace, other.other()).equals(shape())) {
                value -= TensorLook.value(workspace, other.other(), index);
            }
            spot.set(new Spot(r, c, index, value));
        } catch (CheckpointException e) {
            problem.set(e.problem());
            return;
        }
        var w = window();
        long top = r < w.row() ? r : r >= w.row() + w.rows() ? r - w.rows() + 1 : w.row();
        long left = c < w.column() ? c : c >= w.column() + w.columns() ? c - w.columns() + 1 : w.column();
        window(new Window(top, left, w.rows(), w.columns()));
    }

    /** Moves the crosshair; from the middle if there is none yet. */
    public void move(long down, long across) {
        var at = spot.get();
        var w = window();
        point((at == null ? w.row() + w.rows() / 2 : at.row()) + down,
                (at == null ? w.column() + w.columns() / 2 : at.column()) + across);
    }

    // ---------------------------------------------------------------- copying, comparing

    public boolean canCopy() {
        return shown.get() != null && window().count() <= MOST_COPIED && shape().count() > 0;
    }

    /** What is in view as Python; empty if it can't be had. */
    public String numpy() {
        var ref = shown.get();
        var workspace = of;
        if (ref == null || workspace == null || !canCopy()) { return ""; }
        try {
            return TensorLook.numpy(workspace, ref, cut, window());
        } catch (CheckpointException e) {
            problem.set(e.problem());
            return "";
        }
    }

    /** Tensors and parameters of the same shape, the nearest kin first: those of the same line. */
    public List<Ref> comparable() {
        var ref = shown.get();
        var workspace = of;
        if (ref == null || workspace == null) { return List.of(); }
        var wanted = shape().squeezed();
        var alike = new LinkedHashSet<Ref>();
        workspace.source().tensors().stream().filter(t -> t.shape().squeezed().equals(wanted))
                .forEach(t -> alike.add(new Ref(false, t.name())));
        session.plan().ifPresent(plan -> plan.rows().stream()
                .filter(r -> r.producer() instanceof Producer.FromSources && r.problem() == null)
                .filter(r -> r.target().shape().squeezed().equals(wanted))
                .forEach(r -> alike.add(new Ref(true, r.target().name()))));
        alike.remove(ref);
        return Stream.concat(choices().stream(), alike.stream()).distinct().filter(alike::contains).toList();
    }

    /** Holds another tensor against the shown one; {@code null} ends it. */
    public void compare(@Nullable Ref other) {
        var ref = shown.get();
        var workspace = of;
        session.tasks().cancel(COMPARE);
        spot.set(null);
        if (other == null || ref == null || workspace == null) {
            beside.set(null);
            slice();
            return;
        }
        beside.set(new Beside(other, null));
        session.tasks().run(COMPARE, "busy.tensor", p -> TensorLook.compare(workspace, ref, other, BINS, p),
                found -> beside.set(new Beside(other, found)), why -> {
                    beside.set(null);
                    problem.set(why);
                });
        slice();
    }
}
