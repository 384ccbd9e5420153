package weft.infer;

import static weft.infer.Matrices.times;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

import org.ejml.data.FMatrixRMaj;
import org.jspecify.annotations.Nullable;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.SourceFile;
import weft.tensor.TensorData;

/**
 * The Llama line: RMSNorm before each half of a block, rotary positions, grouped-query attention, a gated feed-forward
 * block. Touvron et al., <em>Llama 2</em> (2023); with Qwen2's biases, Qwen3's norms of queries and keys, Mistral's
 * sliding window where the weights and numbers say so.
 *
 * <p>
 * Roles and their shapes, with v tokens, width d, h query heads and g key heads of size k, f units:
 * {@code embed.tokens} [v, d], in each {@code block.{i}} {@code norm1} and {@code norm2} [d], {@code attn.q} [h·k, d],
 * {@code attn.k} and {@code attn.v} [g·k, d], {@code attn.out} [d, h·k], {@code mlp.gate} and {@code mlp.up} [f, d],
 * {@code mlp.down} [d, f], then {@code norm} [d] and {@code head} [v, d], each {@code .weight}. May be absent:
 * {@code .bias} of any product, {@code attn.q_norm.weight} and {@code attn.k_norm.weight} [k], {@code head.weight}
 * (then it is {@code embed.tokens}), {@code rope.factors} [k/2], what each rotary frequency is divided by. Channels of
 * a head are in rotary halves, as Hugging Face has them.
 */
public final class LlamaModel extends Decoder<LlamaModel.Block> {
    record Block(int index, Attention attention, Layer.RmsNorm norm1, Layer.Linear q, Layer.Linear k,
            Layer.Linear v, Layer.@Nullable RmsNorm qNorm, Layer.@Nullable RmsNorm kNorm, Layer.Linear out,
            Layer.RmsNorm norm2, Layer.Linear gate, Layer.Linear up, Layer.Linear down) implements Decoder.Block {
        @Override
        public List<Layer> attentionLayers() {
            return Stream.of(q, qNorm, k, kNorm, v, out).<Layer>mapMulti((layer, some) -> {
                if (layer != null) {
                    some.accept(layer);
                }
            }).toList();
        }

        @Override
        public List<Layer> mlpLayers() {
            return List.of(gate, up, down);
        }
    }

    private final LlamaHypers hypers;
    private final Rope rope;

    private LlamaModel(LlamaHypers hypers, Kernels kernels, Rope rope, TensorData tokens, List<Block> blocks,
            Layer.RmsNorm norm, Layer.Linear head) {
        super(kernels, tokens, blocks, norm, head);
        this.hypers = hypers;
        this.rope = rope;
    }

    /**
     * Takes the weights and checks all of them, so that nothing can go wrong later but the file changing.
     *
     * @throws CheckpointException NOT_COMPLETE (a role nothing feeds), E_SHAPE, NOT_FINITE, UNKNOWN_DTYPE, BAD_CONFIG,
     *         each naming the role or number
     */
    public static LlamaModel load(Weights weights, LlamaHypers hypers, Kernels kernels) throws CheckpointException {
        return SourceFile.guarded(() -> {
            var loader = new Loader(weights, kernels);
            return load(loader, loader.tensor("embed.tokens", -1, -1), hypers, kernels);
        });
    }

