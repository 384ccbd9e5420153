package weft.arch;

import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

import weft.name.Pattern;
import weft.tensor.AxisSizes;
import weft.tensor.Layout;

/**
 * What models of one kind have in common: their roles, the axes those are made of, and the numbers no shape shows.
 *
 * @param name {@code gpt2}
 * @param title for people: {@code GPT-2}
 * @param layers the capture that counts layers, an axis like the others
 * @param vocabulary the axis of token rows, or empty
 * @param context the axis of learned positions, or empty
 * @param names by axis: the words configuration files use for its size, the canonical one first
 * @param finer axes that are products of others: {@code h = (g r)}, {@code k = (2 p)}
 * @param derived sizes that follow from others if nothing else says them, as expressions: {@code f = 4*d}; several with
 *        {@code |} between them are tried in order
 * @param sizes published sizes by name: {@code 124M → (axis → size)}
 * @param called what the models of those sizes are called: {@code 355M → gpt2-medium}
 * @param roles in the model's order, top to bottom
 * @param hypers numbers no shape shows, by name
 * @param alike what can be mistaken for each other because every shape agrees
 */
public record Family(String name, String title, String layers, String vocabulary, String context,
        Map<String, List<String>> names, Map<String, List<String>> finer, Map<String, String> derived,
        Map<String, Map<String, Long>> sizes, Map<String, String> called, List<Role> roles,
        Map<String, HyperName> hypers, List<Alike> alike) {

    /** A file, a log or a person can state any number; no model has ten times more than the deepest that was ever trained (1000). */
    public static final int MOST_LAYERS = 10_000;

    /** Roles that no shape tells apart, or whose channels may lie in another order. */
    public sealed interface Alike {
        /** Patterns of roles without what stands behind the last dot: {@code block.{i}.attn.q}. */
        List<Pattern> roles();

        /**
         * Roles of one layer that may have traded places; where one tensor holds them, they may also alternate.
         *
         * @param axis what they may alternate along ({@code h}: per head; where keys have fewer heads, per group), or
         *        {@code null}
         */
        record Order(List<Pattern> roles, @Nullable String axis) implements Alike {
        }

        /**
         * Roles whose axis is made of pairs that turn together: the two of a pair stand side by side or half the axis
         * apart.
         */
        record Rotary(List<Pattern> roles, String axis) implements Alike {
        }
    }

    /**
     * One thing the model computes with.
     *
     * @param name a pattern: {@code block.{i}.attn.q.weight}
     * @param layout the canonical layout
     * @param standIn what takes its place where a dialect lacks it, or {@code null}
     * @param buffer not learned: a mask, a counter
     */
    public record Role(Pattern name, Layout layout, @Nullable StandIn standIn, boolean buffer) {
    }

    /** What stands in for a role that isn't there. */
    public sealed interface StandIn {
        /** The same values as another role. */
        record Tie(String role) implements StandIn {
        }

        /** Zeros: exact for a bias that isn't there. */
        record Zeros() implements StandIn {
        }

        /** The causal mask: 1 where a position may not look, above the diagonal. */
        record CausalMask() implements StandIn {
        }
    }

    /** A number no shape shows, and the words configuration files use for it. */
    public record HyperName(String name, List<String> words) {
    }

    /** Axes that make a model another size: all but layers, rows of tokens and positions. */
    public List<String> widths() {
        return names.keySet().stream()
                .filter(a -> !a.equals(layers) && !a.equals(vocabulary) && !a.equals(context)).toList();
    }

    /** The axis a configuration's word speaks of; an axis' own name counts too. */
    public Optional<String> axis(String word) {
        if (names.containsKey(word)) { return Optional.of(word); }
        return names.entrySet().stream().filter(e -> e.getValue().contains(word)).map(Map.Entry::getKey).findFirst();
    }

    /** The word people use for an axis: {@code d → n_embd}. */
    public String word(String axis) {
        var words = names.get(axis);
        return words == null || words.isEmpty() ? axis : words.getFirst();
    }

    /** The role whose pattern can describe the same names as this one. */
    public Optional<Role> role(Pattern name) {
        return roles.stream().filter(r -> Pattern.unify(r.name(), name).isPresent()).findFirst();
    }

    /** Fills sizes that follow from others ({@code f = 4*d}) where shapes and people have said nothing. */
    public void complete(AxisSizes sizes) {
        derived.forEach((axis, ways) -> {
            for (var way : ways.split("\\|")) {
                if (sizes.product(List.of(axis)).isEmpty()) {
                    derive(axis, way.trim(), sizes);
                }
            }
        });
    }

    /** A product or a quotient of two names or numbers is all that is needed: "4*d", "d/h". */
    private static void derive(String axis, String product, AxisSizes sizes) {
        int cut = Math.max(product.indexOf('*'), product.indexOf('/'));
        var left = sizes.size(product.substring(0, cut).trim());
        var right = sizes.size(product.substring(cut + 1).trim());
        if (left.isEmpty() || right.isEmpty()) { return; }
        long a = left.getAsLong();
        long b = right.getAsLong();
        if (product.charAt(cut) == '*') {
            if (b == 0 || a <= Long.MAX_VALUE / b) { // a file may state any size; nothing follows from an absurd one
                sizes.learn(List.of(axis), a * b);
            }
        } else if (b != 0 && a % b == 0) {
            sizes.learn(List.of(axis), a / b);
        }
    }

    /** The published size that all these agree with, as people call it; empty if none or several do. */
    public Optional<String> called(AxisSizes known) {
        var fitting = sizes.entrySet().stream().filter(s -> s.getValue().entrySet().stream()
                .filter(e -> e.getKey().equals(layers) || widths().contains(e.getKey()))
                .allMatch(e -> agrees(known, e.getKey(), e.getValue()))).toList();
        var exact = fitting.stream().filter(s -> s.getValue().entrySet().stream()
                .allMatch(e -> agrees(known, e.getKey(), e.getValue()))).toList();
        var best = fitting.size() == 1 ? fitting : exact;
        return best.size() == 1
                ? Optional.of(called.getOrDefault(best.getFirst().getKey(), best.getFirst().getKey()))
                : Optional.empty();
    }

    /** A size nobody knows (a head count, where no configuration lies beside the file) contradicts nothing. */
    private static boolean agrees(AxisSizes known, String axis, long size) {
        var here = known.size(axis);
        return here.isEmpty() || here.getAsLong() == size;
    }
}
