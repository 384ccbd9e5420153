package weft.cli;

import java.nio.file.Path;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import weft.io.CheckpointException;
import weft.work.Running;
import weft.work.Workspace;

/** A source that is to run: what every command needs that computes with the model. */
final class ModelOptions {
    @Mixin
    SourceOptions source = new SourceOptions();

    @Option(names = "--tokenizer", paramLabel = "DIR")
    @Nullable
    Path tokenizer;

    /** A workspace whose model can run. */
    record Ready(Workspace workspace, Running running, long loadMillis) {
    }

    /** Loads the model, or says what is open. @return null if something is; the refusal is printed then */
    @Nullable
    Ready load(Session session) throws CheckpointException {
        var workspace = source.prepared(session);
        var open = SourceOptions.open(workspace);
        if (!open.isEmpty()) {
            ConvertCommand.unresolved(session, open);
            return null;
        }
        long start = System.nanoTime();
        var running = workspace.run(tokenizer);
        return new Ready(workspace, running, (System.nanoTime() - start) / 1_000_000);
    }
}
