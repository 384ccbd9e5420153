package weft.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Json;

/** What tiktoken and Hugging Face's tokenizers make of some three thousand strings. */
class TokenizerFixturesTest {
    private static final Path ROOT = Path.of("src/test/resources/fixtures");

    private static JsonNode json(String file) throws Exception {
        return Json.parse(Files.readString(ROOT.resolve(file)), file);
    }

    @Test
    void the_built_in_tokenizer_equals_tiktoken() throws Exception {
        for (var pair : json("tokenizer-strings.json")) {
            check(Tokenizers.gpt2(), pair.get(0).asString(), pair.get(1));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpt2", "roberta", "llama3", "qwen2", "starcoder", "neox"})
    void a_tokenizer_json_equals_the_library_that_wrote_it(String name) throws Exception {
        var file = "tokenizer-json/" + name + ".json";
        var tokenizer = Tokenizers.tokenizerJson(Files.readAllBytes(ROOT.resolve(file)), name + ".json");
        var ids = json("tokenizer-json/" + name + ".ids.json");
        int at = 0;
        for (var pair : json("tokenizer-strings.json")) {
            check(tokenizer, pair.get(0).asString(), ids.get(at++));
        }
        assertThat(tokenizer.endOfText()).hasValue(0);
        assertThat(tokenizer.decode(0)).isEqualTo("<|endoftext|>");
        assertThat(tokenizer.size()).isEqualTo(name.equals("neox") ? 707 : 700);
    }

    private static void check(Tokenizer tokenizer, String text, JsonNode ids) throws Exception {
        assertThat(tokenizer.encode(text)).as("%s", text)
                .isEqualTo(ids.valueStream().mapToInt(JsonNode::asInt).toArray());
    }

    @Test
    void a_mark_behind_the_rows_of_the_embedding_is_not_written_into_a_gguf_file() throws Exception {
        var document = Files.readString(ROOT.resolve("tokenizer-json/gpt2.json"));
        var moved = document.replaceFirst("\"id\": ?0,", "\"id\":900,").replaceFirst("\"<\\|endoftext\\|>\": ?0,", "");
        var tokenizer = Tokenizers.tokenizerJson(moved.getBytes(StandardCharsets.UTF_8), "tokenizer.json");
        assertThat(tokenizer.endOfText()).hasValue(900);
        assertThat(Tokenizers.ggufMetadata(tokenizer, 901)).containsEntry("tokenizer.ggml.eos_token_id", 900);
        assertThat(Tokenizers.ggufMetadata(tokenizer, tokenizer.size())).isNotEmpty()
                .doesNotContainKeys("tokenizer.ggml.eos_token_id", "tokenizer.ggml.bos_token_id");
    }

    @Test
    void a_tokenizer_that_would_be_nearly_right_is_refused() throws Exception {
        var good = Files.readString(ROOT.resolve("tokenizer-json/gpt2.json"));
        var changes = List.of(List.of("\"type\":\"BPE\"", "\"type\":\"Other\"", "model.type"),
                List.of("\"type\":\"BPE\"", "\"type\":\"Unigram\"", "model.vocab"),
                List.of("\"normalizer\":null", "\"normalizer\":{\"type\":\"Other\"}", "normalizer.type"),
                List.of("\"normalizer\":null",
                        "\"normalizer\":{\"type\":\"Precompiled\",\"precompiled_charsmap\":\"AA\"}",
                        "normalizer.precompiled_charsmap"),
                List.of("\"pre_tokenizer\":{\"type\":\"ByteLevel\"", "\"pre_tokenizer\":{\"type\":\"UnicodeScripts\"",
                        "pre_tokenizer.type"),
                List.of("\"pre_tokenizer\":{",
                        "\"pre_tokenizer\":{\"type\":\"Split\",\"behavior\":\"Isolated\",\"pattern\":"
                                + "{\"Regex\":\"[[:alpha:]]+\"}},\"other\":{",
                        "pre_tokenizer.pattern"),
                List.of("\"decoder\":{\"type\":\"ByteLevel\"", "\"decoder\":{\"type\":\"Other\"", "decoder.type"),
                List.of("\"merges\":[", "\"merges\":[[\"a\",7],", "model.merges[0]"),
                List.of("\"merges\":[", "\"merges\":[\"a no-token\",", "model.merges[0]"),
                List.of("\"vocab\":{", "\"vocab\":{\"new\":1,", "!"));
        for (var change : changes) {
            assertThat(good).contains(change.get(0));
            var bad = good.replace(change.get(0), change.get(1)).getBytes(StandardCharsets.UTF_8);
            assertThatThrownBy(() -> Tokenizers.tokenizerJson(bad, "tokenizer.json")).as(change.get(1))
                    .isInstanceOfSatisfying(CheckpointException.class, e -> {
                        assertThat(e.code()).isEqualTo(Code.BAD_TOKENIZER);
                        assertThat(e.problem().field()).isEqualTo(change.get(2));
                    });
        }
    }
}
