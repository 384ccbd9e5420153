package weft.work;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import weft.format.Formats;
import weft.io.Code;
import weft.io.Problem;
import weft.io.Progress;
import weft.plan.Evidence;
import weft.plan.Kind;
import weft.plan.Plan;
import weft.plan.Row;
import weft.plan.Status;
import weft.prove.Orientation.Answer;
import weft.rule.ArrowText;
import weft.rule.RuleFile;
import weft.tensor.TensorSource;

/** Square matrices, proved by computing and by comparing, on the built-in sample and on its weights as trained. */
class ProveTest {
    private static final Path SHIPPED = Path.of("src/samples/shipped");
    private static final Path UNSCALED = Path.of("src/test/resources/samples-unscaled");
    private static final Path FIXTURES = Path.of("src/test/resources/fixtures");
    private static final String SQUARE = "transformer.h.{i}.attn.c_proj.weight";

    @TempDir
    Path folder;

    private static Workspace open(Path path, String target) throws Exception {
        return Workspace.open(path, Progress.NONE).withTarget(target, Progress.NONE);
    }

    private static Proved prove(Workspace workspace) throws Exception {
        return workspace.prove(workspace.fixedText(null), null, Progress.NONE);
    }

    private static Plan plan(Proved proved) {
        return proved.workspace().plan().orElseThrow();
    }

    private static List<String> answers(Proved proved) {
        return proved.forward().verdicts().stream()
                .map(v -> v.tensor().replaceAll(".*?(\\d+).*(att\\w*|c_proj).*?(\\w+).weight", "$1") + " " + v.answer())
                .toList();
    }

    /** The sample in Hugging Face's names and Linear's layout, written by given rules. */
    private Path written(Path source, String target, String name, String... replaced) throws Exception {
        var workspace = open(source, target).acceptAll();
        var text = ArrowText.print(workspace.rules());
        for (int i = 0; i < replaced.length; i += 2) {
            assertThat(text).contains(replaced[i]);
            text = text.replace(replaced[i], replaced[i + 1]);
        }
        var rules = RuleFile.read(text.getBytes(StandardCharsets.UTF_8), "test.weft");
        var out = folder.resolve(name);
        workspace.withRules(rules).convert(new ConvertRequest(out, true, "safetensors", null, 0, true, false),
                _ -> true, Progress.NONE);
        return out;
    }

    /** c_proj as textbooks and nn.Linear want it, but for these layers. */
    private Path wrongIn(Path source, String layers, String others) throws Exception {
        return written(source, "gpt2/hf-linear", "wrong", SQUARE + " : rearrange \"o d -> d o\" => " + SQUARE,
                SQUARE.replace("{i}", others) + " : rearrange \"o d -> d o\" => " + SQUARE.replace("{i}", others) + "\n"
                        + SQUARE.replace("{i}", layers) + " => " + SQUARE.replace("{i}", layers));
    }

    @Test
    void names_every_square_of_the_trap_and_knows_the_rule() throws Exception {
        var before = open(SHIPPED.resolve("trap-hf-linear"), "gpt2/hf-linear");
        assertThat(before.plan().orElseThrow().isComplete()).as("every shape fits").isTrue();
        var proved = prove(before);
        var plan = plan(proved);
        assertThat(proved.warnings()).isEmpty();
        assertThat(proved.forward().before()).isGreaterThan(5);
        assertThat(proved.forward().after()).isLessThan(0.5);
        for (var row : plan.rows()) {
            var was = before.plan().orElseThrow().row(row.target().name()).orElseThrow();
            if (row.target().name().endsWith("attn.c_proj.weight")) {
                assertThat(was.status()).isEqualTo(Status.FITS);
                assertThat(row).returns(Status.NEEDS_RULE, Row::status).returns(Kind.TRANSPOSED, Row::kind)
                        .returns(true, Row::hidden).returns(Evidence.FORWARD, Row::evidence);
                assertThat(Workspace.text(row.rule()))
                        .isEqualTo(SQUARE + " : rearrange \"o d -> d o\" => " + SQUARE);
            } else {
                assertThat(row).isEqualTo(was);
            }
        }
        assertThat(plan.count(Status.NEEDS_RULE)).isEqualTo(3);
        assertThat(plan.isComplete()).isFalse();
        var mended = proved.workspace().acceptAll();
        assertThat(mended.plan().orElseThrow().isComplete()).isTrue();
        assertThat(mended.run(null).loss(mended.fixedText(null).text(), Progress.NONE).mean())
                .isCloseTo(proved.forward().after(), within(1e-6));
    }

