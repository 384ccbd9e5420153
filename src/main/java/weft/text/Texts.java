package weft.text;

import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import org.jspecify.annotations.Nullable;

import weft.io.Json;
import weft.io.Problem;

/**
 * Everything Weft says, in one language. Texts stand in UTF-8 bundles beside this class, one a face and language:
 * {@code messages_en.properties} for what all faces say, {@code window_zh.properties} for the window. A text is a
 * {@link Template}; a missing key is an error, never a blank.
 */
public final class Texts {
    private static final int LONGEST_ARGUMENT = 300;
    /** Bundles that were read, by their files' names. */
    private static final Map<String, Map<String, String>> LOADED = new ConcurrentHashMap<>();
    private final Locale locale;
    private final Map<String, String> texts;

    private Texts(Locale locale, Map<String, String> texts) {
        this.locale = locale;
        this.texts = texts;
    }

    /** What all faces say; Chinese for a Chinese locale, English for any other. */
    public static Texts of(Locale locale) {
        var language = locale.getLanguage().equals("zh") ? Locale.SIMPLIFIED_CHINESE : Locale.ENGLISH;
        return new Texts(language, load("messages", language));
    }

    /** The same with another bundle's texts: {@code window}. */
    public Texts with(String bundle) {
        var all = new HashMap<>(texts);
        all.putAll(load(bundle, locale));
        return new Texts(locale, all);
    }

    static Map<String, String> load(String bundle, Locale language) {
        return LOADED.computeIfAbsent(bundle + "_" + language.getLanguage() + ".properties", Texts::read);
    }

    private static Map<String, String> read(String name) {
        try (var in = Texts.class.getResourceAsStream(name)) {
            if (in == null) { throw new IllegalArgumentException(name); }
            var properties = new Properties();
            properties.load(new InputStreamReader(in, StandardCharsets.UTF_8));
            var texts = new LinkedHashMap<String, String>();
            properties.stringPropertyNames().forEach(key -> texts.put(key, properties.getProperty(key)));
            return Collections.unmodifiableMap(texts);
        } catch (IOException e) {
            throw new UncheckedIOException(name, e);
        }
    }

    /** {@link Locale#ENGLISH} or {@link Locale#SIMPLIFIED_CHINESE}. */
    public Locale locale() {
        return locale;
    }

    public boolean isChinese() {
        return locale.getLanguage().equals("zh");
    }

    public Set<String> keys() {
        return Set.copyOf(texts.keySet());
    }

    public boolean has(String key) {
        return texts.containsKey(key);
    }

    /**
     * A text with its arguments as pairs of name and value; a null value is a missing argument, whole numbers are
     * grouped ({@code 589,824}), everything else is put as it is.
     *
     * @throws IllegalArgumentException for a key or an argument that isn't there
     */
    public String get(String key, @Nullable Object... arguments) {
        var map = new HashMap<String, String>();
        for (int i = 0; i < arguments.length; i += 2) {
            var value = arguments[i + 1];
            if (value != null) {
                map.put(String.valueOf(arguments[i]),
                        value instanceof Number n && n.longValue() == n.doubleValue()
                                ? number(n.longValue())
                                : value.toString());
            }
        }
        return Template.fill(template(key), map);
    }

    /** A text without any gaps to fill, braces and brackets as they are: what a help page says. */
    public String plain(String key) {
        return template(key);
    }

    private String template(String key) {
        var text = texts.get(key);
        if (text == null) { throw new IllegalArgumentException(key); }
        return text;
    }

    /** What happened, in one or two sentences, without the file: faces show that beside it. */
    public String message(Problem problem) {
        return problem(problem, "");
    }

    /** What to do next. */
    public String hint(Problem problem) {
        return problem(problem, ".hint");
    }

    /** File, message and hint as one paragraph. */
    public String full(Problem problem) {
        // A message that names the file itself needs no name before it.
        var file = problem.file();
        boolean named = file == null || file.equals(problem.found()) || file.equals(problem.expected());
        var tensor = problem.tensor();
        boolean said = tensor == null || tensor.equals(problem.field()) || tensor.equals(problem.found());
        return get("problem", "file", file == null || named ? null : shown(file), "rule",
                problem.rule() == 0 ? null : String.valueOf(problem.rule()), "tensor",
                tensor == null || said ? null : shown(tensor), "message", message(problem), "hint", hint(problem));
    }

    /** A text for just this {@code found} ({@code NOT_READABLE@directory}) goes before the code's own. */
    private String problem(Problem problem, String suffix) {
        var code = problem.code().name();
        var found = problem.found() == null ? "" : problem.found().replace(' ', '-');
        var special = code + "@" + found + suffix;
        var arguments = new HashMap<String, String>();
        problem.arguments().forEach((name, value) -> arguments.put(name, argument(value)));
        return Template.fill(template(has(special) ? special : code + suffix), arguments);
    }

    /** Whole numbers are grouped, names shown so that nothing in them can hide. */
    private String argument(String value) {
        return value.length() > 3 && value.length() < 19 && value.chars().allMatch(c -> c >= '0' && c <= '9')
                && value.charAt(0) != '0' ? number(Long.parseLong(value)) : shown(value);
    }

    /** A name from a file: controls and direction marks escaped, the middle of a very long one left out. */
    public static String shown(String name) {
        var quoted = Json.quote(name);
        var plain = quoted.substring(1, quoted.length() - 1).replace("\\\"", "\"").replace("\\\\", "\\");
        return plain.length() <= LONGEST_ARGUMENT
                ? plain
                : plain.substring(0, LONGEST_ARGUMENT / 2) + "…"
                        + plain.substring(plain.length() - LONGEST_ARGUMENT / 2);
    }

    /** {@code needsRule} → <em>Needs rule</em>. */
    public String status(String id) {
        return get("status." + id);
    }

    /** {@code otherModelSize} → <em>other model size</em>. */
    public String kind(String id) {
        return get("kind." + id);
    }

    /** What the evidence is, as a remark. */
    public String evidence(String id) {
        return get("evidence." + id);
    }

    /** All digits, in groups of three: {@code 589,824}. */
    public String number(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }

    /** A large number as people say it: {@code 124.4 million}; {@code 1.244 亿}. */
    public String count(long value) {
        return Numbers.count(value, isChinese());
    }

    /** A size on disk in powers of ten: {@code 497.8 MB}. */
    public String bytes(long value) {
        return Numbers.bytes(value);
    }

    /** A measured number with a few digits: {@code 3.142}, {@code 1.2e-07}. */
    public String decimal(double value, int digits) {
        return Numbers.decimal(value, digits);
    }
}
