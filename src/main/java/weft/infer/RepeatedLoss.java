package weft.infer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import org.ejml.data.FMatrixRMaj;
import org.jspecify.annotations.Nullable;

import weft.io.CheckpointException;
import weft.io.Progress;
import weft.io.SourceFile;

/**
 * The loss of one text under many models that differ in a few blocks: what lies below the first block that differs is
 * computed once. The numbers are those of {@link Loss}, bit for bit: a block sees the same matrix either way.
 */
public final class RepeatedLoss {
    /** Bytes of hidden states that are held; beyond, only every second, third, … block's input is. */
    private static final long MOST_BYTES = 64L << 20;

    private final int[] ids;
    /** By window, by block: what went into it, [n, d], or null where that isn't held. */
    private List<List<@Nullable FMatrixRMaj>> held = List.of();

    /** @param ids at least two: every one but the first is predicted */
    public RepeatedLoss(int[] ids) {
        this.ids = ids.clone();
    }

    /** Ids predicted. */
    public int tokens() {
        return ids.length - 1;
    }

    /**
     * Mean loss, nat/token.
     *
     * @param shared how many of the first blocks are those of the model that was last held; 0 if only the embeddings are,
     *        −1 if nothing is
     * @param hold whether later models are to be compared with this one
     * @throws CheckpointException as {@link Loss#of}
     */
    public double of(LanguageModel model, int shared, boolean hold, Progress progress) throws CheckpointException {
        if (ids.length < 2) { return Loss.of(model, ids, progress).mean(); } // says what is wrong
        Prompts.range(ids, model.vocabulary());
        return SourceFile.guarded(() -> mean(model, shared, hold, progress));
    }

    private double mean(LanguageModel model, int shared, boolean hold, Progress progress) throws CheckpointException {
        var modules = model.modules();
        var each = new double[ids.length - 1];
        int context = model.context();
        var next = new ArrayList<List<@Nullable FMatrixRMaj>>();
        for (int start = 0, window = 0; start < each.length; start += context, window++) {
            int count = Math.min(context, each.length - start);
            long bytes = (long) each.length * model.width() * Float.BYTES * model.layers();
            long every = Math.max(1, Math.ceilDiv(bytes, MOST_BYTES));
            var before = window < held.size() ? held.get(window) : List.<@Nullable FMatrixRMaj>of();
            int first = Math.min(shared, before.size() - 1);
            while (first >= 0 && before.get(first) == null) {
                first--;
            }
            var x = first >= 0
                    ? java.util.Objects.requireNonNull(before.get(first))
                    : model.embed(Arrays.copyOfRange(ids, start, start + count)); // [n, d]
            var inputs = new ArrayList<@Nullable FMatrixRMaj>(before.subList(0, Math.max(0, first)));
            for (int block = Math.max(0, first); block < model.layers(); block++) {
                progress.check();
                inputs.add(block % every == 0 ? x : null);
                x = java.util.Objects.requireNonNull(modules.get("block." + block)).apply(x); // [n, d]
            }
            x = java.util.Objects.requireNonNull(modules.get("norm")).apply(x);
            Loss.of(model, x, ids, start, each, progress);
            next.add(inputs);
        }
        if (hold) {
            held = next;
        }
        return Loss.mean(each);
    }
}
