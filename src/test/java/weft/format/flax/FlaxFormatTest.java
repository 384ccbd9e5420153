package weft.format.flax;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;

import org.junit.jupiter.api.Test;

import weft.format.Checkpoint;
import weft.format.Checkpoint.Ignored;
import weft.format.CheckpointFormat;
import weft.format.CheckpointFormatSuite;
import weft.format.Formats;
import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Progress;
import weft.tensor.DType;
import weft.tensor.Shape;

/** The fixtures are Flax's own (make_flax_misc.py), and so is the listing. */
class FlaxFormatTest extends CheckpointFormatSuite {
    private static final int ARRAY = 1;

    @Override
    protected CheckpointFormat format() {
        return new FlaxFormat();
    }

    @Override
    protected List<Sample> samples() throws Exception {
        return listed("flax-misc");
    }

    @Override
    protected List<Hazard> hazards() {
        var a = pair("a", array("float32", new byte[8], 2)); // 2 for the key, then 3 + 1 + 2 + 8 + 2 + 8 = 24
        var b = pair("b", array("float32", new byte[4], 1));
        var good = map(a, b);
        int second = 1 + a.length;
        return List.of(
                accept("a well-formed file", good),
                accept("keys that are numbers", map(a, new byte[]{0}, array("float32", new byte[4], 1))),
                accept("names that differ in case", map(a, pair("A", array("float32", new byte[8], 2)))),
                refuse("cut in the first key", Arrays.copyOf(good, 2), Code.TRUNCATED, 0, null),
                refuse("a list at the top", joined(new byte[]{(byte) 0x91}, good), Code.UNSUPPORTED_FORMAT, 0,
                        null),
                refuse("a key twice", map(a, a), Code.DUPLICATE_NAME, second + 2, "a"),
                refuse("two ways to one name",
                        map(pair("x/y", array("float32", new byte[4], 1)), pair("x", map(pair("y", array("float32",
                                new byte[4], 1))))),
                        Code.DUPLICATE_NAME, 1 + 4 + 20 + 2 + 1 + 2, "x/y"),
                refuse("a key that is a list", map(a, new byte[]{(byte) 0x90, 1}), Code.BAD_HEADER, second, "key"),
                refuse("a key that isn't UTF-8", map(a, new byte[]{(byte) 0xa1, (byte) 0xff, 1}), Code.BAD_HEADER,
                        second, "key"),
                refuse("a byte that MessagePack never uses", map(a, pair("b", new byte[]{(byte) 0xc1})),
                        Code.BAD_HEADER, second + 2, null),
                refuse("maps in maps in maps", map(a, pair("d", deep(200))), Code.LIMIT, second + 2 + 3 * 127,
                        "d/" + "m/".repeat(127)),
                refuse("an array that is no list of three", map(a, pair("b", new byte[]{(byte) 0xc7, 1, 1,
                    (byte) 0x92})), Code.BAD_HEADER, second + 2, "array"),
                refuse("an array without a shape", map(a, pair("b", new byte[]{(byte) 0xc7, 2, 1, (byte) 0x93, 5})),
                        Code.BAD_HEADER, second + 2, "array"),
                refuse("an array of negative length", map(a, pair("b", array("float32", new byte[4], -1))),
                        Code.BAD_HEADER, second + 2, "shape"),
                refuse("an array longer than its bytes",
                        map(a, pair("b", extension(ARRAY, joined(inner("float32", new byte[4], 1), new byte[1])))),
                        Code.BAD_HEADER, second + 2, "length"),
                refuse("65 dimensions", map(a, pair("b", array("float32", new byte[4], ones(65)))), Code.LIMIT,
                        second + 2, "shape"),
                refuse("chunks after something else",
                        map(a, pair("b", map(pair("x", new byte[]{1}), pair("__msgpack_chunked_array__",
                                new byte[]{1})))),
                        Code.BAD_HEADER, second + 2 + 1 + 3, "__msgpack_chunked_array__"),
                refuse("chunks without their shape", map(a, pair("b", chunked(null, "float32", new byte[8]))),
                        Code.BAD_HEADER, second + 2 + 1, "__msgpack_chunked_array__"),
                warn("no array", map(pair("n", new byte[]{5})), Code.NOT_A_MODEL, 0, null),
                warn("bytes after the end", joined(good, new byte[3]), Code.TRAILING_BYTES, good.length, null),
                warn("cut in the second array", Arrays.copyOf(good, good.length - 2), Code.TRUNCATED, second + 2,
                        null),
                tensor("cut in the second array: that one", Arrays.copyOf(good, good.length - 2), Code.TRUNCATED,
                        second + 2, "b"),
                warn("cut between two arrays", Arrays.copyOf(good, second), Code.TRUNCATED, second, null),
                warn("2^32 pairs", joined(new byte[]{(byte) 0x82}, a, pair("m", new byte[]{(byte) 0xdf, -1, -1, -1,
                    -1})), Code.TRUNCATED, second + 2, null),
                warn("a text of 4 GB", map(a, pair("t", new byte[]{(byte) 0xdb, -1, -1, -1, -1})), Code.TRUNCATED,
                        second + 2, null),
                tensor("fewer values than the shape says", map(a, pair("b", array("float32", new byte[4], 2))),
                        Code.STORAGE_SIZE, second + 2, "b"),
                tensor("a petabyte declared", map(a, pair("b", array("int8", new byte[4], 1L << 50))),
                        Code.STORAGE_SIZE, second + 2, "b"),
                tensor("a shape of 2^80", map(a, pair("b", array("int8", new byte[4], 1L << 40, 1L << 40))),
                        Code.SHAPE_BOMB, second + 2, "b"),
                tensor("a type of tomorrow", map(a, pair("b", array("float3", new byte[4], 1))), Code.UNKNOWN_DTYPE,
                        second + 2, "b"),
                tensor("a text as an array", map(a, pair("b", array("str64", new byte[8], 1))), Code.UNKNOWN_DTYPE,
                        second + 2, "b"),
                tensor("chunks too short for their shape",
                        map(a, pair("b", chunked(new byte[]{(byte) 0x81, (byte) 0xa1, '0', 9}, "float32",
                                new byte[8]))),
                        Code.STORAGE_SIZE, second + 2 + 1, "b"));
    }

