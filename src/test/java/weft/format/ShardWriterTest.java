package weft.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Json;
import weft.io.Progress;
import weft.tensor.TensorSource;

class ShardWriterTest {
    private static final Path GPT2 = CheckpointFormatSuite.fixtures().resolve("gpt2-tiny");

    @TempDir
    Path folder;
    private List<TensorSource> tensors;
    private ShardWriter writer;

    @BeforeEach
    void open() throws Exception {
        tensors = Formats.open(GPT2.resolve("hf"), Progress.NONE).tensors();
        writer = new ShardWriter(Formats.byId("safetensors").orElseThrow().writer().orElseThrow(), folder::resolve,
                "model.safetensors");
    }

    @Test
    void writes_shards_no_larger_than_asked_and_an_index_last() throws Exception {
        var written = writer.write(tensors, Map.of("format", "pt"), 20_000, true, Progress.NONE);
        assertThat(written.parts().stream().map(p -> p.path().getFileName().toString())).hasSizeGreaterThan(3)
                .startsWith("model-00001-of-0000" + (written.parts().size() - 1) + ".safetensors")
                .endsWith("model.safetensors.index.json");
        for (var part : written.parts().subList(0, written.parts().size() - 1)) {
            assertThat(
                    Formats.open(part.path(), Progress.NONE).tensors().stream().mapToLong(t -> t.info().bytes()).sum())
                    .isLessThanOrEqualTo(20_000);
        }
        var opened = Formats.open(folder, Progress.NONE);
        assertThat(opened.warnings()).isEmpty();
        assertThat(opened.tensors().stream().map(TensorSource::name))
                .containsExactlyElementsOf(tensors.stream().map(TensorSource::name).toList());
        for (int i = 0; i < tensors.size(); i++) {
            assertThat(opened.tensors().get(i).read().toFloats()).isEqualTo(tensors.get(i).read().toFloats());
        }
        assertThat(written.crc32c()).hasSize(tensors.size());
    }

    @Test
    void says_in_the_index_what_transformers_says() throws Exception {
        writer.write(tensors, Map.of(), 20_000, false, Progress.NONE);
        var ours = Json.parse(Files.readString(folder.resolve("model.safetensors.index.json")), "ours");
        var theirs = Json.parse(Files.readString(GPT2.resolve("hf-sharded/model.safetensors.index.json")), "theirs");
        assertThat(ours.get("metadata")).isEqualTo(theirs.get("metadata"));
        assertThat(List.copyOf(ours.get("weight_map").propertyNames()))
                .isEqualTo(List.copyOf(theirs.get("weight_map").propertyNames()));
    }

    @Test
    void writes_one_plain_file_where_everything_fits() throws Exception {
        var written = writer.write(tensors, Map.of(), 1 << 20, true, Progress.NONE);
        assertThat(written.parts()).singleElement()
                .satisfies(p -> assertThat(p.path()).hasFileName("model.safetensors"));
    }

    @Test
    void gives_a_tensor_over_the_limit_a_shard_of_its_own() throws Exception {
        var written = writer.write(tensors, Map.of(), 1, false, Progress.NONE);
        assertThat(written.parts()).hasSize(tensors.size() + 1);
    }

    @Test
    void counts_progress_over_all_shards_and_stops_when_cancelled() throws Exception {
        var seen = new ArrayList<Long>();
        long total = tensors.stream().mapToLong(t -> t.info().bytes()).sum();
        writer.write(tensors, Map.of(), 20_000, false, new Progress() {
            @Override
            public void at(long done, long all) {
                assertThat(all).isEqualTo(total);
                seen.add(done);
            }
        });
        assertThat(seen).isSorted().endsWith(total);
        var again = new ShardWriter(Formats.byId("safetensors").orElseThrow().writer().orElseThrow(),
                name -> folder.resolve("again-" + name), "model.safetensors");
        assertThatThrownBy(() -> again.write(tensors, Map.of(), 20_000, false, new Progress() {
            @Override
            public boolean cancelled() {
                return true;
            }
        })).isInstanceOfSatisfying(CheckpointException.class, e -> assertThat(e.code()).isEqualTo(Code.CANCELLED));
    }

    /** In Arabic and Persian the JDK formats numbers with digits of their own. */
    @Test
    void shards_have_ascii_digits_whatever_the_language_is() throws Exception {
        var before = Locale.getDefault();
        Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
        try {
            assertThat("%d".formatted(1)).isNotEqualTo("1");
            writer.write(tensors, Map.of(), 20_000, false, Progress.NONE);
        } finally {
            Locale.setDefault(before);
        }
        assertThat(folder.resolve("model-00001-of-00005.safetensors").toFile().getParentFile().list())
                .allMatch(name -> name
                        .matches("model(-[0-9]{5}-of-[0-9]{5}\\.safetensors|\\.safetensors\\.index\\.json)"));
    }
}
