package weft.format.torch;

import java.lang.foreign.MemorySegment;
import java.util.Optional;

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
     * @param broken why it can't be read, or null; {@code BOMB} if it can be when a person says so
     * @param loader gives all {@code size} bytes
     * @param check compares the bytes with their checksum, if they have one
     */
    record Stored(long size, @Nullable Problem broken, Loader loader, Check check) {
        Stored(long size, @Nullable Problem broken, Loader loader) {
            this(size, broken, loader, Optional::empty);
        }

        static Stored broken(Problem why) {
            return new Stored(0, why, () -> {
                throw why.asException();
            });
        }
    }

    /** Says what is wrong with a storage's bytes, having read them all. */
    @FunctionalInterface
    interface Check {
        Optional<Problem> run() throws CheckpointException;
    }

    /** Reads a storage when somebody looks. */
    @FunctionalInterface
    interface Loader {
        MemorySegment load() throws CheckpointException;
    }
}
