package weft.prove;

import java.util.List;

/**
 * What a forward pass, or a reference, says about which way round square matrices are stored.
 *
 * @param text the name of the text losses were measured on, or {@code null} where only values were compared
 * @param before loss with everything as the dialect says, nat/token; NaN where none was measured
 * @param after loss with what was found wrong turned
 * @param isModel whether the best of all hypotheses predicts clearly better than chance; without that nothing is proved
 * @param trials every hypothesis tried, in order
 * @param verdicts one for each square tensor
 */
public record Orientation(@org.jspecify.annotations.Nullable String text, double before, double after,
        boolean isModel, List<Trial> trials, List<Verdict> verdicts) {

    /** The difference a verdict needs, nat/token. Smaller ones are what any damage costs, in either direction. */
    public static final double MARGIN = 0.1;

    /**
     * One hypothesis: some matrices turned, all else as it was best.
     *
     * @param what the name pattern of what was turned, or one tensor's name
     * @param loss nat/token with these turned
     * @param against nat/token without
     */
    public record Trial(String what, double loss, double against) {
        /** How much better as it was; negative if turning helps. */
        public double margin() {
            return loss - against;
        }
    }

    /** What is known of one tensor. @param margin how much worse the model is with this one the other way, nat/token */
    public record Verdict(String tensor, Answer answer, double margin) {
    }

    /** Possible answers. */
    public enum Answer {
        /** Stored as its dialect says: the model is clearly worse the other way round. */
        RIGHT,
        /** Stored the other way round: the model is clearly better turned. */
        TURNED,
        /** The difference is too small to tell. */
        TOO_CLOSE
    }

    /** Without some verdicts. */
    public Orientation without(java.util.function.Predicate<Verdict> some) {
        return new Orientation(text, before, after, isModel, trials,
                verdicts.stream().filter(some.negate()).toList());
    }

    /** The tensors with one answer. */
    public List<String> with(Answer answer) {
        return verdicts.stream().filter(v -> v.answer() == answer).map(Verdict::tensor).toList();
    }
}
