package weft.infer;

import org.ejml.data.FMatrixRMaj;

import weft.io.CheckpointException;
import weft.io.Progress;

/** One run through a model: its kernels, the cache it fills, who looks on, who may cancel. */
record Pass(Kernels kernels, KvCache cache, Trace trace, Progress progress) {
    FMatrixRMaj run(Layer layer, FMatrixRMaj x) {
        return seen(layer.name(), x, layer.apply(kernels, x));
    }

    /** Shows a module's output to whoever looks on, and gives it back. */
    FMatrixRMaj seen(String name, FMatrixRMaj input, FMatrixRMaj output) {
        trace.module(name, input, output);
        return output;
    }

    /** Attention of new positions with queries q [n, h·k] over everything in the cache and k, v [n, g·k] → [n, h·k]. */
    FMatrixRMaj attend(int layer, Attention shape, FMatrixRMaj q, FMatrixRMaj k, FMatrixRMaj v) {
        cache.append(layer, k, v);
        int length = cache.length() + q.numRows;
        if (trace.wantsAttention()) {
            return EjmlKernels.INSTANCE.attend(shape, q, cache.keys(layer), cache.values(layer), length,
                    (head, map) -> trace.attention(layer, head, map));
        }
        return kernels.attend(shape, q, cache.keys(layer), cache.values(layer), length);
    }

    void check() throws CheckpointException {
        progress.check();
    }
}
