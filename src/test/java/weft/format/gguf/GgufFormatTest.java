package weft.format.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

import weft.format.CheckpointFormat;
import weft.format.CheckpointFormatSuite;
import weft.format.Formats;
import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Progress;
import weft.tensor.DType;
import weft.tensor.Shape;
import weft.tensor.TensorData;
import weft.tensor.TensorInfo;
import weft.tensor.TensorSource;

/**
 * The fixtures are the gguf package's (make_gguf_misc.py), the decoded values too; check_gguf_written.py has it read what is
 * written here.
 */
class GgufFormatTest extends CheckpointFormatSuite {
    @Override
    protected CheckpointFormat format() {
        return new GgufFormat();
    }

    @Override
    protected List<Sample> samples() throws Exception {
        return listed("gguf-misc");
    }

    @Override
    protected List<Hazard> hazards() {
        var pair = new Out().text("k").u32(8).text("v").bytes(); // 9 + 4 + 9
        var a = tensor("a", 0, 0, 4, 2); // 8 + 1 + 4 + 16 + 4 + 8 = 41
        var b = tensor("b", 0, 32, 3);
        var good = file(2, 1, 96, pair, a, b); // header 24 + 22 + 41 + 33 = 120, data at 128: a 32, b 12
        int first = 24 + pair.length;
        int second = first + a.length;
        return List.of(
                accept("a well-formed file", Arrays.copyOf(good, 128 + 32 + 12)),
                accept("a padded end", Arrays.copyOf(good, 128 + 64)),
                accept("no dimension", Arrays.copyOf(file(1, 0, 96, tensor("s", 0, 0)), 96)),
                accept("a dimension of 0", Arrays.copyOf(file(1, 0, 96, tensor("s", 0, 0, 0, 5)), 96)),
                refuse("version 1", with(good, 4, 1), Code.UNSUPPORTED_VERSION, 4, null),
                refuse("a big-endian file of version 2", with(with(good, 4, 0), 7, 2), Code.UNSUPPORTED_VERSION, 4,
                        null),
                refuse("a big-endian version before little-endian numbers", with(with(good, 4, 0), 7, 3), Code.LIMIT, 8,
                        "tensor count"),
                refuse("six bytes", Arrays.copyOf(good, 6), Code.TRUNCATED, 4, "version"),
                refuse("2^56 tensors", with(good, 15, 1), Code.LIMIT, 8, "tensor count"),
                refuse("2^63 pairs", with(good, 23, 0x80), Code.LIMIT, 16, "metadata count"),
                refuse("a key of 2^56 bytes", with(good, 31, 1), Code.TRUNCATED, 32, "key"),
                refuse("a key that isn't UTF-8", with(good, 32, 0xff), Code.BAD_HEADER, 32, "key"),
                refuse("a value of type 13", with(good, 33, 13), Code.BAD_HEADER, 33, "k"),
                refuse("a key twice", file(0, 2, 0, pair, pair), Code.DUPLICATE_NAME, 24 + 22, "k"),
                refuse("an array of 2^60 numbers",
                        file(0, 1, 64, new Out().text("k").u32(9).u32(0).u64(1L << 60).bytes()),
                        Code.TRUNCATED, 24 + 9 + 8, "k"),
                refuse("arrays in one another", file(0, 1, 0, nested(9)), Code.LIMIT, 24 + 9 + 4 + 4 * 12, "k"),
                refuse("an alignment of 3", file(0, 1, 0, new Out().text("general.alignment").u32(4).u32(3).bytes()),
                        Code.BAD_HEADER, 24, "general.alignment"),
                refuse("an alignment of 0", file(0, 1, 0, new Out().text("general.alignment").u32(4).u32(0).bytes()),
                        Code.BAD_HEADER, 24, "general.alignment"),
                refuse("an alignment that is text",
                        file(0, 1, 0, new Out().text("general.alignment").u32(8).text("32").bytes()),
                        Code.BAD_HEADER, 24, "general.alignment"),
                refuse("five dimensions", file(1, 0, 64, tensor("a", 0, 0, 1, 1, 1, 1, 1)), Code.BAD_HEADER, 24 + 9,
                        "a"),
                refuse("a tensor twice", file(2, 0, 96, a, a), Code.DUPLICATE_NAME, 24 + a.length, "a"),
                refuse("an offset that isn't aligned", with(good, second + 25, 33), Code.BAD_HEADER, second + 25, "b"),
                refuse("an overlap", with(good, second + 25, 0), Code.OVERLAP, 128, "b"),
                refuse("a shape of 2^80", file(1, 0, 64, tensor("a", 0, 0, 1L << 40, 1L << 40)), Code.SHAPE_BOMB,
                        24 + 29, "a"),
                refuse("a dimension of 2^63", file(1, 0, 64, tensor("a", 0, 0, Long.MIN_VALUE)), Code.SHAPE_BOMB,
                        24 + 21, "a"),
                refuse("half a block", file(1, 0, 64, tensor("a", 2, 0, 48)), Code.BAD_HEADER, 24, "a"),
                tensor("a type of tomorrow", with(good, first + 29, 99), Code.UNKNOWN_DTYPE, 128, "a"),
                tensor("blocks that Weft can't decode", file(1, 0, 66, tensor("a", 16, 0, 256)), Code.UNKNOWN_DTYPE, 64,
                        "a"),
                tensor("values cut short", Arrays.copyOf(good, 128 + 40), Code.TRUNCATED, 160, "b"),
                tensor("all values missing", Arrays.copyOf(good, 124), Code.TRUNCATED, 128, "a"),
                warn("values cut short: how much is there", Arrays.copyOf(good, 128 + 40), Code.TRUNCATED, 168, null),
                warn("bytes after the end", joined(Arrays.copyOf(good, 192), new byte[]{1}), Code.TRAILING_BYTES, 192,
                        null),
                warn("a vocabulary and no tensor",
                        file(0, 1, 0, new Out().text("tokenizer.ggml.tokens").u32(9).u32(8).u64(1)
                                .text("a").bytes()),
                        Code.NOT_A_MODEL, 96, null));
    }

