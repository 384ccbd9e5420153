package weft.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;

class AtomicOutputTest {
    @TempDir
    Path folder;

    @Test
    void shows_a_file_only_when_it_is_whole() throws Exception {
        var target = folder.resolve("out.bin");
        try (var output = AtomicOutput.file(target, List.of(), false)) {
            var staged = output.stage("out.bin");
            Files.writeString(staged, "new");
            assertThat(target).doesNotExist();
            assertThat(staged.getParent().getFileName()).hasToString(".~out.bin.part");
            output.publish(List.of(staged), () -> {
                assertThat(target).doesNotExist();
                assertThat(staged).hasContent("new");
            });
        }
        assertThat(target).hasContent("new");
        assertThat(names(folder)).containsExactly("out.bin");
    }

    @Test
    void leaves_the_old_target_and_no_trace_when_the_check_fails() throws Exception {
        var target = Files.writeString(folder.resolve("out.bin"), "old");
        try (var output = AtomicOutput.file(target, List.of(), true)) {
            var staged = output.stage("out.bin");
            Files.writeString(staged, "new");
            assertCode(Code.WRITE_FAILED, () -> output.publish(List.of(staged), () -> {
                throw Problem.of(Code.WRITE_FAILED).asException();
            }));
        }
        assertThat(target).hasContent("old");
        assertThat(names(folder)).containsExactly("out.bin");
    }

    @Test
    void leaves_no_trace_of_work_given_up() throws Exception {
        try (var output = AtomicOutput.folder(folder.resolve("model"), List.of(), false)) {
            Files.writeString(output.stage("half"), "written");
        }
        assertThat(names(folder)).isEmpty();
    }

    @Test
    void replaces_only_when_told_to() throws Exception {
        var target = Files.writeString(folder.resolve("out.bin"), "old");
        assertCode(Code.EXISTS, () -> AtomicOutput.file(target, List.of(), false));
        publish(target, true, "new");
        assertThat(target).hasContent("new");
        assertThat(names(folder)).containsExactly("out.bin");
    }

    @Test
    void never_writes_onto_a_source_by_any_name() throws Exception {
        var source = Files.writeString(folder.resolve("source.bin"), "values");
        var hard = Files.createLink(folder.resolve("hard.bin"), source);
        var symbolic = Files.createSymbolicLink(folder.resolve("symbolic.bin"), source);
        var twin = folder.resolve("SOURCE.bin");
        var detour = folder.resolve("nowhere/../source.bin");
        var other = Files.createSymbolicLink(folder.resolve("other"), folder).resolve("source.bin");
        for (var target : List.of(source, hard, symbolic, twin, detour, other)) {
            assertCode(Code.SAME_FILE, () -> AtomicOutput.file(target, List.of(source), true));
        }
        assertCode(Code.SAME_FILE, () -> AtomicOutput.file(source, List.of(symbolic), true));
        assertThat(source).hasContent("values");
        assertThat(names(folder)).containsExactlyInAnyOrder("source.bin", "hard.bin", "symbolic.bin", "other");
    }

    @Test
    void never_writes_onto_a_source_inside_the_folder_it_fills() throws Exception {
        var source = Files.writeString(folder.resolve("model.safetensors"), "values");
        try (var output = AtomicOutput.folder(folder, List.of(source), true)) {
            assertCode(Code.SAME_FILE, () -> output.stage("model.safetensors"));
            assertCode(Code.SAME_FILE, () -> output.stage("Model.safetensors"));
        }
        assertThat(source).hasContent("values");
    }

    @Test
    void takes_composed_and_decomposed_letters_for_the_same_name() throws Exception {
        var source = folder.resolve("caf\u00e9.bin");
        Files.writeString(source, "values");
        assertCode(Code.SAME_FILE, () -> AtomicOutput.file(folder.resolve("cafe\u0301.bin"), List.of(source), true));
    }

    @Test
    void shows_a_new_folder_in_one_piece() throws Exception {
        var target = folder.resolve("model");
        try (var output = AtomicOutput.folder(target, List.of(), false)) {
            var shard = Files.writeString(output.stage("model-00001-of-00001.safetensors"), "shard");
            var index = Files.writeString(output.stage("model.safetensors.index.json"), "index");
            output.publish(List.of(shard, index), () -> assertThat(target).doesNotExist());
        }
        assertThat(names(target)).containsExactlyInAnyOrder("model-00001-of-00001.safetensors",
                "model.safetensors.index.json");
        assertThat(names(folder)).containsExactly("model");
    }

