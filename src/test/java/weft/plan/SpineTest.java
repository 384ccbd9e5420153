package weft.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import weft.arch.Architecture;
import weft.arch.DialectFiles;
import weft.arch.Recognition;
import weft.arch.TargetSpec;
import weft.format.Checkpoint;
import weft.format.Formats;
import weft.io.Progress;
import weft.rule.RuleSet;
import weft.tensor.TensorSource;

/** From checkpoints the real frameworks wrote to plans: recognising, suggesting, executing. */
class SpineTest {
    private static final Path FIXTURES = Path.of("src/test/resources/fixtures");
    private static final Map<String, String> FILES = Map.of("openai-tf", "openai-tf", "hf", "hf", "hf-linear",
            "hf-linear/model.safetensors", "scratch-split", "scratch-split", "scratch-fused", "scratch-fused");

    private static Source source(Checkpoint checkpoint) {
        var infos = checkpoint.tensors().stream().map(TensorSource::info).toList();
        return new Source("source", infos,
                Recognition.of(infos, DialectFiles.shipped().dialects()).orElse(null));
    }

    private static Architecture target(String spec, Source source) throws Exception {
        return Architecture.of(TargetSpec.parse(spec, DialectFiles.shipped()), source.recognition().sizes());
    }

    private static Checkpoint open(String model, String dialect) throws Exception {
        return Formats.open(FIXTURES.resolve(model).resolve(FILES.get(dialect)), Progress.NONE);
    }

    @ParameterizedTest
    @CsvSource({"openai-tf", "hf", "hf-linear", "scratch-split", "scratch-fused"})
    void recognises_each_dialect(String dialect) throws Exception {
        for (var model : List.of("gpt2-tiny", "gpt2-odd")) {
            var source = source(open(model, dialect));
            assertThat(source.recognition()).isNotNull();
            assertThat(source.recognition().dialect().id()).isEqualTo("gpt2/" + dialect);
            assertThat(source.recognition().contradicting()).isEmpty();
            assertThat(source.recognition().unknown()).isEmpty();
            assertThat(source.recognition().rivals()).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({"openai-tf", "hf", "hf-linear", "scratch-split", "scratch-fused"})
    void every_dialect_leads_to_every_other_bit_for_bit(String from) throws Exception {
        for (var model : List.of("gpt2-tiny", "gpt2-odd")) {
            var checkpoint = open(model, from);
            var source = source(checkpoint);
            for (var to : FILES.keySet()) {
                var target = target("gpt2/" + to, source);
                var bare = Planner.plan(source, RuleSet.EMPTY, target, Map.of());
                assertThat(bare.count(Status.MISMATCH) + bare.count(Status.MISSING) + bare.count(Status.UNPROVEN))
                        .as("%s to %s", from, to).isZero();
                var plan = Planner.plan(source, bare.suggestions(), target, Map.of());
                assertThat(plan.isComplete()).as("%s to %s: %s", from, to, plan.open()).isTrue();
                var execution = new Execution(plan, checkpoint.tensors());
                var expected = new HashMap<String, TensorSource>();
                open(model, to).tensors().forEach(t -> expected.put(t.name(), t));
                for (var parameter : target.parameters()) {
                    if (!parameter.required() || !execution.makes(parameter.name())) {
                        continue;
                    }
                    var other = expected.get(parameter.name());
                    assertThat(other).as(parameter.name()).isNotNull();
                    assertThat(execution.value(parameter.name()).toFloats())
                            .as("%s to %s: %s", from, to, parameter.name()).isEqualTo(other.read().toFloats());
                }
            }
        }
    }

    @Test
    @EnabledIfSystemProperty(named = "weft.real", matches = ".+")
    void openai_gpt2_124m_needs_fifteen_rules() throws Exception {
        var index = Path.of(System.getProperty("weft.real")).resolve("openai-gpt2-124M/model.ckpt.index");
        assertThat(Files.exists(index)).isTrue();
        var source = source(Formats.open(index, Progress.NONE));
        assertThat(source.tensors()).hasSize(148);
        var target = target("gpt2/scratch-split", source);
        assertThat(target.required()).isEqualTo(197);
        var bare = Planner.plan(source, RuleSet.EMPTY, target, Map.of());
        assertThat(bare.count(Status.NEEDS_RULE) + bare.count(Status.FITS)).isEqualTo(197);
        assertThat(bare.count(Status.OPTIONAL)).isEqualTo(12);
        assertThat(bare.suggestions().rules()).hasSize(15);
        assertThat(bare.unexpected()).isEmpty();
        assertThat(Planner.plan(source, bare.suggestions(), target, Map.of()).isComplete()).isTrue();
    }
}
