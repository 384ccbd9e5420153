package weft.rule;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;

import org.jspecify.annotations.Nullable;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.name.Pattern;

/**
 * Two columns of names, old and new, as people keep them in a spreadsheet: separated by a tab, or by a comma with cells
 * quoted where they hold one. Each line is a rename. Lines that differ in one running number alone, from 0 on, are one
 * rule with {@code {i}}: it makes the same names.
 */
final class RenameTable {
    private static final Set<String> HEADINGS = Set.of("old", "new", "from", "to", "source", "target");

    private static final java.util.regex.Pattern DIGITS = java.util.regex.Pattern.compile("[0-9]+");

    private RenameTable() {
    }

    /** Whether a file is such a table: by its ending, or because its first line has a tab and no arrow. */
    static boolean is(String text, String name) {
        var first = text.lines().filter(l -> !l.isBlank() && !l.startsWith("#")).findFirst().orElse("");
        return name.endsWith(".tsv") || name.endsWith(".csv") || first.indexOf('\t') > 0 && !first.contains("=");
    }

    /** @throws CheckpointException {@code BAD_RULES} with the line that hasn't two names */
    static RuleSet read(String text, String name) throws CheckpointException {
        var pairs = new LinkedHashMap<String, String>();
        int number = 0;
        int offset = 0;
        for (var line : text.split("\n", -1)) {
            number++;
            var cells = cells(line.endsWith("\r") ? line.substring(0, line.length() - 1) : line);
            boolean heading = pairs.isEmpty() && cells.size() == 2
                    && HEADINGS.containsAll(cells.stream().map(c -> c.toLowerCase(Locale.ROOT)).toList());
            if (!line.isBlank() && !line.startsWith("#") && !heading) {
                if (cells.size() != 2 || cells.contains("") || pairs.containsKey(cells.getFirst())) {
                    throw Problem.of(Code.BAD_RULES).file(name).at(offset).field(number + ":1")
                            .found(line.length() > 200 ? line.substring(0, 200) + "…" : line)
                            .expected("old TAB new").asException();
                }
                pairs.put(cells.getFirst(), cells.getLast());
            }
            offset += line.length() + 1;
        }
        return RuleSet.of(rules(pairs));
    }

    private static List<String> cells(String line) {
        if (line.indexOf('\t') >= 0) { return List.of(line.split("\t", -1)).stream().map(String::strip).toList(); }
        var cells = new ArrayList<String>();
        var cell = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (c == '"' && quoted && i + 1 < line.length() && line.charAt(i + 1) == '"') {
                cell.append(c);
                i++;
            } else if (c == '"') {
                quoted = !quoted;
            } else if (c == ',' && !quoted) {
                cells.add(cell.toString().strip());
                cell.setLength(0);
            } else {
                cell.append(c);
            }
        }
        cells.add(cell.toString().strip());
        return cells;
    }

    private static List<Rule> rules(Map<String, String> pairs) {
        var families = new LinkedHashMap<String, List<Long>>(); // both patterns with {i}, and the numbers seen
        var single = new LinkedHashMap<String, String>();
        pairs.forEach((from, to) -> {
            var number = running(from, to);
            if (number == null) {
                single.put(from, to);
            } else {
                families.computeIfAbsent(family(from, to, number), _ -> new ArrayList<>()).add(number);
            }
        });
        var rules = new ArrayList<Rule>();
        var seen = new HashSet<String>();
        pairs.forEach((from, to) -> {
            var number = single.containsKey(from) ? null : running(from, to);
            var family = number == null ? null : family(from, to, number);
            var numbers = family == null ? List.<Long>of() : families.getOrDefault(family, List.of());
            // A pattern speaks of every number: it may stand for a list only if that has them all.
            boolean all = numbers.size() > 1
                    && numbers.stream().sorted().toList().equals(LongStream.range(0, numbers.size())
                            .boxed().toList());
            if (family != null && all) {
                if (seen.add(family)) {
                    var both = family.split("\n");
                    rules.add(rename(Pattern.parse(both[0]), Pattern.parse(both[1])));
                }
            } else {
                rules.add(rename(Pattern.literal(from), Pattern.literal(to)));
            }
        });
        return rules;
    }

    private static Rule rename(Pattern from, Pattern to) {
        return new Rule.Map(List.of(new Rule.Branch(null, from, List.of())), List.of(),
                List.of(new Rule.Branch(null, to, List.of())));
    }

    /** The first number of a name, if the other name's first number is the same; else null. */
    private static @Nullable Long running(String from, String to) {
        var a = first(from);
        var b = first(to);
        return a.isEmpty() || !a.equals(b) || a.length() > 6 || a.length() > 1 && a.startsWith("0")
                ? null
                : Long.valueOf(a);
    }

    private static String first(String name) {
        var digits = DIGITS.matcher(name);
        return digits.find() ? digits.group() : "";
    }

    private static String family(String from, String to, long number) {
        return pattern(from, number) + "\n" + pattern(to, number);
    }

    private static String pattern(String name, long number) {
        int at = name.indexOf(Long.toString(number));
        return Pattern.escape(name.substring(0, at)) + "{i}"
                + Pattern.escape(name.substring(at + Long.toString(number).length()));
    }
}
