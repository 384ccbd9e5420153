package weft.infer;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import weft.arch.Family;
import weft.arch.Parameter;
import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.name.Pattern;
import weft.plan.Execution;
import weft.rule.Derive;
import weft.tensor.Layout;
import weft.tensor.TensorData;

/**
 * The weights of a plan's target, by role: every parameter is made by the plan's own producers and seen in the
 * family's order of axes, by the same derivation that makes rules. Whatever a wrong rule does to the values, the
 * forward pass sees.
 */
public final class PlanWeights implements Weights {
    private final Execution execution;
    private final Family family;
    private final Map<String, Parameter> byRole = new HashMap<>();
    private final Map<String, TensorData> made = new HashMap<>();

    /** @throws CheckpointException {@code NOT_A_FAMILY} if the target's dialect isn't known */
    public PlanWeights(Execution execution) throws CheckpointException {
        this.execution = execution;
        var dialect = execution.plan().target().dialect();
        if (dialect == null) {
            throw Problem.of(Code.NOT_A_FAMILY).field(execution.plan().target().name()).asException();
        }
        this.family = dialect.family();
        for (var parameter : execution.plan().target().parameters()) {
            if (parameter.bound() != null && execution.makes(parameter.name())) {
                parameter.bound().roles().forEach(r -> byRole.put(r, parameter));
            }
        }
    }

    @Override
    public boolean has(String role) {
        return byRole.containsKey(role);
    }

    @Override
    public TensorData role(String role) throws CheckpointException {
        var parameter = byRole.get(role);
        var bound = parameter == null ? null : parameter.bound();
        if (parameter == null || bound == null) { throw Problem.of(Code.NOT_COMPLETE).field(role).asException(); }
        var data = made.get(parameter.name());
        if (data == null) {
            data = execution.value(parameter.name());
            made.put(parameter.name(), data); // a fused tensor serves three roles
        }
        var roles = bound.roles();
        var chain = chain(bound);
        if (chain == null) {
            throw Problem.of(Code.NOT_A_FAMILY).field(parameter.name()).found(bound.entry().layout()).asException();
        }
        return chain.chain().apply(chain.targets().indexOf(roles.indexOf(role)), List.of(data),
                execution.plan().sizes());
    }

    private Derive.@Nullable Derived chain(Parameter.Bound bound) {
        var entry = bound.entry();
        var targets = entry.roles().stream()
                .map(r -> new Derive.Held(layout(r), List.of(r.toString()))).toList();
        var source = new Derive.Held(entry.layout(), entry.roles().stream().map(Pattern::toString).toList());
        return Derive.chain(List.of(source), targets, family.finer()).orElse(null);
    }

    private Layout layout(Pattern role) {
        return family.role(role).orElseThrow().layout();
    }
}
