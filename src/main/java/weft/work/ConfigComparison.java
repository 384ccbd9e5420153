package weft.work;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import weft.arch.Family;
import weft.arch.Hyper;
import weft.arch.Hypers;
import weft.plan.Plan;
import weft.plan.Row;
import weft.plan.Status;

/** The two configurations field by field: what each side says, and which rows a difference explains. */
public final class ConfigComparison {
    private ConfigComparison() {
    }

    /**
     * One number.
     *
     * @param field in the target dialect's words
     * @param source what the source says, or {@code null} if it doesn't
     * @param target likewise
     * @param same whether they agree; a side that says nothing agrees
     * @param rows names of the parameters that don't fit because of it
     */
    public record Field(String field, @Nullable Object source, @Nullable Object target, boolean same,
            List<String> rows) {
    }

    /** Differing fields first, then as the family orders them; empty where one side has no known dialect. */
    public static List<Field> of(Workspace workspace) {
        var plan = workspace.plan().orElse(null);
        var mine = workspace.recognition();
        if (plan == null || mine == null || plan.target().dialect() == null) { return List.of(); }
        var dialect = plan.target().dialect();
        var family = dialect.family();
        var fields = new ArrayList<Field>();
        for (var axis : family.names().keySet()) {
            var ours = mine.sizes().size(axis);
            var theirs = plan.target().sizes().size(axis);
            if (!family.names().getOrDefault(axis, List.of()).isEmpty() && (ours.isPresent() || theirs.isPresent())) {
                boolean same = ours.isEmpty() || theirs.isEmpty() || ours.getAsLong() == theirs.getAsLong();
                fields.add(new Field(dialect.configWords().getOrDefault(axis, family.word(axis)),
                        ours.isPresent() ? (Object) ours.getAsLong() : null,
                        theirs.isPresent() ? (Object) theirs.getAsLong() : null, same,
                        same ? List.of() : rows(plan, family, axis)));
            }
        }
        var own = Hypers.gather(mine.dialect(), workspace.source().settings(), java.util.Map.of()).values();
        var stated = Hypers.gather(dialect, workspace.targetSettings(), plan.target().hypers()).values();
        for (var hyper : family.hypers().values()) {
            if (family.names().values().stream().anyMatch(words -> words.equals(hyper.words()))) {
                continue; // a size as well: said already
            }
            var ours = own.get(hyper.name());
            var theirs = stated.get(hyper.name());
            if (ours == null && theirs == null) {
                continue;
            }
            boolean same = ours == null || theirs == null || theirs.origin() == Hyper.Origin.DIALECT_DEFAULT
                    || same(ours.value(), theirs.value());
            fields.add(new Field(dialect.configWords().getOrDefault(hyper.name(), hyper.words().getFirst()),
                    ours == null ? null : ours.value(), theirs == null ? null : theirs.value(), same, List.of()));
        }
        fields.sort(Comparator.comparing(Field::same));
        return List.copyOf(fields);
    }

    private static boolean same(Object a, Object b) {
        return a instanceof Number n && b instanceof Number m ? n.doubleValue() == m.doubleValue() : a.equals(b);
    }

    /** Rows that don't fit and in whose layout the axis stands; for the layers, rows of those one side lacks. */
    private static List<String> rows(Plan plan, Family family, String axis) {
        return plan.rows().stream().filter(r -> r.status() == Status.MISMATCH || r.status() == Status.MISSING)
                .filter(r -> speaksOf(r, family, axis)).map(r -> r.target().name()).toList();
    }

    private static boolean speaksOf(Row row, Family family, String axis) {
        var bound = row.target().bound();
        if (bound == null) { return false; }
        if (axis.equals(family.layers())) {
            return row.status() == Status.MISSING && bound.captures().containsKey(axis);
        }
        var layout = bound.entry().layout();
        var sum = layout.sum();
        return row.status() == Status.MISMATCH && Stream.concat(layout.axes().stream(),
                sum == null ? Stream.of() : sum.parts().stream().flatMap(p -> p.axes().stream()))
                .anyMatch(a -> a.equals(axis) || family.finer().getOrDefault(axis, List.of()).contains(a)
                        && !Character.isDigit(a.charAt(0)));
    }
}
