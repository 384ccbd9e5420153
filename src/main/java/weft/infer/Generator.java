package weft.infer;

import java.util.Arrays;
import java.util.Set;
import java.util.function.IntConsumer;

import weft.io.CheckpointException;
import weft.io.Progress;

/** Continues a text token by token. */
public final class Generator {
    /** How generation came to its end. */
    public enum Stop {
        /** As many tokens as were asked for. */
        LENGTH,
        /** The model ended its text. */
        END_OF_TEXT
    }

    /**
     * What was generated, and how long it took.
     *
     * @param ids the new ids, without the one that ended the text
     * @param prefillNanos from the start to the logits of the prompt
     * @param decodeNanos from there to the end
     * @param steps decoding steps that ran the model, for a rate
     */
    public record Result(int[] ids, Stop stop, long prefillNanos, long decodeNanos, int steps) {
    }

    private final LanguageModel model;

    public Generator(LanguageModel model) {
        this.model = model;
    }

    /**
     * Generates up to {@code count} tokens. The model always sees the last {@code context} ids: where the text has
     * outgrown the window, the oldest ids slide out and the rest is computed anew from position 0, as the textbook's
     * loop does.
     *
     * @param prompt at least one id; only its last {@code context} ids are seen
     * @param ends ids that end the text (empty to go on regardless)
     * @param onToken gets each new id as soon as it is known
     * @param progress asked between tokens, and inside a long prompt between layers
     * @throws CheckpointException BAD_PROMPT, ID_RANGE before work starts; CANCELLED; NOT_FINITE
     */
    public Result generate(int[] prompt, int count, Sampling sampling, Set<Integer> ends, IntConsumer onToken,
            Progress progress) throws CheckpointException {
        int context = model.context();
        if (prompt.length == 0) {
            Prompts.check(prompt, model.vocabulary(), context);
        }
        Prompts.range(prompt, model.vocabulary());
        var sampler = new Sampler(sampling);
        var cache = model.cache();
        var text = Arrays.copyOf(prompt, Math.addExact(prompt.length, count));
        int length = prompt.length;
        var next = Arrays.copyOfRange(text, Math.max(0, length - context), length);
        long start = System.nanoTime();
        long prefilled = start;
        int steps = 0;
        var stop = Stop.LENGTH;
        while (length < text.length) {
            progress.check();
            var logits = model.lastLogits(next, cache, progress); // [v]
            if (length == prompt.length) {
                prefilled = System.nanoTime();
            } else {
                steps++;
            }
            int id = sampler.next(logits, Arrays.copyOf(text, length));
            if (ends.contains(id)) {
                stop = Stop.END_OF_TEXT;
                break;
            }
            text[length++] = id;
            onToken.accept(id);
            progress.at(length - prompt.length, count);
            if (cache.room() > 0) {
                next = new int[]{id};
            } else {
                cache.clear();
                next = Arrays.copyOfRange(text, length - context, length);
            }
        }
        return new Result(Arrays.copyOfRange(text, prompt.length, length), stop, prefilled - start,
                System.nanoTime() - prefilled, steps);
    }
}
