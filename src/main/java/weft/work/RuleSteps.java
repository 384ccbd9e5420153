package weft.work;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

import weft.io.CheckpointException;
import weft.io.Problem;
import weft.plan.Plan;
import weft.plan.Producer;
import weft.plan.Row;
import weft.rule.Op;
import weft.rule.Rule;
import weft.rule.Sizes;
import weft.tensor.Shape;

/**
 * The shapes a rule leads through, op by op, on the first tensors it speaks of: what a person sees while writing it.
 *
 * @param sources names of what goes in
 * @param from their shapes, in the same order
 * @param steps one an op, in the order they run; nothing follows one that doesn't work
 * @param targets names of the parameters that come out
 * @param wanted their shapes
 */
public record RuleSteps(List<String> sources, List<Shape> from, List<Step> steps, List<String> targets,
        List<Shape> wanted) {

    /**
     * An op and what is there after it.
     *
     * @param shapes of all that is there; empty if it doesn't work
     * @param problem why it doesn't, or {@code null}
     */
    public record Step(Op op, List<Shape> shapes, @Nullable Problem problem) {
    }

    /** Whether what comes out is what the parameters want. */
    public boolean arrives() {
        return (steps.isEmpty() ? from : steps.getLast().shapes()).equals(wanted);
    }

    /** The steps of a rule that is given or suggested; empty for one that takes no tensor, or makes nothing here. */
    public static Optional<RuleSteps> of(Plan plan, Rule rule) {
        for (var row : plan.rows()) {
            if (rule.equals(row.rule()) && row.producer() instanceof Producer.FromSources made) {
                var together = plan.rows().stream().filter(r -> rule.equals(r.rule())
                        && r.producer() instanceof Producer.FromSources other && other.chain().equals(made.chain())
                        && other.sources().equals(made.sources())).toList();
                return Optional.of(of(row, made, together, plan.sizes()));
            }
        }
        return Optional.empty();
    }

    /** The steps a rule would have if it were given alone. */
    public static Optional<RuleSteps> of(Workspace workspace, Rule rule) {
        return workspace.withRules(workspace.rules().with(List.of(rule))).plan().flatMap(p -> of(p, rule));
    }

    private static RuleSteps of(Row row, Producer.FromSources made, List<Row> together, Sizes sizes) {
        var shapes = new HashMap<String, Shape>();
        row.sources().forEach(t -> shapes.put(t.name(), t.shape()));
        var from = made.sources().stream().map(n -> shapes.getOrDefault(n, Shape.SCALAR)).toList();
        var steps = new ArrayList<Step>();
        var chain = made.chain();
        boolean works = branches(chain.in(), from, sizes, steps);
        for (var op : chain.ops()) {
            works = works && step(op, now(from, steps), sizes, steps);
        }
        if (works) {
            branches(chain.out(), now(from, steps), sizes, steps);
        }
        return new RuleSteps(made.sources(), from, List.copyOf(steps),
                together.stream().map(r -> r.target().name()).toList(),
                together.stream().map(r -> r.target().shape()).toList());
    }

    private static List<Shape> now(List<Shape> from, List<Step> steps) {
        return steps.isEmpty() ? from : steps.getLast().shapes();
    }

    /** Ops that each tensor of a list goes through by itself; the others stand where they are meanwhile. */
    private static boolean branches(List<List<Op>> branches, List<Shape> before, Sizes sizes, List<Step> steps) {
        var list = new ArrayList<>(before);
        for (int i = 0; i < branches.size() && i < before.size(); i++) {
            for (var op : branches.get(i)) {
                try {
                    list.set(i, Op.single(op, op.shapes(List.of(list.get(i)), sizes)));
                } catch (CheckpointException e) {
                    steps.add(new Step(op, List.of(), e.problem()));
                    return false;
                }
                steps.add(new Step(op, List.copyOf(list), null));
            }
        }
        return true;
    }

    private static boolean step(Op op, List<Shape> before, Sizes sizes, List<Step> steps) {
        try {
            steps.add(new Step(op, op.shapes(before, sizes), null));
            return true;
        } catch (CheckpointException e) {
            steps.add(new Step(op, List.of(), e.problem()));
            return false;
        }
    }
}
