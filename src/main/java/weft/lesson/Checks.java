package weft.lesson;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Progress;
import weft.lesson.Finding.What;
import weft.plan.Evidence;
import weft.plan.Plan;
import weft.plan.Producer;
import weft.plan.Row;
import weft.rule.Op;
import weft.tensor.TensorInfo;
import weft.work.Workspace;

/** Holds a task's checks against what a person has on the table. */
public final class Checks {
    private Checks() {
    }

    /**
     * What a person has done so far.
     *
     * @param workspace or {@code null} if nothing is open
     * @param answer the choice, counted from 1; 0 for none
     */
    public record Standing(@Nullable Workspace workspace, int answer) {
    }

    /**
     * One finding a check, in their order.
     *
     * @throws CheckpointException {@code CANCELLED}, or a file that can no longer be read
     */
    public static List<Finding> of(Lesson lesson, Standing standing, Progress progress) throws CheckpointException {
        var findings = new ArrayList<Finding>();
        for (var check : lesson.task()) {
            progress.check();
            findings.add(of(check, lesson, standing, progress));
        }
        return findings;
    }

    private static Finding of(Check check, Lesson lesson, Standing standing, Progress progress)
            throws CheckpointException {
        if (check instanceof Check.Answer) { return answer(lesson, standing); }
        if (check instanceof Check.Any any) {
            Finding first = null;
            for (var each : any.of()) {
                var finding = of(each, lesson, standing, progress);
                if (finding.passed()) { return finding; }
                first = first == null ? finding : first;
            }
            return first == null ? Finding.bad(What.NOTHING_OPEN, null, null, null) : first;
        }
        var workspace = standing.workspace();
        if (workspace == null) { return Finding.bad(What.NOTHING_OPEN, null, null, null); }
        if (check instanceof Check.Loss loss) { return loss(loss, workspace, progress); }
        var plan = workspace.plan().orElse(null);
        if (plan == null) { return Finding.bad(What.NOTHING_OPEN, null, null, null); }
        return switch (check) {
            case Check.Complete _ -> complete(plan);
            case Check.Target target -> target(target, plan);
            case Check.Rows rows -> rows(rows, plan);
            case Check.Cell cell -> cell(cell, plan);
            case Check.Given given -> workspace.rules().rules().contains(given.rule())
                    ? Finding.good(What.GIVEN, Workspace.text(given.rule()), null)
                    : Finding.bad(What.GIVEN, null, null, null);
            case Check.Loss _,Check.Answer _,Check.Any _ -> throw new IllegalStateException(check.toString());
        };
    }

    private static Finding answer(Lesson lesson, Standing standing) {
        var said = standing.answer() < 1 ? null : letter(standing.answer());
        return standing.answer() == lesson.answer()
                ? Finding.good(What.ANSWER, null, said)
                : Finding.bad(What.ANSWER, null, said, null);
    }

    /** 1 is A. */
    public static String letter(int choice) {
        return Character.toString('A' + choice - 1);
    }

    private static Finding complete(Plan plan) {
        var open = plan.open();
        if (plan.isComplete()) {
            return Finding.good(What.COMPLETE, null, plan.rows().stream().filter(r -> r.target().required()).count());
        }
        return Finding.bad(What.COMPLETE, open.isEmpty() ? null : open.getFirst().target().name(), open.size(), null);
    }

    private static Finding target(Check.Target wanted, Plan plan) {
        var dialect = plan.target().dialect();
        var id = dialect == null ? plan.target().name() : dialect.id();
        return id.equals(wanted.dialect())
                ? Finding.good(What.TARGET, null, id)
                : Finding.bad(What.TARGET, null, id, wanted.dialect());
    }

