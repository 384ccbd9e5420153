package weft.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static weft.cli.Run.FIXTURES;
import static weft.cli.Run.weft;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPInputStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Running a model from the command line: settings, and what is refused in one line before work starts. */
class RunTest {
    private static final Path TINY = FIXTURES.resolve("gpt2-tiny/hf"); // context 20, 61 tokens
    private static final Path LETTERS = FIXTURES.resolve("tokenizers/letters"); // nanoGPT's meta.pkl

    @TempDir
    Path folder;

    private static Run generate(Object... more) {
        var words = new ArrayList<Object>(List.of("generate", TINY, "--tokenizer", LETTERS));
        words.addAll(List.of(more));
        return weft(words.toArray());
    }

    private static void refused(int status, String code, Object... words) {
        var plain = weft(words);
        assertThat(plain.status()).as(plain.out() + plain.err()).isEqualTo(status);
        assertThat(plain.out()).isEmpty();
        assertThat(plain.err().strip().lines()).as(plain.err()).hasSize(1);
        var withJson = Arrays.copyOf(words, words.length + 1);
        withJson[words.length] = "--json";
        var json = weft(withJson);
        assertThat(json.status()).isEqualTo(status);
        assertThat(json.json().get("error.code").text()).isEqualTo(code);
        assertThat(json.json().get("error.message").text()).isNotBlank();
    }

    @Test
    void prompts_and_tokenizers_that_cannot_be_run_are_refused_in_one_line() throws Exception {
        refused(2, "BAD_PROMPT", "generate", TINY, "--tokenizer", LETTERS, "--prompt", "");
        refused(2, "BAD_PROMPT", "generate", TINY, "--tokenizer", LETTERS, "--prompt", "a".repeat(21));
        refused(2, "NOT_IN_VOCABULARY", "generate", TINY, "--tokenizer", LETTERS, "--prompt", "caf\u00e9");
        refused(2, "ID_RANGE", "logits", TINY, "--ids", "3,61");
        refused(2, "BAD_PROMPT", "logits", TINY, "--ids", "1,".repeat(20) + "1");
        var other = folder.resolve("tokenizer.json");
        try (var in = new GZIPInputStream(Files.newInputStream(FIXTURES.resolve("tokenizers/gpt4o.json.gz")))) {
            Files.write(other, in.readAllBytes());
        }
        refused(3, "VOCABULARY_TOO_LARGE", "generate", TINY, "--tokenizer", other, "--prompt", "a");
        Files.writeString(folder.resolve("short.txt"), "a");
        refused(2, "BAD_PROMPT", "loss", TINY, "--tokenizer", LETTERS, "--text", folder.resolve("short.txt"));
        Files.writeString(folder.resolve("empty.txt"), "");
        refused(2, "BAD_PROMPT", "loss", TINY, "--tokenizer", LETTERS, "--text", folder.resolve("empty.txt"));
        Files.writeString(other, "{}");
        refused(3, "BAD_TOKENIZER", "generate", TINY, "--tokenizer", other, "--prompt", "a");
    }

    /** A copy of the model with some bytes of its file replaced; the same number of them. */
    private Path with(String text, byte[] replacement, int shift) throws Exception {
        Files.copy(TINY.resolve("config.json"), folder.resolve("config.json"));
        var bytes = Files.readAllBytes(TINY.resolve("model.safetensors"));
        int at = new String(bytes, StandardCharsets.ISO_8859_1).indexOf(text) + shift;
        assertThat(at).isGreaterThan(shift - 1).isPositive();
        System.arraycopy(replacement, 0, bytes, at, replacement.length);
        Files.write(folder.resolve("model.safetensors"), bytes);
        return folder;
    }

    @Test
    void a_weight_that_is_not_a_number_is_refused_by_name() throws Exception {
        var bytes = Files.readAllBytes(TINY.resolve("model.safetensors"));
        int header = 8 + java.nio.ByteBuffer.wrap(bytes).order(java.nio.ByteOrder.LITTLE_ENDIAN).getInt();
        with("{", new byte[]{0, 0, (byte) 0xC0, 0x7F}, header - 8 + 400);
        refused(3, "NOT_FINITE", "generate", folder, "--tokenizer", LETTERS, "--prompt", "a");
    }

