package weft.work;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import weft.arch.ErrorLog.Advice;
import weft.work.Explanation.Finding;

/** Logs that PyTorch, transformers, Keras and TensorFlow wrote (fixtures/make_logs.py), and published texts of the others. */
class ExplainTest {
    private static final Path LOGS = Path.of("src/test/resources/fixtures/logs");

    private static String text(String name) throws Exception {
        return Files.readString(LOGS.resolve(name + ".txt"));
    }

    private static Explanation explain(String name) throws Exception {
        return Explain.of(text(name)).orElseThrow();
    }

    private static String line(Finding f) {
        return f.parameter() + " " + f.checkpoint() + " " + f.model() + " " + f.kind() + (f.hidden() ? " hidden" : "")
                + (f.reported() ? "" : " unseen");
    }

    private static List<String> lines(Explanation explanation) {
        return explanation.findings().stream().map(ExplainTest::line).toList();
    }

    private static List<String> rules(Explanation explanation) {
        return explanation.rules().rules().stream().map(Workspace::text).toList();
    }

    @Test
    void a_turned_matrix_with_a_dimension_of_1_is_turned() throws Exception {
        // TensorFlow 2.21, tf.compat.v1.train.Saver.restore of a [1, 128, 384] into a [384, 128]: it names no variable
        var explained = Explain
                .of("InvalidArgumentError: Restoring from checkpoint failed. This is most likely due to a"
                        + " mismatch between the current graph and the graph from the checkpoint.\nNode: 'save/Assign'\nAssign"
                        + " requires shapes of both tensors to match. lhs shape= [384,128] rhs shape= [1,128,384]\n")
                .orElseThrow();
        assertThat(explained.findings()).extracting(Finding::kind).containsExactly("transposed");
        assertThat(explained.titles()).containsExactly("TensorFlow");
        assertThat(Explanation.names(explained.groups().getFirst(), weft.text.Texts.of(java.util.Locale.ENGLISH)))
                .isEmpty();
    }

    @Test
    void layers_that_are_alike_are_one_group() throws Exception {
        var explained = explain("torch-linear-12");
        assertThat(explained.groups()).hasSize(4);
        assertThat(Explanation.names(explained.groups().getFirst(), weft.text.Texts.of(java.util.Locale.ENGLISH)))
                .isEqualTo("transformer.h.{0,1,2,3,4,5,6,7,8,9,10,11}.attn.c_attn.weight");
    }

    @Test
    void thirty_six_reported_and_twelve_nobody_saw() throws Exception {
        var explained = explain("torch-linear-12");
        assertThat(explained.checkpointDialect()).isEqualTo("gpt2/hf");
        assertThat(explained.modelDialect()).isEqualTo("gpt2/hf-linear");
        assertThat(explained.sizes()).isEmpty();
        assertThat(explained.findings().stream().filter(Finding::reported)).hasSize(36)
                .allMatch(f -> f.kind().equals("transposed") && !f.hidden());
        assertThat(explained.findings().stream().filter(f -> !f.reported())).hasSize(12).allSatisfy(f -> {
            assertThat(f.parameter()).endsWith("attn.c_proj.weight");
            assertThat(f.hidden()).isTrue();
            assertThat(f.checkpoint()).hasToString("[16, 16]");
        });
        assertThat(rules(explained)).containsExactlyInAnyOrder(
                "transformer.h.{i}.attn.c_attn.weight : rearrange \"d o -> o d\" => transformer.h.{i}.attn.c_attn.weight",
                "transformer.h.{i}.attn.c_proj.weight : rearrange \"o d -> d o\" => transformer.h.{i}.attn.c_proj.weight",
                "transformer.h.{i}.mlp.c_fc.weight : rearrange \"d f -> f d\" => transformer.h.{i}.mlp.c_fc.weight",
                "transformer.h.{i}.mlp.c_proj.weight : rearrange \"f d -> d f\" => transformer.h.{i}.mlp.c_proj.weight");
    }

