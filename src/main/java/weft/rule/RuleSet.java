package weft.rule;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

import org.jspecify.annotations.Nullable;

/**
 * A rule file's content. Order of the rules has no meaning; it is kept because people wrote it.
 *
 * @param name a title for people, or {@code null}
 * @param source the dialect the rules start from, if they say one
 * @param target the dialect (with options) they lead to, if they say one
 * @param dims sizes by name
 * @param others what becomes of source tensors no rule names where there is no target
 * @param provenance how the file came to be; carried, never interpreted
 */
public record RuleSet(@Nullable String name, @Nullable String source, @Nullable String target, Map<String, Long> dims,
        Others others, List<Rule> rules, Map<String, Object> provenance) {

    public static final RuleSet EMPTY = of(List.of());

    public RuleSet {
        dims = Collections.unmodifiableMap(new LinkedHashMap<>(dims));
        rules = List.copyOf(rules);
        provenance = Collections.unmodifiableMap(new LinkedHashMap<>(provenance));
    }

    public static RuleSet of(List<Rule> rules) {
        return new RuleSet(null, null, null, Map.of(), Others.DROP, rules, Map.of());
    }

    /** What becomes of tensors no rule names. */
    public enum Others {
        COPY, DROP
    }

    public RuleSet with(List<Rule> other) {
        return new RuleSet(name, source, target, dims, others, other, provenance);
    }

    public Sizes sizes() {
        return n -> {
            var size = dims.get(n);
            return size == null ? OptionalLong.empty() : OptionalLong.of(size);
        };
    }
}
