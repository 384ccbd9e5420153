package weft.plan;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

import org.jspecify.annotations.Nullable;

import weft.arch.Parameter;
import weft.io.Code;
import weft.io.Problem;
import weft.name.NameIndex;
import weft.name.NameIndex.Found;
import weft.name.Pattern;
import weft.rule.Rule;
import weft.rule.RuleSet;
import weft.rule.Split;
import weft.rule.Unstack;

/** Which rule makes which parameter, and of which source tensors: names alone decide. */
final class Claims {
    /**
     * A rule that claims a parameter.
     *
     * @param number of the rule, from 1
     */
    record Claim(int number, Rule rule, Producer producer, @Nullable Problem problem) {
    }

    private final Map<String, Parameter> byName;
    private final NameIndex names;
    private final SourceNames sources;
    private final Map<String, List<Claim>> claims;
    private final List<Problem> problems = new ArrayList<>();
    private final List<Problem> warnings = new ArrayList<>();

    private Claims(Map<String, Parameter> byName, NameIndex names, SourceNames sources) {
        this.byName = byName;
        this.names = names;
        this.sources = sources;
        this.claims = HashMap.newHashMap(byName.size());
    }

    /**
     * @param parameters by name
     * @param names theirs
     */
    static Claims of(RuleSet rules, Map<String, Parameter> parameters, NameIndex names, SourceNames sources) {
        var claims = new Claims(parameters, names, sources);
        int number = 0;
        for (var rule : rules.rules()) {
            claims.claim(++number, rule);
        }
        return claims;
    }

    /** Rules that claim a parameter; one if all is well. */
    List<Claim> on(String parameter) {
        return claims.getOrDefault(parameter, List.of());
    }

    /** What is wrong with rules whatever they make. */
    List<Problem> problems() {
        return problems;
    }

    /** Rules that make nothing here. */
    List<Problem> warnings() {
        return warnings;
    }

    private void claim(int number, Rule rule) {
        int before = claims.size();
        boolean claimed = switch (rule) {
            case Rule.Map map -> map(number, map);
            case Rule.Tie tie -> each(number, rule, tie.to(), tie.same()::accepts,
                    c -> new Producer.SameAs(tie.same().render(c), tie.write()));
            case Rule.Init init -> each(number, rule, init.to(), _ -> true,
                    _ -> new Producer.Made(init.fill(), init.value(), init.seed()));
            case Rule.Keep keep -> each(number, rule, keep.to(), _ -> true, _ -> new Producer.Kept());
            case Rule.Drop _,Rule.Assert _ -> true;
        };
        for (var target : rule.targets()) {
            if (target.isLiteral() && !byName.containsKey(target.render(Map.of()))) {
                problems.add(Problem.of(Code.E_NAME).found(target.render(Map.of())).by(number, null));
            }
        }
        if (!claimed && before == claims.size() && rule.targets().stream().noneMatch(Pattern::isLiteral)) {
            warnings.add(Problem.of(Code.W_IDLE).field(rule.targets().getFirst()).by(number, null));
        }
    }

    private interface Maker {
        Producer make(Map<String, String> captures);
    }

    private boolean each(int number, Rule rule, Pattern to, Predicate<Map<String, String>> wanted, Maker maker) {
        var matches = matches(to).stream().filter(m -> wanted.test(m.captures())).toList();
        for (var match : matches) {
            Producer producer;
            Problem problem = null;
            try {
                producer = maker.make(match.captures());
            } catch (IllegalArgumentException e) {
                producer = new Producer.Kept();
                problem = Rule.Map.notJoined(to, Set.of(String.valueOf(e.getMessage()))).by(number, match.name());
            }
            add(match.name(), new Claim(number, rule, producer, problem));
        }
        return !matches.isEmpty();
    }

    private void add(String parameter, Claim claim) {
        claims.computeIfAbsent(parameter, _ -> new ArrayList<>(1)).add(claim);
    }

    /** The parameters a pattern means. */
    private List<Found> matches(Pattern pattern) {
        if (pattern.isLiteral()) {
            var name = pattern.render(Map.of());
            return byName.containsKey(name) ? List.of(new Found(name, Map.of())) : List.of();
        }
        return names.find(pattern);
    }

    private boolean map(int number, Rule.Map map) {
        for (var branch : map.from()) {
            if (!sources.has(branch.source())) {
                problems.add(Problem.of(Code.E_SOURCE).found(branch.source() + ":").expected("base:").by(number, null));
            }
        }
        map.problem().ifPresent(p -> problems.add(p.by(number, null)));
        boolean plain = map.collected().isEmpty() && map.spread().isEmpty()
                && map.from().stream().noneMatch(b -> b.name().isRegex());
        return plain ? plain(number, map) : gathered(number, map);
    }

