package weft.arch;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.name.Pattern;

/**
 * A dialect with options: {@code gpt2/scratch-split@124M,context_length=256,qkv_bias=false}.
 *
 * @param text as written
 * @param size a published size, or {@code null}
 * @param dims sizes by axis
 * @param options the dialect's switches
 * @param hypers numbers no shape shows, by name
 */
public record TargetSpec(String text, Dialect dialect, @Nullable String size, Map<String, Long> dims,
        Map<String, Boolean> options, Map<String, Object> hypers) {

    public static TargetSpec of(Dialect dialect) {
        return new TargetSpec(dialect.id(), dialect, null, Map.of(), Map.of(), Map.of());
    }

    /** @throws CheckpointException {@code UNKNOWN_TARGET} or {@code BAD_TARGET}, naming what is known */
    public static TargetSpec parse(String text, DialectFiles files) throws CheckpointException {
        var parts = text.split(",", -1);
        var head = parts[0].split("@", 2);
        var dialect = files.dialect(head[0].trim()).orElseThrow(() -> Problem.of(Code.UNKNOWN_TARGET).field(text)
                .found(head[0]).expected(String.join(", ", files.dialects().stream().map(Dialect::id).toList()))
                .asException());
        var values = new LinkedHashMap<String, Object>();
        for (int i = 1; i < parts.length; i++) {
            var pair = parts[i].split("=", 2);
            if (pair.length != 2) {
                throw Problem.of(Code.BAD_TARGET).field(text).found(parts[i]).expected("name=value").asException();
            }
            values.put(pair[0].trim(), value(pair[1].trim()));
        }
        return of(text, dialect, head.length > 1 ? head[1].trim() : null, values, true);
    }

    /** With options nobody stated taken from the source: what it has shall have its place. */
    public TargetSpec from(@Nullable Recognition source) {
        if (source == null || !source.dialect().family().name().equals(dialect.family().name())) { return this; }
        var all = new LinkedHashMap<>(options);
        for (var option : dialect.inferred()) {
            all.putIfAbsent(option, dialect.tensors().stream().filter(e -> option.equals(e.option()))
                    .anyMatch(e -> source.bound().values().stream().anyMatch(b -> b.entry().roles().stream()
                            .anyMatch(r -> e.roles().stream().anyMatch(m -> Pattern.unify(r, m).isPresent())))));
        }
        return new TargetSpec(text, dialect, size, dims, all, hypers);
    }

    /** Whole numbers, numbers and truth values as themselves, the rest as text. */
    public static Object value(String text) {
        if (text.equalsIgnoreCase("true") || text.equalsIgnoreCase("false")) { return Boolean.valueOf(text); }
        try {
            return Long.valueOf(text);
        } catch (NumberFormatException e) {
            try {
                return Double.valueOf(text);
            } catch (NumberFormatException f) {
                return text;
            }
        }
    }

    /** From a configuration's values; words nobody knows are an error only if a person wrote them. */
    public static TargetSpec of(String text, Dialect dialect, @Nullable String size, Map<String, Object> values,
            boolean strict) throws CheckpointException {
        var dims = new LinkedHashMap<String, Long>();
        var options = new LinkedHashMap<String, Boolean>();
        var hypers = new LinkedHashMap<String, Object>();
        var family = dialect.family();
        for (var entry : values.entrySet()) {
            var word = entry.getKey();
            var value = entry.getValue();
            var axis = dialect.axis(word);
            var hyper = family.hypers().values().stream()
                    .filter(h -> h.name().equals(word) || dialect.hyperWords(h).contains(word)).findFirst();
            boolean used = false;
            if (axis.isPresent() && value instanceof Long n && n > 0) {
                dims.put(axis.get(), n);
                used = true;
            }
            if (hyper.isPresent()) {
                hypers.put(hyper.get().name(), value);
                used = true;
            }
            if (dialect.options().containsKey(word) && value instanceof Boolean flag) {
                options.put(word, flag);
                used = true;
            }
            for (var option : dialect.options().keySet()) {
                if (value instanceof Boolean flag && word.equals(dialect.configWords().get("!" + option))) {
                    options.put(option, !flag);
                    used = true;
                }
            }
            if (!used && strict) {
                throw Problem.of(Code.BAD_TARGET).field(text).found(word + "=" + value)
                        .expected(Stream.concat(dialect.options().keySet().stream(),
                                family.names().keySet().stream().map(family::word)).collect(Collectors.joining(", ")))
                        .asException();
            }
        }
        dialect.variants().stream().filter(v -> !v.config().isEmpty() && v.isNamedBy(values)).findFirst()
                .ifPresent(v -> v.when()
                        .forEach((option, on) -> {
                            if (dialect.options().containsKey(option)) {
                                options.putIfAbsent(option, on);
                            }
                        }));
        return new TargetSpec(text, dialect, size, dims, options, hypers);
    }
}
