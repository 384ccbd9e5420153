package weft.name;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PatternTest {

    @ParameterizedTest
    @ValueSource(strings = {
        "model/h{i}/attn/c_attn/w  model/h11/attn/c_attn/w  i=11",
        "model/h{i}/ln_{n:1|2}/g   model/h0/ln_2/g          i=0,n=2",
        "model/h{i}/ln_{n:1|2}/g   model/h0/ln_3/g          -",
        "h{i}                      h01                      -",
        "h{i}                      h0                       i=0",
        "h{i}                      h123456789012345678      i=123456789012345678",
        "h{i}                      h1234567890123456789     -",
        "h{i}                      h\u0661                  -",
        "h{i+1}                    h3                       i=2",
        "h{i+1}                    h0                       -",
        "h{i-2}                    h0                       i=2",
        "{x}.weight                a.b.weight               -",
        "{x}.weight                ab.weight                x=ab",
        "{x}.weight                .weight                  -",
        "{rest**}                  a/b.c                    rest=a/b.c",
        "Adam/{rest**}             Adam/                    rest=",
        "{a}_{b}                   q_k_v                    a=q,b=k_v",
        "{x}.{x}                   ab.ab                    x=ab",
        "{x}.{x}                   ab.ac                    -",
        "{a}_{a}                   x_y_x_y                  a=x_y",
        "{n:1|12}-{m:2|3}          12-2                     n=12,m=2",
        "{n:ab|a}b{m:b|c}          abb                      n=a,m=b",
        "{layer:int}.w             7.w                      layer=7",
        "{{{i}}}                   {7}                      i=7",
        "re:h(?<i>[0-9]+).(?<s>w|b) h12.b                   i=12,s=b",
        "re:h[0-9]                 h12                      -",
        "{}re:x                    re:x                     {}"})
    void matches_whole_names(String line) {
        var words = line.split(" +");
        var captures = Pattern.parse(words[0]).match(words[1]);
        if (words[2].equals("-")) {
            assertThat(captures).isEmpty();
        } else {
            assertThat(captures).contains(map(words[2]));
            assertThat(Pattern.parse(words[0]).isRegex() ? words[1] : Pattern.parse(words[0]).render(map(words[2])))
                    .isEqualTo(words[1]);
        }
    }

    /** {@code i=0,n=2}; {@code {}} is empty. */
    private static Map<String, String> map(String text) {
        var map = new HashMap<String, String>();
        for (var pair : text.equals("{}") ? new String[0] : text.split(",")) {
            var sides = pair.split("=", 2);
            map.put(sides[0], sides[1]);
        }
        return map;
    }

    @ParameterizedTest
    @ValueSource(strings = {"h{i}", "h{i+1}", "{layer:int}", "{layer+1}", "{layer-12}", "{n:1|2}", "{x}.{rest**}",
        "{{x}}",
        "a{{b{c}}}", "", "re:a(?<x>b)", "{}re:a", "{_a}", "{n:int|2}"})
    void prints_as_it_was_written(String text) {
        var pattern = Pattern.parse(text);
        assertThat(pattern).hasToString(text);
        assertThat(Pattern.parse(pattern.toString())).isEqualTo(pattern).hasSameHashCodeAs(pattern);
    }

    @ParameterizedTest
    @CsvSource({"a{i, 1", "a}b, 1", "{i}{j}, 3", "{rest**}.x, 0", "{1a}, 1", "{}{, 2", "{n:}, 3", "{n:1|1}, 3",
        "{i+0}, 2", "{i+99999999}, 2", "{i+-1}, 1", "{i-}, 2", "{a b}, 1", "re:(, 4", "{x**}{i}, 0"})
    void says_where_a_pattern_is_wrong(String text, int position) {
        var e = catchThrowableOfType(Pattern.SyntaxException.class, () -> Pattern.parse(text));
        assertThat(e.position()).isEqualTo(position);
    }

    @Test
    void a_literal_matches_itself_whatever_it_looks_like() {
        for (var name : List.of("{i}", "re:x", "}", "{{", "", "a.b", "\ud800", "{}")) {
            var literal = Pattern.literal(name);
            assertThat(literal.match(name)).contains(Map.of());
            assertThat(literal.isLiteral()).isTrue();
            assertThat(Pattern.parse(literal.toString())).isEqualTo(literal);
        }
    }

    @Test
    void a_name_below_zero_is_no_name() {
        assertThatIllegalArgumentException().isThrownBy(() -> Pattern.parse("h{i-1}").render(Map.of("i", "0")));
        assertThatIllegalArgumentException().isThrownBy(() -> Pattern.parse("h{i-1}").render(Map.of("i", "x")));
        assertThatIllegalArgumentException().isThrownBy(() -> Pattern.parse("h{i-1}").render(Map.of()));
    }

    /** Tries everything, as slowly as it takes: what matching means. */
    private static boolean naive(List<Pattern.Capture> captures, List<String> literals, int at, String name,
            Map<String, String> bound) {
        // literal 0, capture 0, literal 1, capture 1, … literal n
        if (!name.startsWith(literals.get(at))) { return false; }
        var rest = name.substring(literals.get(at).length());
        if (at == captures.size()) { return rest.isEmpty(); }
        var capture = captures.get(at);
        for (int end = 0; end <= rest.length(); end++) {
            var text = rest.substring(0, end);
            boolean nextIsDigit = end < rest.length() && Character.isDigit(rest.charAt(end));
            boolean may = switch (capture.kind()) {
                case INTEGER -> text.matches("0|[1-9][0-9]{0,17}") && !nextIsDigit
                        && Long.parseLong(text) - capture.shift() >= 0;
                case CHOICE -> capture.choices().contains(text);
                case SEGMENT -> text.matches("[^./]+");
                case REST -> end == rest.length();
            };
            if (!may) {
                continue;
            }
            var value = capture.kind() == Pattern.Kind.INTEGER
                    ? Long.toString(Long.parseLong(text) - capture.shift())
                    : text;
            var old = bound.get(capture.name());
            if (old != null && !old.equals(value)) {
                continue;
            }
            var more = new HashMap<>(bound);
            more.put(capture.name(), value);
            if (naive(captures, literals, at + 1, rest.substring(end), more)) { return true; }
        }
        return false;
    }

    @Test
    void matches_what_trying_everything_matches() {
        var random = new Random(7);
        var pieces = List.of("{i}", "{x}", "{y}", "{n:a|ab|1}", "{j+1}", "{j-1}", "{i}", "{x}");
        int hits = 0;
        for (int round = 0; round < 10_000; round++) {
            var literals = new ArrayList<String>();
            var captures = new ArrayList<Pattern.Capture>();
            var text = new StringBuilder(letters(random, 0, 2));
            literals.add(text.toString());
            int count = random.nextInt(4);
            for (int i = 0; i < count; i++) {
                var piece = pieces.get(random.nextInt(pieces.size()));
                var literal = i == count - 1 ? letters(random, 0, 2) : letters(random, 1, 2);
                captures.add(Pattern.parse(piece).captures().getFirst());
                literals.add(literal);
                text.append(piece).append(literal);
            }
            var pattern = Pattern.parse(text.toString());
            var name = letters(random, 0, 9);
            if (random.nextInt(3) > 0) { // something near a match
                try {
                    name = pattern.render(Map.of("i", "" + random.nextInt(12), "x", letters(random, 1, 3), "y",
                            letters(random, 1, 3), "n", "ab", "j", "1"));
                } catch (IllegalArgumentException e) {
                    continue;
                }
            }
            var match = pattern.match(name);
            assertThat(match.isPresent()).as(text + " on " + name)
                    .isEqualTo(naive(captures, literals, 0, name, Map.of()));
            if (match.isPresent()) {
                hits++;
                assertThat(pattern.render(match.get())).isEqualTo(name);
            }
        }
        assertThat(hits).isGreaterThan(1000);
    }

    private static String letters(Random random, int least, int most) {
        var text = new StringBuilder();
        int length = least + random.nextInt(most - least + 1);
        for (int i = 0; i < length; i++) {
            text.append("ab1.0".charAt(random.nextInt(5)));
        }
        return text.toString();
    }

    /** Were this exponential (or even quadratic with backtracking) it would not end. */
    @Test
    @Timeout(120)
    void hostile_names_and_patterns_end() {
        var name = "x".repeat(70_000);
        var many = new StringBuilder();
        for (char c = 'a'; c < 'p'; c++) {
            many.append("{").append(c).append("0a}x");
        }
        assertThat(Pattern.parse(many + "!").match(name + "?")).isEmpty();
        assertThat(Pattern.parse(many.toString()).match(name)).isPresent();
        assertThat(Pattern.parse(many + "{a0a}y").match("x".repeat(300) + "!!y")).isEmpty();
        var repeated = new StringBuilder();
        for (int i = 0; i < 8; i++) {
            repeated.append("{s").append(i).append("}x");
        }
        for (int i = 0; i < 8; i++) {
            repeated.append("{s").append(i).append("}z");
        }
        assertThat(Pattern.parse(repeated.toString()).match(name + "z")).isEmpty();
        var choices = new StringBuilder();
        for (char c = 'a'; c < 'p'; c++) {
            choices.append("{").append(c).append("1:x|xx|xxx|xxxx}x");
        }
        assertThat(Pattern.parse(choices + "y").match("x".repeat(60))).isEmpty();
        Pattern.unify(Pattern.parse(choices + "y"), Pattern.literal("x".repeat(60)));
        assertThat(Pattern.parse("re:(x+x+)+y").match(name)).isEmpty();
        assertThat(Pattern.parse("re:(x|xx)*y").match(name)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "norm{n:1|2}.w     norm1.w        n=1          {}",
        "h{i}.w            block{i}.w     -            -",
        "h{i}.w            h{j}.w         i={i}        j={i}",
        "h{i+1}.w          h{j}.w         i={i}        j={i+1}",
        "h{i}.w            h{j+2}.w       i={i}        j={i-2}",
        "h{i+1}            h3             i=2          {}",
        "h{i+1}            h0             -            -",
        "h03               h{i}           -            -",
        "{n:1|2|3}         {m:2|3|4}      n={n:2|3}    m={n:2|3}",
        "{n:1|2}           {m:2|3}        n=2          m=2",
        "{n:1|2}           {m:3|4}        -            -",
        "a{i}.{i}          a1.{j}         i=1          j=1",
        "a{i}.{i}          a1.2           -            -",
        "a{n:1|12}2b       a12b           n=1          {}",
        "a{n:1|12}{{x      a12{{x         n=12         {}",
        "{n:1|2}           {i}            n={n:1|2}    i={n:1|2}",
        "{n:1|b}           {i}            -            -",
        "{x}.w             {y}.w          x={x}        y={x}",
        "{x}.w             a.w            -            -",
        "{a:p|pq}{{{m:1|2} pq{{{m:2|3}    a=pq,m=2     m=2",
        "{a:p|pq}x{a:p|pq} pqxpq          a=pq         {}"})
    void unifies(String line) {
        var words = line.split(" +");
        var a = Pattern.parse(words[0]);
        var b = Pattern.parse(words[1]);
        var unifier = Pattern.unify(a, b);
        if (words[2].equals("-")) {
            assertThat(unifier).isEmpty();
            assertThat(Pattern.unify(b, a)).isEmpty();
            return;
        }
        assertThat(unifier).isPresent();
        assertThat(unifier.get().left()).isEqualTo(patterns(words[2]));
        assertThat(unifier.get().right()).isEqualTo(patterns(words[3]));
        assertThat(a.with(unifier.get().left())).isEqualTo(b.with(unifier.get().right()));
        assertThat(Pattern.unify(b, a)).isPresent();
    }

    private static Map<String, Pattern> patterns(String text) {
        var patterns = new HashMap<String, Pattern>();
        map(text).forEach((name, pattern) -> patterns.put(name, Pattern.parse(pattern)));
        return patterns;
    }

    /** What unifies has the same names: every name of the unified pattern matches both sides. */
    @Test
    void what_is_unified_describes_names_of_both() {
        var random = new Random(11);
        var pieces = List.of("{i}", "{j}", "{n:a|ab}", "{m:a|b|ab}", "a", "b", "c1", ".", "{i+1}");
        int unified = 0;
        for (int round = 0; round < 10_000; round++) {
            var a = any(random, pieces);
            var b = any(random, pieces);
            Optional<Pattern.Unifier> unifier = Pattern.unify(a, b);
            if (unifier.isEmpty()) {
                continue;
            }
            unified++;
            var both = a.with(unifier.get().left());
            assertThat(b.with(unifier.get().right())).as(a + " and " + b).isEqualTo(both);
            var values = new HashMap<String, String>();
            both.captures().forEach(c -> values.put(c.name(),
                    c.kind() == Pattern.Kind.CHOICE ? c.choices().getLast() : "4"));
            var name = both.render(values);
            assertThat(a.match(name)).as(a + " on " + name).isPresent();
            assertThat(b.match(name)).as(b + " on " + name).isPresent();
        }
        assertThat(unified).isGreaterThan(100);
    }

    private static Pattern any(Random random, List<String> pieces) {
        while (true) {
            var text = new StringBuilder();
            int count = 1 + random.nextInt(4);
            for (int i = 0; i < count; i++) {
                text.append(pieces.get(random.nextInt(pieces.size())));
            }
            try {
                return Pattern.parse(text.toString());
            } catch (Pattern.SyntaxException e) {
                // two captures side by side
            }
        }
    }

    @Test
    void natural_order_counts_and_is_an_order() {
        var names = new ArrayList<>(List.of("h.10", "h.2", "h.02", "h.2.b", "h.1", "h", "h.a", "h.99999999999999999999",
                "h.100000000000000000000", ""));
        names.sort(NaturalOrder.INSTANCE);
        assertThat(names).containsExactly("", "h", "h.1", "h.02", "h.2", "h.2.b", "h.10", "h.99999999999999999999",
                "h.100000000000000000000", "h.a");
        var random = new Random(3);
        for (int round = 0; round < 20_000; round++) {
            var a = letters(random, 0, 5);
            var b = letters(random, 0, 5);
            var c = letters(random, 0, 5);
            int ab = NaturalOrder.INSTANCE.compare(a, b);
            assertThat(Integer.signum(ab)).isEqualTo(-Integer.signum(NaturalOrder.INSTANCE.compare(b, a)));
            assertThat(ab == 0).isEqualTo(a.equals(b));
            if (ab < 0 && NaturalOrder.INSTANCE.compare(b, c) < 0) {
                assertThat(NaturalOrder.INSTANCE.compare(a, c)).as(a + " " + b + " " + c).isNegative();
            }
        }
    }
}
