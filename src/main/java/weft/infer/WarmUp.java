package weft.infer;

import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;

import org.ejml.data.FMatrixRMaj;

import weft.tensor.TensorData;

/**
 * Runs the kernels on made-up matrices before somebody waits for them. Vector code runs at a hundredth of its speed until
 * the compiler has seen it often enough: the first prompt in a process takes a second longer than the next one.
 */
final class WarmUp {
    /** A width that models have: how long loops are is part of what the compiler learns. */
    private static final int WIDTH = 768;
    private static final int PROMPT = 32;
    /** After so many rounds the products are compiled. */
    private static final int ROUNDS = 24;

    private static final AtomicBoolean BEGUN = new AtomicBoolean();

    private WarmUp() {
    }

    /** Once in a process, on a thread that gives way to others; does nothing where there is nothing to gain. */
    static void begin() {
        if (VectorApi.isLoaded() && BEGUN.compareAndSet(false, true)) {
            // With workers of its own: those of the models stay free.
            Thread.ofPlatform().daemon().priority(Thread.MIN_PRIORITY).name("weft-warm-up")
                    .start(() -> run(Kernels.threads(1), ROUNDS));
        }
    }

    /** @return some result, so that nothing is computed for nothing */
    static float run(Kernels kernels, int rounds) {
        var random = new Random(1);
        var stored = TensorData.ofFloats(floats(random, WIDTH * WIDTH), WIDTH, WIDTH);
        var attention = new Attention(12, 12, WIDTH / 12, Integer.MAX_VALUE, 0.125f);
        var keys = floats(random, 2 * PROMPT * WIDTH);
        float last = 0;
        for (int round = 0; round < rounds; round++) {
            for (int n : new int[]{1, PROMPT}) {
                var x = FMatrixRMaj.wrap(n, WIDTH, floats(random, n * WIDTH)); // [n, d]
                for (var weight : new TensorData[]{stored, stored.permute(1, 0)}) {
                    var y = kernels.linear(weight, null, x); // [n, d]
                    var mixed = kernels.attend(attention, y, keys, keys, n == 1 ? PROMPT : 2 * PROMPT); // [n, d]
                    last = kernels.activate(Activation.SILU, kernels.activate(Activation.GELU_TANH, mixed)).get(0, 0);
                }
            }
            kernels.finite(stored);
        }
        return last;
    }

    private static float[] floats(Random random, int count) {
        var values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = random.nextFloat() - 0.5f;
        }
        return values;
    }
}
