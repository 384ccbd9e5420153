package weft.plan;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

import weft.arch.Architecture;
import weft.io.Code;
import weft.io.Problem;
import weft.name.Pattern;
import weft.rule.Combine;
import weft.rule.Op;
import weft.rule.Rule;
import weft.rule.RuleSet;

/**
 * Puts an adapter into the rules that lead from its base to a target, so that a merge is an ordinary rule:
 * {@code h.{i}.w, adapter:h.{i}.A, adapter:h.{i}.B : combine lora … | rearrange … => …}.
 */
final class Merges {
    private static final java.util.regex.Pattern NUMBER = java.util.regex.Pattern
            .compile("(?<=[./])(0|[1-9][0-9]{0,5})(?=[./])");
    private final Source source;
    private final Set<String> names = new LinkedHashSet<>();
    private final Set<String> done = new HashSet<>();
    private final List<Rule> rules = new ArrayList<>();
    private final List<Problem> warnings = new ArrayList<>();

    /** Rules, and what could not be put into one. */
    record Folded(RuleSet rules, List<Problem> warnings) {
    }

    private Merges(Source source) {
        this.source = source;
        source.tensors().forEach(t -> names.add(t.name()));
        names.addAll(source.merges().keySet());
    }

    static Folded fold(RuleSet suggested, Source source, Architecture target) {
        if (source.merges().isEmpty()) { return new Folded(suggested, List.of()); }
        var merges = new Merges(source);
        for (var rule : suggested.rules()) {
            merges.fold(rule);
        }
        merges.rest(target);
        return new Folded(suggested.with(merges.rules), merges.warnings);
    }

    private void fold(Rule rule) {
        if (!(rule instanceof Rule.Map map)) {
            rules.add(rule);
            return;
        }
        if (map.from().size() > 1) {
            for (var branch : map.from()) {
                var merged = source.merges().keySet().stream().filter(n -> branch.name().match(n).isPresent())
                        .findFirst();
                if (merged.isPresent()) {
                    // Each source of a join would have to be merged before it is joined: that takes two rules.
                    warnings.add(Problem.of(Code.MERGE_FIRST).field(merged.get()).found(map.to().getFirst().name()));
                    map.from().forEach(b -> source.merges().keySet().stream()
                            .filter(n -> b.name().match(n).isPresent()).forEach(done::add));
                    return;
                }
            }
            rules.add(rule);
            return;
        }
        rules.addAll(split(map, true));
        // What stays packed is stored under other names; the rule says where it would go.
        if (source.packed().closed().keySet().stream()
                .anyMatch(n -> !names.contains(n) && map.from().getFirst().name().match(n).isPresent())) {
            rules.add(map);
        }
    }

    /** Tensors that fit as they are but for the adapter. */
    private void rest(Architecture target) {
        var wanted = target.parameters().stream().map(p -> p.name()).collect(Collectors.toSet());
        for (var name : List.copyOf(source.merges().keySet())) {
            if (done.contains(name) || !wanted.contains(name)) {
                continue;
            }
            var bound = source.recognition() == null ? null : source.recognition().bound().get(name);
            var pattern = bound == null || bound.pattern().match(name).isEmpty() ? layers(name) : bound.pattern();
            var branch = Rule.Branch.of(pattern);
            rules.addAll(split(new Rule.Map(List.of(branch), List.of(), List.of(branch)), false));
        }
    }

    /** A name of no known dialect: its first number counts the layers. */
    private static Pattern layers(String name) {
        var number = NUMBER.matcher(name);
        return number.find()
                ? Pattern.parse(Pattern.escape(name.substring(0, number.start(1))) + "{i}"
                        + Pattern.escape(name.substring(number.end(1))))
                : Pattern.literal(name);
    }

    /** What tells one tensor's merge from another's: what is before and behind the name, and the op. */
    private record How(List<String> before, List<String> behind, @Nullable Op op) {
    }

    private Optional<How> how(String name) {
        var merge = source.merges().get(name);
        if (merge == null) { return Optional.of(new How(List.of(), List.of(), null)); }
        var stem = stem(name, merge);
        var before = new ArrayList<String>();
        var behind = new ArrayList<String>();
        for (var tensor : merge.tensors()) {
            int at = tensor.indexOf(stem);
            if (at < 0) { return Optional.empty(); }
            before.add(tensor.substring(0, at));
            behind.add(tensor.substring(at + stem.length()));
        }
        return Optional.of(new How(before, behind, merge.op()));
    }

