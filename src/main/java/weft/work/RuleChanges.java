package weft.work;

import java.util.ArrayList;
import java.util.List;

import weft.rule.Rule;
import weft.rule.RuleSet;

/**
 * How rules differ from those in a file. Their order has no meaning.
 *
 * @param added rules the file hasn't got
 * @param dropped rules only the file has
 */
public record RuleChanges(List<Rule> added, List<Rule> dropped) {

    public static RuleChanges between(RuleSet saved, RuleSet now) {
        var added = new ArrayList<>(now.rules());
        saved.rules().forEach(added::remove);
        var dropped = new ArrayList<>(saved.rules());
        now.rules().forEach(dropped::remove);
        return new RuleChanges(List.copyOf(added), List.copyOf(dropped));
    }

    /** A rule that was edited counts once, though it was dropped and added. */
    public int count() {
        return Math.max(added.size(), dropped.size());
    }
}
