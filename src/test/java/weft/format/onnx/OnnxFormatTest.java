package weft.format.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import weft.format.Checkpoint;
import weft.format.Checkpoint.Ignored;
import weft.format.CheckpointFormat;
import weft.format.CheckpointFormatSuite;
import weft.format.Formats;
import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Progress;
import weft.tensor.TensorSource;

/** The fixtures are the onnx package's and PyTorch's exporter's (make_onnx_misc.py), and so is the listing. */
class OnnxFormatTest extends CheckpointFormatSuite {
    private static final int FLOAT = 1;
    private static final int INT64 = 7;
    private static final int FLOAT16 = 10;

    @Override
    protected CheckpointFormat format() {
        return new OnnxFormat();
    }

    @Override
    protected List<Sample> samples() throws Exception {
        return listed("onnx-misc");
    }

    @Override
    protected List<Hazard> hazards() {
        var a = initializer("a", FLOAT, new byte[8], 2); // 2 + 3 + 2 + 3 + 10 = 20 bytes
        var b = initializer("b", FLOAT, new byte[4], 1);
        var good = model(a, b);
        int graph = 4;
        int second = graph + a.length;
        return List.of(
                accept("a well-formed file", good),
                accept("an unknown field", model(a, new byte[]{(byte) 0x80, 0x08, 5})),
                accept("dimensions one by one", model(field(0x2a, joined(new byte[]{8, 1, 8, 2, 0x10, 1},
                        field(0x42, utf8("x")), field(0x4a, new byte[8]))))),
                accept("names that differ in case", model(a, initializer("A", FLOAT, new byte[8], 2))),
                accept("raw data before the type", model(field(0x2a, joined(field(0x4a, new byte[8]), field(0x42,
                        utf8("x")), new byte[]{0x10, 1, 8, 2})))),
                refuse("two initializers of one name", model(a, a), Code.DUPLICATE_NAME, second + 2, "a"),
                refuse("an initializer and a constant of one name", model(a, field(0x0a, joined(field(0x12, utf8("a")),
                        field(0x22, utf8("Constant")), field(0x2a, field(0x2a, tensor("", FLOAT, new byte[8], 2)))))),
                        Code.DUPLICATE_NAME, second + 19, "a"),
                refuse("a negative dimension", model(initializer("a", FLOAT, new byte[8], -2)), Code.BAD_HEADER,
                        graph + 2, "dims"),
                refuse("65 dimensions", model(initializer("a", FLOAT, new byte[4], ones(65))), Code.LIMIT, graph + 2,
                        "dims"),
                refuse("a name that isn't UTF-8",
                        model(field(0x2a, joined(new byte[]{0x10, 1}, field(0x42, new byte[]{(byte) 0xff})))),
                        Code.BAD_HEADER, graph + 4, "name"),
                refuse("raw data longer than its tensor",
                        model(field(0x2a, joined(new byte[]{0x10, 1}, field(0x42, utf8("a")),
                                new byte[]{0x4a, 99, 0})), b),
                        Code.BAD_HEADER, graph + 7, "field 9"),
                refuse("an initializer longer than its graph", model(a, new byte[]{0x2a, 99, 0}), Code.BAD_HEADER,
                        second, "field 5"),
                refuse("a group", model(a, new byte[]{0x0b}), Code.BAD_HEADER, second, "field 1"),
                refuse("graphs in graphs in graphs", model(nested(40)), Code.LIMIT,
                        model(nested(40)).length - nested(40 - 32).length, "//".repeat(32)),
                warn("cut in the second tensor", Arrays.copyOf(good, good.length - 2), Code.TRUNCATED,
                        good.length - 2, null),
                tensor("cut in the second tensor: that one", Arrays.copyOf(good, good.length - 2), Code.TRUNCATED,
                        good.length - 4, "b"),
                warn("cut between two tensors", Arrays.copyOf(good, second), Code.TRUNCATED, second, null),
                warn("no tensor", model(field(0x12, utf8("g"))), Code.NOT_A_MODEL, 0, null),
                tensor("fewer values than the shape says", model(initializer("a", FLOAT, new byte[8], 3), b),
                        Code.STORAGE_SIZE, graph + 2, "a"),
                tensor("a petabyte declared", model(initializer("a", FLOAT, new byte[8], 1L << 48), b),
                        Code.STORAGE_SIZE, graph + 2, "a"),
                tensor("a shape of 2^80", model(initializer("a", FLOAT, new byte[8], 1L << 40, 1L << 40), b),
                        Code.SHAPE_BOMB, graph + 2, "a"),
                tensor("no values", model(initializer("a", FLOAT, null, 3), b), Code.DATA_MISSING, graph + 2, "a"),
                tensor("a type of tomorrow", model(initializer("a", 99, new byte[8], 2), b), Code.UNKNOWN_DTYPE,
                        graph + 2, "a"),
                tensor("a segment of a tensor",
                        model(field(0x2a, joined(tensor("a", FLOAT, new byte[8], 2), field(0x1a, new byte[0]))), b),
                        Code.UNSUPPORTED_VERSION, graph + 2, "a"),
                outside("../x"), outside("/etc/passwd"), outside("..\\x"), outside("C:\\x"), outside("a/../../x"),
                outside(""), outside("a//b"), outside("nul"), outside("~/../.."),
                tensor("data in a file that isn't there", model(external("location", "w.bin"), b), Code.DATA_MISSING,
                        -1, "a"),
                warn("data in a file that isn't there: which", model(external("location", "w.bin"), b),
                        Code.DATA_MISSING, -1, null),
                tensor("data outside without a place", model(external("offset", "0"), b), Code.BAD_HEADER, graph + 2,
                        "a"),
                tensor("an offset that is no number",
                        model(external("location", "hazard.onnx", "offset", "x"), b), Code.BAD_HEADER, graph + 2, "a"),
                tensor("a negative offset", model(external("location", "hazard.onnx", "offset", "-8"), b),
                        Code.BAD_HEADER, graph + 2, "a"),
                tensor("an offset beyond the file", model(external("location", "hazard.onnx", "offset", "4096"), b),
                        Code.TRUNCATED, 4096, "a"),
                tensor("an offset of 2^63 - 1",
                        model(external("location", "hazard.onnx", "offset", Long.toString(Long.MAX_VALUE)), b),
                        Code.TRUNCATED, Long.MAX_VALUE, "a"),
                tensor("another length than the shape needs",
                        model(external("location", "hazard.onnx", "length", "9"), b), Code.STORAGE_SIZE, graph + 2,
                        "a"));
    }

