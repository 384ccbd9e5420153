package weft.prove;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;

import weft.arch.Hypers;
import weft.infer.Kernels;
import weft.infer.Loss;
import weft.infer.Models;
import weft.infer.Weights;
import weft.io.CheckpointException;
import weft.io.Progress;
import weft.plan.Execution;
import weft.plan.Plan;
import weft.plan.Producer;
import weft.prove.Orientation.Answer;
import weft.prove.Orientation.Trial;
import weft.prove.Orientation.Verdict;
import weft.tensor.TensorData;

/**
 * Finds out which way round square matrices are stored by computing with both. Hypotheses are tested for whole roles
 * first (all {@code c_proj} alike), because turning one of twelve wrong squares gives no signal; then layer by layer
 * against the best of those. A verdict needs {@link Orientation#MARGIN} and a winner that is clearly a language model.
 */
public final class ForwardProof {
    private final Plan plan;
    private final Weights weights;
    private final Hypers hypers;
    private final int[] ids;
    private final Progress progress;
    private final List<Trial> trials = new ArrayList<>();
    private int runs;
    private int expected = 1;

    private ForwardProof(Plan plan, Weights weights, Hypers hypers, int[] ids, Progress progress) {
        this.plan = plan;
        this.weights = weights;
        this.hypers = hypers;
        this.ids = ids;
        this.progress = progress;
    }

    /** A square source tensor and the one role it feeds. */
    private record Square(String tensor, String role, String pattern) {
    }

    /**
     * @param plan complete; its target's family must be one Weft computes
     * @param ids the fixed text's tokens
     * @param name the fixed text's name
     */
    public static Orientation of(Plan plan, Execution execution, Hypers hypers, int[] ids, String name,
            Progress progress) throws CheckpointException {
        return new ForwardProof(plan, new weft.infer.PlanWeights(execution), hypers, ids, progress).run(name);
    }

    private Orientation run(String name) throws CheckpointException {
        var roles = new LinkedHashMap<String, List<Square>>();
        for (var square : squares()) {
            roles.computeIfAbsent(square.pattern(), _ -> new ArrayList<>()).add(square);
        }
        int count = roles.values().stream().mapToInt(List::size).sum();
        expected = 2 + roles.size() * (roles.size() + 1) + count;
        double before = loss(Set.of());
        var turned = new HashSet<String>();
        double best = before;
        // All roles together, then whichever one helps most, until none does.
        if (roles.size() > 1) {
            var all = new HashSet<String>();
            roles.values().forEach(r -> r.forEach(s -> all.add(s.role())));
            double loss = trial("*", all, best);
            if (loss < best - Orientation.MARGIN) {
                turned.addAll(all);
                best = loss;
            }
        }
        var margins = new LinkedHashMap<String, Double>();
        for (boolean again = true; again;) {
            again = false;
            String winner = null;
            double least = best - Orientation.MARGIN;
            for (var role : roles.entrySet()) {
                double loss = trial(role.getKey(), flipped(turned, role.getValue()), best);
                margins.put(role.getKey(), loss - best);
                if (loss < least) {
                    least = loss;
                    winner = role.getKey();
                }
            }
            if (winner != null) {
                var next = flipped(turned, roles.getOrDefault(winner, List.of()));
                turned.clear();
                turned.addAll(next);
                best = least;
                again = true;
            }
        }
        var verdicts = new ArrayList<Verdict>();
        boolean isModel = best < Math.log(vocabulary()) - 1;
        for (var role : roles.entrySet()) {
            double ofRole = margins.getOrDefault(role.getKey(), 0.0);
            for (var square : role.getValue()) {
                var other = flipped(turned, List.of(square));
                double loss = role.getValue().size() == 1 ? best + ofRole : trial(square.tensor(), other, best);
                double margin = loss - best;
                boolean better = margin < -Orientation.MARGIN;
                if (better) { // taken over at once: the layers behind it are judged against the better model
                    turned.clear();
                    turned.addAll(other);
                    best = loss;
                }
                // One layer alone may make little difference. Then what holds for all of its kind together speaks for
                // it, as long as it doesn't itself speak against that.
                boolean decided = Math.abs(margin) > Orientation.MARGIN || ofRole > Orientation.MARGIN && margin >= 0;
                var answer = !isModel || !decided
                        ? Answer.TOO_CLOSE
                        : turned.contains(square.role()) ? Answer.TURNED : Answer.RIGHT;
                verdicts.add(new Verdict(square.tensor(), answer, Math.abs(margin)));
            }
        }
        return new Orientation(name, before, best, List.copyOf(trials), verdicts);
    }

    /** One-to-one square matrices whose shape can't tell. */
    private List<Square> squares() {
        var squares = new ArrayList<Square>();
        for (var row : plan.rows()) {
            var bound = row.target().bound();
            if (!(row.producer() instanceof Producer.FromSources from) || from.sources().size() != 1 || bound == null
                    || bound.roles().size() != 1 || from.chain().out().size() != 1 || !row.status().isReady()) {
                continue;
            }
            var shape = row.sources().getFirst().shape().squeezed();
            if (shape.rank() == 2 && shape.dim(0) == shape.dim(1)) {
                squares.add(new Square(from.sources().getFirst(), bound.roles().getFirst(),
                        bound.entry().name().toString()));
            }
        }
        return squares;
    }

    private static Set<String> flipped(Set<String> turned, List<Square> squares) {
        var next = new HashSet<>(turned);
        for (var square : squares) {
            if (!next.remove(square.role())) {
                next.add(square.role());
            }
        }
        return next;
    }

    private double trial(String what, Set<String> turned, double against) throws CheckpointException {
        double loss = loss(turned);
        trials.add(new Trial(what, loss, against));
        return loss;
    }

    private double loss(Set<String> turned) throws CheckpointException {
        progress.check();
        progress.at(runs++, Math.max(expected, runs));
        var hypothesis = new Weights() {
            @Override
            public TensorData role(String role) throws CheckpointException {
                var data = weights.role(role);
                return turned.contains(role) ? data.permute(1, 0) : data;
            }

            @Override
            public boolean has(String role) {
                return weights.has(role);
            }
        };
        var model = Models.load(hypothesis, plan.target(), hypers, Kernels.best());
        return Loss.of(model, ids, progress).mean();
    }

    private long vocabulary() {
        var dialect = plan.target().dialect();
        return dialect == null ? 1 : plan.target().size(dialect.family().vocabulary()).orElse(1);
    }
}
