package weft.cli;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import weft.io.CheckpointException;
import weft.work.Export;

/** The rules as a script or another tool's mapping. */
@CommandLine.Command(name = "export")
final class ExportCommand extends Command {
    @Mixin
    SourceOptions source = new SourceOptions();

    @Option(names = "--as", required = true, paramLabel = "KIND", descriptionKey = "export.as")
    String as = "";

    @Option(names = {"-o", "--output"}, paramLabel = "F", descriptionKey = "export.output")
    @Nullable
    Path output;

    ExportCommand(Session session) {
        super(session);
    }

    @Override
    int run(Session session) throws CheckpointException {
        var kinds = Arrays.stream(Export.As.values()).map(Export.As::id).collect(Collectors.joining(", "));
        var kind = Arrays.stream(Export.As.values()).filter(k -> k.id().equals(as)).findFirst()
                .orElseThrow(() -> bad("--as", as, kinds));
        source.requireTarget("--target, --rules, --adapter");
        var workspace = source.prepared(session);
        var text = Export.text(workspace, kind, session.texts());
        if (output != null) {
            workspace.write(output, text.getBytes(StandardCharsets.UTF_8));
        }
        if (session.json()) {
            var document = new LinkedHashMap<String, @Nullable Object>();
            document.put("as", kind.id());
            document.put("output", output == null ? null : output.toString());
            document.put("text", output == null ? text : null);
            session.print(document);
        } else if (output == null) {
            session.out().print(text);
        } else {
            session.say(session.texts().get("export.done", "file", output, "kind", kind.id()));
        }
        return Exit.FINE;
    }
}
