package weft.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A stranger's rule file at the command line: a sentence in either language, nothing written, the source untouched. */
class BadRulesTest {
    private static final Path SOURCE = Run.FIXTURES.resolve("gpt2-tiny/hf");

    @TempDir
    Path folder;

    static Stream<Arguments> a_bad_rule_file_ends_in_a_sentence() {
        return Map.<String, List<String>>ofEntries(
                Map.entry("w\u0000 => x", List.of()),
                Map.entry("{\"weft\": 1, \"rules\": [], \"run\": \"rm\"}", List.of("run")),
                Map.entry("{\"weft\": 1, \"rules\": " + "[".repeat(9_000) + "]".repeat(9_000) + "}", List.of()),
                Map.entry("transformer.wte.weight => tok_emb.weight\ntransformer.wpe.weight => tok_emb.weight",
                        List.of("2", "tok_emb.weight")),
                Map.entry("transformer.wte.weight : split 2 @7 => tok_emb.weight, pos_emb.weight",
                        List.of("1", "tok_emb.weight", "[61, 24]")),
                Map.entry("transformer.wte.weight : pad @0 to 9*900000000000000000 zero => tok_emb.weight",
                        List.of("1", "tok_emb.weight")),
                Map.entry("\"re:(.*a){12}(?<i>[0-9])\" => trf_blocks.{i}.norm1.scale", List.of("1")),
                Map.entry("\"re:w" + "(|)".repeat(60) + "a\" => tok_emb.weight", List.of()),
                Map.entry("tok_emb.weight =tie copy=> out_head.weight\nout_head.weight =tie copy=> tok_emb.weight",
                        List.of("1", "out_head.weight")),
                Map.entry("nothing.{i} => trf_blocks.{i}.norm1.scale", List.of("1", "nothing.0")))
                .entrySet().stream().map(e -> Arguments.of(e.getKey(), e.getValue()));
    }

    @ParameterizedTest
    @MethodSource
    void a_bad_rule_file_ends_in_a_sentence(String rules, List<String> named) throws Exception {
        var file = folder.resolve(rules.startsWith("{") ? "rules.json" : "rules.weft");
        Files.writeString(file, rules);
        var before = Files.readAllBytes(SOURCE.resolve("model.safetensors"));
        for (var language : List.of("en", "zh")) {
            var out = folder.resolve("out.safetensors");
            var run = Run.weft("convert", SOURCE, "--target", "gpt2/scratch-split", "--rules", file, "-o", out,
                    "--lang",
                    language);
            var diff = Run.weft("diff", SOURCE, "--target", "gpt2/scratch-split", "--rules", file, "--lang", language);
            for (var each : List.of(run, diff)) {
                var said = each.out() + each.err();
                assertThat(each.status()).as(said).isBetween(1, 3);
                assertThat(said).doesNotContain("Exception").doesNotContain("\tat ").isNotBlank();
            }
            // What it is about: by its own words, and in the language asked for.
            for (var word : named) {
                assertThat(run.out() + run.err()).contains(word);
                assertThat(diff.out() + diff.err()).contains(word);
            }
            assertThat((run.err() + diff.out() + diff.err()).chars().anyMatch(c -> c > 0x4E00 && c < 0x9FFF))
                    .isEqualTo(language.equals("zh"));
            assertThat(out).doesNotExist();
        }
        assertThat(Arrays.equals(Files.readAllBytes(SOURCE.resolve("model.safetensors")), before)).isTrue();
    }
}
