package weft.work;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static weft.work.Opened.tensors;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import weft.format.Checkpoint;
import weft.format.Formats;
import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Json;
import weft.io.Problem;
import weft.io.Progress;
import weft.io.SourceFile;
import weft.rule.ArrowText;
import weft.tensor.DType;
import weft.tensor.TensorSource;
import weft.work.ConvertRequest;

/** From a checkpoint in one dialect to a file in another, held against what the framework itself wrote there. */
class ConvertTest {
    private static final Path TINY = Path.of("src/test/resources/fixtures/gpt2-tiny");

    private static final Path LINE = Path.of("src/test/resources/fixtures/llama-line");

    @TempDir
    Path folder;

    private Workspace ready(String from, String target) throws CheckpointException {
        return Workspace.open(TINY.resolve(from), Progress.NONE).withTarget(target, Progress.NONE).acceptAll();
    }

    private ConvertRequest to(String name, boolean asFolder, long shard) {
        return new ConvertRequest(folder.resolve(name), asFolder, "safetensors", null, shard, true, false);
    }

    @ParameterizedTest
    @ValueSource(strings = {"openai-tf", "hf", "scratch-fused"})
    void writes_what_torch_itself_would_have_saved(String from) throws Exception {
        var result = ready(from, "gpt2/scratch-split").convert(to("gpt.safetensors", false, 0), _ -> true,
                Progress.NONE);
        assertThat(result.lossless()).isTrue();
        var expected = tensors(TINY.resolve("scratch-split"));
        var written = tensors(result.files().getFirst());
        assertThat(written).isNotEmpty();
        for (var tensor : written.values()) {
            var torch = expected.get(tensor.name()).read().contiguous().bytes();
            assertThat(tensor.read().contiguous().bytes().mismatch(torch)).as(tensor.name()).isEqualTo(-1);
        }
        // A mask is carried over where the source has one, and never made up.
        expected.keySet().removeIf(n -> n.endsWith(".mask"));
        written.keySet().removeIf(n -> n.endsWith(".mask"));
        assertThat(written.keySet()).isEqualTo(expected.keySet());
    }

    @Test
    void forward_and_back_gives_every_byte_again() throws Exception {
        ready("openai-tf", "gpt2/scratch-fused").convert(to("there.safetensors", false, 0), _ -> true, Progress.NONE);
        var back = Workspace.open(folder.resolve("there.safetensors"), Progress.NONE)
                .withTarget("gpt2/openai-tf", Progress.NONE).acceptAll();
        // The head was tied; it is dropped on the way back only because it is equal.
        back.convert(to("back.safetensors", false, 0), _ -> true, Progress.NONE);
        var first = tensors(TINY.resolve("openai-tf"));
        var again = tensors(folder.resolve("back.safetensors"));
        assertThat(again.keySet()).isEqualTo(first.keySet());
        for (var tensor : again.values()) {
            assertThat(
                    tensor.read().contiguous().bytes().mismatch(first.get(tensor.name()).read().contiguous().bytes()))
                    .isEqualTo(-1);
        }
    }

    @Test
    void a_folder_holds_shards_index_and_config() throws Exception {
        var result = ready("openai-tf", "gpt2/hf").convert(to("model", true, 8000), _ -> true, Progress.NONE);
        assertThat(result.files().getFirst().getFileName()).hasToString("model.safetensors.index.json");
        assertThat(folder.resolve("model/config.json")).content().contains("\"n_head\" : 3", "GPT2LMHeadModel");
        assertThat(tensors(folder.resolve("model"))).hasSize(2 * 12 + 4);
        var logits = Workspace.open(folder.resolve("model"), Progress.NONE).run(null).model().lastLogits(46, 24, 54);
        var before = Workspace.open(TINY.resolve("hf"), Progress.NONE).run(null).model().lastLogits(46, 24, 54);
        assertThat(logits).isEqualTo(before);
    }

    @Test
    void never_writes_onto_a_source_and_never_over_a_file_unasked() throws Exception {
        var copy = Files.createDirectory(folder.resolve("hf"));
        for (var name : List.of("model.safetensors", "config.json")) {
            Files.copy(TINY.resolve("hf").resolve(name), copy.resolve(name));
        }
        var workspace = Workspace.open(copy, Progress.NONE).withTarget("gpt2/scratch-split", Progress.NONE)
                .acceptAll();
        var onto = new ConvertRequest(copy.resolve("model.safetensors"), false, null, null, 0, true, true);
        assertThatThrownBy(() -> workspace.convert(onto, _ -> true, Progress.NONE))
                .isInstanceOfSatisfying(CheckpointException.class, e -> assertThat(e.code()).isEqualTo(Code.SAME_FILE));
        Files.writeString(folder.resolve("there.safetensors"), "mine");
        assertThatThrownBy(() -> workspace.convert(to("there.safetensors", false, 0), _ -> true, Progress.NONE))
                .isInstanceOfSatisfying(CheckpointException.class, e -> assertThat(e.code()).isEqualTo(Code.EXISTS));
        assertThat(folder.resolve("there.safetensors")).hasContent("mine");
    }