    /** Whether the tensor's whole name is part of the other names: {@code x.weight.absmax}, {@code x.weight_scale}. */
    private static boolean isWhole(Merge merge) {
        return merge.op() == null || merge.alias() == null
                && merge.op() instanceof Combine combine
                && !(combine.recipe() instanceof Combine.Int8);
    }

    /** What the names of a base's tensor and of its adapter's have in common: the module. */
    private static String stem(String name, Merge merge) {
        return isWhole(merge) ? name : name.substring(0, Math.max(0, name.lastIndexOf('.')));
    }

    /**
     * One rule for all tensors that are merged alike, as many rules as there are ways.
     *
     * @param plain whether tensors the adapter leaves alone need a rule too
     */
    private List<Rule> split(Rule.Map map, boolean plain) {
        var from = map.from().getFirst();
        var ways = new LinkedHashMap<How, List<String>>();
        boolean strange = false;
        for (var name : names) {
            if (from.name().match(name).isPresent()) {
                done.add(name);
                var how = how(name);
                strange |= how.isEmpty();
                ways.computeIfAbsent(how.orElse(new How(List.of(name), List.of(), null)), _ -> new ArrayList<>())
                        .add(name);
            }
        }
        var made = new ArrayList<Rule>();
        for (var way : ways.entrySet()) {
            boolean untouched = way.getKey().before().isEmpty();
            if (untouched && !plain) {
                continue;
            }
            var which = ways.size() == 1
                    ? Optional.of(Map.<String, Pattern>of())
                    : narrowed(from.name(), way.getValue());
            if (!strange && which.isPresent()) {
                made.add(rule(map, from, which.get(), way.getKey(), way.getValue().getFirst()));
            } else {
                for (var name : way.getValue()) {
                    var captures = from.name().match(name).orElse(Map.of());
                    var fill = captures.entrySet().stream()
                            .collect(Collectors.toMap(Map.Entry::getKey, e -> Pattern.literal(e.getValue())));
                    made.add(rule(map, from, fill, way.getKey(), name));
                }
            }
        }
        return made;
    }

    /** The layers some names stand for, {@code {i:0|2}}; empty if more than one capture tells them apart. */
    private static Optional<Map<String, Pattern>> narrowed(Pattern pattern, List<String> some) {
        if (pattern.captures().size() != 1) { return Optional.empty(); }
        var capture = pattern.captures().getFirst().name();
        var values = some.stream().map(n -> pattern.match(n).orElseThrow().get(capture)).toList();
        return Optional.of(Map.of(capture, values.size() == 1
                ? Pattern.literal(values.getFirst())
                : Pattern.parse("{" + capture + ":" + String.join("|", values) + "}")));
    }

    private Rule rule(Rule.Map map, Rule.Branch from, Map<String, Pattern> fill, How how, String example) {
        var name = from.name().with(fill);
        var to = map.to().stream().map(b -> new Rule.Branch(b.source(), b.name().with(fill), b.ops())).toList();
        if (how.before().isEmpty()) {
            return new Rule.Map(List.of(new Rule.Branch(from.source(), name, from.ops())), map.ops(), to);
        }
        var merge = Objects.requireNonNull(source.merges().get(example));
        var text = name.toString();
        var stem = isWhole(merge) ? text : text.substring(0, Math.max(0, text.lastIndexOf('.')));
        var branches = new ArrayList<Rule.Branch>();
        for (int i = 0; i < how.before().size(); i++) {
            var tensor = how.behind().isEmpty() // a name that has nothing in common with the base's
                    ? Pattern.literal(merge.tensors().get(i))
                    : Pattern.parse(Pattern.escape(how.before().get(i)) + stem + Pattern.escape(how.behind().get(i)));
            branches.add(new Rule.Branch(merge.alias(), tensor, merge.op() == null ? from.ops() : List.of()));
        }
        if (merge.op() == null) { return new Rule.Map(branches, map.ops(), to); }
        if (merge.usesBase()) {
            branches.addFirst(Rule.Branch.of(name));
        }
        var ops = new ArrayList<Op>();
        ops.add(merge.op());
        ops.addAll(from.ops());
        ops.addAll(map.ops());
        return new Rule.Map(branches, ops, to);
    }
}
