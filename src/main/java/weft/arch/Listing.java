package weft.arch;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Json;
import weft.io.Problem;
import weft.tensor.Shape;

/**
 * Parameters as somebody printed them: {@code name shape} lines, {@code print(model)}, TensorFlow's
 * {@code list_variables}, names alone, or what {@code weft inspect} says.
 *
 * @param entries in the order printed, each name once
 * @param opaque modules that were printed without anything that tells their parameters ({@code LayerNorm()})
 */
public record Listing(List<Entry> entries, List<String> opaque, Kind kind) {
    /** No model has as many. */
    private static final int MOST = 2_000_000;
    private static final String LETTERS = "[^\\s\"',|=()\\[\\]{}<>]";
    private static final String NAME = "(?=" + LETTERS + "{0,500}[A-Za-z_])" + LETTERS + "{1,500}";
    private static final Pattern TUPLE = Pattern
            .compile("\\(\\s*['\"]([^'\"\\n]{1,2000})['\"]\\s*,\\s*(" + ShapeText.PATTERN + ")\\s*[,)]");
    /** A name, a word for the element type perhaps, and a shape. */
    private static final Pattern SHAPED = Pattern.compile("(?:^|(?<=[\\s|,'\"=(]))(" + NAME
            + ")['\"]?[\\s:=|,]+(?:(?:torch\\.|tf\\.|dtype=)?[A-Za-z]+[0-9]{0,2}(?:_[A-Za-z0-9]+)?[\\s:=|,]+)?(?:shape[\\s:=]*)?("
            + ShapeText.CROSSED + ")");
    private static final Pattern COUNTED = Pattern
            .compile("^(" + NAME + ")[\\s:|,]+([0-9]{1,15}(?:[\\s,]+[0-9]{1,15}){0,7})\\s*$");
    private static final Pattern QUOTED = Pattern.compile("['\"](" + NAME + ")['\"]");
    private static final Pattern ALONE = Pattern.compile("['\"]?(" + NAME + ")['\"]?,?");

    /** How a listing was printed. */
    public enum Kind {
        /** Names with shapes. */
        SHAPES,
        /** {@code print(model)}. */
        MODULE,
        /** Names only. */
        NAMES
    }

    /**
     * One parameter.
     *
     * @param shape {@code null} where only its name is known
     * @param buffer not learned
     */
    public record Entry(String name, @Nullable Shape shape, boolean buffer) {
    }

    static void checkSize(long entries) throws CheckpointException {
        if (entries > MOST) {
            throw Problem.of(Code.LIMIT).field("parameters").found(entries).expected(MOST).asException();
        }
    }

    /** A file's bytes as a listing; empty if they are none. @throws CheckpointException {@code LIMIT} */
    public static Optional<Listing> parse(byte[] bytes, String file) throws CheckpointException {
        var text = PastedText.decode(bytes);
        return text.isEmpty() ? Optional.empty() : parse(text.get(), file);
    }

    /** A text as a listing; empty if it is none. @throws CheckpointException {@code LIMIT} */
    public static Optional<Listing> parse(String text, String file) throws CheckpointException {
        if (text.stripLeading().startsWith("{") && file.endsWith(".json")) { return json(text, file); }
        var plain = PastedText.plain(text);
        var module = ModulePrint.parse(plain);
        if (module.isPresent()) { return module; }
        var tuples = tuples(plain);
        return tuples.isPresent() ? tuples : lines(PastedText.undecorated(plain));
    }

    /** What {@code weft inspect --json} printed: {@code {"tensors": [{"name": …, "shape": […]}, …]}}. */
    private static Optional<Listing> json(String text, String file) throws CheckpointException {
        if (!(Json.read(text, file) instanceof Map<?, ?> map) || !(map.get("tensors") instanceof List<?> tensors)) {
            return Optional.empty();
        }
        var entries = new LinkedHashMap<String, Entry>();
        for (var tensor : tensors) {
            if (!(tensor instanceof Map<?, ?> fields) || !(fields.get("name") instanceof String name)
                    || !(fields.get("shape") instanceof List<?> dims)
                    || !dims.stream().allMatch(d -> d instanceof Long n && n >= 0)) {
                return Optional.empty();
            }
            checkSize(entries.size());
            entries.putIfAbsent(name, new Entry(name, ShapeText.parse(dims.toString()), false));
        }
        return listing(entries, Kind.SHAPES);
    }

    private static Optional<Listing> listing(Map<String, Entry> entries, Kind kind) {
        return entries.isEmpty()
                ? Optional.empty()
                : Optional.of(new Listing(List.copyOf(entries.values()), List.of(), kind));
    }

    private static Optional<Listing> tuples(String text) throws CheckpointException {
        var entries = new LinkedHashMap<String, Entry>();
        var tuple = TUPLE.matcher(text);
        while (tuple.find()) {
            checkSize(entries.size());
            entries.putIfAbsent(tuple.group(1),
                    new Entry(tuple.group(1), ShapeText.parse(tuple.group(2)), false));
        }
        return listing(entries, Kind.SHAPES);
    }

    /** One parameter a line, or several where the line breaks were lost. Most lines must be of the kind. */
    private static Optional<Listing> lines(String text) throws CheckpointException {
        var shaped = new LinkedHashMap<String, Entry>();
        var named = new LinkedHashMap<String, Entry>();
        int lines = 0;
        int withShape = 0;
        int withName = 0;
        for (var line : text.lines().map(String::strip).filter(l -> !l.isEmpty()).toList()) {
            checkSize(Math.max(shaped.size(), named.size()));
            lines++;
            if (line.length() > 16 << 20) {
                continue;
            }
            var match = SHAPED.matcher(line);
            boolean found = false;
            while (match.find()) {
                found = true;
                put(shaped, match.group(1), ShapeText.parse(match.group(2)));
            }
            var counted = found ? null : COUNTED.matcher(line);
            if (counted != null && counted.matches()) {
                found = true;
                put(shaped, counted.group(1), ShapeText.parse(counted.group(2)));
            }
            withShape += found ? 1 : 0;
            withName += names(line, named) ? 1 : 0;
        }
        if (withShape > 0 && withShape * 2 >= lines) { return listing(shaped, Kind.SHAPES); }
        boolean areNames = named.size() > 1 && withName * 5 >= lines * 4
                && named.keySet().stream().filter(n -> n.matches(".*[./_].*")).count() * 2 >= named.size();
        return areNames ? listing(named, Kind.NAMES) : Optional.empty();
    }

    private static void put(Map<String, Entry> entries, String name, @Nullable Shape shape) {
        var plain = name.endsWith(":") ? name.substring(0, name.length() - 1) : name;
        entries.putIfAbsent(plain, new Entry(plain, shape, false));
    }

    /** A line that is a name, or a list of quoted names. */
    private static boolean names(String line, Map<String, Entry> named) {
        var alone = ALONE.matcher(line);
        if (alone.matches()) {
            put(named, alone.group(1), null);
            return true;
        }
        var quoted = QUOTED.matcher(line);
        var rest = new StringBuilder();
        boolean found = false;
        while (quoted.find()) {
            found = true;
            put(named, quoted.group(1), null);
            quoted.appendReplacement(rest, "");
        }
        quoted.appendTail(rest);
        return found && rest.toString().replaceAll("[\\s,\\[\\](){}]|odict_keys|dict_keys|set", "").isEmpty();
    }
}
