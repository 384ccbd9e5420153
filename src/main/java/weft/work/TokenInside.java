package weft.work;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import weft.infer.LayerTrace;
import weft.infer.Softmax;
import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.io.Progress;

/**
 * One token of a text from inside the model that would write it: what each layer would have written in its place, and
 * where each head looked.
 *
 * @param text the text up to the token, which is its last
 * @param layers the embedding first, the last block last: its guesses are the model's own
 * @param trace of everything before the token
 */
public record TokenInside(TokenText text, List<Layer> layers, LayerTrace trace) {
    /**
     * One layer.
     *
     * @param name {@code embed}, {@code block.0}, …
     * @param guesses the likeliest first
     */
    public record Layer(String name, List<Guess> guesses) {
    }

    /** What a layer would write. */
    public record Guess(int id, String word, double probability) {
    }

    /** How likely a token was in its place. */
    public record Place(NextTokens next, Running.Candidate chosen, int rank) {
    }

    /**
     * Looks at a token.
     *
     * @param position of the token; there has to be one before it
     * @throws CheckpointException BAD_PROMPT for the first token or a text too long to record, CANCELLED
     */
    public static TokenInside of(Running running, TokenText text, int position, int top, Progress progress)
            throws CheckpointException {
        var before = before(running, text, position);
        var trace = LayerTrace.of(running.model(), before, -1, top, progress);
        var words = running.tokenizer();
        var layers = new ArrayList<Layer>();
        for (var layer : trace.layers()) {
            layers.add(new Layer(layer.name(), layer.guesses().stream().map(g -> new Guess(g.id(),
                    words == null ? "#" + g.id() : words.piece(g.id()), g.probability())).toList()));
        }
        int from = position - before.length;
        return new TokenInside(new TokenText(Arrays.copyOfRange(text.ids(), from, position + 1),
                text.texts().subList(from, position + 1)), List.copyOf(layers), trace);
    }

    /** How likely a token was where it stands, and what else could have stood there. */
    public static Place place(Running running, TokenText text, int position, int top) throws CheckpointException {
        var logits = running.logits(before(running, text, position));
        int id = text.ids()[position];
        int rank = 1;
        for (var logit : logits) {
            rank += logit > logits[id] ? 1 : 0;
        }
        var words = running.tokenizer();
        var softmax = Softmax.of(logits);
        var chosen = new Running.Candidate(id, logits[id], softmax.probability(id),
                words == null ? null : words.piece(id));
        return new Place(new NextTokens(running.likeliest(logits, top), softmax.bits()), chosen, rank);
    }

    /** The ids before a token, as many as the model can see. */
    private static int[] before(Running running, TokenText text, int position) throws CheckpointException {
        if (position < 1 || position >= text.size()) {
            throw Problem.of(Code.BAD_PROMPT).field("ids").found(position).expected("1 … " + (text.size() - 1))
                    .asException();
        }
        return Arrays.copyOfRange(text.ids(), Math.max(0, position - running.context()), position);
    }

    /** The token itself. */
    public int token() {
        return text.ids()[text.size() - 1];
    }

    /** The first layer from which on every one would have written this token; −1 if even the last would not. */
    public int from() {
        int first = -1;
        for (int i = layers.size() - 1; i >= 0 && layers.get(i).guesses().getFirst().id() == token(); i--) {
            first = i;
        }
        return first;
    }

    public int blocks() {
        return layers.size() - 1;
    }

    public int heads() {
        return trace.heads();
    }

    /** How much each position looked at each, [n, n] row by row; {@code head} −1 is the mean of all heads. */
    public float[] attention(int block, int head) {
        return trace.attention(block, head);
    }
}
