package weft.arch;

import java.util.ArrayList;
import java.util.List;

import weft.name.Pattern;
import weft.tensor.Layout;

/**
 * What a tensor is taken for: the roles it holds and how they lie in it. A dialect says one; where no shape
 * contradicts another, a file may mean that one.
 *
 * @param layout the labels of its sum are the role patterns' texts
 * @param roles in the layout's order
 */
public record Reading(Layout layout, List<Pattern> roles) {
    public Reading {
        roles = List.copyOf(roles);
    }

    static Reading of(Dialect.Entry entry) {
        return new Reading(entry.layout(), entry.roles());
    }

    /** What a recognised tensor is by its dialect. */
    public static Reading of(Parameter.Bound bound) {
        return of(bound.entry());
    }

    /** The same with the two dimensions of a matrix the other way round. */
    public Reading turned() {
        return new Reading(layout.turned(), roles);
    }

    /** The same roles under other patterns, in the same order. */
    Reading named(List<Pattern> others) {
        var labels = new ArrayList<String>(others.stream().map(Pattern::toString).toList());
        var sum = layout.sum();
        return sum == null
                ? new Reading(layout, others)
                : new Reading(layout.withParts(p -> new Layout.Part(labels.get(sum.parts().indexOf(p)), p.shown(),
                        p.axes())), others);
    }

    /** For people: {@code d [q|k|v]}, each role by its last words but one. */
    public String shown() {
        return layout.withParts(p -> new Layout.Part(word(p.label()), p.shown(), p.axes())).toString();
    }

    /** {@code block.{i}.attn.q.weight → q}. */
    public static String word(String role) {
        int end = role.lastIndexOf('.');
        return end < 0 ? role : role.substring(role.lastIndexOf('.', end - 1) + 1, end);
    }
}
