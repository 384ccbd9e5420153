package weft.work;

import java.nio.file.Path;

import org.jspecify.annotations.Nullable;

import weft.format.ShardWriter;
import weft.tensor.DType;

/**
 * What to write of a target side, and where.
 *
 * @param format an identifier, or {@code null} to decide by the output's name
 * @param dtype what floating tensors are cast to, or {@code null}
 * @param part which part of the shards to write, or {@code null} for all
 */
public record ConvertRequest(Path output, boolean folder, @Nullable String format, @Nullable DType dtype,
        long shardSize, ShardWriter.@Nullable Part part, boolean hash, boolean force) {
    public ConvertRequest(Path output, boolean folder, @Nullable String format, @Nullable DType dtype,
            long shardSize,
            boolean hash, boolean force) {
        this(output, folder, format, dtype, shardSize, null, hash, force);
    }

    /** The same, but only the k-th of n parts of the shards. */
    public ConvertRequest part(int k, int n) {
        return new ConvertRequest(output, folder, format, dtype, shardSize, new ShardWriter.Part(k, n),
                hash, force);
    }
}