    private static Hazard outside(String location) {
        return tensor("data at " + location, model(external("location", location), initializer("b", FLOAT,
                new byte[4], 1)), Code.PATH_OUTSIDE, -1, "a");
    }

    @Test
    void a_list_with_too_few_numbers_fails_when_it_is_read() throws Exception {
        // Varints are counted when somebody looks, not when the file is listed.
        var file = write(model(field(0x2a, joined(new byte[]{0x0a, 1, 3, 0x10, FLOAT16}, field(0x42, utf8("h")),
                field(0x2a, new byte[]{1, 2})))));
        var tensor = Formats.open(file, Progress.NONE).tensors().getFirst();
        assertThatThrownBy(tensor::read).isInstanceOfSatisfying(CheckpointException.class, e -> {
            assertThat(e.code()).isEqualTo(Code.STORAGE_SIZE);
            assertThat(e.problem().field()).isEqualTo("h");
            assertThat(e.problem().found()).isEqualTo("2");
            assertThat(e.problem().expected()).isEqualTo("3");
        });
    }

    @Test
    void reads_lists_packed_or_not() throws Exception {
        var file = write(model(
                field(0x2a, joined(new byte[]{0x0a, 1, 3, 0x10, INT64, 0x38, 5, 0x38, 6, 0x38, 7},
                        field(0x42, utf8("one by one")))),
                field(0x2a, joined(new byte[]{0x0a, 1, 3, 0x10, INT64, 0x3a, 2, 5, 6, 0x38, 7},
                        field(0x42, utf8("mixed"))))));
        for (var tensor : Formats.open(file, Progress.NONE).tensors()) {
            assertThat(tensor.read().toFloats()).as(tensor.name()).containsExactly(5, 6, 7);
        }
    }

    @Test
    void lists_what_stands_in_nodes_and_leaves_out_what_only_computes() throws Exception {
        assertThat(open("nested.onnx").ignored()).containsExactly(new Ignored("axes", "constant"),
                new Ignored("rate", "constant"), new Ignored("training/momentum", "optimizer"));
        assertThat(open("types.onnx").ignored()).containsExactly(new Ignored("words", "string"));
    }

