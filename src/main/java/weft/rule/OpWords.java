package weft.rule;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

import weft.tensor.DType;

/**
 * The words of one op, {@code split [h*k, g*k] @0} or {@code qkv(layout=blocked, heads=12)}, handed out one by one to
 * whoever makes the op; what is left over is an error.
 */
final class OpWords {
    private static final Pattern KEY = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*=(?!>)");

    /** One argument: {@code 3}, {@code "a b -> b a"}, {@code @0}, {@code q=3}. */
    private record Word(@Nullable String key, String value, boolean quoted, int from, int to) {
    }

    /** Makes something of an argument, or throws an IllegalArgumentException. */
    interface Reader<T> {
        T read(String value);
    }

    private final String name;
    private final int from;
    private final int to;
    private final List<Word> words = new ArrayList<>();

    private OpWords(String name, int from, int to) {
        this.name = name;
        this.from = from;
        this.to = to;
    }

    /** Reads the op that begins here, up to {@code |}, an arrow, an unmatched {@code )} or the end. */
    static OpWords read(LineCursor line) throws Mistake {
        int start = line.at();
        var op = new OpWords(line.identifier("op"), start, line.at());
        boolean call = line.peek() == '(';
        line.move(call ? 1 : 0);
        while (true) {
            line.skip();
            if (line.atEnd() || line.peek() == ')' || line.peek() == '=' || line.looksAtWord("|")) {
                break;
            }
            if (call && line.peek() == ',' && !op.words.isEmpty()) {
                line.move(1);
                line.skip();
            }
            op.words.add(word(line, call));
        }
        if (call) {
            line.expect(")");
        }
        return op;
    }

    private static Word word(LineCursor line, boolean commas) throws Mistake {
        int from = line.at();
        var key = KEY.matcher(line.rest());
        String name = null;
        if (key.lookingAt()) {
            line.move(key.end());
            name = key.group().substring(0, key.end() - 1);
        }
        boolean quoted = line.peek() == '"';
        var value = quoted ? line.quoted() : line.word(commas);
        if (value.isEmpty() && !quoted) { throw line.mistake(name == null ? "argument" : "value"); }
        return new Word(name, value, quoted, from, line.at());
    }

    String name() {
        return name;
    }

    Mistake unknown(String expected) {
        return new Mistake(from, to, expected);
    }

    /** The next argument without a key, or a mistake that says what is missing. */
    <T> T next(String what, Reader<T> reader) throws Mistake {
        for (var word : words) {
            if (word.key == null && !word.value.startsWith("@")) {
                words.remove(word);
                return read(word, what, reader);
            }
        }
        throw unknown(name + " " + what);
    }

    /** The next argument without a key if there is one and it begins so. */
    boolean nextIs(String start) {
        return words.stream().filter(w -> w.key == null && !w.value.startsWith("@")).findFirst()
                .filter(w -> w.value.startsWith(start)).isPresent();
    }

    /** Takes the next argument if it is exactly this word. */
    boolean take(String value) {
        for (var word : words) {
            if (word.key == null && !word.value.startsWith("@")) {
                return word.value.equals(value) && words.remove(word);
            }
        }
        return false;
    }

    String text(String what) throws Mistake {
        return next(what, value -> value);
    }

    SizeExpr size(String what) throws Mistake {
        return next(what, SizeExpr::parse);
    }

    DType dtype() throws Mistake {
        return next("dtype", OpWords::dtype);
    }

    static DType dtype(String word) {
        var type = DType.parse(word);
        if (type == null || !type.isFloating()) { throw new IllegalArgumentException(word); }
        return type;
    }

    /** The {@code @0} of most ops. */
    int axis() throws Mistake {
        for (var word : words) {
            if (word.key == null && !word.quoted && word.value.startsWith("@")) {
                words.remove(word);
                return read(word, "@axis", value -> axis(value.substring(1)));
            }
        }
        throw unknown(name + " … @axis");
    }

    static int axis(String digits) {
        if (!digits.matches("[0-9]{1,2}")) { throw new IllegalArgumentException(digits); }
        return Integer.parseInt(digits);
    }

    <T> Optional<T> named(String key, String what, Reader<T> reader) throws Mistake {
        for (var word : words) {
            if (key.equals(word.key)) {
                words.remove(word);
                return Optional.of(read(word, what, reader));
            }
        }
        return Optional.empty();
    }

    /** All arguments with a key, as sizes. */
    Map<String, SizeExpr> sizes() throws Mistake {
        var sizes = new LinkedHashMap<String, SizeExpr>();
        for (var word : List.copyOf(words)) {
            if (word.key != null) {
                words.remove(word);
                if (sizes.put(word.key, read(word, "size", SizeExpr::parse)) != null) {
                    throw new Mistake(word.from, word.to, "once");
                }
            }
        }
        return sizes;
    }

    private static <T> T read(Word word, String what, Reader<T> reader) throws Mistake {
        try {
            return reader.read(word.value);
        } catch (IllegalArgumentException e) {
            throw new Mistake(word.from, word.to, what);
        }
    }

    /** Nothing may be left. */
    void done() throws Mistake {
        if (!words.isEmpty()) { throw new Mistake(words.getFirst().from, words.getFirst().to, "|"); }
    }
}
