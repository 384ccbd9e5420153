package weft.token;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * GPT-2's spelling of bytes as visible characters, in which its vocabulary files are written: a printable byte of
 * Latin-1 is itself, the 68 others are U+0100, U+0101, … in order of their value. A space reads {@code Ġ}, a line feed
 * {@code Ċ}. Source: {@code bytes_to_unicode} of OpenAI's {@code encoder.py} (2019).
 */
final class ByteAlphabet {
    private static final char[] CHARACTER = new char[256];
    private static final int[] BYTE = new int[0x100 + 68];

    static {
        Arrays.fill(BYTE, -1);
        char next = 0x100;
        for (int b = 0; b < 256; b++) {
            boolean printable = b >= '!' && b <= '~' || b >= 0xA1 && b <= 0xAC || b >= 0xAE;
            CHARACTER[b] = printable ? (char) b : next++;
            BYTE[CHARACTER[b]] = b;
        }
    }

    private ByteAlphabet() {
    }

    /** How one byte is written. */
    static char character(int value) {
        return CHARACTER[value & 0xFF];
    }

    /** The bytes a token of a vocabulary file stands for; a token with other characters in it is plain UTF-8. */
    static byte[] bytes(String token) {
        var bytes = new ByteArrayOutputStream(token.length());
        for (int i = 0; i < token.length(); i++) {
            var c = token.charAt(i);
            if (c >= BYTE.length || BYTE[c] < 0) { return token.getBytes(StandardCharsets.UTF_8); }
            bytes.write(BYTE[c]);
        }
        return bytes.toByteArray();
    }
}
