package weft.plan;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

import weft.arch.Architecture;
import weft.arch.Dialect;
import weft.arch.Dialect.Presence;
import weft.arch.Family;
import weft.arch.Parameter;
import weft.arch.Recognition;
import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.name.NameIndex;
import weft.name.Pattern;
import weft.plan.Claims.Claim;
import weft.rule.Affine;
import weft.rule.Cast;
import weft.rule.Chain;
import weft.rule.Combine;
import weft.rule.Concat;
import weft.rule.Pad;
import weft.rule.Rearrange;
import weft.rule.Rule;
import weft.rule.RuleSet;
import weft.rule.Sizes;
import weft.rule.Slice;
import weft.rule.Split;
import weft.rule.Stack;
import weft.rule.Take;
import weft.rule.Unstack;
import weft.tensor.Shape;
import weft.tensor.TensorInfo;

/**
 * Holds a source against a target: names and shapes only, no byte is read. One pass over the target's parameters;
 * each asks the rules for its producer.
 */
public final class Planner {
    private static final List<Evidence> WEAKEST_FIRST = List.of(Evidence.NONE, Evidence.CONVENTION, Evidence.FORWARD,
            Evidence.VALUES, Evidence.SHAPE);
    private final Source source;
    private final Architecture target;
    private final RuleSet rules;
    private final RuleSet suggestions;
    private final Sizes sizes;
    private final Map<String, Evidence> evidence;
    private final Map<String, TensorInfo> tensors = new LinkedHashMap<>();
    private final Map<String, Parameter> parameters = new LinkedHashMap<>();
    private final Set<String> used = new HashSet<>();
    private final List<Problem> warnings = new ArrayList<>();
    private final Map<Kin, Boolean> hidden = new HashMap<>();
    private final Map<Fed, Shapes> made = new HashMap<>();
    private final Map<Made, Kind> kinds = new HashMap<>();

    private Planner(Source source, RuleSet rules, Architecture target, Map<String, Evidence> evidence,
            boolean buffers) {
        this.source = source;
        this.target = target;
        this.rules = rules;
        this.evidence = evidence;
        var known = source.recognition() != null && target.dialect() != null;
        var folded = Merges.fold(known
                ? Suggester.suggest(source.recognition(), target, buffers)
                : Guesser.guess(source, target, rules), source, target);
        this.suggestions = folded.rules();
        this.warnings.addAll(folded.warnings());
        this.sizes = rules.sizes().or(target::size).or(source::size);
        source.all().forEach(t -> tensors.putIfAbsent(t.name(), t));
        target.parameters().forEach(p -> parameters.putIfAbsent(p.name(), p));
    }

    /**
     * @param rules the rules somebody gave; what they leave open is compared with what Weft would suggest
     * @param evidence what has been proved of source tensors, by name
     */
    public static Plan plan(Source source, RuleSet rules, Architecture target, Map<String, Evidence> evidence) {
        return new Planner(source, rules, target, evidence, false).run();
    }

    /** What Weft would suggest, optional buffers too if wanted. */
    public static RuleSet suggest(Source source, Architecture target, boolean buffers) {
        return new Planner(source, RuleSet.EMPTY, target, Map.of(), buffers).suggestions;
    }

