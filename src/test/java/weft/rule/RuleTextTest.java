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
        "tok_emb.weight =tie copy assert equal=> out_head.weight",
        "wte =assert shape [v, 2*d]=> _",
        "_ =assert shape []=> b",
        "h.{i}.w =assert dim @0 n_embd=> _",
        "_ =assert next [15496, 995] 11=> _",
        "\"re:h\\\\.(?<i>[0-9]+)\\\\.w\" => b.{i}",
        "h.{i}.w => b.{i+1}",
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

    @ParameterizedTest
    @CsvSource(delimiter = ';', quoteCharacter = '\0', value = {
        // line; column; length; found; expected
        "a b => c; 3; 1; b; : | , | =>",
        "a =>; 5; 1; ''; name",
        "=> b; 1; 2; =>; name",
        "_ => b; 1; 2; _ ; name",
        "a => b c; 8; 1; c; , | end of line",
        "a =tie move=> b; 8; 4; move; copy | omit | alias",
        "a =glue=> b; 3; 5; =glue; => | =tie | =init | =keep | =drop",
        "a : spilt 3 @0 => b; 5; 5; spilt; rearrange",
        "a : split 3 => b; 5; 5; split; split … @axis",
        "a : split x @0 => b; 11; 1; x; parts",
        "a : split 3 @0 @1 => b; 16; 2; @1; |",
        "a : split [1, @0 => b; 11; 11; [1, @0 => b; ]",
        "a : concat @0 [0, 2] => b; 15; 6; [0, 2]; [order]",
        "a : cast i8 => b; 10; 2; i8; dtype",
        "a : rearrange \"a b -> b\" => b; 15; 10; \"a b -> b\"; \"a b -> b a\"",
        "a : rearrange \"a b => b; 15; 9; \"a b => b; \"",
        "a : rearrange \"(a b) -> b a\" a=2% => b; 30; 4; a=2%; size",
        "(a : split 3 @0 => b; 17; 2; =>; )",
        "(a) => b; 3; 1; ); :",
        "a{i => b; 2; 2; {i; {i} | {n:1|2} | {x} | {rest**}",
        "\"a{i\" => b; 1; 5; \"a{i\"; {i} | {n:1|2} | {x} | {rest**}",
        "a(b) => c; 2; 1; (; \"name\"",
        "a => adapter:b; 6; 9; adapter:b; name",
        "a => re:b; 6; 4; re:b; name",
        "a =drop x=> b; 13; 1; b; _",
        "a =init zeros=> b; 1; 2; a ; _",
        "_ =init fog=> b; 9; 3; fog; zeros | ones | const | normal | causal-mask",
        "_ =init const(x)=> b; 9; 8; const(x); zeros",
        "a : take @0 [2..1] => b; 13; 6; [2..1]; [ids]",
        "a : take @0 [0..99999999] => b; 13; 13; [0..99999999]; [ids]",
        "a : pad @0 12 zero => b; 5; 3; pad; pad @axis to | multiple",
        "a : pad @0 to 12 fog => b; 18; 3; fog; zero | mean",
        "a : affine mul=1e999 => b; 12; 9; mul=1e999; number",
        "a : combine lora r=2 => b; 5; 7; combine; combine alpha=",
        "a =tie copy assert=> b; 19; 2; =>; equal",
        "a =assert fog [1]=> _; 11; 3; fog; shape [sizes]",
        "a =assert shape 3=> _; 11; 7; shape 3; shape [sizes]",
        "a =assert next [1] 2=> _; 11; 14; next [1] 2=> _; shape [sizes]",
        "a =assert dim x=> _; 11; 5; dim x; shape [sizes]",
        "a : take @0 tokenMap [0:1, 2:3] => b; 22; 10; [0:1, 2:3]; [new:old]",
        "@colour red; 1; 7; @colour; @name",
        "@dims a=b; 7; 3; a=b; name=size",
        "@others keep; 9; 4; keep; copy | drop",
        "@target a b; 11; 1; b; end of line",
        "@provenance [1]; 13; 3; [1]; {JSON}"})
    void underlines_what_it_cannot_read(String line, int column, int length, String found, String expected) {
        var text = "# before\r\n\u00e9 => \u00e9\n" + line + "\nx => y";
        var reading = ArrowText.parse(text);
        assertThat(reading.errors()).hasSize(1);
        var error = reading.errors().getFirst();
        assertThat(error.line()).isEqualTo(3);
        assertThat(error.column()).isEqualTo(column);
        assertThat(error.length()).isEqualTo(length);
        assertThat(error.found()).isEqualTo(found.equals("''")
                ? ""
                : found.equals("_") || found.equals("a")
                        ? text.substring(error.offset(), error.offset() + length)
                        : found);
        assertThat(error.expected()).startsWith(expected);
        assertThat(text.substring(error.offset()).startsWith(error.found())).isTrue();
        // The other lines are read all the same, and know where they stand.
        assertThat(reading.rules().rules()).hasSize(2);
        assertThat(reading.lines()).extracting(ArrowText.Line::line).containsExactly(2, 4);
        var problem = catchThrowableOfType(CheckpointException.class, () -> ArrowText.read(text, "r.weft")).problem();
        assertThat(problem.code()).isEqualTo(Code.BAD_RULES);
        assertThat(problem.file()).isEqualTo("r.weft");
        assertThat(problem.field()).isEqualTo("3:" + column);
        assertThat(problem.offset()).isEqualTo(error.offset());
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', quoteCharacter = '\0', value = {
        "{}; {}; weft",
        "{'weft': 2, 'rules': []}; weft; 1",
        "{'weft': 1}; {}; rules",
        "{'weft': 1, 'rules': [], 'colour': 1}; colour; weft",
        "{'weft': 1, 'rules': {}}; rules; [",
        "{'weft': 1, 'rules': [1]}; rules[0]; {",
        "{'weft': 1, 'rules': [{}]}; rules[0]; from",
        "{'weft': 1, 'rules': [{'move': 'a'}]}; rules[0].move; from",
        "{'weft': 1, 'rules': [{'from': 'a'}]}; rules[0]; to",
        "{'weft': 1, 'rules': [{'from': 'a', 'to': 'b', 'colour': 1}]}; rules[0].colour; from",
        "{'weft': 1, 'rules': [{'from': [], 'to': 'b'}]}; rules[0].from; name",
        "{'weft': 1, 'rules': [{'from': 'a{i', 'to': 'b'}]}; rules[0].from; {i}",
        "{'weft': 1, 'rules': [{'from': 'a', 'to': {'name': 'b', 'source': 'x'}}]}; rules[0].to; name",
        "{'weft': 1, 'rules': [{'from': {'name': 'a', 'alias': 'x'}, 'to': 'b'}]}; rules[0].from.alias; name",
        "{'weft': 1, 'rules': [{'from': 'a', 'ops': [{'split': 3}], 'to': 'b'}]}; rules[0].ops[0]; axis",
        "{'weft': 1, 'rules': [{'from': 'a', 'ops': [{'split': 3, 'axis': 0, 'n': 1}], 'to': 'b'}]};"
                + " rules[0].ops[0].n; split",
        "{'weft': 1, 'rules': [{'from': 'a', 'ops': [{'split': 3.5, 'axis': 0}], 'to': 'b'}]};"
                + " rules[0].ops[0].split; parts",
        "{'weft': 1, 'rules': [{'from': 'a', 'ops': [{'split': [], 'axis': 0}], 'to': 'b'}]};"
                + " rules[0].ops[0].split; [sizes]",
        "{'weft': 1, 'rules': [{'from': 'a', 'ops': [{'split': 3, 'axis': -1}], 'to': 'b'}]};"
                + " rules[0].ops[0].axis; axis",
        "{'weft': 1, 'rules': [{'from': 'a', 'ops': [{'rearrange': 'a -> b'}], 'to': 'b'}]};"
                + " rules[0].ops[0].rearrange; 'a b -> b a'",
        "{'weft': 1, 'rules': [{'from': 'a', 'ops': [{'rearrange': 'a -> a', 'b': 1}], 'to': 'b'}]};"
                + " rules[0].ops[0].rearrange; 'a b -> b a'",
        "{'weft': 1, 'rules': [{'from': 'a', 'ops': [{'turn': 1}], 'to': 'b'}]}; rules[0].ops[0].turn; rearrange",
        "{'weft': 1, 'rules': [{'from': 'a', 'ops': ['split 3'], 'to': 'b'}]}; rules[0].ops[0]; split … @axis",
        "{'weft': 1, 'rules': [{'tie': 'a', 'to': 'b', 'write': 'move'}]}; rules[0].write; copy",
        "{'weft': 1, 'rules': [{'tie': 'a', 'to': 're:b'}]}; rules[0].to; name",
        "{'weft': 1, 'rules': [{'init': 'const', 'to': 'b'}]}; rules[0]; value",
        "{'weft': 1, 'rules': [{'init': 'const', 'value': 'x', 'to': 'b'}]}; rules[0].value; number",
        "{'weft': 1, 'rules': [{'drop': 'b'}]}; rules[0]; reason",
        "{'weft': 1, 'rules': [], 'others': 'keep'}; others; copy",
        "{'weft': 1, 'rules': [], 'target': {'dims': {'n': -1}}}; target.dims.n; name: size",
        "{'weft': 1, 'rules': [], 'source': 'x'}; source; {",
        "{'weft': 1, 'rules': [], 'rules': []}; 1:33; JSON",
        "{'weft': 1, 'rules': []; 1:24; JSON"})
    void names_the_place_in_a_json_file(String json, String place, String expected) {
        var document = json.replace('\'', '"');
        var e = catchThrowableOfType(CheckpointException.class,
                () -> RuleFile.read(document.getBytes(StandardCharsets.UTF_8), "r.json"));
        assertThat(e).isNotNull();
        assertThat(e.code()).isEqualTo(place.equals("weft") ? Code.UNSUPPORTED_VERSION : Code.BAD_RULES);
        assertThat(e.problem().file()).isEqualTo("r.json");
        assertThat(e.problem().field()).isEqualTo(place);
        assertThat(e.problem().expected()).startsWith(expected.replace('\'', '"'));
    }

    @Test
    void content_and_not_the_name_decides_what_a_file_is() throws CheckpointException {
        var json = "\ufeff \n{ \"weft\": 1, \"rules\": []}";
        assertThat(RuleFile.read(json.getBytes(StandardCharsets.UTF_8), "r.weft")).isEqualTo(RuleSet.EMPTY);
        assertThat(RuleFile.read("".getBytes(StandardCharsets.UTF_8), "r.json")).isEqualTo(RuleSet.EMPTY);
        assertThat(RuleFile.read("{x} => {x}".getBytes(StandardCharsets.UTF_8), "r.json").rules()).hasSize(1);
        assertThat(RuleFile.read("\ufeffa => b # c\r\n".getBytes(StandardCharsets.UTF_8), "r.json").rules())
                .containsExactly(ArrowText.rule("a => b"));
        var e = catchThrowableOfType(CheckpointException.class,
                () -> RuleFile.read(new byte[]{'a', ' ', (byte) 0xff}, "r"));
        assertThat(e.code()).isEqualTo(Code.BAD_RULES);
        assertThat(e.problem().offset()).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', quoteCharacter = '\0', value = {
        "a : T => b; a : rearrange \"a b -> b a\" => b",
        "a : conv1dToLinear => b; a : rearrange \"i o -> o i\" => b",
        "a : tfConv1d => b; a : rearrange \"1 i o -> o i\" => b",
        "a : rope half->interleaved => b; a : rearrange \"(h two p) d -> (h p two) d\" h=h two=2 => b",
        "a : rope(half -> interleaved, heads=12) => b;"
                + " a : rearrange \"(h two p) d -> (h p two) d\" h=12 two=2 => b",
        "a : rope interleaved->half heads=n_kv rank=1 => b;"
                + " a : rearrange \"(h p two) -> (h two p)\" h=n_kv two=2 => b",
        "a : qkv(layout=blocked, heads=12) => q, k, v; a : split 3 @0 => q, k, v",
        "a : qkv(layout=perHead, heads=12) => q, k, v;"
                + " a : rearrange \"(h three k) d -> (three h k) d\" h=12 three=3 | split 3 @0 => q, k, v",
        "a : qkv layout=grouped heads=8 kvHeads=2 => q, k, v;"
                + " a : rearrange \"(g n k) d -> g n k d\" g=2 n=8/2+2 | split [8/2, 1, 1] @1"
                + " | rearrange \"g n k d -> (g n k) d\" => q, k, v",
        "a : resizeVocab from=50257 to=50304 => b; a : pad @0 to 50304 mean => b",
        "a : resizeVocab from=50304 to=50257 => b; a : slice @0 0:50257 => b",
        "a : resizeVocab from=7 to=9 fill=zero | T => b; a : pad @0 to 9 zero | rearrange \"a b -> b a\" => b"})
    void macros_open_into_ops(String macro, String opened) throws CheckpointException {
        assertThat(ArrowText.print(ArrowText.rule(macro))).isEqualTo(opened);
    }

    @Test
    void macros_of_names_open_into_rules() throws CheckpointException {
        assertThat(ArrowText.print(ArrowText.read("bert/h{i}/LayerNorm/ : gammaBeta => h.{i}.ln.\n"
                + "module. : stripPrefix => _", null))).isEqualTo("""
                        bert/h{i}/LayerNorm/gamma => h.{i}.ln.weight
                        bert/h{i}/LayerNorm/beta => h.{i}.ln.bias
                        module.{rest**} => {rest**}
                        """);
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', quoteCharacter = '\0', value = {"h.{i} => x; {i}", "h.{i}.{x} : stack @0 => x; ''",
        "h.{i} : split 2 @0 => {i}.a, b; ''", "h.{i}, g.{j} : cast f16 => y.{i}; {j}", "h => x.{i}; ''"})
    void what_collects_needs_an_op_that_joins(String line, String captures) throws CheckpointException {
        var problem = ((Rule.Map) ArrowText.rule(line)).problem();
        if (captures.equals("''")) {
            assertThat(problem).isEmpty();
        } else {
            assertThat(problem).hasValueSatisfying(p -> {
                assertThat(p.code()).isEqualTo(Code.E_COLLECT);
                assertThat(p.found()).isEqualTo(captures);
            });
        }
    }

    // Whatever rules there are, both texts give them back.

    private static final List<String> ODD_NAMES = List.of("a", "_", "", " ", "a b", ":", "|", ",", "a,", "a,b", "=",
            "=>",
            "a=>b", "=a", "(a", "a)", "\"", "\\", "#", "a#b", "@a", "re:x", "base:x", "adapter:x", "adapter:0", "x:y:z",
            "\u00e9\u4e2d", "\u00a0", "\u202e", "\ud800", "\ud83d\ude00", "\t", "a\nb", "a\rb", "{", "}", "{}", "a{i}b",
            "\u3000x", "tie", "=tie", "dense/kernel:0", "\u0000", "-", "->", "'", "a : b", "a | b", "a, b", "a => b",
            "\ufeffa", "{\"weft\"", "\u2028");

    private static Pattern pattern(java.util.Random random) {
        if (random.nextInt(3) == 0) { return Pattern.literal(ODD_NAMES.get(random.nextInt(ODD_NAMES.size()))); }
        return Pattern.parse(List.of("h.{i}.w", "h{i+1}/{n:1|2}", "{x}.b", "p/{rest**}", "{layer:int}.a b", "q", "k",
                "{}re:{i}", "w{{{i}}}").get(random.nextInt(9)));
    }

    private static Op op(java.util.Random random) {
        var sizes = List.of("3", "h*k", "(a+b)/2", "n-1").stream().map(SizeExpr::parse).toList();
        var size = sizes.get(random.nextInt(4));
        int axis = random.nextInt(4);
        double number = List.of(1.0, -1.0, 0.0, -0.0, 0.1, 1e300, 5e-324, 1.0 / 3, 123456789.0, 1e15)
                .get(random.nextInt(10));
        var type = List.of(weft.tensor.DType.F32, weft.tensor.DType.BF16, weft.tensor.DType.F8_E4M3)
                .get(random.nextInt(3));
        return switch (random.nextInt(20)) {
            case 0 -> Rearrange.parse("a b -> b a", Map.of());
            case 1 -> Rearrange.parse("1 (a b) -> b a", Map.of("a", size));
            case 2 -> Rearrange.parse("(rearrange axis) -> axis rearrange", Map.of("rearrange", size));
            case 3 -> Split.equal(1 + random.nextInt(4), axis);
            case 4 -> Split.sized(List.of(size, size), axis).ordered(List.of(1, 0));
            case 5 -> new Concat(axis, random.nextBoolean() ? List.of() : List.of(2, 0, 1));
            case 6 -> new Stack(axis);
            case 7 -> new Unstack(axis);
            case 8 -> new Slice(axis, size, random.nextBoolean() ? size : null, SizeExpr.of(1 + random.nextInt(2)));
            case 9 -> new Pad(axis, size, random.nextBoolean(), new Pad.Row(size));
            case 10 -> new Pad(axis, size, random.nextBoolean(), new Pad.Normal(random.nextLong(), number));
            case 11 -> new Pad(axis, size, false, random.nextBoolean() ? new Pad.Zero() : new Pad.Mean());
            case 12 -> new Take(axis, List.of(3, 0, 1, 2, 7, 9, 10, 11, 12));
            case 13 -> new Affine(number, -number);
            case 14 -> new Cast(type);
            case 15 -> new Combine(new Combine.Add());
            case 16 -> new Combine(new Combine.Lora(number, 8, random.nextBoolean(), random.nextBoolean()));
            case 17 -> new Combine(new Combine.Int8(type));
            case 18 -> new Combine(new Combine.Fp8(128 >> random.nextInt(2), type));
            default ->
                new Combine(new Combine.Nf4(List.of(size, size), 64, 256 >> random.nextInt(2), number == 0 ? 0 : number,
                        type));
        };
    }

    private static List<Op> ops(java.util.Random random) {
        return java.util.stream.Stream.generate(() -> op(random)).limit(random.nextInt(3)).toList();
    }

    private static Rule.Branch branch(java.util.Random random, boolean source) {
        return new Rule.Branch(source && random.nextInt(4) == 0 ? "adapter" : null, pattern(random),
                random.nextInt(3) == 0 ? ops(random) : List.of());
    }

    private static Rule rule(java.util.Random random) {
        var size = SizeExpr.parse(List.of("3", "h*k", "(a+b)/2").get(random.nextInt(3)));
        return switch (random.nextInt(10)) {
            case 8 -> {
                var check = random.nextBoolean()
                        ? new Rule.HasShape(java.util.Collections.nCopies(random.nextInt(3), size))
                        : new Rule.HasDim(random.nextInt(100), size);
                yield random.nextBoolean()
                        ? new Rule.Assert(check, pattern(random), null)
                        : new Rule.Assert(check, null, pattern(random));
            }
            case 9 -> new Rule.Assert(new Rule.Next(List.of(random.nextInt(9), 5, 6, 7), random.nextInt(50257)), null,
                    null);
            case 0 -> new Rule.Tie(pattern(random), pattern(random), Rule.Write.values()[random.nextInt(3)],
                    random.nextBoolean());
            case 1 -> switch (Rule.Fill.values()[random.nextInt(5)]) {
                case CONST -> new Rule.Init(Rule.Fill.CONST, random.nextGaussian(), 0, pattern(random));
                case NORMAL -> new Rule.Init(Rule.Fill.NORMAL, random.nextBoolean() ? 0.02 : random.nextGaussian(),
                        random.nextLong(), pattern(random));
                case ZEROS -> new Rule.Init(Rule.Fill.ZEROS, 0, 0, pattern(random));
                case ONES -> new Rule.Init(Rule.Fill.ONES, 0, 0, pattern(random));
                case CAUSAL_MASK -> new Rule.Init(Rule.Fill.CAUSAL_MASK, 0, 0, pattern(random));
            };
            case 2 -> new Rule.Keep(pattern(random));
            case 3 -> new Rule.Drop(pattern(random), ODD_NAMES.get(random.nextInt(ODD_NAMES.size())));
            default -> new Rule.Map(
                    java.util.stream.Stream.generate(() -> branch(random, true)).limit(1 + random.nextInt(3)).toList(),
                    ops(random),
                    java.util.stream.Stream.generate(() -> branch(random, false)).limit(1 + random.nextInt(3))
                            .toList());
        };
    }

    @Test
    void printing_and_reading_back_is_the_identity() throws CheckpointException {
        var random = new java.util.Random(41);
        for (int round = 0; round < 2000; round++) {
            var dims = new java.util.LinkedHashMap<String, Long>();
            for (int i = random.nextInt(3); i > 0; i--) {
                dims.put("n_" + i, random.nextLong(1 << 20));
            }
            var provenance = new java.util.LinkedHashMap<String, Object>();
            if (random.nextBoolean()) {
                provenance.put(ODD_NAMES.get(random.nextInt(20)), List.of(1L, 0.5, true, "x", Map.of()));
            }
            var set = new RuleSet(odd(random), odd(random), odd(random), dims,
                    RuleSet.Others.values()[random.nextInt(2)],
                    java.util.stream.Stream.generate(() -> rule(random)).limit(random.nextInt(4)).toList(), provenance);
            var arrows = RuleFile.print(set, "x.weft");
            var json = RuleFile.print(set, "x.json");
            assertThat(ArrowText.read(arrows, null)).as(arrows).isEqualTo(set);
            assertThat(RuleFile.read(arrows.getBytes(StandardCharsets.UTF_8), "r")).as(arrows).isEqualTo(set);
            assertThat(RuleFile.read(json.getBytes(StandardCharsets.UTF_8), "r")).as(json).isEqualTo(set);
            assertThat(RuleFile.print(RuleFile.read(json.getBytes(StandardCharsets.UTF_8), "r"), "x.json"))
                    .isEqualTo(json);
            assertThat(SchemaCheck.RULES.problems(weft.io.Json.read(json, ""))).as(json).isEmpty();
        }
    }

    private static String odd(java.util.Random random) {
        return random.nextBoolean() ? null : ODD_NAMES.get(random.nextInt(ODD_NAMES.size()));
    }

    /** Nonsense is refused or read, never anything else. */
    @Test
    void any_text_is_read_or_refused() {
        var random = new java.util.Random(43);
        var words = List.of("a", "=>", ":", "|", ",", "(", ")", "[", "]", "\"", "{i}", "{", "=tie", "copy=>", "=init",
                "_",
                "split", "3", "@0", "rearrange", "\"a b -> b a\"", "q=3", "#", "@dims", " ", "\\", "rope(", "->", "=",
                ", ",
                "combine", "lora", "alpha=1", "take", "0..3", "normal(1", "stripPrefix", "adapter:", "\n", "\r", "re:");
        for (int round = 0; round < 50_000; round++) {
            var text = new StringBuilder();
            for (int i = random.nextInt(12); i >= 0; i--) {
                text.append(words.get(random.nextInt(words.size()))).append(random.nextInt(4) > 0 ? " " : "");
            }
            var reading = ArrowText.parse(text.toString());
            for (var error : reading.errors()) {
                assertThat(error.length()).as(text.toString()).isPositive();
                assertThat(error.offset()).isBetween(0, text.length());
                assertThat(text.substring(error.offset()).startsWith(error.found())).as(text + "|" + error).isTrue();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "{'weft': 1}", "{'rules': []}", "{'weft': 1, 'rules': [], 'colour': 1}", "{'weft': 2, 'rules': []}",
        "{'weft': 1, 'rules': [{'from': 'a'}]}", "{'weft': 1, 'rules': [{'from': 'a', 'to': 'b', 'x': 1}]}",
        "{'weft': 1, 'rules': [{'from': [], 'to': 'b'}]}",
        "{'weft': 1, 'rules': [{'from': 'a', 'ops': [{'split': 3}], 'to': 'b'}]}",
        "{'weft': 1, 'rules': [{'from': 'a', 'ops': [{'stack': -1}], 'to': 'b'}]}",
        "{'weft': 1, 'rules': [{'init': 'const', 'to': 'b'}]}",
        "{'weft': 1, 'rules': [{'drop': 'b'}]}", "{'weft': 1, 'rules': [], 'others': 'keep'}",
        "{'weft': 1, 'rules': [], 'target': {'dims': {'n': '1'}}}"})
    void the_schema_refuses_what_the_reader_refuses(String json) throws CheckpointException {
        var document = json.replace('\'', '"');
        assertThat(SchemaCheck.RULES.problems(weft.io.Json.read(document, ""))).isNotEmpty();
        assertThat(catchThrowableOfType(CheckpointException.class, () -> RuleJson.read(document, null))).isNotNull();
    }
}
