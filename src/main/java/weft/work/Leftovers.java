package weft.work;

import java.nio.file.Path;
import java.util.List;

import weft.convert.AtomicOutput;
import weft.convert.AtomicOutput.Leftover;
import weft.io.CheckpointException;

/** What exports that were killed left in a folder: found at the next start, finished or deleted when a person says so. */
public final class Leftovers {
    private Leftovers() {
    }

    /**
     * One of them.
     *
     * @param path a hidden folder
     * @param bytes it takes
     * @param isComplete whether everything was written, and repairing finishes the export; else it deletes the rest of it
     */
    public record Left(Path path, long bytes, boolean isComplete) {
    }

    /** Those in a folder that no process is writing just now. */
    public static List<Left> in(Path folder) throws CheckpointException {
        return AtomicOutput.leftovers(folder).stream().filter(l -> l.state() != Leftover.State.IN_USE)
                .map(l -> new Left(l.path(), l.bytes(), l.state() == Leftover.State.INTERRUPTED)).toList();
    }

    /**
     * Finishes or deletes one.
     *
     * @throws CheckpointException {@code EXISTS} if another process took it over, {@code WRITE_FAILED},
     *         {@code PATH_OUTSIDE} if it isn't Weft's own work
     */
    public static void repair(Left left) throws CheckpointException {
        for (var now : AtomicOutput.leftovers(left.path().toAbsolutePath().resolveSibling("").normalize())) {
            if (now.path().equals(left.path())) {
                now.repair();
            }
        }
    }
}
