package weft.work;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import weft.arch.Dialect;
import weft.arch.Family;
import weft.arch.Hypers;
import weft.arch.Recognition;
import weft.io.Code;
import weft.io.Problem;
import weft.plan.Kind;
import weft.plan.Plan;
import weft.plan.Row;
import weft.rule.Rule;
import weft.tensor.AxisSizes;

/** What there is to say of a source and its target as a whole, before anybody looks at single rows. */
public final class Findings {
    private Findings() {
    }

    /**
     * Another model or another size of it ({@code OTHER_MODEL}), names a known mistake has made ({@code MISNAMED}),
     * and what {@link #leftBehind} tells. Empty without a target.
     */
    public static List<Problem> of(Workspace workspace) {
        var plan = workspace.plan().orElse(null);
        if (plan == null) { return List.of(); }
        var findings = new ArrayList<Problem>();
        otherModel(plan).ifPresent(findings::add);
        misnamed(plan).ifPresent(findings::add);
        findings.addAll(leftBehind(workspace));
        return List.copyOf(findings);
    }

    /**
     * Numbers the model computes with and the target's dialect has no place for ({@code ROPE_NOT_CARRIED},
     * {@code WINDOW_NOT_CARRIED}): what is written computes something else, though every weight is right.
     */
    public static List<Problem> leftBehind(Workspace workspace) {
        var plan = workspace.plan().orElse(null);
        if (plan == null) { return List.of(); }
        var hypers = workspace.hypers().orElse(null);
        return Stream.of(ropeNotCarried(plan), windowNotCarried(plan, hypers)).flatMap(Optional::stream)
                .toList();
    }

    /** Whether a row says no more than that the models differ in size. */
    public static boolean isExplained(Row row, List<Problem> findings) {
        return row.kind() == Kind.OTHER_MODEL_SIZE && findings.stream().anyMatch(f -> f.code() == Code.OTHER_MODEL);
    }

    private static Optional<Problem> otherModel(Plan plan) {
        var source = plan.source().recognition();
        var target = plan.target().dialect();
        if (source == null || target == null) { return Optional.empty(); }
        var mine = source.dialect().family();
        var theirs = target.family();
        if (!mine.name().equals(theirs.name())) {
            return Optional.of(Problem.of(Code.OTHER_MODEL).found(mine.title()).expected(theirs.title()));
        }
        return otherSize(mine, source.sizes(), plan.target().sizes());
    }

    /** Whether two checkpoints are of other families or of other sizes of one: {@code OTHER_MODEL}; empty if not known. */
    static Optional<Problem> otherModel(Model one, Model other) {
        var a = one.recognition();
        var b = other.recognition();
        if (a == null || b == null) { return Optional.empty(); }
        var mine = a.dialect().family();
        var theirs = b.dialect().family();
        return mine.name().equals(theirs.name())
                ? otherSize(mine, a.sizes(), b.sizes())
                : Optional.of(Problem.of(Code.OTHER_MODEL).found(mine.title()).expected(theirs.title()));
    }

    private static Optional<Problem> otherSize(Family family, AxisSizes mine, AxisSizes theirs) {
        var differing = differing(family, mine, theirs);
        if (differing.isEmpty()) { return Optional.empty(); }
        return Optional.of(Problem.of(Code.OTHER_MODEL)
                .found(family.called(mine).orElseGet(() -> described(family, differing, mine)))
                .expected(family.called(theirs).orElseGet(() -> described(family, differing, theirs))));
    }

    /** The widths in which two models of a family differ, and the layers; rows of tokens or positions make no other model. */
    private static List<String> differing(Family family, AxisSizes mine, AxisSizes theirs) {
        var axes = new ArrayList<>(family.widths());
        axes.add(family.layers());
        axes.removeIf(axis -> family.names().getOrDefault(axis, List.of()).isEmpty());
        return axes.stream().filter(axis -> {
            var a = mine.size(axis);
            var b = theirs.size(axis);
            return a.isPresent() && b.isPresent() && a.getAsLong() != b.getAsLong();
        }).toList();
    }

    private static String described(Family family, List<String> axes, AxisSizes sizes) {
        return family.title() + " (" + String.join(", ",
                axes.stream().map(axis -> family.word(axis) + " " + sizes.size(axis).orElse(0)).toList()) + ")";
    }

