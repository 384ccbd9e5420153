package weft.ui.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import javafx.beans.property.ReadOnlyDoubleProperty;
import javafx.beans.property.ReadOnlyDoubleWrapper;
import javafx.beans.property.ReadOnlyLongProperty;
import javafx.beans.property.ReadOnlyLongWrapper;
import javafx.beans.property.ReadOnlyStringProperty;
import javafx.beans.property.ReadOnlyStringWrapper;

import org.jspecify.annotations.Nullable;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.io.Progress;

/**
 * Work beside the window's thread. Each lane runs one piece of work at a time: a newer one cancels the older, whose
 * result is dropped. What runs longest in view is told as progress.
 */
public final class Tasks {
    /** What is done: it may read, compute and throw, and asks whether it was cancelled. */
    public interface Work<T> {
        T run(Progress progress) throws CheckpointException;
    }

    private final Executor background;
    private final Executor window;
    private final Map<String, Job<?>> lanes = new ConcurrentHashMap<>();
    private final List<Runnable> stopped = new ArrayList<>();
    private final ReadOnlyStringWrapper title = new ReadOnlyStringWrapper("");
    private final ReadOnlyDoubleWrapper fraction = new ReadOnlyDoubleWrapper(-1);
    private final ReadOnlyLongWrapper did = new ReadOnlyLongWrapper();
    private @Nullable Job<?> shown;
    private long count;

    /**
     * @param background where work runs
     * @param window where results arrive: the window's thread
     */
    public Tasks(Executor background, Executor window) {
        this.background = background;
        this.window = window;
    }

    /** A key of what runs, or empty. */
    public ReadOnlyStringProperty title() {
        return title.getReadOnlyProperty();
    }

    /** From 0 to 1, or −1 where nobody knows. */
    public ReadOnlyDoubleProperty fraction() {
        return fraction.getReadOnlyProperty();
    }

    /** Units done: bytes of what is written, tokens of a text. */
    public ReadOnlyLongProperty done() {
        return did.getReadOnlyProperty();
    }

    /**
     * Starts work; call it on the window's thread. A cancelled piece of work ends in silence.
     *
     * @param key of the text that says what runs; empty for what nobody waits for
     */
    public <T> void run(String lane, String key, Work<T> work, Consumer<T> done, Consumer<Problem> failed) {
        var older = lanes.get(lane);
        if (older != null) {
            older.cancelled = true;
        }
        var job = new Job<>(lane, key, ++count, work, done, failed);
        lanes.put(lane, job);
        if (job.isTold()) {
            shown = job;
            title.set(key);
            fraction.set(-1);
        }
        background.execute(job);
    }

    /** Asks the disk something that the window can go on without; a place that can't be asked gives no answer. */
    public <T> void ask(String lane, Work<T> work, Consumer<T> answer) {
        run(lane, "", work, answer, _ -> {
        });
    }

    /**
     * From the working thread: does something on the window's, unless that work has been cancelled by then.
     *
     * @param who the progress the work was given
     */
    public void tell(Progress who, Runnable then) {
        window.execute(() -> {
            if (who instanceof Job<?> job && lanes.get(job.lane) == job && !job.cancelled) {
                then.run();
            }
        });
    }

    public boolean isRunning(String lane) {
        return lanes.containsKey(lane);
    }

    /** Cancels a lane's work. */
    public void cancel(String lane) {
        var job = lanes.remove(lane);
        if (job != null) {
            job.cancelled = true;
            ended(job);
        }
    }

    /** Cancels whatever runs, and tells those who wait for it. */
    public void cancelAll() {
        for (var lane : List.copyOf(lanes.keySet())) {
            cancel(lane);
        }
        stopped.forEach(Runnable::run);
    }

    /** What shows that it is busy learns here that a person stopped everything: its result won't come. */
    public void whenStopped(Runnable then) {
        stopped.add(then);
    }

    private void ended(Job<?> job) {
        lanes.remove(job.lane, job);
        if (shown == job) {
            // what else runs is told again, the oldest first
            shown = lanes.values().stream().filter(Job::isTold).min(java.util.Comparator.comparingLong(j -> j.number))
                    .orElse(null);
            title.set(shown == null ? "" : shown.key);
            fraction.set(shown == null ? -1 : shown.reached);
        }
    }

    private final class Job<T> implements Runnable, Progress {
        private final String lane;
        private final String key;
        private final long number;
        private final Work<T> work;
        private final Consumer<T> done;
        private final Consumer<Problem> failed;
        private volatile boolean cancelled;
        private volatile double reached = -1;
        private long toldAt;

        Job(String lane, String key, long number, Work<T> work, Consumer<T> done, Consumer<Problem> failed) {
            this.lane = lane;
            this.key = key;
            this.number = number;
            this.work = work;
            this.done = done;
            this.failed = failed;
        }

        boolean isTold() {
            return !key.isEmpty();
        }

        @Override
        public void run() {
            try {
                var result = work.run(this);
                end(() -> done.accept(result));
            } catch (CheckpointException e) {
                end(() -> {
                    if (e.code() != Code.CANCELLED) {
                        failed.accept(e.problem());
                    }
                });
            } catch (InternalError e) { // a file cut short behind its mapping
                end(() -> failed.accept(Problem.of(Code.CHANGED)));
            } catch (RuntimeException | Error e) {
                // A bug of Weft's own: told like any other trouble, and left where a developer finds it.
                System.getLogger(Tasks.class.getName()).log(System.Logger.Level.ERROR, lane, e);
                end(() -> failed.accept(Problem.of(Code.NOT_READABLE).found(e.toString())));
            }
        }

        private void end(Runnable then) {
            window.execute(() -> {
                if (lanes.get(lane) == this) {
                    ended(this);
                    if (!cancelled) {
                        then.run();
                    }
                }
            });
        }

        @Override
        public void at(long units, long total) {
            reached = total > 0 ? (double) units / total : -1;
            long now = System.nanoTime();
            if (now - toldAt > 50_000_000L) { // twenty times a second is smooth
                toldAt = now;
                window.execute(() -> {
                    if (shown == this) {
                        did.set(units);
                        fraction.set(reached);
                    }
                });
            }
        }

        @Override
        public boolean cancelled() {
            return cancelled;
        }
    }
}