    /** A file whose head differs from its embedding in one bit, in the textbook's dialect. */
    private Path untied(String target) throws Exception {
        ready(target.equals("gpt2/hf-linear") ? "hf-linear" : "scratch-split", target)
                .convert(to("tied.safetensors", false, 0), _ -> true, Progress.NONE);
        var path = folder.resolve("tied.safetensors");
        var bytes = Files.readAllBytes(path);
        int header = (int) SourceFile.open(path).segment(0, 8).get(SourceFile.I64, 0);
        var name = target.equals("gpt2/scratch-fused") ? "out_linear.weight" : "lm_head.weight";
        var fields = (Map<?, ?>) Json.plain(Json.parse(new String(bytes, 8, header, StandardCharsets.UTF_8), "header"));
        var offsets = (List<?>) ((Map<?, ?>) fields.get(name)).get("data_offsets");
        bytes[8 + header + ((Long) offsets.getFirst()).intValue()] ^= 1;
        return Files.write(folder.resolve("untied.safetensors"), bytes);
    }

    @Test
    void a_head_that_is_not_the_embedding_is_not_dropped_quietly() throws Exception {
        var workspace = Workspace.open(untied("gpt2/scratch-fused"), Progress.NONE)
                .withTarget("gpt2/hf", Progress.NONE).acceptAll();
        assertThatThrownBy(() -> workspace.convert(to("out.safetensors", false, 0), _ -> true, Progress.NONE))
                .isInstanceOfSatisfying(CheckpointException.class,
                        e -> assertThat(e.code()).isEqualTo(Code.HEAD_NOT_TIED));
        assertThat(folder.resolve("out.safetensors")).doesNotExist();
    }

    @Test
    void a_target_without_a_head_does_not_swallow_one() throws Exception {
        var workspace = Workspace.open(untied("gpt2/scratch-fused"), Progress.NONE)
                .withTarget("gpt2/openai-tf", Progress.NONE).acceptAll();
        assertThat(workspace.plan().orElseThrow().unused()).containsExactly("out_linear.weight");
        var seen = workspace.planWithHeads();
        assertThat(seen.isComplete()).isFalse();
        assertThat(seen.problems()).singleElement().returns(Code.HEAD_NOT_TIED, Problem::code)
                .returns("out_linear.weight", Problem::found).returns("tok_emb.weight", Problem::expected);
        assertThatThrownBy(() -> workspace.convert(to("tf/", true, 0), _ -> true, Progress.NONE))
                .isInstanceOfSatisfying(CheckpointException.class,
                        e -> assertThat(e.code()).isEqualTo(Code.HEAD_NOT_TIED));
        // What is left out on purpose, with the embedding or by a rule, isn't lost.
        workspace.convert(to("norm", false, 0), name -> name.contains("ln_f"), Progress.NONE);
        var dropped = workspace.withRules(workspace.rules().with(Stream.concat(workspace.rules().rules().stream(),
                Stream.of(ArrowText.rule("out_linear.weight =drop unused=> _"))).toList()));
        assertThat(dropped.planWithHeads().isComplete()).isTrue();
        dropped.convert(to("dropped", true, 0), _ -> true, Progress.NONE);
    }

    @Test
    void a_rule_that_drops_the_head_speaks_for_the_tie_too() throws Exception {
        var workspace = Workspace.open(untied("gpt2/scratch-fused"), Progress.NONE)
                .withTarget("gpt2/hf", Progress.NONE).acceptAll();
        assertThat(workspace.planWithHeads().problems()).singleElement().returns(Code.HEAD_NOT_TIED, Problem::code)
                .returns("lm_head.weight", Problem::field);
        var dropped = workspace.withRules(workspace.rules().with(Stream.concat(workspace.rules().rules().stream(),
                Stream.of(ArrowText.rule("out_linear.weight =drop unused=> _"))).toList()));
        assertThat(dropped.planWithHeads().isComplete()).isTrue();
        dropped.convert(to("dropped", true, 0), _ -> true, Progress.NONE);
    }

    @Test
    void a_head_the_embedding_equals_needs_no_place() throws Exception {
        var workspace = ready("hf-bin", "gpt2/openai-tf");
        assertThat(workspace.plan().orElseThrow().unused()).containsExactly("lm_head.weight");
        var seen = workspace.planWithHeads();
        assertThat(seen.unused()).isEmpty();
        assertThat(seen.ignored()).containsEntry("lm_head.weight", "tied");
        assertThat(seen.isComplete()).isTrue();
    }

