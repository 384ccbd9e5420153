package weft.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import weft.io.Json;
import weft.plan.Plan;
import weft.plan.Producer;
import weft.plan.Row;
import weft.tensor.TensorInfo;
import weft.text.Texts;

/** Which source feeds which parameter, for other tools and for people: one line a parameter. */
public final class NameTable {
    private NameTable() {
    }

    /** Names only: {@code {"target": "source"}}, a list where several feed one, {@code null} where none does. */
    public static String json(Plan plan) {
        var names = new LinkedHashMap<String, @Nullable Object>();
        for (var row : plan.rows()) {
            var sources = sources(row);
            names.put(row.target().name(),
                    sources.isEmpty() ? null : sources.size() == 1 ? sources.getFirst() : sources);
        }
        return Json.print(names);
    }

    /** One line a parameter: target, source, their shapes, the ops. Names are as they are, but for what a spreadsheet would compute. */
    public static String csv(Plan plan) {
        var lines = new ArrayList<String>();
        lines.add("target,source,targetShape,sourceShape,ops");
        for (var row : plan.rows()) {
            lines.add(String.join(",", Cells.csv(row.target().name()), Cells.csv(String.join(" ", sources(row))),
                    Cells.csv(row.target().shape().toString()), Cells.csv(shapes(row)), Cells.csv(ops(row))));
        }
        return String.join("\r\n", lines) + "\r\n";
    }

    /** The same as a Markdown table, headed in the texts' language. */
    public static String markdown(Plan plan, Texts texts) {
        var lines = new ArrayList<String>();
        lines.add("| "
                + String.join(" | ", texts.get("report.target"), texts.get("report.shape"), texts.get("report.source"),
                        texts.get("report.shape"), texts.get("report.ops"))
                + " |");
        lines.add("|---|---|---|---|---|");
        for (var row : plan.rows()) {
            lines.add("| " + String.join(" | ", Cells.code(row.target().name()), row.target().shape().toString(),
                    String.join(" ", sources(row).stream().map(Cells::code).toList()), shapes(row),
                    Cells.code(ops(row)))
                    + " |");
        }
        return String.join("\n", lines) + "\n";
    }

    static List<String> sources(Row row) {
        return row.producer() instanceof Producer.FromSources from
                ? from.sources()
                : row.producer() instanceof Producer.SameAs same
                        ? List.of(same.parameter())
                        : row.sources().stream().map(TensorInfo::name).toList();
    }

    static String shapes(Row row) {
        return String.join(" ", row.sources().stream().map(s -> s.shape().toString()).toList());
    }

    /** What happens on the way, in the rule language's words. */
    static String ops(Row row) {
        return switch (row.producer()) {
            case Producer.FromSources _ -> String.join(" | ", row.ops().stream().map(Object::toString).toList());
            case Producer.SameAs same -> "tie " + same.write().name().toLowerCase(Locale.ROOT);
            case Producer.Made made ->
                "init " + made.fill().name().toLowerCase(Locale.ROOT).replace('_', '-');
            case Producer.Kept _ -> "keep";
            case null -> "";
        };
    }

    static Map<String, @Nullable Object> fields(Row row) {
        var fields = new LinkedHashMap<String, @Nullable Object>();
        fields.put("target", row.target().name());
        fields.put("targetShape", row.target().shape().dims());
        fields.put("sources", sources(row));
        fields.put("sourceShapes", row.sources().stream().map(s -> s.shape().dims()).toList());
        fields.put("status", row.status().id());
        fields.put("kind", row.kind() == null ? null : row.kind().id());
        fields.put("ops", row.ops().stream().map(Object::toString).toList());
        fields.put("hidden", row.hidden());
        fields.put("evidence", row.evidence().id());
        return fields;
    }
}
