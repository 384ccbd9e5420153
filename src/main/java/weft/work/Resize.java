package weft.work;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import weft.arch.Architecture;
import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.name.Pattern;
import weft.plan.Kind;
import weft.plan.Plan;
import weft.plan.Producer;
import weft.plan.Row;
import weft.plan.Status;
import weft.rule.ArrowText;
import weft.rule.Op;
import weft.rule.Pad;
import weft.rule.Rule;
import weft.rule.SizeExpr;
import weft.rule.Slice;
import weft.tensor.TensorInfo;
import weft.text.Texts;

/**
 * Another vocabulary or another context length, made to fit because a person said how: rows are cut off at the end, or
 * added there. Embedding, head and positions go together, since each rule names the size and not a number. Cutting
 * positions off is exact for texts that are no longer; adding any, and adding tokens nobody trained, is not.
 */
public final class Resize {
    /** Tokens that are named. */
    private static final int MOST_TOKENS = 5;

    private Resize() {
    }

    /**
     * How rows are filled that the source doesn't have.
     *
     * @param words as in a rule: {@code zero}, {@code mean}, {@code row 3}, {@code normal(42)}
     * @throws CheckpointException {@code BAD_ARGUMENT}
     */
    public static Pad.Filling filling(String words) throws CheckpointException {
        try {
            if (ArrowText.ops("pad @0 to 1 " + words).getFirst() instanceof Pad pad) { return pad.filling(); }
        } catch (CheckpointException e) {
            // said below
        }
        throw Problem.of(Code.BAD_ARGUMENT).field("--resize").found(words)
                .expected("zero | mean | row k | normal(seed, deviation)").asException();
    }

    /** The workspace with rules that resize whatever differs in nothing but the vocabulary or the context. */
    public static Workspace resized(Workspace ready, Pad.Filling filling) throws CheckpointException {
        var plan = ready.plan().orElseThrow(() -> Problem.of(Code.UNKNOWN_TARGET).asException());
        var changed = new LinkedHashMap<Rule, Rule>();
        var added = new ArrayList<Rule>();
        for (var row : plan.rows()) {
            if (row.status() != Status.MISMATCH || row.kind() != Kind.VOCABULARY && row.kind() != Kind.CONTEXT) {
                continue;
            }
            var suggested = row.rule() != null ? null : suggested(plan, row);
            var ops = row.target().bound() == null ? plain(plan, row, suggested, filling) : ops(plan, row, filling);
            if (ops.isEmpty()) {
                continue;
            }
            if (row.rule() instanceof Rule.Map map) {
                changed.merge(map, with(map, row.target().name(), ops),
                        (before, _) -> with((Rule.Map) before, row.target().name(), ops));
            } else if (suggested != null) {
                added.add(with(suggested, row.target().name(), ops));
            } else
                if (row.rule() == null && row.sources().size() == 1
                        && row.sources().getFirst().name().equals(row.target().name())) {
                            var name = Pattern.literal(row.target().name());
                            added.add(new Rule.Map(List.of(Rule.Branch.of(name)), ops, List.of(Rule.Branch.of(name))));
                        }
        }
        var all = new ArrayList<Rule>();
        ready.rules().rules().forEach(r -> all.add(changed.getOrDefault(r, r)));
        all.addAll(added);
        return ready.withRules(ready.rules().with(all));
    }

    /** The rule with these ops behind what it makes for one of its targets, once. */
    private static Rule with(Rule.Map map, String parameter, List<Op> ops) {
        var to = new ArrayList<Rule.Branch>();
        for (var branch : map.to()) {
            boolean mine = branch.name().match(parameter).isPresent() && !branch.ops().containsAll(ops);
            var mineOps = new ArrayList<>(branch.ops());
            mineOps.addAll(ops);
            to.add(mine ? new Rule.Branch(branch.source(), branch.name(), mineOps) : branch);
        }
        return new Rule.Map(map.from(), map.ops(), to);
    }

    /** What resizes each axis that differs; empty if an axis isn't a dimension of its own. */
    private static List<Op> ops(Plan plan, Row row, Pad.Filling filling) {
        var dialect = plan.target().dialect();
        var recognition = plan.source().recognition();
        var bound = row.target().bound();
        if (dialect == null || recognition == null || bound == null) { return List.of(); }
        var family = dialect.family();
        var layout = bound.entry().layout();
        var ops = new ArrayList<Op>();
        for (var axis : List.of(family.vocabulary(), family.context())) {
            var mine = Architecture.size(recognition.dialect(), recognition.sizes(), axis);
            var theirs = plan.target().size(axis);
            if (axis.isEmpty() || mine.isEmpty() || theirs.isEmpty() || mine.getAsLong() == theirs.getAsLong()) {
                continue;
            }
            for (int dim = 0; dim < layout.rank(); dim++) {
                if (layout.axes(dim).equals(List.of(axis))) {
                    var size = SizeExpr.parse(family.word(axis));
                    ops.add(theirs.getAsLong() < mine.getAsLong()
                            ? Slice.first(dim, size)
                            : new Pad(dim, size, false, filling));
                }
            }
        }
        return ops;
    }

