package weft.convert;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.io.Sibling;

/**
 * One file, or a set of files, that appears whole or not at all. Everything is written under its final name in a hidden
 * folder {@code .~name.part} beside the target; {@link #publish} forces it to disk, lets it be checked, and only then
 * renames the files to their places, in the order given, so that an index comes after what it names. One file, or a
 * folder that didn't exist, appears in one rename. Until then the old target is untouched, and {@link #close} leaves no
 * trace.
 *
 * <p>
 * No file system renames several files at once. So where a set is written into a folder, a journal says first that all of
 * it is on disk and what it replaces; then the old files are moved aside, what is opened first, and the new ones take
 * their places. A failure in between is taken back. A process killed in between leaves a set without its index, which
 * nobody can mistake for a model, and a journal from which {@link Leftover#repair} finishes the exchange.
 *
 * <p>
 * A process killed before leaves its hidden folder behind ({@link #leftovers}); the next output to the same target takes
 * it over. A lock tells such a leftover from the work of another process.
 */
public final class AtomicOutput implements AutoCloseable {
    private static final String LOCK = ".lock";
    private static final String JOURNAL = ".swap";
    private static final String OLD = ".old.";
    private static final Pattern NAME = Pattern.compile("\\.~(.+)\\.part");
    private static final int LONGEST_JOURNAL = 1 << 20;
    /** Folders this process works in: a lock of one's own must not be tried, for that gives it up. */
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

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
        finishInterrupted(absolute);
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
        finishInterrupted(absolute);
        if (Files.exists(absolute, LinkOption.NOFOLLOW_LINKS)) {
            if (!Files.isDirectory(absolute)) { throw exists(absolute, "file").asException(); }
            try {
                if (!force && !inside(absolute).isEmpty()) { throw exists(absolute, "folder").asException(); }
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
        var staging = staging(target);
        try {
            if (HELD.contains(staging)) { throw exists(staging, "in use").asException(); }
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
            HELD.add(staging);
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
     * @param files what {@link #stage} gave, in the order of appearance, an index after the files it names; nothing
     *        else may have been written
     */
    public void publish(List<Path> files, Check check) throws CheckpointException {
        try {
            requireAll(files);
            for (var file : files) {
                force(file);
            }
            check.run();
            for (var file : files) {
                checkTarget(target(file), sources, force);
            }
            if (!Files.exists(destination, LinkOption.NOFOLLOW_LINKS)) {
                forceFolder(staging);
                lock.close();
                Files.delete(staging.resolve(LOCK));
                Files.move(staging, destination, StandardCopyOption.ATOMIC_MOVE);
            } else if (files.size() == 1) {
                Files.move(files.getFirst(), target(files.getFirst()), StandardCopyOption.ATOMIC_MOVE);
                forceFolder(destination);
            } else {
                exchange(files);
            }
            forceFolder(Objects.requireNonNull(destination.getParent()));
        } catch (IOException e) {
            throw failed(destination, e);
        }
    }

    /** Puts a set in the place of another: journal, old files aside (what is opened comes last, so it goes first), new. */
    private void exchange(List<Path> files) throws IOException {
        var names = files.stream().map(f -> f.getFileName().toString()).toList();
        writeJournal(names);
        var aside = new ArrayList<String>();
        var placed = new ArrayList<String>();
        try {
            for (var name : names.reversed()) {
                if (Files.exists(destination.resolve(name), LinkOption.NOFOLLOW_LINKS)) {
                    Files.move(destination.resolve(name), staging.resolve(OLD + name),
                            StandardCopyOption.ATOMIC_MOVE);
                    aside.add(name);
                }
            }
            for (var name : names) {
                Files.move(staging.resolve(name), destination.resolve(name), StandardCopyOption.ATOMIC_MOVE);
                placed.add(name);
            }
            forceFolder(destination);
            Files.delete(staging.resolve(JOURNAL));
        } catch (IOException | RuntimeException e) {
            takeBack(placed, aside, e);
            throw e;
        }
    }

    private void takeBack(List<String> placed, List<String> aside, Exception cause) {
        try {
            for (var name : placed.reversed()) {
                Files.move(destination.resolve(name), staging.resolve(name), StandardCopyOption.ATOMIC_MOVE);
            }
            for (var name : aside.reversed()) {
                Files.move(staging.resolve(OLD + name), destination.resolve(name), StandardCopyOption.ATOMIC_MOVE);
            }
            Files.deleteIfExists(staging.resolve(JOURNAL));
        } catch (IOException e) {
            // The journal is still there: the exchange can be finished later.
            cause.addSuppressed(e);
        }
    }

    /** Appears in one rename and on disk before anything moves. The first line says where the files belong. */
    private void writeJournal(List<String> names) throws IOException {
        var lines = new ArrayList<String>();
        lines.add(destination.equals(staging.getParent()) ? "." : destination.getFileName().toString());
        lines.addAll(names);
        var draft = staging.resolve(JOURNAL + ".draft");
        Files.write(draft, lines, StandardCharsets.UTF_8);
        force(draft);
        Files.move(draft, staging.resolve(JOURNAL), StandardCopyOption.ATOMIC_MOVE);
        forceFolder(staging);
    }

    private static Path staging(Path target) {
        return target.resolveSibling(".~" + target.getFileName() + ".part");
    }

    /** What an interrupted output to this very target left to finish is finished before anything else. */
    private static void finishInterrupted(Path target) throws CheckpointException {
        var staging = staging(target);
        if (Files.isRegularFile(staging.resolve(JOURNAL), LinkOption.NOFOLLOW_LINKS)) {
            var leftover = leftover(staging);
            if (leftover.state() == Leftover.State.INTERRUPTED) {
                leftover.repair();
            }
        }
    }

    /**
     * A hidden folder that isn't finished with.
     *
     * @param bytes it takes
     */
    public record Leftover(Path path, long bytes, State state) {
        /** What can be done about it. */
        public enum State {
            /** Another process writes there; nothing to be done. */
            IN_USE,
            /** Its process ended while it wrote; the target is untouched, and this can be deleted. */
            UNFINISHED,
            /** Its process ended while it renamed a set that was complete; renaming the rest finishes it. */
            INTERRUPTED
        }

        /**
         * Finishes what was complete, deletes what was not.
         *
         * @throws CheckpointException {@code EXISTS} if it is in use, {@code PATH_OUTSIDE} if the journal names anything
         *         but plain files of this folder, {@code WRITE_FAILED}
         */
        public void repair() throws CheckpointException {
            if (state == State.IN_USE || HELD.contains(path)) { throw exists(path, "in use").asException(); }
            try {
                if (state == State.INTERRUPTED) {
                    finish();
                }
                clear(path, false);
                Files.delete(path);
            } catch (IOException e) {
                throw failed(path, e);
            }
        }

        private void finish() throws IOException, CheckpointException {
            var lines = journal();
            var parent = Objects.requireNonNull(path.getParent());
            var destination = lines.getFirst().equals(".") ? parent : parent.resolve(lines.getFirst());
            var names = lines.subList(1, lines.size());
            for (var name : lines.getFirst().equals(".") ? names : lines) {
                if (!Sibling.isPlainName(name)) {
                    throw Problem.of(Code.PATH_OUTSIDE).file(path).found(name).expected("file name").asException();
                }
            }
            if (!Files.isDirectory(destination, LinkOption.NOFOLLOW_LINKS)) {
                throw Problem.of(Code.PATH_OUTSIDE).file(path).found(lines.getFirst()).expected("folder")
                        .asException();
            }
            for (var name : names) {
                var staged = path.resolve(name);
                if (Files.isRegularFile(staged, LinkOption.NOFOLLOW_LINKS)) {
                    Files.move(staged, destination.resolve(name), StandardCopyOption.ATOMIC_MOVE);
                }
            }
            forceFolder(destination);
            Files.delete(path.resolve(JOURNAL));
        }

        private List<String> journal() throws IOException {
            var file = path.resolve(JOURNAL);
            if (Files.size(file) > LONGEST_JOURNAL) { throw new IOException("journal of " + Files.size(file)); }
            var lines = Files.readAllLines(file, StandardCharsets.UTF_8);
            if (lines.isEmpty()) { throw new IOException("journal is empty"); }
            return lines;
        }
    }

    private Path target(Path staged) {
        return destination.resolve(staged.getFileName().toString());
    }

    private void requireAll(List<Path> files) throws IOException {
        var expected = new HashSet<>(files);
        expected.add(staging.resolve(LOCK));
        var found = new HashSet<>(inside(staging));
        if (!found.equals(expected)) { throw new IllegalStateException("staged " + found + ", publishing " + files); }
    }

    /** Removes whatever wasn't published and isn't needed to finish. */
    @Override
    public void close() {
        try {
            lock.close();
            // A journal that is still there tells of an exchange that could be neither finished nor taken back.
            if (Files.isDirectory(staging, LinkOption.NOFOLLOW_LINKS) && Files.notExists(staging.resolve(JOURNAL))) {
                clear(staging, false);
                Files.deleteIfExists(staging);
            }
        } catch (IOException e) {
            // What can't be removed now is a leftover: found and taken over later.
        } finally {
            HELD.remove(staging);
        }
    }

    /** The hidden folders in a folder that outputs left there or are writing. */
    public static List<Leftover> leftovers(Path folder) throws CheckpointException {
        try {
            return inside(folder.toAbsolutePath().normalize()).stream()
                    .filter(f -> NAME.matcher(f.getFileName().toString()).matches())
                    .filter(f -> Files.isDirectory(f, LinkOption.NOFOLLOW_LINKS)).sorted()
                    .map(AtomicOutput::leftover).toList();
        } catch (IOException e) {
            throw Problem.of(Code.NOT_READABLE).file(folder).found(e.getClass().getSimpleName()).asException(e);
        }
    }

    private static Leftover leftover(Path staging) {
        long bytes = 0;
        try {
            for (var file : inside(staging)) {
                bytes += Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) ? Files.size(file) : 0;
            }
        } catch (IOException e) {
            bytes = 0; // it goes away just now
        }
        boolean journal = Files.isRegularFile(staging.resolve(JOURNAL), LinkOption.NOFOLLOW_LINKS);
        return new Leftover(staging, bytes, isInUse(staging)
                ? Leftover.State.IN_USE
                : journal ? Leftover.State.INTERRUPTED : Leftover.State.UNFINISHED);
    }

    private static boolean isInUse(Path staging) {
        if (HELD.contains(staging)) { return true; }
        var lock = staging.resolve(LOCK);
        if (!Files.isRegularFile(lock, LinkOption.NOFOLLOW_LINKS)) { return false; }
        try (var channel = FileChannel.open(lock, StandardOpenOption.WRITE); var held = channel.tryLock()) {
            return held == null;
        } catch (OverlappingFileLockException e) {
            return true;
        } catch (IOException e) {
            return false; // a read-only folder: nobody writes there
        }
    }

    /** Removes the plain files of a hidden folder; it never has folders of its own. */
    private static void clear(Path staging, boolean keepLock) throws IOException {
        for (var file : inside(staging)) {
            if (!keepLock || !file.getFileName().toString().equals(LOCK)) {
                try {
                    Files.delete(file);
                } catch (DirectoryNotEmptyException e) {
                    throw new IOException("not Weft's: " + file, e);
                }
            }
        }
    }

    /** What is in a folder. A listing that fails on its way says so with another exception than one that can't begin. */
    private static List<Path> inside(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            return files.toList();
        } catch (UncheckedIOException e) {
            throw e.getCause();
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
    private static void forceFolder(Path folder) {
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
        // What the system says itself ("Read-only file system") where Java has no class for it.
        var reason = e.getClass() == FileSystemException.class ? ((FileSystemException) e).getReason() : null;
        return Problem.of(Code.WRITE_FAILED).file(path).found(reason == null ? e.getClass().getSimpleName() : reason)
                .asException(e);
    }
}
