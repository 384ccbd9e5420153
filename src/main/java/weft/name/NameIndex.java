package weft.name;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Many names, asked for those that a pattern means. Names that differ only in their numbers lie together, so a pattern
 * of text and integers looks at one pile instead of at every name: a model of 100,000 tensors has some twenty piles.
 */
public final class NameIndex {
    /** A name that a pattern matches, and what its captures stand for. */
    public record Found(String name, Map<String, String> captures) {
    }

    private final Map<String, List<String>> piles = new LinkedHashMap<>();
    private final Collection<String> names;

    /** @param names each once; in this order they are found */
    public NameIndex(Collection<String> names) {
        this.names = names;
        var pile = new StringBuilder();
        for (var name : names) {
            pile.setLength(0);
            Pattern.appendPile(pile, name);
            piles.computeIfAbsent(pile.toString(), _ -> new ArrayList<>()).add(name);
        }
    }

    /** The names this pattern means, in their order. */
    public List<Found> find(Pattern pattern) {
        var found = new ArrayList<Found>();
        var pile = pattern.pile();
        for (var name : pile.isPresent() ? piles.getOrDefault(pile.get(), List.of()) : names) {
            pattern.match(name).ifPresent(captures -> found.add(new Found(name, captures)));
        }
        return found;
    }
}
