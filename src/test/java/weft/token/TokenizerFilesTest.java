package weft.token;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

import weft.format.Formats;
import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Json;
import weft.io.Progress;

/**
 * Tokenizers of every kind, made by Hugging Face's tokenizers, sentencepiece and tiktoken, and what those libraries
 * make of 30,000 strings (make_tokenizers.py).
 */
class TokenizerFilesTest {
    private static final Path ROOT = Path.of("src/test/resources/fixtures/tokenizers");
    /** Blocks of strings that every build looks at. */
    private static final int USUAL = 8;
    private static final JsonNode EXPECTED = json("expected.json");
    private static final int BLOCK = json("pieces.json").get("block").asInt();
    private static final List<String> STRINGS = strings();

    private static JsonNode json(String name) {
        try {
            return Json.parse(Files.readString(ROOT.resolve(name)), name);
        } catch (IOException | CheckpointException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The generator of make_tokenizers.py, draw for draw. */
    private static List<String> strings() {
        var pieces = json("pieces.json");
        var words = pieces.get("words").valueStream().map(JsonNode::asString).toList();
        var gaps = pieces.get("gaps").valueStream().map(JsonNode::asString).toList();
        var blocks = pieces.get("blocks");
        var draw = new Object() {
            private long state = pieces.get("seed").asLong();

            int below(int n) {
                state = state * 6364136223846793005L + 1442695040888963407L;
                return (int) ((state >>> 33) % n);
            }
        };
        var strings = new ArrayList<String>();
        for (int i = 0; i < pieces.get("count").asInt(); i++) {
            var text = new StringBuilder();
            if (i % 5 < 3) {
                for (int n = 1 + draw.below(9); n > 0; n--) {
                    text.append(words.get(draw.below(words.size()))).append(gaps.get(draw.below(gaps.size())));
                }
            } else if (i % 5 == 3) {
                var block = blocks.get(draw.below(blocks.size()));
                int first = block.get(0).asInt();
                int size = block.get(1).asInt() - first + 1;
                for (int n = 1 + draw.below(16); n > 0; n--) {
                    if (draw.below(7) != 0) {
                        text.appendCodePoint(first + draw.below(size));
                    } else {
                        text.append(gaps.get(draw.below(gaps.size())));
                    }
                }
            } else {
                var word = words.get(draw.below(words.size()));
                text.append(word.repeat(1 + draw.below(6)));
                var gap = gaps.get(draw.below(gaps.size()));
                text.append(gap.repeat(1 + draw.below(5))).append(words.get(draw.below(words.size())));
            }
            strings.add(text.toString());
        }
        return strings;
    }

    static byte[] file(String name) throws IOException {
        try (var in = new GZIPInputStream(new ByteArrayInputStream(Files.readAllBytes(ROOT.resolve(name + ".gz"))))) {
            return in.readAllBytes();
        }
    }

    static Tokenizer tokenizer(String name) throws Exception {
        if (name.startsWith("gguf-")) {
            return Objects.requireNonNull(Tokenizers.gguf(MemorySegment.ofArray(file(name + ".gguf")), name));
        }
        if (name.startsWith("spm-")) { return Tokenizers.tokenizerModel(file(name + ".model"), name); }
        return name.equals("cl100k")
                ? Tokenizers.tokenizerModel(file("cl100k.tiktoken"), name) // as Llama 3's: the content tells
                : Tokenizers.tokenizerJson(file(name + ".json"), name);
    }

    static Stream<String> names() {
        return EXPECTED.propertyNames().stream();
    }

    @ParameterizedTest
    @MethodSource("names")
    void it_equals_the_library_on_thousands_of_strings(String name) throws Exception {
        check(name, USUAL);
    }

    @Tag("long")
    @ParameterizedTest
    @MethodSource("names")
    void it_equals_the_library_on_tens_of_thousands_of_strings(String name) throws Exception {
        check(name, Integer.MAX_VALUE);
    }

    private static void check(String name, int most) throws Exception {
        var tokenizer = tokenizer(name);
        var expected = EXPECTED.get(name);
        assertThat(tokenizer.start())
                .isEqualTo(expected.get("start").valueStream().mapToInt(JsonNode::asInt).toArray());
        int block = 0;
        for (var row : expected.get("blocks")) {
            if (block == most) { return; }
            var strings = STRINGS.subList(BLOCK * block, BLOCK * (block + 1));
            long ids = 0xcbf29ce484222325L;
            long texts = ids;
            for (var text : strings) {
                var encoded = tokenizer.encode(text);
                var bytes = ByteBuffer.allocate(4 * encoded.length + 4).order(ByteOrder.LITTLE_ENDIAN);
                for (var id : encoded) {
                    bytes.putInt(id);
                }
                ids = fnv(ids, bytes.putInt(-1).array());
                texts = fnv(fnv(texts, tokenizer.decode(encoded).getBytes(StandardCharsets.UTF_8)),
                        new byte[]{(byte) 0xFF});
            }
            assertThat(String.format("%016x %016x", ids, texts))
                    .as("strings %d to %d", BLOCK * block, BLOCK * (block + 1) - 1)
                    .isEqualTo(row.asString());
            block++;
        }
        assertThat(block * BLOCK).isEqualTo(30_000);
    }

    private static long fnv(long hash, byte[] bytes) {
        for (var b : bytes) {
            hash = (hash ^ b & 0xFF) * 0x100000001b3L;
        }
        return hash;
    }

    @Test
    void the_generator_gives_the_strings_of_the_script() {
        assertThat(STRINGS).hasSize(30_000);
        assertThat(STRINGS.get(294)).isEqualTo("café".repeat(6) + "\r\nzzz");
    }

    @Test
    void a_damaged_file_is_refused_and_never_hangs() throws Exception {
        var random = new java.util.Random(1);
        for (var name : List.of("spm-llama", "spm-rules", "gguf-llama", "gguf-gpt2", "cl100k", "t5", "llama")) {
            var good = file(name + (name.startsWith("gguf")
                    ? ".gguf"
                    : name.startsWith("spm") ? ".model" : name.equals("cl100k") ? ".tiktoken" : ".json"));
            for (int round = 0; round < 60; round++) {
                var bad = round % 2 == 0
                        ? java.util.Arrays.copyOf(good, random.nextInt(good.length))
                        : good.clone();
                for (int i = 0; round % 2 == 1 && i < 1 + round / 10; i++) {
                    bad[random.nextInt(bad.length)] = (byte) random.nextInt(256);
                }
                try {
                    var read = switch (name) {
                        case "gguf-llama", "gguf-gpt2" -> Tokenizers.gguf(MemorySegment.ofArray(bad), name);
                        case "spm-llama", "spm-rules", "cl100k" -> Tokenizers.tokenizerModel(bad, name);
                        default -> Tokenizers.tokenizerJson(bad, name);
                    };
                    if (read != null) {
                        assertThat(read.decode(read.encode("Every effort moves you, 世界 🙂"))).isNotNull();
                    }
                } catch (CheckpointException e) {
                    assertThat(e.code()).as("%s, round %d", name, round).isIn(Code.BAD_TOKENIZER,
                            Code.NOT_IN_VOCABULARY);
                }
            }
        }
    }

    @Test
    void an_expression_that_explodes_is_stopped() throws Exception {
        var exploding = new String(file("gpt4o.json"), StandardCharsets.UTF_8).replaceFirst(
                "\"Regex\":\"(?:[^\"\\\\]|\\\\.)*\"", "\"Regex\":\"(\\\\\\\\w+\\\\\\\\w+)+!\"");
        assertThat(exploding).contains("+)+!");
        var tokenizer = Tokenizers.tokenizerJson(exploding.getBytes(StandardCharsets.UTF_8), "tokenizer.json");
        org.assertj.core.api.Assertions.assertThatThrownBy(() -> tokenizer.encode("a".repeat(5000)))
                .isInstanceOfSatisfying(CheckpointException.class, e -> {
                    assertThat(e.code()).isEqualTo(Code.BAD_TOKENIZER);
                    assertThat(e.problem().found()).isEqualTo("too many steps");
                });
        assertThat(tokenizer.encode("ab!")).isNotEmpty();
    }

    @Test
    void a_long_text_without_a_break_takes_no_quadratic_time() throws Exception {
        for (var name : List.of("llama", "t5", "spm-llama", "spm-unigram", "cl100k", "gpt4o", "bert", "deepseek")) {
            var tokenizer = tokenizer(name);
            var text = "ab".repeat(60_000);
            assertThat(tokenizer.decode(tokenizer.encode(text)).strip()).as(name)
                    .satisfies(t -> assertThat(t.equals(text) || t.equals("[UNK]")).isTrue());
        }
    }

    @Test
    void a_token_goes_on_with_a_text_where_a_text_would_begin_without_its_space() throws Exception {
        for (var name : List.of("llama", "t5", "spm-llama", "gguf-llama")) {
            var tokenizer = tokenizer(name);
            var ids = tokenizer.encode("hello world");
            var stream = new TextStream(tokenizer);
            var text = new StringBuilder();
            for (var id : ids) {
                text.append(stream.next(id));
            }
            assertThat(text.append(stream.end()).toString()).as(name).isEqualTo(" hello world");
            assertThat(tokenizer.decode(ids)).as(name).isEqualTo("hello world");
        }
    }

    /** The other half of the way is held by the files that the gguf package wrote. */
    @Test
    void what_is_written_into_a_gguf_file_gives_the_same_ids(@TempDir Path folder) throws Exception {
        var written = new ArrayList<String>();
        for (var name : names().toList()) {
            var tokenizer = tokenizer(name);
            int rows = tokenizer.size() + 3;
            var metadata = Tokenizers.ggufMetadata(tokenizer, rows);
            if (metadata.isEmpty()) {
                continue;
            }
            written.add(name);
            assertThat(Tokenizers.ggufMetadata(tokenizer, tokenizer.size() - 1)).as("more ids than rows").isEmpty();
            assertThat((List<?>) metadata.get("tokenizer.ggml.tokens")).hasSize(rows).last()
                    .isEqualTo("[PAD" + (rows - 1) + "]");
            var file = folder.resolve(name + ".gguf");
            Formats.byId("gguf").orElseThrow().writer().orElseThrow().write(file, List.of(), metadata, false,
                    Progress.NONE);
            var back = Objects.requireNonNull(
                    Tokenizers.gguf(MemorySegment.ofArray(Files.readAllBytes(file)), file.toString()));
            for (var text : STRINGS.subList(0, 2000)) {
                assertThat(back.encode(text)).as(text).isEqualTo(tokenizer.encode(text));
            }
            assertThat(back.start()).isEqualTo(tokenizer.start());
            assertThat(back.endOfText()).isEqualTo(tokenizer.endOfText());
        }
        assertThat(written).containsExactlyInAnyOrder("gpt4o", "gguf-gpt2", "gguf-llama", "spm-llama");
    }
}
