package weft.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;

import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import weft.io.CheckpointException;
import weft.text.Texts;
import weft.work.Leftovers;

/** Lists what killed exports left in a folder; finishes or deletes it when told to. */
@CommandLine.Command(name = "repair")
final class RepairCommand extends Command {
    @Parameters(index = "0", paramLabel = "FOLDER", descriptionKey = "repair.folder")
    Path folder = Path.of("");

    @Option(names = "--yes")
    boolean yes;

    RepairCommand(Session session) {
        super(session);
    }

    @Override
    int run(Session session) throws CheckpointException {
        var rows = new ArrayList<Map<String, Object>>();
        for (var left : Leftovers.in(folder)) {
            if (yes) {
                Leftovers.repair(left);
            }
            var row = new LinkedHashMap<String, Object>();
            row.put("path", left.path().toString());
            row.put("bytes", left.bytes());
            row.put("complete", left.isComplete());
            row.put("done", yes);
            rows.add(row);
            if (!session.json()) {
                var key = left.isComplete()
                        ? yes ? "repair.complete.done" : "repair.complete"
                        : yes ? "repair.half.done" : "repair.half";
                session.say(session.texts().get(key, "path", Texts.shown(left.path().toString()), "bytes",
                        session.texts().bytes(left.bytes())));
            }
        }
        if (session.json()) {
            session.print(Map.of("leftovers", rows));
        } else if (rows.isEmpty()) {
            session.say(session.texts().get("repair.none"));
        } else if (!yes) {
            session.note(session.texts().get("repair.next"));
        }
        return yes || rows.isEmpty() ? Exit.FINE : Exit.NO;
    }
}
