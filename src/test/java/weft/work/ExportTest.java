package weft.work;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Json;
import weft.io.Problem;
import weft.io.Progress;
import weft.text.Texts;

/**
 * Exported scripts: what Weft prints is the file in fixtures/scripts, which fixtures/check_scripts.py ran in PyTorch and
 * transformers, and what the run wrote is what Weft writes, but for the provenance among the metadata.
 */
class ExportTest {
    private static final Path FIXTURES = Path.of("src/test/resources/fixtures");
    private static final Texts TEXTS = Texts.of(Locale.ENGLISH);

    @TempDir
    Path folder;

    private static Workspace ready(String source, String target) throws Exception {
        return Workspace.open(FIXTURES.resolve(source), Progress.NONE).withTarget(target, Progress.NONE).acceptAll();
    }

    private static String golden(String name) throws Exception {
        return Files.readString(FIXTURES.resolve("scripts/" + name + ".py"));
    }

    @ParameterizedTest
    @CsvSource({"torch-hf-scratch, gpt2-tiny/hf, gpt2/scratch-split, TORCH",
        "torch-scratch-hf, gpt2-tiny/scratch-split, gpt2/hf, TORCH",
        "torch-fused-linear, gpt2-odd/scratch-fused, gpt2/hf-linear, TORCH",
        "torch-sharded, gpt2-tiny/hf-sharded, gpt2/scratch-fused, TORCH",
        "mindspore-hf-scratch, gpt2-tiny/hf, gpt2/scratch-split, MINDSPORE",
        "transformers-scratch-hf, gpt2-tiny/scratch-split, gpt2/hf, TRANSFORMERS",
        "reference-hf, gpt2-tiny/hf, gpt2/hf, REFERENCE_SCRIPT",
        "reference-scratch, gpt2-tiny/scratch-split, gpt2/scratch-split, REFERENCE_SCRIPT"})
    void a_script_is_the_one_that_was_checked(String script, String source, String target, Export.As as)
            throws Exception {
        assertThat(Export.text(ready(source, target), as, TEXTS)).isEqualTo(golden(script));
    }

    @ParameterizedTest
    @CsvSource({"torch-hf-scratch, gpt2-tiny/hf, gpt2/scratch-split",
        "torch-scratch-hf, gpt2-tiny/scratch-split, gpt2/hf",
        "torch-fused-linear, gpt2-odd/scratch-fused, gpt2/hf-linear",
        "torch-sharded, gpt2-tiny/hf-sharded, gpt2/scratch-fused"})
    void the_script_wrote_in_pytorch_the_very_file_weft_writes(String script, String source, String target)
            throws Exception {
        var file = folder.resolve("converted.safetensors");
        ready(source, target).convert(new ConvertRequest(file, false, null, null, 0, true, false), _ -> true,
                Progress.NONE);
        var sha256 = HexFormat.of()
                .formatHex(MessageDigest.getInstance("SHA-256").digest(unsigned(Files.readAllBytes(file))));
        var checked = (Map<?, ?>) Json.read(Files.readString(FIXTURES.resolve("scripts/checked.json")), "checked.json");
        assertThat(((Map<?, ?>) checked.get("sha256")).get(script)).isEqualTo(sha256);
    }

    /** What computes and doesn't only move: an adapter, dequantised weights, new rows and numbers. */
    private Workspace computing(String script) throws Exception {
        var hf = FIXTURES.resolve("gpt2-tiny/hf");
        return switch (script) {
            case "torch-lora" -> Workspace.open(hf, Progress.NONE)
                    .withAdapter(FIXTURES.resolve("lora/gpt2"), Progress.NONE)
                    .withTarget("gpt2/scratch-split", Progress.NONE).acceptAll();
            case "torch-nf4", "torch-int8", "torch-fp8" ->
                ready("quantised/" + script.substring(6), "gpt2/hf-linear");
            case "torch-grown" -> Workspace.open(FIXTURES.resolve("llama-trained"), Progress.NONE)
                    .withRuleFile(FIXTURES.resolve("scripts/grown.weft"), Progress.NONE).withTargetFromRules();
            case "torch-init" -> Workspace.open(hf, Progress.NONE).withTarget("gpt2/scratch-split", Progress.NONE)
                    .withRuleFile(FIXTURES.resolve("scripts/init.weft"), Progress.NONE);
            default -> throw new IllegalArgumentException(script);
        };
    }

