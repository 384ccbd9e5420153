package weft.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

import weft.arch.Architecture;
import weft.arch.Dialect.Presence;
import weft.arch.Parameter;
import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.rule.ArrowText;
import weft.rule.RuleSet;
import weft.tensor.AxisSizes;
import weft.tensor.DType;
import weft.tensor.Shape;
import weft.tensor.TensorInfo;
import weft.text.Texts;

/** What a rule file from a stranger can do wrong: each with the rule's number, the tensor, found, expected and a hint. */
class RuleErrorsTest {
    private static final Map<String, long[]> SOURCE = new java.util.TreeMap<>(Map.of("w", new long[]{4, 6}, "v",
            new long[]{3, 6}, "b", new long[]{4}, "h.0.w", new long[]{2, 3}, "h.1.w", new long[]{2, 3}, "g.0.w",
            new long[]{2, 3}, "g.2.w", new long[]{2, 3}, "s", new long[]{2, 2, 3},
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            new long[]{1}));
    private static final Map<String, long[]> TARGET = new java.util.TreeMap<>(Map.of("x", new long[]{4, 6}, "y",
            new long[]{4, 6}, "z", new long[]{2}, "t.0", new long[]{2, 3}, "t.1", new long[]{2, 3}, "u.0",
            new long[]{2, 3}, "u.2", new long[]{2, 3}, "all", new long[]{2, 2, 3}));

    private static TensorInfo tensor(String name, long... dims) {
        var shape = Shape.of(dims);
        return new TensorInfo(name, DType.F32, shape, shape.count() * 4);
    }

    static Plan plan(String rules) throws CheckpointException {
        var tensors = SOURCE.entrySet().stream().map(e -> tensor(e.getKey(), e.getValue())).toList();
        var parameters = TARGET.entrySet().stream()
                .map(e -> new Parameter(e.getKey(), Shape.of(e.getValue()), Presence.REQUIRED, null)).toList();
        return Planner.plan(new Source("s", tensors, null), ArrowText.read(rules, "r.weft"),
                new Architecture("t", null, parameters, new AxisSizes(), Map.of()), Map.of());
    }

    private record Wrong(String rules, Code code, int rule, String tensor, String found, String expected) {
    }

    private static final String LONG = "a".repeat(40);

