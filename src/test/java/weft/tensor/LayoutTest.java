package weft.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LayoutTest {

    @ParameterizedTest
    @ValueSource(strings = {"", "d", "1", "1 d [q|k|v]", "(h k) d", "(h [q|k|v]) d", "(g [q*r|k|v]) d", "(h 2 p) d",
        "[q|k|v]", "i d o", "1 1"})
    void prints_as_it_was_written(String text) {
        assertThat(Layout.parse(text)).hasToString(text);
        assertThat(Layout.parse(text)).isEqualTo(Layout.parse(" " + text.replace(" ", "  ") + " "));
    }

    @ParameterizedTest
    @ValueSource(strings = {"(a b", "a)", "()", "[q|k", "[q|]", "[q|q]", "[a] [b]", "((a b) c)", "a-b", "0", "[q|k]d",
        "(a [q|k] [v|w])", "0d", "a,b"})
    void refuses_what_is_no_layout(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> Layout.parse(text));
    }

    @ParameterizedTest
    @CsvSource({"(h [q|k|v]) d, h [q|k|v] d", "1 d [q|k|v], 1 d [q|k|v]", "(h [q|k|v] x) d, h [q|k|v] x d",
        "([q|k] x) d, [q|k] x d", "(h k) d, (h k) d"})
    void exposes_the_sum_as_a_dimension(String layout, String exposed) {
        assertThat(Layout.parse(layout).exposed()).isEqualTo(Layout.parse(exposed));
    }

    @Test
    void resolves_parts_by_their_roles() {
        var roles = Map.of("q", Layout.parse("(h k) d"), "k", Layout.parse("(g k) d"), "v", Layout.parse("(g k) d"));
        var finer = Map.of("h", List.of("g", "r"));
        var grouped = Layout.parse("(g [q*r|k|v]) d").resolve(roles, finer);
        assertThat(grouped.sum().parts()).extracting(Layout.Part::axes)
                .containsExactly(List.of("r", "k"), List.of("k"), List.of("k"));
        assertThat(grouped.piece("q")).isEqualTo(Layout.parse("(g r k) d"));
        assertThat(grouped.withSumAs("o")).isEqualTo(Layout.parse("(g o) d"));
        assertThat(grouped).hasToString("(g [q*r|k|v]) d");
        var blocked = Layout.parse("1 d [q|k|v]").resolve(roles, finer);
        assertThat(blocked.piece("q")).isEqualTo(Layout.parse("1 d (h k)"));
        assertThatIllegalArgumentException().isThrownBy(() -> Layout.parse("[q|x] d").resolve(roles, finer));
    }

    @Test
    void learns_sizes_from_shapes() {
        var sizes = new AxisSizes();
        assertThat(sizes.learn(Layout.parse("(h k) d"), Shape.of(768, 512))).isTrue();
        assertThat(sizes.known()).isEqualTo(Map.of("d", 512L));
        assertThat(sizes.product(List.of("k", "h"))).hasValue(768);
        assertThat(sizes.shape(Layout.parse("d (h k)"))).isEqualTo(Shape.of(512, 768));
        assertThat(sizes.shape(Layout.parse("h d"))).isNull();
        assertThat(sizes.learn(List.of("h"), 12)).isTrue();
        assertThat(sizes.size("k")).hasValue(64);
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {"a; [0]; a b; [0, 3]; true", "a b; [2, 3]; a; [4]; false",
        "(a b); [6]; a b; [2, 3]; true", "(a b); [6]; a b; [2, 4]; false", "(a b); [6]; (b a); [7]; false",
        "a b; [2, 3]; (a b); [0]; false", "1 a; [0, 3]; a; [3]; false", "1 a; [1, 3]; a; [3]; true",
        "(2 a); [6]; a; [3]; true", "(2 a); [7]; a; [3]; false", "a; [2]; a b; [2]; false",
        "a; [5]; (a b); [6]; false"})
    void contradictions_are_noticed(String first, String firstShape, String second, String secondShape, boolean fits) {
        var sizes = new AxisSizes();
        var reverse = new AxisSizes();
        boolean there = sizes.learn(Layout.parse(first), shape(firstShape))
                && sizes.learn(Layout.parse(second), shape(secondShape));
        boolean back = reverse.learn(Layout.parse(second), shape(secondShape))
                && reverse.learn(Layout.parse(first), shape(firstShape));
        assertThat(there).isEqualTo(fits);
        assertThat(back).isEqualTo(fits);
    }

    private static Shape shape(String text) {
        return Shape.of(java.util.Arrays.stream(text.substring(1, text.length() - 1).split(", "))
                .mapToLong(Long::parseLong).toArray());
    }

    /** Whatever the order in which tensors come, the same is known in the end, and it is the truth. */
    @Test
    void what_is_learned_does_not_depend_on_the_order() {
        var random = new Random(31);
        var roles = Map.of("q", Layout.parse("(h k) d"), "k", Layout.parse("(g k) d"), "v", Layout.parse("(g k) d"));
        var finer = Map.of("h", List.of("g", "r"));
        var layouts = List.of("(g r k) d", "d f", "(g [q*r|k|v]) d", "[q|k|v] d", "k", "g", "(g k)", "v d", "(r k)",
                "(g r k) f v", "f").stream().map(t -> Layout.parse(t).resolve(roles, finer))
                .map(l -> Layout.refine(l, java.util.Set.of("g", "r"), finer)).toList();
        for (int round = 0; round < 500; round++) {
            var truth = new HashMap<String, Long>();
            for (var axis : List.of("g", "r", "k", "d", "f", "v")) {
                truth.put(axis, 1L + random.nextInt(9));
            }
            truth.put("h", truth.get("g") * truth.get("r"));
            var chosen = new ArrayList<>(layouts);
            Collections.shuffle(chosen, random);
            var some = chosen.subList(0, 2 + random.nextInt(6));
            Map<String, Long> known = null;
            for (int order = 0; order < 4; order++) {
                Collections.shuffle(some, random);
                var sizes = new AxisSizes();
                for (var layout : some) {
                    var all = new AxisSizes();
                    truth.forEach(all::put);
                    var shape = all.shape(layout);
                    assertThat(shape).isNotNull();
                    assertThat(sizes.learn(layout, shape)).as(some.toString()).isTrue();
                }
                sizes.known().forEach((axis, size) -> assertThat(size).as(axis).isEqualTo(truth.get(axis)));
                assertThat(known == null || known.equals(sizes.known())).as(some + ": " + known + " " + sizes.known())
                        .isTrue();
                known = sizes.known();
            }
        }
    }

    @Test
    void numbers_too_large_are_unknown_and_not_an_error() {
        var sizes = new AxisSizes();
        assertThat(sizes.learn(Layout.parse("a b"), Shape.of(Long.MAX_VALUE, Long.MAX_VALUE))).isTrue();
        assertThat(sizes.product(List.of("a", "b"))).isEmpty();
        assertThat(sizes.shape(Layout.parse("(a b)"))).isNull();
    }

    @Test
    void what_a_person_states_wins() {
        var sizes = new AxisSizes();
        sizes.learn(Layout.parse("(h k)"), Shape.of(768));
        sizes.put("h", 10);
        assertThat(sizes.size("h")).hasValue(10);
        assertThat(sizes.product(List.of("h", "k"))).isEmpty();
        var copy = sizes.copy();
        copy.put("k", 3);
        assertThat(sizes.size("k")).isEmpty();
    }
}