    private Plan run() {
        var names = new SourceNames(source);
        var index = new NameIndex(parameters.keySet());
        var given = Claims.of(rules, parameters, index, names);
        var suggested = Claims.of(suggestions, parameters, index, names);
        var problems = new ArrayList<>(given.problems());
        var rows = new ArrayList<Row>();
        for (var parameter : target.parameters()) {
            var claims = given.on(parameter.name());
            if (claims.size() > 1) {
                problems.add(Problem.of(Code.E_DUP).field(parameter.name())
                        .found(claims.stream().map(c -> String.valueOf(c.number())).distinct()
                                .collect(Collectors.joining(", ")))
                        .expected(1).by(claims.get(1).number(), parameter.name()));
            }
            rows.add(claims.isEmpty()
                    ? unclaimed(parameter, suggested.on(parameter.name()))
                    : claimed(parameter, claims.getFirst()));
        }
        problems.addAll(Ties.check(rows, rules));
        problems.addAll(Assertions.check(rules, tensors, rows, sizes));
        var reasons = new HashMap<String, String>();
        for (var rule : rules.rules()) {
            if (rule instanceof Rule.Drop drop) {
                tensors.keySet().stream().filter(n -> drop.from().match(n).isPresent())
                        .forEach(n -> reasons.putIfAbsent(n, drop.reason()));
            }
        }
        var unexpected = new ArrayList<String>();
        var ignored = new LinkedHashMap<String, String>();
        var unused = new ArrayList<String>();
        for (var name : tensors.keySet()) {
            var bound = bound(name);
            if (used.contains(name)) {
                continue;
            }
            var merge = source.merges().get(name);
            if (merge != null && !merge.usesBase()) {
                ignored.put(name, "replaced"); // an adapter brings all of it
            } else if (source.packed().aux().contains(name)) {
                ignored.put(name, "aux");
            } else if (reasons.containsKey(name)) {
                ignored.put(name, reasons.get(name));
            } else if (bound != null && bound.entry().presence() == Presence.BUFFER) {
                ignored.put(name, "buffer");
            } else if (bound == null) {
                unexpected.add(name);
            } else {
                unused.add(name);
            }
        }
        problems.addAll(losses(unused));
        warnings.addAll(given.warnings());
        return new Plan(source, target, rules, suggestions, rows, unexpected, ignored, unused, problems,
                List.copyOf(warnings), sizes);
    }

    /**
     * What the source's model adds and the target has no place for, in no layer: a bias. Zeros would do where it is
     * missing on the source's side; leaving it out on the target's changes the model, so a person has to say so
     * ({@code drop}). Once for each kind of tensor.
     */
    private List<Problem> losses(List<String> unused) {
        var dialect = target.dialect();
        var mine = source.recognition();
        if (dialect == null || mine == null || !dialect.family().name().equals(mine.dialect().family().name())) {
            return List.of();
        }
        var lost = new LinkedHashMap<String, List<String>>();
        Set<Dialect.Entry> entries = Collections.newSetFromMap(new IdentityHashMap<>());
        target.parameters().stream().map(Parameter::bound).filter(Objects::nonNull)
                .forEach(b -> entries.add(b.entry()));
        for (var name : unused) {
            var bound = bound(name);
            if (bound != null && bound.entry().roles().stream().anyMatch(role -> dialect.family().role(role)
                    .filter(r -> r.standIn() instanceof Family.StandIn.Zeros
                            && lacks(entries, role) || isComputedWith(r) && lacks(dialect.tensors(), role))
                    .isPresent())) {
                lost.computeIfAbsent(bound.pattern().toString(), _ -> new ArrayList<>()).add(name);
            }
        }
        return lost.entrySet().stream().map(e -> Problem.of(Code.E_LOSS).field(e.getKey()).found(e.getValue().size())
                .by(0, e.getValue().getFirst())).toList();
    }

    private static boolean lacks(Collection<Dialect.Entry> entries, Pattern role) {
        return entries.stream().flatMap(e -> e.roles().stream())
                .noneMatch(r -> Pattern.unify(r, role).isPresent());
    }

    /** Norms of queries and keys: learned, nothing stands in for them. Divisors of rotary frequencies are spoken of elsewhere. */
    private static boolean isComputedWith(Family.Role role) {
        return role.standIn() == null && !role.buffer() && role.layout().rank() > 0
                && role.name().captureNames().size() > 0;
    }

    private Row claimed(Parameter parameter, Claim claim) {
        var inputs = inputs(parameter, claim.producer());
        var problem = claim.problem() != null ? claim.problem() : check(parameter, claim.producer());
        problem = problem == null ? null : problem.by(claim.number(), parameter.name());
        inputs.forEach(t -> used.add(t.name()));
        var status = problem == null ? Status.BY_RULE : Status.MISMATCH;
        var kind = problem == null ? kind(claim.producer()) : mismatch(parameter, inputs);
        return new Row(parameter, inputs, status, kind, claim.producer(), isHidden(parameter, inputs, claim.producer()),
                evidence(inputs), claim.rule(), problem);
    }

