package weft.work;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import weft.format.Formats;
import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Progress;
import weft.plan.Kind;
import weft.plan.Status;
import weft.rule.ArrowText;
import weft.tensor.DType;
import weft.tensor.Shape;
import weft.tensor.TensorData;
import weft.tensor.TensorInfo;
import weft.tensor.TensorSource;

/** Weights as bitsandbytes, GPTQ, AWQ and FP8 exporters leave them; see make_quantised.py for what stands in for what. */
class QuantisedTest {
    private static final Path FILES = Path.of("src/test/resources/fixtures/quantised");

    @ParameterizedTest
    @ValueSource(strings = {"nf4", "int8", "fp8"})
    void dequantised_weights_are_those_of_the_published_formula(String kind) throws Exception {
        var workspace = Workspace.open(FILES.resolve(kind), Progress.NONE).withTarget("gpt2/hf-linear", Progress.NONE);
        assertThat(workspace.source().dialect()).isEqualTo("gpt2/hf-linear");
        var ready = workspace.acceptAll();
        var plan = ready.plan().orElseThrow();
        assertThat(plan.isComplete()).as("%s %s", plan.open(), plan.problems()).isTrue();
        assertThat(plan.unexpected()).isEmpty();
        assertThat(plan.unused()).isEmpty();
        var expected = Formats.open(FILES.resolve(kind).resolve("expected.safetensors"), Progress.NONE).tensors();
        assertThat(expected).hasSize(4);
        for (var tensor : expected) {
            var mine = ready.targetValues(tensor.name());
            assertThat(mine.shape()).isEqualTo(tensor.info().shape());
            assertThat(mine.contiguous().bytes().mismatch(tensor.read().bytes())).as(tensor.name()).isEqualTo(-1);
        }
        assertThat(plan.row("transformer.h.0.mlp.c_fc.weight").orElseThrow().kind()).isEqualTo(Kind.MERGED);
        assertThat(ready.rules().rules().stream().map(ArrowText::print))
                .anyMatch(r -> r.contains(" : combine dequant " + kind));
        // On the way to another layout the same rule turns what it has opened.
        var turned = workspace.withTarget("gpt2/hf", Progress.NONE).acceptAll();
        assertThat(turned.plan().orElseThrow().isComplete()).isTrue();
        var square = expected.stream().filter(t -> t.name().contains("attn.c_proj")).findFirst().orElseThrow();
        assertThat(turned.targetValues(square.name()).toFloats()).isEqualTo(square.read().permute(1, 0).toFloats());
    }

    @Test
    void a_configuration_that_does_not_say_so_is_named() throws Exception {
        assertThat(Workspace.open(FILES.resolve("nf4"), Progress.NONE).source().warnings()).singleElement()
                .satisfies(w -> {
                    assertThat(w.code()).isEqualTo(Code.NO_QUANT_CONFIG);
                    assertThat(w.found()).isEqualTo("bitsandbytes nf4");
                });
        assertThat(Workspace.open(FILES.resolve("int8"), Progress.NONE).source().warnings()).isEmpty();
    }

    private static TensorSource shaped(String name, DType type, long... dims) {
        var shape = Shape.of(dims);
        var info = new TensorInfo(name, type, shape, shape.count() * type.bytes());
        return new TensorSource() {
            @Override
            public TensorInfo info() {
                return info;
            }

            @Override
            public TensorData read() throws CheckpointException {
                throw new AssertionError("only names and shapes are looked at");
            }
        };
    }

