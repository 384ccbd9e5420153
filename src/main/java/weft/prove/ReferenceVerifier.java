package weft.prove;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

import org.ejml.data.FMatrixRMaj;
import org.jspecify.annotations.Nullable;

import weft.infer.LanguageModel;
import weft.io.CheckpointException;
import weft.io.Progress;
import weft.io.SourceFile;
import weft.prove.Verification.Module;
import weft.prove.Verification.Rung;
import weft.prove.Verification.Step;
import weft.prove.Verification.Top;

/**
 * Holds a checkpoint against what its own framework computed: every recorded module's output, then the logits. Each
 * module whose input is known also runs alone, fed that input. The reference is b in |a − b| ≤ ε + ε·|b|.
 */
public final class ReferenceVerifier {
    private ReferenceVerifier() {
    }

    /**
     * @param a the checkpoint, in its own dialect; NaN is let through, so that its module is named
     * @throws CheckpointException NOT_A_FAMILY and the like where it can't be run; BAD_PROMPT or ID_RANGE for ids the
     *         model can't take; CANCELLED
     */
    public static Verification verify(Verifier.Side a, Recording reference, Progress progress)
            throws CheckpointException {
        return verify(Verifier.model(a), reference, progress);
    }

    /** The same for a model that is already there. */
    public static Verification verify(LanguageModel model, Recording reference, Progress progress)
            throws CheckpointException {
        var mine = Activations.of(model, reference.ids(), progress);
        var ladder = new ArrayList<Step>();
        var unknown = reference.outputs().keySet().stream().filter(n -> !mine.outputs().containsKey(n)).findFirst();
        // A name nobody knows isn't compared; the rung says so and doesn't fail for it.
        ladder.add(new Step(Rung.NAMES, true, reference.outputs().size(), unknown.orElse(null),
                null, null, null));
        ladder.add(shapes(mine, reference));
        var modules = modules(model, mine, reference, progress);
        var wrong = modules.stream().filter(m -> !m.passed()).findFirst().orElse(null);
        ladder.add(new Step(Rung.MODULES, wrong == null, modules.size(), wrong == null ? null : wrong.name(),
                Verifier.number(wrong == null
                        ? modules.stream().mapToDouble(Module::maxAbs).max().orElse(0)
                        : wrong.maxAbs()),
                null, null));
        var a = mine.outputs().get("head");
        var b = reference.outputs().get("head");
        var logits = Difference.of(a, b);
        boolean comparable = logits.sameSize() && a != null && b != null;
        ladder.add(new Step(Rung.LOGITS, logits.passes(), reference.ids().length, null,
                Verifier.number(logits.maxAbs()), comparable ? Verifier.number(Verifier.divergence(a, b)) : null,
                null));
        var top = comparable && a != null && b != null ? Verifier.top(a, b) : List.<Top>of();
        return new Verification(ladder, modules, top, List.of());
    }

    private static Step shapes(Activations mine, Recording reference) {
        int count = 0;
        for (var recorded : reference.outputs().entrySet()) {
            var output = mine.outputs().get(recorded.getKey());
            if (output == null) {
                continue;
            }
            count++;
            if (!sameSize(output, recorded.getValue())) {
                return new Step(Rung.SHAPES, false, count, recorded.getKey(), size(output),
                        size(recorded.getValue()), null);
            }
        }
        return new Step(Rung.SHAPES, true, count, null, null, null, null);
    }

    private static boolean sameSize(FMatrixRMaj a, FMatrixRMaj b) {
        return a.numRows == b.numRows && a.numCols == b.numCols;
    }

    private static String size(FMatrixRMaj matrix) {
        return "[" + matrix.numRows + ", " + matrix.numCols + "]";
    }

    private static List<Module> modules(LanguageModel model, Activations mine, Recording reference, Progress progress)
            throws CheckpointException {
        var alone = model.modules();
        var modules = new ArrayList<Module>();
        for (var output : mine.outputs().entrySet()) {
            progress.check();
            var name = output.getKey();
            var recorded = reference.outputs().get(name);
            if (recorded == null) {
                continue;
            }
            var difference = Difference.of(output.getValue(), recorded);
            modules.add(new Module(name, difference.passes(), difference.maxAbs(), difference.maxRel(),
                    difference.cosine(), difference.error(),
                    alone(name, difference, recorded, model.layers(), alone, mine, reference)));
        }
        return modules;
    }

    /** Whether a module gives what was recorded when it is fed what was recorded; {@code null} if that isn't known. */
    private static @Nullable Boolean alone(String name, Difference difference, FMatrixRMaj recorded, int layers,
            Map<String, UnaryOperator<FMatrixRMaj>> alone, Activations mine, Recording reference)
            throws CheckpointException {
        if (name.equals("embed")) { return difference.passes(); } // it gets the ids
        var module = alone.get(name);
        var input = reference.input(name, layers);
        if (module == null || input == null) { return null; }
        if (!Verifier.fits(input, mine.inputs().get(name))) { return false; }
        return Difference.of(SourceFile.guarded(() -> module.apply(input)), recorded).passes();
    }
}
