package weft.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import weft.io.CheckpointException;
import weft.io.Json;
import weft.io.Problem;
import weft.plan.Plan;
import weft.plan.Row;
import weft.rule.RuleSet;
import weft.work.Reasons;
import weft.work.Workspace;

/** The rules Weft would propose. */
@CommandLine.Command(name = "suggest")
final class SuggestCommand extends Command {
    @Mixin
    SourceOptions source = new SourceOptions();

    @Option(names = {"-o", "--output"}, paramLabel = "F", descriptionKey = "suggest.output")
    @Nullable
    Path output;

    @Option(names = "--buffers")
    boolean buffers;

    SuggestCommand(Session session) {
        super(session);
    }

    @Override
    int run(Session session) throws CheckpointException {
        if (source.target == null && source.adapter == null) { throw bad("--target", "-", SourceOptions.TARGETS); }
        var workspace = source.open(session);
        if (workspace.plan().isEmpty()) {
            workspace = workspace.withItselfAsTarget();
        }
        // Rules a person has are kept, learned from, and completed.
        var ready = source.resized(session, workspace.acceptAll(buffers));
        var rules = ready.rules();
        var plan = workspace.plan().orElseThrow();
        var unresolved = SourceOptions.open(ready);
        var problems = ready.plan().orElseThrow().problems();
        if (output != null) {
            workspace.save(rules, output);
            session.note(session.texts().get("suggest.saved", "n", rules.rules().size(), "file", output));
        }
        if (session.json()) {
            session.print(document(session, rules, unresolved, problems, plan));
        } else if (output == null) {
            session.out().print(Workspace.text(Reasons.without(rules), "rules.weft"));
            Reasons.lines(plan, session.texts()).forEach(why -> session.out().println("# " + why));
        }
        if (!session.json()) {
            ConvertCommand.noteOpen(session, unresolved);
            problems.forEach(p -> session.note(session.texts().get("refused", "message", session.texts().full(p))));
        }
        return unresolved.isEmpty() && problems.isEmpty() ? Exit.FINE : Exit.NO;
    }

    /** The rule file itself, with what it leaves open beside it. */
    private static Map<String, @Nullable Object> document(Session session, RuleSet rules, List<Row> unresolved,
            List<Problem> problems, Plan plan)
            throws CheckpointException {
        var document = new LinkedHashMap<String, @Nullable Object>();
        if (Json.read(Workspace.text(rules, "rules.json"), "rules.json") instanceof Map<?, ?> file) {
            file.forEach((key, value) -> document.put(String.valueOf(key), value));
        }
        document.put("unresolved", Documents.unresolved(session, unresolved));
        document.put("why", Documents.why(session, plan));
        document.put("problems", problems.stream().map(session::describe).toList());
        return document;
    }
}
