package weft.cli;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Objects;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.work.Reports;

/** What fits and what doesn't, as a document to hand on. */
@CommandLine.Command(name = "report")
final class ReportCommand extends Command {
    @Mixin
    SourceOptions source = new SourceOptions();

    @Option(names = {"-o", "--output"}, required = true, paramLabel = "F", descriptionKey = "report.output")
    Path output = Path.of("");

    @Option(names = "--prove", descriptionKey = "prove")
    boolean prove;

    @Option(names = "--force")
    boolean force;

    ReportCommand(Session session) {
        super(session);
    }

    @Override
    int run(Session session) throws CheckpointException {
        source.requireTarget(SourceOptions.TARGETS);
        if (!force && Files.exists(output)) { throw Problem.of(Code.EXISTS).file(output).found("file").asException(); }
        var workspace = source.compared(session);
        if (prove) {
            var proved = workspace.prove(workspace.fixedText(null), null, new Percent(session.err()));
            session.warn(proved.warnings());
            workspace = proved.workspace();
        }
        var text = Reports.text(workspace, Objects.toString(output.getFileName(), ""), session.texts());
        workspace.write(output, text.getBytes(StandardCharsets.UTF_8));
        boolean complete = workspace.plan().orElseThrow().isComplete();
        if (session.json()) {
            var document = new LinkedHashMap<String, @Nullable Object>();
            document.put("output", output.toString());
            document.put("summary", Documents.summary(workspace.plan().orElseThrow()));
            document.put("complete", complete);
            session.print(document);
        } else {
            session.say(session.texts().get("report.done", "file", output));
        }
        return Exit.FINE;
    }
}
