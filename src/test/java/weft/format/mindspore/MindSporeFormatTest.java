package weft.format.mindspore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;

import weft.format.Checkpoint.Ignored;
import weft.format.CheckpointFormat;
import weft.format.CheckpointFormatSuite;
import weft.format.Formats;
import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Progress;
import weft.tensor.Shape;
import weft.tensor.TensorSource;

/**
 * The fixtures are protobuf's own library's (make_mindspore_misc.py), after MindSpore's description of its messages; MindSpore
 * itself wrote none of them.
 */
class MindSporeFormatTest extends CheckpointFormatSuite {
    @Override
    protected CheckpointFormat format() {
        return new MindSporeFormat();
    }

    @Override
    protected List<Sample> samples() throws Exception {
        return listed("mindspore-misc");
    }

    @Override
    protected List<Hazard> hazards() {
        var a = value("a", tensor("Float32", new byte[8], 2)); // 28 bytes
        var b = value("b", tensor("Float32", new byte[4], 1));
        int content = a.length - 8;
        return List.of(
                accept("consecutive slices of one tensor", joined(value("a", tensor("Float32", new byte[8], 3)),
                        value("a", tensor("Float32", new byte[4], 3)), b)),
                accept("a scalar of dimensions [0]", value("momentum", tensor("Float32", new byte[4], 0))),
                accept("an unknown field", joined(a, new byte[]{0x10, 5}, b)),
                accept("names that differ in case", joined(a, value("A", tensor("Float32", new byte[8], 2)))),
                refuse("one tag in two places", joined(a, b, a), Code.DUPLICATE_NAME, a.length + b.length, "a"),
                refuse("slices of two shapes", joined(value("a", tensor("Float32", new byte[8], 3)),
                        value("a", tensor("Float32", new byte[4], 4))), Code.BAD_HEADER, a.length, "a"),
                refuse("slices of two types", joined(a, value("a", tensor("Float16", new byte[8], 2))), Code.BAD_HEADER,
                        a.length, "a"),
                refuse("no type", joined(a, value("b", field(0x1a, new byte[4]))), Code.BAD_HEADER, a.length, "b"),
                refuse("no content", joined(a, value("b", field(0x12, utf8("Float32")))), Code.BAD_HEADER, a.length, "b"),
                refuse("no tensor", joined(a, field(0x0a, field(0x0a, utf8("b")))), Code.BAD_HEADER, a.length, "b"),
                refuse("no tag", joined(a, field(0x0a, field(0x12, tensor("Float32", new byte[4], 1)))), Code.BAD_HEADER,
                        a.length, "tag"),
                refuse("a negative dimension", joined(a, value("b", tensor("Float32", new byte[4], -1))), Code.BAD_HEADER,
                        a.length, "b"),
                refuse("65 dimensions", joined(a, value("b", tensor("Float32", new byte[4], ones(65)))), Code.LIMIT,
                        a.length, "b"),
                refuse("a shape of 2^80", joined(a, value("b", tensor("Float32", new byte[4], 1L << 40, 1L << 40))),
                        Code.SHAPE_BOMB, a.length, "b"),
                refuse("a tag that isn't UTF-8", joined(a, field(0x0a, joined(field(0x0a, new byte[]{(byte) 0xff}),
                        field(0x12, tensor("Float32", new byte[4], 1))))), Code.BAD_HEADER, a.length + 3, "text"),
                refuse("a content longer than its value", joined(a, value("b", new byte[]{0x12, 1, 'x', 0x1a, 100})),
                        Code.BAD_HEADER, a.length + 2 + 3 + 2 + 5, "field 3"),
                refuse("a group", joined(a, new byte[]{0x13}), Code.BAD_HEADER, a.length, "wire type"),
                refuse("the first value cut short", Arrays.copyOf(a, a.length - 1), Code.TRUNCATED, 0, null),
                warn("the last value cut short", joined(a, Arrays.copyOf(b, b.length - 1)), Code.TRUNCATED, a.length,
                        null),
                tensor("fewer values than the shape says", joined(value("a", tensor("Float32", new byte[8], 3)), b),
                        Code.STORAGE_SIZE, content, "a"),
                tensor("more values than the shape says", joined(value("a", tensor("Float32", new byte[8], 1)), b),
                        Code.STORAGE_SIZE, content, "a"),
                tensor("a petabyte declared", value("a", tensor("Int8", new byte[8], 1L << 50)), Code.STORAGE_SIZE,
                        24, "a"),
                tensor("an unknown type", joined(value("a", tensor("Float4", new byte[9], 2)), b), Code.UNKNOWN_DTYPE,
                        content - 1, "a"));
    }

    @Test
    void shows_a_scalar_as_one_and_says_how_the_file_spells_it() throws Exception {
        var rate = open("slices.ckpt").tensors().stream().filter(t -> t.name().equals("learning_rate")).findFirst()
                .orElseThrow();
        assertThat(rate.info().shape()).isEqualTo(Shape.SCALAR);
        assertThat(rate.info().fileShape()).isEqualTo(Shape.of(0));
        assertThat(rate.read().at()).isEqualTo(0.01f);
    }

    @Test
    void lists_text_beside_the_parameters() throws Exception {
        assertThat(open("slices.ckpt").ignored()).containsExactly(new Ignored("epoch", "string"));
    }

