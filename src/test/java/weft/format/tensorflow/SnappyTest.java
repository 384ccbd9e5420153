package weft.format.tensorflow;

import static org.assertj.core.api.Assertions.assertThat;
import static weft.format.tensorflow.Crafted.bytes;
import static weft.format.tensorflow.Crafted.join;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;

import org.junit.jupiter.api.Test;

/** Elements as google/snappy's format description spells them. */
class SnappyTest {
    private static byte[] decode(byte[] block) {
        return Snappy.decode(MemorySegment.ofArray(block));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @Test
    void decodes_literals_of_every_length_form() {
        assertThat(decode(join(bytes(3, 2 << 2), ascii("abc")))).isEqualTo(ascii("abc"));
        var long60 = new byte[70];
        Arrays.fill(long60, (byte) 'x');
        assertThat(decode(join(bytes(70, 60 << 2, 69), long60))).isEqualTo(long60);
        assertThat(decode(join(bytes(70, 61 << 2, 69, 0), long60))).isEqualTo(long60);
        assertThat(decode(join(bytes(70, 62 << 2, 69, 0, 0), long60))).isEqualTo(long60);
        assertThat(decode(join(bytes(70, 63 << 2, 69, 0, 0, 0), long60))).isEqualTo(long60);
        assertThat(decode(bytes(0))).isEmpty();
    }

    @Test
    void decodes_copies_of_one_two_and_four_bytes_distance() {
        var abc = join(bytes(2 << 2), ascii("abc"));
        // kind 1: length 4..11, distance 11 bits
        assertThat(decode(join(bytes(7), abc, bytes(0 << 2 | 1, 3)))).isEqualTo(ascii("abcabca"));
        // kind 2: length 1..64, distance 16 bits
        assertThat(decode(join(bytes(5), abc, bytes(1 << 2 | 2, 2, 0)))).isEqualTo(ascii("abcbc"));
        assertThat(decode(join(bytes(5), abc, bytes(1 << 2 | 3, 3, 0, 0, 0)))).isEqualTo(ascii("abcab"));
        // a distance above 255 has its upper bits in the tag
        var block = join(bytes(300 & 0x7f | 0x80, 300 >> 7), bytes(61 << 2, 295 & 0xff, 295 >> 8), new byte[296],
                bytes(1 << 5 | 1, 296 & 0xff));
        assertThat(decode(block)).hasSize(300);
        // a run: the copy overlaps what it writes
        assertThat(decode(join(bytes(9), bytes(0), ascii("z"), bytes(7 << 2 | 2, 1, 0)))).isEqualTo(ascii("zzzzzzzzz"));
    }

    @Test
    void refuses_what_is_not_a_block() {
        assertThat(decode(bytes())).isNull();
        assertThat(decode(bytes(0x80))).as("length cut").isNull();
        assertThat(decode(bytes(0xff, 0xff, 0xff, 0xff, 0xff, 1))).as("length of six bytes").isNull();
        assertThat(decode(bytes(0xff, 0xff, 0xff, 0xff, 0x0f))).as("4 GiB out of 5 bytes").isNull();
        assertThat(decode(join(bytes(4, 2 << 2), ascii("abc")))).as("too short").isNull();
        assertThat(decode(join(bytes(2, 2 << 2), ascii("abc")))).as("too long").isNull();
        assertThat(decode(join(bytes(3, 2 << 2), ascii("ab")))).as("literal cut").isNull();
        assertThat(decode(join(bytes(7, 2 << 2), ascii("abc"), bytes(1, 4)))).as("before the start").isNull();
        assertThat(decode(join(bytes(7, 2 << 2), ascii("abc"), bytes(1, 0)))).as("distance 0").isNull();
        assertThat(decode(join(bytes(7, 2 << 2), ascii("abc"), bytes(1)))).as("distance cut").isNull();
        assertThat(decode(bytes(3, 63 << 2, 0xff, 0xff, 0xff, 0xff))).as("literal of 4 GiB").isNull();
    }

    @Test
    void noise_decodes_or_is_refused() {
        var random = new Random(5);
        for (int i = 0; i < 200_000; i++) {
            var block = new byte[random.nextInt(24)];
            random.nextBytes(block);
            if (block.length > 0) {
                block[0] &= 0x3f;
            }
            var out = decode(block);
            assertThat(out == null || out.length == block[0]).isTrue();
            assertThat(Snappy.peek(block, 16).length).isLessThanOrEqualTo(16);
        }
    }
}
