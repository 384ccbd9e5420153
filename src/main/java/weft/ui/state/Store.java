package weft.ui.state;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;

import weft.io.CheckpointException;
import weft.io.Json;
import weft.work.UserFolder;

/**
 * Small JSON documents in one folder. Each is written whole beside its place and then renamed, so that a crash leaves the
 * old one or the new one. What can't be read counts as not there, and what can't be written is let go: nobody's work
 * depends on it.
 */
public final class Store {
    private static final long MOST = 4_000_000;
    /** Seconds that a disk which doesn't answer may hold up the end. */
    private static final long PATIENCE = 2;
    private final @Nullable Path folder;
    private final Executor writer;
    private final Map<String, Object> waiting = new ConcurrentHashMap<>();

    private Store(@Nullable Path folder, Executor writer) {
        this.folder = folder;
        this.writer = writer;
    }

    /** Remembers nothing. */
    public static Store none() {
        return new Store(null, Runnable::run);
    }

    /** Writes at once. */
    public static Store in(Path folder) {
        return new Store(folder, Runnable::run);
    }

    /** Where this system keeps such things: {@code -Dweft.state}, else the configuration folder of the person. */
    public static Store user() {
        var writer = Executors.newSingleThreadExecutor(work -> {
            var thread = new Thread(work, "weft-state");
            thread.setDaemon(true);
            return thread;
        });
        return new Store(UserFolder.find(), writer);
    }

    /** Returns when all that was to be written soon is written: the last window's size is, as the program ends. */
    public void flush() {
        var written = new CountDownLatch(1);
        writer.execute(written::countDown);
        try {
            if (!written.await(PATIENCE, TimeUnit.SECONDS)) {
                System.getLogger(Store.class.getName()).log(System.Logger.Level.DEBUG, "not written in time");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** A document; empty if there is none that can be read. */
    public Optional<Map<?, ?>> read(String name) {
        var at = folder;
        if (at == null) { return Optional.empty(); }
        if (waiting.get(name) instanceof Map<?, ?> soon) { return Optional.of(soon); }
        var file = at.resolve(name + ".json");
        try {
            if (!Files.isRegularFile(file) || Files.size(file) > MOST) { return Optional.empty(); }
            return Json.read(Files.readString(file), file.getFileName().toString()) instanceof Map<?, ?> map
                    ? Optional.of(map)
                    : Optional.empty();
        } catch (IOException | CheckpointException e) {
            return Optional.empty();
        }
    }

    /** Writes a document soon; of several in a row the last counts. */
    public void write(String name, Map<String, ?> document) {
        var at = folder;
        if (at == null) { return; }
        waiting.put(name, document);
        writer.execute(() -> {
            var now = waiting.get(name);
            if (now != null) {
                put(at, name, Json.print(now));
                waiting.remove(name, now);
            }
        });
    }

    private static synchronized void put(Path folder, String name, String text) {
        try {
            Files.createDirectories(folder);
            var part = Files.createTempFile(folder, name, ".part");
            try {
                Files.write(part, text.getBytes(StandardCharsets.UTF_8));
                Files.move(part, folder.resolve(name + ".json"), StandardCopyOption.REPLACE_EXISTING,
                        StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(part);
            }
        } catch (IOException e) {
            System.getLogger(Store.class.getName()).log(System.Logger.Level.DEBUG, name, e);
        }
    }
}
