package weft.ui.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import weft.ui.model.Session;
import weft.ui.model.Tasks;
import weft.ui.state.Preferences.Theme;
import weft.work.Workspace;

class StoreTest {
    private static final Path TINY = Path.of("src/test/resources/fixtures/gpt2-tiny/openai-tf");
    @TempDir
    Path folder;

    @Test
    void preferences_are_there_again_the_next_day() {
        var first = new Preferences(Store.in(folder));
        assertThat(first.theme().get()).isEqualTo(Theme.SYSTEM);
        first.theme().set(Theme.DARK);
        first.scale().set(1.3);
        first.language().set("zh");
        var next = new Preferences(Store.in(folder));
        assertThat(next.theme().get()).isEqualTo(Theme.DARK);
        assertThat(next.scale().get()).isEqualTo(1.3);
        assertThat(next.language().get()).isEqualTo("zh");
    }

    @Test
    void what_cannot_be_read_counts_as_not_there_and_values_out_of_range_are_left_out() throws Exception {
        Files.writeString(folder.resolve("preferences.json"), "{\"theme\": \"dark\", \"textSize\": 99");
        assertThat(new Preferences(Store.in(folder)).theme().get()).isEqualTo(Theme.SYSTEM);
        Files.writeString(folder.resolve("preferences.json"), "{\"theme\": \"dark\", \"textSize\": 99}");
        var read = new Preferences(Store.in(folder));
        assertThat(read.theme().get()).isEqualTo(Theme.DARK);
        assertThat(read.scale().get()).isEqualTo(1);
        Files.writeString(folder.resolve("recent.json"), "{\"recent\": [3, {\"source\": 4}, {\"source\": \"a\"}]}");
        assertThat(new Recent(Store.in(folder)).entries().get()).hasSize(1);
    }

    @Test
    void a_crash_costs_nothing_after_the_last_edit() throws Exception {
        var session = new Session(new Tasks(Runnable::run, Runnable::run), Locale.ENGLISH);
        var recent = new Recent(Store.in(folder));
        session.workspace().addListener((_, _, now) -> {
            if (now != null) {
                recent.put(Recent.of(now, "RULES", 1));
            }
        });
        session.open(TINY, "gpt2/scratch-split");
        session.acceptAll();
        var rules = session.rules().rules();
        // nothing is closed; another process starts
        var entry = new Recent(Store.in(folder)).entries().get().getFirst();
        assertThat(entry.ready()).isEqualTo(entry.total()).isPositive();
        assertThat(entry.tab()).isEqualTo("RULES");
        var restored = new Session(new Tasks(Runnable::run, Runnable::run), Locale.ENGLISH);
        restored.open(entry.mark());
        assertThat(restored.rules().rules()).isEqualTo(rules);
        assertThat(restored.plan().orElseThrow().isComplete()).isTrue();
        assertThat(Files.list(folder)).as("no half-written file stays").allSatisfy(
                f -> assertThat(f.toString()).endsWith(".json"));
    }

    /** An adapter that was dropped on a base without a target makes the base its own target. */
    @Test
    void an_adapter_and_the_file_as_its_own_target_come_back_with_the_rest() throws Exception {
        var session = new Session(new Tasks(Runnable::run, Runnable::run), Locale.ENGLISH);
        session.open(TINY.resolveSibling("hf"));
        session.mergeAdapter(Path.of("src/test/resources/fixtures/lora/gpt2"));
        session.acceptAll();
        var plan = session.plan().orElseThrow();
        assertThat(plan.isComplete()).isTrue();
        new Recent(Store.in(folder)).put(Recent.of(session.workspace().get(), "RULES", 1));
        var recent = new Recent(Store.in(folder));
        session.close();
        session.open(recent.entries().get().getFirst().mark());
        assertThat(session.trouble().get()).isNull();
        assertThat(session.plan().orElseThrow().rows()).isEqualTo(plan.rows());
        assertThat(session.plan().orElseThrow().rows()).anyMatch(r -> r.ops().toString().contains("lora"));
        assertThat(recent.targets().all().get()).as("nobody chose it").isEmpty();
    }

    @Test
    void the_same_file_stands_once_and_the_newest_first() throws Exception {
        var recent = new Recent(Store.in(folder));
        var one = Workspace.open(TINY, weft.io.Progress.NONE);
        var other = Workspace.open(TINY.resolveSibling("hf"), weft.io.Progress.NONE);
        recent.put(Recent.of(one, "WHY", 1));
        recent.put(Recent.of(other, "WHY", 2));
        recent.put(Recent.of(one, "WHY", 3));
        assertThat(recent.entries().get()).extracting(e -> e.path().getFileName().toString())
                .containsExactly("openai-tf", "hf");
        recent.clear();
        assertThat(new Recent(Store.in(folder)).entries().get()).isEmpty();
    }

