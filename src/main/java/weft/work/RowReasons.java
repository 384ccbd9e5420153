package weft.work;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

import weft.arch.Parameter;
import weft.plan.Evidence;
import weft.plan.Plan;
import weft.plan.Row;
import weft.prove.Orientation;
import weft.rule.Rule;
import weft.tensor.Layout;
import weft.tensor.TensorInfo;
import weft.text.Texts;

/** Why a planned row is as it is, in sentences: what both names stand for, where its rule comes from, what proved it. */
public final class RowReasons {
    private RowReasons() {
    }

    /**
     * All there is to say of a row, what the names say first.
     *
     * @param proof what the last proof found, or {@code null}
     */
    public static List<String> of(Plan plan, Row row, Proved proof, Texts texts) {
        return of(plan, List.of(row), proof, texts);
    }

    /** The same of rows that one tensor feeds together. */
    public static List<String> of(Plan plan, List<Row> rows, Proved proof, Texts texts) {
        var row = rows.getFirst();
        var lines = new ArrayList<String>();
        roles(plan, row, rows.size(), texts).ifPresent(lines::add);
        guessed(plan, row, texts).ifPresent(lines::add);
        origin(plan, row, texts).ifPresent(lines::add);
        evidence(plan, row, texts).ifPresent(lines::add);
        if (proof != null) {
            row.sources().stream().map(TensorInfo::name).distinct().forEach(t -> proved(t, proof, texts, lines));
        }
        return List.copyOf(lines);
    }

    /** What a rule's rows have in common, in one line: for a list of rules. */
    public static String ofRule(Plan plan, Row first, Texts texts) {
        var lines = new ArrayList<String>();
        guessed(plan, first, texts).ifPresent(lines::add);
        origin(plan, first, texts).ifPresent(lines::add);
        evidence(plan, first, texts).ifPresent(lines::add);
        return String.join(texts.get("reason.gap"), lines);
    }

    /** What a dialect's names say: both are the same thing, laid out so and so. */
    private static Optional<String> roles(Plan plan, Row row, int together, Texts texts) {
        var recognised = plan.source().recognition();
        var mine = row.target().bound();
        if (recognised == null || mine == null || row.sources().isEmpty()) { return Optional.empty(); }
        var theirs = recognised.bound().get(row.sources().getFirst().name());
        if (theirs == null) { return Optional.empty(); }
        var role = String.join(", ", mine.roles());
        boolean alike = theirs.roles().containsAll(mine.roles()) || mine.roles().containsAll(theirs.roles());
        if (!alike) {
            return Optional.of(texts.get("reason.otherRole", "tensor", Texts.shown(row.sources().getFirst().name()),
                    "found", String.join(", ", theirs.roles()), "parameter", Texts.shown(row.target().name()), "role",
                    role));
        }
        var said = theirs.roles().size() > mine.roles().size()
                ? together > 1
                        ? texts.get("reason.parts", "n", theirs.roles().size())
                        : texts.get("reason.part", "role", role, "n", theirs.roles().size())
                : mine.roles().size() > theirs.roles().size()
                        ? texts.get("reason.whole", "n", mine.roles().size())
                        : texts.get("reason.role", "role", role);
        return Optional.of(said + texts.get("reason.gap") + layouts(theirs, mine, texts));
    }

    private static String layouts(Parameter.Bound source, Parameter.Bound target, Texts texts) {
        var from = text(source.entry().layout());
        var to = text(target.entry().layout());
        return from.equals(to)
                ? texts.get("reason.sameLayout", "layout", to)
                : texts.get("reason.layout", "source", from, "target", to);
    }

    /** A layout whose parts are called by what tells them apart: {@code 1 d [q|k|v]}. */
    private static String text(Layout layout) {
        var sum = layout.sum();
        if (sum == null) { return layout.toString(); }
        var names = sum.parts().stream().map(p -> p.label().split("\\.")).toList();
        int least = names.stream().mapToInt(n -> n.length).min().orElse(0);
        int before = 0;
        while (before < least - 1 && allAlike(names, before)) {
            before++;
        }
        int after = 0;
        while (after < least - 1 - before && allAlike(names, -1 - after)) {
            after++;
        }
        int from = before;
        int to = after;
        return layout.withParts(p -> {
            var words = p.label().split("\\.");
            return new Layout.Part(String.join(".", Arrays.asList(words).subList(from, words.length - to)), p.shown(),
                    p.axes());
        }).toString();
    }

    /** @param at counted from the end where it is negative */
    private static boolean allAlike(List<String[]> names, int at) {
        return names.stream().map(n -> n[at < 0 ? n.length + at : at]).distinct().count() == 1;
    }