    @Test
    void gptq_and_awq_are_recognised_by_their_companions() {
        var gptq = Quantised
                .of(List.of(shaped("m.qweight", DType.I32, 512, 11008), shaped("m.qzeros", DType.I32, 32, 1376),
                        shaped("m.scales", DType.F16, 32, 11008), shaped("m.g_idx", DType.I32, 4096),
                        shaped("n.weight", DType.F16, 4096)), List.of());
        assertThat(gptq.schemes()).containsEntry("m.weight", "GPTQ 4 bit");
        assertThat(gptq.logical().get("m.weight").shape()).isEqualTo(Shape.of(11008, 4096));
        assertThat(gptq.meant(Stream.of("m.qweight", "m.scales", "n.weight")
                .map(n -> new TensorInfo(n, DType.F16, Shape.of(1), 2)).toList()).stream().map(TensorInfo::name))
                .containsExactly("n.weight", "m.weight");
        var eight = Quantised
                .of(List.of(shaped("m.qweight", DType.I32, 1024, 4096), shaped("m.qzeros", DType.I32, 32, 1024),
                        shaped("m.scales", DType.F16, 32, 4096), shaped("m.g_idx", DType.I32, 4096)), List.of());
        assertThat(eight.schemes()).containsEntry("m.weight", "GPTQ 8 bit");
        var awq = Quantised
                .of(List.of(shaped("m.qweight", DType.I32, 4096, 1376), shaped("m.qzeros", DType.I32, 32, 1376),
                        shaped("m.scales", DType.F16, 32, 11008)), List.of());
        assertThat(awq.schemes()).containsEntry("m.weight", "AWQ 4 bit");
        assertThat(awq.logical().get("m.weight").shape()).isEqualTo(Shape.of(11008, 4096));
    }

    @Test
    void the_configuration_tells_the_bits_where_no_groups_are_listed() throws Exception {
        var tensors = List.of(shaped("m.qweight", DType.I32, 1024, 4096), shaped("m.qzeros", DType.I32, 32, 1024),
                shaped("m.scales", DType.F16, 32, 4096));
        assertThat(Quantised.of(tensors, List.of()).schemes()).containsEntry("m.weight", "GPTQ 4 bit");
        var eight = Quantised.of(tensors, List.of(weft.arch.Settings.read(
                "{\"quantization_config\": {\"quant_method\": \"gptq\", \"bits\": 8}}".getBytes(), "config.json")));
        assertThat(eight.schemes()).containsEntry("m.weight", "GPTQ 8 bit");
        assertThat(eight.logical().get("m.weight").shape()).isEqualTo(Shape.of(4096, 4096));
    }

    private static TensorSource numbers(String name, long... values) {
        var segment = java.lang.foreign.MemorySegment.ofArray(values);
        var info = new TensorInfo(name, DType.I64, Shape.of(values.length), 8L * values.length);
        return new TensorSource() {
            @Override
            public TensorInfo info() {
                return info;
            }

            @Override
            public TensorData read() {
                return TensorData.of(segment, DType.I64, info.shape());
            }
        };
    }

    /** The published layouts of compressed-tensors (pack-quantized) and of gpt-oss' MXFP4. */
    @Test
    void compressed_tensors_and_mxfp4_are_recognised_and_stay_closed() {
        var packed = Quantised.of(List.of(shaped("m.weight_packed", DType.I32, 96, 3),
                shaped("m.weight_scale", DType.BF16, 96, 1), numbers("m.weight_shape", 96, 24)), List.of());
        assertThat(packed.schemes()).containsEntry("m.weight", "compressed-tensors 4 bit");
        assertThat(packed.logical().get("m.weight").shape()).isEqualTo(Shape.of(96, 24));
        assertThat(packed.packed().closed().get("m.weight").tensors()).containsExactly("m.weight_packed",
                "m.weight_scale", "m.weight_shape");
        var experts = Quantised.of(List.of(shaped("mlp.experts.gate_up_proj_blocks", DType.U8, 32, 5760, 90, 16),
                shaped("mlp.experts.gate_up_proj_scales", DType.U8, 32, 5760, 90)), List.of());
        assertThat(experts.schemes()).containsEntry("mlp.experts.gate_up_proj", "MXFP4");
        assertThat(experts.logical().get("mlp.experts.gate_up_proj").shape()).isEqualTo(Shape.of(32, 5760, 2880));
        // A shape that lies is none.
        assertThat(Quantised.of(List.of(shaped("m.weight_packed", DType.I32, 96, 3),
                shaped("m.weight_scale", DType.BF16, 96, 1), numbers("m.weight_shape", -96, 24)), List.of()).isEmpty())
                .isTrue();
    }

