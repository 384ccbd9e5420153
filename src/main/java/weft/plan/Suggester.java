package weft.plan;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

import weft.arch.Architecture;
import weft.arch.Dialect;
import weft.arch.Dialect.Entry;
import weft.arch.Dialect.Presence;
import weft.arch.Family;
import weft.arch.Parameter;
import weft.arch.Recognition;
import weft.name.Pattern;
import weft.rule.Chain;
import weft.rule.Derive;
import weft.rule.DeriveLayers;
import weft.rule.Rule;
import weft.rule.RuleSet;
import weft.tensor.Layout;

/**
 * The rules Weft would propose: two dialects of one family are composed through the roles they share. Nothing here
 * knows a dialect by name.
 */
public final class Suggester {
    private final Recognition source;
    private final Architecture target;
    private final Dialect dialect;
    private final Map<Entry, Pattern> sourceNames = new LinkedHashMap<>();
    private final Set<Entry> targetEntries = new LinkedHashSet<>();
    private final List<Rule> rules = new ArrayList<>();
    private final Set<Entry> done = new HashSet<>();
    private final boolean buffers;

    private Suggester(Recognition source, Architecture target, Dialect dialect, boolean buffers) {
        this.source = source;
        this.target = target;
        this.dialect = dialect;
        this.buffers = buffers;
        source.bound().values().forEach(b -> sourceNames.putIfAbsent(b.entry(), b.pattern()));
        for (var parameter : target.parameters()) {
            if (parameter.bound() != null) {
                targetEntries.add(parameter.bound().entry());
            }
        }
    }

    /**
     * Rules from a recognised source to a target of a known dialect, for every parameter that needs one; none where
     * the two have no family in common.
     *
     * @param buffers whether optional buffers are made too (a causal mask)
     */
    public static RuleSet suggest(@Nullable Recognition source, Architecture target, boolean buffers) {
        var dialect = target.dialect();
        if (source == null || dialect == null || !dialect.family().name().equals(source.dialect().family().name())) {
            return RuleSet.EMPTY;
        }
        return new Suggester(source, target, dialect, buffers).run();
    }

    private RuleSet run() {
        for (var entry : targetEntries) {
            if (!done.contains(entry)) {
                suggest(entry);
            }
        }
        var dims = new LinkedHashMap<String, Long>();
        for (var axis : dialect.family().names().keySet()) {
            target.sizes().size(axis).ifPresent(n -> dims.put(dialect.family().word(axis), n));
        }
        return new RuleSet(source.dialect().title() + " to " + dialect.title(), source.dialect().id(), target.name(),
                dims, RuleSet.Others.DROP, rules, Map.of());
    }

    /** A source entry and a target entry that hold the same roles, with what the captures have to be. */
    private record Pair(Entry from, Entry to, Pattern.Unifier unifier) {
    }

    private void suggest(Entry to) {
        if (to.presence() == Presence.BUFFER) {
            if (buffers) {
                standIn(to, to.name(), to.roles().getFirst());
            }
            return;
        }
        var pairs = new ArrayList<Pair>();
        var open = new ArrayList<Pattern>();
        for (var role : to.roles()) {
            var found = pairs(role, to);
            pairs.addAll(found);
            if (found.isEmpty()) {
                open.add(role);
            }
        }
        if (to.roles().size() == 1 && pairs.stream().allMatch(p -> p.from().roles().size() == 1)) {
            done.add(to);
            pairs.forEach(this::single);
            if (pairs.isEmpty()) {
                standIn(to, to.name(), to.roles().getFirst());
            }
            return;
        }
        if (!open.isEmpty()) {
            done.add(to);
            if (pairs.isEmpty()) {
                standIn(to, to.name(), to.roles().getFirst());
            }
            return; // part of it is there, part isn't: no rule known
        }
        group(to);
    }

    private List<Pair> pairs(Pattern role, Entry to) {
        var found = new ArrayList<Pair>();
        for (var from : sourceNames.keySet()) {
            if (from.presence() == Presence.BUFFER) {
                continue;
            }
            for (var theirs : from.roles()) {
                Pattern.unify(theirs, role).ifPresent(u -> found.add(new Pair(from, to, u)));
            }
        }
        return found;
    }

