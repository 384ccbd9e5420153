package weft.rule;

import java.util.List;

import org.jspecify.annotations.Nullable;

import weft.name.Pattern;

/**
 * How some target parameters are made. Rules are unordered and never see each other's output; each target parameter
 * has exactly one producer.
 */
public sealed interface Rule {

    /** The targets this rule speaks of; none for {@link Drop}. */
    List<Pattern> targets();

    /**
     * One end of a {@link Map}: names, with ops of their own.
     *
     * @param source which source ({@code adapter}), or {@code null} for the first one
     */
    record Branch(@Nullable String source, Pattern name, List<Op> ops) {
        public static Branch of(Pattern name) {
            return new Branch(null, name, List.of());
        }
    }

    /** From sources, through ops, to targets. */
    record Map(List<Branch> from, List<Op> ops, List<Branch> to) implements Rule {
        public Map {
            from = List.copyOf(from);
            ops = List.copyOf(ops);
            to = List.copyOf(to);
        }

        public Chain chain() {
            return new Chain(from.stream().map(Branch::ops).toList(), ops, to.stream().map(Branch::ops).toList());
        }

        @Override
        public List<Pattern> targets() {
            return to.stream().map(Branch::name).toList();
        }
    }

    /** A target that equals another target. */
    record Tie(Pattern same, Pattern to, Write write) implements Rule {
        @Override
        public List<Pattern> targets() {
            return List.of(to);
        }
    }

    /** What is written for a tied target: its values again, nothing, or a second name of the same storage. */
    enum Write {
        COPY, OMIT, ALIAS
    }

    /** A target made of nothing but a recipe. */
    record Init(Fill fill, double value, long seed, Pattern to) implements Rule {
        @Override
        public List<Pattern> targets() {
            return List.of(to);
        }
    }

    /** Recipes of {@link Init}. The mask is lower triangular: 1 where a position may not look ahead is 0. */
    enum Fill {
        ZEROS, ONES, CONST, NORMAL, CAUSAL_MASK
    }

    /** The target keeps its own initial value: nothing is written, and the report says so. */
    record Keep(Pattern to) implements Rule {
        @Override
        public List<Pattern> targets() {
            return List.of(to);
        }
    }

    /** Source tensors that are left out on purpose. */
    record Drop(Pattern from, String reason) implements Rule {
        @Override
        public List<Pattern> targets() {
            return List.of();
        }
    }
}