    /** What was compared where no dialect knows the names. */
    private static Optional<String> guessed(Plan plan, Row row, Texts texts) {
        return row.rule() == null
                ? Optional.empty()
                : Reasons.of(Reasons.of(plan), row.target().name())
                        .map(r -> texts.get("reason.guessed", "why", Reasons.sentence(r, texts)));
    }

    /** Who gave the rule. */
    private static Optional<String> origin(Plan plan, Row row, Texts texts) {
        var rule = row.rule();
        if (rule == null) { return Optional.empty(); }
        int number = plan.rules().rules().indexOf(rule) + 1;
        if (number == 0) { return Optional.empty(); }
        boolean suggested = plan.suggestions().rules().stream().anyMatch(s -> saysTheSame(s, rule, row));
        return Optional.of(texts.get(suggested ? "reason.accepted" : "reason.own", "n", number));
    }

    /** Whether a suggestion would make this row just as the rule does, though perhaps other rows too. */
    private static boolean saysTheSame(Rule suggested, Rule rule, Row row) {
        if (suggested.equals(rule)) { return true; }
        var captures = suggested.targets().stream().flatMap(t -> t.match(row.target().name()).stream()).findFirst();
        if (captures.isEmpty()) { return false; }
        return switch (suggested) {
            case Rule.Map a when rule instanceof Rule.Map b -> a.ops().equals(b.ops())
                    && a.from().size() == b.from().size() && a.to().size() == b.to().size()
                    && ops(a.from()).equals(ops(b.from())) && ops(a.to()).equals(ops(b.to()))
                    && place(a.to(), row.target().name()) == place(b.to(), row.target().name())
                    && row.sources().stream().allMatch(
                            s -> a.from().stream().anyMatch(f -> f.name().match(s.name())
                                    .filter(c -> agree(c, captures.get())).isPresent())
                                    && place(a.from(), s.name()) == place(b.from(), s.name()));
            case Rule.Tie a when rule instanceof Rule.Tie b -> a.write() == b.write();
            case Rule.Init a when rule instanceof Rule.Init b -> a.fill() == b.fill() && a.value() == b.value();
            case Rule.Keep _ -> rule instanceof Rule.Keep;
            default -> false;
        };
    }

    /** Which of the branches a name belongs to: parts in another order are other parts. */
    private static int place(List<Rule.Branch> branches, String name) {
        for (int i = 0; i < branches.size(); i++) {
            if (branches.get(i).name().match(name).isPresent()) { return i; }
        }
        return -1;
    }

    private static boolean agree(Map<String, String> a, Map<String, String> b) {
        return a.entrySet().stream().allMatch(e -> e.getValue().equals(b.getOrDefault(e.getKey(), e.getValue())));
    }

    private static List<List<weft.rule.Op>> ops(List<Rule.Branch> branches) {
        return branches.stream().map(Rule.Branch::ops).toList();
    }

    private static Optional<String> evidence(Plan plan, Row row, Texts texts) {
        if (row.evidence() == Evidence.NONE) { return Optional.empty(); }
        var recognised = plan.source().recognition();
        return Optional.of(texts.get("reason.evidence", "evidence", texts.evidence(row.evidence().id()), "dialect",
                recognised == null || row.evidence() != Evidence.CONVENTION ? null : recognised.dialect().id()));
    }

    /** What a proof says of a tensor: how much is lost when it is read the other way. */
    private static void proved(String tensor, Proved proof, Texts texts, List<String> lines) {
        verdict(proof.values(), tensor).filter(v -> v.answer() != Orientation.Answer.TOO_CLOSE)
                .ifPresent(v -> lines.add(texts.get(v.answer() == Orientation.Answer.RIGHT
                        ? "reason.values.right"
                        : "reason.values.otherwise")));
        var forward = proof.forward();
        verdict(forward, tensor).ifPresent(v -> lines.add(texts.get(switch (v.answer()) {
            case RIGHT -> "reason.forward.right";
            case TURNED -> "reason.forward.otherwise";
            case TOO_CLOSE -> "reason.forward.close";
        }, "margin", String.format(Locale.ROOT, "%.3f", Math.abs(v.margin())), "text",
                forward == null || forward.text() == null || forward.text().equals("built-in")
                        ? texts.get("reason.builtIn")
                        : forward.text(),
                "needed", Double.toString(Orientation.MARGIN))));
    }

    private static Optional<Orientation.Verdict> verdict(@Nullable Orientation found, String tensor) {
        return found == null
                ? Optional.empty()
                : found.verdicts().stream().filter(v -> v.tensor().equals(tensor)).findFirst();
    }
}
