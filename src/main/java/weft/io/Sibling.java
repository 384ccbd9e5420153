package weft.io;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;

/**
 * A file name that stands inside another file (a shard in an index, external data of a graph). It is data, not a path:
 * only the plain name of a file in the same folder is followed, and the answer is the same on every operating system.
 */
public final class Sibling {
    private static final Set<String> DEVICES = Set.of("con", "prn", "aux", "nul", "com1", "com2", "com3", "com4",
            "com5",
            "com6", "com7", "com8", "com9", "lpt1", "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9");

    private Sibling() {
    }

    /** Whether a name is that of one plain file on Linux, macOS and Windows alike. */
    public static boolean isPlainName(String name) {
        if (name.isEmpty() || name.length() > 255 || name.equals(".") || name.equals("..")) { return false; }
        // Windows drops a final dot or space, and takes a device's name with any ending for the device.
        var last = name.charAt(name.length() - 1);
        var stem = name.indexOf('.') < 0 ? name : name.substring(0, name.indexOf('.'));
        return last != '.' && last != ' ' && !DEVICES.contains(stem.strip().toLowerCase(Locale.ROOT))
                && name.chars().noneMatch(c -> c < ' ' || c == 0x7f || "/\\:*?\"<>|".indexOf(c) >= 0);
    }

    /**
     * The file {@code name} beside {@code file}.
     *
     * @throws CheckpointException {@link Code#PATH_OUTSIDE} for anything but a plain name
     */
    public static Path of(Path file, String name) throws CheckpointException {
        try {
            if (isPlainName(name)) { return file.resolveSibling(name); }
        } catch (InvalidPathException e) {
            throw outside(file, name).asException(e);
        }
        throw outside(file, name).asException();
    }

    /**
     * The file {@code name} beside {@code file} or in a folder below it, as ONNX names external data: parts divided by
     * slashes, each a plain name; {@code ./} says nothing. Through a folder that is a link out of this one no file is
     * reached.
     *
     * @throws CheckpointException {@link Code#PATH_OUTSIDE} for anything else
     */
    public static Path below(Path file, String name) throws CheckpointException {
        try {
            var parts = Arrays.stream(name.split("/", -1)).filter(part -> !part.equals(".")).toList();
            if (parts.isEmpty() || !parts.stream().allMatch(Sibling::isPlainName)) {
                throw outside(file, name).asException();
            }
            var path = file.resolveSibling(String.join("/", parts));
            var folder = path.getParent();
            var home = file.toAbsolutePath().getParent();
            if (parts.size() > 1 && folder != null && home != null && Files.exists(folder)
                    && !folder.toRealPath().startsWith(home.toRealPath())) {
                throw outside(file, name).asException();
            }
            return path;
        } catch (InvalidPathException | IOException e) {
            throw outside(file, name).asException(e);
        }
    }

    private static Problem outside(Path file, String name) {
        return Problem.of(Code.PATH_OUTSIDE).file(file.getFileName()).found(name).expected("file name");
    }
}
