package weft.plan;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

import org.jspecify.annotations.Nullable;

import weft.name.Pattern;
import weft.tensor.DType;
import weft.tensor.Shape;

/**
 * Tensors whose names differ in one running number alone, and that have one shape.
 *
 * @param name with {@code {i}} for the number
 * @param layers the names by their number; empty for a tensor by itself
 * @param type of the elements, {@code null} for a parameter
 * @param words of the name
 * @param sizes the shape's dimensions other than 1, smallest first: equal if one shape can become the other
 */
record Alike(Pattern name, Map<Long, String> layers, Shape shape, @Nullable DType type, Set<String> words,
        List<Long> sizes) {
    /** A number longer than this counts nothing. */
    private static final int MOST_DIGITS = 6;

    /** One name with what is known of it. */
    record Named(String name, Shape shape, @Nullable DType type) {
    }

    Set<Long> numbers() {
        return layers.keySet();
    }

    /** The first number, 0 for a tensor by itself. */
    long first() {
        return layers.isEmpty() ? 0 : layers.keySet().iterator().next();
    }

    /** Every name. */
    List<String> names() {
        return layers.isEmpty() ? List.of(name.render(Map.of())) : List.copyOf(layers.values());
    }

    /** The name with {@code {i}} shifted, so that it counts as another does. */
    Pattern shifted(long by) {
        return by == 0
                ? name
                : name.with(Map.of("i", Pattern.parse(by > 0 ? "{i+" + by + "}" : "{i" + by + "}")));
    }

    /** By how much this counts from another number on; {@code null} if they don't count the same layers. */
    @Nullable
    Long shiftFrom(Alike other) {
        if (layers.size() != other.layers.size()) { return null; }
        long by = first() - other.first();
        var theirs = other.layers.keySet().iterator();
        for (long mine : layers.keySet()) {
            if (mine - by != theirs.next()) { return null; }
        }
        return by;
    }

    /** The groups of a checkpoint or a model. */
    static List<Alike> groups(List<Named> tensors) {
        var byTemplate = new LinkedHashMap<String, List<Named>>();
        tensors.forEach(t -> byTemplate.computeIfAbsent(template(t.name()), _ -> new ArrayList<>()).add(t));
        var groups = new ArrayList<Alike>();
        for (var alike : byTemplate.values()) {
            int place = running(alike);
            var byPattern = new LinkedHashMap<String, List<Named>>();
            for (var tensor : alike) {
                var cut = place < 0 ? null : number(tensor.name(), place);
                var pattern = cut == null
                        ? Pattern.escape(tensor.name())
                        : Pattern.escape(tensor.name().substring(0, cut[0])) + "{i}"
                                + Pattern.escape(tensor.name().substring(cut[1]));
                byPattern.computeIfAbsent(pattern, _ -> new ArrayList<>()).add(tensor);
            }
            byPattern.forEach((text, some) -> {
                if (some.stream().allMatch(t -> t.shape().equals(some.getFirst().shape()))) {
                    var layers = new TreeMap<Long, String>();
                    for (var tensor : some) {
                        var cut = place < 0 ? null : number(tensor.name(), place);
                        if (cut != null) {
                            layers.put(Long.valueOf(tensor.name().substring(cut[0], cut[1])), tensor.name());
                        }
                    }
                    groups.add(of(text, layers, some.getFirst()));
                } else { // the number counts parts of different shapes: each stands for itself
                    some.forEach(t -> groups.add(of(Pattern.escape(t.name()), new TreeMap<>(), t)));
                }
            });
        }
        return groups;
    }

    private static Alike of(String pattern, Map<Long, String> layers, Named one) {
        return new Alike(Pattern.parse(pattern), layers, one.shape(), one.type(), Words.of(pattern),
                Arrays.stream(one.shape().squeezed().dims()).sorted().boxed().toList());
    }

    private static String template(String name) {
        var text = new StringBuilder(name.length());
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c < '0' || c > '9') {
                text.append(c);
            } else if (i == 0 || name.charAt(i - 1) < '0' || name.charAt(i - 1) > '9') {
                text.append('#');
            }
        }
        return text.toString();
    }

    /** Which of the numbers in these names runs; −1 if none does. */
    private static int running(List<Named> tensors) {
        if (tensors.size() < 2) { return -1; }
        int best = -1;
        long most = 1;
        for (int place = 0; number(tensors.getFirst().name(), place) != null; place++) {
            int at = place;
            long seen = tensors.stream().map(t -> {
                var cut = number(t.name(), at);
                return cut == null ? "" : t.name().substring(cut[0], cut[1]);
            }).distinct().count();
            if (seen > most) {
                most = seen;
                best = place;
            }
        }
        return best;
    }

    /** Where the n-th number of a name begins and ends; {@code null} if there is none that counts. */
    private static int @Nullable [] number(String name, int place) {
        int from = -1;
        int seen = -1;
        for (int i = 0; i <= name.length(); i++) {
            boolean digit = i < name.length() && name.charAt(i) >= '0' && name.charAt(i) <= '9';
            if (digit && from < 0) {
                from = i;
                seen++;
            } else if (!digit && from >= 0) {
                if (seen == place) {
                    // A number at the end counts what one module holds: Keras's vars/0 and vars/1 are kernel and bias.
                    boolean counts = i < name.length() && i - from <= MOST_DIGITS
                            && (i - from == 1 || name.charAt(from) != '0');
                    return counts ? new int[]{from, i} : null;
                }
                from = -1;
            }
        }
        return null;
    }

    /** One object a group: maps and sets hold many of them. */
    @Override
    public boolean equals(@Nullable Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }
}
