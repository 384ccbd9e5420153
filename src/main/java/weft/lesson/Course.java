package weft.lesson;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;
import weft.name.NaturalOrder;
import weft.work.Workspace;

/**
 * The lessons of a folder, in the order of their folders' names. One that can't be read doesn't keep the others back.
 *
 * @param problems what is wrong with those that can't be read
 */
public record Course(Path folder, List<Lesson> lessons, List<Problem> problems) {
    public Course {
        lessons = List.copyOf(lessons);
        problems = List.copyOf(problems);
    }

    /** Where the lessons lie that ship with Weft; empty if they weren't shipped. */
    public static Optional<Path> shipped() {
        return Workspace.samples().map(s -> s.resolve("lessons")).filter(Files::isDirectory);
    }

    /** Whether a folder is a lesson or has some in it; a lesson's own file stands for its folder. */
    public static boolean isHere(Path path) {
        if (isLessonFile(path)) { return true; }
        if (!Files.isDirectory(path)) { return false; }
        if (Files.isRegularFile(path.resolve(LessonFile.NAME))) { return true; }
        try {
            return !folders(path).isEmpty();
        } catch (CheckpointException e) {
            return false;
        }
    }

    private static boolean isLessonFile(Path path) {
        return path.endsWith(LessonFile.NAME) && Files.isRegularFile(path);
    }

    /** How many folders of lessons there are, without reading one. */
    public static int count(Path path) {
        try {
            return folders(path).size();
        } catch (CheckpointException e) {
            return 0;
        }
    }

    /**
     * A folder of lessons, or a single one.
     *
     * @throws CheckpointException {@code NOT_READABLE}, or {@code BAD_LESSON} if there is none
     */
    public static Course open(Path given) throws CheckpointException {
        var path = isLessonFile(given) ? given.resolveSibling("").toAbsolutePath().normalize() : given;
        var folders = Files.isRegularFile(path.resolve(LessonFile.NAME)) ? List.of(path) : folders(path);
        if (folders.isEmpty()) { throw Problem.of(Code.BAD_LESSON).file(path).expected(LessonFile.NAME).asException(); }
        var lessons = new ArrayList<Lesson>();
        var problems = new ArrayList<Problem>();
        var ids = new HashSet<String>();
        for (var folder : folders) {
            try {
                var lesson = LessonFile.read(folder);
                if (!ids.add(lesson.id())) {
                    throw Problem.of(Code.BAD_LESSON).file(folder.getFileName() + "/" + LessonFile.NAME).field("id")
                            .found(lesson.id()).asException();
                }
                lessons.add(lesson);
            } catch (CheckpointException e) {
                problems.add(e.problem());
            }
        }
        return new Course(path, lessons, problems);
    }

    private static List<Path> folders(Path path) throws CheckpointException {
        try (var inside = Files.list(path)) {
            return inside.filter(p -> Files.isRegularFile(p.resolve(LessonFile.NAME)))
                    .sorted(Comparator.comparing(p -> p.getFileName().toString(), NaturalOrder.INSTANCE)).toList();
        } catch (IOException | UncheckedIOException e) {
            throw Problem.of(Code.NOT_READABLE).file(path).found(e.getClass().getSimpleName()).asException(e);
        }
    }
}