    @Test
    void two_processes_keep_each_others_work() throws Exception {
        var mine = new Recent(Store.in(folder));
        var theirs = new Recent(Store.in(folder));
        mine.put(Recent.of(Workspace.open(TINY, weft.io.Progress.NONE), "WHY", 1));
        theirs.put(Recent.of(Workspace.open(TINY.resolveSibling("hf"), weft.io.Progress.NONE), "WHY", 2));
        assertThat(new Recent(Store.in(folder)).entries().get()).extracting(e -> e.path().getFileName().toString())
                .containsExactly("hf", "openai-tf");
    }

    @Test
    void how_the_window_was_arranged_is_there_again_and_nonsense_is_left_out() throws Exception {
        var recent = new Recent(Store.in(folder));
        var layout = new Layout(java.util.List.of("RULES", "VERIFY"), Map.of("WHY", 300.0));
        recent.put(Recent.of(Workspace.open(TINY, weft.io.Progress.NONE), "WHY", 1).with(layout));
        assertThat(new Recent(Store.in(folder)).entries().get().getFirst().layout()).isEqualTo(layout);
        Files.writeString(folder.resolve("recent.json"), "{\"recent\": [{\"source\": \"a\", \"layout\": "
                + "{\"right\": [3, \"RULES\"], \"heights\": {\"WHY\": \"high\", \"RULES\": -1, \"TENSOR\": 200}}}]}");
        assertThat(new Recent(Store.in(folder)).entries().get().getFirst().layout())
                .isEqualTo(new Layout(java.util.List.of("RULES"), Map.of("TENSOR", 200.0)));
    }

    /** The program ends right after its last window told its size. */
    @Test
    void what_was_said_last_is_written_before_the_program_ends() {
        var place = folder.resolve("new").toString();
        var set = System.setProperty("weft.state", place);
        try {
            var store = Store.user();
            var preferences = new Preferences(store);
            for (int i = 0; i < 200; i++) {
                preferences.width().set(1001 + i);
            }
            assertThat(new Preferences(store).width().get()).as("what waits is known").isEqualTo(1200);
            store.flush();
            assertThat(new Preferences(Store.in(Path.of(place))).width().get()).isEqualTo(1200);
        } finally {
            if (set == null) {
                System.clearProperty("weft.state");
            } else {
                System.setProperty("weft.state", set);
            }
        }
    }

    @Test
    void targets_that_were_chosen_are_kept_whatever_became_of_their_sources() throws Exception {
        var recent = new Recent(Store.in(folder));
        var opened = Workspace.open(TINY, weft.io.Progress.NONE);
        for (var target : new String[]{"gpt2/hf", "gpt2/scratch-split", "gpt2/hf"}) {
            recent.put(Recent.of(opened.withTarget(target, weft.io.Progress.NONE), "WHY", 1));
        }
        recent.put(Recent.of(opened, "WHY", 2));
        assertThat(recent.entries().get()).hasSize(1);
        assertThat(new Recent(Store.in(folder)).targets().all().get()).containsExactly("gpt2/hf", "gpt2/scratch-split");
        recent.clear();
        assertThat(new Recent(Store.in(folder)).targets().all().get()).isEmpty();
        Files.writeString(folder.resolve("targets.json"), "{\"targets\": [3, \"gpt2/hf\"]}");
        assertThat(new Recent(Store.in(folder)).targets().all().get()).containsExactly("gpt2/hf");
    }

    @Test
    void without_a_place_nothing_is_written() {
        var store = Store.none();
        store.write("preferences", Map.of("theme", "dark"));
        assertThat(store.read("preferences")).isEmpty();
    }

    @Test
    void what_names_no_file_of_this_system_is_left_out() throws Exception {
        Files.writeString(folder.resolve("recent.json"),
                "{\"recent\": [{\"source\": \"a\\u0000b\"}, {\"source\": \"\"}, {\"source\": \"/tmp/model\"}]}");
        assertThat(new Recent(Store.in(folder)).entries().get()).extracting(e -> e.path())
                .containsExactly(Path.of("/tmp/model"));
    }

    @Test
    void what_was_set_last_is_on_disk_when_the_window_has_gone() throws Exception {
        var before = System.setProperty("weft.state", folder.toString());
        try {
            var store = Store.user();
            for (int i = 0; i <= 300; i++) {
                store.write("preferences", Map.of("width", 1000.0 + i, "n", i));
                store.write("other" + i % 50, Map.of("n", i));
            }
            store.flush();
            assertThat(new Preferences(Store.in(folder)).width().get()).isEqualTo(1300);
        } finally {
            if (before == null) {
                System.clearProperty("weft.state");
            } else {
                System.setProperty("weft.state", before);
            }
        }
    }
}
