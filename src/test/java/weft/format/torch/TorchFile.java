package weft.format.torch;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Archives and pickles that nobody's {@code torch.save} would write, opcode by opcode. */
public final class TorchFile {
    private TorchFile() {
    }

    /** An archive of these entries, in the map's order, stored. */
    public static byte[] archive(Map<String, byte[]> entries) throws IOException {
        return archive(entries, ZipEntry.STORED);
    }

    public static byte[] archive(Map<String, byte[]> entries, int method) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes)) {
            for (var e : entries.entrySet()) {
                var entry = new ZipEntry(e.getKey());
                entry.setMethod(method);
                entry.setSize(e.getValue().length);
                var crc = new CRC32();
                crc.update(e.getValue());
                entry.setCrc(crc.getValue());
                zip.putNextEntry(entry);
                zip.write(e.getValue());
                zip.closeEntry();
            }
        }
        return bytes.toByteArray();
    }

    /** The pickle of a dict from names to programs. */
    public static byte[] dict(String... keysAndPrograms) {
        return program(keysAndPrograms).getBytes(ISO_8859_1);
    }

    /** The same as text, one character a byte. */
    static String program(String... keysAndPrograms) {
        var program = new StringBuilder("\u0080\u0002}(");
        for (int i = 0; i < keysAndPrograms.length; i += 2) {
            program.append(string(keysAndPrograms[i])).append(keysAndPrograms[i + 1]);
        }
        return program + "u.";
    }

    public static String string(String text) {
        var utf8 = text.getBytes(StandardCharsets.UTF_8);
        return "X" + new String(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(utf8.length).array(),
                ISO_8859_1) + new String(utf8, ISO_8859_1);
    }

    /** A tensor of a storage of {@code count} elements; sizes and strides with spaces between. */
    public static String tensor(String type, String key, long count, long offset, String sizes, String strides) {
        return tensor(storage(type, key, count), offset, sizes, strides);
    }

    static String storage(String type, String key, long count) {
        return tuple(string("storage"), "ctorch\n" + type + "\n", string(key), string("cpu"), number(count)) + "Q";
    }

    static String tensor(String storage, long offset, String sizes, String strides) {
        return "ctorch._utils\n_rebuild_tensor_v2\n" + tuple(storage, number(offset), numbers(sizes), numbers(strides),
                "\u0089", "ccollections\nOrderedDict\n)R") + "R";
    }

    static String number(long value) {
        return "\u008a\u0008" + new String(
                ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array(), ISO_8859_1);
    }

    static String tuple(String... items) {
        return "(" + String.join("", items) + "t";
    }

    static String numbers(String spaced) {
        return tuple(Arrays.stream(spaced.strip().split(" ")).filter(s -> !s.isEmpty())
                .map(s -> number(Long.parseLong(s))).toArray(String[]::new));
    }
}
