package weft.arch;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import weft.name.Pattern;
import weft.tensor.Shape;

/**
 * One parameter a target wants.
 *
 * @param bound which entry of its dialect it is, or {@code null} where no dialect is known
 */
public record Parameter(String name, Shape shape, Dialect.Presence presence, @Nullable Bound bound) {

    public boolean required() {
        return presence == Dialect.Presence.REQUIRED;
    }

    /**
     * A name that was recognised as one of a dialect's.
     *
     * @param pattern the pattern it matched, in the spelling found
     */
    public record Bound(Dialect.Entry entry, Pattern pattern, Map<String, String> captures) {
        /** The roles of this very tensor: {@code block.3.attn.q.weight}; {@code block.{i}.…} where it holds every layer. */
        public List<String> roles() {
            return entry.roles().stream()
                    .map(r -> captures.keySet().containsAll(r.captureNames()) ? r.render(captures) : r.toString())
                    .toList();
        }

        /**
         * The same with a tensor that holds every layer taken for one of them.
         *
         * @param layer the capture that counts layers
         */
        public List<String> roles(String layer, long number) {
            var one = new LinkedHashMap<>(captures);
            one.putIfAbsent(layer, Long.toString(number));
            return entry.roles().stream().map(r -> r.render(one)).toList();
        }
    }
}
