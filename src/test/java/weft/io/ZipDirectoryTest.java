package weft.io;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Archives by {@code java.util.zip}, and what happens when their parts contradict each other. */
class ZipDirectoryTest {
    @TempDir
    private Path folder;

    /** Entries named {@code a/0}, {@code a/1} …, each with the bytes of its text. */
    private static byte[] zip(int method, String... texts) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes)) {
            for (int i = 0; i < texts.length; i++) {
                add(zip, "a/" + i, method, texts[i].getBytes(UTF_8));
            }
        }
        return bytes.toByteArray();
    }

    private static void add(ZipOutputStream zip, String name, int method, byte[] content) throws IOException {
        var entry = new ZipEntry(name);
        entry.setMethod(method);
        if (method == ZipEntry.STORED) {
            var crc = new CRC32();
            crc.update(content);
            entry.setSize(content.length);
            entry.setCrc(crc.getValue());
        }
        zip.putNextEntry(entry);
        zip.write(content);
        zip.closeEntry();
    }

    private ZipDirectory read(byte[] bytes) throws Exception {
        return ZipDirectory.read(SourceFile.open(Files.write(folder.resolve("x.zip"), bytes)));
    }

    private Problem refused(byte[] bytes) {
        return catchThrowableOfType(CheckpointException.class, () -> read(bytes)).problem();
    }

    private static String text(ZipDirectory zip, String name) throws CheckpointException {
        return new String(zip.segment(zip.entry(name)).toArray(ValueLayout.JAVA_BYTE), UTF_8);
    }

    private static byte[] joined(byte[]... parts) {
        var all = new ByteArrayOutputStream();
        Arrays.stream(parts).forEach(all::writeBytes);
        return all.toByteArray();
    }

    private static int find(byte[] bytes, int signature, int from) {
        var buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        for (int at = from; at <= bytes.length - 4; at++) {
            if (buffer.getInt(at) == signature) { return at; }
        }
        throw new AssertionError("no such record");
    }

    private static int central(byte[] bytes, int index) {
        int at = find(bytes, 0x02014b50, 0);
        for (int i = 0; i < index; i++) {
            at = find(bytes, 0x02014b50, at + 1);
        }
        return at;
    }

    private static int end(byte[] bytes) {
        return find(bytes, 0x06054b50, 0);
    }

    private static ByteBuffer edit(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    @Test
    void gives_stored_entries_as_ranges_of_the_file() throws Exception {
        var bytes = zip(ZipEntry.STORED, "one", "", "three");
        var zip = read(bytes);
        assertThat(zip.entries()).extracting(ZipDirectory.Entry::name).containsExactly("a/0", "a/1", "a/2");
        assertThat(text(zip, "a/0")).isEqualTo("one");
        assertThat(text(zip, "a/1")).isEmpty();
        assertThat(text(zip, "a/2")).isEqualTo("three");
        var third = zip.entry("a/2");
        assertThat(new String(bytes, (int) third.offset(), 5, UTF_8)).isEqualTo("three");
        assertThat(zip.checksum(third)).isNull();
        assertThat(zip.warnings()).isEmpty();
    }

    @Test
    void inflates_deflated_entries() throws Exception {
        var words = "weft ".repeat(50_000);
        var zip = read(zip(ZipEntry.DEFLATED, words, ""));
        assertThat(text(zip, "a/0")).isEqualTo(words);
        assertThat(text(zip, "a/1")).isEmpty();
        assertThat(zip.checksum(zip.entry("a/0"))).isNull();
    }

    @Test
    void an_empty_archive_has_no_entries() throws Exception {
        assertThat(read(zip(ZipEntry.STORED)).entries()).isEmpty();
    }

    @Test
    void refuses_a_file_that_was_cut() throws Exception {
        var bytes = zip(ZipEntry.STORED, "one", "two");
        for (int length = 0; length < bytes.length; length++) {
            assertThat(refused(Arrays.copyOf(bytes, length)).code()).as(length + " bytes")
                    .isEqualTo(Code.ZIP_INCOMPLETE);
        }
    }

    @Test
    void tells_a_wrong_checksum_and_still_reads() throws Exception {
        var bytes = zip(ZipEntry.STORED, "one", "two");
        bytes[(int) read(bytes).entry("a/1").offset()] ^= 1;
        var zip = read(bytes);
        assertThat(zip.checksum(zip.entry("a/0"))).isNull();
        var problem = zip.checksum(zip.entry("a/1"));
        assertThat(problem.code()).isEqualTo(Code.CRC);
        assertThat(problem.field()).isEqualTo("a/1");
        assertThat(problem.offset()).isEqualTo(zip.entry("a/1").offset());
        assertThat(text(zip, "a/1")).isEqualTo("uwo");
    }

    @Test
    void refuses_two_entries_of_one_name() throws Exception {
        var bytes = zip(ZipEntry.STORED, "one", "two");
        bytes[central(bytes, 1) + 46 + 2] = '0';
        bytes[(int) read(zip(ZipEntry.STORED, "one", "two")).entry("a/1").header() + 30 + 2] = '0';
        var problem = refused(bytes);
        assertThat(problem.code()).isEqualTo(Code.ZIP_AMBIGUOUS);
        assertThat(problem.field()).isEqualTo("a/0");
        assertThat(problem.offset()).isEqualTo(central(bytes, 1));
    }

    @Test
    void refuses_a_local_header_with_another_name() throws Exception {
        var bytes = zip(ZipEntry.STORED, "one", "two");
        bytes[30] = 'b';
        var problem = refused(bytes);
        assertThat(problem.code()).isEqualTo(Code.ZIP_AMBIGUOUS);
        assertThat(problem.found()).isEqualTo("b/0");
        assertThat(problem.expected()).isEqualTo("a/0");
        assertThat(problem.offset()).isZero();
    }

    @Test
    void refuses_a_local_header_with_another_size_or_method() throws Exception {
        var bytes = zip(ZipEntry.STORED, "one", "two");
        edit(bytes).putInt(22, 2);
        assertThat(refused(bytes).code()).isEqualTo(Code.ZIP_AMBIGUOUS);
        edit(bytes).putInt(22, 3).putShort(8, (short) 8);
        assertThat(refused(bytes).code()).isEqualTo(Code.ZIP_AMBIGUOUS);
    }

    @Test
    void refuses_entries_that_overlap() throws Exception {
        var bytes = zip(ZipEntry.STORED, "one", "two");
        // The first entry's bytes now reach over the second's header.
        for (int at : new int[]{18, 22, central(bytes, 0) + 20, central(bytes, 0) + 24}) {
            edit(bytes).putInt(at, 20);
        }
        var problem = refused(bytes);
        assertThat(problem.code()).isEqualTo(Code.OVERLAP);
        assertThat(problem.field()).isEqualTo("a/1");
        assertThat(problem.found()).isEqualTo("a/0");
    }

    @Test
    void refuses_an_entry_that_reaches_into_the_directory() throws Exception {
        var bytes = zip(ZipEntry.STORED, "one", "two");
        int header = (int) read(bytes).entry("a/1").header();
        for (int at : new int[]{header + 18, header + 22, central(bytes, 1) + 20, central(bytes, 1) + 24}) {
            edit(bytes).putInt(at, 0x7FFFFFFF);
        }
        assertThat(refused(bytes).code()).isEqualTo(Code.OVERLAP);
    }

    @Test
    void refuses_a_count_that_is_not_the_number_of_entries() throws Exception {
        var bytes = zip(ZipEntry.STORED, "one", "two");
        edit(bytes).putShort(end(bytes) + 10, (short) 1);
        assertThat(refused(bytes).code()).isEqualTo(Code.ZIP_AMBIGUOUS);
    }

    @Test
    void refuses_two_end_records_that_both_fit() throws Exception {
        var one = zip(ZipEntry.STORED, "one");
        var decoy = Arrays.copyOfRange(one, end(one), one.length);
        var bytes = joined(one, decoy);
        edit(bytes).putShort(end(one) + 20, (short) decoy.length); // the decoy is the comment
        assertThat(refused(bytes).code()).isEqualTo(Code.ZIP_AMBIGUOUS);
    }

    @Test
    void warns_of_bytes_after_the_archive_and_before_it() throws Exception {
        var bytes = zip(ZipEntry.STORED, "one");
        var after = read(joined(bytes, "tail".getBytes(UTF_8)));
        assertThat(text(after, "a/0")).isEqualTo("one");
        assertThat(after.warnings()).extracting(Problem::code).containsExactly(Code.TRAILING_BYTES);
        assertThat(after.warnings().getFirst().found()).isEqualTo("4");
        assertThat(after.warnings().getFirst().offset()).isEqualTo(bytes.length);
        var before = read(joined("#!/bin/sh\n".getBytes(UTF_8), bytes));
        assertThat(text(before, "a/0")).isEqualTo("one");
        assertThat(before.warnings().getFirst().code()).isEqualTo(Code.TRAILING_BYTES);
        assertThat(before.warnings().getFirst().offset()).isZero();
        assertThat(before.warnings().getFirst().found()).isEqualTo("10");
    }

    @Test
    void a_name_that_climbs_out_is_a_warning() throws Exception {
        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes)) {
            add(zip, "../../etc/passwd", ZipEntry.STORED, new byte[1]);
        }
        assertThat(read(bytes.toByteArray()).warnings()).extracting(Problem::code).containsExactly(Code.PATH_OUTSIDE);
    }

    @Test
    void a_bomb_is_refused_before_it_is_inflated() throws Exception {
        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes)) {
            add(zip, "bomb", ZipEntry.DEFLATED, new byte[70 << 20]);
        }
        var zip = read(bytes.toByteArray());
        var problem = catchThrowableOfType(CheckpointException.class, () -> zip.segment(zip.entry("bomb"))).problem();
        assertThat(problem.code()).isEqualTo(Code.BOMB);
        assertThat(problem.field()).isEqualTo("bomb");
    }

    @Test
    void a_size_that_deflate_cannot_reach_allocates_nothing() throws Exception {
        var bytes = zip(ZipEntry.DEFLATED, "one", "two");
        edit(bytes).putInt(central(bytes, 0) + 24, 60 << 20);
        var zip = read(bytes);
        assertThat(catchThrowableOfType(CheckpointException.class, () -> zip.segment(zip.entry("a/0"))).code())
                .isEqualTo(Code.BOMB);
    }

    @Test
    void a_deflated_entry_must_have_the_size_declared() throws Exception {
        var bytes = zip(ZipEntry.DEFLATED, "one two three");
        for (int wrong : new int[]{12, 14}) {
            edit(bytes).putInt(central(bytes, 0) + 24, wrong);
            var zip = read(bytes);
            assertThat(catchThrowableOfType(CheckpointException.class, () -> zip.segment(zip.entry("a/0"))).code())
                    .isEqualTo(Code.BAD_HEADER);
        }
    }

    @Test
    void an_encrypted_entry_is_listed_and_not_read() throws Exception {
        var bytes = zip(ZipEntry.STORED, "one");
        edit(bytes).putShort(6, (short) 1).putShort(central(bytes, 0) + 8, (short) 1);
        var zip = read(bytes);
        assertThat(catchThrowableOfType(CheckpointException.class, () -> zip.segment(zip.entry("a/0"))).code())
                .isEqualTo(Code.UNSUPPORTED_FILTER);
    }

    @Test
    void more_entries_than_16_bits_count() throws Exception {
        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes)) {
            for (int i = 0; i < 66_000; i++) {
                add(zip, "a/" + i, ZipEntry.STORED, new byte[]{(byte) i});
            }
        }
        var zip = read(bytes.toByteArray());
        assertThat(zip.entries()).hasSize(66_000);
        assertThat(zip.segment(zip.entry("a/65999")).get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 65_999);
    }

    /** A sparse file of 5 GiB: one stored entry of 4.5 GiB and one behind it, with zip64 fields in both headers. */
    @Test
    void entries_beyond_4_gib() throws Exception {
        var path = folder.resolve("large.zip");
        long large = 4_831_838_208L;
        var first = header64(0x04034b50, "a/0", large, 0);
        long second = first.length + large;
        var last = header64(0x04034b50, "a/1", 4, 0);
        long directory = second + last.length + 4;
        var entries = joined(header64(0x02014b50, "a/0", large, 0), header64(0x02014b50, "a/1", 4, second));
        var ending = ByteBuffer.allocate(56 + 20 + 22).order(ByteOrder.LITTLE_ENDIAN);
        ending.putInt(0x06064b50).putLong(44).putInt(0).putInt(0).putInt(0).putLong(2).putLong(2)
                .putLong(entries.length).putLong(directory);
        ending.putInt(0x07064b50).putInt(0).putLong(directory + entries.length).putInt(1);
        ending.putInt(0x06054b50).putInt(0).putShort((short) -1).putShort((short) -1).putInt(-1).putInt(-1)
                .putShort((short) 0);
        try (var channel = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE,
                StandardOpenOption.SPARSE)) {
            channel.write(ByteBuffer.wrap(first), 0);
            channel.write(ByteBuffer.wrap(new byte[]{42}), first.length + large - 1);
            channel.write(ByteBuffer.wrap(joined(last, "weft".getBytes(UTF_8), entries, ending.array())), second);
        }
        var zip = ZipDirectory.read(SourceFile.open(path));
        assertThat(zip.entry("a/0").size()).isEqualTo(large);
        assertThat(zip.segment(zip.entry("a/0")).get(ValueLayout.JAVA_BYTE, large - 1)).isEqualTo((byte) 42);
        assertThat(text(zip, "a/1")).isEqualTo("weft");
    }

    /** A local or central header whose sizes, and in the central one the offset, stand in the zip64 extra field. */
    private static byte[] header64(int signature, String name, long size, long offset) {
        boolean central = signature == 0x02014b50;
        var header = ByteBuffer.allocate((central ? 46 : 30) + name.length() + (central ? 28 : 20))
                .order(ByteOrder.LITTLE_ENDIAN);
        header.putInt(signature).putShort((short) 45);
        if (central) {
            header.putShort((short) 45);
        }
        header.putShort((short) 0).putShort((short) 0).putInt(0).putInt(0).putInt(-1).putInt(-1)
                .putShort((short) name.length()).putShort((short) (central ? 28 : 20));
        if (central) {
            header.putShort((short) 0).putShort((short) 0).putShort((short) 0).putInt(0).putInt(-1);
        }
        header.put(name.getBytes(UTF_8)).putShort((short) 1).putShort((short) (central ? 24 : 16)).putLong(size)
                .putLong(size);
        if (central) {
            header.putLong(offset);
        }
        return header.array();
    }

    /** Broken archives; whatever is wrong with one, only our own exception says so. */
    @Test
    void a_mutated_archive_is_read_or_refused() throws Exception {
        var good = joined(zip(ZipEntry.STORED, "one", "two", "three"));
        var packed = zip(ZipEntry.DEFLATED, "one".repeat(100), "two");
        for (int seed = 0; seed < 800; seed++) {
            var random = new Random(seed);
            var bytes = (seed % 2 == 0 ? good : packed).clone();
            for (int i = 0; i <= random.nextInt(4); i++) {
                bytes[random.nextInt(bytes.length)] = (byte) (random.nextBoolean() ? random.nextInt() : -1);
            }
            try {
                var zip = read(bytes);
                for (var entry : zip.entries()) {
                    zip.checksum(entry);
                }
            } catch (CheckpointException expected) {
                // Refused: fine.
            } catch (RuntimeException | Error e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
    }
}
