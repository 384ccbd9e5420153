package weft.plan;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

/**
 * Why a rule is suggested between names no dialect knows, or why none is.
 *
 * @param from names in the source, with {@code {i}} for the layers; of a rule that isn't given, all that might be meant
 * @param score how sure it is, 0 to 1
 * @param names how much the names have in common, 0 to 1
 * @param role what both names are called in a dialect that knows such names, or {@code null}
 * @param layers how many layers it speaks of; 0 for a tensor by itself
 * @param notes what decided besides
 * @param open why there is no rule that makes it, or {@code null}
 */
public record Reason(List<String> from, double score, double names, @Nullable String role, int layers, Relation shape,
        List<Note> notes, @Nullable Open open) {
    /** Where the reasons stand in a rule file's provenance, by target. */
    public static final String KEY = "why";

    /** How two shapes are related. */
    public enum Relation {
        /** The same shape. */
        EQUAL("equal"),
        /** The same but for dimensions of 1. */
        SQUEEZED("squeezed"),
        /** Two dimensions swapped. */
        TRANSPOSED("transposed"),
        /** Dimensions in another order. */
        PERMUTED("permuted"),
        /** Dimensions of one size: any order gives the shape. */
        SQUARE("square"),
        /** All layers in one tensor. */
        STACKED("stacked"),
        /** One tensor holds several. */
        FUSED("fused"),
        /** Another number of rows along one axis. */
        ROWS("rows"),
        /** Several values in each stored number. */
        PACKED("packed");

        private final String id;

        Relation(String id) {
            this.id = id;
        }

        public String id() {
            return id;
        }
    }

    /** What decided besides names and shapes. */
    public enum Note {
        /** A square goes the way its siblings do. */
        SIBLINGS("siblings"),
        /** It follows from a pair a person accepted. */
        ACCEPTED("accepted"),
        /** It follows from a pair that was found before. */
        FOLLOWED("followed"),
        /** Nothing else of such a shape is left. */
        ONLY("only"),
        /** The order of what lies in one tensor is assumed. */
        ORDER("order");

        private final String id;

        Note(String id) {
            this.id = id;
        }

        public String id() {
            return id;
        }
    }

    /** Why there is no rule. */
    public enum Open {
        /** More than one tensor could be meant. */
        AMBIGUOUS("ambiguous"),
        /** Nothing shows which way round it lies. */
        SQUARE("square"),
        /** The numbers of rows differ: a person says what is cut off or filled in. */
        ROWS("rows"),
        /** Several values in each stored number. */
        PACKED("packed");

        private final String id;

        Open(String id) {
            this.id = id;
        }

        public String id() {
            return id;
        }
    }

    public Reason {
        from = List.copyOf(from);
        notes = List.copyOf(notes);
    }

    /** As it stands in a rule file. */
    public Map<String, Object> toMap() {
        var map = new LinkedHashMap<String, Object>();
        map.put("from", from);
        map.put("score", rounded(score));
        map.put("names", rounded(names));
        if (role != null) {
            map.put("role", role);
        }
        map.put("layers", (long) layers);
        map.put("shape", shape.id());
        if (!notes.isEmpty()) {
            map.put("notes", notes.stream().map(Note::id).toList());
        }
        if (open != null) {
            map.put("open", open.id());
        }
        return map;
    }

    private static double rounded(double value) {
        return Math.round(value * 100) / 100.0;
    }

    /** Every reason of a rule file or of a plan's suggestions, by the target's pattern; what isn't one is left out. */
    public static Map<String, Reason> of(Map<String, Object> provenance) {
        var reasons = new LinkedHashMap<String, Reason>();
        if (provenance.get(KEY) instanceof Map<?, ?> all) {
            all.forEach((target, value) -> {
                if (value instanceof Map<?, ?> map) {
                    read(map).ifPresent(r -> reasons.put(String.valueOf(target), r));
                }
            });
        }
        return reasons;
    }

    private static Optional<Reason> read(Map<?, ?> map) {
        var shape = Stream.of(Relation.values()).filter(r -> r.id().equals(map.get("shape"))).findFirst();
        if (!(map.get("score") instanceof Number score) || !(map.get("names") instanceof Number names)
                || !(map.get("layers") instanceof Number layers) || shape.isEmpty()) {
            return Optional.empty();
        }
        var notes = texts(map.get("notes"));
        return Optional.of(new Reason(texts(map.get("from")), score.doubleValue(), names.doubleValue(),
                map.get("role") instanceof String role ? role : null, layers.intValue(), shape.get(),
                Stream.of(Note.values()).filter(n -> notes.contains(n.id())).toList(),
                Stream.of(Open.values()).filter(o -> o.id().equals(map.get("open"))).findFirst().orElse(null)));
    }

    private static List<String> texts(@Nullable Object list) {
        var texts = new ArrayList<String>();
        if (list instanceof List<?> some) {
            some.forEach(s -> texts.add(String.valueOf(s)));
        }
        return texts;
    }
}
