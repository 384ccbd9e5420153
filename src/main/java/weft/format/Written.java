package weft.format;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * What a writer left behind.
 *
 * @param parts the files in the order they should appear: whatever points at others comes last
 * @param crc32c for each tensor's name the CRC-32C of its values (row-major, little-endian) as they were handed to the
 *        disk; a writer whose format doesn't need them leaves them out without hashing. Whoever opens the file again
 *        compares them with what the reader sees.
 */
public record Written(List<Part> parts, Map<String, Integer> crc32c) {

    /**
     * @param sha256 of the whole file in lower-case hexadecimal, or {@code null} without hashing
     */
    public record Part(Path path, long bytes, @Nullable String sha256) {
    }
}