    @Test
    void missing_and_unexpected_keys_are_paired_by_their_dialects() throws Exception {
        var explained = explain("torch-scratch");
        assertThat(explained.checkpointDialect()).isEqualTo("gpt2/hf");
        assertThat(explained.modelDialect()).isEqualTo("gpt2/scratch-split");
        // PyTorch names no shapes of keys, so none are made up.
        assertThat(explained.findings()).allMatch(f -> f.checkpoint() == null && f.model() == null);
        assertThat(lines(explained)).contains("trf_blocks.1.att.W_key.weight null null split",
                "trf_blocks.0.att.out_proj.weight null null transposed hidden",
                "trf_blocks.0.ff.layers.0.weight null null transposed", "out_head.weight null null tied",
                "trf_blocks.0.att.mask null null buffer", "transformer.h.1.ln_2.bias null null renamed");
        assertThat(explained.rules().rules()).hasSize(15);
    }

    /** The rules a log gives are those that a plan of the two real files gives. */
    @Test
    void the_rules_of_a_log_are_those_of_the_files() throws Exception {
        var files = Workspace.open(Path.of("src/test/resources/fixtures/gpt2-tiny/hf"), weft.io.Progress.NONE)
                .withTarget("gpt2/scratch-split", weft.io.Progress.NONE).suggestions(false);
        assertThat(rules(explain("torch-scratch")))
                .containsExactlyInAnyOrderElementsOf(files.rules().stream().map(Workspace::text).toList());
    }

    @Test
    void a_load_report_of_transformers_5_with_folded_layers() throws Exception {
        var explained = explain("transformers-mismatch");
        assertThat(lines(explained)).containsExactly(
                "transformer.h.0.attn.c_attn.weight [72, 24] [24, 72] transposed",
                "transformer.h.1.attn.c_attn.weight [72, 24] [24, 72] transposed",
                "transformer.h.0.mlp.c_fc.weight [96, 24] [24, 96] transposed",
                "transformer.h.1.mlp.c_fc.weight [96, 24] [24, 96] transposed",
                "transformer.h.0.mlp.c_proj.weight [24, 96] [96, 24] transposed",
                "transformer.h.1.mlp.c_proj.weight [24, 96] [96, 24] transposed",
                "transformer.h.0.attn.c_proj.weight [24, 24] [24, 24] transposed hidden unseen",
                "transformer.h.1.attn.c_proj.weight [24, 24] [24, 24] transposed hidden unseen");
        assertThat(explained.advice()).containsExactly(Advice.IGNORE_MISMATCHED);
    }

    @Test
    void the_textbooks_assign_names_the_parameter_in_its_traceback() throws Exception {
        var explained = explain("book-assign");
        assertThat(lines(explained)).contains("trf_blocks.{i}.ff.layers.0.weight [24, 96] [96, 24] transposed")
                .anyMatch(l -> l.equals("trf_blocks.0.att.out_proj.weight [24, 24] [24, 24] transposed hidden unseen"));
        assertThat(explained.sizes()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"torch-vocabulary | tok_emb.weight [61, 24] [64, 24] vocabulary",
        "transformers-vocabulary | transformer.wte.weight [61, 24] [64, 24] vocabulary",
        "published-transformers4-size | transformer.wte.weight [61, 24] [64, 24] vocabulary",
        "torch-bigger | tok_emb.weight [61, 24] [61, 48] otherModelSize",
        "torch-bigger | trf_blocks.2.att.W_key.weight null null otherModelSize",
        "torch-incompatible | trf_blocks.0.norm1.scale null null renamed",
        "transformers-keys | transformer.h.0.ln_1.gamma null null renamed",
        "transformers-keys | value_head.weight null null unexpected",
        "published-transformers4 | transformer.h.0.attn.c_attn.weight [72, 24] [24, 72] transposed",
        "published-transformers4 | transformer.h.0.attn.c_proj.weight [24, 24] [24, 24] transposed hidden unseen",
        "torch-module-prefix | module.tok_emb.weight null null renamed",
        "keras-shape | sequential_1/wide/kernel [6, 5] [6, 4] shape", "keras-shape | narrow null null shape",
        "keras-h5 | sequential_4/wide/kernel [6, 5] [6, 4] shape", "keras-layers | more/bias null null missing",
        "keras-h5-layers | null [2] [3] layers", "keras-set-weights | one [3, 6] [6, 3] transposed",
        "tf-saver-shape | null [1, 24, 72] [48, 72] shape",
        "tf-saver-missing | model/h0/ln_1/gamma null null missing", "tf-object-shape | w [2, 3] [3, 2] transposed",
        "tf-object-missing | Variable null [3] missing", "tf-assign | dense/kernel [3, 2] [2, 3] transposed",
        "published-mindspore-shape | transformer.h.0.attn.c_attn.weight [72, 24] [24, 72] transposed",
        "published-mindspore-missing | transformer.ln_f.gamma null null missing",
        "published-llama-cpp | token_embd.weight [32000, 4096] [32001, 4096] vocabulary",
        "published-llama-cpp-missing | output_norm.weight null null missing",
        "published-llama-cpp-missing | model.layers.0.mlp.down_proj.weight.absmax null null quantised",
        "published-llama-cpp-missing | null [291] [292] layers"})
    void each_framework_is_understood(String log, String line) throws Exception {
        assertThat(lines(explain(log))).contains(line);
    }