    @Test
    void shows_dimensions_outermost_first_and_keeps_the_files_order_beside_them() throws Exception {
        var bf16 = open("plain.gguf").tensors().stream().filter(t -> t.name().equals("h.bf16")).findFirst()
                .orElseThrow();
        assertThat(bf16.info().shape()).isEqualTo(Shape.of(2, 3, 4));
        assertThat(bf16.info().fileShape()).isEqualTo(Shape.of(4, 3, 2));
    }

    @Test
    void names_the_block_type_of_what_it_decodes() throws Exception {
        var tensors = open("quantised.gguf").tensors();
        for (var tensor : tensors) {
            assertThat(tensor.info().fileType()).isEqualTo(tensor.name().substring(tensor.name().lastIndexOf('.') + 1));
        }
        assertThat(tensors.stream().filter(t -> t.info().dtype() == DType.F32).map(t -> t.info().fileType()).distinct())
                .containsExactlyInAnyOrder("Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q2_K", "Q3_K", "Q4_K", "Q5_K",
                        "Q6_K");
        assertThat(open("plain.gguf").tensors()).allMatch(t -> t.info().fileType() == null);
        assertThat(tensors.getFirst().info().bytes()).as("bytes in the file").isEqualTo(4 * 64 / 32 * 34);
    }

    @Test
    void lists_the_blocks_of_a_big_endian_file_without_decoding_them() throws Exception {
        var opened = open("big-endian.gguf");
        assertThat(opened.metadata()).containsEntry("gguf.endianness", "big").containsEntry("t.u16", "65535")
                .containsEntry("t.f64", "0.1").containsEntry("t.few", "[1, 2, 3]");
        assertThat(opened.tensors().getLast().info().fileType()).isEqualTo("Q8_0");
        assertThat(opened.tensors().getLast().info().bytes()).isEqualTo(4 * 64 / 32 * 34);
    }

    @Test
    void shows_metadata_as_text_and_long_arrays_as_their_length() throws Exception {
        assertThat(open("plain.gguf").metadata()).containsAllEntriesOf(Map.ofEntries(Map.entry("gguf.version", "3"),
                Map.entry("general.architecture", "weft-test"), Map.entry("general.name", "é 中"),
                Map.entry("t.u8", "255"),
                Map.entry("t.i8", "-1"), Map.entry("t.u16", "65535"), Map.entry("t.i16", "-2"),
                Map.entry("t.u32", "4294967295"), Map.entry("t.i32", "-3"), Map.entry("t.u64", "18446744073709551615"),
                Map.entry("t.i64", "-4"), Map.entry("t.f32", "1.0E-5"), Map.entry("t.f64", "0.1"),
                Map.entry("t.bool", "true"), Map.entry("t.text", "two\nlines"), Map.entry("t.few", "[1, 2, 3]"),
                Map.entry("t.many", "100 * i32"), Map.entry("t.words", "[a, b]"),
                Map.entry("tokenizer.ggml.tokens", "50 * string")));
        assertThat(open("version2.gguf").metadata()).containsEntry("gguf.version", "2");
    }

