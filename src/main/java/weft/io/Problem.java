package weft.io;

import java.util.LinkedHashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * One thing that is wrong, in arguments rather than words: where (file, offset, field) and found against expected.
 * The same record serves an exception that ends an operation, a warning beside an open file and a rule's error.
 *
 * @param code what happened
 * @param file the file's name as the person gave it, or {@code null}
 * @param offset byte offset in that file, or −1 where none applies
 * @param field a tensor's name, a header field, a rule: whatever is wrong
 * @param found what is there; short and language-neutral (a number, a shape, a name)
 * @param expected what should be there; likewise
 * @param rule the number of the rule it comes from, counted from 1 in its file, or 0
 * @param tensor the tensor or parameter the rule was about to make, where {@code field} says something else
 */
public record Problem(Code code, @Nullable String file, long offset, @Nullable String field, @Nullable String found,
        @Nullable String expected, int rule, @Nullable String tensor) {

    public Problem(Code code, @Nullable String file, long offset, @Nullable String field, @Nullable String found,
            @Nullable String expected) {
        this(code, file, offset, field, found, expected, 0, null);
    }

    public static Problem of(Code code) {
        return new Problem(code, null, -1, null, null, null);
    }

    /** The same, known to come from a rule (counted from 1) and to concern a tensor. */
    public Problem by(int number, @Nullable String name) {
        return new Problem(code, file, offset, field, found, expected, number, name == null ? tensor : name);
    }

    public Problem file(@Nullable Object value) {
        return new Problem(code, value == null ? null : value.toString(), offset, field, found, expected, rule, tensor);
    }

    public Problem at(long value) {
        return new Problem(code, file, value, field, found, expected, rule, tensor);
    }

    public Problem field(@Nullable Object value) {
        return new Problem(code, file, offset, value == null ? null : value.toString(), found, expected, rule, tensor);
    }

    public Problem found(@Nullable Object value) {
        return new Problem(code, file, offset, field, value == null ? null : value.toString(), expected, rule, tensor);
    }

    public Problem expected(@Nullable Object value) {
        return new Problem(code, file, offset, field, found, value == null ? null : value.toString(), rule, tensor);
    }

    public CheckpointException asException() {
        return new CheckpointException(this);
    }

    public CheckpointException asException(Throwable cause) {
        return new CheckpointException(this, cause);
    }

    /** The arguments by name, as the resource bundles write them: {@code {file}}, {@code {offset}}, {@code {found}} … */
    public Map<String, String> arguments() {
        var map = new LinkedHashMap<String, String>();
        put(map, "file", file);
        put(map, "offset", offset < 0 ? null : Long.toString(offset));
        put(map, "field", field);
        put(map, "found", found);
        put(map, "expected", expected);
        put(map, "rule", rule == 0 ? null : Integer.toString(rule));
        put(map, "tensor", tensor);
        return map;
    }

    private static void put(Map<String, String> map, String key, @Nullable String value) {
        if (value != null) {
            map.put(key, value);
        }
    }

    /** For logs and test failures only; people read what {@code weft.text} makes of it. */
    @Override
    public String toString() {
        return code.id() + arguments();
    }
}
