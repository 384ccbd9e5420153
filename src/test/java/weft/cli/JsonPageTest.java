package weft.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static weft.cli.Run.FIXTURES;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every key that stands on the page of JSON keys is printed by some command, and none is printed that doesn't stand there. */
class JsonPageTest {
    private static final Path HF = FIXTURES.resolve("gpt2-tiny/hf");
    private static final Path TF = FIXTURES.resolve("gpt2-tiny/openai-tf");
    private static final Path LETTERS = FIXTURES.resolve("tokenizers/letters");
    private static final Path SAMPLE = Path.of("src/samples/shipped/hf");

    @TempDir
    Path folder;

    private final Map<String, Set<String>> printed = new TreeMap<>();

    private void run(Object... words) throws Exception {
        var all = new ArrayList<>(List.of(words));
        all.add("--json");
        JsonPage.check(words[0].toString(), Run.weft(all.toArray()).json().value(), printed);
    }

    @Test
    void the_page_has_the_keys_that_are_printed_and_no_others() throws Exception {
        var text = Files.writeString(folder.resolve("text.txt"), "the weft crosses the warp");
        run("inspect", HF, "--stats");
        run("inspect", FIXTURES.resolve("gpt2-tiny/nanogpt/ckpt.pt"));
        run("inspect", FIXTURES.resolve("gpt2-tiny/nanogpt/ckpt.pt"), "--instructions");
        var cut = Files.readAllBytes(HF.resolve("model.safetensors"));
        run("inspect", Files.write(folder.resolve("cut.safetensors"), java.util.Arrays.copyOf(cut, cut.length - 999)));
        run("diff", TF, "--target", "gpt2/scratch-split");
        run("diff", TF, "--target", "gpt2/scratch-split@355M");
        run("diff", FIXTURES.resolve("gpt2-tiny/hf-hub"), "--target", "gpt2/hf");
        var vocabulary = FIXTURES.resolve("vocabulary");
        run("diff", vocabulary.resolve("base"), "--target", vocabulary.resolve("plus1"));
        run("diff", vocabulary.resolve("padded"), "--target", vocabulary.resolve("base"));
        run("diff", vocabulary.resolve("zero"), "--target", vocabulary.resolve("base"));
        var unknown = FIXTURES.resolve("unknown");
        run("suggest", unknown.resolve("encoder/source.safetensors"), "--target", unknown.resolve("encoder.txt"));
        run("suggest", unknown.resolve("encoder/target.safetensors"), "--target",
                unknown.resolve("encoder/source.safetensors"));
        run("suggest", unknown.resolve("keras/source.keras"), "--target",
                unknown.resolve("scanned/target.safetensors"));
        run("suggest", TF, "--target", "gpt2/scratch-split");
        run("diff", SAMPLE, "--target", Path.of("src/samples/shipped/scratch-split"), "--prove");
        var wrong = Files.writeString(folder.resolve("wrong.weft"),
                "model/wte : split 2 @0 => tok_emb.weight, other.weight\nmodel/wpe : rearrange \"a b c -> c a b\" => pos_emb.weight\n");
        run("diff", TF, "--target", "gpt2/scratch-split", "--rules", wrong);
        run("suggest", TF, "--target", "gpt2/scratch-split", "--rules", wrong);
        run("convert", TF, "--target", "gpt2/hf", "--dtype", "float16", "-o", folder.resolve("a.pt"));
        run("convert", TF, "--target", "gpt2/hf", "--only", "wpe", "-o", folder.resolve("b.pt"));
        run("convert", TF, "--target", "gpt2/hf@355M", "-o", folder.resolve("c.pt"));
        run("convert", TF, "--target", "gpt2/scratch-split,qkv_bias=false", "-o", folder.resolve("c.pt"));
        run("convert", TF, "--rules", wrong, "-o", folder.resolve("c.pt"));
        var otherwise = "transformer.h.0.attn.c_attn.";
        run("convert", SAMPLE, "--target", "gpt2/hf", "--rules", Files.writeString(folder.resolve("layer.weft"),
                otherwise + "weight : split 3 @1 | concat @1 [2, 1, 0] => " + otherwise + "weight\n" + otherwise
                        + "bias : split 3 @0 | concat @0 [2, 1, 0] => " + otherwise + "bias\n"),
                "-o", folder.resolve("layer") + "/");
        run("diff", folder.resolve("layer"), "--target", "gpt2/hf", "--prove");
        run("generate", HF, "--tokenizer", LETTERS, "--prompt", "a", "--temperature", "1", "--max-new-tokens", "1");
        run("logits", HF, "--tokenizer", LETTERS, "--ids", "1,2");
        run("loss", HF, "--tokenizer", LETTERS, "--text", text);
        run("verify", HF, TF);
        var log = Files.readString(FIXTURES.resolve("logs/torch-linear.txt"));
        run("explain", Files.writeString(folder.resolve("log.txt"), "ignore_mismatched_sizes=True\n"
                + log.substring(0, log.lastIndexOf("size mismatch for") + 40)));
        run("explain", FIXTURES.resolve("logs/torch-bigger.txt"));
        run("export", TF, "--target", "gpt2/hf", "--as", "torch");
        run("report", TF, "--target", "gpt2/hf", "-o", folder.resolve("report.html"));
        Files.writeString(Files.createDirectory(folder.resolve(".~left.part")).resolve("left"), "half");
        run("repair", folder);
        var missing = new TreeMap<String, Set<String>>();
        JsonPage.sections().forEach((section, keys) -> {
            var never = new TreeSet<>(keys.keySet());
            never.removeAll(printed.getOrDefault(section, Set.of()));
            if (!never.isEmpty()) {
                missing.put(section, never);
            }
        });
        assertThat(missing).isEmpty();
    }
}
