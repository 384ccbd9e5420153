package weft.prove;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import org.jspecify.annotations.Nullable;

import weft.arch.Parameter;
import weft.arch.Reading;
import weft.infer.PlanWeights;
import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Progress;
import weft.io.SourceFile;
import weft.plan.Execution;
import weft.plan.Plan;
import weft.prove.Doubt.Unit;
import weft.prove.Orientation.Answer;
import weft.prove.Orientation.Kind;
import weft.prove.Orientation.Question;
import weft.prove.Orientation.Verdict;
import weft.tensor.DType;
import weft.tensor.TensorData;
import weft.tensor.TensorSource;

/**
 * Finds out what no shape shows by looking into another checkpoint of the family, of the same dialect or another: where
 * it holds the same values, it holds them this way round or the other, in this order or another.
 */
public final class ValuesProof {
    /** Mistakes in the same tensors that are found together. */
    private static final int MOST_CHANGES = 3;

    private final Plan plan;
    private final Map<String, Parameter> parameters = new HashMap<>();
    private final PlanWeights weights;
    private final PlanWeights theirs;
    private final Map<String, Reading> stored;
    private final List<Question> questions = new ArrayList<>();
    private final List<Verdict> verdicts = new ArrayList<>();
    private final Map<String, Reading> readings = new LinkedHashMap<>();
    private final Map<Doubt, Map<Unit, String>> answers = new LinkedHashMap<>();

    private ValuesProof(Plan plan, List<TensorSource> tensors, Plan other, List<TensorSource> reference)
            throws CheckpointException {
        this.plan = plan;
        plan.target().parameters().forEach(p -> parameters.put(p.name(), p));
        weights = new PlanWeights(new Execution(plan, tensors));
        theirs = new PlanWeights(new Execution(other, reference));
        stored = Doubts.stored(plan);
    }

    /**
     * @param plan the source as a target of its own
     * @param other the reference as a target of its own, of the same family
     * @return verdicts for what the reference holds; none for other values
     */
    public static Orientation of(Plan plan, List<TensorSource> tensors, Plan other, List<TensorSource> reference,
            Progress progress) throws CheckpointException {
        return new ValuesProof(plan, tensors, other, reference).run(progress);
    }

    private Orientation run(Progress progress) throws CheckpointException {
        var doubts = Doubts.of(plan);
        var asked = new ArrayList<Asked>();
        doubts.forEach(d -> d.units().forEach(u -> asked.add(new Asked(d, u))));
        int done = 0;
        for (var together : together(asked)) {
            progress.check();
            progress.at(done, asked.size());
            done += together.size();
            if (!askTogether(together)) {
                for (var one : together) {
                    ask(one);
                }
            }
        }
        for (var doubt : doubts) {
            var found = answers.getOrDefault(doubt, Map.of());
            // One answer for all layers, or none.
            var texts = found.values().stream().distinct().toList();
            if (texts.size() == 1 && found.size() == doubt.units().size()) {
                questions.add(new Question(doubt.kind(), doubt.what(), doubt.tensors(), doubt.stored(),
                        texts.getFirst(), Double.NaN, "", Double.POSITIVE_INFINITY,
                        texts.getFirst().equals(doubt.stored()) ? Answer.RIGHT : Answer.TURNED, List.of()));
            }
        }
        return new Orientation(null, Double.NaN, Double.NaN, true, List.of(), List.copyOf(questions),
                List.copyOf(verdicts), readings);
    }

    /** One layer's part in a question. */
    private record Asked(Doubt doubt, Unit unit) {
    }

    /** Questions about the same tensors: one mistake hides the other, so they are asked together. */
    private static List<List<Asked>> together(List<Asked> asked) {
        var groups = new ArrayList<List<Asked>>();
        for (var one : asked) {
            var mine = new ArrayList<Asked>();
            for (var group : List.copyOf(groups)) {
                if (group.stream().anyMatch(
                        a -> !Collections.disjoint(a.unit().tensors(), one.unit().tensors()))) {
                    groups.remove(group);
                    mine.addAll(group);
                }
            }
            mine.add(one);
            groups.add(mine);
        }
        return groups;
    }

    /**
     * The combination of readings with the fewest changes under which all these tensors hold what the reference holds;
     * false if there is none.
     */
    private boolean askTogether(List<Asked> asked) throws CheckpointException {
        var tensors = asked.stream().flatMap(a -> a.unit().tensors().stream()).distinct().toList();
        var all = new Unit(asked.getFirst().unit().layer(), tensors);
        var combinations = new ArrayList<Map<Asked, Integer>>();
        combinations.add(Map.of());
        for (int from = 0, changes = 0; changes <= MOST_CHANGES && from < combinations.size(); changes++) {
            int to = combinations.size();
            for (; from < to; from++) {
                var ways = combinations.get(from);
                var readings = readings(ways);
                if (agrees(all, readings)) {
                    asked.forEach(a -> answer(a, ways.get(a), readings));
                    return true;
                }
                int last = ways.keySet().stream().mapToInt(asked::indexOf).max().orElse(-1);
                for (int next = last + 1; changes < MOST_CHANGES && next < asked.size(); next++) {
                    for (int way = 0; way < asked.get(next).doubt().ways().size(); way++) {
                        var more = new LinkedHashMap<>(ways);
                        more.put(asked.get(next), way);
                        combinations.add(more);
                    }
                }
            }
        }
        return false;
    }

