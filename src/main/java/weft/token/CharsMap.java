package weft.token;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Problem;

/**
 * SentencePiece's compiled normalisation: a double-array trie from UTF-8 bytes to texts. Layout: u32 bytes of the
 * trie; its u32 units (darts-clone); then the texts, each ended by a zero byte. Unit: bits 0 to 7 (and 31) the label,
 * bit 8 whether a text ends here, bits 10 to 30 the offset, shifted by eight more where bit 9 is set; a leaf's low 31
 * bits are where its text begins. A forged trie can only lead to other texts or out of the table, which ends the walk.
 */
final class CharsMap {
    private static final Pattern GRAPHEME = Pattern.compile("\\X");
    /** Bytes from which on Hugging Face looks at a grapheme's characters one by one. */
    private static final int LONG = 6;

    private final int[] units;
    private final byte[] texts;

    private CharsMap(int[] units, byte[] texts) {
        this.units = units;
        this.texts = texts;
    }

    static CharsMap read(byte[] blob, String file, String field) throws CheckpointException {
        var bytes = ByteBuffer.wrap(blob).order(ByteOrder.LITTLE_ENDIAN);
        long size = blob.length < 4 ? -1 : Integer.toUnsignedLong(bytes.getInt());
        if (size < 4 || size % 4 != 0 || size > blob.length - 4) {
            throw Problem.of(Code.BAD_TOKENIZER).file(file).field(field).found(size).expected("<= " + blob.length)
                    .asException();
        }
        var units = new int[(int) size / 4];
        bytes.asIntBuffer().get(units);
        return new CharsMap(units, Arrays.copyOfRange(blob, 4 + (int) size, blob.length));
    }

    /** What a match becomes. @param length bytes matched */
    record Found(int length, byte[] text) {
    }

    /** The longest (or the shortest) prefix of some bytes that has a rule, or null. */
    @Nullable
    Found find(byte[] bytes, int from, int to, boolean longest) {
        int node = offset(units[0]);
        int value = -1;
        int length = 0;
        for (int at = from; at < to; at++) {
            int label = bytes[at] & 0xFF;
            node ^= label;
            if (label == 0 || node < 0 || node >= units.length) {
                break;
            }
            int unit = units[node];
            if ((unit & 0x800000FF) != label) {
                break;
            }
            node ^= offset(unit);
            if ((unit >>> 8 & 1) != 0 && node >= 0 && node < units.length) {
                value = units[node] & 0x7FFFFFFF;
                length = at + 1 - from;
                if (!longest) {
                    break;
                }
            }
        }
        if (value < 0 || value > texts.length) { return null; }
        int end = value;
        while (end < texts.length && texts[end] != 0) {
            end++;
        }
        return new Found(length, Arrays.copyOfRange(texts, value, end));
    }

    private static int offset(int unit) {
        return unit >>> 10 << ((unit & 1 << 9) >>> 6);
    }

    /**
     * As the {@code tokenizers} library applies it: a short grapheme whose shortest prefix has a rule becomes that
     * rule's text as a whole; else its characters one by one.
     */
    String graphemes(String text) {
        var result = new StringBuilder(text.length());
        for (var matcher = GRAPHEME.matcher(text); matcher.find();) {
            var grapheme = matcher.group();
            var bytes = grapheme.getBytes(StandardCharsets.UTF_8);
            var whole = bytes.length < LONG ? find(bytes, 0, bytes.length, false) : null;
            if (whole != null) {
                result.append(new String(whole.text, StandardCharsets.UTF_8));
                continue;
            }
            for (int i = 0; i < grapheme.length();) {
                int c = grapheme.codePointAt(i);
                i += Character.charCount(c);
                var one = Character.toString(c).getBytes(StandardCharsets.UTF_8);
                var found = find(one, 0, one.length, false);
                if (found == null) {
                    result.appendCodePoint(c);
                } else {
                    result.append(new String(found.text, StandardCharsets.UTF_8));
                }
            }
        }
        return result.toString();
    }
}
