package weft.plan;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.function.Predicate;

import org.jspecify.annotations.Nullable;

import weft.arch.Family;
import weft.arch.Parameter;
import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.rule.Derive;
import weft.rule.Rule;
import weft.tensor.TensorData;
import weft.tensor.TensorSource;

/**
 * What becomes of a source's output matrix where the target shares the embedding's: nothing, if the two hold the same
 * bits; else the model would lose it. A plan can't know, as it reads no values; this does, and stops at the first
 * difference.
 *
 * @param untied {@code HEAD_NOT_TIED} for each matrix that would be lost; a rule that drops it says that a person knows
 * @param tied tensors that nothing uses because the embedding holds the same
 */
public record TiedHeads(List<Problem> untied, List<String> tied) {

    /**
     * @param tensors the source's
     * @param only which parameters are wanted: where the embedding isn't, nothing is lost with it
     * @throws CheckpointException whatever reading throws
     */
    public static TiedHeads of(Plan plan, List<TensorSource> tensors, Predicate<String> only)
            throws CheckpointException {
        var untied = new ArrayList<Problem>();
        var tied = new ArrayList<String>();
        var source = plan.source().recognition();
        if (source == null) { return new TiedHeads(untied, tied); }
        var family = source.dialect().family();
        var byRole = new HashMap<String, String>();
        source.bound().forEach((name, bound) -> bound.roles().forEach(r -> byRole.putIfAbsent(r, name)));
        var read = new HashMap<String, TensorSource>();
        tensors.forEach(t -> read.putIfAbsent(t.name(), t));
        for (var entry : source.bound().entrySet()) {
            var roles = entry.getValue().entry().roles();
            var role = roles.size() == 1 ? family.role(roles.getFirst()).orElse(null) : null;
            if (role == null || !(role.standIn() instanceof Family.StandIn.Tie tie)) {
                continue;
            }
            var head = entry.getKey();
            var same = byRole.get(tie.role());
            var rows = rows(plan, entry.getValue().roles().getFirst(), tie.role());
            if (same == null || rows == null || rows.hasOwnHead() || isUsed(plan, head) || isDropped(plan, head)
                    || !only.test(rows.embedding().name())) {
                continue;
            }
            var other = source.bound().get(same);
            var mine = values(family, entry.getValue(), read.get(head), plan);
            var theirs = values(family, other, read.get(same), plan);
            if (mine == null || theirs == null) {
                continue; // not of one layout, or not here
            }
            if (Execution.sameBits(mine, theirs)) {
                tied.add(head);
            } else {
                untied.add(Problem.of(Code.HEAD_NOT_TIED).field(rows.head()).found(head).expected(same).by(0, head));
            }
        }
        return new TiedHeads(List.copyOf(untied), List.copyOf(tied));
    }

    /** A plan that says so. */
    public Plan in(Plan plan) {
        if (untied.isEmpty() && tied.isEmpty()) { return plan; }
        var problems = new ArrayList<>(plan.problems());
        problems.addAll(untied);
        var ignored = new LinkedHashMap<>(plan.ignored());
        plan.unused().stream().filter(tied::contains).forEach(name -> ignored.put(name, "tied"));
        return new Plan(plan.source(), plan.target(), plan.rules(), plan.suggestions(), plan.rows(), plan.unexpected(),
                ignored, plan.unused().stream().filter(name -> !tied.contains(name)).toList(), List.copyOf(problems),
                plan.warnings(), plan.sizes());
    }

    /**
     * The target's embedding, where the target has one.
     *
     * @param head the target's own name for the head, if it has one
     * @param hasOwnHead whether something else makes it (an adapter that brings a head)
     */
    private record Rows(Parameter embedding, @Nullable String head, boolean hasOwnHead) {
    }

    private static @Nullable Rows rows(Plan plan, String headRole, String tied) {
        Parameter embedding = null;
        String head = null;
        boolean hasOwnHead = false;
        for (var row : plan.rows()) {
            var bound = row.target().bound();
            if (bound != null && bound.roles().contains(tied)) {
                embedding = row.target();
            } else if (bound != null && bound.roles().contains(headRole)) {
                head = row.target().name();
                hasOwnHead = row.producer() instanceof Producer.FromSources;
            }
        }
        return embedding == null ? null : new Rows(embedding, head, hasOwnHead);
    }

    /** Whether its values go anywhere. */
    private static boolean isUsed(Plan plan, String tensor) {
        return plan.rows().stream().anyMatch(r -> r.producer() instanceof Producer.FromSources from
                ? from.sources().contains(tensor)
                : r.producer() == null && r.sources().stream().anyMatch(s -> s.name().equals(tensor)));
    }

    /** Whether a person has said that it may go. */
    static boolean isDropped(Plan plan, String tensor) {
        return plan.rules().rules().stream()
                .anyMatch(r -> r instanceof Rule.Drop drop && drop.from().match(tensor).isPresent());
    }

    /** A tensor in its role's own order of axes. */
    private static @Nullable TensorData values(Family family, Parameter.@Nullable Bound bound,
            @Nullable TensorSource source, Plan plan) throws CheckpointException {
        if (bound == null || source == null || bound.entry().roles().size() != 1) { return null; }
        var role = family.role(bound.entry().roles().getFirst()).orElse(null);
        if (role == null) { return null; }
        var chain = Derive.chain(List.of(new Derive.Held(bound.entry().layout(), List.of(""))),
                List.of(new Derive.Held(role.layout(), List.of(""))), family.finer());
        return chain.isEmpty()
                ? null
                : chain.get().chain().apply(0, List.of(source.read()), plan.sizes());
    }
}
