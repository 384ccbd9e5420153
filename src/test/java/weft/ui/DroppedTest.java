package weft.ui;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import weft.ui.model.Tasks;

class DroppedTest {
    @ParameterizedTest
    @CsvSource({"model.safetensors, false, true, false, SOURCE", "model.safetensors, true, false, false, SOURCE",
        "model.safetensors, true, true, false, TARGET", "model.safetensors, true, true, true, TARGET",
        "mine.weft, true, false, false, RULES", "mine.rules.json, true, false, false, RULES",
        "mine.weft, true, true, false, RULES", "mine.json, true, true, false, TARGET",
        "src/test/resources/fixtures/gpt2-tiny/hf/config.json, true, true, false, TARGET",
        "mine.weft, false, false, false, RULES", "train.log, true, false, false, LOG",
        "error.TXT, false, true, false, LOG", "listing.txt, true, true, false, TARGET",
        "novel.txt, true, false, true, LOSS", "novel.txt, true, true, true, LOSS", "notes.md, true, true, true, LOSS",
        "src/test/resources/fixtures/lora/gpt2, true, true, false, ADAPTER",
        "src/test/resources/fixtures/lora/gpt2, true, false, true, ADAPTER",
        "src/test/resources/fixtures/lora/gpt2, false, false, false, SOURCE",
        "src/samples/shipped/lessons, true, true, false, LESSONS",
        "src/samples/shipped/lessons, false, false, false, LESSONS"})
    void what_letting_go_means(Path path, boolean open, boolean right, boolean preview, Dropped expected) {
        assertThat(Dropped.of(path, Dropped.Lying.of(path), open, right, preview)).isEqualTo(expected);
    }

    /** The window's thread asks with every move of the pointer: a network folder that hangs mustn't hang it too. */
    @Test
    void a_disk_that_does_not_answer_holds_nothing_up() {
        var disk = new ArrayDeque<Runnable>();
        var tasks = new Tasks(disk::add, Runnable::run);
        var look = new DropLook(tasks);
        var adapter = Path.of("src/test/resources/fixtures/lora/gpt2");
        var again = new AtomicInteger();
        assertThat(look.soFar(adapter, again::incrementAndGet)).isEqualTo(Dropped.Lying.PLAIN);
        assertThat(look.soFar(adapter, again::incrementAndGet)).isEqualTo(Dropped.Lying.PLAIN);
        assertThat(tasks.title().get()).as("nobody waits for it").isEmpty();
        assertThat(disk).as("it is asked once a drag").hasSize(1);
        disk.remove().run();
        assertThat(again).hasValue(1);
        assertThat(look.soFar(adapter, again::incrementAndGet)).isEqualTo(Dropped.Lying.ADAPTER);
        look.forget();
        var letGo = new ArrayList<Dropped.Lying>();
        look.letGo(adapter, letGo::add);
        assertThat(letGo).isEmpty();
        disk.remove().run();
        assertThat(letGo).containsExactly(Dropped.Lying.ADAPTER);
    }

    /** A model's files are selected together and dropped together. */
    @ParameterizedTest
    @CsvSource({"config.json tokenizer.json model.safetensors, model.safetensors",
        "model-00002-of-00002.safetensors model-00001-of-00002.safetensors model.safetensors.index.json, "
                + "model.safetensors.index.json",
        "model.ckpt.data-00000-of-00001 model.ckpt.index, model.ckpt.index", "a.log b.log, a.log"})
    void of_several_files_the_one_that_stands_for_all_is_meant(String names, String meant) {
        var files = Stream.of(names.split(" ")).map(File::new).toList();
        assertThat(Dropped.pick(files)).hasToString(meant);
    }
}
