package weft.work;

import java.nio.file.Path;

import weft.format.Formats;
import weft.io.CheckpointException;
import weft.io.PickleListing;

/** What a file would have a Python interpreter do, as text; for files that are refused because of it, too. */
public final class Instructions {
    private Instructions() {
    }

    /** Takes what is listed. */
    public interface Sink {
        /** A pickle begins. @param name the file, or the entry it stands in */
        void pickle(String name);

        /**
         * @param offset of the instruction in the file, or in the entry where that is compressed
         * @param argument short, with everything odd escaped; empty if it has none
         */
        void instruction(long offset, String name, String argument);
    }

    /**
     * Lists every pickle in a file, instruction by instruction. Nothing is executed.
     *
     * @throws CheckpointException where a list can't go on; what comes before has been listed
     */
    public static void list(Path path, Sink sink) throws CheckpointException {
        Formats.listInstructions(path, new PickleListing.Sink() {
            @Override
            public void pickle(String name) {
                sink.pickle(name);
            }

            @Override
            public void instruction(long offset, String name, String argument) {
                sink.instruction(offset, name, argument);
            }
        });
    }
}
