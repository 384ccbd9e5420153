package weft.ui.tree;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import weft.plan.Row;
import weft.plan.Status;
import weft.tensor.TensorInfo;

/**
 * One line of the table, and the lines inside it. A relation shows one tensor and one parameter, or one and several;
 * everything else adds up what is in it.
 *
 * @param id the same for the same thing in the next plan, so that what is open stays open
 * @param source what stands on the left; {@code tensors} of a group lie under this name
 * @param target what stands on the right
 * @param rows the parameters under this line
 * @param tensors the source tensors under this line, each once
 * @param tag how alike blocks are, or {@code null} for a line that is no block
 */
public record Item(String id, Kind kind, Label source, Label target, List<Row> rows, List<TensorInfo> tensors,
        List<Chip> chips, @Nullable Tag tag, Map<Status, Integer> counts, int hidden,
        List<Item> children) {

    /** What a line is. */
    public enum Kind {
        /** Tensors and the parameters they make; opens where one side has several. */
        RELATION,
        /** One end of a relation that has several. */
        PART,
        /** A module: names that begin alike. */
        GROUP,
        /** One of the blocks that repeat. */
        BLOCK,
        /** Several blocks that are alike, shown as one. */
        FOLD
    }

    /** A name, the part before it that all names share, drawn faintly; both empty where the side is missing. */
    public record Label(String faint, String text) {
        static final Label NONE = new Label("", "");

        public boolean isEmpty() {
            return faint.isEmpty() && text.isEmpty();
        }
    }

    /**
     * How alike blocks are.
     *
     * @param blocks how many are alike
     * @param first the block the others are like, or empty
     * @param odd names of blocks that differ, {@code h7}
     */
    public record Tag(What what, int blocks, String first, List<String> odd) {
        /** Which sentence it is. */
        public enum What {
            /** A folded line for all: "12 blocks, all alike". */
            ALL,
            /** The one that is shown for the others: "of 12, all alike". */
            ONE_OF,
            /** The others: "11 blocks, like h0". */
            LIKE,
            /** "11 alike, h7 differs". */
            SOME,
            /** It isn't like the others. */
            ODD
        }
    }

    Item(String id, Kind kind, Label source, Label target, List<Row> rows, List<TensorInfo> tensors, List<Chip> chips,
            @Nullable Tag tag, List<Item> children) {
        this(id, kind, source, target, rows, tensors, chips, tag, counts(rows),
                (int) rows.stream().filter(Row::hidden).count(), children);
    }

    private static Map<Status, Integer> counts(List<Row> rows) {
        var counts = new EnumMap<Status, Integer>(Status.class);
        rows.forEach(r -> counts.merge(r.status(), 1, Integer::sum));
        return counts;
    }

    Item with(@Nullable Tag other) {
        return new Item(id, kind, source, target, rows, tensors, chips, other, counts, hidden, children);
    }

    /** Whether it stands for tensors and parameters itself. */
    public boolean isRelation() {
        return kind == Kind.RELATION || kind == Kind.PART;
    }

    public boolean opens() {
        return !children.isEmpty();
    }

    /** Whether several sources stand under it. */
    public boolean severalSources() {
        return isRelation() ? tensors.size() > 1 : opens();
    }

    public boolean severalTargets() {
        return isRelation() ? rows.size() > 1 : opens();
    }

    /** Elements of all source tensors. */
    public long elements() {
        return tensors.stream().mapToLong(t -> elements(t)).sum();
    }

    /** Bytes of all source tensors. */
    public long bytes() {
        return tensors.stream().mapToLong(TensorInfo::bytes).sum();
    }

    private static long elements(TensorInfo tensor) {
        return tensor.shape().count();
    }

    /** A line is itself: comparing what is in it would compare whole models. */
    @Override
    public boolean equals(@Nullable Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return id.hashCode();
    }
}
