package weft.work;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

import weft.arch.Architecture;
import weft.arch.Dialect;
import weft.arch.Hypers;
import weft.arch.Settings;

/** Writes the configuration a framework looks for beside its weights, in the words the dialect file gives. */
final class ConfigFiles {
    /** Stands in a dialect file for the id that ends a text. */
    private static final String END_OF_TEXT = "<end-of-text>";

    /** What llama.cpp reads as f32 even where it is a whole number here: {@code "rope_theta": 10000}. */
    private static final Pattern FRACTION = Pattern.compile("(epsilon|freq_base|factor|yarn_beta_(fast|slow))$");

    /** Says in a GGUF file which kind of vocabulary it carries. */
    static final String VOCABULARY = "tokenizer.ggml.model";
    static final String NO_VOCABULARY = "none";

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
        var on = options(dialect, target);
        dialect.variants().stream().filter(v -> v.when().entrySet().stream()
                .allMatch(e -> is(e.getKey(), on, hypers) == e.getValue())).findFirst()
                .ifPresent(v -> config.putAll(v.config()));
        dialect.configWords().forEach((what, word) -> {
            var size = target.sizes().size(what);
            boolean not = what.startsWith("!");
            var option = on.get(not ? what.substring(1) : what);
            if (option != null) {
                config.put(word, option != not);
            } else if (size.isPresent()) {
                config.put(word, size.getAsLong());
            } else if (isIdle(what, hypers)) {
                return; // to say it would say that the frequencies are scaled
            } else if (what.equals("window") && isUnused(hypers) && !dialect.configWords().containsKey("windowUsed")) {
                return; // a configuration with one word for it means that it is used
            } else if (hypers != null && hypers.values().containsKey(what)) {
                var value = hypers.values().get(what).value();
                if (!value.equals(dialect.configDefaults().get(what))) {
                    config.put(word, value);
                }
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

    /** Which of a dialect's options a target has: those whose tensors it has. */
    private static Map<String, Boolean> options(Dialect dialect, Architecture target) {
        var on = new LinkedHashMap<String, Boolean>();
        dialect.options().keySet().forEach(option -> on.put(option, target.parameters().stream()
                .anyMatch(p -> p.bound() != null && option.equals(p.bound().entry().option()))));
        return on;
    }

    /** A number of a rotary scaling where there is none: Phi-3 states its original context in any case. */
    private static boolean isIdle(String what, @Nullable Hypers hypers) {
        var kind = hypers == null ? null : hypers.values().get("ropeKind");
        return kind != null && kind.value().equals("default") && what.startsWith("rope")
                && !List.of("ropeBase", "ropeKind", "ropePart").contains(what);
    }

    private static boolean isUnused(@Nullable Hypers hypers) {
        var used = hypers == null ? null : hypers.values().get("windowUsed");
        return used != null && String.valueOf(used.value()).equals("false");
    }

    private static boolean is(String what, Map<String, Boolean> options, @Nullable Hypers hypers) {
        var option = options.get(what);
        return option != null ? option : hypers != null && hypers.has(what);
    }

    /** {@code rope_scaling.factor} as a field of an object. */
    static Map<String, @Nullable Object> nested(Map<String, @Nullable Object> flat) {
        var nested = new LinkedHashMap<String, @Nullable Object>();
        flat.forEach((word, value) -> {
            int dot = word.indexOf('.');
            if (dot < 0) {
                nested.put(word, value);
            } else if (nested.computeIfAbsent(word.substring(0, dot), _ -> new LinkedHashMap<>()) instanceof Map) {
                @SuppressWarnings("unchecked") // made in the line above
                var inner = (Map<String, @Nullable Object>) nested.get(word.substring(0, dot));
                java.util.Objects.requireNonNull(inner).put(word.substring(dot + 1), value);
            }
        });
        return nested;
    }

    /**
     * As a GGUF file's metadata: the architecture, and its words behind it. llama.cpp opens no file that doesn't say
     * which vocabulary it carries; this says none.
     */
    static Map<String, Object> metadata(Map<String, @Nullable Object> flat) {
        var metadata = new LinkedHashMap<String, Object>();
        metadata.put(VOCABULARY, NO_VOCABULARY);
        var architecture = String.valueOf(flat.get("general.architecture"));
        flat.forEach((word, value) -> {
            if (value != null) {
                metadata.put(word.startsWith("general.") ? word : architecture + "." + word,
                        value instanceof Number n && FRACTION.matcher(word).find() ? n.doubleValue() : value);
            }
        });
        // What isn't width ÷ heads llama.cpp reads under three names.
        var length = metadata.get(architecture + ".attention.key_length");
        if (length != null) {
            metadata.put(architecture + ".attention.value_length", length);
            metadata.put(architecture + ".rope.dimension_count", length);
        }
        return metadata;
    }
}
