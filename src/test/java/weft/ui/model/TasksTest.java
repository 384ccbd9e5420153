package weft.ui.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

import org.junit.jupiter.api.Test;

import weft.io.Code;
import weft.io.Problem;

class TasksTest {
    private final Deque<Runnable> waiting = new ArrayDeque<>();
    private final List<String> seen = new ArrayList<>();
    private final Tasks tasks = new Tasks(waiting::add, Runnable::run);

    private void start(String what) {
        tasks.run("lane", "busy.open", p -> {
            tasks.tell(p, () -> seen.add("telling " + what));
            p.check();
            return what;
        }, seen::add, problem -> seen.add(problem.code().id()));
    }

    @Test
    void the_latest_wins_and_the_older_one_says_nothing() {
        start("old");
        start("new");
        waiting.forEach(Runnable::run);
        assertThat(seen).containsExactly("telling new", "new");
        assertThat(tasks.title().get()).isEmpty();
    }

    @Test
    void what_is_cancelled_ends_in_silence() {
        start("it");
        assertThat(tasks.isRunning("lane")).isTrue();
        assertThat(tasks.title().get()).isEqualTo("busy.open");
        tasks.cancelAll();
        waiting.forEach(Runnable::run);
        assertThat(seen).isEmpty();
    }

    @Test
    void what_still_runs_is_told_when_what_was_told_ends() {
        start("long");
        tasks.run("other", "busy.plan", _ -> "short", seen::add, _ -> seen.add("failed"));
        assertThat(tasks.title().get()).isEqualTo("busy.plan");
        waiting.removeLast().run();
        assertThat(tasks.title().get()).isEqualTo("busy.open");
        waiting.removeLast().run();
        assertThat(tasks.title().get()).isEmpty();
        assertThat(seen).containsExactly("short", "telling long", "long");
    }

    @Test
    void trouble_arrives_as_a_problem() {
        tasks.run("lane", "busy.open", _ -> {
            throw Problem.of(Code.TRUNCATED).asException();
        }, _ -> seen.add("done"), problem -> seen.add(problem.code().id()));
        waiting.forEach(Runnable::run);
        assertThat(seen).containsExactly("TRUNCATED");
    }
}
