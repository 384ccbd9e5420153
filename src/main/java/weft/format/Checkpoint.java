package weft.format;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.tensor.TensorData;
import weft.tensor.TensorInfo;
import weft.tensor.TensorSource;

/**
 * An opened checkpoint: what its headers say. Nothing holds a file open, so there is nothing to close; values are read
 * through each {@link TensorSource} when somebody looks.
 *
 * @param format the format's identifier: {@code safetensors}, {@code torch}, {@code tensorflow}
 * @param files every file that belongs to it (an export never writes onto one)
 * @param tensors in the file's own order
 * @param metadata what the file says of itself, as text
 * @param settings plain values found beside the weights that describe the model ({@code model_args} of a training
 *        dict); JSON-like: maps, lists, strings, numbers, booleans
 * @param ignored entries that are not parameters, each with a reason
 * @param warnings trouble that doesn't keep the file from opening; the problem of a single tensor stands in its
 *        {@link weft.tensor.TensorInfo#broken()} and isn't repeated here
 */
public record Checkpoint(String format, List<Path> files, List<TensorSource> tensors, Map<String, String> metadata,
        Map<String, Object> settings, List<Ignored> ignored, List<Problem> warnings) {

    /**
     * @param name the entry's name in the file
     * @param reason one of {@code buffer}, {@code optimizer}, {@code object}, {@code string}, {@code aux} (a number or a
     *        tensor beside the weights), {@code constant} (of a graph's computation), {@code code}, {@code missing} (an
     *        index names it, but the file that would tell its shape isn't there)
     */
    public record Ignored(String name, String reason) {
    }

    private static final String NO_CRC = "00000000";

    /**
     * What the warnings know of a tensor's values not being the ones that were saved: a checksum that doesn't fit them,
     * or, where it names no tensor, what the file says about all of them. A writer that was told to take no checksums
     * leaves zeros; those say nothing. Whether bytes that nobody has looked at yet are right {@link TensorSource#doubt()}
     * finds out.
     */
    public Optional<Problem> doubt(String tensor) {
        return warnings.stream().filter(w -> w.code() == Code.CRC && !NO_CRC.equals(w.expected()))
                .filter(w -> tensor.equals(w.field()) || tensors.stream().noneMatch(t -> t.name().equals(w.field())))
                .findFirst();
    }

    /**
     * The same file for a person who wants to see what can be seen: values that fail their checksum are read, entries
     * that unpack to far more than they hold are unpacked. {@link TensorSource#doubt()} still says what is wrong, so that
     * nothing of it is exported.
     */
    public Checkpoint anyway() {
        return new Checkpoint(format, files, tensors.stream().<TensorSource>map(Anyway::new).toList(), metadata,
                settings, ignored, warnings);
    }

    /** A tensor whose problem, if a person may overrule it, is overruled. */
    private record Anyway(TensorSource source) implements TensorSource {
        @Override
        public TensorInfo info() {
            var info = source.info();
            return info.broken() != null && info.broken().code() == Code.BOMB ? info.broken(null) : info;
        }

        @Override
        public TensorData read() throws CheckpointException {
            return source.readAnyway();
        }

        @Override
        public Optional<Problem> doubt() throws CheckpointException {
            return source.doubt();
        }
    }

    public Checkpoint withWarnings(List<Problem> other) {
        return new Checkpoint(format, files, tensors, metadata, settings, ignored, List.copyOf(other));
    }
}
