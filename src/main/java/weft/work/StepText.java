package weft.work;

import weft.prove.Verification.Step;
import weft.text.Texts;

/** What a rung of the ladder found, in a sentence that every face shows. */
public final class StepText {
    private StepText() {
    }

    /** @param recorded whether the other side is a record of another framework's run */
    public static String of(Step step, Texts texts, boolean recorded) {
        if (step.problem() != null) { return texts.message(step.problem()); }
        boolean passed = Boolean.TRUE.equals(step.passed());
        var where = step.where() == null ? null : Texts.shown(step.where());
        return texts.get(switch (step.rung()) {
            case NAMES -> recorded ? "verify.recorded.names" : passed ? "verify.names" : "verify.names.not";
            case SHAPES -> passed ? "verify.shapes" : "verify.shapes.not";
            case VALUES -> passed ? "verify.values" : "verify.values.not";
            case MODULES -> passed ? "verify.modules" : "verify.modules.not";
            case LOGITS -> "verify.logits";
            case TEXT -> passed ? "verify.text" : "verify.text.not";
        }, "n", step.count(), "where", where, "found", step.found(), "expected", step.expected());
    }
}
