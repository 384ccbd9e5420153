package weft.rule;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

import weft.io.Json;
import weft.name.Pattern;

/** Reads one rule of arrow text, from left to right and without going back. */
final class ArrowReader {
    /** A reason that needs no quotes. */
    static final String PLAIN_REASON = "[A-Za-z0-9_.-]+";
    /** The alias of the first source, which needs none. */
    static final String FIRST = "base";

    /** A name's source: letters and a colon. A digit after it makes it a part of the name ({@code kernel:0}). */
    private static final String CHECKS = "shape [sizes] | dim @axis size | next [ids] id";
    private static final java.util.regex.Pattern ALIAS = java.util.regex.Pattern
            .compile("([A-Za-z][A-Za-z0-9_]*):(?=[^0-9])");
    private static final String REGEX = "re";
    private static final String NONE = "_";

    private ArrowReader() {
    }

    /** A name with the source it is looked for in. */
    record Name(@Nullable String source, String text) {
        /** Takes the alias off. {@code re:} is none, it begins a regular expression. */
        static Name of(String text) {
            var alias = ALIAS.matcher(text);
            if (!alias.lookingAt() || alias.group(1).equals(REGEX)) { return new Name(null, text); }
            var source = alias.group(1);
            return new Name(source.equals(FIRST) ? null : source, text.substring(alias.end()));
        }
    }

    static boolean isAlias(String word) {
        return !word.equals(REGEX) && word.matches("[A-Za-z][A-Za-z0-9_]*");
    }

    /** A name as it is written: as it is where that can't be misread, else as a JSON string. */
    static String spell(String name) {
        boolean plain = !name.isEmpty() && "#@=(".indexOf(name.charAt(0)) < 0 && !name.endsWith(",")
                && !name.contains("=>") && !List.of(":", "|", NONE).contains(name)
                && name.equals(Name.of(name).text())
                && name.chars().allMatch(c -> c != '"' && c != '(' && c != ')' && visible(c));
        return plain ? name : Json.quote(name);
    }

    private static boolean visible(int c) {
        return !Character.isWhitespace(c) && !Character.isSpaceChar(c) && !Character.isISOControl(c)
                && !Character.isSurrogate((char) c) && Character.getType(c) != Character.FORMAT;
    }

    /** The rules of a line: one, or those that a macro stands for. */
    static List<Rule> rules(LineCursor line) throws Mistake {
        int start = line.at();
        var from = side(line);
        List<Op> ops = List.of();
        line.skip();
        if (line.looksAtWord(":")) {
            line.move(1);
            line.skip();
            for (var macro : Macro.values()) {
                if (line.looksAtWord(macro.word)) {
                    line.move(macro.word.length());
                    return macro.rules(from, start, line);
                }
            }
            ops = ops(line);
            line.skip();
        }
        int arrow = line.at();
        var kind = arrow(line);
        var rule = switch (kind) {
            case "" -> {
                if (from.isEmpty()) { throw new Mistake(start, arrow, "name"); }
                line.skip();
                int at = line.at();
                var to = side(line);
                if (to.isEmpty()) { throw new Mistake(at, line.at(), "name"); }
                for (var branch : to) {
                    if (branch.source() != null || branch.name().isRegex()) {
                        throw new Mistake(at, line.at(), "name");
                    }
                }
                yield new Rule.Map(from, ops, to);
            }
            case "tie" -> {
                line.skip();
                var write = choice(line, Rule.Write.values());
                line.skip();
                boolean equal = line.looksAt("assert");
                if (equal) {
                    line.move("assert".length());
                    line.skip();
                    line.expect("equal");
                }
                closeArrow(line);
                yield new Rule.Tie(name(from, ops, start, arrow), target(line), write, equal);
            }
            case "init" -> {
                line.skip();
                var fill = Fill.read(line);
                closeArrow(line);
                nothing(from, ops, start, arrow);
                yield new Rule.Init(fill.fill(), fill.value(), fill.seed(), target(line));
            }
            case "keep" -> {
                closeArrow(line);
                nothing(from, ops, start, arrow);
                yield new Rule.Keep(target(line));
            }
            case "drop" -> {
                line.skip();
                var reason = line.peek() == '"' ? line.quoted() : line.word(false);
                closeArrow(line);
                line.skip();
                if (!line.looksAtWord(NONE)) { throw line.mistake(NONE); }
                line.move(1);
                yield new Rule.Drop(name(from, ops, start, arrow), reason);
            }
            case "assert" -> assertion(line, from, ops, start, arrow);
            default -> throw new Mistake(arrow, line.at(), "=> | =tie | =init | =keep | =drop | =assert");
        };
        end(line);
        return List.of(rule);
    }

