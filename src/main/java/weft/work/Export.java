package weft.work;

import weft.convert.ReferenceScript;
import weft.convert.ScriptExport;
import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.report.NameTable;
import weft.text.Texts;

/** Rules for use without Weft: as a script, as another tool's mapping, as a table. */
public final class Export {
    private Export() {
    }

    /** What rules can become. */
    public enum As {
        /** A Python script for PyTorch and safetensors. */
        TORCH,
        /** A Python script for MindSpore. */
        MINDSPORE,
        /** Weight conversions for transformers. */
        TRANSFORMERS,
        /** Names of targets and sources as JSON. */
        NAMES_JSON,
        /** The same as a spreadsheet reads it. */
        NAMES_CSV,
        /** A table for people. */
        MARKDOWN,
        /** A script that records what the model computes in its own framework. */
        REFERENCE_SCRIPT;

        /** As written on the command line: {@code names-json}. */
        public String id() {
            return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
        }
    }

    /**
     * The file's content.
     *
     * @throws CheckpointException {@code NOT_COMPLETE} if a script would leave a required parameter out, {@code BAD_ARGUMENT} if a
     *         rule has an op no script can spell, {@code UNKNOWN_TARGET} without a target
     */
    public static String text(Workspace workspace, As as, Texts texts) throws CheckpointException {
        var plan = workspace.plan().orElseThrow(() -> Problem.of(Code.UNKNOWN_TARGET).asException());
        return switch (as) {
            case TORCH -> ScriptExport.torch(plan);
            case MINDSPORE -> ScriptExport.mindspore(plan);
            case TRANSFORMERS -> ScriptExport.transformers(plan);
            case NAMES_JSON -> NameTable.json(plan);
            case NAMES_CSV -> NameTable.csv(plan);
            case MARKDOWN -> NameTable.markdown(plan, texts);
            case REFERENCE_SCRIPT -> ReferenceScript.of(plan.target());
        };
    }
}
