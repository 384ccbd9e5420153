package weft.infer;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

import org.ejml.data.FMatrixRMaj;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.io.Progress;
import weft.io.SourceFile;

/**
 * What goes on inside a model while it reads a text, layer by layer: how long the hidden states are, where each head
 * looks, and what each layer would say if it were the last (the <em>logit lens</em>, nostalgebraist, 2020: the final
 * norm and the head on a layer's hidden state). Nothing of it is recorded in an ordinary run.
 *
 * @param ids the text, [n]
 * @param position the position the guesses are for
 * @param layers the embedding first, then every block; the last one's guesses are the model's own
 */
public record LayerTrace(int[] ids, int position, List<Layer> layers) {
    /** Floats of attention maps that are kept at most: a quarter of a gigabyte. */
    private static final long MOST = 1 << 26;

    /**
     * One layer.
     *
     * @param name {@code embed}, {@code block.0}, …
     * @param norms Euclidean length of the hidden state at each position, [n]
     * @param attention for each head [n, n]: row r is what position r looks at, adding up to 1; empty for the embedding
     * @param guesses the likeliest next tokens by this layer, the likeliest first
     */
    public record Layer(String name, double[] norms, List<FMatrixRMaj> attention, List<Guess> guesses) {
    }

    /** A token and its probability. */
    public record Guess(int id, float logit, double probability) {
    }

    /** Heads of a layer; 0 where nothing was recorded. */
    public int heads() {
        return layers.getLast().attention().size();
    }

    /**
     * Where a block's heads look, [n, n] row by row: row r is what position r looks at.
     *
     * @param block 0 for the first
     * @param head −1 for the mean of all
     */
    public float[] attention(int block, int head) {
        var maps = layers.get(block + 1).attention();
        if (head >= 0) { return maps.get(head).data.clone(); }
        var mean = new float[ids.length * ids.length];
        for (var map : maps) {
            for (int i = 0; i < mean.length; i++) {
                mean[i] += map.data[i] / maps.size();
            }
        }
        return mean;
    }

    /** What the model would say next. */
    public List<Guess> next() {
        return layers.getLast().guesses();
    }

    /**
     * Runs a text through a model and records it.
     *
     * @param ids n ids, no more than the context holds
     * @param position whose next token is guessed; −1 for the last
     * @param top guesses a layer
     * @throws CheckpointException BAD_PROMPT for no ids, too many for the context or for the memory maps take; ID_RANGE,
     *         CANCELLED
     */
    public static LayerTrace of(LanguageModel model, int[] ids, int position, int top, Progress progress)
            throws CheckpointException {
        int at = position < 0 ? ids.length - 1 : position;
        if (ids.length == 0 || at >= ids.length) {
            throw Loader.bad(Code.BAD_PROMPT, "ids", ids.length, "1 … " + model.context());
        }
        var recorder = new Recorder(model.layers(), ids.length);
        try {
            model.hidden(ids, model.cache(), recorder, progress);
        } catch (TooMuch e) {
            throw Problem.of(Code.BAD_PROMPT).field("ids").found(ids.length).expected("1 … " + e.positions)
                    .asException(e);
        }
        return SourceFile.guarded(() -> {
            var norm = model.modules().get("norm");
            var layers = new ArrayList<Layer>();
            for (int i = 0; i < recorder.states.size(); i++) {
                progress.check();
                var state = recorder.states.get(i); // [n, d]
                var last = Matrices.rows(state, at, at + 1); // [1, d]
                var logits = model.head(norm == null ? last : norm.apply(last)); // [1, v]
                layers.add(new Layer(i == 0 ? "embed" : "block." + (i - 1), norms(state),
                        i == 0 ? List.of() : List.copyOf(recorder.maps.get(i - 1)), likeliest(logits.data, top)));
            }
            return new LayerTrace(ids.clone(), at, List.copyOf(layers));
        });
    }

    private static double[] norms(FMatrixRMaj state) {
        var norms = new double[state.numRows];
        for (int row = 0; row < norms.length; row++) {
            double squares = 0;
            for (int i = row * state.numCols; i < (row + 1) * state.numCols; i++) {
                squares += (double) state.data[i] * state.data[i];
            }
            norms[row] = Math.sqrt(squares);
        }
        return norms;
    }

    /** The tokens with the largest logits, with their softmax probabilities. */
    public static List<Guess> likeliest(float[] logits, int top) {
        var softmax = Softmax.of(logits);
        return IntStream.range(0, logits.length).boxed().sorted((a, b) -> Float.compare(logits[b], logits[a]))
                .limit(top).map(id -> new Guess(id, logits[id], softmax.probability(id))).toList();
    }

    /** Keeps hidden states and attention maps, nothing else. */
    private static final class Recorder implements Trace {
        private final List<FMatrixRMaj> states = new ArrayList<>();
        private final List<List<FMatrixRMaj>> maps = new ArrayList<>();
        private final int positions;

        Recorder(int layers, int positions) {
            this.positions = positions;
            for (int i = 0; i < layers; i++) {
                maps.add(new ArrayList<>());
            }
        }

        @Override
        public boolean wantsAttention() {
            return true;
        }

        @Override
        public void module(String name, FMatrixRMaj input, FMatrixRMaj output) {
            if (states.isEmpty()) {
                states.add(input); // the first module's input is the embedding
            }
            if (name.equals("block." + (states.size() - 1))) {
                states.add(output);
            }
        }

        @Override
        public void attention(int layer, int head, FMatrixRMaj probabilities) {
            maps.get(layer).add(probabilities);
            long all = (long) maps.getFirst().size() * maps.size(); // heads so far, times layers
            if (layer == 0 && all * positions * positions > MOST) {
                throw new TooMuch((int) Math.sqrt((double) MOST / all));
            }
        }
    }

    /** More maps than are kept. */
    private static final class TooMuch extends RuntimeException {
        private static final long serialVersionUID = 1;
        private final int positions;

        TooMuch(int positions) {
            super(null, null, false, false);
            this.positions = positions;
        }
    }
}
