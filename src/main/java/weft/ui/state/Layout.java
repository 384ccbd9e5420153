package weft.ui.state;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * How the lower part of a window was arranged.
 *
 * @param right names of the tabs of the right group, the one that is shown first
 * @param heights what somebody gave each tab by hand, in pixels
 */
public record Layout(List<String> right, Map<String, Double> heights) {
    /** One group of tabs, each as high as it asks for. */
    public static final Layout NONE = new Layout(List.of(), Map.of());

    public Layout {
        right = List.copyOf(right);
        heights = Map.copyOf(heights);
    }

    /** From a saved document; what isn't as it should be is left out. */
    static Layout read(@Nullable Object saved) {
        if (!(saved instanceof Map<?, ?> map)) { return NONE; }
        var right = new ArrayList<String>();
        if (map.get("right") instanceof List<?> names) {
            names.forEach(n -> {
                if (n instanceof String name) {
                    right.add(name);
                }
            });
        }
        var heights = new LinkedHashMap<String, Double>();
        if (map.get("heights") instanceof Map<?, ?> all) {
            all.forEach((tab, height) -> {
                if (tab instanceof String name && height instanceof Number number && number.doubleValue() > 0) {
                    heights.put(name, number.doubleValue());
                }
            });
        }
        return new Layout(right, heights);
    }

    Map<String, Object> document() {
        return Map.of("right", right, "heights", heights);
    }
}