    static Stream<Arguments> mangled() {
        Map<String, UnaryOperator<String>> ways = new java.util.TreeMap<>();
        ways.put("line breaks lost", t -> t.replaceAll("\\s*\\n\\s*", " "));
        ways.put("line breaks lost without a space", t -> t.replaceAll("\\s*\\n\\s*", ""));
        ways.put("numbered", t -> numbered(t, "%d "));
        ways.put("numbered, line breaks lost", t -> numbered(t, "%d ").replaceAll("\\s*\\n\\s*", " "));
        ways.put("numbered like a list", t -> numbered(t, "%3d. "));
        ways.put("bullets", t -> t.lines().map(l -> "  • " + l.strip()).collect(Collectors.joining("\n")));
        ways.put("quoted", t -> t.lines().map(l -> "> " + l).collect(Collectors.joining("\n")));
        ways.put("colours",
                t -> "\u001B[31m" + t.replace("size mismatch", "\u001B[1;31msize mismatch\u001B[0m") + "\u001B[0m");
        ways.put("colours without their escape", t -> t.replace("size mismatch", "[1;31msize mismatch[0m"));
        ways.put("wide punctuation", t -> t.replace(",", "，").replace(":", "：").replace("(", "（").replace(")", "）")
                .replace("[", "［").replace("]", "］").replace("\"", "”"));
        ways.put("windows", t -> t.replace("\n", "\r\n"));
        ways.put("wrapped at 61",
                t -> t.lines().map(l -> l.replaceAll("(.{61})", "$1\n")).collect(Collectors.joining("\n")));
        ways.put("no-break spaces", t -> t.replace(" ", "\u00A0"));
        ways.put("a web page's", t -> t.replace("\"", "&quot;").replace("'", "&#39;"));
        ways.put("in a longer log", t -> "Epoch 1/3: loss 3.21\n".repeat(40) + t + "\nwandb: done\n".repeat(3));
        ways.put("every line coloured",
                t -> t.lines().map(l -> "\u001B[0;33m" + l + "\u001B[0m").collect(Collectors.joining("\n")));
        ways.put("every line coloured, escapes lost",
                t -> t.lines().map(l -> "[33m" + l + "[0m").collect(Collectors.joining("\n")));
        ways.put("a notebook's", t -> "\u200B" + t.replace(" ", "\u00A0").replace("\n", "\u2028"));
        return Stream.of("torch-linear", "torch-scratch", "torch-vocabulary", "book-assign", "transformers-mismatch",
                "transformers-keys", "transformers-vocabulary", "published-transformers4",
                "published-transformers4-size", "keras-shape", "keras-h5", "keras-h5-layers", "keras-layers",
                "keras-set-weights", "tf-saver-shape", "tf-saver-missing", "tf-object-shape", "tf-object-missing",
                "tf-assign", "published-mindspore-shape", "published-mindspore-missing", "published-llama-cpp",
                "published-llama-cpp-missing")
                .flatMap(log -> ways.entrySet().stream().map(way -> Arguments.of(log, way.getKey(), way.getValue())));
    }