    @Test
    void writes_what_the_gguf_package_can_look_at() throws Exception {
        var given = new ArrayList<TensorSource>(open("plain.gguf").tensors());
        var turned = TensorData.ofFloats(new float[]{1, 2, 3, 4, 5, 6}, 2, 3).permute(1, 0);
        given.add(source("turned", turned));
        given.add(source("scalar", TensorData.ofFloats(new float[]{-0.0f})));
        var target = folder.resolve("all.gguf");
        new GgufWriter().write(target, given, Map.of("general.name", "é", "general.alignment", "7"), true,
                Progress.NONE);
        assertThat(Formats.open(target, Progress.NONE).metadata()).containsEntry("general.name", "é")
                .doesNotContainKey("general.alignment");
        Files.copy(target, Files.createDirectories(Path.of("target", "gguf-written")).resolve("all.gguf"),
                StandardCopyOption.REPLACE_EXISTING);
    }

    @Test
    void refuses_to_write_what_ggml_could_not_read() {
        var one = TensorData.ofFloats(new float[]{1}, 1);
        refuses(source("n".repeat(64), one), Code.FORMAT_LIMIT);
        refuses(source("a", TensorData.ofFloats(new float[]{1}, 1, 1, 1, 1, 1)), Code.FORMAT_LIMIT);
        refuses(source("a", TensorData.of(one.segment(), DType.U8, Shape.of(1))), Code.UNKNOWN_DTYPE);
        assertThat(folder.resolve("refused")).doesNotExist();
    }

    private void refuses(TensorSource tensor, Code code) {
        assertThatThrownBy(() -> new GgufWriter().write(folder.resolve("refused"), List.of(tensor), Map.of(), true,
                Progress.NONE))
                .isInstanceOfSatisfying(CheckpointException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    @Test
    @EnabledIfSystemProperty(named = "weft.real", matches = ".+")
    void accepts_a_vocabulary_without_a_model_and_says_so() throws Exception {
        var opened = Formats.open(Path.of(System.getProperty("weft.real"), "gguf", "ggml-vocab-gpt-2.gguf"),
                Progress.NONE);
        assertThat(opened.tensors()).isEmpty();
        assertThat(opened.warnings()).singleElement().satisfies(w -> {
            assertThat(w.code()).isEqualTo(Code.NOT_A_MODEL);
            assertThat(w.found()).isEqualTo("vocabulary");
        });
        assertThat(opened.metadata()).containsEntry("tokenizer.ggml.tokens", "50257 * string");
    }

    private static weft.format.Checkpoint open(String file) throws CheckpointException {
        return Formats.open(fixtures().resolve("gguf-misc").resolve(file), Progress.NONE);
    }

    private record Given(TensorInfo info, TensorData read) implements TensorSource {
    }

    private static TensorSource source(String name, TensorData data) {
        return new Given(new TensorInfo(name, data.dtype(), data.shape(), data.byteSize()), data);
    }

    private static byte[] with(byte[] bytes, int at, int value) {
        var copy = bytes.clone();
        copy[at] = (byte) value;
        return copy;
    }

    /** Header, parts, padding to 32, then {@code data} zero bytes. */
    private static byte[] file(long tensors, long pairs, int data, byte[]... parts) {
        var header = joined(new Out().u32(GgufFormat.MAGIC).u32(3).u64(tensors).u64(pairs).bytes(), joined(parts));
        return Arrays.copyOf(header, (header.length + 31) / 32 * 32 + data);
    }

    private static byte[] tensor(String name, int type, long offset, long... dims) {
        var out = new Out().text(name).u32(dims.length);
        for (long dim : dims) {
            out.u64(dim);
        }
        return out.u32(type).u64(offset).bytes();
    }

    private static byte[] nested(int depth) {
        var out = new Out().text("k").u32(9);
        for (int i = 0; i < depth; i++) {
            out.u32(9).u64(1);
        }
        return out.u32(0).u64(0).bytes();
    }

    /** Little-endian numbers and text with its length. */
    private static final class Out {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        Out u32(int value) {
            return put(4, b -> b.putInt(value));
        }

        Out u64(long value) {
            return put(8, b -> b.putLong(value));
        }

        Out text(String text) {
            u64(utf8(text).length);
            out.writeBytes(utf8(text));
            return this;
        }

        private Out put(int size, Consumer<ByteBuffer> value) {
            var buffer = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
            value.accept(buffer);
            out.writeBytes(buffer.array());
            return this;
        }

        byte[] bytes() {
            return out.toByteArray();
        }
    }
}
