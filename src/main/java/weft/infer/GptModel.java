package weft.infer;

import static weft.infer.Matrices.plus;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

import org.ejml.data.FMatrixRMaj;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Progress;
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
public final class GptModel implements LanguageModel {
    private record Block(int index, Layer.LayerNorm norm1, Layer.Linear q, Layer.Linear k, Layer.Linear v,
            Layer.Linear out, Layer.LayerNorm norm2, Layer.Linear up, Layer.Linear down) {
        String name() {
            return "block." + index;
        }
    }

    private final GptHypers hypers;
    private final Kernels kernels;
    private final Attention attention;
    private final TensorData tokens; // [v, d]
    private final TensorData positions; // [c, d]
    private final List<Block> blocks;
    private final Layer.LayerNorm norm;
    private final Layer.Linear head;

    private GptModel(GptHypers hypers, Kernels kernels, Attention attention, TensorData tokens, TensorData positions,
            List<Block> blocks, Layer.LayerNorm norm, Layer.Linear head) {
        this.hypers = hypers;
        this.kernels = kernels;
        this.attention = attention;
        this.tokens = tokens;
        this.positions = positions;
        this.blocks = blocks;
        this.norm = norm;
        this.head = head;
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
            var known = new LinkedHashMap<String, Layer>();
            for (var b : blocks) {
                List.of(b.norm1, b.q, b.k, b.v, b.out, b.norm2, b.up, b.down).forEach(l -> known.put(l.name(), l));
            }
            List.of(norm, head).forEach(l -> known.put(l.name(), l));
            known.keySet().removeIf(changed);
            var loader = new Loader(weights, kernels, known);
            var rows = tokens;
            if (changed.test("embed.tokens")) {
                known.remove("head"); // it may be the same matrix
                rows = loader.tensor("embed.tokens", -1, -1);
            }
            var places = changed.test("embed.positions")
                    ? loader.tensor("embed.positions", -1, rows.shape().dim(1))
                    : positions;
            return load(loader, rows, places, hypers, kernels);
        });
    }

    @Override
    public FMatrixRMaj embed(int[] ids) throws CheckpointException {
        Prompts.check(ids, vocabulary(), context());
        return SourceFile.guarded(() -> embed(ids, 0));
    }

    @Override
    public FMatrixRMaj hidden(int[] ids, KvCache cache, Trace trace, Progress progress) throws CheckpointException {
        Prompts.check(ids, vocabulary(), cache.room());
        return SourceFile.guarded(() -> {
            var pass = new Pass(kernels, cache, trace, progress);
            var x = embed(ids, cache.length()); // [n, d]
            for (var block : blocks) {
                pass.check();
                x = block(block, x, pass); // [n, d]
            }
            cache.advance(ids.length);
            return pass.run(norm, x); // [n, d]
        });
    }

    /** Token row + position row. */
    private FMatrixRMaj embed(int[] ids, int past) {
        int d = width();
        var x = new FMatrixRMaj(ids.length, d);
        var position = new float[d];
        for (int row = 0; row < ids.length; row++) {
            tokens.slice(0, ids[row], ids[row] + 1L, 1).toFloats(x.data, row * d);
            positions.slice(0, past + row, past + row + 1L, 1).toFloats(position, 0);
            for (int j = 0; j < d; j++) {
                x.data[row * d + j] += position[j];
            }
        }
        return x; // [n, d]
    }

    private FMatrixRMaj block(Block block, FMatrixRMaj x, Pass pass) {
        var a = plus(x, attention(block, pass.run(block.norm1, x), pass)); // [n, d]
        var y = plus(a, mlp(block, pass.run(block.norm2, a), pass)); // [n, d]
        return pass.seen(block.name(), x, y);
    }

    private FMatrixRMaj attention(Block block, FMatrixRMaj x, Pass pass) {
        var q = pass.run(block.q, x); // [n, h·k]
        var k = pass.run(block.k, x); // [n, h·k]
        var v = pass.run(block.v, x); // [n, h·k]
        var mixed = pass.attend(block.index, attention, q, k, v); // [n, h·k]
        var y = pass.run(block.out, mixed); // [n, d]
        return pass.seen(block.name() + ".attn", x, y);
    }

    private FMatrixRMaj mlp(Block block, FMatrixRMaj x, Pass pass) {
        var u = pass.run(block.up, x); // [n, f]
        var y = pass.run(block.down, kernels.activate(hypers.activation(), u)); // [n, d]
        return pass.seen(block.name() + ".mlp", x, y);
    }

    @Override
    public FMatrixRMaj head(FMatrixRMaj hidden) throws CheckpointException {
        return SourceFile.guarded(() -> head.apply(kernels, hidden)); // [n, v]
    }

    @Override
    public Map<String, UnaryOperator<FMatrixRMaj>> modules() {
        var modules = new LinkedHashMap<String, UnaryOperator<FMatrixRMaj>>();
        for (var b : blocks) {
            add(modules, b.norm1, b.q, b.k, b.v, b.out);
            modules.put(b.name() + ".attn", x -> attention(b, x, alone()));
            add(modules, b.norm2, b.up, b.down);
            modules.put(b.name() + ".mlp", x -> mlp(b, x, alone()));
            modules.put(b.name(), x -> block(b, x, alone()));
        }
        add(modules, norm, head);
        return modules;
    }

    private void add(Map<String, UnaryOperator<FMatrixRMaj>> modules, Layer... layers) {
        for (var layer : layers) {
            modules.put(layer.name(), x -> layer.apply(kernels, x));
        }
    }

    /** A run of one module by itself, from position 0. */
    private Pass alone() {
        return new Pass(kernels, cache(), Trace.NONE, Progress.NONE);
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
    public int vocabulary() {
        return Loader.dim(tokens.shape(), 0);
    }

    @Override
    public int context() {
        return hypers.context();
    }

    @Override
    public int width() {
        return Loader.dim(tokens.shape(), 1);
    }

    @Override
    public int layers() {
        return blocks.size();
    }
}