    /**
     * One to one in names: what the target's captures stand for is put into the sources. {@code h.{n:0|2}.w => g.{n}.w}
     * makes two parameters and not every {@code g.{n}.w}: a capture is what both sides let it be.
     */
    private boolean plain(int number, Rule.Map map) {
        var chain = map.chain();
        boolean any = false;
        for (int t = 0; t < map.to().size(); t++) {
            for (var match : matches(map.to().get(t).name())) {
                if (!map.from().stream().allMatch(b -> b.name().accepts(match.captures()))) {
                    continue;
                }
                any = true;
                var names = new ArrayList<String>();
                Problem problem = null;
                for (var branch : map.from()) {
                    try {
                        names.add(SourceNames.key(branch.source(), branch.name().render(match.captures())));
                    } catch (IllegalArgumentException e) {
                        problem = Rule.Map.notJoined(branch.name(), Set.of(String.valueOf(e.getMessage())))
                                .by(number, match.name());
                        names.add(branch.name().toString());
                    }
                }
                add(match.name(), new Claim(number, map, new Producer.FromSources(chain, t, names), problem));
            }
        }
        return any;
    }

    /** Targets that are made together: they agree in the captures both sides have. */
    private static final class Group {
        final List<List<Found>> targets;

        Group(int branches) {
            targets = new ArrayList<>();
            for (int i = 0; i < branches; i++) {
                targets.add(new ArrayList<>());
            }
        }
    }

    /** Many names become one or one becomes many; or names that a regular expression finds. */
    private boolean gathered(int number, Rule.Map map) {
        var left = new LinkedHashSet<String>();
        map.from().forEach(b -> left.addAll(b.name().captureNames()));
        var kept = new LinkedHashSet<String>();
        map.to().forEach(b -> kept.addAll(b.name().captureNames()));
        kept.retainAll(left);
        var spread = map.spread();
        var groups = new LinkedHashMap<Map<String, String>, Group>();
        for (int t = 0; t < map.to().size(); t++) {
            for (var match : matches(map.to().get(t).name())) {
                groups.computeIfAbsent(SourceNames.restricted(match.captures(), kept),
                        _ -> new Group(map.to().size())).targets.get(t).add(match);
            }
        }
        if (groups.isEmpty()) { return false; }
        var known = new ArrayList<Map<Map<String, String>, List<Found>>>();
        for (var branch : map.from()) {
            var byKey = new HashMap<Map<String, String>, List<Found>>();
            sources.all(branch, number, problems).forEach(f -> byKey
                    .computeIfAbsent(SourceNames.restricted(f.captures(), kept), _ -> new ArrayList<>()).add(f));
            known.add(byKey);
        }
        groups.forEach((key, group) -> group(number, map, key, group, known, spread));
        return true;
    }

    private void group(int number, Rule.Map map, Map<String, String> key, Group group,
            List<Map<Map<String, String>, List<Found>>> known, Set<String> spread) {
        Problem problem = map.problem().orElse(null);
        var names = new ArrayList<String>();
        var counts = new ArrayList<Integer>();
        boolean joins = map.joins();
        for (int i = 0; i < map.from().size(); i++) {
            var branch = map.from().get(i);
            var own = branch.name().captureNames();
            var found = known.get(i).getOrDefault(SourceNames.restricted(key, own), List.of());
            var collected = new LinkedHashSet<>(own);
            collected.removeAll(key.keySet());
            var sorted = SourceNames.sorted(found, branch.name(), collected);
            if (sorted.isEmpty()) { // one that isn't there: the check says which
                names.add(SourceNames.key(branch.source(), branch.name().toString()));
                counts.add(1);
                continue;
            }
            if (problem == null && !collected.isEmpty() && !branch.name().isRegex()) {
                problem = SourceNames.gap(sorted, branch.name(), collected);
            }
            if (problem == null && sorted.size() > 1 && !joins) {
                problem = Problem.of(Code.E_COLLECT).field(branch.name()).found(sorted.size() + " tensors")
                        .expected("1 tensors");
            }
            sorted.forEach(f -> names.add(f.name()));
            counts.add(sorted.size());
        }
        boolean parts = makesParts(map);
        var outs = new ArrayList<Integer>();
        for (int t = 0; t < map.to().size(); t++) {
            var pattern = map.to().get(t).name();
            var sorted = SourceNames.sorted(group.targets.get(t), pattern, spread);
            group.targets.set(t, sorted);
            outs.add(parts ? sorted.size() : 1);
            if (problem == null && parts && !spread.isEmpty() && !sorted.isEmpty()) {
                problem = SourceNames.gap(sorted, pattern, spread);
            }
        }
        var chain = map.chain(counts, outs);
        int first = 0;
        for (int t = 0; t < map.to().size(); t++) {
            int place = first;
            for (var target : group.targets.get(t)) {
                add(target.name(), new Claim(number, map, new Producer.FromSources(chain, place, names),
                        problem == null ? null : problem.by(number, target.name())));
                place += parts ? 1 : 0;
            }
            first += outs.get(t);
        }
    }

    /**
     * Whether the parameters a target spreads to are pieces, one each; else each of them gets the whole. A split into
     * as many parts as there are targets has handed its parts out already.
     */
    static boolean makesParts(Rule.Map map) {
        for (var op : map.ops().reversed()) {
            switch (op) {
                case Unstack _ -> {
                    return true;
                }
                case Split split -> {
                    return (split.parts() > 0 ? split.parts() : split.sizes().size()) != map.to().size()
                            || map.spread().isEmpty();
                }
                default -> {
                }
            }
        }
        return map.spread().isEmpty();
    }
}