    @Test
    void fills_an_empty_folder_and_with_force_one_that_holds_other_files() throws Exception {
        var target = Files.createDirectory(folder.resolve("model"));
        publishFolder(target, false, "a");
        assertCode(Code.EXISTS, () -> AtomicOutput.folder(target, List.of(), false));
        publishFolder(target, true, "b");
        assertThat(names(target)).containsExactlyInAnyOrder("a", "b");
        var file = Files.writeString(folder.resolve("file"), "x");
        assertCode(Code.EXISTS, () -> AtomicOutput.folder(file, List.of(), true));
    }

    @Test
    void publishes_nothing_if_one_place_was_taken_meanwhile() throws Exception {
        try (var output = AtomicOutput.file(folder.resolve("m.index"), List.of(), false)) {
            var data = Files.writeString(output.stage("m.data"), "data");
            var index = Files.writeString(output.stage("m.index"), "index");
            assertCode(Code.EXISTS,
                    () -> output.publish(List.of(data, index), () -> create(folder.resolve("m.index"))));
        }
        assertThat(folder.resolve("m.data")).doesNotExist();
    }

    @Test
    void publishes_nothing_it_was_not_told_of() throws Exception {
        try (var output = AtomicOutput.file(folder.resolve("a"), List.of(), false)) {
            var a = Files.writeString(output.stage("a"), "a");
            Files.writeString(output.stage("b"), "b");
            assertThatThrownBy(() -> output.publish(List.of(a), () -> {
            })).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void asks_for_space_before_it_is_needed() throws Exception {
        try (var output = AtomicOutput.file(folder.resolve("a"), List.of(), false)) {
            output.require(1);
            assertThatThrownBy(() -> output.require(Long.MAX_VALUE)).isInstanceOfSatisfying(CheckpointException.class,
                    e -> {
                        assertThat(e.code()).isEqualTo(Code.NO_SPACE);
                        assertThat(e.problem().expected()).isEqualTo(Long.toString(Long.MAX_VALUE));
                        assertThat(Long.parseLong(e.problem().found())).isPositive();
                    });
        }
    }

    @Test
    void takes_over_what_a_killed_process_left_but_not_work_in_progress() throws Exception {
        var left = Files.createDirectory(folder.resolve(".~out.bin.part"));
        Files.writeString(left.resolve("out.bin"), "half");
        Files.writeString(left.resolve(".lock"), "");
        assertThat(AtomicOutput.leftovers(folder)).extracting(AtomicOutput.Leftover::path).containsExactly(left);
        var target = folder.resolve("out.bin");
        try (var output = AtomicOutput.file(target, List.of(), false)) {
            assertThat(left.resolve("out.bin")).doesNotExist();
            assertCode(Code.EXISTS, () -> AtomicOutput.file(target, List.of(), false));
            var staged = Files.writeString(output.stage("out.bin"), "new");
            output.publish(List.of(staged), () -> {
            });
        }
        assertThat(target).hasContent("new");
        assertThat(AtomicOutput.leftovers(folder)).isEmpty();
    }

    @Test
    void an_exchange_interrupted_at_any_step_is_finished() throws Exception {
        var names = List.of("m.data-0", "m.data-1", "m.index");
        for (int step = 0; step <= 2 * names.size(); step++) {
            for (boolean byNextOutput : new boolean[]{false, true}) {
                var place = Files.createTempDirectory(folder, "step");
                var staging = Files.createDirectory(place.resolve(".~m.index.part"));
                Files.writeString(staging.resolve(".lock"), "");
                Files.write(staging.resolve(".swap"), List.of(".", "m.data-0", "m.data-1", "m.index"));
                // As many renames as the process lived to make: the old aside from the last on, then the new from the first.
                for (int i = 0; i < names.size(); i++) {
                    int back = names.size() - 1 - i;
                    Files.writeString(step > i
                            ? staging.resolve(".old." + names.get(back))
                            : place.resolve(
                                    names.get(back)),
                            "old");
                }
                for (int i = 0; i < names.size(); i++) {
                    boolean placed = step > names.size() + i;
                    Files.writeString((placed ? place : staging).resolve(names.get(i)), "new");
                }
                assertThat(AtomicOutput.leftovers(place)).singleElement()
                        .satisfies(l -> assertThat(l.state()).isEqualTo(AtomicOutput.Leftover.State.INTERRUPTED));
                if (byNextOutput) {
                    assertCode(Code.EXISTS, () -> AtomicOutput.file(place.resolve("m.index"), List.of(), false));
                } else {
                    AtomicOutput.leftovers(place).getFirst().repair();
                }
                for (var name : names) {
                    assertThat(place.resolve(name)).as("step " + step).hasContent("new");
                }
                try (var left = Files.list(place)) {
                    assertThat(left).hasSize(names.size());
                }
            }
        }
    }

    @Test
    void a_set_replaces_a_set_and_leaves_nothing_else() throws Exception {
        publishSet("old");
        publishSet("new");
        try (var left = Files.list(folder)) {
            assertThat(left.map(f -> f.getFileName().toString())).containsExactlyInAnyOrder("m.data", "m.index");
        }
        assertThat(folder.resolve("m.data")).hasContent("new");
        assertThat(folder.resolve("m.index")).hasContent("new");
    }

    private void publishSet(String content) throws Exception {
        try (var output = AtomicOutput.file(folder.resolve("m.index"), List.of(), true)) {
            var data = Files.writeString(output.stage("m.data"), content);
            var index = Files.writeString(output.stage("m.index"), content);
            output.publish(List.of(data, index), () -> {
            });
        }
    }

    @Test
    void a_journal_from_a_stranger_moves_nothing_out_of_its_folder() throws Exception {
        var place = Files.createDirectory(folder.resolve("download"));
        var staging = Files.createDirectory(place.resolve(".~m.part"));
        Files.writeString(staging.resolve("x"), "evil");
        for (var lines : List.of(List.of("..", "x"), List.of(".", "../x"), List.of(".", "a/x"), List.of("/tmp", "x"),
                List.of(".", "..\\x"))) {
            Files.write(staging.resolve(".swap"), lines);
            assertCode(Code.PATH_OUTSIDE, () -> AtomicOutput.leftovers(place).getFirst().repair());
        }
        assertThat(staging.resolve("x")).hasContent("evil");
        assertThat(folder.resolve("x")).doesNotExist();
    }

    @Test
    void a_full_disk_leaves_the_old_target_and_no_trace() throws Exception {
        var disk = Files.createDirectory(folder.resolve("disk"));
        assumeTrue(mount(disk), "only the superuser can make a small disk");
        try {
            var target = Files.writeString(disk.resolve("out.bin"), "old");
            try (var output = AtomicOutput.file(target, List.of(), true)) {
                assertCode(Code.NO_SPACE, () -> output.require(2 << 20));
                var values = weft.tensor.TensorData.ofFloats(new float[1 << 19], 1 << 19);
                assertCode(Code.NO_SPACE, () -> new weft.format.FileSinkProbe().fill(output.stage("out.bin"), values));
            }
            assertThat(target).hasContent("old");
            try (var left = Files.list(disk)) {
                assertThat(left).containsExactly(target);
            }
        } finally {
            new ProcessBuilder("umount", disk.toString()).start().waitFor();
        }
    }

    private static boolean mount(Path disk) throws Exception {
        if (!Files.isExecutable(Path.of("/usr/bin/mount"))) { return false; }
        return new ProcessBuilder("/usr/bin/mount", "-t", "tmpfs", "-o", "size=1m", "weft", disk.toString())
                .redirectErrorStream(true).start().waitFor() == 0;
    }

    @Test
    void does_not_replace_what_is_write_protected() throws Exception {
        var target = Files.writeString(folder.resolve("out.bin"), "old");
        assumeTrue(target.toFile().setReadOnly() && !Files.isWritable(target), "the superuser writes everything");
        assertCode(Code.EXISTS, () -> AtomicOutput.file(target, List.of(), true));
    }

    @Test
    void needs_a_folder_to_write_into() {
        assertCode(Code.WRITE_FAILED, () -> AtomicOutput.file(folder.resolve("absent/out.bin"), List.of(), false));
        assertCode(Code.EXISTS, () -> AtomicOutput.file(Files.createDirectory(folder.resolve("dir")), List.of(), true));
    }

    private void publish(Path target, boolean force, String content) throws Exception {
        try (var output = AtomicOutput.file(target, List.of(), force)) {
            var staged = Files.writeString(output.stage(target.getFileName().toString()), content);
            output.publish(List.of(staged), () -> {
            });
        }
    }

    private void publishFolder(Path target, boolean force, String name) throws Exception {
        try (var output = AtomicOutput.folder(target, List.of(), force)) {
            var staged = Files.writeString(output.stage(name), name);
            output.publish(List.of(staged), () -> {
            });
        }
    }

    private static void create(Path file) {
        try {
            Files.createFile(file);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static void assertCode(Code code, ThrowingCallable work) {
        assertThatThrownBy(work).isInstanceOfSatisfying(CheckpointException.class,
                e -> assertThat(e.code()).as("%s", e.problem()).isEqualTo(code));
    }

    private static List<String> names(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            return new ArrayList<>(files.map(f -> f.getFileName().toString()).toList());
        }
    }
}