    @Test
    void tells_who_made_the_model_and_what_goes_in() throws Exception {
        var metadata = open("nested.onnx").metadata();
        assertThat(metadata).containsEntry("producer_name", "weft-test").containsEntry("producer_version", "1")
                .containsEntry("domain", "org.weft").containsEntry("model_version", "-3")
                .containsEntry("opset", "ai.onnx 21, weft.test 2").containsEntry("author", "é 中")
                .containsEntry("graph", "main").containsEntry("input x", "float32 [batch, 3, ?]")
                .containsKey("ir_version").doesNotContainKey("input w");
    }

    @Test
    void opens_the_files_beside_it_and_below() throws Exception {
        var opened = open("external.onnx");
        assertThat(opened.files().stream().map(f -> f.getFileName().toString())).containsExactly("external.onnx",
                "external.weights", "external-t7.bin", "t8.bin");
        var t6 = opened.tensors().get(1);
        assertThat(t6.read().segment().isMapped()).isTrue();
    }

    @Test
    void notices_that_a_file_beside_it_changed() throws Exception {
        for (var name : List.of("external.onnx", "external.weights", "external-t7.bin")) {
            Files.copy(fixtures().resolve("onnx-misc").resolve(name), folder.resolve(name));
        }
        var opened = Formats.open(folder.resolve("external.onnx"), Progress.NONE);
        Files.write(folder.resolve("external.weights"), new byte[500]);
        assertThatThrownBy(() -> opened.tensors().getFirst().read()).isInstanceOfSatisfying(CheckpointException.class,
                e -> assertThat(e.code()).isEqualTo(Code.CHANGED));
        assertThat(opened.tensors().get(2).read().toFloats()).hasSize(28);
    }

    @Test
    void does_not_follow_a_folder_that_is_a_link_to_elsewhere() throws Exception {
        var elsewhere = Files.createDirectories(folder.resolve("elsewhere"));
        Files.write(elsewhere.resolve("w.bin"), new byte[64]);
        var home = Files.createDirectories(folder.resolve("home"));
        try {
            Files.createSymbolicLink(home.resolve("sub"), elsewhere);
        } catch (IOException | UnsupportedOperationException e) {
            assumeTrue(false, "no symbolic links here");
        }
        var model = Files.write(home.resolve("m.onnx"), model(external("location", "sub/w.bin")));
        assertThat(Formats.open(model, Progress.NONE).tensors().getFirst().info().broken().code())
                .isEqualTo(Code.PATH_OUTSIDE);
        Files.createDirectories(home.resolve("own"));
        Files.write(home.resolve("own/w.bin"), new byte[64]);
        model = Files.write(home.resolve("m.onnx"), model(external("location", "./own/w.bin")));
        assertThat(Formats.open(model, Progress.NONE).tensors().getFirst().info().broken()).isNull();
    }

    @Test
    void says_which_tensors_stand_in_one_place() throws Exception {
        Files.write(folder.resolve("w.bin"), new byte[64]);
        var file = write(model(external("location", "w.bin", "offset", "8"),
                field(0x2a, joined(new byte[]{0x0a, 1, 2, 0x10, 1}, field(0x42, utf8("b")), new byte[]{0x70, 1},
                        entry("location", "w.bin"), entry("offset", "8")))));
        var tensors = Formats.open(file, Progress.NONE).tensors();
        assertThat(tensors.get(0).info().sharesWith()).isNull();
        assertThat(tensors.get(1).info().sharesWith()).isEqualTo("a");
    }

    @Test
    void opens_data_beyond_four_gigabytes_without_reading_it() throws Exception {
        long size = 5L << 30;
        var file = write(model(field(0x2a, joined(new byte[]{0x08}, varint(size), new byte[]{0x10, 3}, // INT8
                field(0x42, utf8("big")), new byte[]{0x70, 1}, entry("location", "big.bin")))));
        try (var sparse = new RandomAccessFile(folder.resolve("big.bin").toFile(), "rw")) {
            sparse.seek(size - 1);
            sparse.write(9);
        }
        var big = Formats.open(file, Progress.NONE).tensors().getFirst();
        assertThat(big.read().at(size - 1)).isEqualTo(9);
    }