    /** One tensor holding one role on each side. */
    private void single(Pair pair) {
        var from = pair.from().layout();
        var to = pair.to().layout();
        var derived = DeriveLayers.chain(List.of(new Derive.Held(from, List.of(""))),
                List.of(new Derive.Held(to, List.of(""))), dialect.family().finer(), dialect.family().layers());
        if (derived.isEmpty()) { return; }
        emit(derived.get().chain(), List.of(nameOf(pair.from()).with(pair.unifier().left())),
                List.of(pair.to().name().with(pair.unifier().right())), pair.to());
    }

    /** {@code norm{n:1|2}} reads {@code norm{n}} on the right: the left says which. Chosen layers stay spelled out. */
    private Pattern plain(Pattern name) {
        var shorter = new LinkedHashMap<String, Pattern>();
        for (var capture : name.captures()) {
            if (capture.kind() == Pattern.Kind.CHOICE && capture.name().matches("[i-n]")
                    && !capture.name().equals(dialect.family().layers())
                    && capture.choices().stream().allMatch(c -> c.matches("[0-9]"))) {
                shorter.put(capture.name(), Pattern.parse("{" + capture.name() + "}"));
            }
        }
        return name.with(shorter);
    }

    private Pattern nameOf(Entry from) {
        return Objects.requireNonNull(sourceNames.get(from));
    }

    /** Entries that hang together because one of them holds several roles: a fused Q, K, V. */
    private void group(Entry start) {
        var from = new LinkedHashSet<Entry>();
        var to = new LinkedHashSet<Entry>(List.of(start));
        boolean grown = true;
        while (grown) {
            int before = from.size() + to.size();
            for (var t : List.copyOf(to)) {
                t.roles().forEach(r -> pairs(r, t).forEach(p -> from.add(p.from())));
            }
            for (var f : from) {
                for (var t : targetEntries) {
                    if (t.presence() != Presence.BUFFER && f.roles().stream()
                            .anyMatch(a -> t.roles().stream().anyMatch(b -> Pattern.unify(a, b).isPresent()))) {
                        to.add(t);
                    }
                }
            }
            grown = from.size() + to.size() > before;
        }
        done.addAll(to);
        layers(from, to).forEach((sources, which) -> {
            var targets = List.copyOf(to);
            var derived = DeriveLayers.chain(sources.stream().map(f -> held(f, to, which)).toList(),
                    targets.stream().map(Suggester::held).toList(), dialect.family().finer(),
                    dialect.family().layers());
            derived.ifPresent(d -> emit(d.chain(),
                    d.sources().stream().map(i -> nameOf(sources.get(i)).with(which)).toList(),
                    d.targets().stream().map(i -> targets.get(i).name().with(which)).toList(), start));
        });
    }

    /**
     * Source entries that serve together, with the layers they serve: all of them, unless some layers of the source are
     * known to be otherwise than others.
     */
    private Map<List<Entry>, Map<String, Pattern>> layers(Set<Entry> from, Set<Entry> to) {
        var layer = dialect.family().layers();
        var count = source.sizes().size(layer);
        var roles = to.stream().flatMap(t -> t.roles().stream()).toList();
        if (count.isEmpty() || count.getAsLong() > Family.MOST_LAYERS
                || roles.stream().allMatch(r -> serving(from, List.of(r)).size() <= 1)) {
            return Map.of(List.copyOf(from), Map.of());
        }
        var classes = new LinkedHashMap<List<Entry>, List<String>>();
        for (long n = 0; n < count.getAsLong(); n++) {
            var here = Map.of(layer, Pattern.literal(Long.toString(n)));
            classes.computeIfAbsent(serving(from, roles.stream().map(r -> r.with(here)).toList()),
                    _ -> new ArrayList<>()).add(Long.toString(n));
        }
        var result = new LinkedHashMap<List<Entry>, Map<String, Pattern>>();
        classes.forEach((sources, numbers) -> result.put(sources, classes.size() == 1
                ? Map.of()
                : Map.of(layer, numbers.size() == 1
                        ? Pattern.literal(numbers.getFirst())
                        : Pattern.parse("{" + layer + ":" + String.join("|", numbers) + "}"))));
        return result;
    }

    private static List<Entry> serving(Set<Entry> from, List<Pattern> roles) {
        return from.stream().filter(f -> f.roles().stream()
                .anyMatch(mine -> roles.stream().anyMatch(r -> Pattern.unify(mine, r).isPresent()))).toList();
    }

