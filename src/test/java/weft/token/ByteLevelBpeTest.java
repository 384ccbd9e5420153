package weft.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

import weft.io.CheckpointException;
import weft.io.Code;

class ByteLevelBpeTest {
    private static final String VOCABULARY = """
            {"a": 0, "b": 1, "c": 2, "ab": 7, "bc": 3, "abc": 5, "Ġ": 4, "Ġabc": 6, "<|endoftext|>": 8}""";

    @Test
    void the_built_in_tokenizer_gives_the_textbook_ids() throws Exception {
        var gpt2 = Tokenizers.gpt2();
        assertThat(gpt2.encode("Every effort moves you")).containsExactly(6109, 3626, 6100, 345);
        assertThat(gpt2.decode(6109, 3626, 6100, 345)).isEqualTo("Every effort moves you");
        assertThat(gpt2.size()).isEqualTo(50257);
        assertThat(gpt2.endOfText()).hasValue(50256);
    }

    @Test
    void a_special_token_in_a_text_is_plain_text() throws Exception {
        assertThat(Tokenizers.gpt2().encode("<|endoftext|>")).doesNotContain(50256).hasSizeGreaterThan(1);
        assertThat(Tokenizers.gpt2().decode(Tokenizers.gpt2().encode("<|endoftext|>"))).isEqualTo("<|endoftext|>");
    }

    @Test
    void an_unknown_id_is_shown_as_a_replacement_character() throws Exception {
        assertThat(Tokenizers.gpt2().decode(50257, -1, 6109)).isEqualTo("\uFFFD\uFFFDEvery");
    }

    @Test
    void merges_go_by_their_rank_and_not_by_token_ids() throws CheckpointException {
        // "b c" comes first although "ab" has the larger id and "bc" the smaller one.
        assertThat(tokenizer("b c\na b\n").encode("abc")).containsExactly(0, 3);
        assertThat(tokenizer("a b\nb c\n").encode("abc")).containsExactly(7, 2);
        assertThat(tokenizer("#version: 0.2\na b\nab c\nĠ abc\n").encode("abc abc")).containsExactly(5, 6);
    }

    @Test
    void a_byte_outside_the_vocabulary_is_left_out() throws CheckpointException {
        assertThat(tokenizer("a b\n").encode("axb")).containsExactly(7);
    }

    @Test
    void a_long_run_without_a_break_takes_no_quadratic_time() throws CheckpointException {
        var ids = tokenizer("a b\n").encode("ab".repeat(500_000));
        assertThat(ids).hasSize(500_000).containsOnly(7);
    }

    @Test
    void a_rule_that_names_no_token_is_refused_with_its_place() throws Exception {
        assertThatThrownBy(() -> tokenizer("a b\na x\n"))
                .isInstanceOfSatisfying(CheckpointException.class, e -> {
                    assertThat(e.code()).isEqualTo(Code.BAD_TOKENIZER);
                    assertThat(e.problem().file()).isEqualTo("merges.txt");
                    assertThat(e.problem().offset()).isEqualTo(4);
                    assertThat(e.problem().found()).isEqualTo("x");
                });
        assertThatThrownBy(() -> tokenizer("a b c\n"))
                .isInstanceOfSatisfying(CheckpointException.class, e -> assertThat(e.problem().offset()).isZero());
        assertThatThrownBy(() -> tokenizer("a b\nab\n"))
                .isInstanceOfSatisfying(CheckpointException.class, e -> assertThat(e.problem().field())
                        .isEqualTo("line 2"));
    }

    @Test
    void malformed_vocabularies_are_refused() throws Exception {
        for (var text : List.of("", "[]", "{\"a\": 1.5}", "{\"a\": -1}", "{\"a\": 1, \"b\": 1}", "{\"a\": \"1\"}",
                "{\"a\": 99999999999999999999}", "{\"a\": 1, \"a\": 2}", "{\"a\": 1")) {
            assertThatThrownBy(() -> Tokenizers.bytePair(bytes(text), "vocab.json", bytes(""), "merges.txt")).as(text)
                    .isInstanceOfSatisfying(CheckpointException.class, e -> {
                        assertThat(e.code()).isEqualTo(Code.BAD_TOKENIZER);
                        assertThat(e.problem().file()).isEqualTo("vocab.json");
                    });
        }
        assertThatThrownBy(() -> Tokenizers.bytePair(bytes(VOCABULARY), "vocab.json", new byte[]{'a', (byte) 0xC3, ' '},
                "merges.txt")).isInstanceOfSatisfying(CheckpointException.class, e -> {
                    assertThat(e.code()).isEqualTo(Code.BAD_TOKENIZER);
                    assertThat(e.problem().offset()).isEqualTo(1);
                });
    }

