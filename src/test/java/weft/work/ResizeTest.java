package weft.work;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Progress;
import weft.plan.Kind;
import weft.plan.Status;
import weft.rule.ArrowText;
import weft.work.RowsReport.Extra;

/** Another vocabulary, another context, biases or none: on files that transformers and torch saved. */
class ResizeTest {
    private static final Path FIXTURES = Path.of("src/test/resources/fixtures");
    private static final Path HF = FIXTURES.resolve("gpt2-tiny/hf");

    @TempDir
    Path folder;

    private static Workspace open(Path source, String target) throws CheckpointException {
        return Workspace.open(source, Progress.NONE).withTarget(target, Progress.NONE);
    }

    @Test
    void a_smaller_vocabulary_is_named_row_by_row_and_left_to_a_person() throws Exception {
        var workspace = open(HF, "gpt2/hf,vocab_size=59");
        var row = workspace.plan().orElseThrow().row("transformer.wte.weight").orElseThrow();
        assertThat(row.status()).isEqualTo(Status.MISMATCH);
        assertThat(row.kind()).isEqualTo(Kind.VOCABULARY);
        var report = RowsReport.of(workspace);
        assertThat(report).hasSize(1);
        assertThat(report.getFirst()).satisfies(d -> {
            assertThat(d.sourceRows()).isEqualTo(61);
            assertThat(d.targetRows()).isEqualTo(59);
            assertThat(d.extra()).isEqualTo(Extra.VALUES);
            assertThat(d.least()).isPositive().isLessThanOrEqualTo(d.most());
            assertThat(d.usual()).isPositive();
        });
        assertThat(workspace.acceptAll().plan().orElseThrow().isComplete()).isFalse();
    }

    @Test
    void a_person_who_says_how_gets_embedding_and_head_together() throws Exception {
        var workspace = open(HF, "gpt2/scratch-split,vocab_size=64,context_length=12").acceptAll();
        assertThat(workspace.plan().orElseThrow().isComplete()).isFalse();
        var resized = Resize.resized(workspace, Resize.filling("mean"));
        var plan = resized.plan().orElseThrow();
        assertThat(plan.isComplete()).as("%s %s", plan.open(), plan.problems()).isTrue();
        assertThat(resized.rules().rules().stream().map(ArrowText::print)).contains(
                "transformer.wte.weight => (tok_emb.weight : pad @0 to vocab_size mean)",
                "transformer.wpe.weight => (pos_emb.weight : slice @0 0:n_ctx)",
                "tok_emb.weight =tie copy=> out_head.weight");
        var wte = resized.values("transformer.wte.weight");
        var tokens = resized.targetValues("tok_emb.weight");
        assertThat(tokens.shape().dim(0)).isEqualTo(64);
        assertThat(tokens.slice(0, 0, 61, 1).toFloats()).isEqualTo(wte.toFloats());
        double mean = 0;
        for (int i = 0; i < 61; i++) {
            mean += wte.at(i, 5);
        }
        assertThat((float) tokens.at(63, 5)).isEqualTo((float) (mean / 61));
        assertThat(resized.targetValues("out_head.weight").toFloats()).isEqualTo(tokens.toFloats());
        assertThat(resized.targetValues("pos_emb.weight").toFloats())
                .isEqualTo(resized.values("transformer.wpe.weight").slice(0, 0, 12, 1).toFloats());
    }

    @Test
    void same_names_are_resized_too() throws Exception {
        var resized = Resize.resized(open(HF, "gpt2/hf,vocab_size=64").acceptAll(), Resize.filling("zero"));
        assertThat(resized.plan().orElseThrow().isComplete()).isTrue();
        assertThat(resized.targetValues("transformer.wte.weight").at(63, 0)).isZero();
        assertThat(org.assertj.core.api.Assertions
                .catchThrowableOfType(CheckpointException.class, () -> Resize.filling("fog")).problem().code())
                .isEqualTo(Code.BAD_ARGUMENT);
    }

