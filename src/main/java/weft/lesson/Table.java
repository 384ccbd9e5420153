package weft.lesson;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;

import org.jspecify.annotations.Nullable;

import weft.plan.Plan;
import weft.plan.Row;
import weft.rule.Rule;
import weft.rule.RuleSet;
import weft.work.Workspace;

/** The few rows a class looks at, and the ways each of them could be made. */
public final class Table {
    private Table() {
    }

    /** The plan's rows a lesson is about, in the lesson's order. */
    public static List<Row> rows(Lesson lesson, Plan plan) {
        return lesson.stage().rows().stream()
                .flatMap(p -> plan.rows().stream().filter(r -> p.match(r.target().name()).isPresent())).distinct()
                .toList();
    }

    /**
     * The ways to make a row, each once: as the lesson begins, as Weft suggests, as the lesson offers. {@code null} is no
     * rule.
     */
    public static List<@Nullable Rule> ways(Lesson lesson, Workspace workspace, Row row) {
        var name = row.target().name();
        var ways = new LinkedHashSet<@Nullable Rule>();
        Workspace.read(lesson.open().rules()).rules().rules().stream().filter(r -> makes(r, name)).forEach(ways::add);
        if (ways.isEmpty()) {
            ways.add(null);
        }
        workspace.withRules(RuleSet.EMPTY).plan().flatMap(p -> p.row(name)).map(Row::rule).ifPresent(ways::add);
        lesson.stage().offers().stream().filter(r -> makes(r, name)).forEach(ways::add);
        return new ArrayList<>(ways);
    }

    private static boolean makes(Rule rule, String parameter) {
        return rule.targets().stream().anyMatch(p -> p.match(parameter).isPresent());
    }
}
