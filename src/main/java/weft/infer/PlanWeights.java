package weft.infer;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import weft.arch.Family;
import weft.arch.Parameter;
import weft.arch.Reading;
import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.name.Pattern;
import weft.plan.Execution;
import weft.rule.Derive;
import weft.tensor.Layout;
import weft.tensor.Shape;
import weft.tensor.TensorData;

/**
 * The weights of a plan's target, by role: every parameter is made by the plan's own producers and seen in the
 * family's order of axes, by the same derivation that makes rules. Whatever a wrong rule does to the values, the
 * forward pass sees.
 */
public final class PlanWeights implements Weights {
    private final Execution execution;
    private final Family family;
    private final Map<String, Held> byRole;
    private final Map<String, TensorData> made;
    private final Map<Reading, Optional<Derive.Derived>> chains;

    /** Where a role is: in which parameter, as which of those it holds, in which of its layers if it holds all (else −1). */
    private record Held(Parameter parameter, Reading reading, int place, long layer) {
    }

    /** @throws CheckpointException {@code NOT_A_FAMILY} if the target's dialect isn't known */
    public PlanWeights(Execution execution) throws CheckpointException {
        this(execution, family(execution), new HashMap<>(), new HashMap<>(), Map.of());
    }

    private PlanWeights(Execution execution, Family family, Map<String, TensorData> made,
            Map<Reading, Optional<Derive.Derived>> chains, Map<String, Reading> otherwise) {
        this.execution = execution;
        this.family = family;
        this.made = made;
        this.chains = chains;
        this.byRole = new HashMap<>();
        for (var parameter : execution.plan().target().parameters()) {
            var bound = parameter.bound();
            if (bound != null && execution.makes(parameter.name())) {
                var reading = otherwise.getOrDefault(parameter.name(), Reading.of(bound));
                if (bound.entry().isStacked(family.layers())) {
                    for (long n = 0; n < layers(parameter, reading); n++) {
                        var roles = bound.roles(family.layers(), n);
                        for (int i = 0; i < roles.size(); i++) {
                            byRole.put(roles.get(i), new Held(parameter, reading, i, n));
                        }
                    }
                    continue;
                }
                for (int i = 0; i < reading.roles().size(); i++) {
                    byRole.put(reading.roles().get(i).render(bound.captures()), new Held(parameter, reading, i, -1));
                }
            }
        }
    }

    /** The roles a parameter holds, those of every layer if it holds all. */
    public List<String> roles(String parameter) {
        return byRole.entrySet().stream().filter(e -> e.getValue().parameter().name().equals(parameter))
                .map(Map.Entry::getKey).sorted(weft.name.NaturalOrder.INSTANCE).toList();
    }

    /** Which dimension of a tensor counts its layers. */
    private int layerDim(Reading reading) {
        return reading.layout().dims().indexOf(List.<Layout.Factor>of(new Layout.Axis(family.layers())));
    }

    private long layers(Parameter parameter, Reading reading) {
        int dim = layerDim(reading);
        boolean none = dim < 0 || dim >= parameter.shape().rank() || parameter.shape().count() == 0;
        return none ? 0 : parameter.shape().dim(dim); // without values the header may claim any number of them
    }

    private static Family family(Execution execution) throws CheckpointException {
        var dialect = execution.plan().target().dialect();
        if (dialect == null) {
            throw Problem.of(Code.NOT_A_FAMILY).field(execution.plan().target().name()).asException();
        }
        return dialect.family();
    }

    /**
     * The same parameters, some of them taken for something else than the target's dialect says. Values that have been
     * made already are shared.
     *
     * @param otherwise by parameter
     */
    public PlanWeights read(Map<String, Reading> otherwise) {
        return new PlanWeights(execution, family, made, chains, otherwise);
    }

    @Override
    public boolean has(String role) {
        return byRole.containsKey(role);
    }

    @Override
    public TensorData role(String role) throws CheckpointException {
        var held = byRole.get(role);
        if (held == null) { throw Problem.of(Code.NOT_COMPLETE).field(role).asException(); }
        var name = held.parameter().name();
        var data = made.get(name);
        if (data == null) {
            data = execution.value(name);
            made.put(name, data); // a fused tensor serves three roles
        }
        var chain = chains.computeIfAbsent(held.reading(), this::chain);
        if (chain.isEmpty()) {
            throw Problem.of(Code.NOT_A_FAMILY).field(name).found(held.reading().layout()).asException();
        }
        if (held.layer() >= 0) {
            data = data.slice(layerDim(held.reading()), held.layer(), held.layer() + 1, 1);
        }
        var whole = chain.get().chain().apply(chain.get().targets().indexOf(held.place()), List.of(data),
                execution.plan().sizes());
        return held.layer() < 0
                ? whole
                : whole.reshape(Shape.of(
                        java.util.Arrays.copyOfRange(whole.shape().dims(), 1, whole.shape().rank())));
    }

    private Optional<Derive.Derived> chain(Reading reading) {
        boolean stacked = layerDim(reading) >= 0;
        var targets = reading.roles().stream()
                .map(r -> new Derive.Held(stacked ? ofLayers(layout(r)) : layout(r), List.of(r.toString()))).toList();
        var source = new Derive.Held(reading.layout(), reading.roles().stream().map(Pattern::toString).toList());
        return Derive.chain(List.of(source), targets, family.finer());
    }

    private Layout ofLayers(Layout one) {
        var dims = new java.util.ArrayList<List<Layout.Factor>>();
        dims.add(List.of(new Layout.Axis(family.layers())));
        dims.addAll(one.dims());
        return new Layout(List.copyOf(dims));
    }

    private Layout layout(Pattern role) {
        return family.role(role).orElseThrow().layout();
    }
}