    @Test
    void writes_the_very_bytes_protobuf_writes() throws Exception {
        var target = folder.resolve("again.ckpt");
        new MindSporeWriter().write(target, readable("types.ckpt", "cell.Uint8", "cell.mindspore.float32"), Map.of(), true,
                Progress.NONE);
        // The fixture has two older spellings between its UInt8 and its Bool; up to there the bytes are the same.
        var fixture = Files.readAllBytes(fixtures().resolve("mindspore-misc/types.ckpt"));
        int same = indexOf(fixture, "cell.Uint8") - 4;
        assertThat(same).isGreaterThan(500);
        assertThat(Arrays.copyOf(Files.readAllBytes(target), same)).isEqualTo(Arrays.copyOf(fixture, same));
    }

    @Test
    void writes_slices_that_read_back_as_one_tensor() throws Exception {
        var tensors = readable("slices.ckpt");
        var target = folder.resolve("sliced.ckpt");
        new MindSporeWriter(64).write(target, tensors, Map.of(), true, Progress.NONE);
        var opened = Formats.open(target, Progress.NONE);
        assertThat(opened.warnings()).isEmpty();
        assertThat(opened.tensors().stream().map(TensorSource::name))
                .containsExactlyElementsOf(tensors.stream().map(TensorSource::name).toList());
        for (int i = 0; i < tensors.size(); i++) {
            assertThat(sha256(opened.tensors().get(i).read())).isEqualTo(sha256(tensors.get(i).read()));
        }
        int slices = 0;
        var bytes = Files.readAllBytes(target);
        for (int at = indexOf(bytes, "conv1.weight"); at >= 0; at = indexOf(bytes = Arrays.copyOfRange(bytes, at + 1,
                bytes.length), "conv1.weight")) {
            slices++;
        }
        assertThat(slices).isEqualTo((6 * 25 * 4 + 63) / 64);
        // Where protobuf's own library can look at it, too.
        Files.copy(target, Files.createDirectories(Path.of("target", "mindspore-written")).resolve("sliced.ckpt"),
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    }

    @Test
    void opens_a_slice_beyond_four_gigabytes_without_reading_it() throws Exception {
        long size = 5L << 30;
        var head = new ByteArrayOutputStream();
        var tensor = joined(new byte[]{0x08}, varint(size), field(0x12, utf8("Int8")), new byte[]{0x1a}, varint(size));
        var value = joined(field(0x0a, utf8("big")), new byte[]{0x12}, varint(tensor.length + size), tensor);
        head.writeBytes(joined(new byte[]{0x0a}, varint(value.length + size), value));
        var path = Files.write(folder.resolve("sparse.ckpt"), head.toByteArray());
        try (var sparse = new RandomAccessFile(path.toFile(), "rw")) {
            sparse.seek(head.size() + size - 1);
            sparse.write(9);
            sparse.write(value("last", tensor("Float32", new byte[4], 1)));
        }
        var opened = Formats.open(path, Progress.NONE);
        assertThat(opened.tensors().stream().map(TensorSource::name)).containsExactly("big", "last");
        assertThat(opened.tensors().getFirst().read().at(size - 1)).isEqualTo(9);
    }

    @Test
    void refuses_to_write_what_mindspore_has_no_word_for() throws Exception {
        var complex = Formats.open(fixtures().resolve("numpy-misc/version2.npy"), Progress.NONE).tensors();
        assertThatThrownBy(() -> new MindSporeWriter().write(folder.resolve("c"), complex, Map.of(), true, Progress.NONE))
                .isInstanceOfSatisfying(CheckpointException.class, e -> assertThat(e.code()).isEqualTo(Code.UNKNOWN_DTYPE));
        assertThat(folder.resolve("c")).doesNotExist();
    }

    private static weft.format.Checkpoint open(String file) throws CheckpointException {
        return Formats.open(fixtures().resolve("mindspore-misc").resolve(file), Progress.NONE);
    }

    private static List<TensorSource> readable(String file, String... but) throws CheckpointException {
        return open(file).tensors().stream().filter(t -> t.info().broken() == null && !List.of(but).contains(t.name()))
                .toList();
    }

    private static int indexOf(byte[] bytes, String text) {
        return new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1).indexOf(text);
    }

    private static byte[] value(String tag, byte[] tensor) {
        return field(0x0a, joined(field(0x0a, utf8(tag)), field(0x12, tensor)));
    }

    private static byte[] tensor(String type, byte[] content, long... dims) {
        var out = new ByteArrayOutputStream();
        for (long dim : dims) {
            out.write(0x08);
            out.writeBytes(varint(dim));
        }
        return joined(out.toByteArray(), field(0x12, utf8(type)), field(0x1a, content));
    }

    private static byte[] field(int tag, byte[] content) {
        return joined(new byte[]{(byte) tag}, varint(content.length), content);
    }

    private static byte[] varint(long value) {
        var out = new ByteArrayOutputStream();
        for (; (value & ~0x7fL) != 0; value >>>= 7) {
            out.write((int) value & 0x7f | 0x80);
        }
        out.write((int) value);
        return out.toByteArray();
    }

    private static long[] ones(int count) {
        var ones = new long[count];
        Arrays.fill(ones, 1);
        return ones;
    }
}
