package weft.work;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import weft.name.Pattern;
import weft.plan.Plan;
import weft.rule.ArrowText;
import weft.rule.Rule;
import weft.rule.RuleSet;

/**
 * What pasted text says about names: rules as arrow text, or two columns of names, one pair a line, parted by a tab,
 * blanks, a comma or an arrow, source first.
 *
 * @param pairs those of the rules that were two names and no more
 * @param left lines that say nothing of the kind
 */
public record PastedRules(List<Rule> rules, Set<Rule> pairs, int left) {
    private static final java.util.regex.Pattern PAIR = java.util.regex.Pattern
            .compile(
                    "\\s*[\"']?([^\\s\"',;=>]+)[\"']?\\s*(?:\\t|,|;|->|=>|\\s)\\s*[\"']?([^\\s\"',;=>]+)[\"']?\\s*,?\\s*");

    public static PastedRules of(String text) {
        var rules = new ArrayList<Rule>();
        var pairs = new HashSet<Rule>();
        int left = 0;
        for (var line : text.lines().map(String::strip).filter(l -> !l.isEmpty() && !l.startsWith("#")).toList()) {
            var reading = ArrowText.parse(line);
            if (reading.errors().isEmpty() && !reading.rules().rules().isEmpty()) {
                rules.addAll(reading.rules().rules());
                continue;
            }
            var pair = PAIR.matcher(line);
            if (pair.matches() && isName(pair.group(1)) && isName(pair.group(2))) {
                var renames = new Rule.Map(List.of(Rule.Branch.of(Pattern.literal(pair.group(1)))), List.of(),
                        List.of(Rule.Branch.of(Pattern.literal(pair.group(2)))));
                rules.add(renames);
                pairs.add(renames);
            } else {
                left++;
            }
        }
        return new PastedRules(List.copyOf(rules), Set.copyOf(pairs), left);
    }

    /**
     * The same where there is a target: a pair Weft knows takes the ops it would suggest for this very pair, so that names are
     * all a person has to say. Pairs nobody knows stay as they were written.
     */
    public List<Rule> in(Workspace workspace) {
        var known = workspace.withRules(RuleSet.EMPTY).plan().orElse(null);
        return known == null
                ? rules
                : rules.stream().map(r -> r instanceof Rule.Map pair && pairs.contains(r) ? fitted(pair, known) : r)
                        .toList();
    }

    private static Rule fitted(Rule.Map pair, Plan known) {
        var row = known.row(pair.to().getFirst().name().toString()).orElse(null);
        return row != null && row.rule() instanceof Rule.Map own && own.from().size() == 1 && own.to().size() == 1
                && own.from().getFirst().source() == null && row.sources().size() == 1
                && row.sources().getFirst().name().equals(pair.from().getFirst().name().toString())
                        ? new Rule.Map(with(pair.from(), own.from()), own.ops(), with(pair.to(), own.to()))
                        : pair;
    }

    private static List<Rule.Branch> with(List<Rule.Branch> names, List<Rule.Branch> ops) {
        return List.of(new Rule.Branch(null, names.getFirst().name(), ops.getFirst().ops()));
    }

    /** Words of a sentence aren't names: a name has a separator or an underscore, as tensors' names do. */
    private static boolean isName(String word) {
        return word.matches("[A-Za-z0-9_][A-Za-z0-9_./:{}|+-]*") && word.matches(".*[._/].*") && !word.endsWith(".");
    }
}
