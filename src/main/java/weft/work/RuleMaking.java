package weft.work;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import weft.io.CheckpointException;
import weft.io.Progress;
import weft.name.Pattern;
import weft.plan.Row;
import weft.rule.ArrowText;
import weft.rule.Rule;
import weft.rule.RuleSet;
import weft.tensor.TensorInfo;

/** A rule between tensors and parameters somebody put together, and what would mend a rule that doesn't work out. */
public final class RuleMaking {
    private static final int MOST_AXES = 4;

    private RuleMaking() {
    }

    /**
     * What could be done.
     *
     * @param here the rule for just these
     * @param alike the same for every layer, or {@code null} if there is only this one
     * @param layers how many layers {@code alike} speaks of
     */
    public record Proposal(Rule here, @Nullable Rule alike, int layers) {
    }

    /**
     * The simplest rule that makes these parameters of these tensors: what Weft suggests for this very pair, else the
     * first of rename, squeeze, transpose, split and join whose shapes come out. A square comes out either way: there
     * the suggestion decides, else the order of the file is kept and the row stays marked.
     *
     * @return empty if no such rule gives the shapes
     */
    public static Optional<Proposal> between(Workspace workspace, List<TensorInfo> sources, List<Row> targets,
            Progress progress) throws CheckpointException {
        var plan = workspace.plan().orElse(null);
        if (plan == null || sources.isEmpty() || targets.isEmpty()) { return Optional.empty(); }
        var names = sources.stream().map(TensorInfo::name).toList();
        var wanted = targets.stream().map(r -> r.target().name()).toList();
        for (var candidate : candidates(workspace, names, wanted, targets)) {
            progress.check();
            if (works(workspace, candidate, Set.copyOf(wanted))) {
                var alike = alike(candidate, names, wanted);
                int layers = alike == null ? 0 : layers(workspace, alike, wanted.size());
                return Optional.of(new Proposal(candidate, layers > 1 ? alike : null, Math.max(1, layers)));
            }
        }
        return Optional.empty();
    }

    private static List<Rule> candidates(Workspace workspace, List<String> names, List<String> wanted,
            List<Row> targets) throws CheckpointException {
        var rules = new ArrayList<Rule>();
        var suggested = workspace.withRules(RuleSet.EMPTY).plan().flatMap(p -> p.row(wanted.getFirst()));
        suggested.filter(r -> r.rule() != null && r.sources().stream().map(TensorInfo::name).toList().equals(names))
                .ifPresent(r -> {
                    var own = r.rule() instanceof Rule.Map map && map.to().size() == wanted.size() ? map : null;
                    if (own != null) {
                        read(side(names) + ops(own) + " => " + side(wanted)).ifPresent(rules::add);
                    }
                });
        for (var text : texts(names.size(), wanted.size(), targets)) {
            read(side(names) + text + " => " + side(wanted)).ifPresent(rules::add);
        }
        return rules;
    }

    private static String ops(Rule.Map map) {
        return map.ops().isEmpty() ? "" : " : " + ArrowText.print(map.ops());
    }

    private static String side(List<String> names) {
        return String.join(", ", names.stream().map(RuleMaking::word).toList());
    }

    /** A name as arrow text has it: quoted where it holds what parts words. */
    private static String word(String name) {
        return name.matches("[^\\s\",|:=#]+") ? Pattern.escape(name) : weft.io.Json.quote(Pattern.escape(name));
    }

    /** Ops from the simplest on; most of them won't give the shapes. */
    private static Set<String> texts(int from, int to, List<Row> targets) {
        var texts = new LinkedHashSet<String>();
        var turns = List.of("", "rearrange \"1 a b -> a b\"", "rearrange \"a 1 b -> a b\"", "rearrange \"a b 1 -> a b\"",
                "rearrange \"1 a -> a\"", "rearrange \"a 1 -> a\"", "rearrange \"a -> 1 a\"",
                "rearrange \"a b -> b a\"", "rearrange \"1 a b -> b a\"", "rearrange \"a b -> 1 a b\"",
                "rearrange \"a b -> 1 b a\"", "rearrange \"a b c -> c b a\"");
        if (from == 1 && to == 1) {
            turns.forEach(t -> texts.add(t.isEmpty() ? "" : " : " + t));
        } else if (from == 1) {
            boolean equal = targets.stream().map(r -> r.target().shape()).distinct().count() == 1;
            for (var turn : turns) {
                for (int axis = 0; axis < MOST_AXES; axis++) {
                    int at = axis;
                    var parts = equal
                            ? "" + to
                            : targets.stream().map(r -> at < r.target().shape().rank()
                                    ? "" + r.target().shape().dim(at)
                                    : "0").toList().toString();
                    texts.add(" : " + (turn.isEmpty() ? "" : turn + " | ") + "split " + parts + " @" + axis);
                }
            }
        } else if (to == 1) {
            for (var turn : turns) {
                for (int axis = 0; axis < MOST_AXES; axis++) {
                    texts.add(" : concat @" + axis + (turn.isEmpty() ? "" : " | " + turn));
                }
            }
            texts.add(" : stack @0");
        }
        return texts;
    }