    @ParameterizedTest
    @ValueSource(strings = {"torch-lora", "torch-nf4", "torch-int8", "torch-fp8", "torch-grown", "torch-init"})
    void what_a_script_computes_in_pytorch_is_bit_for_bit_what_weft_computes(String script) throws Exception {
        var workspace = computing(script);
        assertThat(Export.text(workspace, Export.As.TORCH, TEXTS)).isEqualTo(golden(script));
        var file = folder.resolve("converted.safetensors");
        workspace.convert(new ConvertRequest(file, false, null, null, 0, true, false), _ -> true,
                Progress.NONE);
        var sha256 = HexFormat.of()
                .formatHex(MessageDigest.getInstance("SHA-256").digest(unsigned(Files.readAllBytes(file))));
        var checked = (Map<?, ?>) Json.read(Files.readString(FIXTURES.resolve("scripts/checked.json")), "checked.json");
        assertThat(((Map<?, ?>) checked.get("sha256")).get(script)).isEqualTo(sha256);
    }

    @Test
    void what_no_script_says_exactly_is_refused_by_name() throws Exception {
        for (var script : List.of("torch-lora", "torch-nf4", "torch-grown", "torch-init")) {
            var named = script.equals("torch-init")
                    ? "init normal"
                    : script.equals("torch-grown") ? "pad normal(7, 0.5)" : "combine";
            assertThatThrownBy(() -> Export.text(computing(script), Export.As.MINDSPORE, TEXTS))
                    .isInstanceOfSatisfying(CheckpointException.class,
                            e -> assertThat(e.problem()).returns(Code.BAD_ARGUMENT, Problem::code)
                                    .satisfies(p -> assertThat(p.found().toString()).startsWith(named)));
        }
        assertThatThrownBy(() -> Export.text(computing("torch-lora"), Export.As.TRANSFORMERS, TEXTS))
                .isInstanceOfSatisfying(CheckpointException.class,
                        e -> assertThat(e.problem().found()).isEqualTo("adapter"));
    }

    /** A safetensors file without what only Weft can say of itself: {@code weft.source} and the like among the metadata. */
    private static byte[] unsigned(byte[] file) {
        var buffer = java.nio.ByteBuffer.wrap(file).order(java.nio.ByteOrder.LITTLE_ENDIAN);
        int length = Math.toIntExact(buffer.getLong());
        var header = new String(file, 8, length, java.nio.charset.StandardCharsets.UTF_8)
                .replaceAll(",\"weft\\.[a-z0-9]+\":\"[^\"]*\"", "").stripTrailing();
        var padded = (header + " ".repeat(Math.floorMod(-header.length(), 8)))
                .getBytes(java.nio.charset.StandardCharsets.UTF_8);
        var plain = java.nio.ByteBuffer.allocate(8 + padded.length + file.length - 8 - length)
                .order(java.nio.ByteOrder.LITTLE_ENDIAN);
        return plain.putLong(padded.length).put(padded).put(file, 8 + length, file.length - 8 - length).array();
    }

    @Test
    void a_name_map_names_every_parameter_once() throws Exception {
        var workspace = ready("gpt2-tiny/hf", "gpt2/scratch-split");
        var names = (Map<?, ?>) Json.read(Export.text(workspace, Export.As.NAMES_JSON, TEXTS), "names.json");
        assertThat(names).hasSize(39);
        assertThat(names.get("trf_blocks.1.att.W_key.weight")).isEqualTo("transformer.h.1.attn.c_attn.weight");
        assertThat(names.get("out_head.weight")).isEqualTo("tok_emb.weight");
        assertThat(names.get("trf_blocks.0.att.mask")).isNull();
        var csv = Export.text(workspace, Export.As.NAMES_CSV, TEXTS);
        assertThat(csv.lines()).hasSize(40).first().isEqualTo("target,source,targetShape,sourceShape,ops");
        assertThat(csv).contains(
                "trf_blocks.0.att.out_proj.weight,transformer.h.0.attn.c_proj.weight,\"[24, 24]\",\"[24, 24]\",\"rearrange \"\"o d -> d o\"\"\"\r\n");
        var markdown = Export.text(workspace, Export.As.MARKDOWN, TEXTS);
        assertThat(markdown.lines()).hasSize(41).anySatisfy(l -> assertThat(l).isEqualTo(
                "| `trf_blocks.0.att.out_proj.weight` | [24, 24] | `transformer.h.0.attn.c_proj.weight` | [24, 24] | `rearrange \"o d -> d o\"` |"));
    }
}
