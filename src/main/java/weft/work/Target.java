package weft.work;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import weft.arch.Architecture;
import weft.arch.Dialect;
import weft.arch.DialectFiles;
import weft.arch.Settings;
import weft.arch.TargetSpec;
import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.io.Progress;
import weft.tensor.AxisSizes;

/**
 * What a source should load into, with what lies beside it.
 *
 * @param text as a person wrote it
 * @param settings what lies beside it, in order of trust
 * @param model the checkpoint it is, or {@code null}
 * @param itself whether it is the source
 */
record Target(String text, Architecture architecture, List<Settings> settings, @Nullable Model model,
        List<Problem> warnings, boolean itself) {
    Target(String text, Architecture architecture, List<Settings> settings) {
        this(text, architecture, settings, null, List.of(), false);
    }

    /** {@link Workspace#withTarget}. */
    static Target of(String text, Model source, DialectFiles dialects, Progress progress) throws CheckpointException {
        var id = text.split("[@,]", 2)[0];
        var path = dialects.dialect(id).isPresent() ? null : existing(text);
        if (path == null) {
            return new Target(text,
                    Architecture.of(TargetSpec.parse(text, dialects).from(source.recognition()), sizes(source)),
                    List.of());
        }
        var listed = TextTargets.read(path, text, dialects.dialects(), source);
        if (listed.isPresent()) {
            return new Target(text, listed.get().architecture(), List.of(), null, listed.get().warnings(), false);
        }
        if (text.endsWith(".json") && !text.endsWith(".index.json")) { return ofConfig(path, source, dialects); }
        var model = Folders.open(path, dialects, Map.of(), progress);
        return new Target(text, Architecture.of(text, model.tensors(), model.recognition()), model.settings(), model,
                List.of(), isSame(model, source));
    }

    /** The file, folder or TensorFlow prefix a text names, or null; not every text is a path on every system. */
    private static @Nullable Path existing(String text) {
        try {
            var path = Path.of(text);
            return Files.exists(path) || Files.exists(Path.of(text + ".index")) ? path : null;
        } catch (InvalidPathException e) {
            return null;
        }
    }

    /** A configuration names a model of the source's family; its own words tell the dialect. */
    private static Target ofConfig(Path file, Model source, DialectFiles dialects) throws CheckpointException {
        var settings = Settings.read(Folders.bytes(file), file.getFileName().toString());
        var family = source.recognition() == null ? null : source.recognition().dialect().family().name();
        var best = dialects.dialects().stream()
                .max(Comparator.<Dialect>comparingInt(d -> d.agrees(settings.values()))
                        .thenComparing(d -> d.family().name().equals(family))
                        .thenComparingLong(d -> d.known(settings.values())))
                .orElseThrow(() -> Problem.of(Code.UNKNOWN_TARGET).field(file).asException());
        var spec = TargetSpec.of(file.toString(), best, null, settings.values(), false);
        return new Target(file.toString(), Architecture.of(spec.from(source.recognition()), sizes(source)),
                List.of(settings));
    }

    private static boolean isSame(Model model, Model source) {
        try {
            return model.path().toAbsolutePath().normalize().equals(source.path().toAbsolutePath().normalize())
                    || Files.isSameFile(model.path(), source.path());
        } catch (IOException e) {
            return false; // one of them is a prefix, no file
        }
    }

    /** The sizes that recognising found. */
    static AxisSizes sizes(Model source) {
        return source.recognition() == null ? new AxisSizes() : source.recognition().sizes();
    }
}
