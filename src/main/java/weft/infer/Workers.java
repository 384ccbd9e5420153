package weft.infer;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

import org.jspecify.annotations.Nullable;

/**
 * A few threads that take the parts of one piece of work at a time. A decoding step hands out some fifty pieces of
 * about 100 µs each, so a worker that has just finished looks for the next one for a moment before it goes to sleep.
 * Whoever calls works along; when somebody else is using the workers, the caller does its parts alone.
 */
final class Workers {
    /** What is done for each part; parts don't share what they write. */
    interface Part {
        void run(int part);
    }

    private static final long SPIN_NANOS = 50_000;

    /** Parts of one call: claimed one after the other, counted when done. */
    private static final class Job {
        final Part part;
        final int parts;
        final AtomicInteger next = new AtomicInteger();
        final AtomicInteger done = new AtomicInteger();
        volatile @Nullable Throwable failure;

        Job(Part part, int parts) {
            this.part = part;
            this.parts = parts;
        }

        void work() {
            for (int i = next.getAndIncrement(); i < parts; i = next.getAndIncrement()) {
                try {
                    part.run(i);
                } catch (Throwable t) { // an InternalError of a mapping that was cut, too: the caller throws it
                    failure = t;
                } finally {
                    done.incrementAndGet();
                }
            }
        }
    }

    private final Thread[] threads;
    private final ReentrantLock busy = new ReentrantLock();
    private volatile @Nullable Job current;

    /** @param count threads that work, the caller's included */
    Workers(int count) {
        threads = new Thread[Math.max(0, count - 1)];
        for (int i = 0; i < threads.length; i++) {
            threads[i] = Thread.ofPlatform().daemon().name("weft-kernel-" + (i + 1)).start(this::serve);
        }
    }

    /** Threads that work, the caller's included. */
    int count() {
        return threads.length + 1;
    }

    /** Runs parts 0 … parts − 1 and returns when all are done; throws what one of them threw. */
    void run(int parts, Part part) {
        if (parts <= 1 || threads.length == 0 || !busy.tryLock()) {
            for (int i = 0; i < parts; i++) {
                part.run(i);
            }
            return;
        }
        var job = new Job(part, parts);
        try {
            current = job;
            for (var thread : threads) {
                LockSupport.unpark(thread);
            }
            job.work();
            while (job.done.get() < parts) {
                Thread.onSpinWait();
            }
        } finally {
            current = null;
            busy.unlock();
        }
        switch (job.failure) {
            case null -> {
            }
            case Error e -> throw e;
            case RuntimeException e -> throw e;
            case Throwable t -> throw new IllegalStateException(t);
        }
    }

    private void serve() {
        Job last = null;
        while (true) {
            long idleSince = System.nanoTime();
            var job = current;
            while (job == null || job == last) {
                if (System.nanoTime() - idleSince < SPIN_NANOS) {
                    Thread.onSpinWait();
                } else {
                    LockSupport.park(this);
                }
                job = current;
            }
            last = job;
            job.work();
        }
    }
}
