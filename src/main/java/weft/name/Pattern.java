package weft.name;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.PatternSyntaxException;
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
 * <li>{@code {i+1}}, {@code {i-1}} — an integer and a shift; what is captured is {@code i}, never below 0.
 * <li>{@code {{}, {@code }}} — a brace; {@code {}} — nothing, before a name that would begin with {@code re:}.
 * </ul>
 * The same capture twice must match the same text. Where several texts would do, each capture takes the shortest, the
 * first one first. Matching takes time proportional to pattern × name, whatever the name: names come from strangers'
 * files. Only captures that are repeated can make it try again, and it gives up (no match) after 100,000 steps.
 *
 * <p>
 * {@code re:…} is a regular expression (of {@link java.util.regex}) for the whole name; its named groups are the
 * captures. It is given 1,000,000 looks at a character and two seconds, then it doesn't match; one that could go on for
 * long without looking at anything isn't taken at all. It can't be rendered, so no rule that begins with one can be
 * turned round.
 */
public final class Pattern {
    private static final int MAX_CAPTURES = 16;
    static final int MAX_STEPS = 100_000;
    private static final int MAX_SHIFT = 1_000_000;
    private static final String REGEX = "re:";
    private final String text;
    private final List<Token> tokens;
    private final boolean isPlain;
    private final int hash;

    sealed interface Token {
    }

    record Literal(String text) implements Token {
    }

    /** A regular expression; always a pattern's only token. */
    record Regex(java.util.regex.Pattern pattern) implements Token {
        @Override
        public boolean equals(Object other) {
            return other instanceof Regex regex && regex.pattern.pattern().equals(pattern.pattern());
        }

        @Override
        public int hashCode() {
            return pattern.pattern().hashCode();
        }

        Optional<Map<String, String>> match(String name, Looks looks) {
            long start = System.nanoTime();
            try {
                var matcher = pattern.matcher(new Limited(name, looks));
                if (!matcher.matches()) { return Optional.empty(); }
                var captures = new LinkedHashMap<String, String>();
                groups().forEach(group -> {
                    if (matcher.start(group) >= 0) {
                        captures.put(group, name.substring(matcher.start(group), matcher.end(group)));
                    }
                });
                return Optional.of(captures);
            } catch (LimitReached e) {
                return Optional.empty();
            } catch (StackOverflowError e) {
                looks.left = -1;
                return Optional.empty();
            } finally {
                looks.spend(System.nanoTime() - start);
            }
        }

        /** Names of the groups in their order. */
        List<String> groups() {
            return pattern.namedGroups().entrySet().stream().sorted(Map.Entry.comparingByValue())
                    .map(Map.Entry::getKey).toList();
        }
    }

    /**
     * How often regular expressions may still look at a character, for all names together that are tried with one of
     * these: a million times, and a thousand times a name.
     */
    public static final class Looks {
        /** At the end of a name an expression can go on trying without looking at anything. */
        private static final long LONGEST_NANOS = 2_000_000_000L;
        private long left;
        private long nanos;

        /** @param names how many names will be tried */
        public Looks(int names) {
            left = 1_000_000 + 1000L * names;
        }

        private void spend(long more) {
            nanos += more;
            if (nanos > LONGEST_NANOS) {
                left = -1;
            }
        }

        /** Whether a match was given up. */
        public boolean isUsedUp() {
            return left < 0;
        }
    }

    /** A name that can be looked at so often and no more. */
    private static final class Limited implements CharSequence {
        private final String text;
        private final Looks looks;

        Limited(String text, Looks looks) {
            this.text = text;
            this.looks = looks;
        }

        @Override
        public int length() {
            return text.length();
        }

        @Override
        public char charAt(int index) {
            if (--looks.left < 0) { throw new LimitReached(); }
            return text.charAt(index);
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return text.substring(start, end);
        }

        @Override
        public String toString() {
            return text;
        }
    }

