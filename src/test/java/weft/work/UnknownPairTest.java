package weft.work;

import static org.assertj.core.api.Assertions.assertThat;
import static weft.work.Opened.tensors;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import weft.io.CheckpointException;
import weft.io.Progress;
import weft.plan.Kind;
import weft.plan.Reason;
import weft.plan.Status;
import weft.rule.ArrowText;
import weft.rule.RuleFile;
import weft.text.Texts;

/**
 * Files of frameworks no dialect knows, against a model of another one with the same weights (fixtures/make_unknown.py
 * asserts that both compute the same): the rules Weft suggests have to give the very bytes.
 */
class UnknownPairTest {
    private static final Path FILES = Path.of("src/test/resources/fixtures/unknown");

    @TempDir
    Path folder;

    private static Workspace open(String pair, String source) throws CheckpointException {
        var workspace = Workspace.open(FILES.resolve(pair).resolve(source), Progress.NONE);
        assertThat(workspace.source().dialect()).isNull();
        return workspace.withTarget(FILES.resolve(pair).resolve("target.safetensors").toString(), Progress.NONE);
    }

    private void givesTheBytes(Workspace ready, String pair) throws Exception {
        var plan = ready.plan().orElseThrow();
        assertThat(plan.isComplete()).as("%s %s", plan.open(), plan.problems()).isTrue();
        ready.convert(new ConvertRequest(folder.resolve("m.safetensors"), false, null, null, 0, true, false),
                _ -> true, Progress.NONE);
        var mine = tensors(folder.resolve("m.safetensors"));
        var expected = tensors(FILES.resolve(pair).resolve("target.safetensors"));
        assertThat(mine.keySet()).isEqualTo(expected.keySet());
        for (var tensor : expected.values()) {
            var made = java.util.Objects.requireNonNull(mine.get(tensor.name())).read();
            assertThat(made.shape()).isEqualTo(tensor.info().shape());
            assertThat(made.contiguous().bytes().mismatch(tensor.read().contiguous().bytes())).as(tensor.name())
                    .isEqualTo(-1);
        }
    }

    /** flax.linen's scan keeps all layers in one tensor, [in, out]. */
    @Test
    void what_only_one_tensor_can_be_is_suggested_and_right() throws Exception {
        var workspace = open("scanned", "source.msgpack");
        givesTheBytes(workspace.acceptAll(), "scanned");
        var plan = workspace.plan().orElseThrow();
        assertThat(Reasons.lines(plan, Texts.of(Locale.ENGLISH))).hasSize(8)
                .allSatisfy(r -> assertThat(r).contains(": from ").contains("%"));
        assertThat(Reasons.lines(plan, Texts.of(Locale.SIMPLIFIED_CHINESE))).hasSize(8)
                .allSatisfy(r -> assertThat(r).contains("：来自 "));
    }

    /** A Keras file numbers what a layer holds; the four vectors of a batch normalisation are four of a kind. */
    @Test
    void a_keras_file_without_names_is_paired_by_shapes_and_modules_and_the_rest_is_asked() throws Exception {
        var workspace = open("keras", "source.keras");
        var plan = workspace.plan().orElseThrow();
        assertThat(plan.open()).filteredOn(r -> r.status() != Status.NEEDS_RULE).extracting(r -> r.target().name())
                .containsExactlyInAnyOrder("bn.weight", "bn.bias", "bn.running_mean", "bn.running_var");
        assertThat(Reasons.of(Reasons.of(plan), "stem.bias").orElseThrow().notes()).contains(Reason.Note.FOLLOWED);
        var bn = "layers/batch_normalization/vars/";
        var said = workspace.accept(ArrowText.rule(bn + "0 => bn.weight"))
                .accept(ArrowText.rule(bn + "1 => bn.bias")).accept(ArrowText.rule(bn + "2 => bn.running_mean"));
        givesTheBytes(said.acceptAll(), "keras");
    }

