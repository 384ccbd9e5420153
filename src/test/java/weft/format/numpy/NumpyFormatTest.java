package weft.format.numpy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

import weft.format.Checkpoint.Ignored;
import weft.format.CheckpointFormat;
import weft.format.CheckpointFormatSuite;
import weft.format.Formats;
import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Progress;
import weft.tensor.DType;
import weft.tensor.TensorSource;

/** The fixtures are numpy's own (make_numpy_misc.py); check_numpy_written.py has numpy read what is written here. */
class NumpyFormatTest extends CheckpointFormatSuite {
    private static final String GOOD = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }";

    @Override
    protected CheckpointFormat format() {
        return new NumpyFormat();
    }

    @Override
    protected List<Sample> samples() throws Exception {
        // A bare array is called as its file is; the suite's copies keep that name.
        return listed("numpy-misc");
    }

    @Override
    protected List<Hazard> hazards() throws Exception {
        var good = array(GOOD, 24);
        int values = 10 + GOOD.length();
        int shape = 10 + GOOD.indexOf('(');
        return List.of(
                accept("no white space, no last comma",
                        array("{'shape':(2,3),'descr':\"<f4\",'fortran_order':False}", 24)),
                accept("Python 2's long integers", array(GOOD.replace("2, 3", "2L, 3L"), 24)),
                accept("no axis of any length", array(GOOD.replace("2, 3", "0, 9000000000"), 0)),
                accept("an archive of nothing", zip()),
                refuse("magic cut short", Arrays.copyOf(good, 7), Code.TRUNCATED, 6, "header"),
                refuse("a header cut short", Arrays.copyOf(good, 40), Code.TRUNCATED, 10, "header"),
                refuse("version 4", with(good, 6, 4), Code.UNSUPPORTED_VERSION, 6, null),
                refuse("a header of four gigabytes",
                        joined(Arrays.copyOf(with(good, 6, 2), 8), new byte[]{-1, -1, -1, -1},
                                new byte[100]),
                        Code.LIMIT, 8, "header length"),
                refuse("code in the header", array("__import__('os').system('true')", 0), Code.BAD_HEADER, 10,
                        "header"),
                refuse("a call for a shape", array(GOOD.replace("(2, 3)", "range(3)"), 24), Code.BAD_HEADER, shape,
                        "header"),
                refuse("arithmetic", array(GOOD.replace("2, 3", "2*3,"), 24), Code.BAD_HEADER, shape + 2, "header"),
                refuse("a negative dimension", array(GOOD.replace("2, 3", "2, -3"), 24), Code.BAD_HEADER, 10, "shape"),
                refuse("a dimension of 2^64", array(GOOD.replace("2, 3", "18446744073709551616,"), 24), Code.BAD_HEADER,
                        shape + 1, "header"),
                refuse("a shape of 2^80", array(GOOD.replace("2, 3", "1099511627776, 1099511627776"), 24),
                        Code.SHAPE_BOMB,
                        10, "shape"),
                refuse("a key twice", array(GOOD.replace("'fortran_order': False", "'descr': '<f8'"), 24),
                        Code.BAD_HEADER,
                        10 + 17, "header"),
                refuse("a key too many", array(GOOD.replace("}", "'x': 1}"), 24), Code.BAD_HEADER, 10, "header"),
                refuse("a key too few", array(GOOD.replace("'fortran_order': False, ", ""), 24), Code.BAD_HEADER, 10,
                        "header"),
                refuse("an order of 1", array(GOOD.replace("False", "1"), 24), Code.BAD_HEADER, 10, "fortran_order"),
                refuse("a type that is a number", array(GOOD.replace("'<f4'", "4"), 24), Code.BAD_HEADER, 10, "descr"),
                refuse("tuples in one another", array("{'a': " + "(".repeat(4000), 0), Code.BAD_HEADER, 10 + 6 + 32,
                        "header"),
                refuse("something after the dict", array(GOOD + " x", 24), Code.BAD_HEADER, 10 + GOOD.length() + 1,
                        "header"),
                refuse("a header that isn't text", array("\0\0\0", 0), Code.BAD_HEADER, 10, "header"),
                tensor("values cut short", Arrays.copyOf(good, values + 20), Code.TRUNCATED, values, "hazard.npz"),
                tensor("a petabyte declared", array(GOOD.replace("2, 3", "281474976710656,"), 24), Code.TRUNCATED,
                        values + 12, "hazard.npz"),
                tensor("a structured type", array(GOOD.replace("'<f4'", "[('a', '<f4'), ('b', '|i1', (2,))]"), 36),
                        Code.UNKNOWN_DTYPE, values + 29, "hazard.npz"),
                tensor("a structured type with a field called O",
                        array(GOOD.replace("'<f4'", "[('O', '<f4'), ('b', '|i1', (2,))]"), 36), Code.UNKNOWN_DTYPE,
                        values + 29, "hazard.npz"),
                warn("bytes after the end", joined(good, new byte[3]), Code.TRAILING_BYTES, values + 24, null),
                refuse("an archive without its end", Arrays.copyOf(zip("a.npy", good), 60), Code.ZIP_INCOMPLETE, 60,
                        "central directory"),
                tensor("an array in an archive with a bad header", zip("a.npy", array("{", 0), "b.npy", good),
                        Code.BAD_HEADER, 35 + 10 + 1, "a"),
                tensor("an array in an archive cut short", zip("a.npy", Arrays.copyOf(good, values + 8), "b.npy", good),
                        Code.TRUNCATED, 35 + values, "a"),
                tensor("an archive with a member of 4 GB from 300 bytes",
                        claiming(zip("a.npy", good), 4_000_000_000L), Code.BOMB, 35, "a"),
                warn("a wrong checksum", flipped(zip("a.npy", good), 35 + values), Code.CRC, 35, "a"),
                warn("a name that climbs out", zip("../a.npy", good), Code.PATH_OUTSIDE, 38 + good.length, "../a.npy"));
    }

    @Test
    void lists_pickled_objects_and_text_and_loads_neither() throws Exception {
        for (var file : List.of("stored.npz", "deflated.npz")) {
            var opened = Formats.open(fixtures().resolve("numpy-misc").resolve(file), Progress.NONE);
            assertThat(opened.ignored()).containsExactlyInAnyOrder(new Ignored("pickled", "object"),
                    new Ignored("text", "string"), new Ignored("bytes", "string"));
        }
        assertThat(Formats.open(fixtures().resolve("numpy-misc/mixed.npz"), Progress.NONE).ignored())
                .containsExactly(new Ignored("readme.txt", "aux"));
    }

    @Test
    void a_fortran_array_is_a_view_of_the_file() throws Exception {
        var data = Formats.open(fixtures().resolve("numpy-misc/fortran.npy"), Progress.NONE).tensors().getFirst()
                .read();
        assertThat(data.segment().isMapped()).isTrue();
        assertThat(data.stride(0)).isEqualTo(1);
    }

    @Test
    void refuses_to_write_what_numpy_has_no_type_for() throws Exception {
        var tensors = Formats.open(fixtures().resolve("safetensors-misc/dtypes.safetensors"), Progress.NONE).tensors();
        var bf16 = tensors.stream().filter(t -> t.info().dtype() == DType.BF16).toList();
        assertThat(bf16).isNotEmpty();
        var target = folder.resolve("a.npz");
        assertThatThrownBy(() -> write(target, bf16)).isInstanceOfSatisfying(CheckpointException.class,
                e -> assertThat(e.code()).isEqualTo(Code.UNKNOWN_DTYPE));
        var twice = tensors.stream().filter(t -> t.info().dtype() == DType.F32).limit(1).toList();
        assertThatThrownBy(() -> write(target, List.of(twice.getFirst(), twice.getFirst())))
                .isInstanceOfSatisfying(CheckpointException.class,
                        e -> assertThat(e.code()).isEqualTo(Code.DUPLICATE_NAME));
        assertThat(target).doesNotExist();
    }

    @Test
    void starts_every_value_at_a_multiple_of_64() throws Exception {
        var target = folder.resolve("aligned.npz");
        var given = new ArrayList<TensorSource>();
        for (var t : Formats.open(fixtures().resolve("numpy-misc/stored.npz"), Progress.NONE).tensors()) {
            if (t.info().broken() == null) {
                given.add(t);
            }
        }
        write(target, given);
        var bytes = Files.readAllBytes(target);
        var text = new String(bytes, StandardCharsets.ISO_8859_1);
        int found = 0;
        for (int at = text.indexOf("\u0093NUMPY"); at >= 0; at = text.indexOf("\u0093NUMPY", at + 1)) {
            assertThat(at % 64).isZero();
            found++;
        }
        assertThat(found).isEqualTo(given.size());
        // Where numpy can look at it, too.
        var copy = Files.createDirectories(Path.of("target", "numpy-written")).resolve("all.npz");
        Files.write(copy, bytes);
    }

    @Test
    @EnabledIfSystemProperty(named = "weft.real", matches = ".+")
    void opens_files_that_other_programs_wrote() throws Exception {
        var real = Path.of(System.getProperty("weft.real"), "numpy");
        assertThat(Formats.open(real.resolve("test.npy"), Progress.NONE).tensors().getFirst().read().toFloats())
                .containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
        var npz = Formats.open(real.resolve("test.npz"), Progress.NONE).tensors();
        assertThat(npz.stream().map(TensorSource::name)).containsExactly("x", "x_plus_one");
        assertThat(npz.get(1).read().toFloats()).containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
    }

    private void write(Path target, List<TensorSource> tensors) throws CheckpointException {
        new NumpyFormat().writer().orElseThrow().write(target, tensors, Map.of(), true, Progress.NONE);
    }

    private static byte[] array(String header, int values) {
        var text = header.getBytes(StandardCharsets.ISO_8859_1);
        return joined(
                new byte[]{(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, (byte) text.length, (byte) (text.length >> 8)},
                text, new byte[values]);
    }

    private static byte[] with(byte[] bytes, int at, int value) {
        var copy = bytes.clone();
        copy[at] = (byte) value;
        return copy;
    }

    private static byte[] flipped(byte[] bytes, int at) {
        return with(bytes, at, bytes[at] ^ 1);
    }

    /** An archive of stored entries: name, bytes, name, bytes, … */
    private static byte[] zip(Object... entries) throws Exception {
        var out = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(out)) {
            for (int i = 0; i < entries.length; i += 2) {
                var bytes = (byte[]) entries[i + 1];
                var entry = new ZipEntry((String) entries[i]);
                var crc = new CRC32();
                crc.update(bytes);
                entry.setMethod(ZipEntry.STORED);
                entry.setSize(bytes.length);
                entry.setCrc(crc.getValue());
                zip.putNextEntry(entry);
                zip.write(bytes);
            }
        }
        return out.toByteArray();
    }

    /** The archive's one entry made a deflated one of another size, in both headers. */
    private static byte[] claiming(byte[] zip, long size) {
        int central = new String(zip, StandardCharsets.ISO_8859_1).indexOf("PK\1\2");
        for (int[] place : new int[][]{{8, 22}, {central + 10, central + 24}}) {
            zip[place[0]] = 8;
            for (int i = 0; i < 4; i++) {
                zip[place[1] + i] = (byte) (size >> 8 * i);
            }
        }
        return zip;
    }
}
