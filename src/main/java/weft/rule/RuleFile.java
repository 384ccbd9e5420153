package weft.rule;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;

/** A rule file, JSON or arrow text: its content decides, not its name. Two columns of names are renames. */
public final class RuleFile {
    /** Enough for a million rules; a file from a stranger may not fill the memory. */
    public static final int LIMIT = 64 << 20;

    private RuleFile() {
    }

    /**
     * @param name the file's name, for messages
     * @throws CheckpointException {@code BAD_RULES} with the place; {@code LIMIT} for a file that is too long
     */
    public static RuleSet read(byte[] bytes, String name) throws CheckpointException {
        if (bytes.length > LIMIT) {
            throw Problem.of(Code.LIMIT).file(name).found(bytes.length).expected("<= " + LIMIT).asException();
        }
        var buffer = ByteBuffer.wrap(bytes);
        String text;
        try {
            text = StandardCharsets.UTF_8.newDecoder().decode(buffer).toString();
        } catch (CharacterCodingException e) {
            throw Problem.of(Code.BAD_RULES).file(name).at(buffer.position()).found("bytes").expected("UTF-8")
                    .asException(e);
        }
        text = text.startsWith("\ufeff") ? text.substring(1) : text;
        if (isJson(text)) { return RuleJson.read(text, name); }
        return RenameTable.is(text, name) ? RenameTable.read(text, name) : ArrowText.read(text, name);
    }

    /** A rule file in JSON begins with a brace; a name that begins with one begins with a capture. */
    private static boolean isJson(String text) {
        var start = text.stripLeading();
        if (!start.startsWith("{")) { return false; }
        var next = start.substring(1).stripLeading();
        return next.isEmpty() || next.startsWith("\"") || next.strip().equals("}");
    }

    /** The file's text: arrow text for a name that ends in {@code .weft}, else JSON. */
    public static String print(RuleSet rules, String name) {
        return name.endsWith(".weft") ? ArrowText.print(rules) : RuleJson.print(rules);
    }
}