    @ParameterizedTest
    @CsvSource({"hf, gpt2/hf-linear, 3", "hf, gpt2/hf, 3", "openai-tf, gpt2/scratch-split, 3",
        "openai-tf, gpt2/hf, 3", "scratch-split, gpt2/hf, 8"})
    void proves_what_is_right_and_changes_no_status(String sample, String target, int clear) throws Exception {
        var before = open(SHIPPED.resolve(sample), target);
        var proved = prove(before);
        assertThat(proved.forward().with(Answer.TURNED)).isEmpty();
        assertThat(proved.forward().with(Answer.RIGHT)).hasSizeGreaterThanOrEqualTo(clear);
        assertThat(proved.forward().after()).isEqualTo(proved.forward().before()).isLessThan(0.5);
        for (var row : plan(proved).rows()) {
            var was = before.plan().orElseThrow().row(row.target().name()).orElseThrow();
            assertThat(row.status()).isEqualTo(was.status());
            assertThat(row.rule()).isEqualTo(was.rule());
            if (row.sources().size() == 1 && proved.forward().with(Answer.RIGHT)
                    .contains(row.sources().getFirst().name())) {
                assertThat(was.evidence()).isEqualTo(Evidence.CONVENTION);
                assertThat(row.evidence()).isEqualTo(Evidence.FORWARD);
            }
        }
    }

    @Test
    void one_wrong_layer_is_found_among_right_ones() throws Exception {
        var proved = prove(open(wrongIn(SHIPPED.resolve("hf"), "1", "{i:0|2}"), "gpt2/hf-linear"));
        assertThat(answers(proved)).containsExactly("0 RIGHT", "1 TURNED", "2 RIGHT");
    }

    @Test
    void two_wrong_layers_are_found_and_their_rule_mends_them_bit_for_bit() throws Exception {
        var wrong = wrongIn(SHIPPED.resolve("hf"), "{i:0|2}", "1");
        var proved = prove(open(wrong, "gpt2/hf-linear"));
        assertThat(answers(proved)).containsExactly("0 TURNED", "1 RIGHT", "2 TURNED");
        var rules = proved.workspace().suggestions(false).rules().stream().map(Workspace::text).toList();
        assertThat(rules).containsExactly("transformer.h.{i:0|2}.attn.c_proj.weight : rearrange \"o d -> d o\" => "
                + "transformer.h.{i:0|2}.attn.c_proj.weight");
        // Through the rule text, as a person would keep it.
        var text = ArrowText.print(proved.workspace().suggestions(false));
        var mended = open(wrong, "gpt2/hf-linear")
                .withRules(RuleFile.read(text.getBytes(StandardCharsets.UTF_8), "mend.weft"));
        mended.convert(
                new ConvertRequest(folder.resolve("mended"), true, "safetensors", null, 0, true, false),
                _ -> true, Progress.NONE);
        var expected = tensors(written(SHIPPED.resolve("hf"), "gpt2/hf-linear", "right"));
        var actual = tensors(folder.resolve("mended"));
        assertThat(actual.keySet()).isEqualTo(expected.keySet());
        for (var tensor : actual.values()) {
            assertThat(tensor.read().contiguous().bytes()
                    .mismatch(expected.get(tensor.name()).read().contiguous().bytes())).as(tensor.name()).isEqualTo(-1);
        }
    }

    @Test
    void query_and_output_wrong_together_are_told_apart_from_value_and_key() throws Exception {
        var q = "trf_blocks.{i}.att.W_query.weight";
        var out = "trf_blocks.{i}.att.out_proj.weight";
        var wrong = folder.resolve("wrong");
        var workspace = open(SHIPPED.resolve("scratch-split"), "gpt2/scratch-split");
        var rules = RuleFile.read((q + " : rearrange \"a b -> b a\" => " + q + "\n" + out
                + " : rearrange \"a b -> b a\" => " + out + "\n").getBytes(StandardCharsets.UTF_8), "wrong.weft");
        workspace.withRules(rules).convert(
                new ConvertRequest(wrong, true, "safetensors", null, 0, true, false), _ -> true,
                Progress.NONE);
        var proved = prove(open(wrong, "gpt2/hf"));
        var turned = proved.forward().with(Answer.TURNED);
        assertThat(turned).contains("trf_blocks.0.att.W_query.weight")
                .allMatch(n -> n.matches(".*(W_query|out_proj).*"));
        assertThat(turned.stream().filter(n -> n.contains("out_proj"))).hasSize(3);
        assertThat(proved.forward().with(Answer.RIGHT)).noneMatch(n -> n.matches(".*(W_query|out_proj).*"));
        assertThat(proved.forward().after()).isLessThan(0.5);
    }

