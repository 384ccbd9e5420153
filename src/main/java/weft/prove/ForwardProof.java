package weft.prove;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import weft.arch.Hypers;
import weft.infer.Kernels;
import weft.infer.Loss;
import weft.infer.Models;
import weft.infer.PlanWeights;
import weft.infer.Weights;
import weft.io.CheckpointException;
import weft.io.Progress;
import weft.plan.Execution;
import weft.plan.Plan;
import weft.prove.Orientation.Answer;
import weft.prove.Orientation.Trial;
import weft.prove.Orientation.Verdict;
import weft.tensor.TensorData;
import weft.tensor.TensorSource;

/**
 * Finds out which way round square matrices are stored by computing with both. Hypotheses are tested for whole roles
 * first (all {@code c_proj} alike), because turning one of twelve wrong squares gives no signal; then layer by layer
 * against the best of those, until turning no single layer helps. A verdict needs {@link Orientation#MARGIN} and a
 * winner that is clearly a language model: in trained models a square of a later layer often makes less difference
 * than that, and then there is none.
 */
public final class ForwardProof {
    /** Predicted tokens of the text that are used: every hypothesis costs one pass over them. */
    public static final int MOST_TOKENS = 256;

    /** Roles up to which every combination is tried: 2⁴ passes. */
    private static final int FEW_ROLES = 4;

    private final Plan plan;
    private final Weights stored;
    private final Weights turned;
    private final Map<String, List<Square>> kinds = new LinkedHashMap<>();
    private final Map<String, Square> byRole = new HashMap<>();
    private final Hypers hypers;
    private final int[] ids;
    private final Progress progress;
    private final List<Trial> trials = new ArrayList<>();
    private final Map<Set<Square>, Double> losses = new HashMap<>();
    private int runs;
    private int expected;

    private ForwardProof(Plan plan, List<TensorSource> tensors, Hypers hypers, int[] ids, Progress progress)
            throws CheckpointException {
        this.plan = plan;
        this.hypers = hypers;
        this.ids = ids;
        this.progress = progress;
        for (var square : Square.of(plan)) {
            kinds.computeIfAbsent(square.pattern(), _ -> new ArrayList<>()).add(square);
            byRole.put(square.role(), square);
        }
        stored = new PlanWeights(new Execution(plan, tensors));
        turned = new PlanWeights(new Execution(plan, Square.turned(plan, tensors)));
    }

    /**
     * Tests a source by itself, whatever it shall become: which way round its squares lie is a property of the file.
     *
     * @param plan the source as a target of its own; its family must be one Weft computes
     * @param tensors the source's
     * @param ids the fixed text's tokens, of which the first {@link #MOST_TOKENS} + 1 are used
     * @param name the fixed text's name
     * @throws CheckpointException {@code NOT_COMPLETE}, {@code NOT_FINITE}, {@code BAD_PROMPT}, … as the forward pass
     */
    public static Orientation of(Plan plan, List<TensorSource> tensors, Hypers hypers, int[] ids, String name,
            Progress progress) throws CheckpointException {
        var used = ids.length > MOST_TOKENS + 1 ? Arrays.copyOf(ids, MOST_TOKENS + 1) : ids;
        return new ForwardProof(plan, tensors, hypers, used, progress).run(name);
    }

    private Orientation run(String name) throws CheckpointException {
        int count = byRole.size();
        expected = 1 + (1 << Math.min(FEW_ROLES, kinds.size())) + count + kinds.size();
        double before = loss(Set.of());
        var best = kinds.size() <= FEW_ROLES ? ofAllCombinations() : ofOneKindAfterAnother();
        // Layer by layer until nothing helps: every verdict is about the best model found, not about one on the way.
        var margins = new HashMap<Square, Double>();
        for (boolean again = true; again;) {
            again = false;
            for (var square : byRole.values().stream().sorted(java.util.Comparator.comparing(Square::tensor,
                    weft.name.NaturalOrder.INSTANCE)).toList()) {
                var other = flipped(best, List.of(square));
                double margin = trial(square.tensor(), other, best);
                margins.put(square, margin);
                if (margin < -Orientation.MARGIN) {
                    best = other;
                    again = true;
                }
            }
        }
        boolean isModel = loss(best) < Math.log(vocabulary()) - 1;
        var verdicts = new LinkedHashMap<Square, Verdict>();
        for (var kind : kinds.values()) {
            boolean turned = isModel && isTurned(kind, best);
            for (var square : kind) {
                double margin = margins.getOrDefault(square, 0.0);
                boolean clear = isModel && margin > Orientation.MARGIN;
                boolean withItsKind = turned && margin > Orientation.MARGIN / 10;
                verdicts.put(square, new Verdict(square.tensor(), !clear && !withItsKind ? Answer.TOO_CLOSE
                        : best.contains(square) ? Answer.TURNED : Answer.RIGHT, margin));
            }
        }
        var wrong = new LinkedHashSet<>(best);
        wrong.removeIf(s -> verdicts.get(s) == null || verdicts.get(s).answer() != Answer.TURNED);
        var ordered = kinds.values().stream().flatMap(List::stream).map(verdicts::get).toList();
        return new Orientation(name, before, loss(wrong), isModel, List.copyOf(trials), ordered);
    }

