package weft.work;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

import org.jspecify.annotations.Nullable;

import weft.arch.Architecture;
import weft.arch.Dialect;
import weft.arch.Hypers;
import weft.arch.Settings;

/** Writes the configuration a framework looks for beside its weights, in the words the dialect file gives. */
final class ConfigFiles {
    /** Stands in a dialect file for the id that ends a text. */
    private static final String END_OF_TEXT = "<end-of-text>";

    private ConfigFiles() {
    }

    /**
     * Sizes and hypers in the dialect's words; whatever else the source's own configuration said in those words is
     * kept.
     *
     * @param untied whether the head has values of its own
     * @param end the id that ends a text; empty writes null, because a framework's own default may lie outside the
     *        vocabulary
     */
    static Map<String, @Nullable Object> config(Dialect dialect, Architecture target, @Nullable Hypers hypers,
            List<Settings> source, boolean untied, OptionalInt end) {
        var config = new LinkedHashMap<String, @Nullable Object>(dialect.configFixed());
        dialect.configWords().forEach((what, word) -> {
            var size = target.sizes().size(what);
            if (size.isPresent()) {
                config.put(word, size.getAsLong());
            } else if (hypers != null && hypers.values().containsKey(what)) {
                config.put(word, hypers.values().get(what).value());
            } else {
                source.stream().map(s -> s.values().get(word)).filter(java.util.Objects::nonNull).findFirst()
                        .ifPresent(v -> config.put(word, v));
            }
        });
        config.computeIfPresent("tie_word_embeddings", (_, tied) -> untied ? (Object) false : tied);
        config.replaceAll((_, value) -> END_OF_TEXT.equals(value)
                ? end.isPresent() ? (Object) end.getAsInt() : null
                : value);
        return config;
    }
}