    private static Rule assertion(LineCursor line, List<Rule.Branch> from, List<Op> ops, int start, int arrow)
            throws Mistake {
        line.skip();
        int at = line.at();
        var word = line.identifier(CHECKS);
        if (!List.of("shape", "dim", "next").contains(word)) { throw new Mistake(at, line.at(), CHECKS); }
        line.skip();
        try {
            var first = line.word(false);
            line.skip();
            var check = switch (word) {
                case "shape" -> new Rule.HasShape(LineCursor.entries(bracketed(first)).stream()
                        .map(SizeExpr::parse).toList());
                case "dim" -> new Rule.HasDim(OpWords.axis(first.startsWith("@") ? first.substring(1) : ""),
                        SizeExpr.parse(line.word(false)));
                default -> new Rule.Next(Take.read(LineCursor.entries(bracketed(first))),
                        OpReader.id(line.word(false)));
            };
            closeArrow(line);
            line.skip();
            Pattern to = null;
            if (line.looksAtWord(NONE)) {
                line.move(1);
            } else {
                to = target(line);
            }
            return new Rule.Assert(check, from.isEmpty() ? null : name(from, ops, start, arrow), to);
        } catch (IllegalArgumentException e) {
            throw new Mistake(at, line.at(), CHECKS);
        }
    }

    private static String bracketed(String list) {
        if (!list.startsWith("[") || !list.endsWith("]")) { throw new IllegalArgumentException(list); }
        return list;
    }

    /** Macros that stand for whole rules; what they open into is spelled from the names beside them. */
    private enum Macro {
        /** LayerNorm's two names: {@code a/LayerNorm/ : gammaBeta => b.ln.} */
        GAMMA_BETA("gammaBeta") {
            @Override
            List<Rule> open(String from, String to) {
                return List.of(map(from + "gamma", to + "weight"), map(from + "beta", to + "bias"));
            }
        },
        /** A prefix that a wrapper put before every name: {@code module. : stripPrefix => _}. */
        STRIP_PREFIX("stripPrefix") {
            @Override
            List<Rule> open(String from, String to) {
                return List.of(map(from + "{rest**}", to + "{rest**}"));
            }
        };

        private final String word;

        Macro(String word) {
            this.word = word;
        }

        abstract List<Rule> open(String from, String to);

        private static Rule map(String from, String to) {
            return new Rule.Map(List.of(Rule.Branch.of(Pattern.parse(from))), List.of(),
                    List.of(Rule.Branch.of(Pattern.parse(to))));
        }

        List<Rule> rules(List<Rule.Branch> from, int start, LineCursor line) throws Mistake {
            line.skip();
            int arrow = line.at();
            if (!arrow(line).isEmpty()) { throw new Mistake(arrow, line.at(), "=>"); }
            line.skip();
            int at = line.at();
            var to = side(line);
            var source = ArrowReader.name(from, List.of(), start, arrow).toString();
            var target = to.isEmpty() ? "" : ArrowReader.name(to, List.of(), at, line.at()).toString();
            end(line);
            try {
                return open(source, target);
            } catch (Pattern.SyntaxException e) {
                throw new Mistake(start, line.at(), "name : " + word + " => name");
            }
        }
    }

    private static void end(LineCursor line) throws Mistake {
        line.skip();
        if (!line.atEnd()) { throw line.mistake(", | end of line"); }
    }

    /** Ops separated by {@code |}. */
    static List<Op> ops(LineCursor line) throws Mistake {
        var ops = new ArrayList<Op>();
        while (true) {
            line.skip();
            ops.addAll(OpReader.read(line));
            line.skip();
            if (!line.looksAtWord("|")) { return ops; }
            line.move(1);
        }
    }

    /** {@code _} (an empty list) or branches separated by commas. */
    private static List<Rule.Branch> side(LineCursor line) throws Mistake {
        line.skip();
        if (line.looksAtWord(NONE)) {
            line.move(1);
            return List.of();
        }
        var branches = new ArrayList<Rule.Branch>();
        while (true) {
            line.skip();
            branches.add(branch(line));
            line.skip();
            if (line.peek() != ',') { return branches; }
            line.move(1);
        }
    }

    private static Rule.Branch branch(LineCursor line) throws Mistake {
        if (line.peek() != '(') { return name(line, List.of()); }
        line.move(1);
        line.skip();
        var name = name(line, List.of());
        line.skip();
        if (!line.looksAtWord(":")) { throw line.mistake(":"); }
        line.move(1);
        var ops = ops(line);
        line.expect(")");
        return new Rule.Branch(name.source(), name.name(), ops);
    }

