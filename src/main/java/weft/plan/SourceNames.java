package weft.plan;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

import org.jspecify.annotations.Nullable;

import weft.io.Code;
import weft.io.Problem;
import weft.name.NameIndex.Found;
import weft.name.NaturalOrder;
import weft.name.Pattern;
import weft.rule.Rule;

/** The names of all sources, and which of them a rule's branch means. */
final class SourceNames {
    /** The names of each source without its alias; the first source is "". */
    private final Map<String, List<String>> names = new HashMap<>();

    SourceNames(Source source) {
        names.put("", source.tensors().stream().map(t -> t.name()).toList());
        source.others().forEach((alias, tensors) -> names.put(alias, tensors.stream().map(t -> t.name()).toList()));
    }

    /** A tensor's key in a plan: its name, with the alias of a source that isn't the first. */
    static String key(@Nullable String alias, String name) {
        return alias == null ? name : alias + ":" + name;
    }

    /** Whether there is a source of this alias. */
    boolean has(@Nullable String alias) {
        return alias == null || names.containsKey(alias);
    }

    /**
     * Every tensor a branch matches; their names are keys.
     *
     * @param problems told {@code E-REGEX} if a regular expression was given up
     */
    List<Found> all(Rule.Branch branch, int rule, List<Problem> problems) {
        var found = new ArrayList<Found>();
        var own = names.getOrDefault(branch.source() == null ? "" : branch.source(), List.of());
        var looks = new Pattern.Looks(own.size());
        for (var name : own) {
            branch.name().match(name, looks).ifPresent(c -> found.add(new Found(key(branch.source(), name), c)));
            if (looks.isUsedUp()) {
                problems.add(Problem.of(Code.E_REGEX).field(branch.name()).found(name).expected("{i}").by(rule, name));
                break;
            }
        }
        return found;
    }

    /** What some of a name's captures stand for. */
    static Map<String, String> restricted(Map<String, String> captures, Set<String> to) {
        var some = new LinkedHashMap<String, String>();
        captures.forEach((name, value) -> {
            if (to.contains(name)) {
                some.put(name, value);
            }
        });
        return some;
    }

    /** Sorted by these captures of a pattern, the first one slowest: numbers count, alternatives stand as written. */
    static List<Found> sorted(List<Found> found, Pattern pattern, Set<String> by) {
        Comparator<Found> order = Comparator.comparingInt(_ -> 0);
        for (var capture : pattern.captures()) {
            if (by.contains(capture.name())) {
                order = capture.kind() == Pattern.Kind.CHOICE
                        ? order.thenComparingInt(f -> capture.choices().indexOf(f.captures().get(capture.name())))
                        : order.thenComparing(f -> f.captures().getOrDefault(capture.name(), ""),
                                NaturalOrder.INSTANCE);
            }
        }
        return found.stream().sorted(order.thenComparing(Found::name, NaturalOrder.INSTANCE)).toList();
    }

    /**
     * What is missing among tensors that are counted by some captures: numbers have to follow each other, and with
     * more than one capture every combination has to be there.
     */
    static @Nullable Problem gap(List<Found> found, Pattern pattern, Set<String> by) {
        long all = 1;
        for (var capture : pattern.captures()) {
            if (!by.contains(capture.name())) {
                continue;
            }
            var values = new TreeSet<>(NaturalOrder.INSTANCE);
            found.forEach(f -> values.add(f.captures().getOrDefault(capture.name(), "")));
            all = all > Integer.MAX_VALUE ? all : all * values.size();
            if (capture.kind() == Pattern.Kind.INTEGER && !values.isEmpty()) {
                long next = Long.parseLong(values.first());
                for (var value : values) {
                    if (Long.parseLong(value) != next) {
                        return Problem.of(Code.E_GAP).field(pattern).found(capture.name() + "=" + next)
                                .expected(values.first() + " … " + values.last());
                    }
                    next++;
                }
            }
        }
        return found.size() == all
                ? null
                : Problem.of(Code.E_GAP).field(pattern).found(found.size() + " tensors").expected(all + " tensors");
    }
}
