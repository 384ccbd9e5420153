package weft.format.onnx;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.LfsPointer;
import weft.io.Problem;
import weft.io.Sibling;
import weft.io.SourceFile;

/**
 * The files beside a model in which values stand ({@code onnx/docs/ExternalData.md}). A location is data and no path: only a file
 * in the model's folder or below it is opened.
 */
final class ExternalFiles {
    /** Exporters that give every tensor a file of its own make some thousands. */
    private static final int MOST = 20_000;

    private final SourceFile model;
    private final Map<String, Found> found = new LinkedHashMap<>();

    /** Exactly one of the two is there. */
    record Found(@Nullable SourceFile file, @Nullable Problem problem) {
    }

    ExternalFiles(SourceFile model) {
        this.model = model;
    }

    /** The file of a location, opened once. */
    Found at(String location) {
        return found.computeIfAbsent(location, this::open);
    }

    private Found open(String location) {
        try {
            if (found.size() >= MOST) {
                throw Problem.of(Code.LIMIT).file(model.name()).found("> " + MOST).expected("<= " + MOST)
                        .asException();
            }
            var path = Sibling.below(model.path(), location);
            if (!Files.exists(path)) {
                return new Found(null, Problem.of(Code.DATA_MISSING).file(model.name()).expected(location));
            }
            var file = SourceFile.open(path);
            if (LfsPointer.is(file)) { return new Found(null, file.problem(Code.LFS_POINTER, 0).found(file.size())); }
            return new Found(file, null);
        } catch (CheckpointException e) {
            return new Found(null, e.problem());
        }
    }

    /** Every file that was opened. */
    List<Path> paths() {
        var paths = new ArrayList<Path>();
        for (var one : found.values()) {
            if (one.file != null) {
                paths.add(one.file.path());
            }
        }
        return paths;
    }

    /** What is wrong with files, each once. */
    List<Problem> problems() {
        var problems = new ArrayList<Problem>();
        for (var one : found.values()) {
            if (one.problem != null) {
                problems.add(one.problem);
            }
        }
        return problems;
    }
}
