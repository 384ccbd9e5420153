package weft.work;

import static org.assertj.core.api.Assertions.assertThat;
import static weft.work.Opened.tensors;

import java.nio.file.Path;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import weft.io.Code;
import weft.io.Progress;
import weft.plan.Status;
import weft.tensor.TensorSource;
import weft.work.ConvertRequest;

/** BERT and ViT: data files only. What the frameworks saved leads into what the others saved, bit for bit, and back. */
class EncoderDialectsTest {
    private static final Path FIXTURES = Path.of("src/test/resources/fixtures");

    @TempDir
    Path folder;

    private ConvertRequest request(String name) {
        return new ConvertRequest(folder.resolve(name), true, null, null, 0, true, false);
    }

    private static void same(Map<String, TensorSource> actual, Map<String, TensorSource> expected) throws Exception {
        assertThat(actual.keySet()).isEqualTo(expected.keySet());
        for (var tensor : actual.values()) {
            assertThat(tensor.read().contiguous().bytes()
                    .mismatch(expected.get(tensor.name()).read().contiguous().bytes())).as(tensor.name()).isEqualTo(-1);
        }
    }

    @ParameterizedTest
    @CsvSource({"bert-tiny/hf, bert/hf, bert-tiny/google-tf, bert/google-tf",
        "bert-tiny/hf-old, bert/hf, bert-tiny/google-tf, bert/google-tf",
        "bert-tiny/google-tf, bert/google-tf, bert-tiny/hf, bert/hf", "vit-tiny/hf, vit/hf, vit-tiny/timm, vit/timm",
        "vit-tiny/timm, vit/timm, vit-tiny/hf, vit/hf"})
    void leads_into_the_other_frameworks_file_and_back(String from, String dialect, String to, String other)
            throws Exception {
        var source = Workspace.open(FIXTURES.resolve(from), Progress.NONE);
        assertThat(source.source().dialect()).isEqualTo(dialect);
        assertThat(source.recognition().contradicting()).isEmpty();
        assertThat(source.recognition().unknown()).isEmpty();
        var there = source.withTarget(other, Progress.NONE).acceptAll();
        assertThat(there.plan().orElseThrow().isComplete()).as("%s", there.plan().orElseThrow().open()).isTrue();
        there.convert(request("there"), _ -> true, Progress.NONE);
        same(tensors(folder.resolve("there")), tensors(FIXTURES.resolve(to)));
        var back = Workspace.open(folder.resolve("there"), Progress.NONE).withTarget(dialect, Progress.NONE)
                .acceptAll();
        back.convert(request("back"), _ -> true, Progress.NONE);
        // The old spelling is read and the new one written.
        same(tensors(folder.resolve("back")), tensors(FIXTURES.resolve(from.replace("hf-old", "hf"))));
    }

    @Test
    void bert_hides_its_squares_from_a_shape_check() throws Exception {
        var plan = Workspace.open(FIXTURES.resolve("bert-tiny/google-tf"), Progress.NONE)
                .withTarget("bert/hf", Progress.NONE).plan().orElseThrow();
        // Query, key, value and output of two layers, the pooler and the dense layer before the head.
        assertThat(plan.hidden()).isEqualTo(10);
        assertThat(plan.count(Status.NEEDS_RULE)).isEqualTo(plan.target().required());
    }

    @Test
    void bert_against_gpt2_is_one_sentence_and_neither_is_run() throws Exception {
        var workspace = Workspace.open(FIXTURES.resolve("bert-tiny/hf"), Progress.NONE).withTarget("gpt2/hf@124M",
                Progress.NONE);
        assertThat(Findings.of(workspace)).extracting(f -> f.code(), f -> f.found(), f -> f.expected())
                .containsExactly(org.assertj.core.groups.Tuple.tuple(Code.OTHER_MODEL, "BERT", "GPT-2"));
        var problem = org.assertj.core.api.Assertions.catchThrowableOfType(weft.io.CheckpointException.class,
                () -> Workspace.open(FIXTURES.resolve("bert-tiny/hf"), Progress.NONE).run(null)).problem();
        assertThat(problem.code()).isEqualTo(Code.NOT_A_FAMILY);
    }
}