    private static Rule.Branch name(LineCursor line, List<Op> ops) throws Mistake {
        int from = line.at();
        String source = null;
        String text;
        var alias = ALIAS.matcher(line.rest());
        if (line.peek() == '"') {
            text = line.quoted();
        } else if (alias.lookingAt() && line.rest().charAt(alias.end()) == '"') {
            source = alias.group(1).equals(FIRST) ? null : alias.group(1);
            line.move(alias.end());
            text = line.quoted();
        } else {
            var name = Name.of(line.name());
            source = name.source();
            text = name.text();
        }
        try {
            return new Rule.Branch(source, Pattern.parse(text), ops);
        } catch (Pattern.SyntaxException e) {
            // In a plain name the place inside it is known; a quoted one may be spelled with escapes.
            int at = line.since(from).endsWith(text) ? line.at() - text.length() + e.position() : from;
            throw new Mistake(at, line.at(), "{i} | {n:1|2} | {x} | {rest**}");
        }
    }

    /** The word between {@code =} and its arguments; empty for the plain arrow, which is read to its end. */
    private static String arrow(LineCursor line) throws Mistake {
        if (line.peek() != '=') { throw line.mistake(": | , | =>"); }
        line.move(1);
        if (line.peek() == '>') {
            line.move(1);
            return "";
        }
        return line.identifier("=> | =tie | =init | =keep | =drop | =assert");
    }

    private static void closeArrow(LineCursor line) throws Mistake {
        line.skip();
        line.expect("=>");
    }

    private static Pattern target(LineCursor line) throws Mistake {
        line.skip();
        int at = line.at();
        var name = name(side(line), List.of(), at, line.at());
        if (name.isRegex()) { throw new Mistake(at, line.at(), "name"); }
        return name;
    }

    /** The one plain name a side must be. */
    private static Pattern name(List<Rule.Branch> side, List<Op> ops, int from, int to) throws Mistake {
        if (side.size() != 1 || !ops.isEmpty() || !side.getFirst().ops().isEmpty()
                || side.getFirst().source() != null) {
            throw new Mistake(from, to, "1 name");
        }
        return side.getFirst().name();
    }

    private static void nothing(List<Rule.Branch> side, List<Op> ops, int from, int to) throws Mistake {
        if (!side.isEmpty() || !ops.isEmpty()) { throw new Mistake(from, to, NONE); }
    }

    static <E extends Enum<E>> String word(E value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static <E extends Enum<E>> String words(E[] values) {
        return Arrays.stream(values).map(ArrowReader::word).collect(Collectors.joining(" | "));
    }

    private static <E extends Enum<E>> E choice(LineCursor line, E[] values) throws Mistake {
        int from = line.at();
        var word = line.identifier(words(values));
        for (var value : values) {
            if (word(value).equals(word)) { return value; }
        }
        throw new Mistake(from, line.at(), words(values));
    }

    /** What {@code =init} is followed by. */
    private record Fill(Rule.Fill fill, double value, long seed) {
        static Fill read(LineCursor line) throws Mistake {
            int from = line.at();
            var fill = choice(line, Rule.Fill.values());
            var arguments = List.<String>of();
            if (line.peek() == '(') {
                arguments = LineCursor.entries(line.word(false));
            }
            try {
                return of(fill, arguments);
            } catch (IllegalArgumentException e) {
                throw new Mistake(from, line.at(),
                        "zeros | ones | const(value) | normal(seed, deviation) | causal-mask");
            }
        }

        private static Fill of(Rule.Fill fill, List<String> arguments) {
            return switch (fill) {
                case ZEROS, ONES, CAUSAL_MASK -> new Fill(count(fill, arguments, 0, 0), 0, 0);
                case CONST -> new Fill(count(fill, arguments, 1, 1), number(arguments.getFirst()), 0);
                case NORMAL -> new Fill(count(fill, arguments, 1, 2),
                        arguments.size() > 1 ? number(arguments.get(1)) : ArrowText.DEVIATION,
                        Long.parseLong(arguments.getFirst()));
            };
        }

        private static Rule.Fill count(Rule.Fill fill, List<String> arguments, int least, int most) {
            if (arguments.size() < least || arguments.size() > most) {
                throw new IllegalArgumentException(fill.name());
            }
            return fill;
        }
    }

    /** A finite decimal number. */
    static double number(String text) {
        if (!text.matches("-?[0-9]{1,30}(\\.[0-9]{1,30})?([eE][-+]?[0-9]{1,3})?")) {
            throw new IllegalArgumentException(text);
        }
        double value = Double.parseDouble(text);
        if (!Double.isFinite(value)) { throw new IllegalArgumentException(text); }
        return value;
    }
}
