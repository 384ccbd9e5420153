package weft.rule;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import weft.tensor.TensorData;

/** Layers in one tensor on one side, a tensor for each on the other: filled by what each element means. */
class DeriveLayersTest {
    private static boolean isStacked(Derive.Held held) {
        return held.layout().axes().contains("i");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '>', value = {
        "q: i d (h k) > q: (h k) d", "q: d i (h k) > q: (h k) d", "q: i (h k) > q: (h k)", "q: (h k) i > q: (h k)",
        "q: (h k) d > q: i d (h k)", "q: (h k) d > q: d i (h k)", "q: (h k) > q: (h k) i",
        "q: i d (h k) > q: (h p two) d", "q: (h p two) d > q: d i (h k)",
        "i d [q|k|v] > [k|q|v] d", "[q|k|v] d > d i [q|k|v]", "i [q|k|v] > (h [q|k|v])",
        "i d [q|k|v] > q: (h k) d ; k: d (h k) ; v: (h k) d", "d i (h [q|k|v]) > q: (h k) d ; k: (h k) d ; v: (h k) d",
        "[q|k|v] i > v: (h k d) ; k: (h k d) ; q: (h k d)",
        "q: (h k) d ; k: d (h k) ; v: (h k) d > i d [q|k|v]", "q: (h k d) ; k: (h k d) ; v: (h k d) > [v|k|q] i",
        "Q: (h k) d ; K: (g k) d ; V: (g k) d > d i [Q|K|V]",
        "Q: (h k) d ; K: (g k) d ; V: (g k) d > i (g [Q*r|K|V]) d",
        "q: i d (h k) ; k: i d (h k) ; v: d i (h k) > [q|k|v] d",
        "Q: i d (h k) ; K: i d (g k) ; V: i d (g k) > [Q|K|V] d",
        "[Q|K|V] d > Q: d i (h k) ; K: i (g k) d ; V: i d (g k)",
        "i d [q|k|v] > q: d i (h k) ; k: i (h k) d ; v: i d (h k)"})
    void layers_are_stacked_and_taken_apart(String left, String right) throws Exception {
        var from = java.util.Arrays.stream(left.split(";")).map(DeriveTest::held).toList();
        var to = java.util.Arrays.stream(right.split(";")).map(DeriveTest::held).toList();
        var derived = DeriveLayers.chain(from, to, DeriveTest.FINER, "i").orElseThrow();
        var random = new Random(11);
        for (int round = 0; round < 4; round++) {
            var sizes = DeriveTest.sizes(random, 2 * (1 + random.nextInt(9)));
            int layers = Math.toIntExact(sizes.get("i"));
            Sizes names = n -> sizes.containsKey(n) ? OptionalLong.of(sizes.get(n)) : OptionalLong.empty();
            var in = new ArrayList<TensorData>();
            var sources = new ArrayList<List<Op>>();
            for (int s = 0; s < derived.sources().size(); s++) {
                var held = from.get(derived.sources().get(s));
                int n = isStacked(held) ? 1 : layers;
                for (int layer = 0; layer < n; layer++) {
                    in.add(DeriveTest.filled(held, sizes, layer));
                }
                sources.addAll(Collections.nCopies(n, derived.chain().in().get(s)));
            }
            var expected = new ArrayList<TensorData>();
            var targets = new ArrayList<List<Op>>();
            for (int t = 0; t < derived.targets().size(); t++) {
                var held = to.get(derived.targets().get(t));
                int n = isStacked(held) ? 1 : layers;
                for (int layer = 0; layer < n; layer++) {
                    expected.add(DeriveTest.filled(held, sizes, layer));
                }
                targets.addAll(Collections.nCopies(n, derived.chain().out().get(t)));
            }
            var chain = new Chain(sources, derived.chain().ops(), targets);
            for (int t = 0; t < expected.size(); t++) {
                var made = chain.apply(t, in, names);
                assertThat(made.shape()).isEqualTo(expected.get(t).shape());
                assertThat(made.contiguous().bytes().mismatch(expected.get(t).bytes())).as("%s, %s", derived, t)
                        .isEqualTo(-1);
            }
            var back = chain.inverse(in.stream().map(TensorData::shape).toList(), names).orElseThrow();
            for (int s = 0; s < in.size(); s++) {
                assertThat(back.apply(s, expected, names).contiguous().bytes().mismatch(in.get(s).bytes()))
                        .isEqualTo(-1);
            }
        }
    }

    @Test
    void parts_of_different_sizes_are_not_taken_apart_by_one_rule() {
        assertThat(DeriveLayers.chain(List.of(DeriveTest.held("i d [Q|K|V]")),
                List.of(DeriveTest.held("Q: (h k) d"), DeriveTest.held("K: (g k) d"), DeriveTest.held("V: (g k) d")),
                DeriveTest.FINER, "i")).isEmpty();
    }
}
