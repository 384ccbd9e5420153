package weft.format;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

import weft.io.CheckpointException;
import weft.io.PickleListing;
import weft.io.Progress;

/** One family of files. Implementations have no state and are found by the service loader. */
public interface CheckpointFormat {
    /** The stable identifier: {@code safetensors}, {@code torch}, {@code tensorflow}. */
    String id();

    /**
     * The endings its files usually have, the one Weft writes first: {@code .safetensors}. They break ties between
     * formats, choose the format of a new file and filter a file dialog; they never decide what a file is.
     */
    List<String> endings();

    /** Whether a file is called as this format's files usually are; capitals count as small letters. */
    default boolean hasEnding(Path path) {
        return hasEnding(Formats.name(path));
    }

    /** @param name of a file, in lower case */
    default boolean hasEnding(String name) {
        return endings().stream().anyMatch(name::endsWith);
    }

    /** How well the file's first bytes, name and neighbours fit this format; reads no more than the head given. */
    Match probe(Path path, byte[] head);

    /**
     * Reads the headers.
     *
     * @throws CheckpointException for anything malformed, with file, offset, field, found and expected
     */
    Checkpoint open(Path path, Progress progress) throws CheckpointException;

    /**
     * Lists the instructions of whatever in the file is a program for somebody else's interpreter, as text; of a file that
     * {@link #open} refuses too. A format that holds none lists nothing.
     *
     * @throws CheckpointException where the list can't go on
     */
    default void listInstructions(Path path, PickleListing.Sink sink) throws CheckpointException {
    }

    /** How this format is written, or empty if Weft only reads it. */
    default Optional<CheckpointWriter> writer() {
        return Optional.empty();
    }

    /** How sure a format is that a file is its own. Content decides; a name only breaks ties. */
    enum Match {
        NO, NAME, CONTENT
    }
}