    /**
     * Whether a kind is turned as a whole: all of them were better turned, and clearly so together.
     * Whoever forgot one {@code c_proj} forgot all of them; so a layer that makes little difference goes with its kind
     * if it is better turned too. Nothing of that sort proves that a layer is right.
     */
    private boolean isTurned(List<Square> kind, Set<Square> best) throws CheckpointException {
        return best.containsAll(kind) && trial(pattern(kind), flipped(best, kind), best) > Orientation.MARGIN;
    }

    private static String pattern(List<Square> kind) {
        return kind.getFirst().pattern();
    }

    /** Every kind turned or not, in every combination. */
    private Set<Square> ofAllCombinations() throws CheckpointException {
        var lists = List.copyOf(kinds.values());
        Set<Square> best = Set.of();
        for (int combination = 1; combination < 1 << lists.size(); combination++) {
            var some = new HashSet<Square>();
            var names = new ArrayList<String>();
            for (int kind = 0; kind < lists.size(); kind++) {
                if ((combination >> kind & 1) == 1) {
                    some.addAll(lists.get(kind));
                    names.add(pattern(lists.get(kind)));
                }
            }
            if (trial(String.join(", ", names), some, best) < -Orientation.MARGIN) {
                best = some;
            }
        }
        return best;
    }

    /** All kinds together, then whichever one helps most, until none does. */
    private Set<Square> ofOneKindAfterAnother() throws CheckpointException {
        Set<Square> best = Set.of();
        var all = Set.copyOf(byRole.values());
        if (trial("*", all, best) < -Orientation.MARGIN) {
            best = all;
        }
        while (true) {
            var next = best;
            for (var kind : kinds.values()) {
                var other = flipped(best, kind);
                trial(pattern(kind), other, best);
                if (loss(other) < loss(next) - Orientation.MARGIN) {
                    next = other;
                }
            }
            if (next.equals(best)) {
                return best;
            }
            best = next;
        }
    }

    private static Set<Square> flipped(Set<Square> turned, List<Square> squares) {
        var next = new HashSet<>(turned);
        for (var square : squares) {
            if (!next.remove(square)) {
                next.add(square);
            }
        }
        return next;
    }

    /** How much worse the model is with these turned than with those. */
    private double trial(String what, Set<Square> some, Set<Square> against) throws CheckpointException {
        var trial = new Trial(what, loss(some), loss(against));
        trials.add(trial);
        return trial.margin();
    }

    private double loss(Set<Square> some) throws CheckpointException {
        var known = losses.get(some);
        if (known != null) {
            return known;
        }
        progress.check();
        progress.at(runs++, Math.max(expected, runs));
        var model = Models.load(new Hypothesis(some, !losses.isEmpty()), plan.target(), hypers, Kernels.best());
        double loss = Loss.of(model, ids, quiet()).mean();
        losses.put(Set.copyOf(some), loss);
        return loss;
    }

    /** Only cancels; what is done of one pass isn't what is done of all. */
    private Progress quiet() {
        return new Progress() {
            @Override
            public boolean cancelled() {
                return progress.cancelled();
            }
        };
    }

    /** The weights with some squares turned. @param areTrusted they were looked at when the first model was loaded */
    private final class Hypothesis implements Weights {
        private final Set<Square> some;
        private final boolean areTrusted;

        Hypothesis(Set<Square> some, boolean areTrusted) {
            this.some = some;
            this.areTrusted = areTrusted;
        }

        @Override
        public TensorData role(String role) throws CheckpointException {
            var square = byRole.get(role);
            return (square != null && some.contains(square) ? turned : stored).role(role);
        }

        @Override
        public boolean has(String role) {
            return stored.has(role);
        }

        @Override
        public boolean areTrusted() {
            return areTrusted;
        }
    }

    private long vocabulary() {
        var dialect = plan.target().dialect();
        return dialect == null ? 1 : plan.target().size(dialect.family().vocabulary()).orElse(1);
    }
}
