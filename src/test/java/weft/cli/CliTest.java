package weft.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static weft.cli.Run.FIXTURES;
import static weft.cli.Run.weft;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import weft.io.Json;

/** The contract of the command line, on files that the frameworks wrote. */
class CliTest {
    private static final Path TINY = FIXTURES.resolve("gpt2-tiny");

    @TempDir
    Path folder;

    private static Run.Node expected() throws Exception {
        return new Run.Node(Json.read(Files.readString(TINY.resolve("expected.json")), "expected.json"));
    }

    // inspect

    @ParameterizedTest
    @CsvSource({"openai-tf, tensorflow, 28", "hf, safetensors, 28", "hf-sharded, safetensors, 28",
        "scratch-split, torch, 39", "hf-bin, torch, 28"})
    void inspect_lists_what_a_checkpoint_holds(String name, String format, int tensors) {
        var run = weft("inspect", TINY.resolve(name), "--json");
        assertThat(run.status()).isZero();
        var document = run.json();
        assertThat(document.keys()).contains("format", "dialect", "config", "totals", "tensors", "metadata", "ignored",
                "warnings");
        assertThat(document.get("format").text()).isEqualTo(format);
        assertThat(document.get("dialect").text()).isEqualTo("gpt2/" + name.replaceFirst("hf-(bin|sharded)", "hf"));
        assertThat(document.get("totals").keys()).containsExactlyInAnyOrder("tensors", "parameters", "bytes", "dtypes");
        assertThat(document.get("totals.dtypes.F32").whole()).isEqualTo(document.get("totals.tensors").whole());
        assertThat(document.get("tensors").list()).hasSize((int) document.get("totals.tensors").whole())
                .allSatisfy(t -> assertThat(t.keys()).startsWith("name", "dtype", "shape", "bytes"));
        assertThat(document.get("warnings").list()).isEmpty();
        assertThat(document.get("tensors").list().size()).isBetween(tensors, tensors + 3);
        assertThat(run.err()).isEmpty();
    }

    @Test
    void inspect_computes_statistics_and_greps() throws Exception {
        var run = weft("inspect", TINY.resolve("hf"), "--json", "--stats", "--grep", "ln_1");
        var tensors = run.json().get("tensors").list();
        assertThat(tensors).hasSize(4).allSatisfy(t -> {
            assertThat(t.get("name").text()).contains("ln_1");
            assertThat(t.get("stats").keys()).containsExactly("min", "max", "mean", "std", "nan", "inf", "zeros");
            assertThat(t.get("stats.nan").whole()).isZero();
            assertThat(t.get("stats.min").real()).isLessThan(t.get("stats.mean").real())
                    .isLessThan(t.get("stats.max").real());
        });
        assertThat(weft("inspect", TINY.resolve("hf"), "--json", "--grep", "transformer.h.{i}.ln_1.bias").json()
                .get("tensors").list()).hasSize(2);
        assertThat(weft("inspect", TINY.resolve("hf"), "--json", "--grep", "*.bias").json().get("tensors").list())
                .hasSize(13);
        assertThat(weft("inspect", TINY.resolve("hf"), "--grep", "h.{").status()).isEqualTo(2);
    }

    @Test
    void inspect_reads_as_a_table() {
        var run = weft("inspect", TINY.resolve("openai-tf"));
        assertThat(run.out().lines()).anySatisfy(l -> assertThat(l).contains("tensorflow, gpt2/openai-tf, 28 tensors"))
                .anySatisfy(l -> assertThat(l).matches("model/h0/attn/c_attn/w +F32 +\\[1, 24, 72]"));
        assertThat(weft("inspect", TINY.resolve("openai-tf"), "--lang", "zh").out()).contains("28 个张量");
    }

    // diff, suggest

