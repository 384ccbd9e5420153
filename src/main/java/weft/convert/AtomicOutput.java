package weft.convert;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.text.Normalizer;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;

/**
 * One file, or a set of files, that appears whole or not at all. Everything is written under its final name in a hidden
 * folder {@code .~name.part} beside the target; {@link #publish} forces it to disk, lets it be checked, and only then
 * renames the files to their places, in the order given, so that an index comes after what it names. A folder that
 * didn't exist appears in one rename. Until then the old target is untouched, and {@link #close} leaves no trace.
 *
 * <p>
 * A process that is killed leaves its hidden folder behind ({@link #leftovers}); the next output to the same target
 * takes it over. A lock tells such a leftover from the work of another process.
 */
public final class AtomicOutput implements AutoCloseable {
    private static final String LOCK = ".lock";

    private final Path destination;
    private final Path staging;
    private final List<Path> sources;
    private final boolean force;
    private final FileChannel lock;

    private AtomicOutput(Path destination, Path staging, List<Path> sources, boolean force, FileChannel lock) {
        this.destination = destination;
        this.staging = staging;
        this.sources = sources;
        this.force = force;
        this.lock = lock;
    }

    /**
     * Prepares to write a file, or files that start with its name, into a folder that exists.
     *
     * @param sources files that mustn't be written onto, whatever {@code force} says
     * @param force whether what exists may be replaced
     * @throws CheckpointException {@code SAME_FILE}, {@code EXISTS} or {@code WRITE_FAILED}; nothing was changed
     */
    public static AtomicOutput file(Path target, Collection<Path> sources, boolean force) throws CheckpointException {
        var absolute = target.toAbsolutePath().normalize();
        var folder = absolute.getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            throw Problem.of(Code.WRITE_FAILED).file(target).found(folder == null ? "/" : "no folder " + folder)
                    .expected("file in a folder").asException();
        }
        checkTarget(absolute, sources, force);
        return stage(folder, absolute, sources, force);
    }

    /**
     * Prepares to write files into a folder: a new one, an empty one, or with {@code force} one that holds other files.
     * The folder's own parent exists.
     */
    public static AtomicOutput folder(Path target, Collection<Path> sources, boolean force)
            throws CheckpointException {
        var absolute = target.toAbsolutePath().normalize();
        var parent = absolute.getParent();
        if (parent == null || !Files.isDirectory(parent)) {
            throw Problem.of(Code.WRITE_FAILED).file(target).found(parent == null ? "/" : "no folder " + parent)
                    .expected("folder in a folder").asException();
        }
        if (Files.exists(absolute, LinkOption.NOFOLLOW_LINKS)) {
            if (!Files.isDirectory(absolute)) { throw exists(absolute, "file").asException(); }
            try (var content = Files.list(absolute)) {
                if (!force && content.findAny().isPresent()) { throw exists(absolute, "folder").asException(); }
            } catch (IOException e) {
                throw failed(absolute, e);
            }
        }
        return stage(absolute, absolute, sources, force);
    }

    /**
     * Prepares to write some of a folder's files, while others write the rest: the folder is made if it isn't there, and what it holds
     * besides is left alone.
     *
     * @param share tells this writer from the others: {@code 2-of-8}
     */
    public static AtomicOutput shared(Path folder, String share, Collection<Path> sources, boolean force)
            throws CheckpointException {
        var absolute = folder.toAbsolutePath().normalize();
        try {
            Files.createDirectories(absolute);
        } catch (FileAlreadyExistsException e) {
            throw exists(absolute, "file").asException(e);
        } catch (IOException e) {
            throw failed(absolute, e);
        }
        return stage(absolute, absolute.resolve(share), sources, force);
    }

    private static AtomicOutput stage(Path destination, Path target, Collection<Path> sources, boolean force)
            throws CheckpointException {
        var staging = target.resolveSibling(".~" + target.getFileName() + ".part");
        try {
            try {
                Files.createDirectory(staging);
            } catch (FileAlreadyExistsException e) {
                if (!Files.isDirectory(staging, LinkOption.NOFOLLOW_LINKS)) {
                    throw exists(staging, "file").asException(e);
                }
            }
            var lock = FileChannel.open(staging.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            try {
                if (lock.tryLock() == null) { throw new OverlappingFileLockException(); }
            } catch (OverlappingFileLockException e) {
                lock.close();
                throw exists(staging, "in use").asException(e);
            }
            clear(staging, true);
            return new AtomicOutput(destination, staging, List.copyOf(sources), force, lock);
        } catch (IOException e) {
            throw failed(target, e);
        }
    }

    /**
     * Refuses if less than {@code bytes} are free where the output goes.
     *
     * @throws CheckpointException {@code NO_SPACE} with the bytes free and needed
     */
    public void require(long bytes) throws CheckpointException {
        try {
            long free = Files.getFileStore(staging).getUsableSpace();
            if (free < bytes) {
                throw Problem.of(Code.NO_SPACE).file(destination).found(free).expected(bytes).asException();
            }
        } catch (IOException e) {
            throw failed(destination, e);
        }
    }

    /**
     * Where to write the file that will have this name.
     *
     * @throws CheckpointException {@code SAME_FILE} or {@code EXISTS}, so that it is known before the work is done
     */
    public Path stage(String name) throws CheckpointException {
        if (name.equals(LOCK) || !Path.of(name).equals(Path.of(name).getFileName())) {
            throw new IllegalArgumentException(name);
        }
        checkTarget(destination.resolve(name), sources, force);
        return staging.resolve(name);
    }

    /** Looks at the files under their hidden places, and throws if they aren't what they should be. */
    @FunctionalInterface
    public interface Check {
        void run() throws CheckpointException;
    }

    /**
     * Forces the files to disk, has them checked and renames them to their places.
     *
     * @param durable whether to wait for the disk; without, a power cut may leave a file with its name and not its bytes
     * @param files what {@link #stage} gave, in the order of appearance, an index after the files it names; nothing
     *        else may have been written
     */
    public void publish(List<Path> files, boolean durable, Check check) throws CheckpointException {
        try {
            requireAll(files);
            if (durable) {
                for (var file : files) {
                    force(file);
                }
            }
            check.run();
            for (var file : files) {
                checkTarget(target(file), sources, force);
            }
            if (Files.exists(destination, LinkOption.NOFOLLOW_LINKS)) {
                for (var file : files) {
                    Files.move(file, target(file), StandardCopyOption.ATOMIC_MOVE);
                }
                forceFolder(destination, durable);
            } else {
                forceFolder(staging, durable);
                lock.close();
                Files.delete(staging.resolve(LOCK));
                Files.move(staging, destination, StandardCopyOption.ATOMIC_MOVE);
            }
            forceFolder(Objects.requireNonNull(destination.getParent()), durable);
        } catch (IOException e) {
            throw failed(destination, e);
        }
    }

    private Path target(Path staged) {
        return destination.resolve(staged.getFileName().toString());
    }

    private void requireAll(List<Path> files) throws IOException {
        var expected = new HashSet<>(files);
        expected.add(staging.resolve(LOCK));
        try (var present = Files.list(staging)) {
            var found = new HashSet<>(present.toList());
            if (!found.equals(expected)) {
                throw new IllegalStateException("staged " + found + ", publishing " + files);
            }
        }
    }

    /** Removes whatever wasn't published. */
    @Override
    public void close() {
        try {
            lock.close();
            if (Files.isDirectory(staging, LinkOption.NOFOLLOW_LINKS)) {
                clear(staging, false);
                Files.deleteIfExists(staging);
            }
        } catch (IOException e) {
            // What can't be removed now is a leftover: found and taken over later.
        }
    }

    /** Hidden folders that killed processes left in a folder; whether one is in use only a new output finds out. */
    public static List<Path> leftovers(Path folder) throws CheckpointException {
        try (var files = Files.list(folder)) {
            return files.filter(f -> f.getFileName().toString().matches("\\.~.+\\.part"))
                    .filter(f -> Files.isDirectory(f, LinkOption.NOFOLLOW_LINKS)).sorted().toList();
        } catch (IOException e) {
            throw failed(folder, e);
        }
    }

    /** Removes the plain files of a hidden folder; it never has folders of its own. */
    private static void clear(Path staging, boolean keepLock) throws IOException {
        try (var files = Files.list(staging)) {
            for (var file : files.toList()) {
                if (!keepLock || !file.getFileName().toString().equals(LOCK)) {
                    try {
                        Files.delete(file);
                    } catch (DirectoryNotEmptyException e) {
                        throw new IOException("not Weft's: " + file, e);
                    }
                }
            }
        }
    }

    private static void checkTarget(Path target, Collection<Path> sources, boolean force) throws CheckpointException {
        try {
            for (var source : sources) {
                if (isSame(target, source.toAbsolutePath())) {
                    throw Problem.of(Code.SAME_FILE).file(target).found(source).asException();
                }
            }
        } catch (IOException e) {
            throw failed(target, e);
        }
        if (!Files.exists(target, LinkOption.NOFOLLOW_LINKS)) { return; }
        if (Files.isDirectory(target)) { throw exists(target, "folder").asException(); }
        if (!force) { throw exists(target, "file").asException(); }
        if (Files.exists(target) && !Files.isWritable(target)) { throw exists(target, "read-only").asException(); }
    }

    /** The same file by any link, or one that a file system without case (or Unicode forms) takes for the same. */
    private static boolean isSame(Path target, Path source) throws IOException {
        if (Files.exists(target) && Files.exists(source) && Files.isSameFile(target, source)) { return true; }
        var a = target.getParent();
        var b = source.getParent();
        return a != null && b != null && folded(target).equals(folded(source)) && Files.isDirectory(a)
                && Files.isDirectory(b) && Files.isSameFile(a, b);
    }

    private static String folded(Path path) {
        return Normalizer.normalize(path.getFileName().toString(), Normalizer.Form.NFC).toUpperCase(Locale.ROOT)
                .toLowerCase(Locale.ROOT);
    }

    private static void force(Path file) throws IOException {
        try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
    }

    /** Makes renames last; systems that can't open a folder do without. */
    private static void forceFolder(Path folder, boolean durable) {
        if (!durable) { return; }
        try (var channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            // Windows
        }
    }

    private static Problem exists(Path path, String what) {
        return Problem.of(Code.EXISTS).file(path).found(what);
    }

    private static CheckpointException failed(Path path, IOException e) {
        return Problem.of(Code.WRITE_FAILED).file(path).found(e.getClass().getSimpleName()).asException(e);
    }
}
