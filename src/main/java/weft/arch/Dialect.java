package weft.arch;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import weft.name.Pattern;
import weft.tensor.Layout;

/**
 * How one framework names and lays out a family's tensors. Data, one JSON file each; Java knows no dialect by name.
 *
 * @param id {@code gpt2/openai-tf}
 * @param title for people: {@code OpenAI TensorFlow}
 * @param home the format its framework saves in: {@code safetensors}, {@code torch}, {@code tensorflow} …
 * @param file what a file in that format is usually called ({@code gpt.pth}), or {@code null} for the format's own habit
 * @param prefix a prefix of its names that some files leave out ({@code transformer.}), or empty
 * @param tensors in the model's order
 * @param options switches with their defaults: {@code qkv_bias → true}
 * @param hypers numbers that hold where no configuration says otherwise
 * @param computes for people: {@code y = x·W} or {@code y = W·x}, or {@code null}
 * @param configWords the words its own configuration file uses, by axis or hyper
 * @param configFile that file's name, empty where the weights' own metadata holds it
 * @param configFixed what it says besides, always
 * @param configDefaults numbers its framework assumes where such a configuration is silent; without one they are unknown
 * @param inferred options that follow the source where nobody states them
 * @param marks what a configuration of such files says, by word: tells dialects of the same names apart
 * @param variants models its framework gives names of their own, the most special first
 */
public record Dialect(String id, Family family, String title, String home, @Nullable String file, String prefix,
        List<Entry> tensors, Map<String, Boolean> options, Map<String, Object> hypers, @Nullable String computes,
        Map<String, String> configWords, String configFile, Map<String, Object> configFixed,
        Map<String, Object> configDefaults, Set<String> inferred, Map<String, List<Object>> marks,
        List<Variant> variants) {

    /**
     * A model that a configuration names: {@code model_type: qwen2} has biases on q, k and v.
     *
     * @param when options, and hypers that are there or not
     * @param config what the configuration says of it
     * @param hypers numbers its framework has in its code
     */
    public record Variant(Map<String, Boolean> when, Map<String, Object> config, Map<String, Object> hypers) {
        /** Whether a configuration speaks of this variant: all its plain words are there and equal. */
        public boolean isNamedBy(Map<String, Object> values) {
            return config.entrySet().stream().filter(e -> !(e.getValue() instanceof List))
                    .allMatch(e -> e.getValue().equals(values.get(e.getKey())));
        }
    }

    /**
     * One kind of tensor.
     *
     * @param names what it is called; the first one is written, all are read
     * @param layout resolved; the labels of its sum are the role patterns' texts
     * @param roles the roles it holds, in the layout's order
     * @param presence whether the dialect can do without it
     * @param option the switch it depends on, or {@code null}
     * @param mistaken those of the names that a known mistake gives it; read, and named as the mistake
     */
    public record Entry(List<Pattern> names, Layout layout, List<Pattern> roles, Presence presence,
            @Nullable String option, List<Pattern> mistaken) {
        public Pattern name() {
            return names.getFirst();
        }

        /**
         * Whether all layers lie in one tensor: the roles have a layer, the name has none.
         *
         * @param layer the capture and axis that counts layers
         */
        public boolean isStacked(String layer) {
            return !name().captureNames().contains(layer)
                    && roles.stream().anyMatch(r -> r.captureNames().contains(layer));
        }
    }

    /** Whether a tensor has to be there. */
    public enum Presence {
        REQUIRED, OPTIONAL, BUFFER
    }

    /**
     * A spelling of the dialect: a common prefix in front of every name, and its own prefix left out or not.
     *
     * @param before what all names start with ({@code module.}); empty for none
     * @param bare whether {@link Dialect#prefix} is left out
     */
    public record Spelling(String before, boolean bare) {
        public static final Spelling WRITTEN = new Spelling("", false);
    }

    /** A name pattern in a spelling. */
    public Pattern spell(Pattern name, Spelling spelling) {
        var text = name.toString();
        var bare = spelling.bare() && text.startsWith(prefix) ? Pattern.parse(text.substring(prefix.length())) : name;
        return bare.prefixed(spelling.before());
    }

    /** How well a configuration agrees: 1 where it says what it says of such files, −1 where it says otherwise, else 0. */
    public int agrees(Map<String, Object> words) {
        int found = 0;
        for (var mark : marks.entrySet()) {
            var value = words.get(mark.getKey());
            if (value != null && !mark.getValue().contains(value)) { return -1; }
            found = value != null ? 1 : found;
        }
        return found;
    }

    /** What configurations may call the size of an axis: this dialect's own word, then the family's. */
    public List<String> axisWords(String axis) {
        return own(configWords.get(axis), family.names().getOrDefault(axis, List.of()));
    }

    /** The same for a number no shape shows; one that is a size as well (heads) goes by the word for that size. */
    public List<String> hyperWords(Family.HyperName hyper) {
        var axis = family.names().entrySet().stream().filter(e -> e.getValue().equals(hyper.words()))
                .map(e -> configWords.get(e.getKey())).filter(Objects::nonNull).findFirst().orElse(null);
        return own(configWords.getOrDefault(hyper.name(), axis), hyper.words());
    }

    private static List<String> own(@Nullable String word, List<String> others) {
        return word == null || others.contains(word)
                ? others
                : Stream.concat(Stream.of(word), others.stream()).toList();
    }

    /** The axis a configuration's word speaks of. */
    public Optional<String> axis(String word) {
        return family.names().keySet().stream().filter(a -> word.equals(configWords.get(a))).findFirst()
                .or(() -> family.axis(word));
    }

    /** How many of the words its own configuration uses are there. */
    public long known(Map<String, Object> words) {
        return configWords.values().stream().filter(words::containsKey).count();
    }

    public Map<String, Boolean> optionsWith(Map<String, Boolean> given) {
        var all = new LinkedHashMap<>(options);
        given.forEach((k, v) -> {
            if (all.containsKey(k)) {
                all.put(k, v);
            }
        });
        return all;
    }
}
