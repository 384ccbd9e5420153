package weft.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * What may happen to a file: bits flip, bytes go or come, stretches move, numbers grow beyond reason, brackets multiply.
 * The same seed makes the same file.
 */
final class Mutation {
    private static final long[] EXTREMES = {0, 1, -1, 127, 128, 255, 256, 32767, 32768, 65535, 65536, Integer.MAX_VALUE,
        Integer.MIN_VALUE, 0xFFFFFFFFL, 1L << 32, 1L << 40, Long.MAX_VALUE, Long.MIN_VALUE, Long.MAX_VALUE - 7,
        1L << 62};
    private static final String[] WORDS = {"0", "-1", "1e999", "-1e-999", "99999999999999999999", "2147483648",
        "9223372036854775807", "null", "true", "NaN", "\"\"", "{}", "[]", "\"\\ud800\"", "../../x", "\\u0000", "{i}",
        "{i+1}", "{x**}", "\"a\":", ",", "\n", " : ", " | ", " => ", "@0", "é", "\uD83D\uDE42", "(", ")", "|",
        "re:(a+)+$"};
    private static final String[] BRACKETS = {"[", "{", "(", "{\"a\":", "[[", "((", "\"", "\\", "["};

    private Mutation() {
    }

    /** One to three changes. */
    static byte[] of(byte[] good, SplittableRandom random) {
        var bytes = good;
        int times = 1 + random.nextInt(8) / 4 + random.nextInt(8) / 6;
        for (int i = 0; i < times; i++) {
            bytes = once(bytes, good, random);
        }
        return bytes;
    }

    private static byte[] once(byte[] bytes, byte[] good, SplittableRandom random) {
        if (bytes.length == 0) { return new byte[]{(byte) random.nextInt()}; }
        // Headers stand at the start or the end: three times in four there.
        int span = random.nextInt(4) == 0 ? bytes.length : Math.min(bytes.length, 1 << 3 + random.nextInt(10));
        int at = random.nextBoolean() ? random.nextInt(span) : bytes.length - 1 - random.nextInt(span);
        return switch (random.nextInt(12)) {
            case 0 -> {
                var out = bytes.clone();
                for (int i = 0, n = 1 + random.nextInt(8); i < n; i++) {
                    out[(at + random.nextInt(span)) % out.length] ^= (byte) (1 << random.nextInt(8));
                }
                yield out;
            }
            case 1 -> Arrays.copyOf(bytes, at);
            case 2 -> Arrays.copyOfRange(bytes, at, bytes.length);
            case 3 -> splice(bytes, at, bytes, random); // a stretch of itself over another
            case 4 -> splice(bytes, at, good, random);
            case 5 -> joined(bytes, at, new byte[]{(byte) random.nextInt()}, at);
            case 6 -> joined(bytes, at, new byte[0], at + 1);
            case 7 -> number(bytes, at, random);
            case 8 -> { // a byte a little larger or smaller: lengths, counts, types
                var out = bytes.clone();
                out[at] += (byte) (random.nextInt(9) - 4);
                yield out;
            }
            case 9 -> word(bytes, at, random);
            case 10 -> { // a stretch twice
                int to = at + random.nextInt(1 + Math.min(200, bytes.length - at));
                yield joined(bytes, to, Arrays.copyOfRange(bytes, at, to), to);
            }
            default -> {
                if (random.nextInt(3) > 0) {
                    var out = bytes.clone();
                    Arrays.fill(out, at, Math.min(out.length, at + 1 + random.nextInt(8)),
                            (byte) (random.nextBoolean() ? -1 : '9'));
                    yield out;
                }
                var bracket = BRACKETS[random.nextInt(BRACKETS.length)].repeat(1 << random.nextInt(16));
                yield joined(bytes, at, bracket.getBytes(ISO_8859_1), at);
            }
        };
    }

    private static byte[] splice(byte[] bytes, int at, byte[] from, SplittableRandom random) {
        if (from.length == 0) { return bytes; }
        var out = bytes.clone();
        int start = random.nextInt(from.length);
        int length = random
                .nextInt(1 + Math.min(1 << random.nextInt(10), Math.min(out.length - at, from.length - start)));
        System.arraycopy(from, start, out, at, length);
        return out;
    }

    /** An extreme number over 1, 2, 4 or 8 bytes, little- or big-endian, or as a varint. */
    private static byte[] number(byte[] bytes, int at, SplittableRandom random) {
        long value = EXTREMES[random.nextInt(EXTREMES.length)];
        if (random.nextInt(4) == 0) {
            var varint = new byte[10];
            int length = 0;
            for (long rest = value; length == 0 || rest != 0; rest >>>= 7) {
                varint[length++] = (byte) (rest & 0x7f | (rest >>> 7 == 0 ? 0 : 0x80));
            }
            return joined(bytes, at, Arrays.copyOf(varint, length), at + 1);
        }
        int size = 1 << random.nextInt(4);
        boolean big = random.nextInt(4) == 0;
        var out = bytes.clone();
        for (int i = 0; i < size && at + i < out.length; i++) {
            out[at + i] = (byte) (value >>> 8 * (big ? size - 1 - i : i));
        }
        return out;
    }

    /** A word of JSON, of a rule or of a path, in the place of a number where one stands there. */
    private static byte[] word(byte[] bytes, int at, SplittableRandom random) {
        var word = WORDS[random.nextInt(WORDS.length)].getBytes(java.nio.charset.StandardCharsets.UTF_8);
        int from = at;
        int limit = Math.min(bytes.length, at + 200);
        while (from < limit && !(bytes[from] >= '0' && bytes[from] <= '9')) {
            from++;
        }
        if (from == limit || random.nextInt(4) == 0) { return joined(bytes, at, word, at); }
        int to = from;
        while (to < bytes.length && bytes[to] >= '0' && bytes[to] <= '9') {
            to++;
        }
        return joined(bytes, from, word, to);
    }

    /** The bytes before {@code end}, something, and the bytes from {@code start} on. */
    private static byte[] joined(byte[] bytes, int end, byte[] between, int start) {
        var out = new byte[end + between.length + bytes.length - start];
        System.arraycopy(bytes, 0, out, 0, end);
        System.arraycopy(between, 0, out, end, between.length);
        System.arraycopy(bytes, start, out, end + between.length, bytes.length - start);
        return out;
    }
}
