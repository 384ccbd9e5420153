package weft.format;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.io.Progress;
import weft.tensor.DType;
import weft.tensor.TensorSource;

/**
 * Writes one format: deterministic (the same tensors give the same bytes) and streaming (no more than one tensor's
 * worth of what {@link TensorSource#read()} makes, and a fixed buffer, is held at a time). It writes where it is told;
 * that nothing is overwritten, that the result is checked and appears at once is {@code weft.convert}'s care.
 */
public interface CheckpointWriter {
    /** Whether a checkpoint of this format may be several files behind an {@code index.json} ({@link ShardWriter}). */
    default boolean isSharded() {
        return false;
    }

    /** Whether the format has room for text about the whole; another leaves it out. */
    default boolean keepsMetadata() {
        return false;
    }

    /** Whether the format itself knows checkpoints of several data files: {@link #write} then takes a shard's size. */
    default boolean splitsItself() {
        return false;
    }

    /**
     * The same as the other, into as many data files as it takes.
     *
     * @param shardSize bytes of values a file may hold; a tensor larger than that has a file of its own
     */
    default Written write(Path target, List<TensorSource> tensors, Map<String, ?> metadata, long shardSize,
            boolean hash, Progress progress) throws CheckpointException {
        throw new IllegalStateException("one file only");
    }

    /** Whether the format has room for this element type. What it hasn't is refused before a byte is written. */
    boolean holds(DType dtype);

    /**
     * What every format asks of tensors: types it holds, and names in Unicode that differ.
     *
     * @throws CheckpointException UNKNOWN_DTYPE, DUPLICATE_NAME, BAD_HEADER
     */
    default void check(Path target, List<TensorSource> tensors) throws CheckpointException {
        var utf8 = StandardCharsets.UTF_8.newEncoder();
        var names = new HashSet<String>();
        for (var tensor : tensors) {
            var name = tensor.name();
            var type = tensor.info().dtype();
            var file = target.getFileName();
            if (!holds(type)) { throw Problem.of(Code.UNKNOWN_DTYPE).file(file).field(name).found(type).asException(); }
            if (!names.add(name)) { throw Problem.of(Code.DUPLICATE_NAME).file(file).field(name).asException(); }
            if (!utf8.canEncode(name)) {
                throw Problem.of(Code.BAD_HEADER).file(file).field(name).expected("UTF-8").asException();
            }
        }
    }

    /**
     * Writes the tensors in the order given, with the names, types and shapes their {@link TensorSource#info()} says.
     * Values are written bit for bit.
     *
     * @param target the file, or the prefix of a set of files ({@code model.ckpt}); its folder exists, the file doesn't
     * @param metadata about the whole, by sorted or unsorted key: text, and in GGUF also truth values, numbers and lists
     *        ({@code List<String>}, {@code int[]}, {@code float[]}); left out where the format has no room for it
     * @param hash whether to take {@link Written.Part#sha256()} on the way
     * @param progress in bytes of values
     * @throws CheckpointException with {@code WRITE_FAILED} or {@code NO_SPACE} if writing fails, {@code CANCELLED},
     *         {@code UNKNOWN_DTYPE} or {@code DUPLICATE_NAME} for what the format can't hold, or whatever reading a
     *         tensor throws; half a file may be left behind
     */
    Written write(Path target, List<TensorSource> tensors, Map<String, ?> metadata, boolean hash,
            Progress progress) throws CheckpointException;
}
