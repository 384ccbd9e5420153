package weft.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;

import org.jspecify.annotations.Nullable;

import weft.io.Problem;
import weft.plan.Plan;
import weft.plan.Status;
import weft.text.Texts;
import weft.work.ConfigComparison;
import weft.work.Findings;
import weft.work.Reasons;
import weft.work.RowGroup;

/** A plan in words: what fits and what doesn't in a sentence, then what one rule makes in one line each. */
final class PlanText {
    private static final int MOST_NAMES = 5;
    private static final int MOST_REASONS = 60;
    /** Columns that names may take: the longest of real models have about 60. */
    private static final int WIDEST = 72;
    private final Texts texts;

    PlanText(Texts texts) {
        this.texts = texts;
    }

    List<String> lines(Plan plan, List<Problem> findings, List<ConfigComparison.Field> config) {
        var lines = new ArrayList<>(summary(plan));
        findings.forEach(f -> lines.add(texts.full(f)));
        long explained = plan.rows().stream().filter(r -> Findings.isExplained(r, findings)).count();
        if (explained > 0) {
            lines.add(texts.get("diff.explained", "n", explained));
        }
        var rows = rows(plan, findings);
        if (!rows.isEmpty()) {
            lines.add("");
            lines.addAll(rows);
        }
        lines.addAll(config(config));
        lines.addAll(why(plan));
        if (!plan.unexpected().isEmpty()) {
            lines.add("");
            lines.add(texts.get("diff.unexpected", "n", plan.unexpected().size(), "names", names(plan.unexpected())));
        }
        if (!plan.unused().isEmpty()) {
            lines.add("");
            lines.add(texts.get("diff.unused", "n", plan.unused().size(), "names", names(plan.unused())));
        }
        ofRules(plan).forEach(p -> lines.add(texts.full(p)));
        plan.problems().forEach(p -> lines.add(texts.full(p)));
        plan.warnings().forEach(w -> lines.add(texts.get("warning", "message", texts.full(w))));
        return lines;
    }

    /** Source and target, then what is to be known of the whole, one sentence a line. */
    List<String> summary(Plan plan) {
        var lines = new ArrayList<String>();
        lines.add(texts.get("diff.head", "source", Texts.shown(plan.source().name()), "dialect",
                plan.source().recognition() == null ? null : plan.source().recognition().dialect().id(), "tensors",
                plan.source().tensors().size(), "target", plan.target().name(), "parameters",
                plan.target().required()));
        long required = plan.target().required();
        long open = plan.open().size();
        long ready = required - open;
        lines.add(open == 0
                ? texts.get("diff.complete", "n", required, "fits", orNull(plan.count(Status.FITS)), "byRule",
                        orNull(plan.count(Status.BY_RULE)))
                : openWith(plan, Status.NEEDS_RULE) == open
                        ? texts.get("diff.known", "open", open, "n", required, "rules",
                                plan.open().stream().map(r -> r.rule()).distinct().count())
                        : texts.get("diff.open", "open", open, "n", required, "ready", orNull(ready), "needsRule",
                                orNull(openWith(plan, Status.NEEDS_RULE)), "mismatch",
                                orNull(openWith(plan, Status.MISMATCH)), "missing",
                                orNull(openWith(plan, Status.MISSING)),
                                "unproven", orNull(openWith(plan, Status.UNPROVEN))));
        if (plan.hidden() > 0) {
            lines.add(texts.get("diff.hidden", "n", plan.hidden()));
        }
        if (open > 0 && openWith(plan, Status.NEEDS_RULE) == open) {
            lines.add(texts.get("diff.next"));
        }
        return lines;
    }

    private static long openWith(Plan plan, Status status) {
        return plan.open().stream().filter(r -> r.status() == status).count();
    }

    /** A count of none is left out of the sentence. */
    private static @Nullable Long orNull(long count) {
        return count == 0 ? null : count;
    }

    /** One line for each group of rows that are alike. */
    List<String> rows(Plan plan) {
        return rows(plan, List.of());
    }

    /** The same without the rows that a finding explains. */
    private static boolean isShown(RowGroup group, List<Problem> findings) {
        return !Findings.isExplained(group.rows().getFirst(), findings);
    }

    private List<String> rows(Plan plan, List<Problem> findings) {
        var table = new Table("<<><<><");
        for (var group : RowGroup.of(plan).stream().filter(g -> isShown(g, findings)).toList()) {
            int n = group.targets().size();
            boolean fed = !group.sources().isEmpty();
            table.row(texts.status(group.status().id()),
                    fed ? cell(group.sources()) : "–", group.sourceShape(), "→", cell(group.targets()),
                    (n > 1 ? n + " × " : "") + group.targetShape(), remark(group));
        }
        return table.lines();
    }

    /**
     * Names in as much room as a column has: one row with many would make the table too wide for all. JSON has each.
     */
    private String cell(List<String> names) {
        var all = Texts.shown(RowGroup.join(names));
        if (Table.width(all) <= WIDEST) { return all; }
        var first = Texts.shown(names.getFirst());
        var cut = first.length() <= WIDEST
                ? first
                : first.substring(0, WIDEST / 2) + "…" + first.substring(first.length() - WIDEST / 2);
        return names.size() == 1 ? cut : texts.get("names.more", "names", cut, "n", names.size() - 1);
    }

    /** The fields in which the configurations differ, with how many rows each explains. */
    private List<String> config(List<ConfigComparison.Field> fields) {
        var differing = fields.stream().filter(f -> !f.same()).toList();
        if (differing.isEmpty()) { return List.of(); }
        var table = new Table("<><<<");
        differing.forEach(f -> table.row("  " + f.field(), String.valueOf(f.source()), "→", String.valueOf(f.target()),
                f.rows().isEmpty() ? "" : texts.get("diff.config.rows", "n", f.rows().size())));
        var lines = new ArrayList<>(List.of("", texts.get("diff.config")));
        lines.addAll(table.lines());
        return lines;
    }

    /** What keeps rules somebody gave from making what they say: of each rule its first row. */
    static List<Problem> ofRules(Plan plan) {
        var first = new LinkedHashMap<Integer, Problem>();
        for (var row : plan.rows()) {
            var problem = row.problem();
            if (problem != null && problem.rule() > 0) {
                first.putIfAbsent(problem.rule(), problem);
            }
        }
        return List.copyOf(first.values());
    }

    /** Why names that no dialect knows are paired as they are. */
    private List<String> why(Plan plan) {
        var reasons = Reasons.lines(plan, texts);
        if (reasons.isEmpty()) { return List.of(); }
        var lines = new ArrayList<>(List.of("", texts.get("diff.why")));
        reasons.stream().limit(MOST_REASONS).forEach(r -> lines.add("  " + r));
        if (reasons.size() > MOST_REASONS) {
            lines.add("  …");
        }
        return lines;
    }

    private String remark(RowGroup group) {
        var remarks = new ArrayList<String>();
        if (group.kind() != null) {
            remarks.add(texts.kind(group.kind().id()));
        }
        if (group.hidden()) {
            remarks.add(texts.get("hidden"));
        }
        if (group.layers() > 1) {
            remarks.add(texts.get("diff.alike", "n", group.layers()));
        }
        var problem = group.rows().getFirst().problem();
        if (problem != null && group.kind() == null) {
            remarks.add(texts.message(problem));
        }
        return String.join(" · ", remarks);
    }

    /** A few names, and how many more there are. */
    String names(List<String> names) {
        return Names.few(texts, names, MOST_NAMES);
    }
}
