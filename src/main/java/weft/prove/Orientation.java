package weft.prove;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

import org.jspecify.annotations.Nullable;

import weft.arch.Reading;

/**
 * What a forward pass, or a reference, says about all that no shape shows: which way round square matrices are stored,
 * and which of their parts is which.
 *
 * @param text the name of the text losses were measured on, or {@code null} where only values were compared
 * @param before loss with everything as the dialect says, nat/token; NaN where none was measured
 * @param after loss with what was found otherwise read so
 * @param isModel whether the best of all hypotheses predicts clearly better than chance; without that nothing is proved
 * @param trials every hypothesis tried, in order
 * @param questions what was asked, each of all layers together
 * @param verdicts one for each square tensor, and for each tensor of the other questions that seems to be otherwise
 * @param readings what tensors hold that isn't what their dialect says
 */
public record Orientation(@Nullable String text, double before, double after, boolean isModel, List<Trial> trials,
        List<Question> questions, List<Verdict> verdicts, Map<String, Reading> readings) {

    /** The difference a verdict needs, nat/token. Smaller ones are what any damage costs, in either direction. */
    public static final double MARGIN = 0.1;

    /** What can be asked. */
    public enum Kind {
        /** Which way round a square matrix is. */
        ORIENTATION("orientation"),
        /** Which of several tensors, or of one tensor's parts, is the query, key or value, the gate or up. */
        ORDER("order"),
        /** Whether the two of a rotary pair stand side by side or half a head apart. */
        ROTARY("rotary");

        private final String id;

        Kind(String id) {
            this.id = id;
        }

        public String id() {
            return id;
        }
    }

    /**
     * One hypothesis: some tensors read otherwise, all else as it was best.
     *
     * @param what the name patterns of those tensors, or one layer's names
     * @param as how they were read, for people
     * @param loss nat/token with these read so
     * @param against nat/token without
     * @param tokens predicted for both
     */
    public record Trial(Kind kind, String what, String as, double loss, double against, int tokens) {
        /** How much better as it was; negative if the other reading helps. */
        public double margin() {
            return loss - against;
        }
    }

    /**
     * What is known of a role in all layers together.
     *
     * @param what the name patterns of the tensors
     * @param stored how the dialect reads them, for people
     * @param best the reading that computes best
     * @param loss nat/token with that
     * @param next the reading that comes nearest to it
     * @param nextLoss nat/token with that
     * @param answer about {@code stored}; {@code TOO_CLOSE} is no verdict
     * @param layers those that compute best otherwise than most; the same question asked of each by itself
     */
    public record Question(Kind kind, String what, List<String> tensors, String stored, String best, double loss,
            String next, double nextLoss, Answer answer, List<Question> layers) {
        /** How much the best is better than the next, nat/token; infinite where values decided. */
        public double margin() {
            return nextLoss - loss;
        }
    }

    /** What is known of one tensor. @param margin how much worse the model is with this one read otherwise, nat/token */
    public record Verdict(Kind kind, String tensor, Answer answer, double margin) {
    }

    /** Possible answers. */
    public enum Answer {
        /** Stored as its dialect says: the model is clearly worse otherwise. */
        RIGHT,
        /** Stored otherwise, a square the other way round: the model is clearly better so. */
        TURNED,
        /** The difference is too small to tell. */
        TOO_CLOSE
    }

    /** Without what is said of some tensors. */
    public Orientation without(Predicate<Verdict> some) {
        var left = verdicts.stream().filter(some.negate()).toList();
        var names = left.stream().filter(v -> v.answer() == Answer.TURNED).map(Verdict::tensor).toList();
        var kept = new LinkedHashMap<>(readings);
        kept.keySet().retainAll(names);
        return new Orientation(text, before, after, isModel, trials, questions, left, kept);
    }

    /** Whether something else was found here about the same question. */
    public boolean contradicts(Verdict other) {
        return verdicts.stream().anyMatch(v -> v.kind() == other.kind() && v.tensor().equals(other.tensor())
                && v.answer() != Answer.TOO_CLOSE && v.answer() != other.answer())
                || other.kind() != Kind.ORIENTATION && other.answer() == Answer.TURNED
                        && questions.stream().anyMatch(q -> q.kind() == other.kind() && q.answer() == Answer.RIGHT
                                && q.tensors().contains(other.tensor()));
    }

    /** The square tensors with one answer. */
    public List<String> with(Answer answer) {
        return with(Kind.ORIENTATION, answer);
    }

    /** The tensors with one answer to one kind of question. */
    public List<String> with(Kind kind, Answer answer) {
        return verdicts.stream().filter(v -> v.kind() == kind && v.answer() == answer).map(Verdict::tensor).toList();
    }

    /** The square tensors' verdicts. */
    public List<Verdict> squares() {
        return verdicts.stream().filter(v -> v.kind() == Kind.ORIENTATION).toList();
    }
}