    private static final class LimitReached extends RuntimeException {
        private static final long serialVersionUID = 1;

        LimitReached() {
            super(null, null, false, false);
        }
    }

    /** One capture of a pattern. */
    public record Capture(String name, Kind kind, List<String> choices, long shift) implements Token {
        @Override
        public String toString() {
            return "{" + name + switch (kind) {
                case INTEGER -> shift != 0 ? shiftText() : looksInteger(name) ? "" : ":int";
                case CHOICE -> ":" + String.join("|", choices);
                case SEGMENT -> "";
                case REST -> "**";
            } + "}";
        }

        private String shiftText() {
            return shift > 0 ? "+" + shift : Long.toString(shift);
        }

        /** What an integer in a name means for the capture; null if it can't stand there. */
        @Nullable
        String captured(String digits) {
            boolean plain = isNumber(digits) && (digits.length() == 1 || digits.charAt(0) != '0');
            if (!plain || shift == 0) { return plain ? digits : null; }
            long value = Long.parseLong(digits) - shift;
            return value < 0 ? null : Long.toString(value);
        }

        private static boolean isNumber(String text) {
            for (int i = 0; i < text.length(); i++) {
                if (!digit(text.charAt(i))) { return false; }
            }
            return !text.isEmpty() && text.length() <= 18;
        }

        /** What the capture's value looks like in a name; null if it has no such look. */
        @Nullable
        String rendered(String value) {
            if (shift == 0) { return value; }
            if (!isNumber(value)) { return null; }
            long number = Long.parseLong(value) + shift;
            return number < 0 ? null : Long.toString(number);
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

    Pattern(List<Token> tokens) {
        this.tokens = List.copyOf(tokens);
        this.hash = this.tokens.hashCode();
        this.isPlain = tokens.stream()
                .allMatch(t -> t instanceof Literal || t instanceof Capture c && c.kind() == Kind.INTEGER);
        this.text = tokens.stream()
                .map(t -> switch (t) {
                    case Literal(var literal) -> escape(literal);
                    case Capture capture -> capture.toString();
                    case Regex(var regex) -> REGEX + regex.pattern();
                }).collect(Collectors.joining());
    }

    /** @throws SyntaxException with the position of what isn't understood */
    public static Pattern parse(String text) {
        return text.startsWith(REGEX) ? regex(text) : captures(text);
    }

    private static Pattern regex(String text) {
        try {
            var regex = new Regex(java.util.regex.Pattern.compile(text.substring(REGEX.length())));
            if (regex.groups().size() > MAX_CAPTURES) { throw new SyntaxException(text, REGEX.length()); }
            RegexWays.check(text, REGEX.length());
            return new Pattern(List.of(regex));
        } catch (PatternSyntaxException e) {
            throw new SyntaxException(text, Math.min(text.length(), REGEX.length() + Math.max(0, e.getIndex())));
        } catch (StackOverflowError e) {
            throw new SyntaxException(text, REGEX.length());
        }
    }

    private static Pattern captures(String text) {
        var tokens = new ArrayList<Token>();
        var literal = new StringBuilder();
        int captures = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '{' && text.startsWith("{{", i) || c == '}' && text.startsWith("}}", i)) {
                literal.append(c);
                i++;
            } else if (text.startsWith("{}", i)) {
                i++;
            } else if (c == '{') {
                int end = text.indexOf('}', i);
                if (end < 0 || ++captures > MAX_CAPTURES) { throw new SyntaxException(text, i); }
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
            if (type.equals("int")) { return new Capture(name, Kind.INTEGER, List.of(), 0); }
            var choices = List.of(type.split("\\|", -1));
            if (choices.contains("") || Set.copyOf(choices).size() != choices.size()) {
                throw new SyntaxException(text, from + colon + 1);
            }
            return new Capture(name, Kind.CHOICE, choices, 0);
        }
        if (sign > 0) {
            if (!body.substring(sign + 1).matches("[1-9][0-9]{0,6}")) { throw new SyntaxException(text, from + sign); }
            shift = Long.parseLong(body.substring(sign));
            if (Math.abs(shift) > MAX_SHIFT) { throw new SyntaxException(text, from + sign); }
            body = body.substring(0, sign);
        }
        var name = identifier(text, from, body);
        return new Capture(name, looksInteger(name) || shift != 0 ? Kind.INTEGER : Kind.SEGMENT, List.of(), shift);
    }

