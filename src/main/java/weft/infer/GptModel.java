package weft.infer;

import static weft.infer.Matrices.plus;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

import org.ejml.data.FMatrixRMaj;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.SourceFile;
import weft.tensor.TensorData;

/**
 * GPT-2: learned positions, LayerNorm before each half of a block, a feed-forward block with one activation. Radford
 * et al., <em>Language Models are Unsupervised Multitask Learners</em> (2019).
 *
 * <p>
 * Roles and their shapes, with v tokens, c positions, width d, h heads of size k = d/h, f units: {@code embed.tokens}
 * [v, d], {@code embed.positions} [c, d], in each {@code block.{i}} {@code norm1} and {@code norm2} [d],
 * {@code attn.q}, {@code attn.k}, {@code attn.v} [h·k, d], {@code attn.out} [d, h·k], {@code mlp.up} [f, d],
 * {@code mlp.down} [d, f], then {@code norm} [d] and {@code head} [v, d]; each but the embeddings with {@code .weight}
 * and {@code .bias}. A bias that nothing feeds is left out; a head that nothing feeds is {@code embed.tokens}.
 */
public final class GptModel extends Decoder<GptModel.Block> {
    record Block(int index, Layer.LayerNorm norm1, Layer.Linear q, Layer.Linear k, Layer.Linear v,
            Layer.Linear out, Layer.LayerNorm norm2, Layer.Linear up, Layer.Linear down) implements Decoder.Block {
        @Override
        public List<Layer> attentionLayers() {
            return List.of(q, k, v, out);
        }

        @Override
        public List<Layer> mlpLayers() {
            return List.of(up, down);
        }
    }

    private final GptHypers hypers;
    private final Attention attention;
    private final TensorData positions; // [c, d]

    private GptModel(GptHypers hypers, Kernels kernels, Attention attention, TensorData tokens, TensorData positions,
            List<Block> blocks, Layer.LayerNorm norm, Layer.Linear head) {
        super(kernels, tokens, blocks, norm, head);
        this.hypers = hypers;
        this.attention = attention;
        this.positions = positions;
    }

    /**
     * Takes the weights and checks all of them, so that nothing can go wrong later but the file changing.
     *
     * @throws CheckpointException NOT_COMPLETE (a role nothing feeds), E_SHAPE, NOT_FINITE, UNKNOWN_DTYPE, BAD_CONFIG
     *         (the width isn't a multiple of the heads, no layers, …), each naming the role
     */
    public static GptModel load(Weights weights, GptHypers hypers, Kernels kernels) throws CheckpointException {
        return SourceFile.guarded(() -> {
            var loader = new Loader(weights, kernels);
            var tokens = loader.tensor("embed.tokens", -1, -1);
            var positions = loader.tensor("embed.positions", -1, tokens.shape().dim(1));
            return load(loader, tokens, positions, hypers, kernels);
        });
    }

    private static GptModel load(Loader loader, TensorData tokens, TensorData positions, GptHypers hypers,
            Kernels kernels) throws CheckpointException {
        int d = Loader.dim(tokens.shape(), 1);
        if (hypers.heads() < 1 || d % hypers.heads() != 0) {
            throw Loader.bad(Code.BAD_CONFIG, "heads", hypers.heads(), "divides " + d);
        }
        if (hypers.layers() < 1) { throw Loader.bad(Code.BAD_CONFIG, "layers", hypers.layers(), ">= 1"); }
        if (hypers.context() < 1 || hypers.context() > positions.shape().dim(0)) {
            throw Loader.bad(Code.BAD_CONFIG, "context", hypers.context(), "<= " + positions.shape().dim(0));
        }
        int k = d / hypers.heads();
        double eps = hypers.epsilon();
        var blocks = new ArrayList<Block>();
        for (int i = 0; i < hypers.layers(); i++) {
            var b = "block." + i;
            var up = loader.linear(b + ".mlp.up", -1, d);
            blocks.add(new Block(i, loader.layerNorm(b + ".norm1", d, eps), loader.linear(b + ".attn.q", d, d),
                    loader.linear(b + ".attn.k", d, d), loader.linear(b + ".attn.v", d, d),
                    loader.linear(b + ".attn.out", d, d), loader.layerNorm(b + ".norm2", d, eps), up,
                    loader.linear(b + ".mlp.down", d, up.weight().shape().dim(0))));
        }
        var attention = new Attention(hypers.heads(), hypers.heads(), k, Integer.MAX_VALUE,
                (float) (1 / Math.sqrt(k)));
        return new GptModel(hypers, kernels, attention, tokens, positions, List.copyOf(blocks),
                loader.layerNorm("norm", d, eps), loader.head(tokens));
    }

    @Override
    public GptModel with(Weights weights, Predicate<String> changed) throws CheckpointException {
        return SourceFile.guarded(() -> {
            var loader = new Loader(weights, kernels, unchanged(changed));
            var rows = changed.test("embed.tokens") ? loader.tensor("embed.tokens", -1, -1) : tokens;
            var places = changed.test("embed.positions")
                    ? loader.tensor("embed.positions", -1, rows.shape().dim(1))
                    : positions;
            return load(loader, rows, places, hypers, kernels);
        });
    }

    /** Token row + position row. */
    @Override
    FMatrixRMaj embed(int[] ids, int past) {
        var places = new FMatrixRMaj(ids.length, width());
        positions.slice(0, past, past + (long) ids.length, 1).toFloats(places.data, 0);
        return plus(rows(ids), places); // [n, d]
    }

    @Override
    FMatrixRMaj attention(Block block, FMatrixRMaj x, Pass pass) {
        var q = pass.run(block.q, x); // [n, h·k]
        var k = pass.run(block.k, x); // [n, h·k]
        var v = pass.run(block.v, x); // [n, h·k]
        var mixed = pass.attend(block.index, attention, q, k, v); // [n, h·k]
        var y = pass.run(block.out, mixed); // [n, d]
        return pass.seen(block.name() + ".attn", x, y);
    }

    @Override
    FMatrixRMaj mlp(Block block, FMatrixRMaj x, Pass pass) {
        var u = pass.run(block.up, x); // [n, f]
        var y = pass.run(block.down, kernels.activate(hypers.activation(), u)); // [n, d]
        return pass.seen(block.name() + ".mlp", x, y);
    }

    @Override
    public KvCache cache() {
        return new KvCache(layers(), width(), context());
    }

    @Override
    public String family() {
        return "gpt2";
    }

    @Override
    public int context() {
        return hypers.context();
    }
}