    /** Who is who first, then how its channels lie, then which way round it is. */
    private Map<String, Reading> readings(Map<Asked, Integer> ways) {
        var readings = new LinkedHashMap<>(stored);
        for (var kind : List.of(Kind.ORDER, Kind.ROTARY, Kind.ORIENTATION)) {
            ways.forEach((asked, way) -> {
                if (asked.doubt().kind() == kind) {
                    asked.doubt().ways().get(way).change().apply(asked.unit(), readings);
                }
            });
        }
        return readings;
    }

    private void answer(Asked asked, @Nullable Integer way, Map<String, Reading> found) {
        var doubt = asked.doubt();
        answers.computeIfAbsent(doubt, _ -> new LinkedHashMap<>()).put(asked.unit(),
                way == null ? doubt.stored() : doubt.ways().get(way).text());
        for (var tensor : asked.unit().tensors()) {
            var reading = Objects.requireNonNull(found.get(tensor));
            if (way != null && !reading.equals(stored.get(tensor))) {
                readings.put(tensor, reading);
                verdicts.add(new Verdict(doubt.kind(), tensor, Answer.TURNED, Double.POSITIVE_INFINITY));
            } else if (way == null && doubt.kind() == Kind.ORIENTATION) {
                verdicts.add(new Verdict(doubt.kind(), tensor, Answer.RIGHT, Double.POSITIVE_INFINITY));
            }
        }
    }

    /** The reading under which a layer's tensors hold what the reference holds, if there is one. */
    private void ask(Asked asked) throws CheckpointException {
        var unit = asked.unit();
        if (agrees(unit, stored)) {
            answer(asked, null, stored);
            return;
        }
        for (int way = 0; way < asked.doubt().ways().size(); way++) {
            var other = readings(Map.of(asked, way));
            if (agrees(unit, other)) {
                answer(asked, way, other);
                return;
            }
        }
    }

    /** Whether all roles of these tensors, of which the reference has at least one, have its values. */
    private boolean agrees(Unit unit, Map<String, Reading> readings) throws CheckpointException {
        var read = weights.read(readings);
        boolean any = false;
        for (var tensor : unit.tensors()) {
            for (var role : roles(tensor, readings)) {
                if (theirs.has(role)) {
                    any = true;
                    if (!same(read, role)) { return false; }
                }
            }
        }
        return any;
    }

    private boolean same(PlanWeights read, String role) throws CheckpointException {
        TensorData mine;
        try {
            mine = read.role(role);
        } catch (CheckpointException e) {
            if (e.code() == Code.E_SIZE || e.code() == Code.NOT_A_FAMILY) { return false; } // heads nobody knows
            throw e;
        }
        return same(mine, theirs.role(role));
    }

    private List<String> roles(String tensor, Map<String, Reading> readings) {
        var parameter = parameters.get(tensor);
        var bound = parameter == null ? null : parameter.bound();
        var reading = readings.get(tensor);
        return bound == null || reading == null
                ? List.of()
                : reading.roles().stream().map(r -> r.render(bound.captures())).toList();
    }

    /**
     * Whether two tensors hold the same values, bit for bit if their type is one, else within the rounding of a cast
     * to the coarser type. Read row by row; the first difference ends it.
     */
    static boolean same(TensorData a, TensorData b) throws CheckpointException {
        if (!a.shape().equals(b.shape()) || !a.dtype().isReal() || !b.dtype().isReal()) { return false; }
        double half = a.dtype() == b.dtype() ? 0 : Math.max(rounding(a.dtype()), rounding(b.dtype()));
        double least = a.dtype() == b.dtype() ? 0 : Math.max(smallest(a.dtype()), smallest(b.dtype())) / 2;
        return SourceFile.guarded(() -> {
            for (long row = 0; row < (a.shape().rank() == 0 ? 1 : a.shape().dim(0)); row++) {
                var x = (a.shape().rank() == 0 ? a : a.slice(0, row, row + 1, 1)).toFloats();
                var y = (b.shape().rank() == 0 ? b : b.slice(0, row, row + 1, 1)).toFloats();
                for (int i = 0; i < x.length; i++) {
                    double difference = Math.abs((double) x[i] - y[i]);
                    if (Float.floatToRawIntBits(x[i]) != Float.floatToRawIntBits(y[i])
                            && !(half > 0 && difference <= Math.max(least,
                                    half * Math.max(Math.abs(x[i]), Math.abs(y[i]))))) {
                        return false;
                    }
                }
            }
            return true;
        });
    }

    /** Half the distance of neighbouring values, relative to them. */
    private static double rounding(DType type) {
        return switch (type) {
            case F16 -> 0x1p-11;
            case BF16 -> 0x1p-8;
            case F64, F32 -> 0x1p-24;
            default -> 0x1p-3;
        };
    }

    /** The smallest positive value. */
    private static double smallest(DType type) {
        return type == DType.F16 ? 0x1p-24 : type == DType.F32 || type == DType.F64 ? Float.MIN_VALUE : 0x1p-133;
    }
}
