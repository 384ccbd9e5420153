package weft.work;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import weft.io.Problem;
import weft.rule.CastLoss;

/**
 * What was written.
 *
 * @param files in their final places, the one to open first
 * @param lossless whether every value can be had back
 * @param sha256 of the first file, or {@code null}
 * @param casts what changes of the element type did, by parameter, where they could not keep every value
 * @param warnings what a person should know of it: values that became infinite, a file without the vocabulary its
 *        readers look for
 */
public record Converted(List<Path> files, String format, int tensors, long bytes, boolean lossless,
        @Nullable String sha256, Map<String, CastLoss> casts, List<Problem> warnings) {
}
