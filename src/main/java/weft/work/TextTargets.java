package weft.work;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

import weft.arch.Dialect;
import weft.arch.ErrorLog;
import weft.arch.ListedTarget;
import weft.arch.Listing;
import weft.io.CheckpointException;
import weft.io.SourceFile;

/** Targets that are text: a framework's error log, or a listing of a model's parameters. */
final class TextTargets {
    private static final int LARGEST = 64 << 20;

    private TextTargets() {
    }

    /**
     * @return empty if the file is no text, or says nothing of parameters
     * @throws CheckpointException {@code BAD_TARGET}, {@code LIMIT}, {@code NOT_READABLE}
     */
    static Optional<ListedTarget> read(Path file, String name, List<Dialect> dialects, Model source)
            throws CheckpointException {
        if (!Files.isRegularFile(file)) { return Optional.empty(); }
        var opened = SourceFile.open(file);
        if (opened.size() > LARGEST || opened.size() == 0 || !startsAsText(opened)) { return Optional.empty(); }
        var bytes = opened.bytes(0, opened.size(), LARGEST);
        var log = ErrorLog.parse(bytes);
        if (log.isPresent()) {
            return Optional.of(ListedTarget.of(name, log.get(), dialects, source.tensors(), source.recognition()));
        }
        var listing = Listing.parse(bytes, file.getFileName().toString());
        return listing.isEmpty()
                ? Optional.empty()
                : Optional.of(ListedTarget.of(name, listing.get(), dialects, source.tensors(), source.recognition()));
    }

    /** A NUL, but for UTF-16, is no text: this keeps large binary files from being decoded. */
    private static boolean startsAsText(SourceFile file) throws CheckpointException {
        var start = file.bytes(0, Math.min(64, file.size()), 64);
        boolean marked = start.length > 1 && (start[0] == (byte) 0xFF || start[0] == (byte) 0xFE);
        for (var b : start) {
            if (b == 0 && !marked) { return false; }
        }
        return true;
    }
}
