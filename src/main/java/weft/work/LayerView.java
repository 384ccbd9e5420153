package weft.work;

import java.util.Arrays;
import java.util.List;

import weft.infer.LayerTrace;
import weft.io.CheckpointException;
import weft.io.Progress;

/**
 * What goes on in a model while it reads a text, with words for the ids: what the window draws.
 *
 * @param tokens what each position holds, [n]
 * @param trace norms, attention maps and each layer's guesses
 */
public record LayerView(List<String> tokens, LayerTrace trace) {
    /**
     * Reads a text and records it; nothing is recorded in any other run.
     *
     * @param position whose next token the layers guess; −1 for the last
     * @param top guesses a layer
     * @throws CheckpointException NO_TOKENIZER, BAD_PROMPT for an empty text or one too long to record, CANCELLED
     */
    public static LayerView of(Running running, String text, int position, int top, Progress progress)
            throws CheckpointException {
        var ids = running.prompt(text);
        var trace = LayerTrace.of(running.model(), ids, position, top, progress);
        return new LayerView(Arrays.stream(ids).mapToObj(id -> piece(running, id)).toList(), trace);
    }

    /** A guess of a layer, in words: the first is the likeliest. */
    public static List<String> words(Running running, LayerTrace.Layer layer) {
        return layer.guesses().stream().map(g -> piece(running, g.id())).toList();
    }

    private static String piece(Running running, int id) {
        var words = running.tokenizer();
        return words == null ? Integer.toString(id) : words.piece(id);
    }
}