    /** A blanket {@code weight → gamma}: in the source's own names, or in a rule that gives the target's. */
    private static Optional<Problem> misnamed(Plan plan) {
        var source = plan.source().recognition();
        var names = source == null ? List.<String>of() : source.misnamed();
        if (source != null && !names.isEmpty()) { return Optional.of(misnamed(source, names)); }
        var dialect = plan.target().dialect();
        return dialect == null
                ? Optional.empty()
                : plan.rules().rules().stream().flatMap(r -> plan.source().tensors()
                        .stream().map(t -> given(r, t.name(), dialect)).filter(java.util.Objects::nonNull)).findFirst();
    }

    private static Problem misnamed(Recognition source, List<String> names) {
        var first = java.util.Objects.requireNonNull(source.bound().get(names.getFirst()));
        return Problem.of(Code.MISNAMED).field(names.getFirst()).found(names.size())
                .expected(first.entry().name().render(first.captures()));
    }

    private static @Nullable Problem given(Rule rule, String tensor, Dialect dialect) {
        if (!(rule instanceof Rule.Map map) || map.from().size() != 1) { return null; }
        var captures = map.from().getFirst().name().match(tensor);
        if (captures.isEmpty()) { return null; }
        for (var to : map.to()) {
            String name;
            try {
                name = to.name().render(captures.get());
            } catch (IllegalArgumentException e) {
                continue;
            }
            for (var entry : dialect.tensors()) {
                for (var mistaken : entry.mistaken()) {
                    var layers = mistaken.match(name);
                    if (layers.isPresent()) {
                        return Problem.of(Code.MISNAMED).field(name).expected(entry.name().render(layers.get()));
                    }
                }
            }
        }
        return null;
    }

    /** Llama 3's stretched frequencies as GGUF's tensor, from which the numbers of other dialects don't follow. */
    private static Optional<Problem> ropeNotCarried(Plan plan) {
        var source = plan.source().recognition();
        var dialect = plan.target().dialect();
        if (source == null || dialect == null || !dialect.family().hypers().containsKey("ropeKind")) {
            return Optional.empty();
        }
        var factors = source.bound().entrySet().stream()
                .filter(e -> e.getValue().roles().contains(RotaryDivisors.ROLE)).map(java.util.Map.Entry::getKey)
                .findFirst();
        boolean wanted = plan.target().parameters().stream()
                .anyMatch(p -> p.bound() != null && p.bound().roles().contains(RotaryDivisors.ROLE));
        return factors.isPresent() && !wanted
                ? Optional.of(Problem.of(Code.ROPE_NOT_CARRIED).found(factors.get()).expected(dialect.id()))
                : Optional.empty();
    }

    /**
     * A sliding window is a number of the configuration and nothing else. One as long as the context looks at
     * everything, and is no loss.
     */
    private static Optional<Problem> windowNotCarried(Plan plan, @Nullable Hypers hypers) {
        var dialect = plan.target().dialect();
        if (plan.source().recognition() == null || dialect == null || hypers == null) { return Optional.empty(); }
        var window = number(hypers, "window");
        var context = number(hypers, "context");
        var words = dialect.configWords();
        boolean used = window.isPresent() && !isSaid(hypers, "windowUsed", "false")
                && (context.isEmpty() || window.getAsLong() < context.getAsLong());
        // Which layers have it: all of them where the target has one number and no more.
        boolean some = isSaid(hypers, "windowUsed", "true") || hypers.list("windowLayers").contains("full_attention");
        return used && (!words.containsKey("window") || some && !words.containsKey("windowUsed"))
                ? Optional.of(Problem.of(Code.WINDOW_NOT_CARRIED).found(window.getAsLong()).expected(dialect.id()))
                : Optional.empty();
    }

    private static OptionalLong number(Hypers hypers, String name) {
        var hyper = hypers.values().get(name);
        return hyper != null && hyper.value() instanceof Number n
                ? OptionalLong.of(n.longValue())
                : OptionalLong.empty();
    }

    private static boolean isSaid(Hypers hypers, String name, String value) {
        var hyper = hypers.values().get(name);
        return hyper != null && String.valueOf(hyper.value()).equals(value);
    }
}
