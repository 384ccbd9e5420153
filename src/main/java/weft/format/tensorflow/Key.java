package weft.format.tensorflow;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * A key of a table. Keys are bytes: names in UTF-8, and for slices an encoding that isn't text.
 *
 * @param latin1 one character a byte
 */
record Key(String latin1) {
    static Key of(byte[] bytes) {
        return new Key(new String(bytes, StandardCharsets.ISO_8859_1));
    }

    static Key of(String name) {
        return of(name.getBytes(StandardCharsets.UTF_8));
    }

    byte[] bytes() {
        return latin1.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Whether the key belongs to a piece of a partitioned variable: no name begins with a zero. */
    boolean isSlice() {
        return !latin1.isEmpty() && latin1.charAt(0) == 0;
    }

    /** The key as text; bytes that aren't UTF-8 stay apart, one character each. */
    String text() {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes())).toString();
        } catch (CharacterCodingException e) {
            return latin1;
        }
    }

    /** The text without what every variable of an object-based checkpoint ends with. */
    String path() {
        var text = text();
        return text.endsWith(ObjectGraph.VALUE) ? text.substring(0, text.length() - ObjectGraph.VALUE.length()) : text;
    }
}