    private Row unclaimed(Parameter parameter, List<Claim> suggested) {
        var same = tensors.get(parameter.name());
        var closed = closed(parameter, suggested);
        if (closed != null) { return closed; }
        if (suggested.isEmpty() && same != null) {
            used.add(same.name());
            return sameName(parameter, same);
        }
        if (suggested.isEmpty()) {
            return new Row(parameter, List.of(), parameter.required() ? Status.MISSING : Status.OPTIONAL, null, null,
                    false, Evidence.NONE, null, null);
        }
        var claim = suggested.getFirst();
        var inputs = inputs(parameter, claim.producer());
        inputs.forEach(t -> used.add(t.name()));
        if (claim.producer() instanceof Producer.FromSources from && inputs.size() < from.distinct().size()) {
            // The dialect has such a tensor, this file doesn't.
            return new Row(parameter, inputs, parameter.required() ? Status.MISSING : Status.OPTIONAL, null, null,
                    false,
                    Evidence.NONE, null, null);
        }
        var problem = check(parameter, claim.producer());
        if (problem != null) {
            return new Row(parameter, inputs, Status.MISMATCH, mismatch(parameter, inputs), null, false,
                    evidence(inputs), null, problem);
        }
        return new Row(parameter, inputs, Status.NEEDS_RULE, kind(claim.producer()), claim.producer(),
                isHidden(parameter, inputs, claim.producer()), evidence(inputs), claim.rule(), null);
    }

    /** A row whose source is stored in a way that isn't opened here, or {@code null}. */
    private @Nullable Row closed(Parameter parameter, List<Claim> suggested) {
        if (source.packed().closed().isEmpty()) { return null; }
        var names = !suggested.isEmpty() && suggested.getFirst().producer() instanceof Producer.FromSources from
                ? from.sources()
                : List.of(parameter.name());
        for (var name : names) {
            var closed = source.packed().closed().get(name);
            if (closed != null) {
                var stored = closed.tensors().stream().map(tensors::get).filter(Objects::nonNull).toList();
                stored.forEach(t -> used.add(t.name()));
                return new Row(parameter, stored, Status.MISMATCH, Kind.QUANTISED, null, false, Evidence.NONE, null,
                        Problem.of(Code.QUANTISED).field(name).found(closed.scheme()).by(0, parameter.name()));
            }
        }
        return null;
    }

    /** No rule speaks of it, and the source has a tensor of that name. */
    private Row sameName(Parameter parameter, TensorInfo same) {
        var inputs = List.of(same);
        var producer = new Producer.FromSources(Chain.of(List.of()), 0, List.of(same.name()));
        if (!same.shape().equals(parameter.shape())) {
            return new Row(parameter, inputs, Status.MISMATCH, mismatch(parameter, inputs), null, false,
                    evidence(inputs), null, shapeProblem(parameter, same.shape()));
        }
        var known = evidence(inputs);
        boolean bothBound = parameter.bound() != null && bound(same) != null && !hasRivals();
        boolean proved = bothBound || Recognition.shapeTells(same) || known == Evidence.VALUES
                || known == Evidence.FORWARD;
        return new Row(parameter, inputs, proved ? Status.FITS : Status.UNPROVEN, null, producer, false, known, null,
                null);
    }

    private boolean hasRivals() {
        return source.recognition() != null && !source.recognition().rivals().isEmpty();
    }

    private Parameter.@Nullable Bound bound(TensorInfo tensor) {
        return bound(tensor.name());
    }

    private Parameter.@Nullable Bound bound(String tensor) {
        return source.recognition() == null ? null : source.recognition().bound().get(tensor);
    }

    private List<TensorInfo> inputs(Parameter parameter, Producer producer) {
        var inputs = new ArrayList<TensorInfo>();
        if (producer instanceof Producer.SameAs) {
            // A source that has the tied tensor too: whoever writes the target compares the two.
            inputs.addAll(ofRoles(parameter.bound()));
            if (inputs.isEmpty() && tensors.get(parameter.name()) instanceof TensorInfo tensor) {
                inputs.add(tensor);
            }
        }
        if (producer instanceof Producer.FromSources from) {
            for (var name : from.distinct()) { // one that feeds several branches is one source
                var tensor = tensors.get(name);
                if (tensor != null) {
                    inputs.add(tensor);
                }
            }
        }
        return inputs;
    }

    /** The source's tensors that hold the roles of a parameter. */
    private List<TensorInfo> ofRoles(Parameter.@Nullable Bound parameter) {
        if (parameter == null || source.recognition() == null) { return List.of(); }
        var roles = parameter.roles();
        var possible = new IdentityHashMap<Dialect.Entry, Boolean>();
        return source.tensors().stream().filter(tensor -> {
            var bound = bound(tensor);
            return bound != null && possible.computeIfAbsent(bound.entry(), e -> mayHold(e, roles))
                    && bound.roles().equals(roles);
        }).toList();
    }

