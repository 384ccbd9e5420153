package weft.name;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

/**
 * A pattern for whole names, with captures instead of regular expressions: {@code model/h{i}/ln_{n:1|2}/g}.
 *
 * <ul>
 * <li>{@code {i}} — an integer without leading zeros. Names that start with one of the letters i to n (the
 * mathematician's integers) and are one letter and perhaps digits long are integers; {@code {layer:int}} says so for
 * any other name.
 * <li>{@code {n:1|2}} — one of the alternatives.
 * <li>{@code {x}} — one segment: one or more characters, none of them {@code .} or {@code /}.
 * <li>{@code {rest**}} — the rest of the name, perhaps empty; only at the end.
 * <li>{@code {i+1}}, {@code {i-1}} — computed, in output only.
 * </ul>
 * The same capture twice must match the same text. Matching takes time proportional to pattern × name, whatever the
 * name: names come from strangers' files.
 */
public final class Pattern {
    private static final int MAX_CAPTURES = 16;
    private final String text;
    private final List<Token> tokens;

    private sealed interface Token {
    }

    private record Literal(String text) implements Token {
    }

    /** One capture of a pattern. */
    public record Capture(String name, Kind kind, List<String> choices, long shift) implements Token {
        @Override
        public String toString() {
            return "{" + name + switch (kind) {
                case INTEGER -> looksInteger(name) ? shiftText() : ":int" + shiftText();
                case CHOICE -> ":" + String.join("|", choices);
                case SEGMENT -> "";
                case REST -> "**";
            } + "}";
        }

        private String shiftText() {
            return shift == 0 ? "" : shift > 0 ? "+" + shift : Long.toString(shift);
        }
    }

    /** What a capture may stand for. */
    public enum Kind {
        INTEGER, CHOICE, SEGMENT, REST
    }

    /** The text at {@code position} of a pattern is none. */
    public static final class SyntaxException extends IllegalArgumentException {
        private static final long serialVersionUID = 1;
        private final int position;

        SyntaxException(String pattern, int position) {
            super(pattern);
            this.position = position;
        }

        public int position() {
            return position;
        }
    }

    private Pattern(List<Token> tokens) {
        this.tokens = List.copyOf(tokens);
        this.text = tokens.stream()
                .map(t -> t instanceof Literal literal ? escape(literal.text()) : t.toString())
                .collect(Collectors.joining());
    }