    private static Finding rows(Check.Rows wanted, Plan plan) {
        var rows = plan.rows().stream().filter(r -> wanted.parameter().match(r.target().name()).isPresent()).toList();
        if (rows.isEmpty()) { return Finding.bad(What.NO_ROW, wanted.parameter().toString(), null, null); }
        for (var row : rows) {
            var name = row.target().name();
            boolean good = wanted.status().isEmpty()
                    ? row.status().isReady()
                    : wanted.status().contains(row.status());
            if (!good) { return Finding.bad(What.ROW, name, row.status().id(), null); }
            if (wanted.kind() != null && wanted.kind() != row.kind()) {
                return row.kind() == null
                        ? Finding.bad(What.ROW, name, row.status().id(), null)
                        : Finding.bad(What.KIND, name, row.kind().id(), null);
            }
            if (wanted.ops() != null && !are(row.ops(), wanted.ops())) {
                return Finding.bad(What.OPS, name, row.ops().isEmpty()
                        ? null
                        : row.ops().stream().map(Op::toString).collect(Collectors.joining(" | ")), null);
            }
            if (wanted.proved() && row.evidence() != Evidence.VALUES && row.evidence() != Evidence.FORWARD) {
                return Finding.bad(What.PROVED, name, row.evidence().id(), null);
            }
        }
        return Finding.good(wanted.proved() ? What.PROVED : What.ROW, rows.getFirst().target().name(), rows.size());
    }

    /** Whether ops are those that are wanted: the word that begins each, and whatever more is said of it. */
    private static boolean are(List<Op> ops, List<String> wanted) {
        if (ops.size() != wanted.size()) { return false; }
        for (int i = 0; i < ops.size(); i++) {
            var said = List.of(ops.get(i).toString().split("[ ,]+"));
            var words = List.of(wanted.get(i).strip().split(" +"));
            if (!words.getFirst().equals(Check.word(ops.get(i)))
                    || !said.containsAll(words.subList(1, words.size()))) {
                return false;
            }
        }
        return true;
    }

    private static Finding cell(Check.Cell wanted, Plan plan) throws CheckpointException {
        var row = plan.row(wanted.parameter()).orElse(null);
        if (row == null) { return Finding.bad(What.NO_ROW, wanted.parameter(), null, null); }
        var place = origin(row, wanted, plan);
        var where = wanted.parameter() + wanted.at();
        if (place == null) { return Finding.bad(What.CELL, where, null, null); }
        return place.equals(wanted.tensor() + wanted.from())
                ? Finding.good(What.CELL, where, place)
                : Finding.bad(What.CELL, where, place, null);
    }

    /** {@code tensor[3, 5]}; {@code null} where nothing of the file ends up there. */
    private static @Nullable String origin(Row row, Check.Cell wanted, Plan plan) {
        if (!row.status().isReady() || !(row.producer() instanceof Producer.FromSources from)) { return null; }
        var index = wanted.at().stream().mapToLong(Long::longValue).toArray();
        var shape = row.target().shape();
        if (index.length != shape.rank()) { return null; }
        for (int i = 0; i < index.length; i++) {
            if (index[i] < 0 || index[i] >= shape.dim(i)) { return null; }
        }
        try {
            var place = from.chain().origin(from.target(), index,
                    row.sources().stream().map(TensorInfo::shape).toList(), plan.sizes());
            return place.isNowhere() ? null : from.sources().get(place.tensor()) + Arrays.toString(place.index());
        } catch (CheckpointException e) {
            return null; // a chain that doesn't work out makes nothing
        }
    }

    private static Finding loss(Check.Loss wanted, Workspace workspace, Progress progress) throws CheckpointException {
        try {
            var text = workspace.fixedText(null);
            var mean = workspace.run(null).loss(text.text(), progress).mean();
            var found = String.format(Locale.ROOT, "%.2f", mean);
            return mean < wanted.below()
                    ? new Finding(What.LOSS, true, text.name(), found, number(wanted.below()))
                    : Finding.bad(What.LOSS, text.name(), found, number(wanted.below()));
        } catch (CheckpointException e) {
            if (e.code() == Code.CANCELLED) { throw e; }
            var open = workspace.plan().map(Plan::open).orElse(List.of());
            return Finding.bad(What.NOT_RUNNING, open.isEmpty() ? null : open.getFirst().target().name(), null, null);
        }
    }

    private static String number(double value) {
        return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
    }
}