    private static final List<Wrong> WRONG = List.of(
            new Wrong("w => x\nw => x", Code.E_DUP, 2, "x", "1, 2", "1"),
            new Wrong("b => z\nw => x, x", Code.E_DUP, 2, "x", "2", "1"),
            new Wrong("w => nowhere", Code.E_NAME, 1, null, "nowhere", null),
            new Wrong("_ =init zeros=> nowhere", Code.E_NAME, 1, null, "nowhere", null),
            new Wrong("nothing => x", Code.E_SOURCE, 1, "x", "nothing", null),
            new Wrong("adapter:w => x", Code.E_SOURCE, 1, null, "adapter:", "base:"),
            new Wrong("q.{i} : stack @0 => all", Code.E_SOURCE, 1, "all", "q.{i}", null),
            new Wrong("y =tie copy=> x\nnothing => y", Code.E_SOURCE, 2, "y", "nothing", null),
            new Wrong("t.1 =tie copy=> t.0", Code.E_MISSING, 1, "t.0", "t.1", null),
            new Wrong("_ =keep=> y\ny =tie copy=> x", Code.E_MISSING, 2, "x", "y", null),
            new Wrong("nobody =tie copy=> x", Code.E_SOURCE, 1, "x", "nobody", null),
            new Wrong("y =tie copy=> x\nx =tie copy=> y", Code.E_CYCLE, 1, "x", "x = y = x", null),
            new Wrong("x =tie omit=> x", Code.E_CYCLE, 1, "x", "x = x", null),
            new Wrong("h.{i}.w => all", Code.E_COLLECT, 1, null, "{i}", "stack | concat"),
            new Wrong("h.{i}.w, s : concat @0 => t.{i}, all", Code.E_COLLECT, 1, "all", "{i}", "stack | concat"),
            new Wrong("\"re:[hg][.]0[.]w\" => t.0", Code.E_COLLECT, 1, "t.0", "2 tensors", "1 tensors"),
            new Wrong("g.{i}.w : stack @0 => all", Code.E_GAP, 1, "all", "i=1", "0 … 2"),
            new Wrong("{x}.{i}.w : stack @0 => all", Code.E_GAP, 1, "all", "4 tensors", "6 tensors"),
            new Wrong("s : unstack @0 => u.{i}", Code.E_GAP, 1, "u.0", "i=1", "0 … 2"),
            new Wrong("h.{i}.w : concat @0 => all", Code.E_SHAPE, 1, "all", "[4, 3]", "[2, 2, 3]"),
            new Wrong("h.{i}.w : stack @3 => all", Code.E_SHAPE, 1, "all", "[2, 3]", "axis 3"),
            new Wrong("w : split 2 @7 => x, y", Code.E_SHAPE, 1, "x", "[4, 6]", "axis 7"),
            new Wrong("w : concat @9 => x", Code.E_SHAPE, 1, "x", "[4, 6]", "axis 9"),
            new Wrong("w : rearrange \"a b c -> c b a\" => x", Code.E_SHAPE, 1, "x", "[4, 6]", "a b c"),
            new Wrong("w, b : concat @0 => x", Code.E_SHAPE, 1, "x", "[4]", "[4, 6]"),
            new Wrong("s : unstack @1 => t.{i}, x", Code.E_SHAPE, 1, "t.0", "2 tensors", "3 tensors"),
            new Wrong("w : T => x", Code.E_SHAPE, 1, "x", "[6, 4]", "[4, 6]"),
            new Wrong("w : split 5 @1 => x, y, z, t.0, t.1", Code.E_SIZE, 1, "x", "6 @1", "n × 5"),
            new Wrong("w : split [h*k, 2] @1 => x, y", Code.E_SIZE, 1, "x", "unknown: h", null),
            new Wrong("@dims h=4\nw : split [h/3, 2] @1 => x, y", Code.E_SIZE, 1, "x", "4/3", null),
            new Wrong("w : pad @0 to 900000000000*900000000000*900000000000 zero => x", Code.E_SIZE, 1, "x",
                    "long overflow", null),
            new Wrong("w : pad @0 to 9*900000000000000000 zero => x", Code.E_SIZE, 1, "x", "8100000000000000000", null),
            new Wrong("w : slice @0 2:9 => x", Code.E_SIZE, 1, "x", "2:9:1", "0:4"),
            new Wrong("w : take @0 [0..1, 7] => x", Code.E_SIZE, 1, "x", "7", "< 4"),
            new Wrong("w : combine lora alpha=1 r=2 => x", Code.E_SHAPE, 1, "x", "1 tensors", "3 tensors"),
            new Wrong("\"re:(.*a){12}(?<i>[0-9])\" => t.{i}", Code.E_REGEX, 1, LONG, LONG, "{i}"),
            new Wrong("w => x\nw =assert shape [4, 4]=> _", Code.E_ASSERT, 2, "w", "[4, 6]", "[4, 4]"),
            new Wrong("_ =assert dim @1 5=> t.{i}", Code.E_ASSERT, 1, "t.0", "[2, 3]", "[2, 5]"),
            new Wrong("_ =assert dim @4 5=> t.0", Code.E_ASSERT, 1, "t.0", "[2, 3]", "axis 4"),
            new Wrong("_ =assert dim @0 q=> t.0", Code.E_SIZE, 1, "t.0", "unknown: q", null),
            new Wrong("nothing{i} =assert shape [4]=> _", Code.E_SOURCE, 1, null, "nothing{i}", null),
            new Wrong("_ =assert shape [4]=> nothing{i}", Code.E_NAME, 1, null, "nothing{i}", null),
            new Wrong("w => deep.{i}.w", Code.W_IDLE, 1, null, null, null),
            new Wrong("h.999999999999999999.w => t.0", Code.E_SOURCE, 1, "t.0", "h.999999999999999999.w", null));

    /** A rule for some layers is one for these and no other, whichever side names them. */
    @Test
    void what_a_capture_may_stand_for_on_one_side_holds_on_the_other() throws Exception {
        for (var rules : List.of("h.{n:0|5}.w => t.{n}", "h.{n}.w => t.{n:0|5}")) {
            var plan = plan(rules);
            assertThat(plan.row("t.0").orElseThrow().status()).as(rules).isEqualTo(Status.BY_RULE);
            assertThat(plan.row("t.1").orElseThrow().status()).as(rules).isNotEqualTo(Status.BY_RULE);
        }
        var tied = plan("h.{i}.w => t.{i}\nt.{n:0|5} =tie copy=> u.{n}");
        assertThat(tied.row("u.0").orElseThrow().status()).isEqualTo(Status.BY_RULE);
        assertThat(tied.row("u.2").orElseThrow().problem()).isNull();
        assertThat(tied.row("u.2").orElseThrow().status()).isNotEqualTo(Status.BY_RULE);
    }

    private static List<Problem> problems(Plan plan) {
        var all = new ArrayList<>(plan.problems());
        plan.rows().stream().map(Row::problem).filter(java.util.Objects::nonNull).forEach(all::add);
        all.addAll(plan.warnings());
        return all;
    }