    /** @throws SyntaxException with the position of what isn't understood */
    public static Pattern parse(String text) {
        var tokens = new ArrayList<Token>();
        var literal = new StringBuilder();
        int captures = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '{' && text.startsWith("{{", i) || c == '}' && text.startsWith("}}", i)) {
                literal.append(c);
                i++;
            } else if (c == '{') {
                int end = text.indexOf('}', i);
                if (end < 0 || ++captures > MAX_CAPTURES) {
                    throw new SyntaxException(text, i);
                }
                var capture = capture(text, i + 1, end);
                boolean adjacent = literal.isEmpty() && !tokens.isEmpty();
                if (adjacent || capture.kind() == Kind.REST && end != text.length() - 1) {
                    throw new SyntaxException(text, i);
                }
                flush(literal, tokens);
                tokens.add(capture);
                i = end;
            } else if (c == '}') {
                throw new SyntaxException(text, i);
            } else {
                literal.append(c);
            }
        }
        flush(literal, tokens);
        return new Pattern(tokens);
    }

    /** A pattern that matches just this name, braces and all. */
    public static Pattern literal(String name) {
        return new Pattern(name.isEmpty() ? List.of() : List.of(new Literal(name)));
    }

    private static void flush(StringBuilder literal, List<Token> tokens) {
        if (!literal.isEmpty()) {
            tokens.add(new Literal(literal.toString()));
            literal.setLength(0);
        }
    }

    private static Capture capture(String text, int from, int end) {
        var body = text.substring(from, end);
        if (body.endsWith("**")) {
            return new Capture(identifier(text, from, body.substring(0, body.length() - 2)), Kind.REST, List.of(), 0);
        }
        long shift = 0;
        int sign = Math.max(body.indexOf('+'), body.indexOf('-'));
        int colon = body.indexOf(':');
        if (colon >= 0) {
            var name = identifier(text, from, body.substring(0, colon));
            var type = body.substring(colon + 1);
            if (type.equals("int")) {
                return new Capture(name, Kind.INTEGER, List.of(), 0);
            }
            var choices = List.of(type.split("\\|", -1));
            if (choices.contains("") || Set.copyOf(choices).size() != choices.size()) {
                throw new SyntaxException(text, from + colon + 1);
            }
            return new Capture(name, Kind.CHOICE, choices, 0);
        }
        if (sign > 0) {
            try {
                shift = Math.negateExact(-Long.parseLong(body.substring(sign)));
            } catch (ArithmeticException | NumberFormatException e) {
                throw new SyntaxException(text, from + sign);
            }
            body = body.substring(0, sign);
        }
        var name = identifier(text, from, body);
        return new Capture(name, looksInteger(name) || shift != 0 ? Kind.INTEGER : Kind.SEGMENT, List.of(), shift);
    }

    private static String identifier(String text, int from, String name) {
        if (!name.matches("[A-Za-z_][A-Za-z0-9_]{0,31}")) {
            throw new SyntaxException(text, from);
        }
        return name;
    }

    private static boolean looksInteger(String name) {
        return name.matches("[i-n][0-9]*");
    }

    private static String escape(String text) {
        return text.replace("{", "{{").replace("}", "}}");
    }

    /** The captures in order of appearance, each once. */
    public List<Capture> captures() {
        var seen = new LinkedHashMap<String, Capture>();
        for (var token : tokens) {
            if (token instanceof Capture capture) {
                seen.putIfAbsent(capture.name(), capture);
            }
        }
        return List.copyOf(seen.values());
    }

    public Set<String> captureNames() {
        return captures().stream().map(Capture::name).collect(Collectors.toCollection(LinkedHashSet::new));
    }

    public boolean isLiteral() {
        return tokens.stream().allMatch(Literal.class::isInstance);
    }

    /** What the captures stand for if this pattern is the whole of {@code name}. */
    public Optional<Map<String, String>> match(String name) {
        var captures = new LinkedHashMap<String, String>();
        return match(0, name, 0, captures, new BitSet()) ? Optional.of(captures) : Optional.empty();
    }

    private boolean match(int index, String name, int from, Map<String, String> captures, BitSet failed) {
        if (index == tokens.size()) {
            return from == name.length();
        }
        // A repeated capture makes the outcome depend on earlier choices; only then a failure isn't remembered.
        int state = index * (name.length() + 1) + from;
        if (failed.get(state)) {
            return false;
        }
        boolean matched = switch (tokens.get(index)) {
            case Literal literal -> name.startsWith(literal.text(), from)
                    && match(index + 1, name, from + literal.text().length(), captures, failed);
            case Capture capture -> matchCapture(capture, index, name, from, captures, failed);
        };
        if (!matched && captureNames().size() == tokens.stream().filter(Capture.class::isInstance).count()) {
            failed.set(state);
        }
        return matched;
    }

    private boolean matchCapture(Capture capture, int index, String name, int from, Map<String, String> captures,
            BitSet failed) {
        return switch (capture.kind()) {
            case REST -> bind(capture, index, name, from, name.length(), captures, failed);
            case CHOICE -> {
                for (var choice : capture.choices()) {
                    if (name.startsWith(choice, from)
                            && bind(capture, index, name, from, from + choice.length(), captures, failed)) {
                        yield true;
                    }
                }
                yield false;
            }
            case INTEGER -> {
                int end = from;
                while (end < name.length() && name.charAt(end) >= '0' && name.charAt(end) <= '9') {
                    end++;
                }
                boolean plain = end > from && (end == from + 1 || name.charAt(from) != '0') && end - from <= 18;
                yield plain && bind(capture, index, name, from, end, captures, failed);
            }
            case SEGMENT -> {
                for (int end = from + 1; end <= name.length() && "./".indexOf(name.charAt(end - 1)) < 0; end++) {
                    if (bind(capture, index, name, from, end, captures, failed)) {
                        yield true;
                    }
                }
                yield false;
            }
        };
    }

    private boolean bind(Capture capture, int index, String name, int from, int end, Map<String, String> captures,
            BitSet failed) {
        var value = capture.kind() == Kind.INTEGER && capture.shift() != 0
                ? Long.toString(Long.parseLong(name.substring(from, end)) - capture.shift())
                : name.substring(from, end);
        var bound = captures.get(capture.name());
        if (bound != null) {
            return bound.equals(value) && match(index + 1, name, end, captures, failed);
        }
        captures.put(capture.name(), value);
        if (match(index + 1, name, end, captures, failed)) {
            return true;
        }
        captures.remove(capture.name());
        return false;
    }

    /**
     * The name these values make.
     *
     * @throws IllegalArgumentException if a capture has no value
     */
    public String render(Map<String, String> values) {
        var name = new StringBuilder();
        for (var token : tokens) {
            switch (token) {
                case Literal literal -> name.append(literal.text());
                case Capture capture -> {
                    var value = values.get(capture.name());
                    if (value == null) {
                        throw new IllegalArgumentException(capture.name());
                    }
                    name.append(capture.shift() == 0 ? value : Long.toString(Long.parseLong(value) + capture.shift()));
                }
            }
        }
        return name.toString();
    }

    /** This pattern with some captures replaced: by text, or by another capture. */
    public Pattern with(Map<String, Pattern> replacements) {
        var replaced = new ArrayList<Token>();
        for (var token : tokens) {
            var by = token instanceof Capture capture ? replacements.get(capture.name()) : null;
            if (by == null) {
                append(replaced, token);
            } else {
                by.tokens.forEach(t -> append(replaced, t));
            }
        }
        return new Pattern(replaced);
    }

    private static void append(List<Token> tokens, Token token) {
        if (token instanceof Literal next && !tokens.isEmpty() && tokens.getLast() instanceof Literal last) {
            tokens.set(tokens.size() - 1, new Literal(last.text() + next.text()));
        } else {
            tokens.add(token);
        }
    }

    /** The pattern with text before it. */
    public Pattern prefixed(String prefix) {
        var all = new ArrayList<Token>();
        if (!prefix.isEmpty()) {
            all.add(new Literal(prefix));
        }
        tokens.forEach(t -> append(all, t));
        return new Pattern(all);
    }

    /**
     * What has to be put for the captures of two patterns so that both describe the same names; empty if they share
     * none.
     *
     * @param left replacements for the captures of the first pattern
     * @param right replacements for those of the second; shared captures keep the first pattern's name
     */
    public record Unifier(Map<String, Pattern> left, Map<String, Pattern> right) {
    }

    /**
     * Unifies two patterns of integers and alternatives: {@code norm{n:1|2}.w} with {@code norm1.w} gives n = 1.
     * Segments and rests unify only with themselves, by position.
     */
    public static Optional<Unifier> unify(Pattern a, Pattern b) {
        var unifier = new Unifier(new LinkedHashMap<>(), new LinkedHashMap<>());
        return unify(a.tokens, 0, "", b.tokens, 0, "", unifier) ? Optional.of(unifier) : Optional.empty();
    }

    /** {@code restA} and {@code restB}: what is left of a literal that was partly used. */
    private static boolean unify(List<Token> a, int i, String restA, List<Token> b, int j, String restB,
            Unifier unifier) {
        if (restA.isEmpty() && i < a.size() && a.get(i) instanceof Literal literal) {
            return unify(a, i + 1, literal.text(), b, j, restB, unifier);
        }
        if (restB.isEmpty() && j < b.size() && b.get(j) instanceof Literal literal) {
            return unify(a, i, restA, b, j + 1, literal.text(), unifier);
        }
        if (!restA.isEmpty() && !restB.isEmpty()) {
            int n = Math.min(restA.length(), restB.length());
            return restA.regionMatches(0, restB, 0, n)
                    && unify(a, i, restA.substring(n), b, j, restB.substring(n), unifier);
        }
        var captureA = restA.isEmpty() && i < a.size() ? (Capture) a.get(i) : null;
        var captureB = restB.isEmpty() && j < b.size() ? (Capture) b.get(j) : null;
        if (captureA != null && captureB != null) {
            var shared = meet(captureA, captureB);
            return shared != null && put(unifier.left(), captureA, shared) && put(unifier.right(), captureB, shared)
                    && unify(a, i + 1, "", b, j + 1, "", unifier);
        }
        if (captureA != null && !restB.isEmpty()) {
            for (var text : prefixes(captureA, restB)) {
                if (put(unifier.left(), captureA, literal(text))
                        && unify(a, i + 1, "", b, j, restB.substring(text.length()), unifier)) {
                    return true;
                }
                unifier.left().remove(captureA.name());
            }
            return false;
        }
        if (captureB != null && !restA.isEmpty()) {
            for (var text : prefixes(captureB, restA)) {
                if (put(unifier.right(), captureB, literal(text))
                        && unify(a, i, restA.substring(text.length()), b, j + 1, "", unifier)) {
                    return true;
                }
                unifier.right().remove(captureB.name());
            }
            return false;
        }
        return restA.isEmpty() && restB.isEmpty() && captureA == null && captureB == null;
    }

    private static boolean put(Map<String, Pattern> map, Capture capture, Pattern value) {
        var old = map.putIfAbsent(capture.name(), value);
        return old == null || old.equals(value);
    }

    private static @Nullable Pattern meet(Capture a, Capture b) {
        if (a.kind() == Kind.CHOICE && b.kind() == Kind.CHOICE) {
            var common = a.choices().stream().filter(b.choices()::contains).toList();
            return switch (common.size()) {
                case 0 -> null;
                case 1 -> literal(common.getFirst());
                default -> new Pattern(List.of(new Capture(a.name(), Kind.CHOICE, common, 0)));
            };
        }
        return a.kind() == b.kind() ? new Pattern(List.of(a)) : null;
    }

    private static List<String> prefixes(Capture capture, String text) {
        return switch (capture.kind()) {
            case CHOICE -> capture.choices().stream().filter(text::startsWith).toList();
            case INTEGER -> {
                int end = 0;
                while (end < text.length() && Character.isDigit(text.charAt(end))) {
                    end++;
                }
                yield end == 0 ? List.of() : List.of(text.substring(0, end));
            }
            case SEGMENT, REST -> List.of();
        };
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Pattern pattern && tokens.equals(pattern.tokens);
    }

    @Override
    public int hashCode() {
        return tokens.hashCode();
    }

    @Override
    public String toString() {
        return text;
    }
}
