package weft.prove;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;

import org.ejml.data.FMatrixRMaj;
import org.jspecify.annotations.Nullable;

import weft.arch.Dialect;
import weft.arch.Family;
import weft.arch.Hypers;
import weft.infer.Generator;
import weft.infer.Kernels;
import weft.infer.LanguageModel;
import weft.infer.Models;
import weft.infer.PlanWeights;
import weft.infer.Sampling;
import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.io.Progress;
import weft.io.SourceFile;
import weft.name.NaturalOrder;
import weft.name.Pattern;
import weft.plan.Execution;
import weft.plan.Plan;
import weft.prove.Verification.Module;
import weft.prove.Verification.Rung;
import weft.prove.Verification.Step;
import weft.prove.Verification.Top;
import weft.tensor.TensorData;
import weft.tensor.TensorSource;

/**
 * Compares two checkpoints as models, each in its own dialect: names, shapes, values, every module's activations,
 * logits, text. Each module also runs alone, fed what A's got, so that two independent faults are both found.
 */
public final class Verifier {
    private static final int TOP = 10;
    private static final int CONTINUATION = 20;

    private final Side a;
    private final Side b;
    private final @Nullable Family family;
    private final Progress progress;
    private final List<Step> ladder = new ArrayList<>();

    /**
     * A checkpoint.
     *
     * @param plan it as a target of its own, or {@code null} if its dialect isn't known
     * @param hypers the numbers no shape shows; {@code null} likewise
     */
    public record Side(@Nullable Plan plan, List<TensorSource> tensors, @Nullable Hypers hypers) {
        private @Nullable Family family() {
            return plan == null || plan.target().dialect() == null ? null : plan.target().dialect().family();
        }
    }

    private Verifier(Side a, Side b, Progress progress) {
        this.a = a;
        this.b = b;
        this.progress = progress;
        var mine = a.family();
        var theirs = b.family();
        family = mine != null && theirs != null && mine.name().equals(theirs.name()) ? mine : null;
    }

    /**
     * @param ids what both are run on; at most as many as fit both contexts are used
     * @throws CheckpointException {@code CANCELLED}, or bytes that can't be read
     */
    public static Verification verify(Side a, Side b, int[] ids, Progress progress) throws CheckpointException {
        return new Verifier(a, b, progress).run(ids);
    }

    private Verification run(int[] ids) throws CheckpointException {
        var mine = tensors(a);
        var theirs = tensors(b);
        names(mine, theirs);
        var common = mine.keySet().stream().filter(theirs::containsKey).sorted(NaturalOrder.INSTANCE).toList();
        var alike = shapes(common, mine, theirs);
        values(alike, mine, theirs);
        LanguageModel first;
        LanguageModel second;
        try {
            first = model(a);
            second = model(b);
        } catch (CheckpointException e) {
            return broken(e, Rung.MODULES);
        }
        var used = ids(ids, first, second);
        return compute(first, second, used);
    }

    /** Reads one tensor, or gives null for a bias of zeros that isn't there. */
    @FunctionalInterface
    private interface Reader {
        @Nullable
        TensorData read() throws CheckpointException;
    }

    /** By role where both are of one family, else by name. */
    private Map<String, Reader> tensors(Side side) throws CheckpointException {
        var tensors = new LinkedHashMap<String, Reader>();
        if (family == null || side.plan() == null) {
            side.tensors().forEach(t -> tensors.put(t.name(), t::read));
            return tensors;
        }
        var execution = new Execution(side.plan(), side.tensors());
        var weights = new PlanWeights(execution);
        for (var row : side.plan().rows()) {
            var bound = row.target().bound();
            var name = row.target().name();
            if (bound == null) { // no role: by its name, made by a rule or as it lies in the file
                tensors.put(name, () -> execution.makes(name) ? execution.value(name) : execution.read(name));
            } else if (bound.entry().presence() != Dialect.Presence.BUFFER) {
                var roles = bound.entry().isStacked(family.layers())
                        ? weights.roles(row.target().name())
                        : bound.roles();
                roles.forEach(r -> tensors.put(r, () -> weights.role(r)));
            }
        }
        return tensors;
    }

    /** What only one of them has must be what its absence means in the other: a tied head, a bias of zeros. */
    private void names(Map<String, Reader> mine, Map<String, Reader> theirs) {
        var all = new TreeSet<>(NaturalOrder.INSTANCE);
        all.addAll(mine.keySet());
        all.addAll(theirs.keySet());
        String where = null;
        for (var name : all) {
            if (!standIn(name, mine) || !standIn(name, theirs)) {
                where = where == null ? name : where;
            }
        }
        ladder.add(new Step(Rung.NAMES, where == null, all.size(), where,
                where == null ? null : mine.containsKey(where) ? "A" : "B", null, null));
    }

