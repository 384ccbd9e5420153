package weft.infer;

import static weft.infer.Matrices.plus;
import static weft.infer.Matrices.times;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

import org.ejml.data.FMatrixRMaj;
import org.jspecify.annotations.Nullable;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Progress;
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
 * (then it is {@code embed.tokens}), {@code rope.factors} [k/2], what each rotary frequency is divided by. Channels of a head are in rotary halves, as Hugging Face has them.
 */
public final class LlamaModel implements LanguageModel {
    private record Block(int index, Attention attention, Layer.RmsNorm norm1, Layer.Linear q, Layer.Linear k,
            Layer.Linear v, Layer.@Nullable RmsNorm qNorm, Layer.@Nullable RmsNorm kNorm, Layer.Linear out,
            Layer.RmsNorm norm2, Layer.Linear gate, Layer.Linear up, Layer.Linear down) {
        String name() {
            return "block." + index;
        }
    }

    private final LlamaHypers hypers;
    private final Kernels kernels;
    private final Rope rope;
    private final TensorData tokens; // [v, d]
    private final List<Block> blocks;
    private final Layer.RmsNorm norm;
    private final Layer.Linear head;

    private LlamaModel(LlamaHypers hypers, Kernels kernels, Rope rope, TensorData tokens, List<Block> blocks,
            Layer.RmsNorm norm, Layer.Linear head) {
        this.hypers = hypers;
        this.kernels = kernels;
        this.rope = rope;
        this.tokens = tokens;
        this.blocks = blocks;
        this.norm = norm;
        this.head = head;
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
            var known = new LinkedHashMap<String, Layer>();
            for (var b : blocks) {
                put(known, b.norm1, b.q, b.qNorm, b.k, b.kNorm, b.v, b.out, b.norm2, b.gate, b.up, b.down);
            }
            put(known, norm, head);
            known.keySet().removeIf(changed);
            var loader = new Loader(weights, kernels, known);
            if (!changed.test("embed.tokens")) { return load(loader, tokens, hypers, kernels); }
            known.remove("head"); // it may be the same matrix
            return load(loader, loader.tensor("embed.tokens", -1, -1), hypers, kernels);
        });
    }

    private static void put(Map<String, Layer> known, @Nullable Layer... layers) {
        for (var layer : layers) {
            if (layer != null) {
                known.put(layer.name(), layer);
            }
        }
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

    @Override
    public FMatrixRMaj hidden(int[] ids, KvCache cache, Trace trace, Progress progress) throws CheckpointException {
        Prompts.check(ids, vocabulary(), cache.room());
        return SourceFile.guarded(() -> {
            var pass = new Pass(kernels, cache, trace, progress);
            var x = rows(ids); // [n, d]
            for (var block : blocks) {
                pass.check();
                x = block(block, x, pass); // [n, d]
            }
            cache.advance(ids.length);
            return pass.run(norm, x); // [n, d]
        });
    }

    @Override
    public FMatrixRMaj embed(int[] ids) throws CheckpointException {
        Prompts.check(ids, vocabulary(), context());
        return SourceFile.guarded(() -> rows(ids));
    }

    private FMatrixRMaj rows(int[] ids) {
        var x = new FMatrixRMaj(ids.length, width());
        for (int row = 0; row < ids.length; row++) {
            tokens.slice(0, ids[row], ids[row] + 1L, 1).toFloats(x.data, row * width());
        }
        return x; // [n, d]
    }

    private FMatrixRMaj block(Block block, FMatrixRMaj x, Pass pass) {
        var a = plus(x, attention(block, pass.run(block.norm1, x), pass)); // [n, d]
        var y = plus(a, mlp(block, pass.run(block.norm2, a), pass)); // [n, d]
        return pass.seen(block.name(), x, y);
    }

    private FMatrixRMaj attention(Block block, FMatrixRMaj x, Pass pass) {
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

    private FMatrixRMaj mlp(Block block, FMatrixRMaj x, Pass pass) {
        var gate = kernels.activate(hypers.activation(), pass.run(block.gate, x)); // [n, f]
        var u = times(gate, pass.run(block.up, x)); // [n, f]
        var y = pass.run(block.down, u); // [n, d]
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
            add(modules, b.norm1, b.q, b.qNorm, b.k, b.kNorm, b.v, b.out);
            modules.put(b.name() + ".attn", x -> attention(b, x, alone()));
            add(modules, b.norm2, b.gate, b.up, b.down);
            modules.put(b.name() + ".mlp", x -> mlp(b, x, alone()));
            modules.put(b.name(), x -> block(b, x, alone()));
        }
        add(modules, norm, head);
        return modules;
    }

    private void add(Map<String, UnaryOperator<FMatrixRMaj>> modules, @Nullable Layer... layers) {
        for (var layer : layers) {
            if (layer != null) {
                modules.put(layer.name(), x -> layer.apply(kernels, x));
            }
        }
    }

    /** A run of one module by itself, from position 0. */
    private Pass alone() {
        return new Pass(kernels, cache(), Trace.NONE, Progress.NONE);
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