    private static boolean mayHold(Dialect.Entry entry, List<String> roles) {
        if (entry.roles().size() != roles.size()) { return false; }
        for (int i = 0; i < roles.size(); i++) {
            if (entry.roles().get(i).match(roles.get(i)).isEmpty()) { return false; }
        }
        return true;
    }

    /** What keeps this producer from making the parameter; null if nothing does. */
    private @Nullable Problem check(Parameter parameter, Producer producer) {
        return switch (producer) {
            case Producer.FromSources from -> {
                var shapes = new ArrayList<Shape>();
                for (var name : from.sources()) {
                    var tensor = tensors.get(name);
                    if (tensor == null) {
                        yield Problem.of(Code.E_SOURCE).field(parameter.name()).found(name);
                    }
                    shapes.add(tensor.shape());
                }
                // The layers' chains are one object and their shapes alike: walked through once.
                var made = shapes(new Fed(from.chain(), shapes));
                if (made.problem() != null) { yield made.problem(); }
                var shape = made.shapes().get(from.target());
                yield shape.equals(parameter.shape()) ? null : shapeProblem(parameter, shape);
            }
            case Producer.SameAs tie -> {
                var same = parameters.get(tie.parameter());
                if (same == null) { yield Problem.of(Code.E_SOURCE).field(parameter.name()).found(tie.parameter()); }
                yield same.shape().equals(parameter.shape()) ? null : shapeProblem(parameter, same.shape());
            }
            case Producer.Made made -> made.fill() == Rule.Fill.CAUSAL_MASK
                    && parameter.shape().squeezed().rank() > 2
                            ? Problem.of(Code.E_SHAPE).field(parameter.name()).found(parameter.shape())
                                    .expected("[c, c]")
                            : null;
            case Producer.Kept _ -> null;
        };
    }

