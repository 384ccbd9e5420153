package weft.format;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.LfsPointer;
import weft.io.Problem;

/**
 * The everyday failures, told before any reader tries: an empty file, a Git LFS pointer, a link checked out as text, a
 * web page where a download should be, a file of the training script that holds no parameters.
 */
final class NotAModel {
    private static final int LONGEST_LINK = 1024;
    /** What Hugging Face's Trainer and nanoGPT leave beside a checkpoint; none of it is a model's parameter. */
    private static final Set<String> NO_TENSORS = Set.of("training_args.bin", "optimizer.pt", "optimizer.bin",
            "scheduler.pt", "scheduler.bin", "scaler.pt", "rng_state.pth", "meta.pkl");

    private NotAModel() {
    }

    /** Refuses what is known not to be a checkpoint whatever its name says. */
    static void check(Path path, byte[] head) throws CheckpointException {
        var file = path.getFileName();
        if (head.length == 0) { throw Problem.of(Code.TRUNCATED).file(file).at(0).found("empty").asException(); }
        if (LfsPointer.isStart(head)) {
            throw Problem.of(Code.LFS_POINTER).file(file).at(0).found(head.length).expected(LfsPointer.size(head))
                    .asException();
        }
        var text = new String(head, ISO_8859_1);
        if (isLink(text)) { throw Problem.of(Code.TEXT_LINK).file(file).at(0).found(utf8(head).strip()).asException(); }
        if (text.substring(bom(text)).stripLeading().startsWith("<")) {
            var page = text.toLowerCase(Locale.ROOT).contains("<html")
                    || text.toLowerCase(Locale.ROOT).contains("<!doctype html");
            throw Problem.of(Code.NOT_A_MODEL).file(file).at(0).found(page ? "HTML" : "XML").asException();
        }
        if (holdsNoTensors(path)) {
            var model = beside(path);
            throw Problem.of(model == null ? Code.NOT_A_MODEL : Code.OPEN_SIBLING).file(file).found("0 tensors")
                    .expected(model).asException();
        }
    }

    /** What a file that no format claims looks like. */
    static Problem describe(Path path, byte[] head) {
        var problem = Problem.of(Code.NOT_A_MODEL).file(path.getFileName()).at(0);
        var text = new String(head, ISO_8859_1);
        var start = text.substring(bom(text)).stripLeading();
        if (start.startsWith("{") || start.startsWith("[")) { return problem.found("JSON"); }
        if (isText(head)) { return problem.found("text"); }
        if (isEncrypted(head)) {
            return Problem.of(Code.UNSUPPORTED_FORMAT).file(path.getFileName()).at(0).found("encrypted");
        }
        return Problem.of(Code.UNSUPPORTED_FORMAT).file(path.getFileName()).at(0)
                .found(HexFormat.of().formatHex(head, 0, Math.min(8, head.length)));
    }

    /** MindSpore's {@code enc_key}: a number says how it was encrypted ({@code mindspore/core/utils/crypto.h}). */
    private static boolean isEncrypted(byte[] head) {
        int number = head.length < 4 ? 0 : ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN).getInt();
        return number >= 0x7F3A5ED8 && number <= 0x7F3A5EDA;
    }

    /** A server's short answer instead of a file ("Entry not found", JSON). A pickle may be text, but ends in a dot. */
    static boolean isMessage(byte[] head) {
        return head.length < Formats.HEAD && isText(head) && head[head.length - 1] != '.';
    }

    static boolean holdsNoTensors(Path path) {
        var name = Formats.name(path);
        return NO_TENSORS.contains(name) || name.matches("rng_state_\\d+\\.pth");
    }

    /** The checkpoint such a file lies beside, or null. */
    private static @Nullable Path beside(Path path) {
        try {
            var folder = path.toAbsolutePath().getParent();
            return folder == null ? null : CheckpointFolder.find(folder).getFileName();
        } catch (CheckpointException e) {
            return null;
        }
    }

    /** A symbolic link that was checked out as a text file: one short line with a path, and nothing else. */
    private static boolean isLink(String text) {
        if (text.length() > LONGEST_LINK) { return false; }
        var line = text.endsWith("\n") ? text.substring(0, text.length() - 1).stripTrailing() : text;
        var isPath = line.indexOf('/') >= 0 || line.indexOf('\\') >= 0
                || Formats.all().stream().anyMatch(f -> f.hasEnding(line.toLowerCase(Locale.ROOT)));
        return isPath && !line.isEmpty()
                && line.chars().noneMatch(c -> c <= ' ' || c == 0x7f || "\"'{}[]<>:=".indexOf(c) >= 0)
                && isText(text.getBytes(ISO_8859_1));
    }

    /** The length of a byte order mark read as Latin-1. */
    private static int bom(String text) {
        return text.startsWith("\u00ef\u00bb\u00bf") ? 3 : 0;
    }

    /** UTF-8 without control characters; the head may end inside a character. */
    private static boolean isText(byte[] head) {
        for (int cut = 0; cut < Math.min(4, head.length); cut++) {
            try {
                var text = UTF_8.newDecoder().decode(ByteBuffer.wrap(head, 0, head.length - cut)).toString();
                return text.chars().noneMatch(c -> c < ' ' && c != '\t' && c != '\n' && c != '\r' && c != '\f');
            } catch (CharacterCodingException e) {
                continue; // perhaps only the last character is cut
            }
        }
        return false;
    }

    private static String utf8(byte[] head) {
        return new String(head, UTF_8);
    }
}
