package weft.work;

import java.util.List;

import weft.infer.Softmax;
import weft.io.CheckpointException;

/**
 * What a model would write next.
 *
 * @param likeliest the likeliest first
 * @param bits the entropy of all of them: 0 where it is sure, log₂ of the vocabulary where it has no idea
 */
public record NextTokens(List<Running.Candidate> likeliest, double bits) {
    /** @param ids what stands before, at least one */
    public static NextTokens of(Running running, int[] ids, int count) throws CheckpointException {
        var logits = running.logits(ids);
        return new NextTokens(running.likeliest(logits, count), Softmax.of(logits).bits());
    }
}
