package weft.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import weft.io.Problem;
import weft.plan.Kind;
import weft.plan.Plan;
import weft.plan.Row;
import weft.plan.Status;
import weft.prove.Orientation;
import weft.tensor.Shape;
import weft.tensor.TensorInfo;
import weft.work.ConfigComparison;
import weft.work.Findings;
import weft.work.Model;
import weft.work.Proved;
import weft.work.Reasons;
import weft.work.Workspace;

/** Parts that several commands' documents have in common. */
final class Documents {
    private Documents() {
    }

    static Map<String, Object> left(Model.Left left) {
        return object("name", left.name(), "reason", left.reason());
    }

    /** Names and values in turn, in this order: {@link Map#of} has another one each time Weft starts. */
    static Map<String, Object> object(Object... fields) {
        var object = new LinkedHashMap<String, Object>();
        for (int i = 0; i < fields.length; i += 2) {
            object.put((String) fields[i], fields[i + 1]);
        }
        return object;
    }

    /** JSON has no NaN: a number that isn't there is null. */
    static @Nullable Double finite(double value) {
        return Double.isFinite(value) ? value : null;
    }

    /** The counts of the seven statuses, and what stands beside them. */
    static Map<String, Object> summary(Plan plan) {
        var summary = new LinkedHashMap<String, Object>();
        for (var status : Status.values()) {
            summary.put(status.id(), plan.count(status));
        }
        summary.put("unexpected", plan.unexpected().size());
        summary.put("hidden", plan.hidden());
        return summary;
    }

    static Map<String, Object> row(Session session, Row row) {
        var fields = new LinkedHashMap<String, Object>();
        fields.put("target", row.target().name());
        fields.put("targetShape", row.target().shape().dims());
        fields.put("sources", row.sources().stream().map(TensorInfo::name).toList());
        fields.put("sourceShapes", row.sources().stream().map(TensorInfo::shape).map(Shape::dims).toList());
        fields.put("status", row.status().id());
        if (row.kind() != null) {
            fields.put("kind", row.kind().id());
        }
        fields.put("ops", row.ops().stream().map(Object::toString).toList());
        fields.put("hidden", row.hidden());
        fields.put("evidence", row.evidence().id());
        if (row.rule() != null) {
            fields.put("rule", Workspace.text(row.rule()));
        }
        if (row.problem() != null) {
            fields.put("problem", session.describe(row.problem()));
        }
        return fields;
    }

    /** What is still open, one object a parameter. */
    static List<Map<String, Object>> unresolved(Session session, List<Row> rows) {
        var all = new ArrayList<Map<String, Object>>();
        for (var row : rows) {
            all.add(row(session, row));
        }
        return all;
    }

    /** Why names that no dialect knows are paired as they are, or aren't. */
    static List<Map<String, Object>> why(Session session, Plan plan) {
        var all = new ArrayList<Map<String, Object>>();
        Reasons.of(plan).forEach((target, reason) -> {
            var fields = new LinkedHashMap<String, Object>();
            fields.put("target", target);
            fields.putAll(reason.toMap());
            fields.put("text", Reasons.sentence(reason, session.texts()));
            all.add(fields);
        });
        return all;
    }

    /** One field of the two configurations; {@code null} where a side says nothing. */
    static Map<String, @Nullable Object> config(ConfigComparison.Field field) {
        var fields = new LinkedHashMap<String, @Nullable Object>();
        fields.put("field", field.field());
        fields.put("source", field.source());
        fields.put("target", field.target());
        fields.put("same", field.same());
        fields.put("rows", field.rows());
        return fields;
    }

    /** What there is to say of the whole, with how many rows it explains. */
    static Map<String, @Nullable Object> finding(Session session, Problem finding, Plan plan) {
        var fields = new LinkedHashMap<String, @Nullable Object>();
        fields.put("code", finding.code().id());
        fields.put("message", session.texts().message(finding));
        fields.put("hint", session.texts().hint(finding));
        fields.put("field", finding.field());
        fields.put("source", finding.found());
        fields.put("target", finding.expected());
        long rows = plan.rows().stream().filter(r -> Findings.isExplained(r, List.of(finding))).count();
        if (rows > 0) {
            fields.put("kind", Kind.OTHER_MODEL_SIZE.id());
        }
        fields.put("rows", rows);
        return fields;
    }

    /** What was tried and found out about what no shape shows: losses in nat/token, {@code null} where nothing was computed. */
    static Map<String, @Nullable Object> proof(Proved proved) {
        var document = new LinkedHashMap<String, @Nullable Object>();
        var forward = proved.forward();
        document.put("text", forward == null ? null : forward.text());
        document.put("before", forward == null ? null : forward.before());
        document.put("after", forward == null ? null : forward.after());
        document.put("marginNeeded", Orientation.MARGIN);
        var questions = new ArrayList<Map<String, Object>>();
        var verdicts = new ArrayList<Map<String, Object>>();
        if (proved.values() != null) {
            proved.values().questions().forEach(q -> questions.add(question("values", q)));
            proved.values().verdicts().forEach(v -> verdicts.add(verdict("values", v)));
        }
        if (forward != null) {
            forward.questions().forEach(q -> questions.add(question("forward", q)));
            forward.verdicts().forEach(v -> verdicts.add(verdict("forward", v)));
        }
        document.put("questions", questions);
        document.put("trials", forward == null ? List.of() : forward.trials().stream().map(t -> {
            var fields = new LinkedHashMap<String, Object>();
            fields.put("question", t.kind().id());
            fields.put("turned", t.what());
            fields.put("as", t.as());
            fields.put("loss", t.loss());
            fields.put("against", t.against());
            fields.put("tokens", t.tokens());
            return fields;
        }).toList());
        document.put("verdicts", verdicts);
        return document;
    }

    private static Map<String, Object> question(String evidence, Orientation.Question question) {
        var fields = new LinkedHashMap<String, Object>();
        fields.put("question", question.kind().id());
        fields.put("evidence", evidence);
        fields.put("tensors", question.tensors());
        fields.put("stored", question.stored());
        fields.put("best", question.best());
        if (Double.isFinite(question.margin())) {
            fields.put("loss", question.loss());
            fields.put("next", question.next());
            fields.put("nextLoss", question.nextLoss());
            fields.put("margin", question.margin());
        }
        fields.put("verdict", switch (question.answer()) {
            case RIGHT -> "right";
            case TURNED -> "otherwise";
            case TOO_CLOSE -> "none";
        });
        if (!question.layers().isEmpty()) {
            fields.put("layers", question.layers().stream().map(l -> question(evidence, l)).toList());
        }
        return fields;
    }

    private static Map<String, Object> verdict(String evidence, Orientation.Verdict verdict) {
        var fields = new LinkedHashMap<String, Object>();
        fields.put("tensor", verdict.tensor());
        fields.put("question", verdict.kind().id());
        fields.put("evidence", evidence);
        fields.put("answer", switch (verdict.answer()) {
            case RIGHT -> "right";
            case TURNED -> verdict.kind() == Orientation.Kind.ORIENTATION ? "turned" : "otherwise";
            case TOO_CLOSE -> "tooClose";
        });
        if (Double.isFinite(verdict.margin())) {
            fields.put("margin", verdict.margin());
        }
        return fields;
    }
}
