package weft.format.numpy;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import weft.io.CheckpointException;
import weft.io.Problem;

/**
 * The few Python literals a {@code .npy} header is made of: a dict of text keys, text, integers, {@code True},
 * {@code False}, tuples and lists. NumPy evaluates them; here they are only read.
 */
final class Literal {
    private static final int DEPTH = 32;

    private final String text;
    private final Problem problem;
    private final long base;
    private int at;

    /**
     * @param problem names the file
     * @param base where the text begins in the file, or −1 where it stands nowhere as it is
     */
    Literal(String text, Problem problem, long base) {
        this.text = text;
        this.problem = problem;
        this.base = base;
    }

    /** The whole text as one dict; white space may follow. Values are String, Long, Boolean or List. */
    Map<String, Object> dict() throws CheckpointException {
        var map = new LinkedHashMap<String, Object>();
        expect('{');
        while (peek() != '}') {
            int place = at;
            if (!(value(1) instanceof String key) || key.isEmpty()) { throw bad(place, "key"); }
            expect(':');
            if (map.put(key, value(1)) != null) { throw bad(place, key); }
            if (peek() != ',') {
                break;
            }
            at++;
        }
        expect('}');
        if (peek() != 0) { throw bad(at, "end"); }
        return map;
    }

    private Object value(int depth) throws CheckpointException {
        if (depth > DEPTH) { throw bad(at, "depth"); }
        char c = peek();
        return switch (c) {
            case '\'', '"' -> string(c);
            case '(' -> list(')', depth);
            case '[' -> list(']', depth);
            case 'T' -> word("True", true);
            case 'F' -> word("False", false);
            default -> number();
        };
    }

    private List<Object> list(char end, int depth) throws CheckpointException {
        var list = new ArrayList<>();
        at++;
        while (peek() != end) {
            list.add(value(depth + 1));
            if (peek() != ',') {
                break;
            }
            at++;
        }
        expect(end);
        return list;
    }

    private String string(char quote) throws CheckpointException {
        var out = new StringBuilder();
        int start = at++;
        while (at < text.length() && text.charAt(at) != quote) {
            if (text.charAt(at) == '\\') {
                at++; // the field names of a structured type; nothing else has one
            }
            if (at < text.length()) {
                out.append(text.charAt(at++));
            }
        }
        if (at >= text.length()) { throw bad(start, "text"); }
        at++;
        return out.toString();
    }

    private Object word(String word, Object value) throws CheckpointException {
        if (!text.startsWith(word, at)) { throw bad(at, "value"); }
        at += word.length();
        return value;
    }

    private Object number() throws CheckpointException {
        int start = at;
        while (at < text.length()
                && (text.charAt(at) >= '0' && text.charAt(at) <= '9' || at == start && text.charAt(at) == '-')) {
            at++;
        }
        try {
            long value = Long.parseLong(text.substring(start, at));
            if (at < text.length() && text.charAt(at) == 'L') {
                at++; // Python 2 wrote its long integers so
            }
            return value;
        } catch (NumberFormatException e) {
            throw bad(start, "value");
        }
    }

    private void expect(char c) throws CheckpointException {
        if (peek() != c) { throw bad(at, String.valueOf(c)); }
        at++;
    }

    /** The next character that isn't white space, or 0 at the end. */
    private char peek() {
        while (at < text.length() && " \t\n\r\f".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        return at < text.length() ? text.charAt(at) : 0;
    }

    private CheckpointException bad(int place, String expected) {
        return problem.at(base < 0 ? -1 : base + place).field("header").expected(expected).asException();
    }
}
