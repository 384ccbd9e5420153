package weft.infer;

import static weft.infer.Matrices.plus;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

import org.ejml.data.FMatrixRMaj;

import weft.io.CheckpointException;
import weft.io.Progress;
import weft.io.SourceFile;
import weft.tensor.TensorData;

/**
 * What decoder-only transformers have in common: a row for each token, blocks one after the other, a final norm, a head. Each
 * half of a block is added to what it was given the norm of. A family writes down the two halves.
 *
 * @param <B> the family's block
 */
abstract sealed class Decoder<B extends Decoder.Block> implements LanguageModel permits GptModel, LlamaModel {
    /** The layers of a block. */
    interface Block {
        int index();

        Layer norm1();

        /** Those of the attention, in the order they run, its norm left out. */
        List<Layer> attentionLayers();

        Layer norm2();

        /** Those of the feed-forward half, in the order they run, its norm left out. */
        List<Layer> mlpLayers();

        default String name() {
            return "block." + index();
        }
    }

    final Kernels kernels;
    final TensorData tokens; // [v, d]
    final List<B> blocks;
    private final Layer norm;
    private final Layer.Linear head;

    Decoder(Kernels kernels, TensorData tokens, List<B> blocks, Layer norm, Layer.Linear head) {
        this.kernels = kernels;
        this.tokens = tokens;
        this.blocks = blocks;
        this.norm = norm;
        this.head = head;
    }

    /** What the first block gets for tokens that stand behind {@code past} others. @return [n, d] */
    abstract FMatrixRMaj embed(int[] ids, int past);

    /** @param x [n, d], the norm's output @return [n, d] */
    abstract FMatrixRMaj attention(B block, FMatrixRMaj x, Pass pass);

    /** @param x [n, d], the norm's output @return [n, d] */
    abstract FMatrixRMaj mlp(B block, FMatrixRMaj x, Pass pass);

    private FMatrixRMaj block(B block, FMatrixRMaj x, Pass pass) {
        var a = plus(x, attention(block, pass.run(block.norm1(), x), pass)); // [n, d]
        var y = plus(a, mlp(block, pass.run(block.norm2(), a), pass)); // [n, d]
        return pass.seen(block.name(), x, y);
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

    @Override
    public FMatrixRMaj embed(int[] ids) throws CheckpointException {
        Prompts.check(ids, vocabulary(), context());
        return SourceFile.guarded(() -> embed(ids, 0));
    }

    /** The rows of tokens. @return [n, d] */
    FMatrixRMaj rows(int[] ids) {
        var x = new FMatrixRMaj(ids.length, width());
        for (int row = 0; row < ids.length; row++) {
            tokens.slice(0, ids[row], ids[row] + 1L, 1).toFloats(x.data, row * width());
        }
        return x; // [n, d]
    }

    @Override
    public FMatrixRMaj head(FMatrixRMaj hidden) throws CheckpointException {
        return SourceFile.guarded(() -> head.apply(kernels, hidden)); // [n, v]
    }

    @Override
    public Map<String, UnaryOperator<FMatrixRMaj>> modules() {
        var modules = new LinkedHashMap<String, UnaryOperator<FMatrixRMaj>>();
        for (var b : blocks) {
            add(modules, b.norm1());
            b.attentionLayers().forEach(layer -> add(modules, layer));
            modules.put(b.name() + ".attn", x -> attention(b, x, alone()));
            add(modules, b.norm2());
            b.mlpLayers().forEach(layer -> add(modules, layer));
            modules.put(b.name() + ".mlp", x -> mlp(b, x, alone()));
            modules.put(b.name(), x -> block(b, x, alone()));
        }
        add(modules, norm);
        add(modules, head);
        return modules;
    }

    private void add(Map<String, UnaryOperator<FMatrixRMaj>> modules, Layer layer) {
        modules.put(layer.name(), x -> layer.apply(kernels, x));
    }

    /** A run of one module by itself, from position 0. */
    private Pass alone() {
        return new Pass(kernels, cache(), Trace.NONE, Progress.NONE);
    }

    /** Layers that a model with other weights shares with this one, by name. */
    Map<String, Layer> unchanged(Predicate<String> changed) {
        var known = new LinkedHashMap<String, Layer>();
        for (var b : blocks) {
            Stream.of(List.of(b.norm1(), b.norm2()), b.attentionLayers(), b.mlpLayers()).flatMap(List::stream)
                    .forEach(layer -> known.put(layer.name(), layer));
        }
        known.put(norm.name(), norm);
        if (!changed.test("embed.tokens")) { // the head may be the same matrix
            known.put(head.name(), head);
        }
        known.keySet().removeIf(changed);
        return known;
    }

    @Override
    public int vocabulary() {
        return Loader.dim(tokens.shape(), 0);
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
