package weft.work;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

import org.jspecify.annotations.Nullable;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.io.Progress;
import weft.plan.Evidence;
import weft.prove.ForwardProof;
import weft.prove.Orientation;
import weft.prove.ValuesProof;

/** Finds out what no shape shows of a workspace's source. */
final class Proving {
    private final Workspace workspace;
    private final Progress progress;

    Proving(Workspace workspace, Progress progress) {
        this.workspace = workspace;
        this.progress = progress;
    }

    /** {@link Workspace#prove}. */
    Proved prove(FixedText text, @Nullable Path tokenizer) throws CheckpointException {
        var warnings = new ArrayList<Problem>();
        Orientation values = null;
        Orientation forward = null;
        try {
            values = byValues();
        } catch (CheckpointException e) {
            warnings.add(unlessCancelled(e));
        }
        try {
            forward = byForward(text, tokenizer);
            warn(forward, warnings);
        } catch (CheckpointException e) {
            warnings.add(unlessCancelled(e));
        }
        var proved = workspace;
        if (forward != null) {
            proved = proved.knowing(forward, Evidence.FORWARD);
        }
        if (values != null) {
            var computed = forward;
            proved = proved.knowing(values.without(v -> computed != null && computed.contradicts(v)), Evidence.VALUES);
        }
        var asserted = List.<Problem>of();
        try {
            asserted = ForwardChecks.failed(workspace, workspace.rules(), progress);
        } catch (CheckpointException e) {
            warnings.add(unlessCancelled(e));
        }
        return new Proved(proved, values, forward, asserted, warnings);
    }

    private static Problem unlessCancelled(CheckpointException e) throws CheckpointException {
        if (e.problem().code() == Code.CANCELLED) { throw e; }
        return e.problem();
    }

    private @Nullable Orientation byValues() throws CheckpointException {
        var source = workspace.source();
        var other = workspace.targetModel().orElse(null);
        if (other == null || other.recognition() == null || source.recognition() == null || !other.recognition()
                .dialect().family().name().equals(source.recognition().dialect().family().name())) {
            return null;
        }
        return ValuesProof.of(workspace.alone().needPlan(), source.checkpoint().tensors(),
                workspace.beside(other).needPlan(),
                other.checkpoint().tensors(), progress);
    }

    private Orientation byForward(FixedText text, @Nullable Path tokenizer)
            throws CheckpointException {
        var source = workspace.source();
        var itself = workspace.alone();
        var words = Folders.tokenizer(source, tokenizer, workspace.vocabulary());
        if (words == null) {
            throw Problem.of(Code.NO_TOKENIZER).file(source.folder()).found(workspace.vocabulary()).asException();
        }
        var hypers = workspace.hypers()
                .orElseThrow(() -> Problem.of(Code.NOT_A_FAMILY).field(source.path()).asException());
        return ForwardProof.of(itself.needPlan(), source.checkpoint().tensors(), hypers, words.encode(text.text()),
                text.name(), progress);
    }

    /** Why some squares, or everything, stay assumptions. */
    private void warn(Orientation forward, List<Problem> warnings) {
        if (!forward.isModel()) {
            warnings.add(Problem.of(Code.NO_SENSE).field(forward.text())
                    .found(String.format(Locale.ROOT, "%.3f", forward.after()))
                    .expected(String.format(Locale.ROOT, "%.3f", Math.log(workspace.vocabulary()) - 1)));
            return;
        }
        for (var verdict : forward.squares()) {
            if (verdict.answer() == Orientation.Answer.TOO_CLOSE) {
                warnings.add(Problem.of(Code.TOO_CLOSE).field(verdict.tensor())
                        .found(String.format(Locale.ROOT, "%.3f", Math.abs(verdict.margin())))
                        .expected(Orientation.MARGIN));
            }
        }
    }
}