    @Test
    void as_trained_only_the_first_layer_speaks_and_the_others_are_named_as_too_close() throws Exception {
        var proved = prove(open(UNSCALED, "gpt2/hf-linear"));
        assertThat(answers(proved)).containsExactly("0 RIGHT", "1 TOO_CLOSE", "2 TOO_CLOSE");
        assertThat(proved.warnings()).extracting(Problem::code).containsOnly(Code.TOO_CLOSE).hasSize(2);
        assertThat(proved.warnings()).extracting(Problem::field)
                .containsExactly("transformer.h.1.attn.c_proj.weight", "transformer.h.2.attn.c_proj.weight");
        assertThat(plan(proved).row("transformer.h.1.attn.c_proj.weight").orElseThrow().evidence())
                .isEqualTo(Evidence.CONVENTION);
    }

    @Test
    void what_is_joined_is_proved_only_if_every_part_is() throws Exception {
        var proved = prove(open(SHIPPED.resolve("scratch-split"), "gpt2/hf"));
        var right = proved.forward().with(Answer.RIGHT);
        var joined = plan(proved).rows().stream().filter(r -> r.sources().size() == 3 && r.sources().getFirst()
                .shape().rank() == 2).toList();
        assertThat(joined).hasSize(3).anyMatch(r -> r.evidence() == Evidence.FORWARD)
                .allSatisfy(r -> assertThat(r.evidence()).isEqualTo(
                        r.sources().stream().allMatch(s -> right.contains(s.name()))
                                ? Evidence.FORWARD
                                : Evidence.CONVENTION));
    }

    @Test
    void as_trained_a_wrong_later_layer_gives_no_verdict() throws Exception {
        var proved = prove(open(wrongIn(UNSCALED, "1", "{i:0|2}"), "gpt2/hf-linear"));
        assertThat(answers(proved)).startsWith("0 RIGHT", "1 TOO_CLOSE");
        assertThat(proved.forward().with(Answer.TURNED)).isEmpty();
        assertThat(plan(proved).count(Status.NEEDS_RULE)).isZero();
    }

    @Test
    void as_trained_a_kind_that_is_wrong_as_a_whole_is_turned_as_a_whole() throws Exception {
        var wrong = written(UNSCALED, "gpt2/hf-linear", "wrong", SQUARE + " : rearrange \"o d -> d o\" => " + SQUARE,
                SQUARE + " => " + SQUARE);
        var proved = prove(open(wrong, "gpt2/hf-linear"));
        assertThat(answers(proved)).containsExactly("0 TURNED", "1 TURNED", "2 TURNED");
        assertThat(plan(proved).count(Status.NEEDS_RULE)).isEqualTo(3);
    }

    @Test
    void random_weights_prove_nothing() throws Exception {
        var model = Files.createDirectory(folder.resolve("random"));
        for (var name : List.of("model.safetensors", "config.json")) {
            Files.copy(FIXTURES.resolve("gpt2-tiny/hf").resolve(name), model.resolve(name));
        }
        var letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.,!?:;-\u0120\u010a";
        var vocabulary = new StringBuilder("{");
        for (int i = 0; i < letters.length(); i++) {
            vocabulary.append(i == 0 ? "" : ", ").append('"').append(letters.charAt(i)).append("\": ").append(i);
        }
        Files.writeString(model.resolve("vocab.json"), vocabulary.append("}"));
        Files.writeString(model.resolve("merges.txt"), "#version: 0.2\n");
        Files.writeString(model.resolve("weft-text.txt"), "The cat sat, and the dog ran. Who was glad?");
        var workspace = open(model, "gpt2/hf-linear");
        var proved = prove(workspace);
        assertThat(proved.forward().isModel()).isFalse();
        assertThat(proved.forward().verdicts()).isNotEmpty().allMatch(v -> v.answer() == Answer.TOO_CLOSE);
        assertThat(proved.warnings()).extracting(Problem::code).containsOnly(Code.NO_SENSE);
        assertThat(plan(proved).rows()).isEqualTo(workspace.plan().orElseThrow().rows());
    }

