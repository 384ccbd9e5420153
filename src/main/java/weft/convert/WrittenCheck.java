package weft.convert;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import weft.format.Formats;
import weft.format.Written;
import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Crc;
import weft.io.Problem;
import weft.io.Progress;
import weft.io.SourceFile;
import weft.tensor.TensorInfo;
import weft.tensor.TensorSource;

/**
 * Opens what was written as anybody would and holds it against what should be there: every tensor's name, type and
 * shape, and the values by the hash taken while they were written.
 */
public final class WrittenCheck {
    private static final int CHUNK = 8 << 20;

    private WrittenCheck() {
    }

    /**
     * @param file what to open: the file, the index of a set or a prefix
     * @param expected every tensor, and no other
     * @param crc32c by name, of {@link Written#crc32c()}; empty to look at names, types and shapes only
     * @throws CheckpointException {@code WRITE_FAILED} naming the first thing that differs
     */
    public static void check(Path file, List<TensorInfo> expected, Map<String, Integer> crc32c, Progress progress)
            throws CheckpointException {
        var opened = Formats.open(file, Progress.NONE);
        // That a shard is one of several is as it should be when a part of a set is checked.
        var odd = opened.warnings().stream().filter(w -> w.code() != Code.OPEN_SIBLING).findFirst();
        if (odd.isPresent()) { throw differs(file, "-").found(odd.get().code()).asException(); }
        if (opened.tensors().size() != expected.size()) {
            throw differs(file, "tensors").found(opened.tensors().size()).expected(expected.size()).asException();
        }
        var byName = new HashMap<String, TensorSource>();
        opened.tensors().forEach(t -> byName.put(t.name(), t));
        long total = expected.stream().mapToLong(TensorInfo::bytes).sum();
        long done = 0;
        var scratch = Arena.ofAuto().allocate(CHUNK, 64);
        for (var info : expected) {
            progress.check();
            var tensor = byName.get(info.name());
            if (tensor == null) {
                throw differs(file, info.name()).expected(info.dtype() + " " + info.shape()).asException();
            }
            var found = tensor.info();
            if (found.dtype() != info.dtype() || !found.shape().equals(info.shape()) || found.broken() != null) {
                throw differs(file, info.name()).found(found.dtype() + " " + found.shape())
                        .expected(info.dtype() + " " + info.shape()).asException();
            }
            var written = crc32c.get(info.name());
            if (written != null) {
                int crc = crc(tensor, scratch, progress);
                if (crc != written) {
                    throw differs(file, info.name()).found(Integer.toHexString(crc))
                            .expected(Integer.toHexString(written)).asException();
                }
            } else if (!crc32c.isEmpty()) { throw differs(file, info.name()).expected("CRC-32C").asException(); }
            done += info.bytes();
            progress.at(done, total);
        }
    }

    private static int crc(TensorSource tensor, MemorySegment scratch, Progress progress) throws CheckpointException {
        var crc = Crc.crc32c();
        return SourceFile.guarded(() -> {
            tensor.read().forEachChunk(scratch, chunk -> {
                progress.check();
                crc.update(chunk);
            });
            return crc.value();
        });
    }

    private static Problem differs(Path file, String field) {
        return Problem.of(Code.WRITE_FAILED).file(file.getFileName()).field(field);
    }
}
