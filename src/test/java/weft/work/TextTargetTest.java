package weft.work;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import weft.io.Code;
import weft.io.Progress;
import weft.plan.Plan;
import weft.plan.Status;

/** Targets that are text: what a listing or a log says must come to the same as the dialect itself. */
class TextTargetTest {
    private static final Path FIXTURES = Path.of("src/test/resources/fixtures");

    @TempDir
    Path folder;

    private static Workspace against(String source, String target) throws Exception {
        return Workspace.open(FIXTURES.resolve(source), Progress.NONE).withTarget(target, Progress.NONE);
    }

    private static List<String> rows(Plan plan) {
        return plan.rows().stream().filter(r -> r.target().required())
                .map(r -> r.target().name() + " " + r.target().shape() + " " + r.status() + " " + r.kind() + " "
                        + r.hidden())
                .sorted().toList();
    }

    @ParameterizedTest
    @CsvSource({"gpt2-tiny/openai-tf, listings/print-scratch.txt, gpt2/scratch-split",
        "gpt2-tiny/openai-tf, listings/named-parameters-scratch.txt, gpt2/scratch-split",
        "gpt2-tiny/openai-tf, listings/state-dict-keys.txt, gpt2/scratch-split",
        "gpt2-tiny/hf, listings/print-scratch.txt, gpt2/scratch-split",
        "gpt2-tiny/hf, logs/torch-scratch.txt, gpt2/scratch-split",
        "gpt2-tiny/openai-tf, listings/named-parameters-hf.txt, gpt2/hf",
        "gpt2-tiny/scratch-split, listings/list-variables.txt, gpt2/openai-tf"})
    void a_text_plans_as_the_dialect_it_is_written_in(String source, String text, String dialect) throws Exception {
        var listed = against(source, FIXTURES.resolve(text).toString());
        assertThat(rows(listed.plan().orElseThrow())).isEqualTo(rows(against(source, dialect).plan().orElseThrow()));
        assertThat(listed.targetWarnings()).isEmpty();
        assertThat(listed.acceptAll().plan().orElseThrow().isComplete())
                .isEqualTo(against(source, dialect).acceptAll().plan().orElseThrow().isComplete());
    }

    @Test
    void a_log_of_size_mismatches_is_the_model_that_refused_the_file() throws Exception {
        var plan = against("gpt2-12/hf", FIXTURES.resolve("logs/torch-linear-12.txt").toString()).plan().orElseThrow();
        // 36 that PyTorch reported, and 12 it could not see.
        assertThat(plan.count(Status.NEEDS_RULE)).isEqualTo(48);
        assertThat(plan.hidden()).isEqualTo(12);
        assertThat(plan.rows().stream().filter(r -> r.hidden()).map(r -> r.target().name()))
                .allMatch(n -> n.endsWith("attn.c_proj.weight")).hasSize(12);
    }

    @Test
    void a_log_of_another_checkpoint_still_tells_the_model() throws Exception {
        var workspace = against("gpt2-tiny/hf", FIXTURES.resolve("logs/torch-vocabulary.txt").toString());
        var plan = workspace.plan().orElseThrow();
        assertThat(plan.target().parameters()).anySatisfy(p -> {
            assertThat(p.name()).isEqualTo("tok_emb.weight");
            assertThat(p.shape().toString()).isEqualTo("[64, 24]");
        }).anySatisfy(p -> assertThat(p.name()).isEqualTo("trf_blocks.1.att.W_key.weight"));
    }

    @Test
    void names_alone_that_fit_two_dialects_say_which_was_taken() throws Exception {
        var names = Files.readAllLines(FIXTURES.resolve("listings/named-parameters-hf.txt")).stream()
                .map(l -> l.split(" ")[0]).collect(Collectors.joining("\n"));
        var file = Files.writeString(folder.resolve("names.txt"), names);
        var workspace = against("gpt2-tiny/openai-tf", file.toString());
        assertThat(workspace.targetWarnings()).singleElement().satisfies(w -> {
            assertThat(w.code()).isEqualTo(Code.AMBIGUOUS_TARGET);
            assertThat(List.of(w.found(), w.expected())).containsExactlyInAnyOrder("gpt2/hf", "gpt2/hf-linear");
        });
        assertThat(workspace.plan().orElseThrow().target().parameters()).hasSize(28);
    }

    @Test
    void a_prefix_of_the_listing_is_kept_in_the_rules() throws Exception {
        var lines = Files.readAllLines(FIXTURES.resolve("listings/named-parameters-scratch.txt")).stream()
                .map(l -> "module." + l).collect(Collectors.joining("\n"));
        var file = Files.writeString(folder.resolve("wrapped.txt"), lines);
        var workspace = against("gpt2-tiny/openai-tf", file.toString()).acceptAll();
        var plan = workspace.plan().orElseThrow();
        assertThat(plan.isComplete()).isTrue();
        assertThat(plan.count(Status.BY_RULE)).isEqualTo(37);
        assertThat(plan.rows()).allMatch(r -> r.target().name().startsWith("module."));
    }

    @Test
    void a_name_nobody_knows_is_named_and_left_out() throws Exception {
        var file = Files.writeString(folder.resolve("names.txt"),
                Files.readString(FIXTURES.resolve("listings/state-dict-keys.txt")).replace("])", ", 'my.own.thing'])"));
        var workspace = against("gpt2-tiny/openai-tf", file.toString());
        assertThat(workspace.targetWarnings()).singleElement().satisfies(w -> {
            assertThat(w.code()).isEqualTo(Code.TARGET_GAP);
            assertThat(w.found()).isEqualTo("my.own.thing");
        });
    }
}