    @Test
    void names_are_the_keys_on_the_way() throws Exception {
        assertThat(open("variables.msgpack").tensors().stream().map(t -> t.name()))
                .contains("params/Dense_0/kernel", "batch_stats/BatchNorm_0/mean");
        assertThat(open("types.msgpack").tensors().stream().map(t -> t.name())).contains("list/0", "list/1/in");
    }

    @Test
    void hides_the_optimizer_and_what_is_no_array() throws Exception {
        var state = open("state.msgpack").ignored();
        assertThat(state).contains(new Ignored("step", "aux"),
                new Ignored("opt_state/0/mu/Dense_0/kernel", "optimizer"));
        assertThat(state).filteredOn(i -> i.reason().equals("optimizer")).hasSize(11)
                .allMatch(i -> i.name().startsWith("opt_state/"));
        assertThat(open("types.msgpack").ignored()).containsExactlyInAnyOrder(new Ignored("number", "aux"),
                new Ignored("big", "aux"), new Ignored("negative", "aux"), new Ignored("real", "aux"),
                new Ignored("text", "string"), new Ignored("bytes", "string"), new Ignored("nothing", "aux"),
                new Ignored("yes", "aux"), new Ignored("complex", "aux"));
    }

    @Test
    void an_array_in_one_piece_is_a_view_of_the_file() throws Exception {
        assertThat(open("variables.msgpack").tensors().getFirst().read().segment().isMapped()).isTrue();
    }

    @Test
    void does_not_take_other_things_for_its_own() {
        var format = new FlaxFormat();
        for (var head : List.of(new byte[]{(byte) 0x80, 2, '}'}, new byte[]{(byte) 0x81}, // pickles, a lone byte
                new byte[]{(byte) 0x89, 'H', 'D', 'F'}, new byte[]{(byte) 0x89, 'P', 'N', 'G'},
                map(pair("a", new byte[]{1})), map(pair("name", new byte[]{(byte) 0xa1, 'x'})), // somebody's settings
                map(pair("a", extension(5, new byte[]{(byte) 0x93, 0, 0}))))) {
            assertThat(format.probe(folder.resolve("x.bin"), head)).isEqualTo(CheckpointFormat.Match.NO);
        }
        assertThat(format.probe(folder.resolve("x.msgpack"), map(pair("a", new byte[]{1}))))
                .isEqualTo(CheckpointFormat.Match.NAME);
    }

