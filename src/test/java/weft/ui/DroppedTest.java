package weft.ui;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DroppedTest {
    @ParameterizedTest
    @CsvSource({"model.safetensors, false, true, false, SOURCE", "model.safetensors, true, false, false, SOURCE",
        "model.safetensors, true, true, false, TARGET", "model.safetensors, true, true, true, TARGET",
        "mine.weft, true, false, false, RULES", "mine.rules.json, true, false, false, RULES",
        "mine.weft, true, true, false, RULES", "mine.json, true, true, false, TARGET",
        "src/test/resources/fixtures/gpt2-tiny/hf/config.json, true, true, false, TARGET",
        "mine.weft, false, false, false, SOURCE", "train.log, true, false, false, LOG",
        "error.TXT, false, true, false, LOG", "listing.txt, true, true, false, TARGET",
        "novel.txt, true, false, true, LOSS", "novel.txt, true, true, true, LOSS", "notes.md, true, true, true, LOSS",
        "src/test/resources/fixtures/lora/gpt2, true, true, false, ADAPTER",
        "src/test/resources/fixtures/lora/gpt2, true, false, true, ADAPTER",
        "src/test/resources/fixtures/lora/gpt2, false, false, false, SOURCE"})
    void what_letting_go_means(Path path, boolean open, boolean right, boolean preview, Dropped expected) {
        assertThat(Dropped.of(path, open, right, preview)).isEqualTo(expected);
    }
}
