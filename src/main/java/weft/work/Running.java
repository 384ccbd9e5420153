package weft.work;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;

import weft.infer.Generator;
import weft.infer.Kernels;
import weft.infer.LanguageModel;
import weft.infer.LayerTrace;
import weft.infer.Loss;
import weft.infer.Memory;
import weft.infer.Sampling;
import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.io.Progress;
import weft.token.TextStream;
import weft.token.Tokenizer;

/**
 * A model that is ready to run, with its tokenizer if there is one.
 *
 * @param tokenizer {@code null} where none fits the vocabulary: then only ids go in and out
 * @param unfit why the tokenizer that lies beside the model can't be used, or {@code null}
 */
public record Running(LanguageModel model, @Nullable Tokenizer tokenizer, Model source, @Nullable Problem unfit) {
    /** Gets ready in the background, because somebody is about to run a model: the first prompt then costs no more than the next. */
    public static void warmUp() {
        Kernels.warmUp();
    }

    /** @param given the tokenizer a person named: that one has to fit; {@code null} takes what belongs to the model */
    static Running of(LanguageModel model, Model source, @Nullable Path given) throws CheckpointException {
        try {
            return new Running(model, TokenizerFiles.load(source, given, model.vocabulary()), source, null);
        } catch (CheckpointException e) {
            boolean unfit = e.code() == Code.BAD_TOKENIZER || e.code() == Code.VOCABULARY_TOO_LARGE;
            if (given != null || !unfit) { throw e; }
            return new Running(model, null, source, e.problem());
        }
    }

    private Tokenizer need() throws CheckpointException {
        if (unfit != null) { throw unfit.asException(); }
        if (tokenizer == null) {
            throw Problem.of(Code.NO_TOKENIZER).file(source.folder()).found(model.vocabulary()).asException();
        }
        return tokenizer;
    }

    /** Positions the model can see. */
    public int context() {
        return model.context();
    }

    public int[] encode(String text) throws CheckpointException {
        return need().encode(text);
    }

    /** The ids a model is given for a text: those its tokenizer puts before every text, and the text's own. */
    public int[] prompt(String text) throws CheckpointException {
        var ids = need().encode(text);
        var start = need().start();
        var all = java.util.Arrays.copyOf(start, start.length + ids.length);
        System.arraycopy(ids, 0, all, start.length, ids.length);
        return all;
    }

    /**
     * A setting to generate with by one click.
     *
     * @param count new tokens
     */
    public record Textbook(String prompt, int count, double temperature, int topK) {
        /** Raschka, <em>Build a Large Language Model (From Scratch)</em>, §5.5: OpenAI's weights, loaded. */
        public static final Textbook SETTING = new Textbook("Every effort moves you", 25, 1.5, 50);
    }

    /** What was generated. */
    public record Continuation(String text, int[] promptIds, Generator.Result result) {
        public double tokensPerSecond() {
            return result.decodeNanos() == 0 ? 0 : result.steps() * 1e9 / result.decodeNanos();
        }

        public double prefillTokensPerSecond() {
            return result.prefillNanos() == 0 ? 0 : promptIds.length * 1e9 / result.prefillNanos();
        }
    }

    /**
     * Continues a prompt.
     *
     * @param onText gets the text as it comes, whole characters only
     */
    public Continuation generate(String prompt, int count, Sampling sampling, boolean ignoreEnd,
            Consumer<String> onText, Progress progress) throws CheckpointException {
        var words = need();
        var ids = checked(prompt, count);
        var stream = new TextStream(words);
        var text = new StringBuilder();
        var result = new Generator(model).generate(ids, count, sampling,
                ignoreEnd ? Set.of() : ends(words), id -> {
                    var piece = stream.next(id);
                    text.append(piece);
                    onText.accept(piece);
                }, progress);
        var rest = stream.end();
        text.append(rest);
        onText.accept(rest);
        return new Continuation(text.toString(), ids, result);
    }

    /**
     * The ids of a prompt that can be continued.
     *
     * @throws CheckpointException BAD_PROMPT for an empty prompt or one longer than the context (the textbook's loop
     *         would drop its beginning without a word), NO_MEMORY, NO_TOKENIZER, NOT_IN_VOCABULARY
     */
    public int[] checked(String prompt, int count) throws CheckpointException {
        var ids = prompt(prompt);
        if (ids.length == 0 || ids.length > model.context()) {
            throw Problem.of(Code.BAD_PROMPT).field("prompt").found(ids.length).expected("1 … " + model.context())
                    .asException();
        }
        Memory.check(model, (long) ids.length + count);
        return ids;
    }

    /** The ids that end a text: the tokenizer's, and those the model's configuration names. */
    private Set<Integer> ends(Tokenizer words) {
        var ends = new HashSet<Integer>();
        words.endOfText().ifPresent(ends::add);
        source.settings().stream().map(s -> s.values().get("eos_token_id")).forEach(value -> {
            for (var id : value instanceof List<?> list ? list : value == null ? List.of() : List.of(value)) {
                if (id instanceof Long number && number >= 0 && number < model.vocabulary()) {
                    ends.add(number.intValue());
                }
            }
        });
        return ends;
    }

    /** Mean cross-entropy of a text, nat/token. */
    public Loss loss(String text, Progress progress) throws CheckpointException {
        var ids = prompt(text);
        Memory.check(model, ids.length);
        return Loss.of(model, ids, progress);
    }

    /** Logits after some ids, one for each token of the vocabulary. */
    public float[] logits(int[] ids) throws CheckpointException {
        return model.lastLogits(ids);
    }

    /** A candidate for the next token. */
    public record Candidate(int id, float logit, double probability, @Nullable String token) {
    }

    /** The likeliest next tokens after some ids. */
    public List<Candidate> next(int[] ids, int count) throws CheckpointException {
        return likeliest(model.lastLogits(ids), count);
    }

    /** The tokens with the largest logits, and their probabilities. */
    public List<Candidate> likeliest(float[] logits, int count) {
        return LayerTrace.likeliest(logits, count).stream().map(this::candidate).toList();
    }

    private Candidate candidate(LayerTrace.Guess guess) {
        return new Candidate(guess.id(), guess.logit(), guess.probability(),
                tokenizer == null ? null : tokenizer.piece(guess.id()));
    }
}