    @Test
    @EnabledIfSystemProperty(named = "weft.real", matches = ".+")
    void opens_what_tf2onnx_wrote() throws Exception {
        var opened = Formats.open(Path.of(System.getProperty("weft.real"), "onnx", "example.onnx"), Progress.NONE);
        assertThat(opened.tensors().stream().map(TensorSource::name)).containsExactly(
                "sequential/main_input/MatMul/ReadVariableOp:0", "sequential/main_input/BiasAdd/ReadVariableOp:0",
                "sequential/dense_1/MatMul/ReadVariableOp:0", "sequential/dense_1/BiasAdd/ReadVariableOp:0");
        assertThat(opened.warnings()).isEmpty();
        assertThat(opened.metadata()).containsEntry("producer_name", "tf2onnx")
                .containsEntry("opset", "ai.onnx 13, ai.onnx.ml 2");
        // As the onnx package reads it: to_array(initializer[1])[:3].
        assertThat(opened.tensors().get(1).read().toFloats()).startsWith(0.0011383462697267532f,
                -0.011929879896342754f, 0.0049654277972877026f);
    }

    private static Checkpoint open(String file) throws CheckpointException {
        return Formats.open(fixtures().resolve("onnx-misc").resolve(file), Progress.NONE);
    }

    private Path write(byte[] bytes) throws IOException {
        return Files.write(folder.resolve("own.onnx"), bytes);
    }

    /** A version, then a graph. */
    private static byte[] model(byte[]... graph) {
        return joined(new byte[]{0x08, 10}, field(0x3a, joined(graph)));
    }

    private static byte[] initializer(String name, int type, byte[] raw, long... dims) {
        return field(0x2a, tensor(name, type, raw, dims));
    }

    private static byte[] tensor(String name, int type, byte[] raw, long... dims) {
        var packed = new ByteArrayOutputStream();
        for (long dim : dims) {
            packed.writeBytes(varint(dim));
        }
        return joined(field(0x0a, packed.toByteArray()), new byte[]{0x10, (byte) type}, field(0x42, utf8(name)),
                raw == null ? new byte[0] : field(0x4a, raw));
    }

    /** Two floats called {@code a} that stand elsewhere. */
    private static byte[] external(String... entries) {
        var out = new ByteArrayOutputStream();
        for (int i = 0; i < entries.length; i += 2) {
            out.writeBytes(entry(entries[i], entries[i + 1]));
        }
        return field(0x2a, joined(new byte[]{0x0a, 1, 2, 0x10, 1}, field(0x42, utf8("a")), new byte[]{0x70, 1},
                out.toByteArray()));
    }

    private static byte[] entry(String key, String value) {
        return field(0x6a, joined(field(0x0a, utf8(key)), field(0x12, utf8(value))));
    }

    /** A node with a graph with a node with a graph … */
    private static byte[] nested(int depth) {
        var inner = new byte[0];
        for (int i = 0; i < depth; i++) {
            inner = field(0x0a, field(0x2a, field(0x32, inner)));
        }
        return inner;
    }

    private static byte[] field(int tag, byte[] content) {
        return joined(new byte[]{(byte) tag}, varint(content.length), content);
    }

    private static byte[] varint(long value) {
        var out = new ByteArrayOutputStream();
        for (; (value & ~0x7fL) != 0; value >>>= 7) {
            out.write((int) (value & 0x7f | 0x80));
        }
        out.write((int) value);
        return out.toByteArray();
    }

    private static long[] ones(int count) {
        var ones = new long[count];
        Arrays.fill(ones, 1);
        return ones;
    }

    /** A length of −12 led back to the field it stands in, for ever; one of −4096 out of the head. */
    @ParameterizedTest
    @ValueSource(longs = {-12, -11, -4096, Long.MIN_VALUE})
    void a_negative_length_is_no_sign_of_a_model(long length) {
        var head = ByteBuffer.allocate(40).put(new byte[]{8, 1, 0x12});
        long rest = length;
        for (int i = 0; i < 9; i++, rest >>>= 7) {
            head.put((byte) (rest | 0x80));
        }
        head.put((byte) rest);
        assertThat(format().probe(Path.of("model.bin"), head.array())).isEqualTo(CheckpointFormat.Match.NO);
    }
}