    @Test
    void a_text_beyond_the_vocabulary_proves_nothing() throws Exception {
        var workspace = open(FIXTURES.resolve("gpt2-tiny/hf"), "gpt2/hf-linear");
        var proved = workspace.prove(workspace.fixedText(null), SHIPPED.resolve("hf"), Progress.NONE);
        // The sample's tokenizer has more tokens than this model has rows: nothing can be computed.
        assertThat(proved.forward()).isNull();
        assertThat(proved.warnings()).extracting(Problem::code).containsExactly(Code.VOCABULARY_TOO_LARGE);
        assertThat(plan(proved)).isEqualTo(workspace.plan().orElseThrow());
    }

    @Test
    void without_a_tokenizer_a_warning_says_so() throws Exception {
        var workspace = open(FIXTURES.resolve("gpt2-tiny/hf"), "gpt2/hf-linear");
        var proved = prove(workspace);
        assertThat(proved.warnings()).extracting(Problem::code).containsExactly(Code.NO_TOKENIZER);
        assertThat(plan(proved)).isEqualTo(workspace.plan().orElseThrow());
    }

    @Test
    void another_checkpoint_proves_by_its_values() throws Exception {
        var proved = prove(open(FIXTURES.resolve("gpt2-tiny/openai-tf"),
                FIXTURES.resolve("gpt2-tiny/scratch-split").toString()));
        assertThat(proved.values().with(Answer.RIGHT)).containsExactlyInAnyOrder("model/h0/attn/c_proj/w",
                "model/h1/attn/c_proj/w");
        assertThat(plan(proved).row("trf_blocks.1.att.out_proj.weight").orElseThrow())
                .returns(Evidence.VALUES, Row::evidence).returns(Status.NEEDS_RULE, Row::status);
    }

    @Test
    void another_checkpoint_disproves_by_its_values() throws Exception {
        var proved = prove(open(FIXTURES.resolve("gpt2-tiny/trap-hf-linear"),
                FIXTURES.resolve("gpt2-tiny/hf-linear").toString()));
        assertThat(proved.values().with(Answer.TURNED)).hasSize(2);
        var row = plan(proved).row("transformer.h.0.attn.c_proj.weight").orElseThrow();
        assertThat(row).returns(Status.NEEDS_RULE, Row::status).returns(Kind.TRANSPOSED, Row::kind)
                .returns(true, Row::hidden).returns(Evidence.VALUES, Row::evidence);
    }

    @Test
    void values_are_the_same_after_a_cast() throws Exception {
        var half = folder.resolve("half");
        open(FIXTURES.resolve("gpt2-tiny/hf"), "gpt2/hf").convert(
                new ConvertRequest(half, true, "safetensors", weft.tensor.DType.F16, 0, true, false),
                _ -> true, Progress.NONE);
        var proved = prove(open(FIXTURES.resolve("gpt2-tiny/hf"), half.toString()));
        assertThat(proved.values().with(Answer.RIGHT)).hasSize(2);
    }

    @Test
    void other_values_prove_nothing() throws Exception {
        var proved = prove(open(UNSCALED, SHIPPED.resolve("hf").toString()));
        assertThat(proved.values().verdicts()).isEmpty();
    }

    @Test
    void where_both_speak_and_disagree_computing_is_believed() throws Exception {
        var source = wrongIn(SHIPPED.resolve("hf"), "{i:9}", "{i:0|1|2}");
        var proved = prove(open(source, SHIPPED.resolve("trap-hf-linear").toString()));
        assertThat(proved.values().with(Answer.TURNED)).hasSize(3);
        assertThat(proved.forward().with(Answer.RIGHT)).hasSize(3);
        assertThat(plan(proved).row("transformer.h.0.attn.c_proj.weight").orElseThrow().evidence())
                .isEqualTo(Evidence.FORWARD);
        assertThat(plan(proved).count(Status.NEEDS_RULE)).isZero();
    }

    private static Map<String, TensorSource> tensors(Path path) throws Exception {
        var map = new HashMap<String, TensorSource>();
        Formats.open(path, Progress.NONE).tensors().forEach(t -> map.put(t.name(), t));
        assertThat(Files.exists(path)).isTrue();
        return map;
    }
}
