package weft.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;

class WriteBehindTest {
    @TempDir
    private Path folder;
    private FileChannel channel;

    @BeforeEach
    void open() throws Exception {
        channel = FileChannel.open(folder.resolve("file"), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    }

    @Test
    void steps_run_in_the_order_given_however_short_they_are() throws Exception {
        var order = Collections.synchronizedList(new ArrayList<Integer>());
        try (var behind = new WriteBehind(channel)) {
            for (int i = 0; i < 2000; i++) {
                int step = i;
                behind.run(i % 3 != 0, () -> order.add(step));
            }
            behind.drain();
        }
        assertThat(order).hasSize(2000).isSorted();
    }

    @Test
    void no_more_are_in_hand_than_there_are_buffers() throws Exception {
        var given = new AtomicInteger();
        var done = new AtomicInteger();
        var most = new AtomicInteger();
        try (var behind = new WriteBehind(channel)) {
            for (int i = 0; i < 500; i++) {
                most.accumulateAndGet(given.incrementAndGet() - done.get(), Math::max);
                behind.run(false, () -> {
                    Thread.onSpinWait();
                    done.incrementAndGet();
                });
            }
        }
        assertThat(most.get()).isBetween(1, WriteBehind.AHEAD);
    }

    @Test
    void after_a_failed_step_no_other_runs_and_the_next_call_says_so() throws Exception {
        var later = new AtomicInteger();
        try (var behind = new WriteBehind(channel)) {
            behind.run(false, () -> {
                throw Problem.of(Code.NO_SPACE).asException();
            });
            assertThatThrownBy(() -> {
                for (int i = 0; i < 10; i++) {
                    behind.run(false, later::incrementAndGet);
                }
            }).isInstanceOfSatisfying(CheckpointException.class,
                    e -> assertThat(e.problem().code()).isEqualTo(Code.NO_SPACE));
            assertThatThrownBy(behind::drain).isInstanceOf(CheckpointException.class);
        }
        assertThat(later).hasValue(0);
    }

    @Test
    void closing_waits_for_the_step_at_work_and_drops_the_others() throws Exception {
        var started = new CountDownLatch(1);
        var go = new CountDownLatch(1);
        var ended = new AtomicInteger();
        var behind = new WriteBehind(channel);
        behind.run(false, () -> {
            started.countDown();
            waitFor(go);
            ended.incrementAndGet();
        });
        started.await();
        behind.run(false, () -> ended.addAndGet(100));
        var closing = Thread.ofVirtual().start(behind::close);
        go.countDown();
        closing.join();
        assertThat(ended.get() % 100).isEqualTo(1); // the second may have begun before the close did
        assertThat(Thread.getAllStackTraces().keySet()).extracting(Thread::getName).doesNotContain("weft-writer");
    }

    private static void waitFor(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
