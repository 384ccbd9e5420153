package weft.rule;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Json;
import weft.io.Problem;

/**
 * The fields of one JSON object, handed out by name; those nobody asked for are errors. Every error says where in the
 * document: {@code rules[3].ops[1].axis}.
 */
final class JsonFields {
    private final @Nullable String file;
    private final String path;
    private final Map<?, ?> map;
    private final Set<String> left = new LinkedHashSet<>();

    private JsonFields(@Nullable String file, String path, Map<?, ?> map) {
        this.file = file;
        this.path = path;
        this.map = map;
        map.keySet().forEach(key -> left.add((String) key));
    }

    /** One value and its place in the document. */
    record Value(@Nullable String file, String path, @Nullable Object value) {

        CheckpointException bad(@Nullable String expected) {
            var found = value == null ? "null" : Json.line(value);
            return Problem.of(Code.BAD_RULES).file(file).field(path)
                    .found(found.length() > 200 ? found.substring(0, 200) + "…" : found).expected(expected)
                    .asException();
        }

        boolean isText() {
            return value instanceof String;
        }

        boolean isList() {
            return value instanceof List;
        }

        String text() throws CheckpointException {
            if (value instanceof String text) {
                return text;
            }
            throw bad("\"text\"");
        }

        JsonFields fields() throws CheckpointException {
            if (value instanceof Map<?, ?> map) {
                return new JsonFields(file, path, map);
            }
            throw bad("{…}");
        }

        List<Value> list() throws CheckpointException {
            if (!(value instanceof List<?> list)) {
                throw bad("[…]");
            }
            var values = new ArrayList<Value>();
            for (int i = 0; i < list.size(); i++) {
                values.add(new Value(file, path + "[" + i + "]", list.get(i)));
            }
            return values;
        }

        /** Something made of the value; a maker that can't throws an IllegalArgument- or ClassCastException. */
        <T> T as(String what, java.util.function.Function<Object, T> maker) throws CheckpointException {
            if (value == null) {
                throw bad(what);
            }
            try {
                return maker.apply(value);
            } catch (IllegalArgumentException | ClassCastException e) {
                throw bad(what);
            }
        }

        <E extends Enum<E>> E choice(E[] values) throws CheckpointException {
            for (var choice : values) {
                if (ArrowReader.word(choice).equals(value)) {
                    return choice;
                }
            }
            throw bad(ArrowReader.words(values));
        }
    }

    boolean has(String name) {
        return map.containsKey(name);
    }

    /** A field; what asks for the field must not be missing. */
    Value get(String name) throws CheckpointException {
        left.remove(name);
        var value = new Value(file, path.isEmpty() ? name : path + "." + name, map.get(name));
        if (!map.containsKey(name)) {
            throw Problem.of(Code.BAD_RULES).file(file).field(path.isEmpty() ? "{}" : path).expected(name)
                    .asException();
        }
        return value;
    }

    /** The first field, which says what kind of object this is. */
    String first(String expected) throws CheckpointException {
        if (map.isEmpty()) {
            throw Problem.of(Code.BAD_RULES).file(file).field(path).found("{}").expected(expected).asException();
        }
        return (String) map.keySet().iterator().next();
    }

    /** Fields nobody has asked for yet. */
    List<String> left() {
        return List.copyOf(left);
    }

    CheckpointException unknown(String name, String expected) {
        return Problem.of(Code.BAD_RULES).file(file).field(path.isEmpty() ? name : path + "." + name).found(name)
                .expected(expected).asException();
    }

    /** No field may be left. */
    void done() throws CheckpointException {
        if (!left.isEmpty()) {
            var known = new LinkedHashSet<>(map.keySet());
            known.removeAll(left);
            throw unknown(left.iterator().next(), String.join(" | ", known.stream().map(String::valueOf).toList()));
        }
    }
}