    /** Makes a tensor that isn't there from what stands in for it. @return whether it is there now */
    private boolean standIn(String name, Map<String, Reader> tensors) {
        if (tensors.containsKey(name)) { return true; }
        var role = family == null ? null : family.role(Pattern.literal(name)).orElse(null);
        var standIn = role == null ? null : role.standIn();
        return switch (standIn) {
            case Family.StandIn.Tie tie -> {
                var same = tensors.get(tie.role());
                if (same != null) {
                    tensors.put(name, same);
                }
                yield same != null;
            }
            case Family.StandIn.Zeros _ -> {
                tensors.put(name, () -> null);
                yield true;
            }
            case Family.StandIn.CausalMask _ -> false;
            case null -> false;
        };
    }

    private List<String> shapes(List<String> common, Map<String, Reader> mine, Map<String, Reader> theirs)
            throws CheckpointException {
        var alike = new ArrayList<String>();
        Step first = null;
        for (var name : common) {
            progress.check();
            var x = read(mine, name);
            var y = read(theirs, name);
            if (x == null || y == null || x.shape().equals(y.shape())) {
                alike.add(name);
            } else if (first == null) {
                first = new Step(Rung.SHAPES, false, common.size(), name, x.shape().toString(), y.shape().toString(),
                        null);
            }
        }
        ladder.add(first != null ? first : new Step(Rung.SHAPES, true, common.size(), null, null, null, null));
        return alike;
    }

    private static @Nullable TensorData read(Map<String, Reader> tensors, String name) throws CheckpointException {
        var reader = tensors.get(name);
        return reader == null ? null : reader.read();
    }

    private void values(List<String> names, Map<String, Reader> mine, Map<String, Reader> theirs)
            throws CheckpointException {
        String where = null;
        var all = new Difference();
        Difference worst = null;
        for (int i = 0; i < names.size(); i++) {
            progress.check();
            progress.at(i, 2L * names.size());
            var difference = new Difference();
            compare(read(mine, names.get(i)), read(theirs, names.get(i)), difference);
            all.add(difference);
            if (!difference.passes() && where == null) {
                where = names.get(i);
                worst = difference;
            }
        }
        ladder.add(new Step(Rung.VALUES, where == null, names.size(), where,
                number((worst == null ? all : worst).maxAbs()), all.isExact() ? "exact" : null, null));
    }

    private static void compare(@Nullable TensorData x, @Nullable TensorData y, Difference difference)
            throws CheckpointException {
        var shape = x != null ? x.shape() : y != null ? y.shape() : null;
        if (shape == null) { return; }
        boolean rows = shape.rank() > 1;
        SourceFile.guarded(() -> {
            for (long row = 0; row < (rows ? shape.dim(0) : 1); row++) {
                var p = part(x, rows, row);
                var q = part(y, rows, row);
                var zeros = p == null || q == null
                        ? new float[(p != null ? p : q != null ? q : new float[0]).length]
                        : p;
                difference.add(p == null ? zeros : p, q == null ? zeros : q);
            }
            return difference;
        });
    }

    private static float @Nullable [] part(@Nullable TensorData data, boolean rows, long row) {
        return data == null ? null : (rows ? data.slice(0, row, row + 1, 1) : data).toFloats();
    }

    /** NaN is let through: the rungs then say which module it comes from. */
    static LanguageModel model(Side side) throws CheckpointException {
        var plan = side.plan();
        if (plan == null || side.hypers() == null) { throw Problem.of(Code.NOT_A_FAMILY).asException(); }
        var weights = new PlanWeights(new Execution(plan, side.tensors()));
        return Models.load(weights.trusted(), plan.target(), side.hypers(), Kernels.best());
    }

    /** A model that can't be run says nothing, unless what is missing or broken is in the checkpoint itself. */
    private Verification broken(CheckpointException e, Rung from) throws CheckpointException {
        var problem = e.problem();
        if (problem.code() == Code.CANCELLED) { throw e; }
        boolean fault = problem.code() == Code.NOT_COMPLETE || problem.code() == Code.NOT_FINITE
                || problem.code() == Code.E_SHAPE;
        for (var rung : Rung.values()) {
            if (rung.compareTo(from) >= 0) {
                ladder.add(new Step(rung, fault ? false : null, 0, problem.field(), null, null, problem));
            }
        }
        return new Verification(ladder, List.of(), List.of(), List.of());
    }

