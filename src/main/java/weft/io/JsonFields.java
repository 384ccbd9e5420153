package weft.io;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;

/**
 * The fields of one JSON object, handed out by name; those nobody asked for are errors. Every error says where in the
 * document: {@code rules[3].ops[1].axis}.
 */
public final class JsonFields {
    private final Code code;
    private final @Nullable String file;
    private final String path;
    private final Map<?, ?> map;
    private final Set<String> left = new LinkedHashSet<>();

    private JsonFields(Code code, @Nullable String file, String path, Map<?, ?> map) {
        this.code = code;
        this.file = file;
        this.path = path;
        this.map = map;
        map.keySet().forEach(key -> left.add((String) key));
    }

    /** One value and its place in the document. */
    public record Value(Code code, @Nullable String file, String path, @Nullable Object value) {

        public CheckpointException bad(@Nullable String expected) {
            var found = value == null ? "null" : Json.line(value);
            return Problem.of(code).file(file).field(path)
                    .found(found.length() > 200 ? found.substring(0, 200) + "…" : found).expected(expected)
                    .asException();
        }

        public boolean isText() {
            return value instanceof String;
        }

        public boolean isList() {
            return value instanceof List;
        }

        public String text() throws CheckpointException {
            if (value instanceof String text) { return text; }
            throw bad("\"text\"");
        }

        public JsonFields fields() throws CheckpointException {
            if (value instanceof Map<?, ?> map) { return new JsonFields(code, file, path, map); }
            throw bad("{…}");
        }

        public List<Value> list() throws CheckpointException {
            if (!(value instanceof List<?> list)) { throw bad("[…]"); }
            var values = new ArrayList<Value>();
            for (int i = 0; i < list.size(); i++) {
                values.add(new Value(code, file, path + "[" + i + "]", list.get(i)));
            }
            return values;
        }

        /** Something made of the value; a maker that can't throws an IllegalArgument- or ClassCastException. */
        public <T> T as(String what, Function<Object, T> maker) throws CheckpointException {
            if (value == null) { throw bad(what); }
            try {
                return maker.apply(value);
            } catch (IllegalArgumentException | ClassCastException e) {
                throw bad(what);
            }
        }

        public <E extends Enum<E>> E choice(E[] values) throws CheckpointException {
            for (var choice : values) {
                if (word(choice).equals(value)) { return choice; }
            }
            throw bad(String.join(" | ", Arrays.stream(values).map(JsonFields::word).toList()));
        }
    }

    public boolean has(String name) {
        return map.containsKey(name);
    }

    /** A field; what asks for the field must not be missing. */
    public Value get(String name) throws CheckpointException {
        left.remove(name);
        var value = new Value(code, file, path.isEmpty() ? name : path + "." + name, map.get(name));
        if (!map.containsKey(name)) {
            throw Problem.of(code).file(file).field(path.isEmpty() ? "{}" : path).expected(name)
                    .asException();
        }
        return value;
    }

    /** The first field, which says what kind of object this is. */
    public String first(String expected) throws CheckpointException {
        if (map.isEmpty()) {
            throw Problem.of(code).file(file).field(path).found("{}").expected(expected).asException();
        }
        return (String) map.keySet().iterator().next();
    }

    /** Every field with its name, for objects whose keys are data. */
    public List<Map.Entry<String, Value>> members() throws CheckpointException {
        var members = new ArrayList<Map.Entry<String, Value>>();
        for (var key : map.keySet()) {
            members.add(Map.entry((String) key, get((String) key)));
        }
        return members;
    }

    /** Fields nobody has asked for yet. */
    public List<String> left() {
        return List.copyOf(left);
    }

    public CheckpointException unknown(String name, String expected) {
        return Problem.of(code).file(file).field(path.isEmpty() ? name : path + "." + name).found(name)
                .expected(expected).asException();
    }

    /** No field may be left. */
    public void done() throws CheckpointException {
        if (!left.isEmpty()) {
            var known = new LinkedHashSet<>(map.keySet());
            known.removeAll(left);
            throw unknown(left.iterator().next(), String.join(" | ", known.stream().map(String::valueOf).toList()));
        }
    }

    /** How a document spells a constant: {@code CAUSAL_MASK} is {@code causal-mask}. */
    public static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
