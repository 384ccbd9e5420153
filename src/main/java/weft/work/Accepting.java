package weft.work;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

import weft.io.CheckpointException;
import weft.name.Pattern;
import weft.plan.Row;
import weft.rule.Rule;

/** Takes suggested rules over into a workspace; rules that are there stay, unless they make nothing else. */
final class Accepting {
    private Accepting() {
    }

    /** {@link Workspace#acceptAll()}. */
    static Workspace all(Workspace workspace) throws CheckpointException {
        var plan = workspace.needPlan();
        if (workspace.rules().rules().isEmpty()) { return workspace.withRules(plan.suggestions()); }
        var open = new LinkedHashSet<Rule>();
        plan.rows().stream().filter(r -> !r.status().isReady() && r.rule() != null)
                .forEach(r -> open.add(r.rule()));
        return some(workspace, plan.suggestions().rules().stream().filter(open::contains).toList());
    }

    /** The same, with rules for the buffers a causal mask is made by. */
    static Workspace allWithBuffers(Workspace workspace) throws CheckpointException {
        if (workspace.rules().rules().isEmpty()) { return workspace.withRules(workspace.suggestions(true)); }
        var accepted = all(workspace);
        var usual = workspace.needPlan().suggestions().rules();
        var open = accepted.needPlan().rows().stream().filter(r -> !r.status().isReady()).toList();
        return some(accepted,
                workspace.suggestions(true).rules().stream().filter(r -> !usual.contains(r) && open.stream()
                        .anyMatch(row -> r.targets().stream().anyMatch(t -> t.match(row.target().name()).isPresent())))
                        .toList());
    }

    static Workspace some(Workspace workspace, List<Rule> accepted) throws CheckpointException {
        if (accepted.isEmpty()) { return workspace; }
        var plan = workspace.needPlan();
        var names = plan.rows().stream().map(r -> r.target().name()).toList();
        var makes = names.stream()
                .filter(n -> accepted.stream()
                        .anyMatch(r -> r.targets().stream().anyMatch(t -> t.match(n).isPresent())))
                .collect(Collectors.toSet());
        var all = new ArrayList<Rule>();
        for (var given : workspace.rules().rules()) {
            var theirs = names.stream()
                    .filter(n -> given.targets().stream().anyMatch(t -> t.match(n).isPresent())).toList();
            if (theirs.isEmpty() || !makes.containsAll(theirs)) {
                all.add(given);
            }
        }
        all.addAll(accepted);
        var base = workspace.rules().rules().isEmpty() ? plan.suggestions() : workspace.rules();
        return workspace.withRules(base.with(all));
    }

    /** {@link Workspace#acceptOnly}. */
    static Workspace only(Workspace workspace, List<Row> rows) throws CheckpointException {
        var next = workspace;
        for (var rule : rows.stream().map(Row::rule).filter(Objects::nonNull).distinct().toList()) {
            var mine = rows.stream().filter(r -> rule.equals(r.rule())).toList();
            next = some(next, List.of(narrowed(rule, mine)));
        }
        return next;
    }

    /** A rule with its captures filled in from the parameters it is wanted for. */
    private static Rule narrowed(Rule rule, List<Row> rows) {
        var captures = rule.targets().stream()
                .flatMap(t -> rows.stream().flatMap(r -> t.match(r.target().name()).stream())).findFirst()
                .orElse(Map.of());
        UnaryOperator<Pattern> fill = p -> Pattern.parse(Pattern.escape(p.render(captures)));
        return switch (rule) {
            case Rule.Map map -> new Rule.Map(
                    map.from().stream().map(b -> new Rule.Branch(b.source(), fill.apply(b.name()), b.ops())).toList(),
                    map.ops(),
                    map.to().stream().map(b -> new Rule.Branch(b.source(), fill.apply(b.name()), b.ops())).toList());
            case Rule.Tie tie -> new Rule.Tie(fill.apply(tie.same()), fill.apply(tie.to()), tie.write(),
                    tie.assertEqual());
            case Rule.Init init -> new Rule.Init(init.fill(), init.value(), init.seed(), fill.apply(init.to()));
            case Rule.Keep keep -> new Rule.Keep(fill.apply(keep.to()));
            case Rule.Drop _,Rule.Assert _ -> rule;
        };
    }
}
