package weft.ui.model;

import java.util.List;
import java.util.Objects;
import javafx.beans.property.ReadOnlyObjectProperty;
import javafx.beans.property.ReadOnlyObjectWrapper;
import javafx.beans.property.ReadOnlyStringProperty;
import javafx.beans.property.ReadOnlyStringWrapper;

import org.jspecify.annotations.Nullable;

import weft.io.Code;
import weft.io.Problem;
import weft.plan.Row;
import weft.tensor.TensorInfo;
import weft.ui.tree.Item;
import weft.work.RuleMaking;

/** A rule made by putting a source row and a target row together: dragged, or started here and ended there by key. */
public final class Linking {
    private final Session session;
    private final ReadOnlyObjectWrapper<@Nullable Item> started = new ReadOnlyObjectWrapper<>();
    private final ReadOnlyObjectWrapper<RuleMaking.@Nullable Proposal> proposal = new ReadOnlyObjectWrapper<>();
    private boolean dragging;

    private final ReadOnlyStringWrapper refused = new ReadOnlyStringWrapper("");

    public Linking(Session session) {
        this.session = session;
        session.workspace().addListener((_, old, now) -> {
            dismiss();
            if (old == null || now == null || old.source() != now.source()
                    || !Objects.equals(old.targetText(), now.targetText())) {
                session.tasks().cancel("link"); // a rule between what is no longer there
            }
        });
    }

    /** The row whose tensors are to be used; {@code null} if none was taken. */
    public ReadOnlyObjectProperty<@Nullable Item> started() {
        return started.getReadOnlyProperty();
    }

    /** The rule that waits for an answer: for all layers, or only here. */
    public ReadOnlyObjectProperty<RuleMaking.@Nullable Proposal> proposal() {
        return proposal.getReadOnlyProperty();
    }

    /** The key of what to say where a row can't be taken; empty if all is well. */
    public ReadOnlyStringProperty refused() {
        return refused.getReadOnlyProperty();
    }

    public static boolean canStart(@Nullable Item item) {
        return item != null && item.isRelation() && !item.tensors().isEmpty();
    }

    public boolean canEnd(@Nullable Item item) {
        return started.get() != null && item != null && item.isRelation() && !item.rows().isEmpty();
    }

    /** Starts with a row that is being dragged: nothing is asked and nothing moves until it is let go. */
    public void drag(Item item) {
        dragging = true;
        dismiss();
        started.set(item);
    }

    /** Whether a row is on its way by mouse. */
    public boolean isDragging() {
        return dragging && started.get() != null;
    }

    public void start(@Nullable Item item) {
        dragging = false;
        dismiss();
        started.set(canStart(item) ? item : null);
        refused.set(canStart(item) ? "" : item == null ? "ask.none" : "ask.noSource");
    }

    /** Makes the rule from where it was started to here. */
    public void end(@Nullable Item item) {
        var from = started.get();
        var workspace = session.workspace().get();
        if (from == null || item == null || workspace == null || !canEnd(item)) {
            refused.set(from == null ? "ask.notStarted" : item == null ? "ask.none" : "ask.noTarget");
            return;
        }
        refused.set("");
        started.set(null);
        List<TensorInfo> tensors = from.tensors();
        List<Row> rows = item.rows();
        session.tasks().run("link", "busy.plan", p -> RuleMaking.between(workspace, tensors, rows, p), made -> {
            if (made.isEmpty()) {
                session.tell(Problem.of(Code.E_SHAPE).field(rows.getFirst().target().name())
                        .found(tensors.getFirst().shape()).expected(rows.getFirst().target().shape()));
            } else if (made.get().alike() == null) {
                session.accept(made.get().here());
            } else {
                proposal.set(made.get());
            }
        }, session::tell);
    }

    /** For all layers. */
    public void acceptAlike() {
        var waiting = proposal.get();
        var rule = waiting == null ? null : waiting.alike();
        if (rule != null) {
            session.accept(rule);
        }
    }

    public void acceptHere() {
        var waiting = proposal.get();
        if (waiting != null) {
            session.accept(waiting.here());
        }
    }

    public void dismiss() {
        started.set(null);
        proposal.set(null);
        refused.set("");
    }
}
