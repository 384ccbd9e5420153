package weft.infer;

import java.util.function.IntConsumer;

import org.ejml.data.FMatrixRMaj;
import org.jspecify.annotations.Nullable;

import weft.tensor.TensorData;

/**
 * The products that take nearly all the time. Two implementations compute the same: plain EJML, the reference, and one
 * on the Vector API that works straight on the mapped weights. Results don't depend on the number of threads.
 * Arguments are never changed; shapes have been checked by whoever calls.
 */
public interface Kernels {
    /**
     * y = x Wᵀ + b, row by row.
     *
     * @param weight W [out, in], any real type, any strides: a file that stores [in, out] is a transposed view
     * @param bias b [out], or null
     * @param x [n, in]
     * @return y [n, out]
     */
    FMatrixRMaj linear(TensorData weight, float @Nullable [] bias, FMatrixRMaj x);

    /**
     * Causal attention of the newest positions over all positions so far: softmax(scale · Q Kᵀ) V, head by head.
     *
     * @param q [n, h·k], the queries of the last n of {@code length} positions
     * @param keys [length, g·k] row-major; a head reads group {@code head / (h / g)}
     * @param values [length, g·k] row-major
     * @return [n, h·k]
     */
    FMatrixRMaj attend(Attention shape, FMatrixRMaj q, float[] keys, float[] values, int length);

    /** The activation of every element of x [n, f]. */
    FMatrixRMaj activate(Activation activation, FMatrixRMaj x);

    /** Some work on each of n rows of {@code width} elements by itself. A row's work writes nothing that another row's reads or writes. */
    default void eachRow(int n, int width, IntConsumer work) {
        for (int row = 0; row < n; row++) {
            work.accept(row);
        }
    }

    /** Whether every element is a finite number. */
    boolean finite(TensorData weight);

    /** The fastest kernels this JVM can run: the Vector API's where its module is there, on all cores. */
    static Kernels best() {
        return Best.KERNELS;
    }

    /** The reference, on any JVM. */
    static Kernels reference() {
        return EjmlKernels.INSTANCE;
    }

    /** Lets the compiler see the products in the background, once in a process, because somebody will soon ask for them. */
    static void warmUp() {
        WarmUp.begin();
    }

    /** Vector kernels with a number of threads of their own; the reference where the module isn't there. */
    static Kernels threads(int count) {
        // VectorKernels is not touched before the module is known to be there.
        return VectorApi.isLoaded() ? new VectorKernels(count) : EjmlKernels.INSTANCE;
    }

    /** Made when first asked for. */
    final class Best {
        private static final Kernels KERNELS = threads(Runtime.getRuntime().availableProcessors());

        private Best() {
        }
    }
}
