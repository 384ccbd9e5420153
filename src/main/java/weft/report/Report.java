package weft.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import org.jspecify.annotations.Nullable;

import weft.io.Code;
import weft.io.Json;
import weft.picture.WhyPicture;
import weft.plan.Kind;
import weft.plan.Plan;
import weft.plan.Row;
import weft.plan.Status;
import weft.rule.ArrowText;
import weft.text.Texts;

/**
 * A plan as a document that is read without Weft.
 *
 * @param groups rows that are alike, in the plan's order
 * @param config where the two configurations differ
 * @param formulas what the two sides compute
 * @param notes what else is to be said, in sentences of the reader's language, by their headings
 */
public record Report(Plan plan, List<Group> groups, List<Difference> config, WhyPicture.Formulas formulas,
        Map<String, List<String>> notes) {

    public Report(Plan plan, List<Group> groups, List<Difference> config, WhyPicture.Formulas formulas) {
        this(plan, groups, config, formulas, Map.of());
    }

    /** The same with sentences, by their headings. */
    public Report with(Map<String, List<String>> sentences) {
        return new Report(plan, groups, config, formulas, sentences);
    }

    /**
     * Rows that are alike but for their layer.
     *
     * @param source folded names of what feeds them
     * @param target folded names of the parameters
     */
    public record Group(String source, String sourceShape, String target, String targetShape, int layers,
            List<Row> rows) {
        Row first() {
            return rows.getFirst();
        }
    }

    /** A number the two sides state differently. */
    public record Difference(String field, @Nullable Object source, @Nullable Object target) {
    }

    /** One self-contained page: no script, nothing loaded; light or dark as the reader's system is, and fit to be printed. */
    public String html(Texts texts) {
        return new HtmlReport(this, texts).page();
    }

    /** The same for a wiki or an issue: without pictures. */
    public String markdown(Texts texts) {
        var lines = new ArrayList<String>();
        lines.add("# " + Cells.markdown(title(texts)));
        lines.add("");
        summary(texts).forEach(s -> lines.add(Cells.markdown(s) + "\n"));
        lines.add("| " + texts.get("report.status") + " | " + texts.get("report.source") + " | "
                + texts.get("report.shape") + " | "
                + texts.get("report.target") + " | " + texts.get("report.shape") + " | " + texts.get("report.remark")
                + " |");
        lines.add("|---|---|---|---|---|---|");
        for (var group : groups) {
            lines.add("| " + String.join(" | ", texts.status(group.first().status().id()), Cells.code(group.source()),
                    group.sourceShape(), Cells.code(group.target()), group.targetShape(),
                    Cells.markdown(remark(group, texts)))
                    + " |");
        }
        if (!config.isEmpty()) {
            lines.add("\n## " + texts.get("report.config") + "\n");
            lines.add("| | " + texts.get("report.source") + " | " + texts.get("report.target") + " |\n|---|---|---|");
            config.forEach(d -> lines
                    .add("| " + Cells.code(d.field()) + " | " + Cells.markdown(String.valueOf(d.source())) + " | "
                            + Cells.markdown(String.valueOf(d.target())) + " |"));
        }
        notes.forEach((heading, sentences) -> {
            lines.add("\n## " + heading + "\n");
            sentences.forEach(n -> lines.add("- " + Cells.markdown(n)));
        });
        var rules = rules();
        if (!rules.isEmpty()) {
            lines.add("\n## " + texts.get("report.rules") + "\n\n```");
            lines.addAll(rules);
            lines.add("```");
        }
        leftovers(texts).forEach((heading, names) -> {
            lines.add("\n## " + heading + "\n");
            names.forEach(n -> lines.add("- " + Cells.code(n)));
        });
        return String.join("\n", lines) + "\n";
    }

    /** One line a parameter, for a spreadsheet; words are the contract's and not translated. */
    public String csv() {
        var lines = new ArrayList<String>();
        lines.add("target,targetShape,source,sourceShape,status,kind,hidden,evidence,ops");
        for (var row : plan.rows()) {
            lines.add(String.join(",", Cells.csv(row.target().name()), Cells.csv(row.target().shape().toString()),
                    Cells.csv(String.join(" ", NameTable.sources(row))), Cells.csv(NameTable.shapes(row)),
                    row.status().id(),
                    row.kind() == null ? "" : row.kind().id(), Boolean.toString(row.hidden()), row.evidence().id(),
                    Cells.csv(NameTable.ops(row))));
        }
        // A mark that says UTF-8 to the spreadsheets that would guess otherwise.
        return "\uFEFF" + String.join("\r\n", lines) + "\r\n";
    }

    /** The plan as a JSON document; keys as in {@code weft diff --json}. */
    public String json() {
        return Json.print(document());
    }

    /** The JSON document's values. */
    public Map<String, @Nullable Object> document() {
        var document = new LinkedHashMap<String, @Nullable Object>();
        var from = new LinkedHashMap<String, @Nullable Object>();
        from.put("name", plan.source().name());
        from.put("dialect", plan.source().recognition() == null ? null : plan.source().recognition().dialect().id());
        from.put("tensors", plan.source().tensors().size());
        document.put("source", from);
        var to = new LinkedHashMap<String, Object>();
        to.put("name", plan.target().name());
        to.put("parameters", plan.target().required());
        document.put("target", to);
        var counts = new LinkedHashMap<String, Object>();
        for (var status : Status.values()) {
            counts.put(status.id(), plan.count(status));
        }
        counts.put("unexpected", plan.unexpected().size());
        counts.put("hidden", plan.hidden());
        document.put("summary", counts);
        document.put("rows", plan.rows().stream().map(NameTable::fields).toList());
        document.put("config", config.stream().map(d -> {
            var fields = new LinkedHashMap<String, @Nullable Object>();
            fields.put("field", d.field());
            fields.put("source", d.source());
            fields.put("target", d.target());
            return fields;
        }).toList());
        document.put("rules", rules());
        document.put("unexpected", plan.unexpected());
        document.put("ignored", plan.ignored().entrySet().stream().map(e -> {
            var fields = new LinkedHashMap<String, Object>();
            fields.put("name", e.getKey());
            fields.put("reason", e.getValue());
            return fields;
        }).toList());
        document.put("unused", plan.unused());
        document.put("complete", plan.isComplete());
        return document;
    }

    String title(Texts texts) {
        return texts.get("report.title", "source", last(plan.source().name()), "target", file(plan.target().name()));
    }

    private static String last(String path) {
        var cut = path.replaceAll("[/\\\\]+$", "");
        return Texts.shown(cut.substring(Math.max(cut.lastIndexOf('/'), cut.lastIndexOf('\\')) + 1));
    }

    /** The last part of a path: a report that is handed on doesn't tell where its writer keeps files. */
    private static String file(String target) {
        boolean isPath = target.startsWith("/") || target.startsWith(".")
                || target.matches("^[A-Za-z]:.*|.*\\.[A-Za-z0-9]{1,12}$");
        return isPath ? last(target) : Texts.shown(target);
    }

    /** The plan in a few sentences. */
    List<String> summary(Texts texts) {
        var lines = new ArrayList<String>();
        long required = plan.target().required();
        long open = plan.open().size();
        lines.add(texts.get("report.from", "dialect", plan.source().recognition() == null
                ? null
                : plan.source().recognition().dialect().id(), "tensors", plan.source().tensors().size(), "n",
                required));
        long known = plan.open().stream().filter(r -> r.status() == Status.NEEDS_RULE).count();
        lines.add(open == 0
                ? texts.get("report.complete", "n", required)
                : texts.get("report.open", "n", required, "open", open, "known", known == 0 ? null : known));
        if (plan.hidden() > 0) {
            lines.add(texts.get("diff.hidden", "n", plan.hidden()));
        }
        return lines;
    }

    String remark(Group group, Texts texts) {
        var row = group.first();
        var remarks = new ArrayList<String>();
        if (row.kind() != null) {
            remarks.add(texts.kind(row.kind().id()));
        }
        if (row.hidden()) {
            remarks.add(texts.get("hidden"));
        }
        if (group.layers() > 1) {
            remarks.add(texts.get("diff.alike", "n", group.layers()));
        }
        // Where the kind says it, the two shapes that stand beside it need no sentence.
        if (row.problem() != null && (row.kind() == null || row.kind() == Kind.SHAPE || row.problem().rule() > 0
                || row.problem().code() != Code.E_SHAPE)) {
            remarks.add(texts.message(row.problem()));
        }
        return String.join(" · ", remarks);
    }

    /** The rules given or suggested, as arrow text, each once. */
    List<String> rules() {
        return plan.rows().stream().map(Row::rule).filter(Objects::nonNull).distinct().map(ArrowText::print)
                .toList();
    }

    Map<String, List<String>> leftovers(Texts texts) {
        var left = new LinkedHashMap<String, List<String>>();
        if (!plan.unexpected().isEmpty()) {
            left.put(texts.get("report.unexpected"), plan.unexpected());
        }
        if (!plan.unused().isEmpty()) {
            left.put(texts.get("report.unused"), plan.unused());
        }
        if (!plan.ignored().isEmpty()) {
            left.put(texts.get("report.ignored"), List.copyOf(plan.ignored().keySet()));
        }
        return left;
    }
}
