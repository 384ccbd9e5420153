package weft.work;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

import weft.format.CheckpointFormat;
import weft.format.Formats;
import weft.tensor.DType;

/** What can be chosen when something is written. */
public final class ExportChoices {
    private ExportChoices() {
    }

    /** Formats Weft writes, by identifier. */
    public static List<String> formats() {
        return Formats.all().stream().filter(f -> f.writer().isPresent()).map(CheckpointFormat::id).sorted().toList();
    }

    /** Types floating tensors can be cast to. */
    public static List<DType> types() {
        return List.of(DType.F32, DType.F16, DType.BF16);
    }

    /** Whether something stands there that would be replaced: a file, or a folder that isn't empty. */
    public static boolean isTaken(Path place) {
        if (!Files.isDirectory(place)) { return Files.exists(place); }
        try (Stream<Path> inside = Files.list(place)) {
            return inside.findAny().isPresent();
        } catch (IOException e) {
            return true; // nobody can look: better asked than overwritten
        }
    }
}