    /** FP8 as vLLM and compressed-tensors write it: a scale for the tensor or for each row, and one for the inputs. */
    @Test
    void fp8_scales_of_any_kind_are_companions() {
        for (var scale : new long[][]{{}, {1}, {96, 1}}) {
            var fp8 = Quantised.of(List.of(shaped("m.weight", DType.F8_E4M3, 96, 24),
                    shaped("m.weight_scale", DType.F32, scale), shaped("m.input_scale", DType.F32)), List.of());
            assertThat(fp8.schemes()).containsEntry("m.weight", "FP8");
            assertThat(fp8.packed().aux()).containsExactlyInAnyOrder("m.weight_scale", "m.input_scale");
            assertThat(fp8.merges()).containsKey("m.weight");
        }
        var strange = Quantised.of(List.of(shaped("m.weight", DType.F8_E4M3, 96, 24),
                shaped("m.weight_scale_inv", DType.F32, 5, 7)), List.of());
        assertThat(strange.packed().closed()).containsKey("m.weight");
    }

    /** A file that lost the small tensors in which bitsandbytes keeps the shapes: named, never taken for weights. */
    @Test
    void bytes_without_their_state_are_named() throws Exception {
        var lost = new java.util.ArrayList<TensorSource>();
        Formats.open(FILES.resolve("nf4"), Progress.NONE).tensors().stream()
                .filter(t -> !t.name().contains("quant_state")).forEach(lost::add);
        var quantised = Quantised.of(lost, List.of());
        assertThat(quantised.schemes()).containsEntry("transformer.h.0.attn.c_attn.weight", "bitsandbytes 4 bit");
        assertThat(quantised.packed().aux()).contains("transformer.h.0.attn.c_attn.weight.absmax",
                "transformer.h.0.attn.c_attn.weight.quant_map");
        assertThat(quantised.warnings(List.of())).singleElement().satisfies(w -> {
            assertThat(w.code()).isEqualTo(Code.NO_QUANT_CONFIG);
            assertThat(w.expected()).isEqualTo("quantization_config");
        });
        var infos = lost.stream().map(TensorSource::info).toList();
        var seen = weft.arch.Recognition
                .of(quantised.meant(infos), weft.arch.DialectFiles.shipped().dialects()).orElseThrow();
        assertThat(seen.dialect().family().name()).isEqualTo("gpt2");
        var plan = weft.plan.Planner.plan(
                new weft.plan.Source("s", infos, seen, java.util.Map.of(), quantised.merges(), quantised.packed()),
                weft.rule.RuleSet.EMPTY,
                weft.arch.Architecture.of("t", Workspace
                        .open(Path.of("src/test/resources/fixtures/gpt2-tiny/hf-linear"), Progress.NONE).source()
                        .tensors(), null),
                java.util.Map.of());
        var row = plan.row("transformer.h.0.attn.c_attn.weight").orElseThrow();
        assertThat(row.kind()).isEqualTo(Kind.QUANTISED);
        assertThat(row.status()).isEqualTo(Status.MISMATCH);
    }

    /** Said on the command line in both languages, with the word that is missing. */
    @Test
    void the_missing_quantization_config_is_named() {
        var problem = Quantised.of(List.of(shaped("m.weight", DType.I8, 96, 24), shaped("m.SCB", DType.F32, 96)),
                List.of()).warnings(List.of()).getFirst();
        assertThat(weft.text.Texts.of(java.util.Locale.ENGLISH).full(problem)).contains(
                "quantization_config is missing",
                "bitsandbytes int8");
        assertThat(weft.text.Texts.of(java.util.Locale.SIMPLIFIED_CHINESE).full(problem))
                .contains("缺 quantization_config");
    }