    private static LlamaModel load(Loader loader, TensorData tokens, LlamaHypers hypers, Kernels kernels)
            throws CheckpointException {
        int h = hypers.heads();
        int g = hypers.groups();
        if (hypers.layers() < 1) { throw Loader.bad(Code.BAD_CONFIG, "layers", hypers.layers(), ">= 1"); }
        if (hypers.context() < 1) { throw Loader.bad(Code.BAD_CONFIG, "context", hypers.context(), ">= 1"); }
        if (g < 1 || h < 1 || h % g != 0) { throw Loader.bad(Code.BAD_CONFIG, "groups", g, "divides " + h); }
        if (!hypers.windows().isEmpty() && hypers.windows().size() != hypers.layers()) {
            throw Loader.bad(Code.BAD_CONFIG, "windows", hypers.windows().size(), hypers.layers());
        }
        int d = Loader.dim(tokens.shape(), 1);
        int rows = Loader.dim(loader.tensor("block.0.attn.q.weight", -1, d).shape(), 0);
        int k = rows / h;
        if (rows % h != 0 || k % 2 != 0) {
            throw Loader.bad(Code.BAD_CONFIG, "heads", h, "2 divides " + rows + "/heads");
        }
        double eps = hypers.epsilon();
        var blocks = new ArrayList<Block>();
        for (int i = 0; i < hypers.layers(); i++) {
            var b = "block." + i;
            int window = hypers.windows().isEmpty() || hypers.windows().get(i) <= 0
                    ? Integer.MAX_VALUE
                    : hypers.windows().get(i);
            var attention = new Attention(h, g, k, window, (float) (1 / Math.sqrt(k)));
            var up = loader.linear(b + ".mlp.up", -1, d);
            long f = up.weight().shape().dim(0);
            blocks.add(new Block(i, attention, loader.rmsNorm(b + ".norm1", d, eps),
                    loader.linear(b + ".attn.q", rows, d), loader.linear(b + ".attn.k", (long) g * k, d),
                    loader.linear(b + ".attn.v", (long) g * k, d),
                    loader.optionalRmsNorm(b + ".attn.q_norm", k, eps),
                    loader.optionalRmsNorm(b + ".attn.k_norm", k, eps), loader.linear(b + ".attn.out", d, rows),
                    loader.rmsNorm(b + ".norm2", d, eps), loader.linear(b + ".mlp.gate", f, d), up,
                    loader.linear(b + ".mlp.down", d, f)));
        }
        return new LlamaModel(hypers, kernels, new Rope(k, hypers.ropeBase(), scaling(hypers, loader, k)), tokens,
                List.copyOf(blocks), loader.rmsNorm("norm", d, eps), loader.head(tokens));
    }

    @Override
    public LlamaModel with(Weights weights, Predicate<String> changed) throws CheckpointException {
        return SourceFile.guarded(() -> {
            var loader = new Loader(weights, kernels, unchanged(changed));
            var rows = changed.test("embed.tokens") ? loader.tensor("embed.tokens", -1, -1) : tokens;
            return load(loader, rows, hypers, kernels);
        });
    }

    /** Divisors that lie beside the weights are the scaling itself; else the numbers tell. */
    private static RopeScaling scaling(LlamaHypers hypers, Loader loader, int k) throws CheckpointException {
        if (!loader.has("rope.factors")) { return hypers.ropeScaling(); }
        var by = new ArrayList<Float>();
        for (var factor : loader.vector("rope.factors", k / 2)) {
            by.add(factor);
        }
        return new RopeScaling.Divided(by);
    }

    /** Token rows; where they stand, queries and keys are told by turning them. */
    @Override
    FMatrixRMaj embed(int[] ids, int past) {
        return rows(ids); // [n, d]
    }

    @Override
    FMatrixRMaj attention(Block block, FMatrixRMaj x, Pass pass) {
        int position = pass.cache().length();
        var q = rope.turn(normed(block.qNorm, pass.run(block.q, x), pass), position); // [n, h·k]
        var k = rope.turn(normed(block.kNorm, pass.run(block.k, x), pass), position); // [n, g·k]
        var v = pass.run(block.v, x); // [n, g·k]
        var mixed = pass.attend(block.index, block.attention, q, k, v); // [n, h·k]
        var y = pass.run(block.out, mixed); // [n, d]
        return pass.seen(block.name() + ".attn", x, y);
    }

    /** Each head by itself, where there is such a norm: [n, heads·k] seen as [n·heads, k]. */
    private FMatrixRMaj normed(Layer.@Nullable RmsNorm norm, FMatrixRMaj x, Pass pass) {
        if (norm == null) { return x; }
        int k = norm.weight().length;
        var heads = pass.run(norm, FMatrixRMaj.wrap(x.getNumElements() / k, k, x.data)); // [n·heads, k]
        return FMatrixRMaj.wrap(x.numRows, x.numCols, heads.data);
    }

    @Override
    FMatrixRMaj mlp(Block block, FMatrixRMaj x, Pass pass) {
        var gate = kernels.activate(hypers.activation(), pass.run(block.gate, x)); // [n, f]
        var u = times(gate, pass.run(block.up, x)); // [n, f]
        var y = pass.run(block.down, u); // [n, d]
        return pass.seen(block.name() + ".mlp", x, y);
    }

    @Override
    public KvCache cache() {
        var attention = blocks.getFirst().attention;
        return new KvCache(layers(), attention.groups() * attention.headSize(), context());
    }

    @Override
    public String family() {
        return "llama";
    }

    @Override
    public int context() {
        return hypers.context();
    }
}
