package weft.format.mindspore;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.util.Optional;
import java.util.zip.CRC32;

import org.jspecify.annotations.Nullable;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.io.SourceFile;

/** The checksum at a file's end, compared once with the {@code length} bytes before it. */
final class FileChecksum {
    private static final int CHUNK = 1 << 16;

    private final SourceFile file;
    private final long length;
    private final BigInteger stored;
    private @Nullable Optional<Problem> known;

    FileChecksum(SourceFile file, long length, BigInteger stored) {
        this.file = file;
        this.length = length;
        this.stored = stored;
    }

    /** What is wrong, if anything is; it concerns every tensor of the file. */
    synchronized Optional<Problem> compare() throws CheckpointException {
        var answer = known;
        if (answer == null) {
            var bytes = file.segment(0, length);
            long found = SourceFile.guarded(() -> crc(bytes));
            answer = BigInteger.valueOf(found).equals(stored)
                    ? Optional.empty()
                    : Optional.of(file.problem(Code.CRC, length).found("%08x".formatted(found))
                            .expected("%08x".formatted(stored)));
            known = answer;
        }
        return answer;
    }

    private static long crc(MemorySegment bytes) {
        var crc = new CRC32();
        // By way of the heap: the checksum's machine code dies on a mapping that was cut short.
        var chunk = new byte[(int) Math.min(CHUNK, bytes.byteSize())];
        for (long at = 0; at < bytes.byteSize(); at += chunk.length) {
            int count = (int) Math.min(chunk.length, bytes.byteSize() - at);
            MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, at, chunk, 0, count);
            crc.update(chunk, 0, count);
        }
        return crc.getValue();
    }
}