    @Test
    void diff_counts_what_fits_and_says_no() {
        var run = weft("diff", TINY.resolve("openai-tf"), "--target", "gpt2/scratch-split", "--json");
        assertThat(run.status()).isEqualTo(1);
        var document = run.json();
        assertThat(document.keys()).contains("source", "target", "summary", "rows", "unexpected", "ignored", "config",
                "complete");
        assertThat(document.get("source").keys()).containsExactly("format", "dialect", "tensors");
        assertThat(document.get("target.parameters").whole()).isEqualTo(37);
        assertThat(document.get("target.optional").whole()).isEqualTo(2);
        assertThat(document.get("summary").keys()).containsExactly("fits", "byRule", "needsRule", "mismatch", "missing",
                "unproven", "optional", "unexpected", "hidden");
        assertThat(document.get("summary.needsRule").whole()).isEqualTo(37);
        assertThat(document.get("summary.optional").whole()).isEqualTo(2);
        assertThat(document.get("summary.hidden").whole()).isEqualTo(2);
        assertThat(document.get("complete").truth()).isFalse();
        var rows = document.get("rows").list();
        assertThat(rows).hasSize(39);
        var query = rows.stream().filter(r -> r.get("target").text().equals("trf_blocks.1.att.W_query.weight"))
                .findFirst().orElseThrow();
        assertThat(query.get("targetShape").values()).isEqualTo(List.of(24L, 24L));
        assertThat(query.get("sources").values()).isEqualTo(List.of("model/h1/attn/c_attn/w"));
        assertThat(query.get("sourceShapes").values()).isEqualTo(List.of(List.of(1L, 24L, 72L)));
        assertThat(query.get("status").text()).isEqualTo("needsRule");
        assertThat(query.get("kind").text()).isEqualTo("split");
        assertThat(query.get("evidence").text()).isEqualTo("shape");
        assertThat(query.get("hidden").truth()).isFalse();
        assertThat(query.get("ops").list()).hasSize(2);
    }

    @Test
    void diff_says_in_words_what_does_not_fit() {
        var run = weft("diff", TINY.resolve("openai-tf"), "--target", "gpt2/scratch-split");
        assertThat(run.out()).contains("15 rules make all of them fit", "2 pairs are hidden",
                "model/h{0,1}/attn/c_attn/w  [1, 24, 72]", "W_{query,key,value}.weight  3 × [24, 24]",
                "2 layers alike");
        assertThat(weft("diff", TINY.resolve("openai-tf"), "--target", "gpt2/scratch-split", "--lang", "zh").out())
                .contains("15 条规则", "2 处隐患", "待加规则", "2 层相同");
    }

    @Test
    void suggested_rules_make_it_complete_in_both_forms() {
        for (var name : List.of("rules.json", "rules.weft")) {
            var file = folder.resolve(name);
            assertThat(weft("suggest", TINY.resolve("openai-tf"), "--target", "gpt2/scratch-split", "-o", file)
                    .status()).isZero();
            var run = weft("diff", TINY.resolve("openai-tf"), "--rules", file, "--json");
            assertThat(run.status()).isZero();
            assertThat(run.json().get("complete").truth()).isTrue();
            assertThat(run.json().get("summary.byRule").whole()).isEqualTo(37);
            assertThat(run.json().get("summary.hidden").whole()).isEqualTo(2);
        }
        var document = weft("suggest", TINY.resolve("openai-tf"), "--target", "gpt2/scratch-split", "--json").json();
        assertThat(document.get("rules").list()).hasSize(15);
        assertThat(document.get("unresolved").list()).isEmpty();
        assertThat(weft("suggest", TINY.resolve("openai-tf"), "--target", "gpt2/scratch-split").out())
                .contains("tok_emb.weight =tie copy=> out_head.weight").doesNotContain("causal-mask");
        assertThat(weft("suggest", TINY.resolve("openai-tf"), "--target", "gpt2/scratch-split", "--buffers").out())
                .contains("causal-mask");
    }

