package weft.rule;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import weft.tensor.DType;
import weft.tensor.Layout;
import weft.tensor.Numbers;
import weft.tensor.Shape;
import weft.tensor.TensorData;

/** Ops that follow from layouts, held against tensors that are filled by what each element means. */
class DeriveTest {
    private static final Map<String, Layout> ROLES = Map.of("q", Layout.parse("(h k) d"), "k",
            Layout.parse("(h k) d"), "v", Layout.parse("(h k) d"), "g", Layout.parse("f d"), "u", Layout.parse("f d"),
            "Q", Layout.parse("(h k) d"), "K", Layout.parse("(g k) d"), "V", Layout.parse("(g k) d"));
    static final Map<String, List<String>> FINER = Map.of("k", List.of("two", "p"), "h", List.of("g", "r"));

    static Derive.Held held(String text) {
        var cut = text.split(":");
        var layout = Layout.parse(cut[cut.length - 1].strip()).resolve(ROLES, FINER);
        var sum = layout.sum();
        return new Derive.Held(layout, sum == null
                ? List.of(cut[0].strip())
                : sum.parts().stream().map(Layout.Part::label).toList());
    }

    /** Every factor's size, a sum's included. */
    private static long size(Layout.Factor factor, Map<String, Long> sizes) {
        return switch (factor) {
            case Layout.Axis(var name) -> sizes.get(name);
            case Layout.Sum(var parts) -> parts.stream().mapToLong(p -> product(p.axes(), sizes)).sum();
        };
    }

    private static long product(List<String> axes, Map<String, Long> sizes) {
        return axes.stream().mapToLong(sizes::get).reduce(1, (a, b) -> a * b);
    }

    /** A tensor in this layout whose elements say which role they are of and where they stand on each axis. */
    private static TensorData filled(Derive.Held held, Map<String, Long> sizes) {
        return filled(held, sizes, 0);
    }

    /** @param layer which layer it is of, where it doesn't hold all */
    static TensorData filled(Derive.Held held, Map<String, Long> sizes, long layer) {
        var dims = held.layout().dims().stream().mapToLong(d -> d.stream().mapToLong(f -> size(f, sizes)).reduce(1,
                (a, b) -> a * b)).toArray();
        var shape = Shape.of(dims);
        var memory = java.lang.foreign.Arena.ofAuto().allocate(shape.count() * 8);
        for (long i = 0; i < shape.count(); i++) {
            var at = new LinkedHashMap<String, Long>();
            var role = held.roles().getFirst();
            long rest = i;
            for (int dim = dims.length - 1; dim >= 0; dim--) {
                long inside = rest % dims[dim];
                rest /= dims[dim];
                for (var factor : held.layout().dims().get(dim).reversed()) {
                    long n = size(factor, sizes);
                    long place = inside % n;
                    inside /= n;
                    switch (factor) {
                        case Layout.Axis(var name) -> at.put(name, place);
                        case Layout.Sum(var parts) -> {
                            for (var part : parts) {
                                long length = product(part.axes(), sizes);
                                if (place < length) {
                                    role = part.label();
                                    for (var axis : part.axes().reversed()) {
                                        at.put(axis, place % sizes.get(axis));
                                        place /= sizes.get(axis);
                                    }
                                    break;
                                }
                                place -= length;
                            }
                        }
                    }
                }
            }
            if (at.containsKey("two")) {
                at.put("k", at.remove("two") * sizes.get("p") + at.remove("p"));
            }
            if (at.containsKey("r")) {
                at.put("h", at.remove("g") * sizes.get("r") + at.remove("r"));
            }
            at.putIfAbsent("i", layer);
            double value = role.charAt(0);
            for (var axis : List.of("i", "h", "g", "k", "d", "f")) {
                value = value * 101 + at.getOrDefault(axis, 0L);
            }
            Numbers.put(memory, i * 8, DType.F64, value);
        }
        return TensorData.of(memory, DType.F64, shape);
    }

    static Map<String, Long> sizes(Random random, long head) {
        long g = 1 + random.nextInt(4);
        long r = 1 + random.nextInt(3);
        return Map.of("i", 1L + random.nextInt(4), "h", g * r, "g", g, "r", r, "k", head, "two", 2L, "p", head / 2, "d",
                3L + 2 * random.nextInt(4), "f", 5L + random.nextInt(4));
    }

