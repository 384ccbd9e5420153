package weft.arch;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Pattern;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;

/**
 * Text as people paste it: coloured, numbered, quoted, with the punctuation of a chat window. What comes out has plain
 * line breaks, plain punctuation and no decoration.
 */
final class PastedText {
    /** No terminal is narrower. */
    private static final int NARROWEST = 40;
    /** More than any terminal keeps. */
    static final int LONGEST = 64 << 20;
    private static final Pattern ESCAPES = Pattern.compile(
            "\u001B\\[[0-9;?]*[ -/]*[@-~]|\u001B\\][^\u0007\u001B]*(?:\u0007|\u001B\\\\)|\u001B[@-_]|\u009B[0-9;?]*[@-~]");
    /** Colours whose escape character was lost on the way: {@code [1;31m}. */
    private static final Pattern BARE_COLOURS = Pattern.compile("\\[[0-9]{1,2}(?:;[0-9]{1,3})*m");
    private static final Pattern INVISIBLE = Pattern.compile("[\u200B-\u200F\u202A-\u202E\u2060-\u2069\uFEFF\u00AD]");
    private static final String WIDE = "，：；（）［］｛｝【】「」『』“”‘’｜＝＿－．／＊、。　＇＂";
    private static final String PLAIN = ",:;()[]{}[]\"\"\"\"\"\"''|=_-./*,. '\"";
    /** What stands before a line and isn't part of it: quote marks, bullets, a line's number. */
    private static final Pattern DECORATION = Pattern.compile(
            "(?m)^[ \\t]*(?:(?:[>|•·▪◦●○‣–—*+-]|&gt;)[ \\t]+)*(?:[0-9]{1,6}[.:)|]?[ \\t]+(?=\\S))?(?:[>|•·▪◦●○‣–—*+-][ \\t]+)*");

    private PastedText() {
    }

    /** Bytes as text, or empty if they are no text: not UTF-8 (or UTF-16 with its mark), or with control characters. */
    static Optional<String> decode(byte[] bytes) {
        var charset = bytes.length >= 2 && (bytes[0] == (byte) 0xFF && bytes[1] == (byte) 0xFE
                || bytes[0] == (byte) 0xFE && bytes[1] == (byte) 0xFF)
                        ? StandardCharsets.UTF_16
                        : StandardCharsets.UTF_8;
        try {
            var text = charset.newDecoder().onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT).decode(ByteBuffer.wrap(bytes)).toString();
            boolean plain = text.chars()
                    .allMatch(c -> c >= ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f' || c == 0x1B || c == 7
                            || c == 8);
            return plain ? Optional.of(text) : Optional.empty();
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }

    /** Colours, invisible characters and wide punctuation undone; a carriage return is a line break. */
    static String plain(String text) throws CheckpointException {
        if (text.length() > LONGEST) {
            throw Problem.of(Code.LIMIT).field("text").found(text.length()).expected(LONGEST).asException();
        }
        var plain = INVISIBLE.matcher(BARE_COLOURS.matcher(ESCAPES.matcher(text).replaceAll("")).replaceAll(""))
                .replaceAll("");
        var out = new StringBuilder(plain.length());
        for (int i = 0; i < plain.length(); i++) {
            char c = plain.charAt(i);
            int wide = WIDE.indexOf(c);
            if (wide >= 0) {
                out.append(PLAIN.charAt(wide));
            } else if (c >= '０' && c <= '９') {
                out.append((char) (c - '０' + '0'));
            } else if (c == '\r') {
                out.append(i + 1 < plain.length() && plain.charAt(i + 1) == '\n' ? "" : "\n");
            } else if (c == '\u00A0' || c == '\f') {
                out.append(' ');
            } else if (c == '\u2028' || c == '\u2029') {
                out.append('\n');
            } else if (c != '\b' && c != 7 && c != 0x1B) { // what a terminal acts on and nobody sees
                out.append(c);
            }
        }
        return out.toString().replace("&gt;", ">").replace("&lt;", "<").replace("&quot;", "\"").replace("&#39;", "'")
                .replace("&#x27;", "'").replace("&amp;", "&");
    }

    /** The same without what stands before each line: bullets, quote marks, line numbers. */
    static String undecorated(String plain) {
        return DECORATION.matcher(plain).replaceAll("");
    }

    /**
     * The same where a terminal or a mail broke lines in the middle of words: every line that is as long as the longest
     * goes on in the next one. Empty if no line can have been broken so.
     */
    static Optional<String> unwrapped(String plain) {
        var lines = plain.split("\n", -1);
        int width = 0;
        for (var line : lines) {
            width = Math.max(width, line.length());
        }
        if (width < NARROWEST || lines.length < 2) { return Optional.empty(); }
        var out = new StringBuilder(plain.length());
        for (int i = 0; i < lines.length; i++) {
            out.append(lines[i]);
            if (i + 1 < lines.length && lines[i].length() != width) {
                out.append('\n');
            }
        }
        return Optional.of(out.toString());
    }

    /** Whether more than one line is as long as the longest: by chance that is rare. */
    static boolean isWrapped(String plain) {
        var lines = plain.split("\n", -1);
        int width = Arrays.stream(lines).mapToInt(String::length).max().orElse(0);
        return Arrays.stream(lines).filter(l -> l.length() == width).count() > 1;
    }
}