    @TestFactory
    Stream<DynamicTest> every_wrong_rule_is_named() {
        return WRONG.stream().map(w -> DynamicTest.dynamicTest(w.rules(), () -> {
            var plan = plan(w.rules());
            var all = problems(plan);
            assertThat(all).anySatisfy(p -> {
                assertThat(p.code()).isEqualTo(w.code());
                assertThat(p.rule()).isEqualTo(w.rule());
                assertThat(p.tensor()).isEqualTo(w.tensor());
                assertThat(p.found()).isEqualTo(w.found());
                assertThat(p.expected()).isEqualTo(w.expected());
            });
            assertThat(plan.isComplete()).isFalse();
            for (var texts : List.of(Texts.of(Locale.ENGLISH), Texts.of(Locale.SIMPLIFIED_CHINESE))) {
                for (var problem : all) {
                    assertThat(texts.full(problem))
                            .contains(texts.isChinese() ? "规则 " + problem.rule() : "Rule " + problem.rule())
                            .contains(texts.hint(problem));
                }
            }
        }));
    }

    @Test
    void every_code_of_rules_is_in_the_table() {
        var seen = EnumSet.noneOf(Code.class);
        WRONG.forEach(w -> seen.add(w.code()));
        for (var code : Code.values()) {
            // Of tensors, of values, of models of one family.
            boolean elsewhere = code == Code.W_UNUSED || code == Code.W_OVERFLOW || code == Code.E_LOSS;
            assertThat(seen.contains(code) || elsewhere || !code.id().matches("[EW]-.*")).as(code.id()).isTrue();
        }
    }

    @Test
    void numbers_count_when_many_become_one_and_one_becomes_many() throws Exception {
        var tensors = new ArrayList<TensorInfo>();
        for (int i = 11; i >= 0; i--) {
            tensors.add(tensor("h." + i + ".w", 3));
        }
        var stacked = List.of(new Parameter("all", Shape.of(12, 3), Presence.REQUIRED, null));
        var plan = Planner.plan(new Source("s", tensors, null), ArrowText.read("h.{i}.w : stack @0 => all", null),
                new Architecture("t", null, stacked, new AxisSizes(), Map.of()), Map.of());
        assertThat(plan.isComplete()).isTrue();
        assertThat(((Producer.FromSources) plan.rows().getFirst().producer()).sources()).containsExactly("h.0.w",
                "h.1.w", "h.2.w", "h.3.w", "h.4.w", "h.5.w", "h.6.w", "h.7.w", "h.8.w", "h.9.w", "h.10.w", "h.11.w");
        assertThat(plan.rows().getFirst().kind()).isEqualTo(Kind.STACKED);
        var parameters = new ArrayList<Parameter>();
        for (int i = 11; i >= 0; i--) {
            parameters.add(new Parameter("b." + (i + 1), Shape.of(3), Presence.REQUIRED, null));
        }
        var back = Planner.plan(new Source("s", List.of(tensor("all", 12, 3)), null),
                ArrowText.read("all : unstack @0 => b.{i+1}", null),
                new Architecture("t", null, parameters, new AxisSizes(), Map.of()), Map.of());
        assertThat(back.isComplete()).isTrue();
        for (var row : back.rows()) {
            int number = Integer.parseInt(row.target().name().substring(2));
            assertThat(((Producer.FromSources) row.producer()).target()).isEqualTo(number - 1);
        }
    }

    @Test
    void a_whole_tensor_spreads_to_many_and_a_regular_expression_finds_its_layer() throws Exception {
        var spread = plan("h.0.w => t.{i}");
        assertThat(spread.row("t.1").orElseThrow().status()).isEqualTo(Status.BY_RULE);
        assertThat(spread.row("t.1").orElseThrow().sources()).extracting(TensorInfo::name).containsExactly("h.0.w");
        var regex = plan("\"re:h[.](?<i>[0-9]+)[.]w\" => t.{i}");
        assertThat(regex.row("t.1").orElseThrow().sources()).extracting(TensorInfo::name).containsExactly("h.1.w");
        var shifted = plan("h.{i}.w => t.{i}\ng.{i+2}.w => u.{i+2}");
        assertThat(shifted.row("u.2").orElseThrow().sources()).extracting(TensorInfo::name).containsExactly("g.2.w");
    }

    @Test
    void without_a_target_the_rules_say_what_comes_out() throws Exception {
        var tensors = SOURCE.entrySet().stream().map(e -> tensor(e.getKey(), e.getValue())).toList();
        var source = new Source("s", tensors, null);
        var made = Outcome.of(source, ArrowText.read("""
                h.{i}.w : stack @0 => all
                s : unstack @0 => piece.{j}
                w : T => wt
                wt =tie copy=> again
                """, null));
        assertThat(made.stream().map(p -> p.name() + " " + p.shape())).containsExactlyInAnyOrder("all [2, 2, 3]",
                "piece.0 [2, 3]", "piece.1 [2, 3]", "wt [6, 4]", "again [6, 4]");
        assertThat(Outcome.of(source, RuleSet.EMPTY)).hasSize(SOURCE.size());
    }
}