    @Test
    void a_target_of_another_size_is_named_as_such() {
        var run = weft("diff", TINY.resolve("hf"), "--target", "gpt2/hf@124M", "--json");
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.json().get("config").list()).anySatisfy(c -> {
            assertThat(c.get("field").text()).isEqualTo("n_embd");
            assertThat(c.get("source").whole()).isEqualTo(24);
            assertThat(c.get("target").whole()).isEqualTo(768);
        });
        var suggest = weft("suggest", TINY.resolve("hf"), "--target", "gpt2/hf@124M", "--json");
        assertThat(suggest.status()).isEqualTo(1);
        assertThat(suggest.json().get("unresolved").list()).isNotEmpty();
    }

    @Test
    void a_hugging_face_gpt2_has_48_transposed_matrices_and_12_of_them_hidden() {
        var run = weft("diff", FIXTURES.resolve("gpt2-12/hf"), "--target", "gpt2/hf-linear", "--json");
        var rows = run.json().get("rows").list();
        var transposed = rows.stream().filter(r -> r.has("kind") && r.get("kind").text().equals("transposed")).toList();
        assertThat(transposed).hasSize(48);
        assertThat(transposed.stream().filter(r -> r.get("hidden").truth())).hasSize(12)
                .allSatisfy(r -> assertThat(r.get("target").text()).endsWith("attn.c_proj.weight"));
        assertThat(run.json().get("summary.hidden").whole()).isEqualTo(12);
    }

    @Test
    void strict_refuses_tensors_that_feed_nothing() {
        var target = "gpt2/hf,n_layer=1";
        assertThat(weft("diff", TINY.resolve("hf"), "--target", target).status()).isZero();
        var strict = weft("diff", TINY.resolve("hf"), "--target", target, "--strict");
        assertThat(strict.status()).isEqualTo(1);
        assertThat(strict.err()).contains("No rule uses the tensor transformer.h.1.");
        assertThat(weft("convert", TINY.resolve("hf"), "--target", target, "--strict", "-o", folder.resolve("x.st"),
                "--to", "safetensors", "--json").json().get("error.code").text()).isEqualTo("W-UNUSED");
    }

    // convert

    @Test
    void convert_writes_a_folder_that_loads_again() throws Exception {
        var out = folder + "/hf/";
        var run = weft("convert", TINY.resolve("openai-tf"), "--target", "gpt2/hf", "-o", out, "--json");
        assertThat(run.status()).isZero();
        assertThat(run.err()).contains("14");
        var document = run.json();
        assertThat(document.keys()).contains("output", "format", "tensors", "bytes", "lossless", "sha256");
        assertThat(document.get("lossless").truth()).isTrue();
        assertThat(document.get("format").text()).isEqualTo("safetensors");
        assertThat(document.get("tensors").whole()).isEqualTo(28);
        var file = folder.resolve("hf/model.safetensors");
        assertThat(document.get("sha256").text()).isEqualTo(HexFormat.of()
                .formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file))));
        assertThat(folder.resolve("hf/config.json")).content().contains("\"n_head\" : 3", "\"model_type\" : \"gpt2\"");
        var back = weft("diff", folder.resolve("hf"), "--target", TINY.resolve("hf"), "--json");
        assertThat(back.status()).isZero();
        assertThat(back.json().get("summary.fits").whole()).isEqualTo(28);
    }

    @Test
    void convert_refuses_what_exists_and_never_writes_onto_a_source() throws Exception {
        var copy = folder.resolve("model.safetensors");
        Files.copy(TINY.resolve("hf/model.safetensors"), copy);
        var before = Files.readAllBytes(copy);
        assertThat(weft("convert", copy, "--target", "gpt2/hf-linear", "-o", copy, "--force").status()).isEqualTo(3);
        assertThat(Files.readAllBytes(copy)).isEqualTo(before);
        var out = folder.resolve("out.safetensors");
        assertThat(weft("convert", copy, "--target", "gpt2/hf-linear", "-o", out).status()).isZero();
        var again = weft("convert", copy, "--target", "gpt2/hf-linear", "-o", out, "--json");
        assertThat(again.status()).isEqualTo(4);
        assertThat(again.json().get("error.code").text()).isEqualTo("EXISTS");
        assertThat(weft("convert", copy, "--target", "gpt2/hf-linear", "-o", out, "--force").status()).isZero();
        assertThat(weft("convert", copy, "--target", "gpt2/hf-linear", "-o", folder.resolve("no/such/f.safetensors"))
                .status()).isEqualTo(4);
    }

    @Test
    void convert_takes_parts_types_and_shards() {
        var part = folder.resolve("part.safetensors");
        weft("convert", TINY.resolve("openai-tf"), "--target", "gpt2/scratch-split", "--only", "*.att.W_query.*", "-o",
                part);
        assertThat(weft("inspect", part, "--json").json().get("totals.tensors").whole()).isEqualTo(4);
        var half = folder.resolve("half.safetensors");
        var run = weft("convert", TINY.resolve("hf"), "--target", "gpt2/hf", "--dtype", "float16", "-o", half,
                "--json");
        assertThat(run.json().get("lossless").truth()).isFalse();
        assertThat(weft("inspect", half, "--json").json().get("totals.dtypes.F16").whole()).isEqualTo(28);
        var shards = weft("convert", TINY.resolve("hf"), "--target", "gpt2/hf", "--shard-size", "20kB", "-o",
                folder + "/shards/", "--json");
        assertThat(shards.json().get("files").list().size()).isGreaterThan(3);
        assertThat(weft("inspect", folder.resolve("shards"), "--json").json().get("totals.tensors").whole())
                .isEqualTo(28);
        assertThat(weft("convert", TINY.resolve("hf"), "--target", "gpt2/hf", "--no-hash", "-o",
                folder.resolve("n.safetensors"), "--json").json().get("sha256").value()).isNull();
    }

    @Test
    void convert_names_what_is_open_instead_of_guessing() {
        var run = weft("convert", TINY.resolve("hf"), "--target", "gpt2/hf@124M", "-o", folder.resolve("x.safetensors"),
                "--json");
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.json().get("error.code").text()).isEqualTo("NOT_COMPLETE");
        assertThat(run.json().get("error.open").values()).isNotEmpty();
        assertThat(folder.resolve("x.safetensors")).doesNotExist();
    }

    @Test
    void sizes_are_read_as_people_write_them() throws Exception {
        for (var size : Map.of("500MB", 500_000_000L, "1.5 GB", 1_500_000_000L, "2GiB", 2L << 30, "12345", 12345L, "1k",
                1000L).entrySet()) {
            assertThat(ConvertCommand.size(size.getKey())).isEqualTo(size.getValue());
        }
        for (var wrong : List.of("", "MB", "-1", "0", "9 parsecs", "1e9")) {
            assertThat(weft("convert", TINY, "--target", "gpt2/hf", "-o", "x", "--shard-size", wrong).status())
                    .as(wrong).isEqualTo(2);
        }
    }

    // logits, generate, loss

    @ParameterizedTest
    @ValueSource(strings = {"openai-tf", "hf", "hf-linear", "scratch-split", "scratch-fused", "hf-bin", "loom"})
    void logits_equal_pytorch_in_every_dialect_and_towards_every_target(String dialect) throws Exception {
        var reference = expected();
        var ids = reference.get("prompts.several").values().toString().replaceAll("[\\[\\] ]", "");
        var wanted = reference.get("lastLogits.several").reals();
        for (var target : List.of("", "gpt2/scratch-split", "gpt2/hf-linear", "gpt2/loom")) {
            var run = target.isEmpty()
                    ? weft("logits", TINY.resolve(dialect), "--ids", ids, "--json")
                    : weft("logits", TINY.resolve(dialect), "--ids", ids, "--json", "--target", target);
            assertThat(run.status()).as(run.err() + run.out()).isZero();
            assertThat(run.json().get("shape").values()).isEqualTo(List.of(61L));
            var top = run.json().get("top").list();
            assertThat(top).hasSize(10).allSatisfy(t -> assertThat(t.get("logit").real())
                    .isCloseTo(wanted[(int) t.get("id").whole()], within(1e-4)));
            assertThat(top.getFirst().get("id").whole()).isEqualTo(largest(wanted));
        }
    }

    private static long largest(double[] values) {
        int best = 0;
        for (int i = 1; i < values.length; i++) {
            best = values[i] > values[best] ? i : best;
        }
        return best;
    }

    @Test
    void logits_go_to_a_numpy_file() throws Exception {
        var file = folder.resolve("logits.npy");
        assertThat(weft("logits", TINY.resolve("hf"), "--ids", "46", "-o", file).status()).isZero();
        var bytes = java.nio.ByteBuffer.wrap(Files.readAllBytes(file)).order(java.nio.ByteOrder.LITTLE_ENDIAN);
        assertThat(new String(bytes.array(), 1, 5, java.nio.charset.StandardCharsets.US_ASCII)).isEqualTo("NUMPY");
        int start = 10 + bytes.getShort(8);
        assertThat(start % 64).isZero();
        assertThat(new String(bytes.array(), 10, start - 10, java.nio.charset.StandardCharsets.US_ASCII))
                .contains("'<f4'", "(61,)").endsWith("\n");
        var wanted = expected().get("lastLogits.one").reals();
        assertThat(bytes.limit()).isEqualTo(start + 4 * 61);
        for (int i = 0; i < wanted.length; i++) {
            assertThat(bytes.getFloat(start + 4 * i)).isCloseTo((float) wanted[i], within(1e-4f));
        }
    }

    @Test
    void a_number_no_shape_shows_is_asked_for_and_can_be_set() throws Exception {
        var bare = folder.resolve("bare.safetensors");
        Files.copy(TINY.resolve("hf/model.safetensors"), bare);
        var run = weft("logits", bare, "--ids", "46", "--json");
        assertThat(run.status()).isEqualTo(3);
        assertThat(run.json().get("error.code").text()).isEqualTo("HYPER_UNKNOWN");
        assertThat(run.json().get("error.hint").text()).contains("--set n_head=");
        var set = weft("logits", bare, "--ids", "46", "--json", "--set", "n_head=3");
        assertThat(set.json().get("top.0.id").whole()).isEqualTo(largest(expected().get("lastLogits.one").reals()));
    }

    @Test
    void ids_out_of_range_and_missing_tokenizers_are_refused() {
        assertThat(weft("logits", TINY.resolve("hf"), "--ids", "61").status()).isEqualTo(2);
        assertThat(weft("logits", TINY.resolve("hf"), "--ids", "1,x").status()).isEqualTo(2);
        var run = weft("generate", TINY.resolve("hf"), "--prompt", "Hello", "--json");
        assertThat(run.status()).isEqualTo(3);
        assertThat(run.json().get("error.code").text()).isEqualTo("NO_TOKENIZER");
        assertThat(weft("loss", TINY.resolve("hf")).status()).isEqualTo(3);
    }

    // a dialect in test resources only

    @Test
    void a_made_up_dialect_needs_no_line_of_java() throws Exception {
        assertThat(weft("inspect", TINY.resolve("loom"), "--json").json().get("dialect").text()).isEqualTo("gpt2/loom");
        for (var other : List.of("hf", "openai-tf", "scratch-split")) {
            for (var way : List.of(List.of("loom", other), List.of(other, "loom"))) {
                var source = TINY.resolve(way.get(0));
                var target = "gpt2/" + way.get(1);
                var diff = weft("diff", source, "--target", target, "--json").json();
                assertThat(diff.get("summary.needsRule").whole() + diff.get("summary.fits").whole()).as("%s", way)
                        .isEqualTo(diff.get("target.parameters").whole());
                var out = folder + "/" + way.get(0) + "-" + way.get(1) + ".safetensors";
                assertThat(weft("convert", source, "--target", target, "-o", out).status()).as("%s", way).isZero();
                assertThat(values(Path.of(out))).as("%s", way).isEqualTo(values(TINY.resolve(way.get(1))));
            }
        }
    }

    /** Statistics of every tensor of a checkpoint: equal only if names, shapes and values agree. */
    private static Map<String, Object> values(Path path) {
        var all = new HashMap<String, Object>();
        weft("inspect", path, "--stats", "--json").json().get("tensors").list().stream()
                .filter(t -> !t.get("name").text().endsWith("mask"))
                .forEach(t -> all.put(t.get("name").text(), List.of(t.get("shape").value(), t.get("stats").value())));
        return all;
    }

    // refusals and usage

    @Test
    void refusals_say_what_where_and_what_next() throws Exception {
        var page = folder.resolve("model.safetensors");
        Files.writeString(page, "<!DOCTYPE html><html><body>Sign in</body></html>");
        var run = weft("inspect", page, "--json");
        assertThat(run.status()).isEqualTo(3);
        assertThat(run.json().get("error").keys()).contains("code", "message", "file", "offset", "hint");
        assertThat(run.json().get("error.code").text()).isEqualTo("NOT_A_MODEL");
        assertThat(run.json().get("error.message").text()).startsWith("This is a web page");
        var chinese = weft("inspect", page, "--json", "--lang", "zh").json();
        assertThat(chinese.get("error.code").text()).isEqualTo("NOT_A_MODEL");
        assertThat(chinese.get("error.message").text()).startsWith("这是网页");
        var words = weft("inspect", page);
        assertThat(words.out()).isEmpty();
        assertThat(words.err()).startsWith("weft: ").hasLineCount(1);
        assertThat(weft("inspect", folder.resolve("absent")).err()).contains("There is no such file.");
    }

    @Test
    void an_unknown_target_lists_the_known_ones() {
        var run = weft("diff", TINY.resolve("hf"), "--target", "gpt3");
        assertThat(run.status()).isEqualTo(2);
        assertThat(run.err()).contains("gpt3", "gpt2/hf-linear", "gpt2/scratch-split");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"bogus", "inspect", "inspect|a|b", "inspect|a|--bogus", "diff|x",
        "suggest|x", "convert|x|-o|y", "convert|x|--target|gpt2/hf", "convert|x|--target|gpt2/hf|-o|y|--dtype|int8",
        "generate|x", "generate|x|--prompt|a|--max-new-tokens|many", "generate|x|--prompt|a|--temperature|-1",
        "generate|x|--prompt|a|--top-p|0", "logits|x", "loss", "diff|x|--target|gpt2/hf|--set|novalue"})
    void wrong_usage_ends_with_2_and_one_line(String words) {
        var arguments = words.split("\\|");
        var run = weft((Object[]) arguments);
        assertThat(run.status()).as(run.err()).isIn(2);
        assertThat(run.err()).hasLineCount(1).startsWith("weft: ").doesNotContain("Exception", "\tat ");
        var json = java.util.Arrays.copyOf(arguments, arguments.length + 1);
        json[arguments.length] = "--json";
        assertThat(weft((Object[]) json).json().get("error").keys()).contains("code", "message", "hint");
    }

    @Test
    void rules_that_cannot_be_read_name_the_place() throws Exception {
        var rules = folder.resolve("r.weft");
        Files.writeString(rules, "model/wte => tok_emb.weight\nmodel/wpe ==> pos\n");
        var run = weft("diff", TINY.resolve("openai-tf"), "--target", "gpt2/scratch-split", "--rules", rules, "--json");
        assertThat(run.status()).isEqualTo(3);
        assertThat(run.json().get("error.code").text()).isEqualTo("BAD_RULES");
        assertThat(run.json().get("error.field").text()).startsWith("2:");
    }

    @Test
    void two_rules_for_one_parameter_are_an_error_of_the_rules() throws Exception {
        var rules = folder.resolve("r.weft");
        Files.writeString(rules, "model/wte => tok_emb.weight\nmodel/wte => tok_emb.weight\n");
        var run = weft("diff", TINY.resolve("openai-tf"), "--target", "gpt2/scratch-split", "--rules", rules, "--json");
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.json().get("problems.0.code").text()).isEqualTo("E-DUP");
    }

    @Test
    void the_version_is_the_builds() {
        assertThat(Run.weft("--version").out()).isEqualTo("weft 1.2.3\n");
    }

    // the real index

    @Test
    @EnabledIfSystemProperty(named = "weft.real", matches = ".+")
    void openai_gpt2_124m_is_held_against_the_textbook_without_its_values() {
        var path = Path.of(System.getProperty("weft.real")).resolve("openai-gpt2-124M");
        var inspect = weft("inspect", path, "--json");
        assertThat(inspect.status()).isZero();
        assertThat(inspect.json().get("dialect").text()).isEqualTo("gpt2/openai-tf");
        assertThat(inspect.json().get("totals.tensors").whole()).isEqualTo(148);
        assertThat(inspect.json().get("warnings").list()).anySatisfy(
                w -> assertThat(w.get("code").text()).isEqualTo("DATA_MISSING"));
        var diff = weft("diff", path, "--target", "gpt2/scratch-split", "--json").json();
        assertThat(diff.get("target.parameters").whole()).isEqualTo(197);
        assertThat(diff.get("summary.needsRule").whole() + diff.get("summary.fits").whole()).isEqualTo(197);
        assertThat(diff.get("summary.missing").whole() + diff.get("summary.unproven").whole()
                + diff.get("summary.mismatch").whole() + diff.get("summary.unexpected").whole()).isZero();
        assertThat(diff.get("summary.optional").whole()).isEqualTo(12);
        assertThat(diff.get("summary.hidden").whole()).isEqualTo(12);
        var rules = folder.resolve("rules.weft");
        assertThat(weft("suggest", path, "--target", "gpt2/scratch-split", "-o", rules).status()).isZero();
        var complete = weft("diff", path, "--rules", rules, "--json");
        assertThat(complete.status()).isZero();
        assertThat(complete.json().get("complete").truth()).isTrue();
        var out = folder.resolve("out.safetensors");
        for (var refused : List.of(
                weft("convert", path, "--rules", rules, "-o", out, "--json"),
                weft("generate", path, "--rules", rules, "--prompt", "Hello", "--json"))) {
            assertThat(refused.status()).isEqualTo(3);
            assertThat(refused.json().get("error.code").text()).isEqualTo("DATA_MISSING");
        }
        assertThat(out).doesNotExist();
    }
}
