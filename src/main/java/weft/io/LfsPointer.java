package weft.io;

import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * The few lines of text that stand where Git LFS has not fetched a large file.
 *
 * @see <a href="https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md">Git LFS specification</a>, "The Pointer"
 */
public final class LfsPointer {
    private static final String START = "version https://git-lfs.github.com/spec/";
    private static final Pattern SIZE = Pattern.compile("(?m)^size (\\d{1,19})\\r?$");
    /** "The file must be smaller than 1024 bytes." */
    private static final int TOO_LONG = 1024;

    private LfsPointer() {
    }

    /** Whether a file begins as one. */
    public static boolean isStart(byte[] head) {
        return text(head).startsWith(START);
    }

    /** Whether a file of values is one. */
    public static boolean is(SourceFile file) throws CheckpointException {
        return file.size() > START.length() && file.size() < TOO_LONG
                && isStart(file.bytes(0, START.length(), START.length()));
    }

    /** The size of the file it stands for in bytes, as it says it; null if it doesn't. */
    public static @Nullable String size(byte[] pointer) {
        var size = SIZE.matcher(text(pointer));
        return size.find() ? size.group(1) : null;
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }
}