    private static String identifier(String text, int from, String name) {
        if (!name.matches("[A-Za-z_][A-Za-z0-9_]{0,31}")) { throw new SyntaxException(text, from); }
        return name;
    }

    private static boolean looksInteger(String name) {
        return name.matches("[i-n][0-9]*");
    }

    public static String escape(String text) {
        return (text.startsWith(REGEX) ? "{}" : "") + text.replace("{", "{{").replace("}", "}}");
    }

    /** Whether this is a regular expression, which can be matched but neither rendered nor turned round. */
    public boolean isRegex() {
        return tokens.size() == 1 && tokens.getFirst() instanceof Regex;
    }

    /** The captures in order of appearance, each once. */
    public List<Capture> captures() {
        var seen = new LinkedHashMap<String, Capture>();
        for (var token : tokens) {
            switch (token) {
                case Literal _ -> {
                }
                case Capture capture -> seen.putIfAbsent(capture.name(), capture);
                case Regex regex -> regex.groups()
                        .forEach(group -> seen.put(group, new Capture(group, Kind.SEGMENT, List.of(), 0)));
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
        return match(name, new Looks(1));
    }

    /** The same, where a regular expression has no more than these looks left; it doesn't match when they are gone. */
    public Optional<Map<String, String>> match(String name, Looks looks) {
        if (tokens.isEmpty()) { return name.isEmpty() ? Optional.of(Map.of()) : Optional.empty(); }
        if (tokens.getFirst() instanceof Regex regex) { return regex.match(name, looks); }
        if (tokens.getFirst() instanceof Literal(var start) && !name.startsWith(start)
                || tokens.getLast() instanceof Literal(var end) && !name.endsWith(end)) {
            return Optional.empty();
        }
        return isPlain ? plain(name) : new Match(name).run();
    }

    /** Text and integers only, as in nearly every name of a model: one walk, for an integer takes all digits it finds. */
    private Optional<Map<String, String>> plain(String name) {
        var captures = new LinkedHashMap<String, String>(4);
        int at = 0;
        for (var token : tokens) {
            if (token instanceof Literal(var text)) {
                if (!name.startsWith(text, at)) { return Optional.empty(); }
                at += text.length();
            } else if (token instanceof Capture capture) {
                int end = at;
                while (end < name.length() && digit(name.charAt(end))) {
                    end++;
                }
                var value = capture.captured(name.substring(at, end));
                var before = value == null ? null : captures.putIfAbsent(capture.name(), value);
                if (value == null || before != null && !before.equals(value)) { return Optional.empty(); }
                at = end;
            }
        }
        return at == name.length() ? Optional.of(captures) : Optional.empty();
    }

    /** The pile of {@link NameIndex} all names of this pattern lie in; empty where they may lie in several. */
    Optional<String> pile() {
        if (!isPlain) { return Optional.empty(); }
        var pile = new StringBuilder();
        for (var token : tokens) {
            appendPile(pile, token instanceof Literal(var text) ? text : "0");
        }
        return Optional.of(pile.toString());
    }

    /** Appends a text with 0 for each run of digits, or of what stands for one: the name of its pile. */
    static void appendPile(StringBuilder pile, String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (!digit(c)) {
                pile.append(c);
            } else if (pile.isEmpty() || pile.charAt(pile.length() - 1) != '0') {
                pile.append('0');
            }
        }
    }

    /** One try at one name. */
    private final class Match {
        private final String name;
        /** For each token the places in the name from which it and all that follow match, repetition aside. */
        private final List<BitSet> open;
        private final Map<String, String> captures = new LinkedHashMap<>();
        private int steps = MAX_STEPS;

        Match(String name) {
            this.name = name;
            this.open = new ArrayList<>(tokens.size() + 1);
        }

        Optional<Map<String, String>> run() {
            var next = new BitSet();
            next.set(name.length());
            open.add(next);
            for (var token : tokens.reversed()) {
                next = before(token, next);
                if (next.isEmpty()) { return Optional.empty(); }
                open.addFirst(next);
            }
            return open.getFirst().get(0) && bind(0, 0) ? Optional.of(captures) : Optional.empty();
        }

        /** Where a token can begin that ends at one of these places. */
        private BitSet before(Token token, BitSet ends) {
            var starts = new BitSet();
            switch (token) {
                case Literal(var text) -> before(text, ends, starts);
                case Capture capture -> {
                    switch (capture.kind()) {
                        case REST -> starts.set(0, name.length() + 1);
                        case CHOICE -> capture.choices().forEach(choice -> before(choice, ends, starts));
                        case INTEGER -> {
                            for (int end = ends.nextSetBit(1); end >= 0; end = ends.nextSetBit(end + 1)) {
                                if (end == name.length() || !digit(name.charAt(end))) {
                                    for (int i = end - 1; i >= 0 && digit(name.charAt(i)) && end - i <= 18; i--) {
                                        starts.set(i, capture.captured(name.substring(i, end)) != null);
                                    }
                                }
                            }
                        }
                        case SEGMENT -> {
                            boolean reaches = false;
                            for (int i = name.length() - 1; i >= 0; i--) {
                                reaches = !separator(name.charAt(i)) && (reaches || ends.get(i + 1));
                                starts.set(i, reaches);
                            }
                        }
                    }
                }
                case Regex _ -> throw new IllegalStateException();
            }
            return starts;
        }

        private void before(String text, BitSet ends, BitSet starts) {
            for (int end = ends.nextSetBit(text.length()); end >= 0; end = ends.nextSetBit(end + 1)) {
                if (name.startsWith(text, end - text.length())) {
                    starts.set(end - text.length());
                }
            }
        }

        private boolean bind(int index, int from) {
            if (index == tokens.size()) { return true; }
            if (--steps < 0) { return false; }
            return switch (tokens.get(index)) {
                case Literal(var text) -> bind(index + 1, from + text.length());
                case Capture capture -> bind(capture, index, from);
                case Regex _ -> false;
            };
        }

        private boolean bind(Capture capture, int index, int from) {
            var ends = open.get(index + 1);
            return switch (capture.kind()) {
                case REST -> bind(capture, index, from, name.length());
                case CHOICE -> capture.choices().stream()
                        .filter(c -> name.startsWith(c, from) && ends.get(from + c.length()))
                        .anyMatch(c -> bind(capture, index, from, from + c.length()));
                case INTEGER -> {
                    int end = from;
                    while (end < name.length() && digit(name.charAt(end))) {
                        end++;
                    }
                    yield ends.get(end) && bind(capture, index, from, end);
                }
                case SEGMENT -> {
                    int limit = from;
                    while (limit < name.length() && !separator(name.charAt(limit))) {
                        limit++;
                    }
                    var bound = captures.get(capture.name());
                    if (bound != null) { // it can only end where the same text does
                        int end = from + bound.length();
                        yield end > from && end <= limit && ends.get(end) && bind(capture, index, from, end);
                    }
                    for (int end = ends.nextSetBit(from + 1); end >= 0
                            && end <= limit; end = ends.nextSetBit(end + 1)) {
                        if (bind(capture, index, from, end)) {
                            yield true;
                        }
                    }
                    yield false;
                }
            };
        }

        private boolean bind(Capture capture, int index, int from, int end) {
            var text = name.substring(from, end);
            var value = capture.kind() == Kind.INTEGER ? capture.captured(text) : text;
            if (value == null) { return false; }
            var bound = captures.get(capture.name());
            if (bound != null) { return bound.equals(value) && bind(index + 1, end); }
            captures.put(capture.name(), value);
            if (bind(index + 1, end)) { return true; }
            captures.remove(capture.name());
            return false;
        }
    }

    static boolean digit(char c) {
        return c >= '0' && c <= '9';
    }

    private static boolean separator(char c) {
        return c == '.' || c == '/';
    }

    /**
     * The name these values make.
     *
     * @throws IllegalArgumentException if a capture has no value or a shift leads below 0, or for a regular expression
     */
    public String render(Map<String, String> values) {
        var name = new StringBuilder();
        for (var token : tokens) {
            switch (token) {
                case Literal literal -> name.append(literal.text());
                case Capture capture -> {
                    var value = values.get(capture.name());
                    var look = value == null ? null : capture.rendered(value);
                    if (look == null) { throw new IllegalArgumentException(capture.name()); }
                    name.append(look);
                }
                case Regex _ -> throw new IllegalArgumentException(text);
            }
        }
        return name.toString();
    }

    /** Whether each of its captures may stand for the value it has here; one that has none is left aside. */
    public boolean accepts(Map<String, String> values) {
        for (var capture : captures()) {
            var value = values.get(capture.name());
            boolean may = value == null || switch (capture.kind()) {
                case INTEGER -> Capture.isNumber(value);
                case CHOICE -> capture.choices().contains(value);
                case SEGMENT -> !value.isEmpty() && value.indexOf('.') < 0 && value.indexOf('/') < 0;
                case REST -> true;
            };
            if (!may) { return false; }
        }
        return true;
    }

    /**
     * This pattern with some captures replaced: by text, or by another capture.
     *
     * @throws IllegalArgumentException if something that isn't an integer is put for a capture with a shift
     */
    public Pattern with(Map<String, Pattern> replacements) {
        var replaced = new ArrayList<Token>();
        for (var token : tokens) {
            var by = token instanceof Capture capture ? replacements.get(capture.name()) : null;
            if (by == null) {
                append(replaced, token);
            } else {
                by.shifted(((Capture) token).shift()).forEach(t -> append(replaced, t));
            }
        }
        return new Pattern(replaced);
    }

    private List<Token> shifted(long shift) {
        if (shift == 0) { return tokens; }
        if (tokens.size() == 1 && tokens.getFirst() instanceof Capture(var name, var kind, var choices, var own)
                && kind == Kind.INTEGER) {
            return List.of(new Capture(name, kind, choices, own + shift));
        }
        if (tokens.size() == 1 && tokens.getFirst() instanceof Literal(var digits)) {
            var look = new Capture("i", Kind.INTEGER, List.of(), shift).rendered(digits);
            if (look != null) { return List.of(new Literal(look)); }
        }
        throw new IllegalArgumentException(text);
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
     * Unifies two patterns of integers and alternatives: {@code norm{n:1|2}.w} with {@code norm1.w} gives n = 1,
     * {@code h{i}} with {@code block{j}} nothing, {@code h{i+1}} with {@code h{j}} gives j = i+1. Segments and rests
     * unify only with themselves, by position. Gives up (empty) after 100,000 steps.
     */
    public static Optional<Unifier> unify(Pattern a, Pattern b) {
        if (a.isRegex() || b.isRegex()) {
            return a.equals(b) && !a.isRegex() ? Optional.of(new Unifier(Map.of(), Map.of())) : Optional.empty();
        }
        return new Unification().run(a.tokens, "", b.tokens, "", new Unifier(Map.of(), Map.of()));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Pattern pattern && tokens.equals(pattern.tokens);
    }

    @Override
    public int hashCode() {
        return hash;
    }

    @Override
    public String toString() {
        return text;
    }
}