    @Test
    void a_model_that_lacks_a_parameter_is_refused_before_it_runs() throws Exception {
        var run = weft("generate", with("h.1.ln_2.weight", "h.1.ln_9.weight".getBytes(StandardCharsets.US_ASCII), 0),
                "--tokenizer", LETTERS, "--prompt", "a", "--json");
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.out()).contains("block.1.norm2.weight").doesNotContain("tokensPerSecond");
    }

    @Test
    void the_same_seed_gives_the_same_text_and_sampling_says_whose_it_is() {
        var first = generate("--textbook", "--json");
        assertThat(first.status()).as(first.err()).isEqualTo(2); // 22 letters, context 20
        var options = new Object[]{"--prompt", "Every effort moves", "--temperature", "1.4", "--top-k", "25", "--top-p",
            "0.9", "--repetition-penalty", "1.2", "--ignore-eos", "--seed", "7", "--json"};
        var one = generate(options);
        var two = generate(options);
        assertThat(one.status()).as(one.err()).isZero();
        assertThat(one.json().get("text").text()).isEqualTo(two.json().get("text").text());
        assertThat(one.json().get("ids").list()).hasSize(40); // beyond the context
        assertThat(one.json().get("note").text()).contains("not torch's");
        options[options.length - 2] = "8";
        assertThat(generate(options).json().get("text").text()).isNotEqualTo(one.json().get("text").text());
        var greedy = generate("--prompt", "a", "--json");
        assertThat(greedy.json().keys()).doesNotContain("note");
        assertThat(generate("--prompt", "a", "--top-k", "5", "--lang", "en").err()).contains("--top-k");
        var words = generate("--prompt", "a", "--temperature", "1", "--lang", "zh");
        assertThat(words.err()).contains("不是 torch 的");
        assertThat(generate("--prompt", "a", "--repetition-penalty", "0").status()).isEqualTo(2);
        assertThat(generate().status()).isEqualTo(2);
    }

    @Test
    void the_loss_comes_token_by_token_too() throws Exception {
        Files.writeString(folder.resolve("text.txt"), "the weft crosses the warp, and the warp holds it");
        var run = weft("loss", TINY, "--tokenizer", LETTERS, "--text", folder.resolve("text.txt"), "--json");
        assertThat(run.status()).as(run.err()).isZero();
        var each = run.json().get("nll").reals();
        assertThat(each).hasSize(47).hasSize((int) run.json().get("tokens").whole());
        assertThat(Arrays.stream(each).average().orElseThrow()).isCloseTo(run.json().get("loss").real(),
                org.assertj.core.data.Offset.offset(1e-12));
        assertThat(Math.log(run.json().get("perplexity").real())).isCloseTo(run.json().get("loss").real(),
                org.assertj.core.data.Offset.offset(1e-9));
    }

    @Test
    void a_size_beyond_reason_in_a_configuration_is_named(@TempDir Path folder) throws Exception {
        var model = FIXTURES.resolve("llama-line/mistral");
        try (var files = Files.list(model)) {
            for (var file : files.toList()) {
                Files.copy(file, folder.resolve(file.getFileName()));
            }
        }
        var config = folder.resolve("config.json");
        for (var key : new String[]{"max_position_embeddings", "sliding_window"}) {
            Files.writeString(config, Files.readString(model.resolve("config.json"))
                    .replaceFirst("\"" + key + "\": *[0-9]+", "\"" + key + "\": 4611686018427387904"));
            var run = weft("logits", folder, "--ids", "1,2", "--json");
            assertThat(run.status()).as(run.out() + run.err()).isEqualTo(3);
            assertThat(run.json().get("error.code").text()).isEqualTo("BAD_CONFIG");
        }
    }

    /** Phi-4 mini turns three quarters of each head. */
    @Test
    void heads_that_are_turned_in_part_are_refused_and_not_computed_wrongly(@TempDir Path folder) throws Exception {
        var model = FIXTURES.resolve("llama-line/phi3");
        Files.copy(model.resolve("model.safetensors"), folder.resolve("model.safetensors"));
        for (var said : List.of("1.0", "0.75")) {
            var config = Files.readString(model.resolve("config.json"));
            assertThat(config).contains("\"partial_rotary_factor\": 1.0");
            Files.writeString(folder.resolve("config.json"),
                    config.replace("\"partial_rotary_factor\": 1.0", "\"partial_rotary_factor\": " + said));
            var run = weft("logits", folder, "--ids", "1,2", "--json");
            assertThat(run.status()).as(run.out() + run.err()).isEqualTo(said.equals("1.0") ? 0 : 3);
            if (!said.equals("1.0")) {
                assertThat(run.json().get("error.code").text()).isEqualTo("BAD_CONFIG");
                assertThat(run.json().get("error.field").text()).isEqualTo("partial_rotary_factor");
                assertThat(run.json().get("error.found").text()).isEqualTo(said);
            }
        }
    }

    @Test
    void two_files_of_another_make_than_gpt2s_are_not_taken_for_them(@TempDir Path folder) throws Exception {
        for (var file : new String[]{"config.json", "model.safetensors"}) {
            Files.copy(FIXTURES.resolve("gpt2-tiny/hf").resolve(file), folder.resolve(file));
        }
        Files.writeString(folder.resolve("vocab.json"), "{\"a\": 0}");
        Files.writeString(folder.resolve("merges.txt"), "#version: 0.2\n");
        for (var make : List.of("Qwen2Tokenizer", "GPT2TokenizerFast")) {
            Files.writeString(folder.resolve("tokenizer_config.json"), "{\"tokenizer_class\": \"" + make + "\"}");
            var run = weft("generate", folder, "--prompt", "a", "--max-new-tokens", "1");
            assertThat(run.status()).as(run.err()).isEqualTo(make.startsWith("Qwen") ? 3 : 0);
            assertThat(run.err().contains("tokenizer.json is needed")).isEqualTo(make.startsWith("Qwen"));
        }
    }
}
