package weft.infer;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;

/** What a run will take at least, asked before it starts. */
public final class Memory {
    private Memory() {
    }

    /**
     * Refuses a run whose keys, values and hidden states alone are more than the heap can ever hold.
     *
     * @param positions the run will reach; more than the context counts as the context
     * @throws CheckpointException NO_MEMORY with the bytes there are and the bytes it takes
     */
    public static void check(LanguageModel model, long positions) throws CheckpointException {
        check(model, positions, Runtime.getRuntime().maxMemory());
    }

    static void check(LanguageModel model, long positions, long heap) throws CheckpointException {
        int reached = (int) Math.clamp(positions, 0, model.context());
        long need = model.cache().bytes(reached) + 4L * Float.BYTES * reached * model.width()
                + (long) Float.BYTES * model.vocabulary();
        if (need > heap) {
            throw Problem.of(Code.NO_MEMORY).found(megabytes(heap)).expected(megabytes(need)).asException();
        }
    }

    private static String megabytes(long bytes) {
        return (bytes >> 20) + " MB";
    }
}
