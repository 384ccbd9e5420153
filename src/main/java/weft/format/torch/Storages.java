package weft.format.torch;

import java.lang.foreign.MemorySegment;

import org.jspecify.annotations.Nullable;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;

/** The raw bytes that tensors are views of, by the key the pickle refers to them with. */
interface Storages {
    /** A pickle that has none. */
    Storages NONE = new Storages() {
        @Override
        public Stored find(String key) {
            return Stored.broken(Problem.of(Code.DATA_MISSING).found(key));
        }

        @Override
        public boolean bigEndian() {
            return false;
        }
    };

    /** Never fails: what is wrong with a storage stands in {@link Stored#broken()}. */
    Stored find(String key);

    /** Whether elements are big-endian in the file. */
    boolean bigEndian();

    /**
     * One storage.
     *
     * @param size bytes present in the file
     * @param broken why it can't be read, or null
     * @param loader gives all {@code size} bytes
     */
    record Stored(long size, @Nullable Problem broken, Loader loader) {
        static Stored broken(Problem why) {
            return new Stored(0, why, () -> {
                throw why.asException();
            });
        }
    }

    /** Reads a storage when somebody looks. */
    @FunctionalInterface
    interface Loader {
        MemorySegment load() throws CheckpointException;
    }
}
