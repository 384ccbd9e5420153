package weft.plan;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import weft.io.Code;
import weft.io.Problem;
import weft.rule.Rule;
import weft.rule.RuleSet;

/** What can be wrong with ties only once every row is known: circles, and ties to what nothing makes. */
final class Ties {
    private Ties() {
    }

    /**
     * Rows of ties that can't be kept are replaced in the list.
     *
     * @return {@code E-CYCLE} once for every circle
     */
    static List<Problem> check(List<Row> rows, RuleSet rules) {
        var places = new HashMap<String, Integer>();
        for (int i = 0; i < rows.size(); i++) {
            if (rows.get(i).producer() instanceof Producer.SameAs) {
                rows.forEach(r -> places.putIfAbsent(r.target().name(), places.size()));
                break;
            }
        }
        var circles = new HashSet<String>();
        var problems = new ArrayList<Problem>();
        if (places.isEmpty()) { return problems; }
        var before = List.copyOf(rows);
        for (int i = 0; i < rows.size(); i++) {
            var row = before.get(i);
            if (!(row.producer() instanceof Producer.SameAs same)) {
                continue;
            }
            var name = row.target().name();
            int number = number(row.rule(), rules);
            var seen = new ArrayList<>(List.of(name));
            Row end = end(same, before, places, seen);
            if (end == null && seen.indexOf(seen.getLast()) < seen.size() - 1) { // led back into itself
                var problem = Problem.of(Code.E_CYCLE).field(name).found(String.join(" = ", seen)).by(number, name);
                if (circles.add(seen.stream().sorted().findFirst().orElse(name))) {
                    problems.add(problem);
                }
                rows.set(i, wrong(row, problem));
            } else if (end != null && isNothing(end, same.write())) {
                rows.set(i, row.status() == Status.NEEDS_RULE
                        ? new Row(row.target(), List.of(),
                                row.target().required() ? Status.MISSING : Status.OPTIONAL, null, null, false,
                                Evidence.NONE, null, null)
                        : wrong(row, Problem.of(Code.E_MISSING).field(name).found(end.target().name()).by(number,
                                name)));
            }
        }
        return problems;
    }

    private static Row wrong(Row row, Problem problem) {
        return new Row(row.target(), row.sources(), Status.MISMATCH, row.kind(), null, false, row.evidence(),
                row.rule(), problem);
    }

    private static int number(@Nullable Rule rule, RuleSet rules) {
        return rule == null ? 0 : rules.rules().indexOf(rule) + 1;
    }

    /** The row all of it leads to; null if it leads in a circle, whose names are then in {@code seen}. */
    private static @Nullable Row end(Producer.SameAs first, List<Row> rows, Map<String, Integer> places,
            List<String> seen) {
        var names = new HashSet<>(seen);
        Producer.SameAs at = first;
        while (true) {
            seen.add(at.parameter());
            var place = places.get(at.parameter());
            if (!names.add(at.parameter()) || place == null) { return null; }
            var row = rows.get(place);
            if (!(row.producer() instanceof Producer.SameAs next)) { return row; }
            at = next;
        }
    }

    /** Whether there are no values to be equal to. What isn't written needs none. */
    private static boolean isNothing(Row end, Rule.Write write) {
        return end.producer() == null && end.sources().isEmpty()
                || end.producer() instanceof Producer.Kept && write != Rule.Write.OMIT;
    }
}