    /** A source entry whose roles are called as the targets call them, where it speaks of some layers only. */
    private static Derive.Held held(Entry entry, Set<Entry> to, Map<String, Pattern> which) {
        if (which.isEmpty()) { return held(entry); }
        var names = new LinkedHashMap<String, String>();
        for (var mine : entry.roles()) {
            to.stream().flatMap(t -> t.roles().stream()).filter(r -> Pattern.unify(mine, r.with(which)).isPresent())
                    .findFirst().ifPresent(r -> names.put(mine.toString(), r.toString()));
        }
        return new Derive.Held(entry.layout().withParts(
                p -> new Layout.Part(names.getOrDefault(p.label(), p.label()), p.shown(), p.axes())),
                entry.roles().stream().map(r -> names.getOrDefault(r.toString(), r.toString())).toList());
    }

    private static Derive.Held held(Entry entry) {
        return new Derive.Held(entry.layout(), entry.roles().stream().map(Pattern::toString).toList());
    }

    private void emit(Chain chain, List<Pattern> from, List<Pattern> to, Entry entry) {
        boolean sameNames = from.equals(to);
        if (chain.isIdentity() && sameNames) {
            return; // same name, same layout: it fits
        }
        var tied = entry.presence() == Presence.OPTIONAL ? tiedTo(entry) : null;
        if (tied != null) {
            // The dialect leaves it out because it equals another parameter: say so, and let the export check it.
            rules.add(new Rule.Tie(tied, entry.name(), Rule.Write.OMIT));
            return;
        }
        var in = new ArrayList<Rule.Branch>();
        for (int i = 0; i < from.size(); i++) {
            in.add(new Rule.Branch(null, from.get(i), chain.in().get(i)));
        }
        var out = new ArrayList<Rule.Branch>();
        for (int i = 0; i < to.size(); i++) {
            out.add(new Rule.Branch(null, plain(to.get(i)), chain.out().get(i)));
        }
        rules.add(new Rule.Map(in, chain.ops(), out));
    }

    private @Nullable Pattern tiedTo(Entry entry) {
        var role = role(entry.roles().getFirst());
        return role != null && role.standIn() instanceof Family.StandIn.Tie tie ? named(tie.role()) : null;
    }

    private Family.@Nullable Role role(Pattern name) {
        return dialect.family().role(name).orElse(null);
    }

    /** The target's name for a role. */
    private @Nullable Pattern named(String role) {
        return targetEntries.stream().filter(e -> e.roles().equals(List.of(Pattern.parse(role)))).map(Entry::name)
                .findFirst().orElse(null);
    }

    /** The source lacks the role: what stands in for it, if anything does. */
    private void standIn(Entry entry, Pattern name, Pattern roleName) {
        var role = role(roleName);
        if (role == null || role.standIn() == null || entry.presence() == Presence.OPTIONAL) { return; }
        switch (role.standIn()) {
            case Family.StandIn.Tie tie -> {
                var same = named(tie.role());
                if (same != null) {
                    rules.add(new Rule.Tie(same, name, Rule.Write.COPY));
                }
            }
            case Family.StandIn.Zeros _ -> rules.add(new Rule.Init(Rule.Fill.ZEROS, 0, 0, name));
            case Family.StandIn.CausalMask _ -> rules.add(new Rule.Init(Rule.Fill.CAUSAL_MASK, 0, 0, name));
        }
    }

    /** The chain from one bound tensor to one bound parameter, if both hold just the same roles; else null. */
    static @Nullable Chain between(Parameter.Bound from, Parameter.Bound to, Family family) {
        if (!new HashSet<>(from.roles()).equals(new HashSet<>(to.roles()))) { return null; }
        return Derive.chain(List.of(bound(from)), List.of(bound(to)), family.finer()).map(Derive.Derived::chain)
                .orElse(null);
    }

    private static Derive.Held bound(Parameter.Bound bound) {
        var entry = bound.entry();
        if (entry.layout().sum() == null) { return new Derive.Held(entry.layout(), bound.roles()); }
        var names = entry.roles().stream()
                .collect(Collectors.toMap(Pattern::toString, r -> r.render(bound.captures())));
        return new Derive.Held(entry.layout()
                .withParts(p -> new Layout.Part(names.getOrDefault(p.label(), p.label()), p.shown(), p.axes())),
                bound.roles());
    }
}