    /** Names no dialect knows: the logical shapes are paired, what is packed stays closed, what can be opened is opened. */
    @Test
    void unknown_names_are_paired_by_what_is_meant() throws Exception {
        var sources = new java.util.ArrayList<TensorSource>();
        var wanted = new java.util.ArrayList<TensorInfo>();
        for (int i = 0; i < 2; i++) {
            sources.add(shaped("body." + i + ".wide.qweight", DType.I32, 3, 96));
            sources.add(shaped("body." + i + ".wide.qzeros", DType.I32, 1, 12));
            sources.add(shaped("body." + i + ".wide.scales", DType.F16, 1, 96));
            sources.add(shaped("body." + i + ".narrow.weight", DType.I8, 24, 96));
            sources.add(shaped("body." + i + ".narrow.SCB", DType.F32, 24));
            wanted.add(shaped("layers/" + i + "/wide/kernel", DType.F32, 96, 24).info());
            wanted.add(shaped("layers/" + i + "/narrow/kernel", DType.F32, 24, 96).info());
        }
        var quantised = Quantised.of(sources, List.of());
        var plan = weft.plan.Planner.plan(
                new weft.plan.Source("s", sources.stream().map(TensorSource::info).toList(), null, java.util.Map.of(),
                        quantised.merges(), quantised.packed()),
                weft.rule.RuleSet.EMPTY, weft.arch.Architecture.of("t", wanted, null), java.util.Map.of());
        var closed = plan.row("layers/1/wide/kernel").orElseThrow();
        assertThat(closed.kind()).isEqualTo(Kind.QUANTISED);
        assertThat(closed.problem().found()).isEqualTo("GPTQ 4 bit");
        var opened = plan.row("layers/1/narrow/kernel").orElseThrow();
        assertThat(opened.status()).isEqualTo(Status.NEEDS_RULE);
        assertThat(ArrowText.print(opened.rule())).isEqualTo(
                "body.{i}.narrow.weight, body.{i}.narrow.SCB : combine dequant int8 => layers/{i}/narrow/kernel");
    }

    @Test
    void what_is_not_unpacked_is_a_row_of_kind_quantised() throws Exception {
        var tensors = new java.util.ArrayList<TensorInfo>();
        var dialect = weft.arch.DialectFiles.shipped().dialect("gpt2/hf-linear").orElseThrow();
        var model = Workspace.open(Path.of("src/test/resources/fixtures/gpt2-tiny/hf-linear"), Progress.NONE).source();
        model.tensors().stream().filter(t -> !t.name().endsWith("mlp.c_fc.weight")).forEach(tensors::add);
        var sources = new java.util.ArrayList<TensorSource>();
        tensors.forEach(t -> sources.add(shaped(t.name(), t.dtype(), t.shape().dims())));
        for (int i = 0; i < 2; i++) {
            var module = "transformer.h." + i + ".mlp.c_fc.";
            sources.add(shaped(module + "qweight", DType.I32, 3, 96));
            sources.add(shaped(module + "qzeros", DType.I32, 1, 12));
            sources.add(shaped(module + "scales", DType.F16, 1, 96));
            sources.add(shaped(module + "g_idx", DType.I32, 24));
        }
        var quantised = Quantised.of(sources, List.of());
        var infos = sources.stream().map(TensorSource::info).toList();
        var seen = weft.arch.Recognition.of(quantised.meant(infos), List.of(dialect)).orElseThrow();
        assertThat(seen.unknown()).isEmpty();
        var plan = weft.plan.Planner.plan(
                new weft.plan.Source("s", infos, seen, java.util.Map.of(), quantised.merges(), quantised.packed()),
                weft.rule.RuleSet.EMPTY, weft.arch.Architecture.of(weft.arch.TargetSpec.of(dialect), seen.sizes()),
                java.util.Map.of());
        var row = plan.row("transformer.h.1.mlp.c_fc.weight").orElseThrow();
        assertThat(row.status()).isEqualTo(Status.MISMATCH);
        assertThat(row.kind()).isEqualTo(Kind.QUANTISED);
        assertThat(row.problem().found()).isEqualTo("GPTQ 4 bit");
        assertThat(row.sources()).hasSize(4);
        assertThat(plan.unexpected()).isEmpty();
    }
}