    private static String numbered(String text, String format) {
        var lines = text.lines().map(String::strip).toList();
        return IntStream.range(0, lines.size()).mapToObj(i -> format.formatted(i + 1) + lines.get(i))
                .collect(Collectors.joining("\n"));
    }

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource
    void mangled(String log, String way, UnaryOperator<String> mangle) throws Exception {
        assertThat(lines(Explain.of(mangle.apply(text(log))).orElseThrow())).isEqualTo(lines(explain(log)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"numbered", "colours", "bullets", "crlf", "joined"})
    void a_table_in_other_clothes(String way) throws Exception {
        var text = text("transformers-mismatch");
        var mangled = switch (way) {
            case "numbered" -> numbered(text, "%d ");
            case "colours" -> text.replace("MISMATCH", "\u001B[33mMISMATCH\u001B[0m");
            case "bullets" -> text.lines().map(l -> "* " + l).collect(Collectors.joining("\n"));
            case "crlf" -> text.replace("\n", "\r\n");
            default -> text.replace("\n", " ");
        };
        assertThat(lines(Explain.of(mangled).orElseThrow())).isEqualTo(lines(explain("transformers-mismatch")));
    }

    @Test
    void a_log_cut_in_the_middle_gives_what_it_still_says() throws Exception {
        var text = text("torch-linear");
        var cut = text.substring(0, text.indexOf("is torch.Size([96, 24])") + 5);
        assertThat(lines(Explain.of(cut).orElseThrow())).contains(
                "transformer.h.0.attn.c_attn.weight [24, 72] [72, 24] transposed").anyMatch(
                        l -> l.startsWith("transformer.h.0.mlp.c_fc.weight [24, 96]"));
        var keys = text("torch-scratch");
        var half = keys.substring(0, keys.indexOf("W_key"));
        assertThat(Explain.of(half).orElseThrow().findings()).extracting(Finding::parameter)
                .contains("trf_blocks.0.att.W_query.weight").doesNotContain("trf_blocks.0.att.");
        // The beginning may be missing as well.
        assertThat(Explain.of(text.substring(300)).orElseThrow().findings()).isNotEmpty();
    }

    /** A name the log ends in the middle of is completed if only one name goes on like it, and never to a wrong one. */
    @ParameterizedTest
    @ValueSource(strings = {"torch-linear", "torch-scratch", "torch-bigger", "torch-vocabulary",
        "published-transformers4",
        "published-llama-cpp-missing", "torch-module-prefix", "transformers-keys"})
    void a_name_that_is_cut_is_completed_or_said_to_be_unreadable(String log) throws Exception {
        var text = text(log);
        int completed = 0;
        int unreadable = 0;
        for (var finding : explain(log).findings()) {
            var name = finding.parameter();
            if (name == null || !finding.reported() || !text.contains(name)) {
                continue;
            }
            for (int letters = 3; letters < name.length(); letters += 9) {
                var explained = Explain.of(text.substring(0, text.indexOf(name) + letters));
                var cut = explained.stream().flatMap(e -> e.findings().stream()).filter(f -> f.cut() != null).toList();
                if (cut.isEmpty()) {
                    continue; // cut before the message says that it names something
                }
                assertThat(cut).singleElement().returns(name.substring(0, letters) + "…", Finding::cut)
                        .returns(true, Finding::reported)
                        .matches(f -> f.parameter() == null
                                ? f.kind().equals("unreadable")
                                : f.parameter().equals(name));
                completed += cut.getFirst().parameter() == null ? 0 : 1;
                unreadable += cut.getFirst().parameter() == null ? 1 : 0;
                assertThat(explained.orElseThrow().findings()).filteredOn(f -> f.cut() == null && f.reported())
                        .extracting(Finding::parameter).doesNotContain(name.substring(0, letters));
            }
        }
        assertThat(unreadable).isPositive();
        if (log.equals("torch-linear") || log.equals("torch-scratch")) {
            assertThat(completed).isPositive();
        }
    }

    @Test
    void a_cut_name_is_said_in_words() throws Exception {
        var text = text("torch-linear");
        int at = text.lastIndexOf("size mismatch for transformer.h.1.mlp.c_proj.weight");
        var explained = Explain.of(text.substring(0, at + "size mismatch for transformer.h.1.mlp.c_p".length()))
                .orElseThrow();
        assertThat(lines(explained)).contains("transformer.h.1.mlp.c_proj.weight [96, 24] [24, 96] transposed");
        var cut = explained.findings().stream().filter(f -> f.cut() != null).findFirst().orElseThrow();
        assertThat(cut.advice(weft.text.Texts.of(java.util.Locale.ENGLISH)))
                .startsWith("The log is cut inside this name (transformer.h.1.mlp.c_p…); no other name")
                .contains("Transpose it");
        var unreadable = Explain.of(text.substring(0, at + "size mismatch for transf".length())).orElseThrow();
        assertThat(unreadable.findings()).filteredOn(f -> f.cut() != null).singleElement()
                .returns(null, Finding::parameter).returns("unreadable", Finding::kind)
                .returns("transf…", Finding::cut);
        // The beginning may be lost as well: only the end of a name is there, with both shapes.
        var late = Explain.of(text.substring(text.indexOf("h.0.attn.c_attn.weight") + 4)).orElseThrow();
        assertThat(late.findings()).filteredOn(f -> f.cut() != null).singleElement()
                .returns("…attn.c_attn.weight", Finding::cut)
                .returns("transformer.h.0.attn.c_attn.weight", Finding::parameter);
        var keys = text("torch-scratch");
        var list = Explain.of(keys.substring(keys.indexOf("W_query") + 2)).orElseThrow();
        assertThat(list.findings()).filteredOn(f -> f.cut() != null).singleElement()
                .returns("unreadable", Finding::kind).returns("…query.weight", Finding::cut);
        // Nothing but a cut name is a log, too.
        assertThat(Explain.of("RuntimeError: size mismatch for lm_he").orElseThrow().findings()).singleElement()
                .returns("lm_he…", Finding::cut);
    }

    static Stream<String> logs() throws Exception {
        try (var files = Files.list(LOGS)) {
            return files.map(f -> f.getFileName().toString().replace(".txt", "")).sorted().toList().stream();
        }
    }

    /** Wherever a log is cut, at its end or its beginning: what is named is named there, or the rest of it that is left. */
    @ParameterizedTest
    @MethodSource("logs")
    void a_log_cut_anywhere_glues_no_names_together(String log) throws Exception {
        var text = text(log);
        var whole = explain(log).findings().stream().map(Finding::parameter).collect(Collectors.toSet());
        int step = Math.max(7, text.length() / 20);
        for (int at = step; at < text.length(); at += step) {
            for (var part : new String[]{text.substring(0, at), text.substring(at)}) {
                var found = Explain.of(part).map(Explanation::findings).orElse(List.of());
                assertThat(found).as("cut at %d", at).filteredOn(Finding::reported).extracting(Finding::parameter)
                        .allSatisfy(n -> assertThat(whole).anyMatch(w -> n == null || w != null && w.contains(n)));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Everything went well.", "RuntimeError: CUDA out of memory. Tried to allocate 2.00 GiB",
        "Traceback (most recent call last):\n  File \"a.py\", line 3\nKeyError: 'model'",
        "size mismatch, m1: [32 x 512], m2: [256 x 10]"})
    void what_is_no_such_log_is_none(String text) throws Exception {
        assertThat(Explain.of(text)).isEmpty();
    }

    @Test
    void advice_in_the_log_is_noticed() throws Exception {
        assertThat(explain("published-transformers4").advice()).containsExactly(Advice.TRAIN);
        assertThat(explain("tf-object-shape").advice()).containsExactly(Advice.EXPECT_PARTIAL);
        assertThat(Explain.of("I tried strict=False and weights_only=False.\n" + text("torch-vocabulary")).orElseThrow()
                .advice()).containsExactly(Advice.NOT_STRICT, Advice.RUN_CODE);
    }

    /** The numbers of a log are anybody's. */
    @ParameterizedTest
    @ValueSource(strings = {
        "size mismatch for transformer.h.0.ln_1.weight"
                + ": copying a param with shape torch.Size([900000000000000])"
                + " from checkpoint, the shape in current model is torch.Size([900000000000000]).",
        "size mismatch for h.0.attn.c_attn.weight"
                + ": copying a param with shape torch.Size([100000000000, 300000000000])"
                + " from checkpoint, the shape in current model is torch.Size([300000000000, 100000000000]).",
        "size mismatch for h.999999999999.ln_1.weight"
                + ": copying a param with shape torch.Size([8])"
                + " from checkpoint, the shape in current model is torch.Size([9])."})
    void absurd_numbers_are_answered_like_others(String log) throws Exception {
        assertThat(Explain.of(log).orElseThrow().findings()).isNotEmpty();
    }
}
