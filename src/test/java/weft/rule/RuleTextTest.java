package weft.rule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.name.Pattern;

class RuleTextTest {
    private static final String GPT2 = """
            {"weft": 1, "name": "OpenAI GPT-2 to GPTModel",
             "source": {"dialect": "gpt2/openai-tf"},
             "target": {"dialect": "gpt2/scratch-split", "dims": {"n_layer": 12, "n_embd": 768}},
             "others": "drop",
             "rules": [
              {"from": "model/wte", "to": "tok_emb.weight"},
              {"from": "model/h{i}/attn/c_attn/w",
               "ops": [{"rearrange": "1 d (q o) -> (q o) d", "q": 3}, {"split": 3, "axis": 0}],
               "to": ["trf_blocks.{i}.att.W_query.weight", "trf_blocks.{i}.att.W_key.weight", "trf_blocks.{i}.att.W_value.weight"]},
              {"tie": "tok_emb.weight", "to": "out_head.weight", "write": "copy"}],
             "provenance": {"weft": "1.0", "sourceSha256": "…"}}
            """;

    private static final String GPT2_ARROWS = """
            @name "OpenAI GPT-2 to GPTModel"
            @source gpt2/openai-tf
            @target gpt2/scratch-split
            @dims n_layer=12 n_embd=768
            @provenance {"weft": "1.0", "sourceSha256": "…"}

            model/wte => tok_emb.weight
            model/h{i}/attn/c_attn/w : rearrange "1 d (q o) -> (q o) d" q=3 | split 3 @0 => \
            trf_blocks.{i}.att.W_query.weight, trf_blocks.{i}.att.W_key.weight, trf_blocks.{i}.att.W_value.weight
            tok_emb.weight =tie copy=> out_head.weight
            """;

    @Test
    void prints_json_as_the_specification_does() throws CheckpointException {
        assertThat(RuleJson.print(RuleJson.read(GPT2, "r.json"))).isEqualTo(GPT2);
    }

    @Test
    void json_and_arrow_text_say_the_same() throws CheckpointException {
        var rules = RuleFile.read(GPT2.getBytes(StandardCharsets.UTF_8), "r");
        assertThat(ArrowText.print(rules)).isEqualTo(GPT2_ARROWS);
        assertThat(RuleFile.read(GPT2_ARROWS.getBytes(StandardCharsets.UTF_8), "r")).isEqualTo(rules);
    }

    @ParameterizedTest
    @ValueSource(strings = {
            "model/h{i}/ln_{n:1|2}/g => trf_blocks.{i}.norm{n}.scale",
            "tok_emb.weight =tie omit=> out_head.weight",
            "Adam/{rest**} =drop optimizer=> _",
            "Adam/{rest**} =drop \"not needed\"=> _",
            "_ =init causal-mask=> trf_blocks.{i}.att.mask",
            "_ =init zeros=> b",
            "_ =init const(0.5)=> b",
            "_ =init normal(42)=> b",
            "_ =init normal(-7, 1.0E-5)=> b",
            "_ =keep=> b",
            "dense/kernel:0 => dense.weight",
            "\"dense kernel\" => \"_\"",
            "adapter:a.{i} => b.{i}",
            "adapter:\"a b\" => c",
            "\"adapter:0:x\" => c",
            "a, adapter:b : concat @1 [1, 0] => c, (d : cast f16)",
            "a : split [h*k, (g+1)*k, n/2] @1 => b, c, d",
            "a : cast bf16 => b"})
    void prints_a_rule_as_it_was_read(String line) throws CheckpointException {
        var rule = ArrowText.rule(line);
        // An alias-like beginning followed by a digit is part of the name and needs no quotes.
        assertThat(ArrowText.print(rule)).isEqualTo(line.replace("\"adapter:0:x\"", "adapter:0:x"));
        var json = RuleJson.print(RuleSet.of(List.of(rule)));
        assertThat(RuleJson.read(json, "r").rules()).containsExactly(rule);
    }
}
