package weft.rule;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import org.jspecify.annotations.Nullable;

import weft.io.Code;
import weft.io.Problem;
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

        /**
         * Captures that collect: they stand in a source and in no target, so one target is made of many tensors, in
         * the order of these numbers.
         */
        public Set<String> collected() {
            return difference(from, to);
        }

        /** Captures that spread: they stand in a target and in no source, so many targets are made of one tensor. */
        public Set<String> spread() {
            return difference(to, from);
        }

        private static Set<String> difference(List<Branch> branches, List<Branch> without) {
            var names = new LinkedHashSet<String>();
            branches.forEach(b -> names.addAll(b.name().captureNames()));
            without.forEach(b -> names.removeAll(b.name().captureNames()));
            return names;
        }

        /** {@code E-COLLECT} if something is collected and no op makes one tensor of it. */
        public Optional<Problem> problem() {
            return collected().isEmpty() || joins()
                    ? Optional.empty()
                    : Optional.of(notJoined(ArrowText.print(this), collected()));
        }

        /** {@code E-COLLECT} for captures that stand for many tensors where one is wanted. */
        public static Problem notJoined(Object where, Collection<String> captures) {
            return Problem.of(Code.E_COLLECT).field(where).found("{" + String.join("}, {", captures) + "}")
                    .expected("stack | concat");
        }

        /** Whether any op makes one tensor of several. */
        public boolean joins() {
            return ops.stream().anyMatch(op -> op instanceof Stack || op instanceof Concat || op instanceof Combine);
        }

        /**
         * The chain for one match of this rule.
         *
         * @param sources how many tensors each source stands for: 1, or as many as were collected
         * @param targets how many parameters each target stands for: 1, or as many as it spreads to
         */
        public Chain chain(List<Integer> sources, List<Integer> targets) {
            return new Chain(repeated(from, sources), ops, repeated(to, targets));
        }

        private static List<List<Op>> repeated(List<Branch> branches, List<Integer> counts) {
            return IntStream.range(0, branches.size()).boxed()
                    .flatMap(i -> Collections.nCopies(counts.get(i), branches.get(i).ops()).stream()).toList();
        }

        public Chain chain() {
            return new Chain(from.stream().map(Branch::ops).toList(), ops, to.stream().map(Branch::ops).toList());
        }

        @Override
        public List<Pattern> targets() {
            return to.stream().map(Branch::name).toList();
        }
    }

    /**
     * A target that equals another target.
     *
     * @param assertEqual whether a source that has both must have them equal, bit for bit, or the conversion stops
     *        with {@code HEAD_NOT_TIED}; a tie that writes nothing ({@link Write#OMIT}) always asks that
     */
    record Tie(Pattern same, Pattern to, Write write, boolean assertEqual) implements Rule {
        public Tie(Pattern same, Pattern to, Write write) {
            this(same, to, write, false);
        }

        /** Whether the source's own tensor for the target is compared before anything is written. */
        public boolean compares() {
            return assertEqual || write == Write.OMIT;
        }

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

    /** Recipes of {@link Init}. The causal mask is 1 above the diagonal, where a position may not look, and 0 elsewhere. */
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

    /**
     * Something that must hold, or the plan is wrong: it makes nothing.
     *
     * @param from source tensors it speaks of, or {@code null}
     * @param to target parameters it speaks of, as the rules make them, or {@code null}; {@link Next} speaks of neither
     */
    record Assert(Check check, @Nullable Pattern from, @Nullable Pattern to) implements Rule {
        public Assert {
            int sides = (from == null ? 0 : 1) + (to == null ? 0 : 1);
            if (sides != (check instanceof Next ? 0 : 1)) { throw new IllegalArgumentException(String.valueOf(check)); }
        }

        @Override
        public List<Pattern> targets() {
            return List.of();
        }
    }

    /** What an {@link Assert} asks for. */
    sealed interface Check {
    }

    /** The whole shape: {@code shape [vocab_size, n_embd]}. */
    record HasShape(List<SizeExpr> dims) implements Check {
        public HasShape {
            dims = List.copyOf(dims);
        }

        @Override
        public String toString() {
            return "shape " + dims.stream().map(SizeExpr::toString).collect(Collectors.joining(", ", "[", "]"));
        }
    }

    /** One dimension: {@code dim @0 vocab_size}. */
    record HasDim(int axis, SizeExpr size) implements Check {
        @Override
        public String toString() {
            return "dim @" + axis + " " + size;
        }
    }

    /**
     * What the finished model computes: after these token ids, the most likely next one is {@code next}.
     * {@code next [15496, 995] 11}
     */
    record Next(List<Integer> ids, int next) implements Check {
        public Next {
            ids = List.copyOf(ids);
            if (ids.isEmpty()) { throw new IllegalArgumentException("ids"); }
        }

        @Override
        public String toString() {
            return "next " + ids + " " + next;
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
