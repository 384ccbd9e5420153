package weft.work;

import java.nio.file.Path;

import org.jspecify.annotations.Nullable;

import weft.io.CheckpointException;
import weft.io.Progress;
import weft.prove.Verification;
import weft.prove.Verifier;

/** Whether what the rules make computes the same as the source does in its own layout, module by module. */
public final class RuleCheck {
    private RuleCheck() {
    }

    /**
     * The target side, rules applied (A), against the source as its own dialect reads it (B).
     *
     * @throws CheckpointException {@code UNKNOWN_TARGET}, {@code CANCELLED}, or bytes that can't be read
     */
    public static Verification after(Workspace workspace, @Nullable Path tokenizer, Progress progress)
            throws CheckpointException {
        return check(workspace, workspace.targetSide(), tokenizer, progress);
    }

    /**
     * The bytes forced into the target's shapes (A), against the source as its own dialect reads it (B).
     *
     * @throws CheckpointException what {@link Workspace#runForced} throws
     */
    public static Verification before(Workspace workspace, @Nullable Path tokenizer, Progress progress)
            throws CheckpointException {
        return check(workspace, workspace.forcedSide(), tokenizer, progress);
    }

    /**
     * What the rules make, or the source where there is no target (A), against another checkpoint (B).
     *
     * @throws CheckpointException {@code OTHER_MODEL} for another family or another size, before any weight is read
     */
    public static Verification other(Workspace workspace, Path file, @Nullable Path tokenizer, Progress progress)
            throws CheckpointException {
        var other = Workspace.open(file, progress);
        var size = Findings.otherModel(workspace.source(), other.source());
        if (size.isPresent()) { throw size.get().asException(); } // nothing of theirs stands layer by layer beside ours
        var mine = workspace.plan().isPresent() ? workspace.targetSide() : workspace.side();
        long rows = Math.max(1, Math.min(workspace.vocabulary(), other.vocabulary()));
        return Verifier.verify(mine, other.side(),
                workspace.ids(workspace.fixedText(null), tokenizer, rows), progress);
    }

    private static Verification check(Workspace workspace, Verifier.Side mine, @Nullable Path tokenizer,
            Progress progress) throws CheckpointException {
        return Verifier.verify(mine, workspace.side(), workspace.ids(workspace.fixedText(null), tokenizer,
                Math.max(1, workspace.vocabulary())), progress);
    }
}