    private static int[] ids(int[] ids, LanguageModel first, LanguageModel second) {
        int vocabulary = Math.min(first.vocabulary(), second.vocabulary());
        int room = Math.max(1, Math.min(first.context(), second.context()) - CONTINUATION);
        return Arrays.stream(ids).filter(id -> id < vocabulary).limit(room).toArray();
    }

    private Verification compute(LanguageModel first, LanguageModel second, int[] ids) throws CheckpointException {
        var mine = Activations.of(first, ids, progress);
        var theirs = Activations.of(second, ids, progress);
        var alone = second.modules();
        var modules = new ArrayList<Module>();
        for (var output : mine.outputs().entrySet()) {
            progress.check();
            var name = output.getKey();
            var difference = Difference.of(output.getValue(), theirs.outputs().get(name));
            var input = mine.inputs().get(name);
            var module = alone.get(name);
            boolean agrees = input == null
                    ? difference.passes()
                    : module != null && fits(input, theirs.inputs().get(name)) && Difference
                            .of(output.getValue(), SourceFile.guarded(() -> module.apply(input))).passes();
            modules.add(new Module(name, difference.passes(), difference.maxAbs(), difference.maxRel(),
                    difference.cosine(), difference.error(), agrees));
        }
        theirs.outputs().keySet().stream().filter(n -> !mine.outputs().containsKey(n))
                .forEach(n -> modules.add(new Module(n, false, Double.NaN, Double.NaN, Double.NaN, Double.NaN, false)));
        var wrong = modules.stream().filter(m -> !m.passed()).findFirst().orElse(null);
        ladder.add(new Step(Rung.MODULES, wrong == null, modules.size(), wrong == null ? null : wrong.name(),
                number(wrong == null ? modules.stream().mapToDouble(Module::maxAbs).max().orElse(0) : wrong.maxAbs()),
                null, null));
        var x = mine.outputs().get("head");
        var y = theirs.outputs().get("head");
        var logits = Difference.of(x, y);
        ladder.add(new Step(Rung.LOGITS, logits.passes(), ids.length, null, number(logits.maxAbs()),
                logits.sameSize() ? number(divergence(x, y)) : null, null));
        var top = logits.sameSize() && x != null && y != null ? top(x, y) : List.<Top>of();
        try {
            var one = continued(first, ids);
            var two = continued(second, ids);
            int at = Arrays.mismatch(one, two);
            ladder.add(new Step(Rung.TEXT, at < 0, one.length, at < 0 ? null : Integer.toString(at), null, null, null));
            return new Verification(ladder, modules, top, List.of(one, two));
        } catch (CheckpointException e) {
            broken(e, Rung.TEXT);
            return new Verification(ladder, modules, top, List.of());
        }
    }

    static boolean fits(FMatrixRMaj input, @Nullable FMatrixRMaj other) {
        return other != null && other.numCols == input.numCols;
    }

    private int[] continued(LanguageModel model, int[] ids) throws CheckpointException {
        return new Generator(model).generate(ids, CONTINUATION, Sampling.GREEDY, Set.of(), _ -> {
        }, progress).ids();
    }

    /** Mean over positions of KL(A ‖ B), nat. */
    static double divergence(@Nullable FMatrixRMaj a, @Nullable FMatrixRMaj b) {
        if (a == null || b == null) { return Double.NaN; }
        double sum = 0;
        for (int row = 0; row < a.numRows; row++) {
            double ofA = logSum(a, row);
            double ofB = logSum(b, row);
            for (int i = row * a.numCols; i < (row + 1) * a.numCols; i++) {
                sum += Math.exp(a.data[i] - ofA) * (a.data[i] - ofA - b.data[i] + ofB);
            }
        }
        return sum / a.numRows;
    }

    private static double logSum(FMatrixRMaj logits, int row) {
        double largest = Double.NEGATIVE_INFINITY;
        for (int i = row * logits.numCols; i < (row + 1) * logits.numCols; i++) {
            largest = Math.max(largest, logits.data[i]);
        }
        double sum = 0;
        for (int i = row * logits.numCols; i < (row + 1) * logits.numCols; i++) {
            sum += Math.exp(logits.data[i] - largest);
        }
        return largest + Math.log(sum);
    }

    static List<Top> top(FMatrixRMaj a, FMatrixRMaj b) {
        int start = (a.numRows - 1) * a.numCols;
        return IntStream.range(0, a.numCols).boxed()
                .sorted(Comparator.comparingDouble((Integer i) -> -a.data[start + i])).limit(TOP)
                .map(i -> new Top(i, a.data[start + i], b.data[start + i])).toList();
    }

    static String number(double value) {
        return String.format(Locale.ROOT, "%.3g", value);
    }
}