    /** A chain and the shapes that go in. */
    private record Fed(Chain chain, List<Shape> shapes) {
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Fed fed && fed.chain == chain && fed.shapes.equals(shapes);
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(chain) * 31 + shapes.hashCode();
        }
    }

    /** The shapes that come out, or why there are none. */
    private record Shapes(List<Shape> shapes, @Nullable Problem problem) {
    }

    private Shapes shapes(Fed fed) {
        return made.computeIfAbsent(fed, _ -> {
            try {
                return new Shapes(fed.chain.shapes(fed.shapes, sizes), null);
            } catch (CheckpointException e) {
                return new Shapes(List.of(), e.problem());
            }
        });
    }

    private static Problem shapeProblem(Parameter parameter, Shape found) {
        return Problem.of(Code.E_SHAPE).field(parameter.name()).found(found).expected(parameter.shape());
    }

    /** What is known of the least known of the sources: three matrices joined are right only if all three are. */
    private Evidence evidence(List<TensorInfo> inputs) {
        Evidence least = null;
        for (var input : inputs) {
            var known = evidence(input);
            least = least == null || WEAKEST_FIRST.indexOf(known) < WEAKEST_FIRST.indexOf(least) ? known : least;
        }
        return least == null ? Evidence.NONE : least;
    }

    private Evidence evidence(TensorInfo tensor) {
        var proved = evidence.get(tensor.name());
        if (proved != null) { return proved; }
        var merge = source.merges().get(tensor.name());
        if (merge != null && !merge.shape().equals(tensor.shape())) { // its bytes have no layout, what they mean has
            return evidence(new TensorInfo(tensor.name(), tensor.dtype(), merge.shape(), 0));
        }
        if (Recognition.shapeTells(tensor)) { return Evidence.SHAPE; }
        return bound(tensor) != null && !hasRivals() ? Evidence.CONVENTION : Evidence.NONE;
    }

    /**
     * One tensor to one parameter, the same shape but for dimensions of 1, and yet not the same layout. The dialects
     * say what the layouts are; where they don't, the rule's own ops do.
     */
    private boolean isHidden(Parameter parameter, List<TensorInfo> inputs, Producer producer) {
        if (inputs.size() != 1 || !(producer instanceof Producer.FromSources from) || from.chain().out().size() != 1
                || !inputs.getFirst().shape().isSqueezed(parameter.shape())) {
            return false;
        }
        var mine = bound(inputs.getFirst());
        var theirs = parameter.bound();
        var dialect = target.dialect();
        if (mine == null || theirs == null || dialect == null) { return movesElements(from.chain()); }
        // The answer is the same for every layer, and deriving it isn't cheap.
        var key = new Kin(from.chain(), mine.entry(), theirs.entry(), mine.captures().equals(theirs.captures()));
        return hidden.computeIfAbsent(key, _ -> {
            var known = Suggester.between(mine, theirs, dialect.family());
            return movesElements(known == null ? from.chain() : known);
        });
    }

    private static boolean movesElements(Chain chain) {
        return !chain.steps(0).stream()
                .allMatch(op -> op instanceof Cast || op instanceof Rearrange r && r.isSqueeze());
    }

    /** Rows that are alike but for their layer; the very same objects, which is quick to tell. */
    private record Kin(Chain chain, Dialect.Entry from, Dialect.Entry to, boolean alike) {
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Kin kin && kin.chain == chain && kin.from == from && kin.to == to
                    && kin.alike == alike;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(chain) * 31 * 31 + System.identityHashCode(from) * 31
                    + System.identityHashCode(to);
        }
    }

    private Kind kind(Producer producer) {
        return switch (producer) {
            case Producer.FromSources from -> kinds.computeIfAbsent(new Made(from.chain(), from.target()),
                    _ -> kind(from.chain(), from.target(), from.distinct().size() == 1));
            case Producer.SameAs _ -> Kind.TIED;
            case Producer.Made _ -> Kind.INITIALISED;
            case Producer.Kept _ -> Kind.KEPT;
        };
    }

    /** One of a chain's targets. */
    private record Made(Chain chain, int target) {
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Made made && made.chain == chain && made.target == target;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(chain) * 31 + target;
        }
    }

    /** @param alone whether one tensor feeds all branches: its parts are cut out and put together again */
    private static Kind kind(Chain chain, int target, boolean alone) {
        if (chain.out().size() > 1) {
            return chain.ops().stream().anyMatch(Unstack.class::isInstance) ? Kind.UNSTACKED : Kind.SPLIT;
        }
        if (chain.in().size() > 1 && alone && chain.ops().stream().anyMatch(Concat.class::isInstance)) {
            return Kind.PERMUTED;
        }
        if (chain.in().size() > 1) {
            return chain.ops().stream().anyMatch(Stack.class::isInstance)
                    ? Kind.STACKED
                    : chain.ops().stream().anyMatch(Combine.class::isInstance) ? Kind.MERGED : Kind.JOINED;
        }
        var kinds = new HashSet<Kind>();
        for (var op : chain.steps(target)) {
            kinds.add(switch (op) {
                case Split _,Concat _,Take _ -> Kind.PERMUTED; // one to one: parts in another order
                case Rearrange r -> r.isSqueeze() ? Kind.SQUEEZED : r.isTranspose() ? Kind.TRANSPOSED : Kind.PERMUTED;
                case Stack _ -> Kind.STACKED;
                case Unstack _ -> Kind.UNSTACKED;
                case Combine _ -> Kind.MERGED;
                case Slice _,Pad _ -> Kind.RESIZED;
                case Affine _ -> Kind.SCALED;
                case Cast _ -> Kind.CAST;
            });
        }
        return kinds.stream().min(Comparator.naturalOrder()).orElse(Kind.RENAMED);
    }

    private Kind mismatch(Parameter parameter, List<TensorInfo> inputs) {
        var recognition = source.recognition();
        if (recognition != null && target.dialect() != null) {
            // Which axes differ between the models tells what kind of trouble it is.
            var family = recognition.dialect().family();
            var axes = parameter.bound() == null ? List.<String>of() : parameter.bound().entry().layout().axes();
            if (family.widths().stream().anyMatch(this::differs)) { return Kind.OTHER_MODEL_SIZE; }
            if (axes.contains(family.vocabulary()) && differs(family.vocabulary())) { return Kind.VOCABULARY; }
            if (axes.contains(family.context()) && differs(family.context())) { return Kind.CONTEXT; }
        }
        return UnknownKind.of(parameter, inputs);
    }

    private boolean differs(String axis) {
        var mine = source.size(axis);
        var theirs = target.size(axis);
        return mine.isPresent() && theirs.isPresent() && mine.getAsLong() != theirs.getAsLong();
    }
}