    @Test
    void biases_that_are_not_there_are_zeros_and_those_with_no_place_are_a_named_loss() throws Exception {
        var none = open(FIXTURES.resolve("gpt2-nobias/scratch-split"), "gpt2/scratch-split,qkv_bias=true").acceptAll();
        assertThat(none.plan().orElseThrow().isComplete()).isTrue();
        assertThat(none.targetValues("trf_blocks.0.att.W_query.bias").toFloats()).containsOnly(0f);
        var lossy = open(HF, "gpt2/scratch-split,qkv_bias=false");
        for (var workspace : new Workspace[]{lossy, lossy.acceptAll()}) {
            var plan = workspace.plan().orElseThrow();
            assertThat(plan.problems()).extracting(p -> p.code()).containsExactly(Code.E_LOSS);
            assertThat(plan.problems().getFirst().field()).isEqualTo("transformer.h.{i}.attn.c_attn.bias");
            assertThat(plan.problems().getFirst().found()).isEqualTo("2");
            assertThat(plan.isComplete()).isFalse();
        }
        var ready = lossy.acceptAll();
        var rules = new java.util.ArrayList<>(ready.rules().rules());
        rules.add(ArrowText.rule("transformer.h.{i}.attn.c_attn.bias =drop unused=> _"));
        var dropped = ready.withRules(ready.rules().with(rules)).plan().orElseThrow();
        assertThat(dropped.isComplete()).isTrue();
        assertThat(dropped.ignored()).containsEntry("transformer.h.1.attn.c_attn.bias", "unused");
    }

    private Vocabulary counted() {
        return Vocabulary.of(folder, null).orElseThrow();
    }

    @Test
    void tokenizer_files_are_counted() throws Exception {
        assertThat(Vocabulary.of(folder, null)).isEmpty();
        Files.writeString(folder.resolve("vocab.txt"), "[PAD]\nthe\n");
        assertThat(counted().all()).isEqualTo(2);
        Files.writeString(folder.resolve("vocab.json"), "{\"a\": 0, \"b\": 1}");
        Files.writeString(folder.resolve("added_tokens.json"), "{\"<pad>\": 2, \"b\": 1}");
        assertThat(counted().base()).containsEntry(1L, "b").hasSize(2);
        assertThat(counted().added()).containsEntry(2L, "<pad>").hasSize(1);
        Files.writeString(folder.resolve("tokenizer.json"),
                "{\"model\": {\"vocab\": {\"a\": 0, \"b\": 1, \"c\": 2}},"
                        + " \"added_tokens\": [{\"id\": 2, \"content\": \"c\"}, {\"id\": 3, \"content\": \"d\"}]}");
        assertThat(counted().base()).hasSize(3);
        assertThat(counted().added()).containsExactly(java.util.Map.entry(3L, "d"));
        assertThat(counted().rows()).isEqualTo(4);
        Files.writeString(folder.resolve("tokenizer.json"), "{ broken");
        assertThat(Vocabulary.of(folder, null)).isEmpty();
    }

    private static final Path VOCABULARY = FIXTURES.resolve("vocabulary");

    private static RowsReport.Whole rows(String source, String target) throws CheckpointException {
        return RowsReport.whole(open(VOCABULARY.resolve(source), VOCABULARY.resolve(target).toString()));
    }

    /** Folders that transformers saved after add_special_tokens and resize_token_embeddings (make_vocabulary.py). */
    @Test
    void one_more_row_is_a_token_and_its_name_is_said_whichever_side_has_it() throws Exception {
        for (var pair : new String[][]{{"plus1", "base", "source"}, {"base", "plus1", "target"}}) {
            var whole = rows(pair[0], pair[1]);
            assertThat(whole.differences()).extracting(RowsReport.Difference::tensor)
                    .containsExactly("lm_head.weight", "model.embed_tokens.weight");
            for (var difference : whole.differences()) {
                assertThat(RowsReport.purpose(difference, whole)).isEqualTo(RowsReport.Purpose.TOKENS);
                var fields = Resize.describe(difference, whole);
                assertThat(fields.get("side")).isEqualTo(pair[2]);
                assertThat(fields.get("rows")).isEqualTo(java.util.List.of(40L, 40L));
                assertThat(fields.get("tokens")).isEqualTo(java.util.List.of("<pad>"));
                assertThat(difference.extra()).isEqualTo(Extra.VALUES);
                assertThat(difference.usual()).isPositive();
            }
            assertThat(whole.source().orElseThrow().differences(whole.target().orElseThrow())).isEqualTo(1);
        }
        assertThat(rows("plus1", "base").source().orElseThrow()).satisfies(t -> {
            assertThat(t.base()).hasSize(40);
            assertThat(t.added()).containsExactly(java.util.Map.entry(40L, "<pad>"));
        });
    }