    /** torch's encoder calls its norms norm1 and norm2, the other module attn_norm and mlp_norm: a person says which. */
    @Test
    void twins_stay_open_until_a_person_says_which_is_which_in_one_layer() throws Exception {
        var workspace = open("encoder", "source.safetensors");
        var plan = workspace.plan().orElseThrow();
        assertThat(plan.suggestions().rules().stream().map(ArrowText::print)).contains(
                "encoder.layers.{i}.self_attn.in_proj_weight : split 3 @0 => stack.{i}.attn.q_proj.weight,"
                        + " stack.{i}.attn.k_proj.weight, stack.{i}.attn.v_proj.weight",
                "encoder.layers.{i}.self_attn.in_proj_bias : split 3 @0 => stack.{i}.attn.q_proj.bias,"
                        + " stack.{i}.attn.k_proj.bias, stack.{i}.attn.v_proj.bias");
        assertThat(plan.row("stack.0.attn_norm.weight").orElseThrow().status()).isEqualTo(Status.MISSING);
        var why = Reasons.of(Reasons.of(plan), "stack.0.attn_norm.weight").orElseThrow();
        assertThat(why.open()).isEqualTo(Reason.Open.AMBIGUOUS);
        assertThat(why.from()).contains("encoder.layers.{i}.norm1.weight", "encoder.layers.{i}.norm2.weight");
        assertThat(workspace.acceptAll().plan().orElseThrow().isComplete()).isFalse();
        // One tensor of one layer is enough for both norms, weight and bias, in every layer.
        var said = workspace.accept(ArrowText.rule("encoder.layers.1.norm1.weight => stack.1.attn_norm.weight"));
        givesTheBytes(said.acceptAll(), "encoder");
    }

    @Test
    void a_suggested_rule_file_says_why_and_where_it_comes_from() throws Exception {
        var workspace = open("scanned", "source.msgpack");
        var file = folder.resolve("rules.json");
        workspace.save(workspace.suggestions(false), file);
        var read = RuleFile.read(Files.readAllBytes(file), "rules.json");
        assertThat(read.provenance()).containsKeys("weft", "sourceSha256", Reason.KEY);
        assertThat(Reason.of(read.provenance())).containsKey("steps.{i}.wide.weight");
        assertThat(read.rules()).isEqualTo(workspace.suggestions(false).rules());
    }

    /** A vocabulary that was padded: named with both counts, made only when a person says how. */
    @Test
    void rows_that_differ_are_resized_when_a_person_says_how() throws Exception {
        var listing = folder.resolve("target.txt");
        Files.writeString(listing, Files.readString(Path.of("src/test/resources/fixtures/unknown/encoder.txt"))
                .replace("tokens.weight 11 8", "tokens.weight 16 8"));
        var workspace = Workspace.open(FILES.resolve("encoder/source.safetensors"), Progress.NONE)
                .withTarget(listing.toString(), Progress.NONE)
                .accept(ArrowText.rule("encoder.layers.1.norm1.weight => stack.1.attn_norm.weight")).acceptAll();
        var row = workspace.plan().orElseThrow().row("tokens.weight").orElseThrow();
        assertThat(row.status()).isEqualTo(Status.MISMATCH);
        assertThat(row.kind()).isEqualTo(Kind.VOCABULARY);
        assertThat(RowsReport.of(workspace)).as("%s", workspace.rules()).singleElement().satisfies(d -> {
            assertThat(d.sourceRows()).isEqualTo(11);
            assertThat(d.targetRows()).isEqualTo(16);
        });
        var resized = Resize.resized(workspace, Resize.filling("mean"));
        var plan = resized.plan().orElseThrow();
        assertThat(plan.isComplete()).as("%s %s", plan.open(), plan.problems()).isTrue();
        assertThat(resized.targetValues("tokens.weight").slice(0, 0, 11, 1).toFloats())
                .isEqualTo(workspace.values("embedding.weight").toFloats());
    }
}
