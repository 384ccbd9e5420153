package weft.work;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import weft.infer.Sampling;
import weft.io.CheckpointException;
import weft.io.Json;
import weft.io.Progress;
import weft.rule.ArrowText;
import weft.rule.Rule;
import weft.rule.RuleFile;

/**
 * The built-in sample keeps its promises: it writes stories, PyTorch says the same, and a square the wrong way round in
 * any layer takes the text apart. Numbers are those of {@code src/samples/measure.py}, in float64.
 */
class SampleTest {
    private static final Path SHIPPED = Path.of("src/samples/shipped");
    private static Map<?, ?> expected = Map.of();

    @BeforeAll
    static void read() throws Exception {
        var file = Path.of("src/test/resources/fixtures/sample-expected.json");
        expected = (Map<?, ?>) Json.plain(Json.parse(Files.readAllBytes(file), "sample-expected.json", 0));
    }

    private static Workspace open(String sample) throws CheckpointException {
        return Workspace.open(SHIPPED.resolve(sample), Progress.NONE);
    }

    private static double loss(Workspace workspace) throws CheckpointException {
        return workspace.run(null).loss(workspace.fixedText(null).text(), Progress.NONE).mean();
    }

    private static double number(Object value) {
        return ((Number) value).doubleValue();
    }

    /** What PyTorch computes with the shipped weights made wrong on purpose. */
    private static double wrongLoss(String id) {
        var wrong = ((List<?>) expected.get("wrong")).stream().map(w -> (Map<?, ?>) w)
                .filter(w -> id.equals(w.get("id"))).findFirst().orElseThrow();
        return number(((Map<?, ?>) wrong.get("shipped")).get("loss"));
    }

    private static void close(double actual, double wanted) {
        assertThat(Math.abs(actual - wanted) <= 1e-4).as("%s against %s", actual, wanted).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"openai-tf", "hf", "scratch-split"})
    void every_dialect_has_the_same_loss_on_held_out_text(String sample) throws Exception {
        close(loss(open(sample)), number(expected.get("loss")));
    }

    @Test
    void every_target_of_the_tensorflow_sample_computes_the_same() throws Exception {
        for (var dialect : open("openai-tf").dialects()) {
            if (dialect.id().startsWith("gpt2/")) {
                close(loss(open("openai-tf").withTarget(dialect.id(), Progress.NONE).acceptAll()),
                        number(expected.get("loss")));
            }
        }
    }

    @Test
    void it_tells_the_story_pytorch_tells() throws Exception {
        var running = open("openai-tf").withTarget("gpt2/scratch-split", Progress.NONE).acceptAll().run(null);
        for (var entry : (List<?>) expected.get("greedy")) {
            var story = (Map<?, ?>) entry;
            var text = running.generate((String) story.get("prompt"), 60, Sampling.GREEDY, false, _ -> {
            }, Progress.NONE);
            assertThat(text.text()).isEqualTo(story.get("text"));
        }
    }

    @Test
    void the_textbooks_sentence_is_four_tokens() throws Exception {
        assertThat(open("hf").run(null).encode("Every effort moves you")).hasSize(4);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void one_square_left_as_it_is_takes_the_text_apart(int layer) throws Exception {
        var workspace = open("hf").withTarget("gpt2/scratch-split", Progress.NONE).acceptAll();
        var text = ArrowText.print(workspace.rules());
        var right = "transformer.h.{i}.attn.c_proj.weight : rearrange \"o d -> d o\" => trf_blocks.{i}.att.out_proj.weight\n";
        assertThat(text).contains(right);
        var others = List.of(0, 1, 2).stream().filter(i -> i != layer).map(String::valueOf).toList();
        var wrong = right.replace("{i}", "{i:" + String.join("|", others) + "}")
                + "transformer.h.%d.attn.c_proj.weight => trf_blocks.%d.att.out_proj.weight%n".formatted(layer, layer);
        var bad = workspace
                .withRules(RuleFile.read(text.replace(right, wrong).getBytes(StandardCharsets.UTF_8), "bad.weft"));
        assertThat(bad.plan().orElseThrow().isComplete()).isTrue();
        var loss = wrongLoss("square-" + layer);
        assertThat(loss).isGreaterThan(5);
        close(loss(bad), loss);
    }

    @Test
    void the_trap_fits_in_every_shape_and_writes_nonsense() throws Exception {
        var trap = open("trap-hf-linear");
        assertThat(trap.source().dialect()).isEqualTo("gpt2/hf-linear");
        var plan = trap.withTarget("gpt2/hf-linear", Progress.NONE).plan().orElseThrow();
        assertThat(plan.isComplete()).as("no shape complains").isTrue();
        close(loss(trap), wrongLoss("square-all"));
    }

    @Test
    void a_block_of_zeros_tells_another_story() throws Exception {
        var workspace = open("hf").withTarget("gpt2/scratch-split", Progress.NONE).acceptAll();
        var zeroed = workspace.plan().orElseThrow().rows().stream().map(r -> r.target().name())
                .filter(n -> n.startsWith("trf_blocks.1.") && !n.endsWith(".mask")).toList();
        // Every rule that makes block 1 makes the other blocks only; block 1 is made of zeros.
        var rules = new java.util.ArrayList<Rule>();
        for (var rule : workspace.rules().rules()) {
            rules.add(ArrowText.rule(ArrowText.print(rule).replace("{i}", "{i:0|2}")));
        }
        zeroed.forEach(name -> rules.add(new Rule.Init(Rule.Fill.ZEROS, 0, 0, weft.name.Pattern.literal(name))));
        var zeros = workspace.withRules(workspace.rules().with(rules));
        assertThat(zeros.plan().orElseThrow().isComplete()).isTrue();
        var prompt = "Once upon a time";
        var before = workspace.run(null).generate(prompt, 60, Sampling.GREEDY, false, _ -> {
        }, Progress.NONE).text();
        var after = zeros.run(null).generate(prompt, 60, Sampling.GREEDY, false, _ -> {
        }, Progress.NONE).text();
        assertThat(after).isNotEqualTo(before);
        close(loss(zeros), wrongLoss("zeros-1"));
    }

    @Test
    void everything_shipped_is_under_twenty_megabytes() throws Exception {
        try (var files = Files.walk(SHIPPED)) {
            long bytes = files.filter(Files::isRegularFile).mapToLong(f -> f.toFile().length()).sum();
            assertThat(bytes).isBetween(1L << 20, 20_000_000L);
        }
        for (var sample : List.of("openai-tf", "hf", "scratch-split", "trap-hf-linear")) {
            assertThat(open(sample).fixedText(null).name()).isEqualTo("weft-text.txt");
        }
    }
}
