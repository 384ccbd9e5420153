package weft.rule;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Json;
import weft.io.Problem;
import weft.name.Pattern;

/**
 * Rules as people write them, one a line: {@code model/h{i}/ln_{n:1|2}/g => trf_blocks.{i}.norm{n}.scale}. The
 * grammar is in the rule reference. A file may begin with header lines:
 *
 * <pre>
 * &#64;name "OpenAI GPT-2 to GPTModel"
 * &#64;source gpt2/openai-tf
 * &#64;target gpt2/scratch-split
 * &#64;dims n_layer=12 n_embd=768
 * &#64;others drop
 * &#64;provenance {"weft": "1.0"}
 * </pre>
 *
 * Printing and reading back gives the same rules; comments and macros (they open into ops when read) don't return.
 */
public final class ArrowText {
    /** What {@code normal(seed)} means where no deviation is written: the one GPT-2 was initialised with. */
    static final double DEVIATION = 0.02;

    private ArrowText() {
    }

    /**
     * A stretch of text that can't be read.
     *
     * @param line from 1
     * @param column from 1, in characters
     * @param offset of the first character from the start of the text, in characters; what an editor underlines
     * @param length in characters, at least 1 (also where the text ends too early)
     * @param found the characters
     * @param expected what could stand there: words of the language, alternatives separated by {@code |}
     */
    public record Error(int line, int column, int offset, int length, String found, String expected) {
        /** The same as a problem: {@code field} is {@code line:column}, {@code offset} counts characters. */
        public Problem problem(@Nullable String file) {
            return Problem.of(Code.BAD_RULES).file(file).at(offset).field(line + ":" + column).found(found)
                    .expected(expected);
        }
    }

    /** Rules and the line (from 1) that says them. */
    public record Line(int line, List<Rule> rules) {
    }

    /** What a text says as far as it can be read: an editor shows the rest as errors. */
    public record Reading(RuleSet rules, List<Line> lines, List<Error> errors) {
    }

    /** Reads all lines, good and bad ones. */
    public static Reading parse(String text) {
        var header = new ArrowHeader();
        var lines = new ArrayList<Line>();
        var errors = new ArrayList<Error>();
        int offset = text.startsWith("\ufeff") ? 1 : 0;
        int number = 0;
        while (offset <= text.length()) {
            int end = text.indexOf('\n', offset);
            end = end < 0 ? text.length() : end;
            var line = text.substring(offset, end > offset && text.charAt(end - 1) == '\r' ? end - 1 : end);
            number++;
            try {
                var cursor = new LineCursor(line);
                cursor.skip();
                if (cursor.peek() == '@') {
                    header.read(cursor);
                } else if (!cursor.atEnd()) {
                    lines.add(new Line(number, ArrowReader.rules(cursor)));
                }
            } catch (Mistake e) {
                int to = Math.min(e.to(), line.length());
                errors.add(new Error(number, e.from() + 1, offset + e.from(), Math.max(1, to - e.from()),
                        e.from() < to ? line.substring(e.from(), to) : "", e.expected()));
            }
            offset = end + 1;
        }
        var rules = lines.stream().flatMap(l -> l.rules().stream()).toList();
        return new Reading(header.set(rules), List.copyOf(lines), List.copyOf(errors));
    }

    /** Reads a whole file. @throws CheckpointException {@code BAD_RULES}: the first line that can't be read */
    public static RuleSet read(String text, @Nullable String file) throws CheckpointException {
        var reading = parse(text);
        if (!reading.errors().isEmpty()) { throw reading.errors().getFirst().problem(file).asException(); }
        return reading.rules();
    }

    /** Reads one rule. @throws CheckpointException {@code BAD_RULES}, also if there is none or more than one */
    public static Rule rule(String line) throws CheckpointException {
        var rules = read(line, null).rules();
        if (rules.size() != 1) {
            throw new Error(1, 1, 0, Math.max(1, line.length()), line, "1 rule").problem(null).asException();
        }
        return rules.getFirst();
    }

