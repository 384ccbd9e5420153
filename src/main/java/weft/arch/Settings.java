package weft.arch;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

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
        @org.jspecify.annotations.Nullable String file) {
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

    /** The first of these words that has a value. */
    public Optional<Object> get(List<String> words) {
        return words.stream().map(values::get).filter(java.util.Objects::nonNull).findFirst();
    }
}
