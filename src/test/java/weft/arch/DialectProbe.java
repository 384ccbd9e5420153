package weft.arch;

import java.io.IOException;
import java.io.UncheckedIOException;

import weft.io.CheckpointException;

/** Reads a dialect's file into a set of its own; what ships is one set for everybody. */
public final class DialectProbe {
    private DialectProbe() {
    }

    public static void read(byte[] json, String file) throws CheckpointException {
        try {
            DialectFiles.fromClassPath(DialectFiles.class.getClassLoader()).and(java.util.Map.of(file, json));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