    private static Optional<Rule> read(String text) {
        var reading = ArrowText.parse(text);
        return reading.errors().isEmpty() && reading.rules().rules().size() == 1
                ? Optional.of(reading.rules().rules().getFirst())
                : Optional.empty();
    }

    /** Whether these parameters come out of this rule, alone. */
    private static boolean works(Workspace workspace, Rule rule, Set<String> wanted) {
        var plan = workspace.withRules(workspace.rules().with(List.of(rule))).plan().orElseThrow();
        return plan.rows().stream().filter(r -> wanted.contains(r.target().name()))
                .allMatch(r -> rule.equals(r.rule()) && r.problem() == null && r.status().isReady());
    }

    /** The rule with the layer's number for a capture; null if the names don't share one. */
    private static @Nullable Rule alike(Rule rule, List<String> names, List<String> wanted) {
        if (!(rule instanceof Rule.Map map)) { return null; }
        var from = Numbered.all(names);
        var to = Numbered.all(wanted);
        if (from == null || to == null) { return null; }
        long shift = to.number() - from.number();
        var capture = shift == 0 ? "{i}" : shift > 0 ? "{i+" + shift + "}" : "{i" + shift + "}";
        try {
            return new Rule.Map(branches(map.from(), from.with("{i}")), map.ops(),
                    branches(map.to(), to.with(capture)));
        } catch (IllegalArgumentException e) {
            return null; // a name that holds braces of its own
        }
    }

    private static List<Rule.Branch> branches(List<Rule.Branch> old, List<String> patterns) {
        var branches = new ArrayList<Rule.Branch>();
        for (int i = 0; i < old.size(); i++) {
            branches.add(new Rule.Branch(old.get(i).source(), Pattern.parse(patterns.get(i)), old.get(i).ops()));
        }
        return branches;
    }

    /** Names that share their first number. */
    private record Numbered(List<String> before, long number, List<String> after) {
        private static final java.util.regex.Pattern FIRST = java.util.regex.Pattern
                .compile("^(.*?[^0-9]|)([0-9]{1,6})([./].*)$");

        static @Nullable Numbered all(List<String> names) {
            var before = new ArrayList<String>();
            var after = new ArrayList<String>();
            long number = -1;
            for (var name : names) {
                var parts = FIRST.matcher(name);
                if (!parts.matches()) { return null; }
                long own = Long.parseLong(parts.group(2));
                if (number >= 0 && own != number) { return null; }
                number = own;
                before.add(parts.group(1));
                after.add(parts.group(3));
            }
            return number < 0 ? null : new Numbered(before, number, after);
        }

        List<String> with(String capture) {
            var names = new ArrayList<String>();
            for (int i = 0; i < before.size(); i++) {
                names.add(Pattern.escape(before.get(i)) + capture + Pattern.escape(after.get(i)));
            }
            return names;
        }
    }

    /** In how many layers the rule makes what it promises; 0 if it fails in one. */
    private static int layers(Workspace workspace, Rule rule, int each) {
        var plan = workspace.withRules(workspace.rules().with(List.of(rule))).plan().orElseThrow();
        var rows = plan.rows().stream().filter(r -> rule.equals(r.rule())).toList();
        return rows.stream().allMatch(r -> r.problem() == null && r.status().isReady()) ? rows.size() / each : 0;
    }

    /**
     * A given rule that doesn't work out, mended by one number: another axis. What Weft suggests for the same
     * parameters comes second.
     *
     * @return empty if neither gives the shapes
     */
    public static Optional<Rule> fix(Workspace workspace, Rule broken, Progress progress) throws CheckpointException {
        var plan = workspace.plan().orElse(null);
        if (plan == null) { return Optional.empty(); }
        var wanted = new LinkedHashSet<String>();
        plan.rows().stream().filter(r -> broken.equals(r.rule())).forEach(r -> wanted.add(r.target().name()));
        if (wanted.isEmpty()) { return Optional.empty(); }
        var text = ArrowText.print(broken);
        var axes = java.util.regex.Pattern.compile("@([0-9])").matcher(text);
        while (axes.find()) {
            for (int axis = 0; axis < MOST_AXES; axis++) {
                progress.check();
                var other = read(text.substring(0, axes.start(1)) + axis + text.substring(axes.end(1)));
                if (other.isPresent() && !other.get().equals(broken) && works(workspace, other.get(), wanted)) {
                    return other;
                }
            }
        }
        return workspace.withRules(RuleSet.EMPTY).plan().flatMap(p -> p.row(wanted.getFirst()))
                .map(Row::rule).filter(r -> !r.equals(broken) && works(workspace, r, wanted));
    }
}
