package weft.format;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.ServiceLoader;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.PickleListing;
import weft.io.Problem;
import weft.io.Progress;
import weft.io.SourceFile;
import weft.name.NaturalOrder;

/**
 * Every format Weft knows, and the one door to them: {@link #open} takes a file, the prefix of a TensorFlow bundle or a
 * folder. A file's content decides what it is; its name only breaks ties.
 */
public final class Formats {
    /** Bytes a format may look at before it says whether a file is its own. */
    static final int HEAD = 4096;
    private static final List<CheckpointFormat> ALL = ServiceLoader
            .load(CheckpointFormat.class, Formats.class.getClassLoader()).stream().map(ServiceLoader.Provider::get)
            .toList();

    private Formats() {
    }

    public static List<CheckpointFormat> all() {
        return ALL;
    }

    /** The format with this identifier, or empty. */
    public static Optional<CheckpointFormat> byId(String id) {
        return ALL.stream().filter(f -> f.id().equals(id)).findFirst();
    }

    /** The format that writes files with this name's ending, or empty; the longest ending wins. */
    public static Optional<CheckpointFormat> byName(Path file) {
        CheckpointFormat best = null;
        int length = 0;
        for (var format : ALL) {
            for (var ending : format.endings()) {
                if (ending.length() > length && name(file).endsWith(ending)) {
                    best = format;
                    length = ending.length();
                }
            }
        }
        return Optional.ofNullable(best);
    }

    /**
     * Opens a file, a TensorFlow prefix (no file of that name, but one with {@code .index} or, of V1,
     * {@code -00000-of-00002} added) or a folder ({@link CheckpointFolder#find}).
     */
    public static Checkpoint open(Path path, Progress progress) throws CheckpointException {
        if (Files.isDirectory(path)) {
            var found = findCheckpoint(path);
            return CheckpointFolder.withPathOutside(path, found, open(found, progress));
        }
        if (Files.exists(path)) { return open(path, progress, ALL); }
        var index = Path.of(path + ".index");
        var first = Files.exists(index) ? index : CheckpointFolder.firstOfSet(path);
        return open(first == null ? path : first, progress, ALL);
    }

    /** Which file of a folder is its checkpoint. */
    public static Path findCheckpoint(Path folder) throws CheckpointException {
        return CheckpointFolder.find(folder);
    }

    /** Opens one file with one of some formats. */
    static Checkpoint open(Path path, Progress progress, List<CheckpointFormat> formats) throws CheckpointException {
        var head = head(path);
        NotAModel.check(path, head);
        var format = recognise(path, head, formats);
        if (format.isEmpty()) { throw NotAModel.describe(path, head).asException(); }
        return CheckpointFolder.withSiblings(path, format.get().open(path, progress));
    }

    /**
     * The instruction lists of the pickles in a file, as text; nothing of them is executed, here or anywhere.
     *
     * @throws CheckpointException where the file is no checkpoint at all, or a list can't go on
     */
    public static void listInstructions(Path path, PickleListing.Sink sink) throws CheckpointException {
        var file = Files.isDirectory(path) ? findCheckpoint(path) : path;
        var head = head(file);
        var format = recognise(file, head, ALL);
        if (format.isEmpty()) { throw NotAModel.describe(file, head).asException(); }
        format.get().listInstructions(file, sink);
    }

    /** The first bytes of a regular file; refuses whatever isn't one. */
    static byte[] head(Path path) throws CheckpointException {
        var file = SourceFile.open(path);
        return file.bytes(0, Math.min(HEAD, file.size()), HEAD);
    }

    /** The format whose content this is; then the one whose ending the name has. */
    static Optional<CheckpointFormat> recognise(Path path, byte[] head, List<CheckpointFormat> formats) {
        var byContent = new ArrayList<CheckpointFormat>();
        var byName = new ArrayList<CheckpointFormat>();
        for (var format : formats) {
            switch (format.probe(path, head)) {
                case CONTENT -> byContent.add(format);
                case NAME -> byName.add(format);
                case NO -> {
                }
            }
        }
        if (byContent.isEmpty() && NotAModel.isMessage(head)) { return Optional.empty(); }
        var candidates = byContent.isEmpty() ? byName : byContent;
        return candidates.stream().filter(f -> f.hasEnding(path)).findFirst()
                .or(() -> candidates.stream().findFirst());
    }

    /** A file's name in lower case, for comparing endings. */
    static String name(Path path) {
        var name = path.getFileName();
        return name == null ? "" : name.toString().toLowerCase(Locale.ROOT);
    }

    /** The files of a folder by name, in natural order. */
    static List<Path> list(Path folder) throws CheckpointException {
        try (var files = Files.list(folder)) {
            return files.filter(Files::isRegularFile)
                    .sorted((a, b) -> NaturalOrder.INSTANCE.compare(a.getFileName().toString(),
                            b.getFileName().toString()))
                    .toList();
        } catch (IOException | UncheckedIOException | SecurityException e) {
            throw Problem.of(Code.NOT_READABLE).file(folder).found(e.getClass().getSimpleName()).asException(e);
        }
    }
}