    /** pad_to_multiple_of=16 fills rows with random values: their norms look trained, only the tokenizer tells. */
    @Test
    void rows_beyond_every_token_are_padding_whatever_they_hold() throws Exception {
        var whole = rows("padded", "plus1");
        assertThat(whole.differences()).hasSize(2).allSatisfy(d -> {
            assertThat(d.sourceRows()).isEqualTo(48);
            assertThat(d.targetRows()).isEqualTo(41);
            assertThat(d.extra()).isEqualTo(Extra.VALUES);
            assertThat(d.most()).isBetween(d.usual() / 3, d.usual() * 3);
            assertThat(RowsReport.purpose(d, whole)).isEqualTo(RowsReport.Purpose.PADDING);
        });
        var zero = rows("zero", "base");
        assertThat(zero.differences()).hasSize(2).allSatisfy(d -> {
            assertThat(d.extra()).isEqualTo(Extra.ZERO);
            assertThat(RowsReport.purpose(d, zero)).isEqualTo(RowsReport.Purpose.PADDING);
        });
        // Without a tokenizer nothing tells.
        var bare = rows("gpt48", "gpt");
        assertThat(bare.differences()).singleElement().satisfies(
                d -> assertThat(RowsReport.purpose(d, bare)).isEqualTo(RowsReport.Purpose.UNKNOWN));
    }

    @Test
    void the_report_says_it_in_both_languages() throws Exception {
        var whole = rows("padded", "base");
        var english = Resize.lines(whole, weft.text.Texts.of(java.util.Locale.ENGLISH));
        assertThat(english.getFirst())
                .startsWith("lm_head.weight: 8 rows are only in the source (40 … 47): they belong to tokens")
                .contains("<pad>").contains("norms");
        assertThat(english).contains("Tokenizer beside the source: 40 + 1 added = 41 tokens",
                "Tokenizer beside the target: 40 tokens", "1 id means another token on the other side, or none there.");
        assertThat(Resize.lines(whole, weft.text.Texts.of(java.util.Locale.SIMPLIFIED_CHINESE)))
                .contains("来源旁边的分词器：40 + 新增 1 = 41 个词元").hasSameSizeAs(english);
    }

    @Test
    void untied_embedding_and_head_are_resized_together_and_agree_with_the_rows_they_had() throws Exception {
        var cut = Resize.resized(open(VOCABULARY.resolve("padded"), VOCABULARY.resolve("base").toString()).acceptAll(),
                Resize.filling("zero"));
        assertThat(cut.plan().orElseThrow().isComplete()).isTrue();
        var base = open(VOCABULARY.resolve("base"), VOCABULARY.resolve("base").toString());
        for (var name : new String[]{"lm_head.weight", "model.embed_tokens.weight"}) {
            assertThat(cut.targetValues(name).toFloats()).isEqualTo(base.values(name).toFloats());
        }
        var tied = Resize.resized(open(VOCABULARY.resolve("gpt"), VOCABULARY.resolve("gpt48").toString()).acceptAll(),
                Resize.filling("row 3"));
        assertThat(tied.plan().orElseThrow().isComplete()).isTrue();
        assertThat(tied.targetValues("transformer.wte.weight").slice(0, 47, 48, 1).toFloats())
                .isEqualTo(tied.values("transformer.wte.weight").slice(0, 3, 4, 1).toFloats());
    }
}
