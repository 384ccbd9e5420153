package weft.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import weft.arch.Architecture;
import weft.arch.Dialect.Presence;
import weft.arch.Parameter;
import weft.io.CheckpointException;
import weft.io.Problem;
import weft.rule.RuleFile;
import weft.rule.RuleSet;
import weft.tensor.AxisSizes;
import weft.tensor.DType;
import weft.tensor.Shape;
import weft.tensor.TensorInfo;
import weft.text.Texts;

/**
 * Rule files made to break whoever reads them. Each has to end in a sentence, in both languages: no other exception, no
 * exhausted memory, no endless work. {@link RuleErrorsTest} has the honest mistakes.
 */
class RuleAttackTest {
    private static final long HUGE = 3_037_000_500L; // its square is more than a long holds

    private static TensorInfo tensor(String name, long... dims) {
        return new TensorInfo(name, DType.F32, Shape.of(dims), 0);
    }

    private static final List<TensorInfo> SOURCE = List.of(tensor("w", 4, 6), tensor("v", 4, 6), tensor("none", 0, 4),
            tensor("huge", HUGE, 0, HUGE), tensor("long", Integer.MAX_VALUE),
            tensor("vast", 5_000_000_000_000_000_000L, 0), tensor("scalar"),
            tensor("h.0.w", 2, 3), tensor("h.1.w", 2, 3), tensor("h.2.w", 2, 3), tensor("x".repeat(70_000), 2),
            tensor("q".repeat(3_000) + ".w", 2));
    private static final Map<String, Shape> TARGET = Map.of("x", Shape.of(4, 6), "y", Shape.of(6, 4), "t.0",
            Shape.of(2, 3), "t.1", Shape.of(2, 3), "huge", Shape.of(HUGE, 0, HUGE), "s", Shape.of(), "p",
            Shape.of(1, 1));

