package weft.rule;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

import weft.io.CheckpointException;
import weft.io.Json;

/**
 * A place in one line of arrow text. Words are separated by spaces and tabs; {@code #} at the start of a word ends
 * the line. Every method that reads moves the place and says where it was when it doesn't find what it wants.
 */
final class LineCursor {
    private final String text;
    private int at;
    private int end;

    LineCursor(String text) {
        this.text = text;
        this.end = text.length();
    }

    /** Moves to the start of the next word. */
    void skip() {
        while (at < end && (text.charAt(at) == ' ' || text.charAt(at) == '\t')) {
            at++;
        }
        if (at < end && text.charAt(at) == '#' && (at == 0 || isSpace(text.charAt(at - 1)))) {
            end = at;
        }
    }

    private static boolean isSpace(char c) {
        return c == ' ' || c == '\t';
    }

    int at() {
        return at;
    }

    boolean atEnd() {
        return at >= end;
    }

    /** The character here, or NUL at the end. */
    char peek() {
        return at < end ? text.charAt(at) : '\0';
    }

    boolean looksAt(String word) {
        return at + word.length() <= end && text.startsWith(word, at);
    }

    /** Whether a word that is exactly this begins here. */
    boolean looksAtWord(String word) {
        return looksAt(word) && (at + word.length() == end || isSpace(text.charAt(at + word.length())));
    }

    void move(int characters) {
        at += characters;
    }

    CharSequence rest() {
        return text.subSequence(at, end);
    }

    String since(int from) {
        return text.substring(from, at);
    }

    void expect(String word) throws Mistake {
        if (!looksAt(word)) { throw mistake(word); }
        at += word.length();
    }

    /** What stands here isn't what was expected: marks the whole word. */
    Mistake mistake(String expected) {
        int to = at;
        while (to < end && !isSpace(text.charAt(to))) {
            to++;
        }
        return new Mistake(at, Math.max(to, Math.min(at + 1, text.length())), expected);
    }

    /** Letters, digits, underscores and inner hyphens, starting with a letter. */
    String identifier(String expected) throws Mistake {
        int from = at;
        while (at < end && (Character.isLetterOrDigit(text.charAt(at)) || text.charAt(at) == '_'
                || text.charAt(at) == '-' && at > from && at + 1 < end
                        && Character.isLetterOrDigit(text.charAt(at + 1)))) {
            at++;
        }
        if (at == from || !Character.isLetter(text.charAt(from))) {
            at = from;
            throw mistake(expected);
        }
        return text.substring(from, at);
    }

    /** A plain name: up to a space, an unmatched {@code )} or a comma that ends the word. */
    String name() throws Mistake {
        int from = at;
        if (peek() == '=') { throw mistake("name"); }
        while (at < end && !isSpace(text.charAt(at)) && text.charAt(at) != ')'
                && !(text.charAt(at) == ',' && (at + 1 == end || isSpace(text.charAt(at + 1))))) {
            if (text.charAt(at) == '"' || text.charAt(at) == '(' || looksAt("=>")) {
                throw new Mistake(at, at + 1, "\"name\"");
            }
            at++;
        }
        if (at == from || List.of(":", "|").contains(text.substring(from, at))) {
            at = from;
            throw mistake("name");
        }
        return text.substring(from, at);
    }

    /** A JSON string that begins here. */
    String quoted() throws Mistake {
        int from = at;
        at++;
        while (at < end && text.charAt(at) != '"') {
            at += text.charAt(at) == '\\' ? 2 : 1;
        }
        if (at >= end) {
            at = from;
            throw new Mistake(from, text.length(), "\"");
        }
        at++;
        try {
            return (String) Objects.requireNonNull(Json.read(text.substring(from, at), ""));
        } catch (CheckpointException e) {
            throw new Mistake(from, at, "JSON string");
        }
    }

    /**
     * A run of characters without spaces; inside brackets and parentheses spaces belong to it. It ends before an
     * unmatched {@code )} or {@code ]}, before {@code =>} and, if {@code commas}, before a comma.
     */
    String word(boolean commas) throws Mistake {
        int from = at;
        var open = new ArrayList<Character>();
        while (at < end) {
            char c = text.charAt(at);
            if (open.isEmpty() && (isSpace(c) || c == ')' || c == ']' || commas && c == ',' || looksAt("=>"))) {
                break;
            }
            if (c == '(' || c == '[') {
                open.add(c == '(' ? ')' : ']');
            } else if (c == ')' || c == ']') {
                if (open.removeLast() != c) { throw new Mistake(at, at + 1, c == ')' ? "]" : ")"); }
            }
            at++;
        }
        if (!open.isEmpty()) { throw new Mistake(from, at, String.valueOf(open.getLast())); }
        return text.substring(from, at);
    }

    /** Entries of a list that was read as one word with its brackets: {@code [a, b*(c+d)]}. */
    static List<String> entries(String list) {
        var entries = new ArrayList<String>();
        int depth = 0;
        int from = 1;
        for (int i = 1; i < list.length(); i++) {
            char c = list.charAt(i);
            if (c == '(' || c == '[') {
                depth++;
            }
            if (depth == 0 && (c == ',' || i == list.length() - 1)) {
                entries.add(list.substring(from, i).strip());
                from = i + 1;
            }
            if (c == ')' || c == ']') {
                depth--;
            }
        }
        return entries.equals(List.of("")) ? List.of() : entries;
    }
}
