package weft.lesson;

import java.util.List;
import java.util.Locale;

import org.jspecify.annotations.Nullable;

import weft.name.Pattern;
import weft.plan.Kind;
import weft.plan.Status;
import weft.rule.Op;
import weft.rule.Rule;

/** Something that must hold when a task is done. {@link Checks} finds out whether it does. */
public sealed interface Check {

    /** Every required parameter of the target has its values. */
    record Complete() implements Check {
    }

    /** The target is of this dialect. */
    record Target(String dialect) implements Check {
    }

    /**
     * Every row whose parameter has such a name is as wanted; there must be one.
     *
     * @param status one of these; empty: {@code fits} or {@code byRule}
     * @param kind or {@code null} for any
     * @param ops the ops in their order, {@code [rearrange, split]}, each with more of its words or none:
     *            {@code pad mean}; {@code null} for any
     * @param proved whether values or the forward pass must have shown the orientation
     */
    record Rows(Pattern parameter, List<Status> status, @Nullable Kind kind, @Nullable List<String> ops,
            boolean proved) implements Check {
        public Rows {
            status = List.copyOf(status);
            ops = ops == null ? null : List.copyOf(ops);
        }
    }

    /**
     * One number of a parameter comes from one place in the file, however the rule is spelled.
     *
     * @param at its index in the parameter
     * @param tensor the source tensor
     * @param from its index there
     */
    record Cell(String parameter, List<Long> at, String tensor, List<Long> from) implements Check {
        public Cell {
            at = List.copyOf(at);
            from = List.copyOf(from);
        }
    }

    /** A rule has been given in so many words. */
    record Given(Rule rule) implements Check {
    }

    /** The model runs, and its loss on the fixed text is less than this, in nat/token. */
    record Loss(double below) implements Check {
    }

    /** The right answer is chosen. */
    record Answer() implements Check {
    }

    /** At least one of these holds. */
    record Any(List<Check> of) implements Check {
        public Any {
            of = List.copyOf(of);
        }
    }

    /** The word of an op, as arrow text begins it. */
    static String word(Op op) {
        return op.getClass().getSimpleName().toLowerCase(Locale.ROOT);
    }
}