    private static Map<String, String> attacks() {
        var all = new LinkedHashMap<String, String>();
        // Expressions that take for ever.
        all.put("nested repeats", "\"re:(x+x+)+y\" => x");
        all.put("repeats of nothing at the end of a name", "\"re:w" + "(|)".repeat(60) + "a\" => x");
        all.put("starred nothing", "\"re:w" + "(?:z*)?".repeat(60) + "a\" => x");
        all.put("two empty ways", "\"re:w" + "(?:z*|y*)".repeat(50) + "a\" => x");
        all.put("word borders", "\"re:w" + "(?:\\\\b|$)".repeat(50) + "a\" => x");
        all.put("two thousand million times nothing", "\"re:(?:a?){2000000000}w\" => x");
        all.put("a thousand times a thousand times", "\"re:(?:(?:(?:a?){1000}){1000}){1000}w\" => x");
        all.put("a border two thousand million times", "\"re:w\\\\b{2000000000}\" => x");
        all.put("a bracket behind a control escape", "\"re:w\\\\c[" + "(|)".repeat(60) + "a]\" => x");
        all.put("behind a quote", "\"re:\\\\Q[\\\\Ew" + "(|)".repeat(60) + "a]\" => x");
        all.put("looking ahead", "\"re:(?=(x+)+y).*\" => x");
        all.put("repeating what was found", "\"re:(x*)(x*)(x*)\\\\1\\\\2\\\\3y\" => x");
        all.put("ten thousand brackets", "\"re:" + "(".repeat(10_000) + ")".repeat(10_000) + "\" => x");
        all.put("no expression at all", "\"re:(\" => x");
        // Captures.
        all.put("seventeen captures", "{a}.{b}.{c}.{d}.{e}.{f}.{g}.{h}.{i}.{j}.{k}.{l}.{m}.{n}.{o}.{p}.{q} => x");
        all.put("sixteen captures over a long name", "{a}x{b}x{c}x{d}x{e}x{f}x{g}x{h}x{a}x{b}x{c}x{d}x{e}x{f}y => x");
        all.put("the same capture again and again", "{a}q{a}q{a}q{a}.w => x");
        all.put("many alternatives", "{n:" + "a|".repeat(1) + Stream.iterate(0, n -> n < 20_000, n -> n + 1)
                .map(n -> "b" + n).reduce((a, b) -> a + "|" + b).orElseThrow() + "}.w => x");
        all.put("a number of a thousand digits", "h." + "9".repeat(1_000) + ".w => x");
        all.put("a shift beyond all", "h.{i+99999999}.w => t.{i}");
        all.put("a shift below nothing", "h.{i-1000000}.w => t.{i}");
        all.put("a capture nobody closes", "h.{i => x");
        all.put("a name of a million letters", "w => " + "z".repeat(1_000_000));
        // Sizes.
        all.put("a split into two thousand million", "none : split 2147483647 @0 => x");
        all.put("a split of a long axis into a million", "long : split 999999 @0 => x");
        all.put("a split by nothing", "@dims h=0\nw : split [4/h, 4] @0 => x, y");
        all.put("a negative part", "@dims h=-4\nw : split [h, 8] @0 => x, y");
        all.put("parts that add up beyond a long", "@dims h=9223372036854775807\nw : split [h, h, 6] @0 => x, y, s");
        all.put("brackets in brackets",
                "w : split [" + "(".repeat(5_000) + "1" + ")".repeat(5_000) + ", 3] @0 => x, y");
        all.put("a product beyond a long", "huge : rearrange \"a b c -> (a c) b\" => x");
        all.put("a product that is huge and nothing", "huge : rearrange \"a b c -> (a b c)\" => x");
        all.put("two factors beyond a long of nothing",
                "huge : rearrange \"a (b c) d -> a b c d\" b=3037000500 c=3037000501 => x");
        all.put("an axis of nothing taken apart", "none : rearrange \"(a b) c -> a b c\" a=0 => x");
        all.put("an axis that is its own size", "@dims a=0\nw : rearrange \"(a b) c -> b (a c)\" => x");
        all.put("a sum beyond a long", "vast, vast : concat @0 => x");
        all.put("stacked beyond a long", "vast, vast, vast : stack @0 => x");
        all.put("a vast axis padded", "vast : pad @0 multiple 4999999999999999999 zero => x");
        all.put("a vast axis made one with another", "vast : rearrange \"a b -> (a b)\" => s");
        all.put("an axis far away", "w : concat @2147483647 => x");
        all.put("an axis further away", "w : concat @99999999999 => x");
        all.put("an axis below", "w : split 2 @-1 => x, y");
        all.put("a million stacked axes", "w : " + "stack @0 | ".repeat(3_000) + "stack @0 => x");
        all.put("a long axis unstacked", "long : unstack @0 => t.{i}");
        all.put("unstacked nothing", "none : unstack @0 => t.{i}");
        all.put("a scalar unstacked", "scalar : unstack @0 => t.{i}");
        all.put("a scalar sliced", "scalar : slice @0 0:1 => s");
        all.put("padded beyond a long", "w : pad @0 to 9000000000000000000 zero => x");
        all.put("padded beyond what bytes can be counted", "w : pad @0 to 999999999999999999 zero => x");
        all.put("padded to a multiple beyond", "w : pad @0 multiple 9000000000000000000 zero => x");
        all.put("padded with a row that is not there", "w : pad @0 to 9 row 999999999999 => x");
        all.put("padded with an endless seed", "w : pad @0 to 9 normal(99999999999999999999999) => x");
        all.put("a slice of huge steps", "w : slice @0 0:4:9223372036854775807 => x");
        all.put("a slice backwards", "w : slice @0 0:4:0-1 => x");
        all.put("a hundred tables of all ids", ("w : take @0 [0..16777215] => x\n").repeat(100));
        all.put("a table of all ids and more", "w : take @0 [0..999999999] => x");
        all.put("a thousand axes", "w : rearrange \"" + "a".repeat(1) + Stream.iterate(0, n -> n < 1_000, n -> n + 1)
                .map(n -> " a" + n).reduce("", String::concat) + " -> a\" => x");
        all.put("ops without end",
                "w : " + "rearrange \"a b -> b a\" | ".repeat(20_000) + "rearrange \"a b -> b a\" => x");
        all.put("no rank", "w, v, v : combine lora alpha=1 r=0 => x");
        all.put("an endless alpha", "w, v, v : combine lora alpha=1e999 r=1 => x");
        all.put("a dequantised shape of nothing",
                "w, v : combine dequant nf4 shape=[0, 9223372036854775807, 9] block=1 => x");
        all.put("a block of nothing", "w, v : combine dequant fp8 block=0 => x");
        all.put("scaled to infinity", "w : affine mul=1e400 => x");
        all.put("a cast to nothing", "w : cast float7 => x");
        // Producers.
        all.put("a hundred thousand producers of one", "w => x\n".repeat(20_000));
        all.put("tied in a ring", "x =tie copy=> y\ny =tie copy=> x");
        all.put("a chain of ties", "t.{i+1} =tie copy=> t.{i}");
        all.put("tied to the layer before the first", "h.{i}.w => t.{i}\nt.{i} =tie copy=> t.{i-1}");
        all.put("tied to itself by a capture", "t.{i} =tie copy=> t.{i}");
        all.put("everything made of everything", "{rest**} => {rest**}\n{rest**} => {rest**}");
        all.put("everything joined into one", "{rest**} : concat @0 => x");
        all.put("a shape of a million dimensions", "_ =assert shape [" + "1, ".repeat(1_000_000) + "1]=> x");
        all.put("an assertion beyond a long", "@dims h=9223372036854775807\n_ =assert dim @0 h*h=> x");
        // Files.
        all.put("ten thousand objects deep",
                "{\"weft\": 1, \"rules\": " + "[".repeat(10_000) + "]".repeat(10_000) + "}");
        all.put("the same key twice", "{\"weft\": 1, \"weft\": 1, \"rules\": []}");
        all.put("another version", "{\"weft\": 9, \"rules\": []}");
        all.put("an unknown key", "{\"weft\": 1, \"rules\": [], \"run\": \"rm -rf /\"}");
        all.put("an unknown key of a rule",
                "{\"weft\": 1, \"rules\": [{\"from\": \"w\", \"to\": \"x\", \"exec\": \"id\"}]}");
        all.put("a rule that is a number", "{\"weft\": 1, \"rules\": [7]}");
        all.put("a size that is a fraction",
                "{\"weft\": 1, \"target\": {\"dialect\": \"a/b\", \"dims\": {\"h\": 1.5}}, \"rules\": []}");
        all.put("an op of a million letters", "w : " + "o".repeat(1_000_000) + " => x");
        all.put("a quote nobody closes", "\"w => x");
        all.put("letters that turn the line round", "w => x\u202Egpj.exe");
        all.put("a null", "w\u0000 => x");
        return all;
    }