    @Test
    void a_llama_whose_head_transformers_did_not_tie_is_refused_where_the_target_ties_it() throws Exception {
        var llama = Path.of("src/test/resources/fixtures/llama-line/llama");
        var tied = Workspace.open(llama, Progress.NONE).withTarget("llama/gguf,output=false", Progress.NONE);
        assertThat(tied.planWithHeads().problems()).singleElement().returns(Code.HEAD_NOT_TIED, Problem::code)
                .returns("lm_head.weight", Problem::found).returns("model.embed_tokens.weight", Problem::expected);
        var own = Workspace.open(llama, Progress.NONE).withTarget("llama/gguf", Progress.NONE);
        assertThat(own.planWithHeads()).isEqualTo(own.plan().orElseThrow());
    }

    @Test
    void a_head_of_its_own_is_written_and_the_config_says_so() throws Exception {
        // hf-linear names the head itself: there is no tie to check, and both are kept.
        var workspace = Workspace.open(untied("gpt2/hf-linear"), Progress.NONE).withTarget("gpt2/hf-linear",
                Progress.NONE);
        workspace.convert(to("own", true, 0), _ -> true, Progress.NONE);
        assertThat(folder.resolve("own/config.json")).content().contains("\"tie_word_embeddings\" : false");
        ready("hf", "gpt2/hf-linear").convert(to("tied", true, 0), _ -> true, Progress.NONE);
        assertThat(folder.resolve("tied/config.json")).content().contains("\"tie_word_embeddings\" : true");
    }

    @Test
    void a_cast_is_said_to_be_lossy() throws Exception {
        var request = new ConvertRequest(folder.resolve("half.safetensors"), false, null, DType.F16, 0, true, false);
        var result = ready("hf", "gpt2/hf-linear").convert(request, _ -> true, Progress.NONE);
        assertThat(result.lossless()).isFalse();
        assertThat(tensors(folder.resolve("half.safetensors")).values())
                .allMatch(t -> t.info().dtype() == DType.F16);
    }

    /** Each of these was once a file that llama.cpp refused, or stopped at; see check_llama_cpp.sh. */
    @Test
    void a_gguf_file_is_what_llama_cpp_wants() throws Exception {
        var llama3 = gguf("llama-line/llama-llama3", "llama/gguf");
        var published = Formats.open(LINE.resolve("llama-llama3-gguf/model.gguf"), Progress.NONE);
        assertThat(llama3.tensors()).extracting(TensorSource::name)
                .containsExactlyInAnyOrderElementsOf(published.tensors().stream().map(TensorSource::name).toList());
        assertThat(divisors(llama3)).containsExactly(divisors(published), org.assertj.core.data.Offset.offset(1e-6f));
        assertThat(llama3.metadata()).containsEntry("tokenizer.ggml.model", "none")
                .doesNotContainKey("llama.rope.scaling.type");
        assertThat(gguf("llama-line/qwen3", "llama/gguf-halves").metadata())
                .containsEntry("qwen3.attention.key_length", "10").containsEntry("qwen3.attention.value_length", "10")
                .containsEntry("qwen3.rope.dimension_count", "10");
        var trained = gguf("llama-trained", "llama/gguf");
        assertThat(trained.metadata()).containsEntry("tokenizer.ggml.model", "gpt2")
                .containsEntry("tokenizer.ggml.pre", "gpt-2");
        assertThat(trained.tensors()).allSatisfy(t -> assertThat(t.info().dtype())
                .isEqualTo(t.info().shape().rank() == 1 ? DType.F32 : DType.F16));
    }

    /** Weights are written whatever their rotary frequencies were stretched by; only computing with them needs to know. */
    @Test
    void a_rotary_scaling_weft_does_not_compute_is_no_reason_not_to_convert() throws Exception {
        var from = Files.createDirectories(folder.resolve("longrope"));
        Files.copy(LINE.resolve("llama/model.safetensors"), from.resolve("model.safetensors"));
        Files.writeString(from.resolve("config.json"), Files.readString(LINE.resolve("llama/config.json"))
                .replace("\"rope_type\": \"default\"", "\"rope_type\": \"longrope\""));
        var file = folder.resolve("longrope.gguf");
        Workspace.open(from, Progress.NONE).withTarget("llama/gguf", Progress.NONE).acceptAll()
                .convert(new ConvertRequest(file, false, null, null, 0, true, false), _ -> true, Progress.NONE);
        assertThat(Formats.open(file, Progress.NONE).metadata()).containsEntry("llama.rope.scaling.type", "longrope");
    }

    private static float[] divisors(Checkpoint checkpoint) throws CheckpointException {
        return checkpoint.tensors().stream().filter(t -> t.name().equals("rope_freqs.weight")).findFirst().orElseThrow()
                .read().toFloats();
    }

    private Checkpoint gguf(String from, String target) throws CheckpointException {
        var file = folder.resolve(from.replace('/', '-') + ".gguf");
        Workspace.open(LINE.resolveSibling(from), Progress.NONE).withTarget(target, Progress.NONE).acceptAll()
                .convert(new ConvertRequest(file, false, null, null, 0, true, false), _ -> true, Progress.NONE);
        return Formats.open(file, Progress.NONE);
    }
}
