package weft.format.mindspore;

import java.math.BigInteger;
import java.util.Locale;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Crc;
import weft.io.Problem;
import weft.io.SourceFile;

/** The checksum at a file's end, compared once with the {@code length} bytes before it. */
final class FileChecksum {
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
            long found = SourceFile.guarded(() -> Crc.crc32().update(bytes).unsigned());
            answer = BigInteger.valueOf(found).equals(stored)
                    ? Optional.empty()
                    : Optional.of(file.problem(Code.CRC, length).found(hex(BigInteger.valueOf(found)))
                            .expected(hex(stored)));
            known = answer;
        }
        return answer;
    }

    private static String hex(BigInteger crc) {
        return String.format(Locale.ROOT, "%08x", crc);
    }
}
