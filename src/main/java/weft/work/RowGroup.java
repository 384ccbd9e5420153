package weft.work;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

import weft.plan.Evidence;
import weft.plan.Kind;
import weft.plan.Plan;
import weft.plan.Row;
import weft.plan.Status;
import weft.rule.Rule;
import weft.tensor.TensorInfo;

/**
 * Rows of a plan that are alike: made by one rule, or of one name but for its numbers. A plan row stays one parameter;
 * grouping is how faces show many.
 *
 * @param sources folded names of what feeds them ({@code h{0…11}/attn/c_attn/w}), each once
 * @param sourceShape of each source, as written; empty if there is none
 * @param targets folded names of the parameters
 * @param targetShape of each parameter
 * @param layers how many layers it spans; 1 for what isn't in a layer
 * @param rule the rule given or suggested, or {@code null}
 */
public record RowGroup(List<String> sources, String sourceShape, List<String> targets, String targetShape,
        Status status, @Nullable Kind kind, boolean hidden, Evidence evidence, int layers, @Nullable Rule rule,
        List<Row> rows) {
    private static final Pattern NUMBER = Pattern.compile("[0-9]+");

    /** What rows of one group share. */
    private record Key(@Nullable Rule rule, String name, String source, String target, Status status,
            @Nullable Kind kind, boolean hidden, Evidence evidence) {
    }

    /** The groups of a plan, in the order of their first rows. */
    public static List<RowGroup> of(Plan plan) {
        var groups = new LinkedHashMap<Key, List<Row>>();
        for (var row : plan.rows()) {
            var key = new Key(row.rule(), row.rule() == null ? NUMBER.matcher(row.target().name()).replaceAll("#") : "",
                    sourceShape(row), row.target().shape().toString(), row.status(), row.kind(), row.hidden(),
                    row.evidence());
            groups.computeIfAbsent(key, _ -> new ArrayList<>()).add(row);
        }
        return groups.entrySet().stream().map(e -> of(e.getKey(), e.getValue(), plan)).toList();
    }

    private static RowGroup of(Key key, List<Row> rows, Plan plan) {
        var sources = new LinkedHashSet<String>();
        rows.forEach(r -> r.sources().forEach(s -> sources.add(s.name())));
        var layers = new LinkedHashSet<String>();
        var dialect = plan.target().dialect();
        for (var row : rows) {
            var bound = row.target().bound();
            var layer = dialect == null || bound == null
                    ? null
                    : bound.captures().get(dialect.family().layers());
            layers.add(layer == null ? "" : layer);
        }
        return new RowGroup(fold(sources), key.source(), fold(rows.stream().map(r -> r.target().name()).toList()),
                key.target(), key.status(), key.kind(), key.hidden(), key.evidence(), layers.size(), key.rule(),
                List.copyOf(rows));
    }

    private static String sourceShape(Row row) {
        var shapes = row.sources().stream().map(TensorInfo::shape).distinct().toList();
        return shapes.isEmpty()
                ? ""
                : shapes.size() == 1 && row.sources().size() > 1
                        ? row.sources().size() + " × " + shapes.getFirst()
                        : String.join(", ", shapes.stream().map(Object::toString).toList());
    }

    /** Names that differ in numbers only, as one: {@code h.{0…11}.ln_{1,2}.weight}. */
    public static List<String> fold(Iterable<String> names) {
        var groups = new LinkedHashMap<String, List<List<String>>>();
        for (var name : names) {
            var numbers = NUMBER.matcher(name).results().map(r -> r.group()).toList();
            groups.computeIfAbsent(NUMBER.matcher(name).replaceAll("#"), _ -> new ArrayList<>()).add(numbers);
        }
        var folded = new ArrayList<String>();
        groups.forEach((template, numbers) -> {
            var text = new StringBuilder();
            var pieces = template.split("#", -1);
            for (int i = 0; i < pieces.length; i++) {
                int at = i;
                text.append(pieces[i]);
                if (i < pieces.length - 1) {
                    text.append(range(numbers.stream().map(n -> n.get(at))
                            .collect(java.util.stream.Collectors.toCollection(LinkedHashSet::new))));
                }
            }
            folded.add(text.toString());
        });
        return List.copyOf(folded);
    }

    private static String range(Set<String> numbers) {
        if (numbers.size() == 1) { return numbers.iterator().next(); }
        var sorted = numbers.stream().sorted(java.util.Comparator.comparingInt(String::length)
                .thenComparing(java.util.Comparator.naturalOrder())).toList();
        if (sorted.size() == 2 || sorted.getLast().length() > 9) {
            return "{" + sorted.getFirst() + "," + (sorted.size() == 2 ? "" : "…,") + sorted.getLast() + "}";
        }
        boolean gapless = Long.parseLong(sorted.getLast()) - Long.parseLong(sorted.getFirst()) == sorted.size() - 1;
        return gapless || sorted.size() > 4
                ? "{" + sorted.getFirst() + "…" + sorted.getLast() + "}"
                : "{" + String.join(",", sorted) + "}";
    }

    /** Several folded names as one, by what they begin and end with: {@code W_{query,key,value}.weight}. */
    public static String join(List<String> names) {
        if (names.size() < 2) { return names.isEmpty() ? "" : names.getFirst(); }
        var first = names.getFirst();
        int start = first.length();
        int end = first.length();
        for (var name : names) {
            start = Math.min(start, common(first, name));
            end = Math.min(end, common(new StringBuilder(first).reverse(), new StringBuilder(name).reverse()));
        }
        int shortest = names.stream().mapToInt(String::length).min().orElse(0);
        end = Math.min(end, shortest - start);
        // Words stay whole: W_{query,key}, not W_{quer,ke}y.
        while (start > 0 && Character.isLetterOrDigit(first.charAt(start - 1))) {
            start--;
        }
        while (end > 0 && Character.isLetterOrDigit(first.charAt(first.length() - end))) {
            end--;
        }
        if (start == 0 && end == 0) { return String.join(", ", names); }
        int cut = start;
        int tail = end;
        return first.substring(0, cut)
                + names.stream().map(n -> n.substring(cut, n.length() - tail))
                        .collect(java.util.stream.Collectors.joining(",", "{", "}"))
                + first.substring(first.length() - tail);
    }

    private static int common(CharSequence a, CharSequence b) {
        int n = 0;
        while (n < Math.min(a.length(), b.length()) && a.charAt(n) == b.charAt(n)) {
            n++;
        }
        return n;
    }

    /** How many rows of each status, in the statuses' order. */
    public static Map<Status, Long> counts(Plan plan) {
        var counts = new LinkedHashMap<Status, Long>();
        for (var status : Status.values()) {
            counts.put(status, plan.count(status));
        }
        return counts;
    }
}