    static Stream<Arguments> each_attack_ends_in_a_sentence() {
        return attacks().entrySet().stream().map(a -> Arguments.of(a.getKey(), a.getValue()));
    }

    /** The limit is there so that endless work fails instead of hanging. */
    @ParameterizedTest(name = "{0}")
    @MethodSource
    @Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void each_attack_ends_in_a_sentence(String name, String text) {
        var problems = new ArrayList<Problem>();
        boolean complete = false;
        try {
            var rules = RuleFile.read(text.getBytes(StandardCharsets.UTF_8),
                    text.startsWith("{\"") ? "r.json" : "r.weft");
            for (boolean target : new boolean[]{true, false}) {
                try {
                    if (target) {
                        var plan = plan(rules);
                        problems.addAll(plan.problems());
                        problems.addAll(plan.warnings());
                        plan.rows().stream().map(Row::problem).filter(java.util.Objects::nonNull)
                                .forEach(problems::add);
                        complete = plan.isComplete();
                    } else {
                        Outcome.of(new Source("s", SOURCE, null), rules);
                    }
                } catch (CheckpointException e) {
                    problems.add(e.problem());
                }
            }
        } catch (CheckpointException e) {
            problems.add(e.problem());
        } catch (RuntimeException | Error e) {
            fail(name, e);
        }
        assertThat(complete).isFalse();
        assertThat(problems).as(name).isNotEmpty();
        for (var texts : List.of(Texts.of(Locale.ENGLISH), Texts.of(Locale.SIMPLIFIED_CHINESE))) {
            for (var problem : problems) {
                var sentence = texts.full(problem);
                assertThat(sentence).contains(texts.hint(problem)).doesNotContain("\u202E").doesNotContain("\u0000");
                assertThat(sentence.length()).as(sentence.substring(0, Math.min(200, sentence.length())))
                        .isLessThan(3_000);
            }
        }
    }

    private static Plan plan(RuleSet rules) {
        var parameters = TARGET.entrySet().stream().sorted(Map.Entry.comparingByKey())
                .map(e -> new Parameter(e.getKey(), e.getValue(), Presence.REQUIRED, null)).toList();
        return Planner.plan(new Source("s", SOURCE, null), rules,
                new Architecture("t", null, parameters, new AxisSizes(), Map.of()), Map.of());
    }
}
