package weft.work;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

import weft.io.CheckpointException;
import weft.token.Tokenizer;

/**
 * What a model that runs is, as far as numbers tell: for two of them that stand side by side.
 *
 * @param parameters numbers in its file
 * @param width d
 * @param context positions it can see
 * @param vocabulary rows of its head
 * @param words what cuts its text into tokens, or {@code null}
 */
public record ModelFacts(long parameters, int layers, int width, int context, int vocabulary,
        @Nullable Tokenizer words) {
    public static ModelFacts of(Running running) {
        var model = running.model();
        return new ModelFacts(running.source().parameters(), model.layers(), model.width(), model.context(),
                model.vocabulary(), running.tokenizer());
    }

    /**
     * What two models make of the same text.
     *
     * @param same whether every id means the same in both and the text becomes the same ids: only then do losses a
     *        token compare
     * @param mine tokens the first knows
     * @param other tokens the second knows
     * @param mineTokens how many the text is for the first
     * @param otherTokens how many for the second
     * @param minePredicted how many of them count in a loss: the first of all follows from nothing
     * @param bytes of the text in UTF-8
     */
    public record Tokens(boolean same, int mine, int other, int mineTokens, int otherTokens, int minePredicted,
            int otherPredicted, long bytes) {
        /** A mean loss in bits for each byte of the text: that compares whatever the tokens are. */
        public double bitsPerByte(double loss, boolean isMine) {
            return loss * (isMine ? minePredicted : otherPredicted) / (bytes * Math.log(2));
        }
    }

    /**
     * Compares how this model and another one cut a text; empty where one of them has no tokenizer.
     *
     * @throws CheckpointException {@code NOT_IN_VOCABULARY}, {@code BAD_TOKENIZER}
     */
    public Optional<Tokens> tokens(ModelFacts theirs, String text) throws CheckpointException {
        var a = words;
        var b = theirs.words();
        if (a == null || b == null) { return Optional.empty(); }
        var mine = a.encode(text);
        var other = b.encode(text);
        boolean same = a.size() == b.size() && Arrays.equals(a.start(), b.start()) && Arrays.equals(mine, other);
        for (int id = 0; same && id < a.size(); id++) {
            same = Arrays.equals(a.bytes(id), b.bytes(id));
        }
        return Optional.of(new Tokens(same, a.size(), b.size(), mine.length, other.length, predicted(a, mine),
                predicted(b, other), text.getBytes(StandardCharsets.UTF_8).length));
    }

    private static int predicted(Tokenizer words, int[] ids) {
        return Math.max(0, words.start().length + ids.length - 1);
    }
}