    /** The rule that would make a parameter nobody gave one for, but for its rows. */
    private static Rule.@Nullable Map suggested(Plan plan, Row row) {
        return plan.suggestions().rules().stream().filter(r -> r instanceof Rule.Map).map(r -> (Rule.Map) r)
                .filter(m -> m.from().size() == 1 && m.to().size() == 1
                        && m.to().getFirst().name().match(row.target().name()).isPresent())
                .findFirst().orElse(null);
    }

    /** The same where no dialect has words for the axes: numbers. */
    private static List<Op> plain(Plan plan, Row row, Rule.@Nullable Map suggested, Pad.Filling filling)
            throws CheckpointException {
        var shapes = row.sources().stream().map(TensorInfo::shape).toList();
        var made = row.producer() instanceof Producer.FromSources from
                ? from.chain().shapes(shapes, plan.sizes()).get(from.target())
                : suggested != null ? suggested.chain().shapes(shapes, plan.sizes()).getFirst() : shapes.getFirst();
        var wanted = row.target().shape();
        var ops = new ArrayList<Op>();
        for (int axis = 0; axis < made.rank() && made.rank() == wanted.rank(); axis++) {
            if (made.dim(axis) != wanted.dim(axis)) {
                var size = SizeExpr.of(wanted.dim(axis));
                ops.add(wanted.dim(axis) < made.dim(axis)
                        ? Slice.first(axis, size)
                        : new Pad(axis, size, false, filling));
            }
        }
        return ops;
    }

    /** What a report says of one tensor whose rows differ. */
    public static Map<String, Object> describe(RowsReport.Difference difference, RowsReport.Whole whole) {
        var fields = new LinkedHashMap<String, Object>();
        fields.put("tensor", difference.tensor());
        fields.put("kind", difference.kind().id());
        fields.put("axis", difference.axis());
        fields.put("sourceRows", difference.sourceRows());
        fields.put("targetRows", difference.targetRows());
        fields.put("side", difference.sourceRows() > difference.targetRows() ? "source" : "target");
        fields.put("rows", List.of(Math.min(difference.sourceRows(), difference.targetRows()),
                Math.max(difference.sourceRows(), difference.targetRows()) - 1));
        fields.put("purpose", RowsReport.purpose(difference, whole).id());
        var tokens = RowsReport.tokens(difference, whole, MOST_TOKENS);
        if (!tokens.isEmpty()) {
            fields.put("tokens", tokens);
        }
        if (difference.extra() != null) {
            fields.put("extra", difference.extra().id());
            fields.put("norms", List.of(difference.least(), difference.most()));
            fields.put("usualNorm", difference.usual());
        }
        return fields;
    }

    /** Counts of a tokenizer, {@code null} if there is none. */
    public static @Nullable Map<String, Object> describe(java.util.Optional<Vocabulary> tokens) {
        return tokens.map(t -> {
            var fields = new LinkedHashMap<String, Object>();
            fields.put("base", t.base().size());
            fields.put("added", t.added().size());
            fields.put("all", t.all());
            return fields;
        }).orElse(null);
    }

    /** The same in sentences: which rows, which side, what they are for; then the tokenizers. */
    public static List<String> lines(RowsReport.Whole whole, Texts texts) {
        if (whole.differences().isEmpty()) { return List.of(); }
        var lines = new ArrayList<String>();
        for (var difference : whole.differences()) {
            boolean source = difference.sourceRows() > difference.targetRows();
            long from = Math.min(difference.sourceRows(), difference.targetRows());
            long to = Math.max(difference.sourceRows(), difference.targetRows());
            var purpose = RowsReport.purpose(difference, whole);
            var tokens = RowsReport.tokens(difference, whole, MOST_TOKENS + 1);
            var names = String.join(" ", tokens.stream().limit(MOST_TOKENS).map(Texts::shown).toList())
                    + (tokens.size() > MOST_TOKENS ? " …" : "");
            lines.add(texts.get(source ? "rows.source" : "rows.target", "tensor", Texts.shown(difference.tensor()), "n",
                    to - from, "first", from, "last", to - 1, "purpose",
                    texts.get("rows.purpose." + purpose.id(), "tokens", names), "values",
                    difference.extra() == null
                            ? null
                            : texts.get("rows.extra." + difference.extra().id(), "least",
                                    texts.decimal(difference.least(), 3), "most", texts.decimal(difference.most(), 3),
                                    "usual", texts.decimal(difference.usual(), 3))));
        }
        boolean vocabulary = whole.differences().stream().anyMatch(d -> d.kind() == Kind.VOCABULARY);
        boolean context = whole.differences().stream().anyMatch(d -> d.kind() == Kind.CONTEXT);
        if (vocabulary) {
            whole.source().ifPresent(t -> lines.add(count("rows.tokenizer.source", t, texts)));
            whole.target().ifPresent(t -> lines.add(count("rows.tokenizer.target", t, texts)));
            if (whole.source().isPresent() && whole.target().isPresent()) {
                long different = whole.source().get().differences(whole.target().get());
                lines.add(different == 0
                        ? texts.get("rows.tokenizer.same")
                        : texts.get("rows.tokenizer.differ", "n", different));
            }
        }
        lines.add(texts.get(context ? "rows.next.context" : "rows.next"));
        return lines;
    }

    private static String count(String key, Vocabulary tokens, Texts texts) {
        return texts.get(key, "base", tokens.base().size(), "added",
                tokens.added().isEmpty() ? null : tokens.added().size(), "all", tokens.all());
    }
}
