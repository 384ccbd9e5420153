package weft.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.plan.Plan;
import weft.plan.Status;
import weft.work.ConfigComparison;
import weft.work.Findings;
import weft.work.Proved;
import weft.work.Resize;
import weft.work.RowsReport;
import weft.work.Workspace;

/** Holds a checkpoint against a target and says what doesn't fit. */
@CommandLine.Command(name = "diff")
final class DiffCommand extends Command {
    @Mixin
    SourceOptions source = new SourceOptions();

    @Option(names = "--strict")
    boolean strict;

    @Option(names = "--accept-unproven")
    boolean acceptUnproven;

    @Option(names = "--prove", descriptionKey = "prove")
    boolean prove;

    @Mixin
    TextOptions given = new TextOptions();

    DiffCommand(Session session) {
        super(session);
    }

    @Override
    int run(Session session) throws CheckpointException {
        source.requireTarget(SourceOptions.TARGETS);
        if (given.text != null && !prove) { throw bad("--text", given.text, "--prove --text F"); }
        if (given.tokenizer != null && !prove) { throw bad("--tokenizer", given.tokenizer, "--prove --tokenizer DIR"); }
        var workspace = source.compared(session);
        var proved = prove
                ? workspace.prove(workspace.fixedText(given.text), given.tokenizer, new Percent(session.err()))
                : null;
        workspace = proved == null ? workspace : proved.workspace();
        var plan = workspace.planWithHeads();
        var unused = strict ? unused(plan) : List.<String>of();
        boolean complete = isComplete(plan) && (proved == null || proved.asserted().isEmpty());
        if (session.json()) {
            session.print(document(session, workspace, plan, complete, proved));
        } else {
            new PlanText(session.texts()).lines(plan, Findings.of(workspace), ConfigComparison.of(workspace))
                    .forEach(session::say);
            var rows = Resize.lines(RowsReport.whole(workspace), session.texts());
            if (!rows.isEmpty()) {
                session.say("");
                rows.forEach(session::say);
            }
            if (proved != null) {
                new ProofText(session.texts()).lines(proved).forEach(session::say);
            }
        }
        unused.forEach(name -> session.note(
                session.texts().get("refused", "message",
                        session.texts().full(Problem.of(Code.W_UNUSED).field(name)))));
        return complete && unused.isEmpty() ? Exit.FINE : Exit.NO;
    }

    private boolean isComplete(Plan plan) {
        return plan.isComplete() || acceptUnproven && plan.problems().isEmpty()
                && plan.open().stream().allMatch(r -> r.status() == Status.UNPROVEN);
    }

    private static List<String> unused(Plan plan) {
        return Stream.concat(plan.unexpected().stream(), plan.unused().stream()).toList();
    }

    private static Map<String, @Nullable Object> document(Session session, Workspace workspace, Plan plan,
            boolean complete, @Nullable Proved proved) throws CheckpointException {
        var model = workspace.source();
        var from = new LinkedHashMap<String, @Nullable Object>();
        from.put("format", model.format());
        from.put("dialect", model.dialect());
        from.put("tensors", model.tensors().size());
        var to = new LinkedHashMap<String, Object>();
        to.put("name", plan.target().name());
        to.put("parameters", plan.target().required());
        to.put("optional", plan.target().parameters().size() - plan.target().required());
        var document = new LinkedHashMap<String, @Nullable Object>();
        document.put("source", from);
        document.put("target", to);
        document.put("summary", Documents.summary(plan));
        document.put("rows", plan.rows().stream().map(r -> Documents.row(session, r)).toList());
        document.put("unexpected", plan.unexpected());
        var ignored = new ArrayList<>(model.ignored().stream().map(Documents::left).toList());
        plan.ignored().forEach((name, reason) -> ignored.add(Documents.object("name", name, "reason", reason)));
        document.put("ignored", ignored);
        document.put("unused", plan.unused());
        document.put("why", Documents.why(session, plan));
        document.put("config", ConfigComparison.of(workspace).stream().map(Documents::config).toList());
        var whole = RowsReport.whole(workspace);
        document.put("resizes", whole.differences().stream().map(d -> Resize.describe(d, whole)).toList());
        document.put("tokenizer", Resize.describe(whole.source()));
        document.put("targetTokenizer", Resize.describe(whole.target()));
        document.put("tokenizersDiffer", whole.source().isEmpty() || whole.target().isEmpty()
                ? null
                : whole.source().get().differences(whole.target().get()));
        document.put("findings",
                Findings.of(workspace).stream().map(f -> Documents.finding(session, f, plan)).toList());
        var problems = new ArrayList<>(plan.problems());
        if (proved != null) {
            problems.addAll(proved.asserted());
        }
        document.put("problems", problems.stream().map(session::describe).toList());
        var warnings = session.warnings(model);
        plan.warnings().forEach(w -> warnings.add(session.warning(w, w.tensor())));
        if (proved != null) {
            proved.warnings().forEach(w -> warnings.add(session.warning(w, w.code() == Code.TOO_CLOSE
                    ? w.field()
                    : null)));
            document.put("proof", Documents.proof(proved));
        }
        document.put("warnings", warnings);
        document.put("complete", complete);
        return document;
    }
}
