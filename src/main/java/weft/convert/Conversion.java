package weft.convert;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import weft.format.ShardWriter;
import weft.rule.CastLoss;
import weft.tensor.DType;
import weft.tensor.TensorSource;

/**
 * What is to be written.
 *
 * @param target a file, or a folder if {@code folder}
 * @param file what the file is called in a folder, or {@code null} for the format's habit
 * @param format a format's identifier
 * @param dtype what floating tensors are cast to, or {@code null} to copy bit for bit
 * @param vectors what floating tensors of one dimension are widened to, or {@code null}: a dialect's runtime may insist on it
 * @param shardSize bytes a file may hold, 0 for one file
 * @param sources files that mustn't be written onto
 * @param metadata written into the file where the format has room
 * @param more tensors that don't come from the source's, but from its numbers; they are written last
 * @param extras files beside the weights in a folder (config, tokenizer), by name
 * @param part which part of a sharded output to write, or {@code null} for all of it
 * @param hash whether to take the SHA-256 of what is written and to compare every value after writing
 */
public record Conversion(Path target, boolean folder, @Nullable String file, String format, @Nullable DType dtype,
        @Nullable DType vectors,
        long shardSize,
        List<Path> sources, Map<String, ?> metadata, List<TensorSource> more, Map<String, byte[]> extras,
        ShardWriter.@Nullable Part part,
        boolean hash, boolean force) {

    /**
     * What was written.
     *
     * @param files in their final places, the one to open first
     * @param lossless whether every value can be had back: no cast that rounds, nothing left out
     * @param sha256 of the first file, or {@code null}
     * @param casts what changes of the element type did, by parameter, where they could not keep every value
     */
    public record Result(List<Path> files, String format, int tensors, long bytes, boolean lossless,
            @Nullable String sha256, Map<String, CastLoss> casts) {
    }
}
