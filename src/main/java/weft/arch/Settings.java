package weft.arch;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Json;
import weft.io.Problem;

/**
 * What a configuration says, in its own words: {@code config.json}, {@code hparams.json}, a training dict's
 * {@code model_args}, what a person set.
 *
 * @param file the file's name, or {@code null} where there is none
 */
public record Settings(Map<String, Object> values, Hyper.Origin origin,
        @Nullable String file) {
    public static final Settings NONE = new Settings(Map.of(), Hyper.Origin.CONFIG, null);

    /** Reads a JSON object. */
    public static Settings read(byte[] json, String file) throws CheckpointException {
        if (!(Json.plain(Json.parse(json, file, 0)) instanceof Map<?, ?> map)) {
            throw Problem.of(Code.BAD_CONFIG).file(file).expected("{…}").asException();
        }
        var values = new LinkedHashMap<String, Object>();
        map.forEach((word, value) -> {
            if (value != null) {
                values.put((String) word, value);
            }
        });
        var origin = file.endsWith("hparams.json") ? Hyper.Origin.HPARAMS : Hyper.Origin.CONFIG;
        return new Settings(values, origin, file);
    }

    /**
     * The first of these words that has a value; {@code rope_scaling.factor} looks into an object, and
     * {@code use_scaled_rope=llama3} is {@code llama3} where that word is true or an object.
     */
    public Optional<Object> get(List<String> words) {
        return words.stream().map(word -> find(values, word)).filter(Objects::nonNull).findFirst();
    }

    private static @Nullable Object find(Map<?, ?> values, String word) {
        int equals = word.indexOf('=');
        if (equals > 0) {
            var there = find(values, word.substring(0, equals));
            return Boolean.TRUE.equals(there) || there instanceof Map ? word.substring(equals + 1) : null;
        }
        var value = values.get(word);
        int dot = word.indexOf('.');
        return value == null && dot > 0 && values.get(word.substring(0, dot)) instanceof Map<?, ?> inner
                ? find(inner, word.substring(dot + 1))
                : value;
    }

    /** The words of several, the more trusted first. */
    public static Map<String, Object> words(List<Settings> all) {
        var words = new LinkedHashMap<String, Object>();
        all.forEach(s -> s.values().forEach(words::putIfAbsent));
        return words;
    }
}