    @Test
    void a_huge_id_takes_no_memory() throws CheckpointException {
        var tokenizer = Tokenizers.bytePair(bytes("{\"a\": 2147483646}"), "v", bytes(""), "m");
        assertThat(tokenizer.encode("a")).containsExactly(2147483646);
    }

    @Test
    void text_that_arrives_in_pieces_never_shows_half_a_character() throws Exception {
        var gpt2 = Tokenizers.gpt2();
        var text = "naïve 你好,世界 🙂🇨🇳 end";
        var stream = new TextStream(gpt2);
        var pieces = new ArrayList<String>();
        for (var id : gpt2.encode(text)) {
            pieces.add(stream.next(id));
        }
        pieces.add(stream.end());
        assertThat(String.join("", pieces)).isEqualTo(text);
        assertThat(pieces).noneMatch(p -> p.contains("\uFFFD"));
    }

    @Test
    void a_text_cut_inside_a_character_ends_with_a_replacement() throws Exception {
        var gpt2 = Tokenizers.gpt2();
        var ids = gpt2.encode("🙂");
        var stream = new TextStream(gpt2);
        var text = stream.next(ids[0]) + stream.end();
        assertThat(text).isEqualTo(gpt2.decode(ids[0])).isEqualTo("\uFFFD");
    }

    @Test
    void openais_own_files_equal_the_built_in_tokenizer() throws Exception {
        var folder = realFolder().resolve("openai-gpt2-124M");
        var own = Tokenizers.bytePair(Files.readAllBytes(folder.resolve("encoder.json")), "encoder.json",
                Files.readAllBytes(folder.resolve("vocab.bpe")), "vocab.bpe");
        var builtIn = Tokenizers.gpt2();
        assertThat(own.size()).isEqualTo(50257);
        assertThat(own.endOfText()).isEqualTo(builtIn.endOfText());
        for (int id = 0; id < own.size(); id++) {
            assertThat(own.bytes(id)).as("id %d", id).isEqualTo(builtIn.bytes(id));
        }
        for (var text : Texts.varied(20_000, new Random(5))) {
            var ids = own.encode(text);
            assertThat(ids).as(text).isEqualTo(builtIn.encode(text));
            assertThat(own.decode(ids)).isEqualTo(Utf8.wellFormed(text));
        }
    }

    private static Path realFolder() {
        var folder = System.getProperty("weft.real", "");
        Assumptions.assumeFalse(folder.isBlank(), "no weft.real");
        return Path.of(folder);
    }

    private static Tokenizer tokenizer(String merges) throws CheckpointException {
        return Tokenizers.bytePair(bytes(VOCABULARY), "vocab.json", bytes(merges), "merges.txt");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void openais_ranks_as_a_tiktoken_file_equal_the_built_in_tokenizer() throws Exception {
        var builtIn = Tokenizers.gpt2();
        var lines = new StringBuilder();
        for (int id = 0; id < 50256; id++) {
            lines.append(java.util.Base64.getEncoder().encodeToString(builtIn.bytes(id))).append(' ').append(id)
                    .append('\n');
        }
        var own = Tokenizers.tiktoken(bytes(lines.toString()), "r50k_base.tiktoken");
        assertThat(own.endOfText()).hasValue(50256);
        for (var text : Texts.varied(20_000, new Random(6))) {
            assertThat(own.encode(text)).as(text).isEqualTo(builtIn.encode(text));
        }
    }

    @Test
    void llama_cpps_own_vocabulary_file_equals_the_built_in_tokenizer() throws Exception {
        var file = weft.io.SourceFile.open(realFolder().resolve("gguf/ggml-vocab-gpt-2.gguf"));
        var own = Tokenizers.gguf(file.segment(0, file.size()), file.name());
        assertThat(own).isNotNull();
        assertThat(own.endOfText()).hasValue(50256);
        for (var text : Texts.varied(20_000, new Random(7))) {
            assertThat(own.encode(text)).as(text).isEqualTo(Tokenizers.gpt2().encode(text));
        }
    }

    @Test
    void a_table_of_characters_or_words_takes_the_longest_entry() throws Exception {
        var table = Tokenizers.characterTable(Files.readAllBytes(realFolder().resolve("nanogpt-style/meta.pkl")),
                "meta.pkl");
        assertThat(table.size()).isEqualTo(32);
        assertThat(table.encode("hello world is learning")).containsExactly(10, 0, 31, 0, 13, 0, 15);
        assertThat(table.decode(10, 0, 31)).isEqualTo("hello world");
        assertThatThrownBy(() -> table.encode("hello W")).isInstanceOfSatisfying(CheckpointException.class, e -> {
            assertThat(e.code()).isEqualTo(Code.NOT_IN_VOCABULARY);
            assertThat(e.problem().found()).isEqualTo("W");
        });
    }
}