    /** Queries and keys in rotary pairs, values as they are: no one op does that to all parts of a tensor. */
    private static Derive.Held paired(Derive.Held held) {
        return new Derive.Held(held.layout().withParts(p -> new Layout.Part(p.label(), p.shown(),
                p.label().equals("V")
                        ? p.axes()
                        : p.axes().stream().flatMap(a -> a.equals("k") ? Stream.of("p", "two") : Stream.of(a))
                                .toList())),
                held.roles());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '>', value = {"[Q|K|V] d > [Q|K|V] d", "(g [Q*r|K|V]) d > (g [Q*r|K|V]) d",
        "[Q|K|V] d > (g [Q*r|K|V]) d", "(g [Q*r|K|V]) d > d [V|K|Q]", "[Q|K|V] > [Q|K|V]"})
    void parts_of_one_tensor_that_move_differently_are_cut_out_and_put_together(String left, String right)
            throws Exception {
        var random = new Random(7);
        for (boolean into : new boolean[]{true, false}) {
            var from = into ? held(left) : paired(held(left));
            var to = into ? paired(held(right)) : held(right);
            var derived = Derive.chain(List.of(from), List.of(to), FINER).orElseThrow();
            assertThat(derived.sources()).containsOnly(0).hasSize(3);
            for (long head : new long[]{8, 64, 2 * (1 + random.nextInt(9))}) {
                var sizes = sizes(random, head);
                Sizes names = n -> sizes.containsKey(n) ? OptionalLong.of(sizes.get(n)) : OptionalLong.empty();
                var source = filled(from, sizes);
                var made = derived.chain().apply(0, List.of(source, source, source), names);
                var expected = filled(to, sizes);
                assertThat(made.shape()).isEqualTo(expected.shape());
                assertThat(made.contiguous().bytes().mismatch(expected.bytes())).as("%s, head %s", derived, head)
                        .isEqualTo(-1);
            }
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '>', value = {
        "[q|k] d ; v: (h k) d > q: (h k) d ; [k|v] d",
        "d [q|k] ; v: d (h k) > q: (h k) d ; [k|v] d",
        "[v|q] d ; k: d (h k) > d [k|v] ; q: d (h k)",
        "(h [q|k]) d ; v: (h k) d > q: (h k) d ; [k|v] d",
        "[q|k] d ; v: (h k) d > q: d (h k) ; (h [v|k]) d",
        "[q|k] d ; v: (h k) d > q: (h p two) d ; [k|v] d",
        "[q|k|v] d ; g: f d ; u: d f > q: (h k) d ; [k|v] d ; [g|u] d",
        "q: (h k) d ; [k|v] d > [k|q] d ; v: d (h k)",
        "[q|k|v] > [v|k|q]",
        "[g|u] d > (f [u|g]) d",
        "[Q|K|V] d > (g [Q*r|K|V]) d",
        "(g [Q*r|K|V]) d > [Q|K|V] d",
        "(g [Q*r|K|V]) d > d [V|Q|K]",
        "(g [Q*r|K|V]) > [Q|K|V]",
        "Q: (h k) d ; K: (g k) d ; V: (g k) d > (g [Q*r|K|V]) d",
        "(g [Q*r|K|V]) d > Q: (h k) d ; K: d (g k) ; V: (g k) d",
        "(g [Q*r|K|V]) d > Q: (h p two) d ; K: (g p two) d ; V: (g k) d",
        "Q: (h p two) d ; K: (g p two) d ; V: (g k) d > (g [Q*r|K|V]) d"})
    void tensors_that_are_fused_differently_are_taken_apart_and_put_together(String left, String right)
            throws Exception {
        var from = java.util.Arrays.stream(left.split(";")).map(DeriveTest::held).toList();
        var to = java.util.Arrays.stream(right.split(";")).map(DeriveTest::held).toList();
        var derived = Derive.chain(from, to, FINER).orElseThrow();
        var random = new Random(5);
        for (long head : new long[]{8, 64, 2 * (1 + random.nextInt(9))}) {
            var sizes = sizes(random, head);
            Sizes names = n -> sizes.containsKey(n) ? OptionalLong.of(sizes.get(n)) : OptionalLong.empty();
            var in = derived.sources().stream().map(i -> filled(from.get(i), sizes)).toList();
            var shapes = in.stream().map(TensorData::shape).toList();
            var outcome = new ArrayList<TensorData>();
            for (int t = 0; t < to.size(); t++) {
                var expected = filled(to.get(derived.targets().get(t)), sizes);
                var made = derived.chain().apply(t, in, names);
                assertThat(made.shape()).isEqualTo(expected.shape());
                assertThat(made.contiguous().bytes().mismatch(expected.bytes())).as("%s, head %s", derived, head)
                        .isEqualTo(-1);
                outcome.add(made);
                // The index map says of every element where the data move took it from.
                var index = IntStream.range(0, made.shape().rank())
                        .mapToLong(axis -> random.nextInt((int) made.shape().dim(axis))).toArray();
                var place = derived.chain().origin(t, index, shapes, names);
                assertThat(in.get(place.tensor()).at(place.index())).isEqualTo(made.at(index));
            }
            var back = derived.chain().inverse(shapes, names).orElseThrow();
            for (int s = 0; s < in.size(); s++) {
                assertThat(back.apply(s, outcome, names).contiguous().bytes().mismatch(in.get(s).bytes()))
                        .isEqualTo(-1);
            }
        }
    }
}