    @Test
    void opens_arrays_beyond_four_gigabytes_without_reading_them() throws Exception {
        // Five chunks of 2^30 bytes each as Flax cuts them, in a sparse file.
        long chunk = 1L << 30;
        var path = folder.resolve("sparse.msgpack");
        try (var sparse = new RandomAccessFile(path.toFile(), "rw")) {
            sparse.write(joined(new byte[]{(byte) 0x82}, text("big"), new byte[]{(byte) 0x83},
                    text("__msgpack_chunked_array__"), new byte[]{(byte) 0xc3}, text("shape"),
                    new byte[]{(byte) 0x81}, text("0"), number(5 * chunk), text("chunks"), new byte[]{(byte) 0x85}));
            for (int i = 0; i < 5; i++) {
                var head = joined(new byte[]{(byte) 0x93, (byte) 0x91}, number(chunk), text("int8"),
                        new byte[]{(byte) 0xc6}, ByteBuffer.allocate(4).putInt((int) chunk).array());
                sparse.write(joined(text("" + i), new byte[]{(byte) 0xc9},
                        ByteBuffer.allocate(4).putInt((int) (chunk + head.length)).array(), new byte[]{ARRAY}, head));
                sparse.seek(sparse.getFilePointer() + chunk);
            }
            sparse.write(pair("last", array("int8", new byte[]{9}, 1)));
        }
        var opened = Formats.open(path, Progress.NONE);
        assertThat(opened.warnings()).isEmpty();
        assertThat(opened.tensors().getFirst().info().shape()).isEqualTo(Shape.of(5 * chunk));
        assertThat(opened.tensors().getFirst().info().dtype()).isEqualTo(DType.I8);
        assertThat(opened.tensors().get(1).read().at(0)).isEqualTo(9);
    }

    @Test
    void names_that_would_not_fit_in_memory_are_refused() throws Exception {
        // One long key stands before very many short ones.
        var out = new ByteArrayOutputStream();
        out.writeBytes(new byte[]{(byte) 0x81, (byte) 0xda, (byte) 0xff, (byte) 0xff});
        out.writeBytes(new byte[65535]);
        out.writeBytes(joined(new byte[]{(byte) 0xdf}, ByteBuffer.allocate(4).putInt(4000).array()));
        for (int i = 0; i < 4000; i++) {
            out.writeBytes(pair("%04d".formatted(i), new byte[]{1}));
        }
        var file = Files.write(folder.resolve("names.msgpack"), out.toByteArray());
        assertThatThrownBy(() -> Formats.open(file, Progress.NONE)).isInstanceOfSatisfying(CheckpointException.class,
                e -> assertThat(e.code()).isEqualTo(Code.LIMIT));
    }

    private static Checkpoint open(String file) throws CheckpointException {
        return Formats.open(fixtures().resolve("flax-misc").resolve(file), Progress.NONE);
    }

    private static byte[] map(byte[]... pairs) {
        // A key of one byte is followed by its value, given apart.
        int count = (int) Arrays.stream(pairs).filter(p -> p.length > 1).count();
        return joined(new byte[]{(byte) (0x80 + count)}, joined(pairs));
    }

    private static byte[] pair(String key, byte[] value) {
        return joined(text(key), value);
    }

    private static byte[] text(String text) {
        var bytes = utf8(text);
        return joined(new byte[]{(byte) (0xa0 + bytes.length)}, bytes);
    }

    private static byte[] array(String dtype, byte[] values, long... dims) {
        return extension(ARRAY, inner(dtype, values, dims));
    }

    private static byte[] inner(String dtype, byte[] values, long... dims) {
        var out = new ByteArrayOutputStream();
        out.write(0x93);
        out.writeBytes(dims.length < 16
                ? new byte[]{(byte) (0x90 + dims.length)}
                : new byte[]{(byte) 0xdc, 0, (byte) dims.length});
        for (long dim : dims) {
            out.writeBytes(number(dim));
        }
        out.writeBytes(text(dtype));
        out.writeBytes(new byte[]{(byte) 0xc4, (byte) values.length});
        out.writeBytes(values);
        return out.toByteArray();
    }

    private static byte[] number(long number) {
        return number >= -32 && number < 128
                ? new byte[]{(byte) number}
                : joined(new byte[]{(byte) 0xcf}, ByteBuffer.allocate(8).putLong(number).array());
    }

    private static byte[] extension(int type, byte[] content) {
        return joined(new byte[]{(byte) 0xc7, (byte) content.length, (byte) type}, content);
    }

    private static byte[] chunked(byte[] shape, String dtype, byte[] values) {
        var marker = pair("__msgpack_chunked_array__", new byte[]{(byte) 0xc3});
        var chunks = pair("chunks", map(pair("0", array(dtype, values, values.length / 4))));
        return shape == null
                ? map(marker, chunks, pair("more", new byte[]{1}))
                : map(marker, pair("shape", shape), chunks);
    }

    private static byte[] deep(int depth) {
        var inner = new byte[]{1};
        for (int i = 0; i < depth; i++) {
            inner = map(pair("m", inner));
        }
        return inner;
    }

    private static long[] ones(int count) {
        var ones = new long[count];
        Arrays.fill(ones, 1);
        return ones;
    }
}
