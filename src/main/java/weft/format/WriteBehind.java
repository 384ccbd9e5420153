package weft.format;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.ArrayDeque;
import java.util.Queue;

import org.jspecify.annotations.Nullable;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;

/**
 * Runs the steps of writing a file in the order given, on a thread of its own, so that the next values are computed
 * while the last are written; and has what is written forced to disk while more is coming. That is most of the time of
 * a conversion: forcing 500 MB at the end takes longer than writing them.
 *
 * <p>
 * Given its steps by one thread. A short step runs on that thread where nothing waits before it.
 */
final class WriteBehind implements AutoCloseable {
    /** Steps that may wait: {@link #AHEAD} stretches of values are in hand at most. */
    private static final int WAITING = 2;
    /** Those that wait, the one that is being written and the one that is being made. */
    static final int AHEAD = WAITING + 2;
    private static final long FORCED_AT_ONCE = 16L << 20;

    /** Some writing. */
    @FunctionalInterface
    interface Step {
        void run() throws CheckpointException;
    }

    private final FileChannel channel;
    private final Queue<Step> steps = new ArrayDeque<>();
    private @Nullable Thread writer;
    private @Nullable Thread forcer;
    private @Nullable Throwable failure;
    private boolean busy;
    private boolean closed;
    private long written;
    private long forced;

    WriteBehind(FileChannel channel) {
        this.channel = channel;
    }

    /**
     * Has a step run after all before it, here or later.
     *
     * @throws CheckpointException what this step or one before it failed with; those after a failed one don't run
     */
    void run(boolean isShort, Step step) throws CheckpointException {
        synchronized (this) {
            throwFailure();
            if (!isShort || busy || !steps.isEmpty()) {
                while (steps.size() >= WAITING && failure == null) {
                    await();
                }
                throwFailure();
                steps.add(step);
                if (writer == null) {
                    writer = start("weft-writer", this::write);
                }
                notifyAll();
                return;
            }
        }
        step.run();
    }

    /** Waits until all steps have run. */
    synchronized void drain() throws CheckpointException {
        while ((busy || !steps.isEmpty()) && failure == null) {
            await();
        }
        throwFailure();
    }

    /** Called by a step that has written some bytes. */
    void wrote(long bytes) {
        synchronized (this) {
            written += bytes;
            if (written - forced < FORCED_AT_ONCE || closed) { return; }
            if (forcer == null) {
                forcer = start("weft-forcer", this::force);
            }
            notifyAll();
        }
    }

    private void write() {
        try {
            for (var step = next(); step != null; step = next()) {
                step.run();
            }
        } catch (CheckpointException | RuntimeException | Error e) {
            synchronized (this) {
                failure = e;
                busy = false;
                notifyAll();
            }
        }
    }

    private synchronized @Nullable Step next() {
        busy = false;
        notifyAll();
        while (steps.isEmpty() && !closed) {
            awaitQuietly();
        }
        var step = closed ? null : steps.remove();
        busy = step != null;
        notifyAll();
        return step;
    }

    /** Errors are left to the forcing at the end, which meets them again and can say so. */
    private void force() {
        while (true) {
            synchronized (this) {
                while (written - forced < FORCED_AT_ONCE && !closed) {
                    awaitQuietly();
                }
                if (closed) { return; }
                forced = written;
            }
            try {
                channel.force(false);
            } catch (IOException e) {
                return;
            }
        }
    }

    private void throwFailure() throws CheckpointException {
        switch (failure) {
            case null -> {
            }
            case CheckpointException e -> throw e;
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            default -> throw new IllegalStateException(failure);
        }
    }

    private void await() throws CheckpointException {
        try {
            wait();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Problem.of(Code.CANCELLED).asException(e);
        }
    }

    /** Nobody interrupts the threads of this class. */
    private void awaitQuietly() {
        try {
            wait();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Thread start(String name, Runnable work) {
        return Thread.ofPlatform().name(name).daemon().start(work);
    }

    /** Drops the steps that wait, and returns when nothing works on the file any more. */
    @Override
    public void close() {
        Thread[] threads;
        synchronized (this) {
            closed = true;
            steps.clear();
            notifyAll();
            threads = new Thread[]{writer, forcer};
        }
        boolean interrupted = false;
        for (var thread : threads) {
            while (thread != null && thread.isAlive()) {
                try {
                    thread.join();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
