package weft.ui.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import weft.io.Code;
import weft.ui.model.Cares.Step;
import weft.work.Numbers;

/** What a person is asked before a preview or an export would stop: numbers nobody said, heads without a place. */
class CaresTest {
    private static final Path FIXTURES = Path.of("src/test/resources/fixtures");
    @TempDir
    Path folder;
    private final Session session = new Session(new Tasks(Runnable::run, Runnable::run), Locale.ENGLISH);
    private final Cares cares = new Cares(session);

    private Path bare() throws IOException {
        return Files.copy(FIXTURES.resolve("gpt2-tiny/hf/model.safetensors"), folder.resolve("bare.safetensors"));
    }

    @Test
    void the_number_of_heads_is_asked_for_where_no_configuration_lies_beside() throws IOException {
        session.open(bare(), "gpt2/scratch-split");
        assertThat(cares.all().get()).extracting(Cares.Care::step).contains(Step.NUMBER);
        assertThat(cares.missingNumber().orElseThrow().field()).isEqualTo("n_head");
        cares.dismiss();
        assertThat(cares.all().get()).isEmpty();
        assertThat(cares.missingNumber()).as("an export would miss it all the same").isPresent();
        session.setNumber("n_head", "3");
        assertThat(Numbers.of(session.workspace().get())).containsEntry("n_head", 3L);
        assertThat(session.workspace().get().targetText()).isEqualTo("gpt2/scratch-split");
        assertThat(cares.missingNumber().map(p -> p.field())).isNotEqualTo(java.util.Optional.of("n_head"));
        assertThat(session.undoName().get()).isEqualTo("Set n_head = 3");
        session.undo();
        assertThat(cares.missingNumber().orElseThrow().field()).isEqualTo("n_head");
    }

    /** A bundle whose values fail their checksums, with nothing beside it that says how many heads there are. */
    private Path damaged() throws IOException {
        var bundle = Files.createDirectory(folder.resolve("damaged"));
        try (var files = Files.list(FIXTURES.resolve("gpt2-tiny/openai-tf"))) {
            for (var file : files.filter(f -> f.getFileName().toString().startsWith("model.ckpt")).toList()) {
                var bytes = Files.readAllBytes(file);
                if (file.toString().contains(".data-")) {
                    for (int at = 0; at < bytes.length; at += 64) {
                        bytes[at] ^= 1;
                    }
                }
                Files.write(bundle.resolve(file.getFileName()), bytes);
            }
        }
        return bundle;
    }

    @Test
    void values_read_all_the_same_and_a_number_that_was_set_bear_each_other() throws Exception {
        for (boolean first : new boolean[]{true, false}) {
            session.open(first ? damaged() : folder.resolve("damaged"), "gpt2/scratch-split");
            if (first) {
                session.anyway();
            }
            session.setNumber("n_head", "3");
            if (!first) {
                session.anyway();
            }
            var now = session.workspace().get();
            assertThat(Numbers.of(now)).containsEntry("n_head", 3L);
            assertThat(session.isReadAnyway()).isTrue();
            assertThat(cares.missingNumber().map(p -> p.field())).isNotEqualTo(java.util.Optional.of("n_head"));
            assertThat(now.values("model/wte").shape()).hasToString("[61, 24]");
            session.undo();
            assertThat(Numbers.of(session.workspace().get()).isEmpty()).isEqualTo(first);
            session.undo();
            assertThat(session.isReadAnyway()).isFalse();
            assertThatThrownBy(() -> session.workspace().get().values("model/wte"))
                    .isInstanceOf(weft.io.CheckpointException.class);
            assertThat(cares.missingNumber().orElseThrow().field()).isEqualTo("n_head");
        }
    }

    @Test
    void packed_weights_are_offered_to_be_unpacked_by_rules_somebody_accepts() throws Exception {
        session.open(FIXTURES.resolve("quantised/nf4"));
        var care = cares.all().get().stream().filter(c -> c.step() == Step.UNPACK).findFirst().orElseThrow();
        assertThat(Integer.parseInt(String.valueOf(care.problem().expected()))).isPositive();
        cares.take(Step.UNPACK);
        assertThat(session.accepted()).isEmpty();
        assertThat(session.suggested()).isNotEmpty();
        assertThat(cares.all().get()).extracting(Cares.Care::step).doesNotContain(Step.UNPACK);
        assertThat(session.undoName().get()).isEqualTo("Suggest unpacking");
        session.acceptAll();
        assertThat(session.plan().orElseThrow().isComplete()).isTrue();
        session.open(FIXTURES.resolve("gpt2-tiny/hf"));
        assertThat(cares.all().get()).extracting(Cares.Care::step).doesNotContain(Step.UNPACK);
    }

    @Test
    void a_tensor_that_cannot_be_read_is_told_of_and_found() throws Exception {
        var header = "{\"a\":{\"dtype\":\"F99\",\"shape\":[4],\"data_offsets\":[0,16]},"
                + "\"b\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[16,32]}}";
        var bytes = java.nio.ByteBuffer.allocate(8 + header.length() + 32).order(java.nio.ByteOrder.LITTLE_ENDIAN)
                .putLong(header.length()).put(header.getBytes(java.nio.charset.StandardCharsets.US_ASCII)).array();
        session.open(Files.write(folder.resolve("odd.safetensors"), bytes));
        assertThat(cares.all().get()).singleElement().satisfies(c -> {
            assertThat(c.problem().code()).isEqualTo(Code.UNKNOWN_DTYPE);
            assertThat(c.problem().field()).isEqualTo("a");
        });
        session.search().set("is:broken");
        assertThat(session.items()).flatExtracting(i -> i.tensors()).extracting(t -> t.name()).containsExactly("a");
    }

    @Test
    void with_a_configuration_nothing_is_asked() {
        session.open(FIXTURES.resolve("gpt2-tiny/hf"), "gpt2/scratch-split");
        assertThat(cares.missingNumber()).isEmpty();
    }

    @Test
    void a_head_the_target_has_no_place_for_is_told_before_an_export_and_may_go() {
        session.open(FIXTURES.resolve("llama-line/llama"), "llama/gguf,output=false");
        session.acceptAll();
        assertThat(cares.lostHeads()).singleElement().satisfies(p -> {
            assertThat(p.code()).isEqualTo(Code.HEAD_NOT_TIED);
            assertThat(p.found()).isEqualTo("lm_head.weight");
        });
        assertThat(cares.all().get().getFirst().step()).isEqualTo(Step.DROP);
        cares.take(Step.DROP);
        assertThat(cares.lostHeads()).isEmpty();
        assertThat(session.undoName().get()).isEqualTo("Let lm_head.weight go");
        assertThat(session.plan().orElseThrow().isComplete()).isTrue();
        session.undo();
        assertThat(cares.lostHeads()).hasSize(1);
        session.open(FIXTURES.resolve("llama-line/llama"), "llama/gguf");
        assertThat(cares.lostHeads()).isEmpty();
    }
}
