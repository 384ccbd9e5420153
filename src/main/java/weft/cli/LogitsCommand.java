package weft.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import weft.io.CheckpointException;
import weft.text.Texts;

/** The logits after some ids. */
@CommandLine.Command(name = "logits")
final class LogitsCommand extends Command {
    private static final int TOP = 10;

    @Mixin
    ModelOptions model = new ModelOptions();

    @Option(names = "--ids", required = true, split = ",", paramLabel = "1,2,3")
    List<Integer> ids = new ArrayList<>();

    @Option(names = {"-o", "--output"}, paramLabel = "F.npy", descriptionKey = "logits.output")
    @Nullable
    Path output;

    LogitsCommand(Session session) {
        super(session);
    }

    @Override
    int run(Session session) throws CheckpointException {
        var ready = model.load(session);
        if (ready == null) { return Exit.NO; }
        var sequence = ids.stream().mapToInt(Integer::intValue).toArray();
        var logits = ready.running().logits(sequence); // [v]
        if (output != null) {
            ready.workspace().saveLogits(logits, output);
        }
        var top = ready.running().likeliest(logits, TOP);
        if (session.json()) {
            var rows = new ArrayList<Map<String, Object>>();
            for (var candidate : top) {
                var row = new LinkedHashMap<String, Object>();
                row.put("id", candidate.id());
                row.put("logit", candidate.logit());
                row.put("probability", candidate.probability());
                if (candidate.token() != null) {
                    row.put("token", candidate.token());
                }
                rows.add(row);
            }
            var document = new LinkedHashMap<String, Object>();
            document.put("top", rows);
            document.put("shape", List.of(logits.length));
            session.print(document);
            return Exit.FINE;
        }
        var table = new Table(">>><");
        for (var candidate : top) {
            table.row(candidate.id(), session.texts().decimal(candidate.logit(), 6),
                    session.texts().decimal(candidate.probability() * 100, 3) + " %",
                    candidate.token() == null ? "" : Texts.shown(candidate.token()).replace(' ', '␣'));
        }
        table.lines().forEach(session::say);
        return Exit.FINE;
    }
}