    /** Reads ops as they stand between {@code :} and the arrow; macros open. */
    public static List<Op> ops(String text) throws CheckpointException {
        try {
            var line = new LineCursor(text);
            line.skip();
            var ops = ArrowReader.ops(line);
            line.skip();
            if (!line.atEnd()) { throw line.mistake("|"); }
            return ops;
        } catch (Mistake e) {
            int to = Math.min(e.to(), text.length());
            throw new Error(1, e.from() + 1, e.from(), Math.max(1, to - e.from()),
                    e.from() < to ? text.substring(e.from(), to) : "", e.expected()).problem(null).asException();
        }
    }

    /** A whole file: header lines, an empty line, one rule a line. */
    public static String print(RuleSet rules) {
        var text = new StringBuilder();
        header(text, "name", rules.name() == null ? null : Json.quote(rules.name()));
        header(text, "source", rules.source() == null ? null : headerWord(rules.source()));
        header(text, "target", rules.target() == null ? null : headerWord(rules.target()));
        header(text, "dims", rules.dims().isEmpty()
                ? null
                : rules.dims().entrySet().stream()
                        .map(e -> e.getKey() + "=" + e.getValue()).collect(Collectors.joining(" ")));
        header(text, "others", rules.others() == RuleSet.Others.DROP ? null : "copy");
        header(text, "provenance", rules.provenance().isEmpty() ? null : Json.line(rules.provenance()));
        if (!text.isEmpty()) {
            text.append('\n');
        }
        rules.rules().forEach(rule -> text.append(print(rule)).append('\n'));
        return text.toString();
    }

    private static void header(StringBuilder text, String key, @Nullable String value) {
        if (value != null) {
            text.append('@').append(key).append(' ').append(value).append('\n');
        }
    }

    private static String headerWord(String value) {
        return value.matches("[A-Za-z0-9_.][!-~&&[^\"#]]*") ? value : Json.quote(value);
    }

    /** One rule on one line, without a line feed. */
    public static String print(Rule rule) {
        return switch (rule) {
            case Rule.Map(var from, var ops, var to) -> side(from) + (ops.isEmpty() ? "" : " : " + print(ops)) + " => "
                    + side(to);
            case Rule.Tie(var same, var to, var write, var equal) ->
                name(null, same) + " =tie " + write.name().toLowerCase(Locale.ROOT) + (equal ? " assert equal" : "")
                        + "=> " + name(null, to);
            case Rule.Init init -> "_ =init " + print(init.fill(), init.value(), init.seed()) + "=> "
                    + name(null, init.to());
            case Rule.Assert(var check, var from, var to) ->
                (from == null ? "_" : name(null, from)) + " =assert " + check
                        + "=> " + (to == null ? "_" : name(null, to));
            case Rule.Keep(var to) -> "_ =keep=> " + name(null, to);
            case Rule.Drop(var from, var reason) -> name(null, from) + " =drop "
                    + (reason.matches(ArrowReader.PLAIN_REASON) ? reason : Json.quote(reason)) + "=> _";
        };
    }

    private static String print(Rule.Fill fill, double value, long seed) {
        return switch (fill) {
            case ZEROS -> "zeros";
            case ONES -> "ones";
            case CONST -> "const(" + OpReader.number(value) + ")";
            case NORMAL -> "normal(" + seed + (value == DEVIATION ? "" : ", " + OpReader.number(value)) + ")";
            case CAUSAL_MASK -> "causal-mask";
        };
    }

    /** Ops as they stand between {@code :} and the arrow. */
    public static String print(List<Op> ops) {
        return ops.stream().map(Op::toString).collect(Collectors.joining(" | "));
    }

    private static String side(List<Rule.Branch> branches) {
        return branches.stream().map(b -> b.ops().isEmpty()
                ? name(b.source(), b.name())
                : "(" + name(b.source(), b.name()) + " : " + print(b.ops()) + ")").collect(Collectors.joining(", "));
    }

    private static String name(@Nullable String source, Pattern name) {
        return (source == null ? "" : source + ":") + ArrowReader.spell(name.toString());
    }
}
