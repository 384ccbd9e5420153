package weft.work;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import weft.arch.DialectFiles;
import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;

/**
 * The dialects there are: those that ship, and the files a person has put into a folder. The folder is {@code dialects} beside
 * the settings ({@link UserFolder}); the system property {@code weft.dialects} or the variable {@code WEFT_DIALECTS} names others,
 * folders or files, as a class path does.
 */
final class Dialects {
    private static final String PROPERTY = "weft.dialects";
    private static final String VARIABLE = "WEFT_DIALECTS";
    private static volatile @Nullable Known known;

    private Dialects() {
    }

    /** What was read, and what of: as long as these files stay as they are, they aren't read again. */
    private record Known(List<Stamp> stamps, DialectFiles files) {
    }

    private record Stamp(Path file, long size, long changed) {
    }

    /**
     * All of them; of two with one name a person's own counts.
     *
     * @throws CheckpointException {@code BAD_DIALECT} with file and field, {@code NOT_READABLE}
     */
    static DialectFiles all() throws CheckpointException {
        var stamps = stamps(places());
        if (stamps.isEmpty()) { return DialectFiles.shipped(); }
        var last = known;
        if (last != null && last.stamps().equals(stamps)) { return last.files(); }
        var files = new LinkedHashMap<String, byte[]>();
        for (var stamp : stamps) {
            files.put(stamp.file().toString(), Folders.bytes(stamp.file()));
        }
        var all = DialectFiles.shipped().and(files);
        known = new Known(stamps, all);
        return all;
    }

    private static List<Path> places() throws CheckpointException {
        var named = System.getProperty(PROPERTY, System.getenv().getOrDefault(VARIABLE, ""));
        if (named.isBlank()) { return List.of(UserFolder.find().resolve("dialects")); }
        var places = new ArrayList<Path>();
        for (var name : named.split(File.pathSeparator)) {
            try {
                var place = Path.of(name);
                if (!Files.exists(place)) {
                    throw Problem.of(Code.NOT_READABLE).file(place).found("NoSuchFileException").asException();
                }
                places.add(place);
            } catch (InvalidPathException e) {
                throw Problem.of(Code.NOT_READABLE).file(name).found(VARIABLE).asException(e);
            }
        }
        return places;
    }

    private static List<Stamp> stamps(List<Path> places) throws CheckpointException {
        var stamps = new ArrayList<Stamp>();
        for (var place : places) {
            try (Stream<Path> inside = Files.isDirectory(place) ? Files.list(place) : Stream.of(place)) {
                for (var file : inside.filter(f -> f.toString().endsWith(".json") && Files.isRegularFile(f)).sorted()
                        .toList()) {
                    stamps.add(new Stamp(file, Files.size(file), Files.getLastModifiedTime(file).toMillis()));
                }
            } catch (IOException e) {
                throw Problem.of(Code.NOT_READABLE).file(place).found(e.getClass().getSimpleName()).asException(e);
            }
        }
        return stamps;
    }
}
