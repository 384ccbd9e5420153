package weft.work;

import java.util.ArrayList;
import java.util.List;

import weft.name.Pattern;
import weft.rule.ArrowText;
import weft.rule.Rule;

/**
 * What pasted text says about names: rules as arrow text, or two columns of names, one pair a line, parted by a tab,
 * blanks, a comma or an arrow, source first.
 *
 * @param left lines that say nothing of the kind
 */
public record PastedRules(List<Rule> rules, int left) {
    private static final java.util.regex.Pattern PAIR = java.util.regex.Pattern
            .compile("\\s*[\"']?([^\\s\"',;=>]+)[\"']?\\s*(?:\\t|,|;|->|=>|\\s)\\s*[\"']?([^\\s\"',;=>]+)[\"']?\\s*,?\\s*");

    public static PastedRules of(String text) {
        var rules = new ArrayList<Rule>();
        int left = 0;
        for (var line : text.lines().map(String::strip).filter(l -> !l.isEmpty() && !l.startsWith("#")).toList()) {
            var reading = ArrowText.parse(line);
            if (reading.errors().isEmpty() && !reading.rules().rules().isEmpty()) {
                rules.addAll(reading.rules().rules());
                continue;
            }
            var pair = PAIR.matcher(line);
            if (pair.matches() && isName(pair.group(1)) && isName(pair.group(2))) {
                rules.add(new Rule.Map(List.of(Rule.Branch.of(Pattern.literal(pair.group(1)))), List.of(),
                        List.of(Rule.Branch.of(Pattern.literal(pair.group(2))))));
            } else {
                left++;
            }
        }
        return new PastedRules(List.copyOf(rules), left);
    }

    /** Words of a sentence aren't names: a name has a separator or an underscore, as tensors' names do. */
    private static boolean isName(String word) {
        return word.matches("[A-Za-z0-9_][A-Za-z0-9_./:{}|+-]*") && word.matches(".*[._/].*") && !word.endsWith(".");
    }
}
