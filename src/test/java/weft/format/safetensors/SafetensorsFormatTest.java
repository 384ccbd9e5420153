package weft.format.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.RandomAccessFile;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

import weft.format.CheckpointFormat;
import weft.format.CheckpointFormatSuite;
import weft.format.Formats;
import weft.io.CheckpointException;
import weft.io.Code;
import weft.io.Json;
import weft.io.Progress;
import weft.io.SourceFile;
import weft.tensor.DType;
import weft.tensor.Shape;
import weft.tensor.TensorData;
import weft.tensor.TensorInfo;
import weft.tensor.TensorSource;

/** The listing beside the fixtures is what the safetensors package itself saw in them (list_safetensors.py). */
class SafetensorsFormatTest extends CheckpointFormatSuite {
    @Override
    protected CheckpointFormat format() {
        return new SafetensorsFormat();
    }

    @Override
    protected List<Sample> samples() throws Exception {
        var listing = Json.parse(Files.readAllBytes(fixtures().resolve("safetensors-misc/listing.json")), "listing", 0);
        var samples = new ArrayList<Sample>();
        for (var file : listing.properties()) {
            var tensors = new ArrayList<Expected>();
            for (var t : file.getValue()) {
                var dims = new long[t.get(2).size()];
                for (int i = 0; i < dims.length; i++) {
                    dims[i] = t.get(2).get(i).longValue();
                }
                var dtype = SafetensorsHeader.dtype(t.get(1).stringValue());
                tensors.add(new Expected(t.get(0).stringValue(), dtype == null ? DType.UNKNOWN : dtype, Shape.of(dims),
                        t.get(3).stringValue(), null));
            }
            samples.add(new Sample(fixtures().resolve(file.getKey()), tensors));
        }
        return samples;
    }

    @Test
    void reads_every_type_as_the_numbers_torch_saw() throws Exception {
        var expected = Json
                .parse(Files.readAllBytes(fixtures().resolve("safetensors-misc/expected.json")), "expected", 0)
                .get("dtypes.safetensors");
        var opened = Formats.open(fixtures().resolve("safetensors-misc/dtypes.safetensors"), Progress.NONE);
        int read = 0;
        for (var tensor : opened.tensors()) {
            if (tensor.info().dtype().isReal()) {
                var data = tensor.read();
                var values = expected.get(tensor.name()).get("values");
                assertThat(data.shape().count()).isEqualTo(values.size());
                for (int i = 0; i < values.size(); i++) {
                    Double value = data.dtype().get(data.segment(), data.offset() + (long) i * data.dtype().bytes());
                    Double number = values.get(i).isBoolean()
                            ? (Double) (values.get(i).booleanValue() ? 1.0 : 0.0)
                            : Double.valueOf(values.get(i).asString());
                    assertThat(value).as(tensor.name()).isEqualTo(number);
                }
                read++;
            }
        }
        assertThat(read).isEqualTo(18);
        assertThat(opened.metadata()).isEqualTo(Map.of("format", "pt", "note", "é 中 🙂", "empty", ""));
        assertThat(opened.tensors().stream().filter(t -> t.info().broken() != null).map(TensorSource::name))
                .containsExactlyInAnyOrder("F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ", "F4");
    }

    // Each file below has one thing wrong with it. Offsets in the header count from byte 8.

    private static final String A = "\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}";
    private static final String B = "\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[8,12]}";

    @Override
    protected List<Hazard> hazards() {
        var good = file("{" + A + "," + B + "}", 12);
        long data = 8 + ("{" + A + "," + B + "}").length();
        return List.of(
                accept("white space around the header", file(" \n\t{" + A + "}  ", 8)),
                accept("no tensors", file("{}", 0)),
                accept("a scalar and empty tensors", file("""
                        {"s":{"dtype":"F32","shape":[],"data_offsets":[0,4]},"e":{"dtype":"I8","shape":[0,7],\
                        "data_offsets":[4,4]},"f":{"dtype":"F32","shape":[3,0],"data_offsets":[4,4]}}""", 4)),
                accept("a field the library passes over", file(A.replace("{\"dtype", "{\"extra\":[{}],\"dtype")
                        .transform(a -> "{" + a + "}"), 8)),
                accept("names that differ in case, an empty one, one of 70,000 characters, one with control characters",
                        file("{" + A + "," + B.replace("\"b\"", "\"A\"")
                                + ",\"\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[12,12]},\""
                                + "n".repeat(70_000)
                                + "\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[12,12]},\"\\u202e\\u0000\":"
                                + "{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[12,12]}}", 12)),
                accept("the header not in the order of the values", file("{" + B + "," + A + "}", 12)),
                refuse("an empty file", new byte[0], Code.TRUNCATED, 0, null),
                refuse("seven bytes", new byte[7], Code.TRUNCATED, 0, "header length"),
                refuse("a header cut short", java.util.Arrays.copyOf(good, 40), Code.TRUNCATED, 8, "header"),
                refuse("a header of 2^63 bytes", withLength(good.clone(), Long.MIN_VALUE), Code.LIMIT, 0,
                        "header length"),
                refuse("a header over the library's limit", withLength(good.clone(), 100_000_001), Code.LIMIT, 0,
                        "header length"),
                refuse("a header longer than the file", withLength(good.clone(), 99_000_000), Code.TRUNCATED, 8,
                        "header"),
                refuse("no header", withLength(new byte[16], 0), Code.BAD_HEADER, 8, "header"),
                refuse("an array for a header", file("[1]", 0), Code.BAD_HEADER, 8, "header"),
                refuse("UTF-16", joined(withLength(new byte[8], 4), new byte[]{'{', 0, '}', 0}), Code.BAD_HEADER, 8,
                        "JSON"),
                refuse("something after the header's brace", file("{" + A + "}x", 8), Code.BAD_HEADER,
                        8 + A.length() + 2, "JSON"),
                refuse("half a surrogate pair for a name", file("{\"\\ud800\":{}}", 0), Code.BAD_HEADER, 8 + 8, "JSON"),
                refuse("half a surrogate pair in UTF-8", joined(withLength(new byte[8], 9), utf8("{\""),
                        new byte[]{(byte) 0xED, (byte) 0xA0, (byte) 0x80}, utf8("\":1}")), Code.BAD_HEADER, 14, "JSON"),
                refuse("200 arrays in one another",
                        file("{\"a\":{\"x\":" + "[".repeat(200) + "]".repeat(200) + "}}", 0),
                        Code.BAD_HEADER, 8 + 9 + 63, "JSON"),
                refuse("a tensor twice", file("{" + A + "," + A + "}", 8), Code.DUPLICATE_NAME,
                        8 + 1 + 2 * A.length(), "a"),
                refuse("metadata twice", file("{\"__metadata__\":{\"k\":\"v\"},\"__metadata__\":{\"k\":\"v\"}}", 0),
                        Code.DUPLICATE_NAME, 8 + 26, "__metadata__"),
                refuse("empty metadata twice", file("{\"__metadata__\":{},\"__metadata__\":{}}", 0),
                        Code.DUPLICATE_NAME, 8 + 19, "__metadata__"),
                refuse("a key of metadata twice", file("{\"__metadata__\":{\"k\":\"v\",\"k\":\"v\"}}", 0),
                        Code.DUPLICATE_NAME, 8 + 29, "__metadata__.k"),
                refuse("metadata that isn't text", file("{\"__metadata__\":{\"k\":1}}", 0), Code.BAD_HEADER, 8 + 21,
                        "__metadata__.k"),
                refuse("a type twice", file(A.replace("\"shape\":[2]", "\"dtype\":\"F32\"")
                        .transform(a -> "{" + a + "}"), 8), Code.BAD_HEADER, 8 + 20, "a"),
                refuse("no shape", file("{" + A.replace("\"shape\":[2],", "") + "}", 8), Code.BAD_HEADER,
                        8 + A.length() - 12, "a"),
                refuse("a dimension that isn't an integer", file("{" + A.replace("[2]", "[2.0]") + "}", 8),
                        Code.BAD_HEADER, 8 + 29, "a"),
                refuse("a negative dimension", file("{" + A.replace("[2]", "[-2]") + "}", 8), Code.BAD_HEADER, 8 + 29,
                        "a"),
                refuse("a dimension of 2^64", file("{" + A.replace("[2]", "[18446744073709551616]") + "}", 8),
                        Code.BAD_HEADER, 8 + 29, "a"),
                refuse("a shape whose count overflows",
                        file("{" + A.replace("[2]", "[4294967296,4294967296]") + "}", 8),
                        Code.BAD_HEADER, 8 + A.length() + 20, "a"),
                refuse("a shape that needs other bytes", file("{" + A.replace("[2]", "[3]") + "}", 8), Code.BAD_HEADER,
                        8 + A.length(), "a"),
                refuse("an end before its begin", file("{" + A.replace("[0,8]", "[8,0]") + "}", 8), Code.BAD_HEADER,
                        8 + A.length(), "a"),
                refuse("three offsets", file("{" + A.replace("[0,8]", "[0,4,8]") + "}", 8), Code.BAD_HEADER,
                        8 + A.length() + 2, "a"),
                refuse("an overlap", file("{" + A + "," + B.replace("[8,12]", "[4,8]") + "}", 12), Code.OVERLAP,
                        data + 4 - 1, "b"),
                refuse("a hole", file("{" + A + "," + B.replace("[8,12]", "[12,16]") + "}", 16), Code.OVERLAP,
                        data + 12 + 1, "b"),
                refuse("a hole before the first", file("{" + B + "}", 12), Code.OVERLAP, 8 + B.length() + 2 + 8, "b"),
                tensor("an unknown type", file("{" + A.replace("F32", "X99") + "," + B + "}", 12), Code.UNKNOWN_DTYPE,
                        data, "a"),
                tensor("values cut short", java.util.Arrays.copyOf(good, good.length - 2), Code.TRUNCATED, data + 8,
                        "b"),
                warn("values cut short", java.util.Arrays.copyOf(good, good.length - 2), Code.TRUNCATED,
                        good.length - 2, null),
                warn("bytes after the end", joined(good, new byte[]{'P', 'K', 3, 4}), Code.TRAILING_BYTES, good.length,
                        null),
                refuse("a Git LFS pointer", utf8("version https://git-lfs.github.com/spec/v1\noid sha256:"
                        + "0".repeat(64) + "\nsize 548105171\n"), Code.LFS_POINTER, 0, null),
                refuse("a link checked out as text", utf8("../../blobs/248dfc3911869ec493c76e65bf2fcf7f615828b0"),
                        Code.TEXT_LINK, 0, null),
                refuse("a web page", utf8("\n<!DOCTYPE html><html><body>Sign in</body></html>"), Code.NOT_A_MODEL, 0,
                        null),
                refuse("an error in XML", utf8("<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code></Error>"),
                        Code.NOT_A_MODEL, 0, null));
    }

    @Test
    void names_both_tensors_and_both_ranges_of_an_overlap() throws Exception {
        var file = Files.write(folder.resolve("overlap"),
                file("{" + A + "," + B.replace("[8,12]", "[4,8]") + "}", 12));
        assertThatThrownBy(() -> Formats.open(file, Progress.NONE)).isInstanceOfSatisfying(CheckpointException.class,
                e -> assertThat(e.problem().field() + " " + e.problem().found() + " after " + e.problem().expected())
                        .isEqualTo("b [4, 8) after a [0, 8)"));
    }

    @Test
    void tells_the_real_size_behind_a_git_lfs_pointer() throws Exception {
        var file = Files.write(folder.resolve("model.safetensors"), utf8("version https://git-lfs.github.com/spec/v1\n"
                + "oid sha256:" + "0".repeat(64) + "\nsize 548105171\n"));
        assertThatThrownBy(() -> Formats.open(file, Progress.NONE)).isInstanceOfSatisfying(CheckpointException.class,
                e -> assertThat(e.problem().expected()).isEqualTo("548105171"));
    }

    @Test
    void lists_a_tensor_beyond_four_gigabytes() throws Exception {
        long size = 5L << 30;
        var header = "{\"big\":{\"dtype\":\"U8\",\"shape\":[" + size + "],\"data_offsets\":[0," + size
                + "]},\"last\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[" + size + "," + (size + 4) + "]}}";
        var path = folder.resolve("sparse.safetensors");
        Files.write(path, file(header, 0));
        try (var sparse = new RandomAccessFile(path.toFile(), "rw")) {
            sparse.seek(8 + header.length() + size);
            sparse.writeInt(Integer.reverseBytes(Float.floatToIntBits(4.25f)));
        }
        var opened = Formats.open(path, Progress.NONE);
        assertThat(opened.warnings()).isEmpty();
        assertThat(opened.tensors().get(1).read().at(0)).isEqualTo(4.25);
        assertThat(opened.tensors().get(0).read().at(size - 1)).isZero();
    }

    @Test
    void ends_in_changed_when_mapped_values_vanish_while_they_are_read() throws Exception {
        int size = 1 << 20;
        var path = folder.resolve("large.safetensors");
        Files.write(path,
                file("{\"t\":{\"dtype\":\"U8\",\"shape\":[" + size + "],\"data_offsets\":[0," + size + "]}}", size));
        var data = Formats.open(path, Progress.NONE).tensors().getFirst().read();
        try (var channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
            channel.truncate(100);
        }
        assertThatThrownBy(() -> SourceFile.guarded(() -> data.segment().get(ValueLayout.JAVA_BYTE, size - 1L)))
                .isInstanceOfSatisfying(CheckpointException.class, e -> assertThat(e.code()).isEqualTo(Code.CHANGED));
    }

    @Test
    void refuses_to_write_what_it_could_not_read_again() throws Exception {
        var one = constant("a", DType.F32);
        assertThatThrownBy(() -> write("twice", List.of(one, one))).isInstanceOfSatisfying(CheckpointException.class,
                e -> assertThat(e.code()).isEqualTo(Code.DUPLICATE_NAME));
        assertThatThrownBy(() -> write("metadata", List.of(constant("__metadata__", DType.F32))))
                .isInstanceOfSatisfying(CheckpointException.class,
                        e -> assertThat(e.code()).isEqualTo(Code.DUPLICATE_NAME));
        assertThatThrownBy(() -> write("surrogate", List.of(constant("\ud800", DType.F32))))
                .isInstanceOfSatisfying(CheckpointException.class,
                        e -> assertThat(e.code()).isEqualTo(Code.BAD_HEADER));
        assertThatThrownBy(() -> write("c128", List.of(constant("a", DType.C128))))
                .isInstanceOfSatisfying(CheckpointException.class,
                        e -> assertThat(e.code()).isEqualTo(Code.UNKNOWN_DTYPE));
        try (var left = Files.list(folder)) {
            assertThat(left).as("refused before a byte was written").isEmpty();
        }
    }

    @Test
    void starts_every_tensor_at_a_multiple_of_its_element() throws Exception {
        var target = write("mixed", List.of(constant("byte", DType.U8), constant("double", DType.F64),
                constant("half", DType.F16), constant("float", DType.F32), constant("half2", DType.BF16)));
        var tensors = Formats.open(target, Progress.NONE).tensors();
        assertThat(tensors.stream().map(TensorSource::name)).containsExactly("double", "float", "half", "half2",
                "byte");
        for (var tensor : tensors) {
            assertThat(((weft.format.MappedTensor) tensor).offset() % tensor.info().dtype().bytes()).isZero();
        }
    }

    @Test
    void writes_a_transposed_view_larger_than_its_buffer_in_row_major_order() throws Exception {
        int rows = 1500;
        int columns = 1601; // 9.6 MB
        var values = new float[rows * columns];
        for (int i = 0; i < values.length; i++) {
            values[i] = i;
        }
        var view = TensorData.ofFloats(values, columns, rows).permute(1, 0); // [rows, columns]
        var target = write("transposed",
                List.of(source(new TensorInfo("t", DType.F32, view.shape(), view.byteSize()), view)));
        var back = Formats.open(target, Progress.NONE).tensors().getFirst().read();
        for (int r = 0; r < rows; r += 7) {
            for (int c = 0; c < columns; c += 11) {
                assertThat(back.at(r, c)).isEqualTo(values[c * rows + r]);
            }
        }
    }

    @Test
    @EnabledIfSystemProperty(named = "weft.real", matches = ".+")
    void opens_files_that_other_programs_wrote() throws Exception {
        var real = Path.of(System.getProperty("weft.real"), "safetensors");
        var codes = Formats.open(real.resolve("jfk-codes.safetensors"), Progress.NONE).tensors();
        assertThat(codes).singleElement().satisfies(t -> {
            assertThat(t.info().dtype()).isEqualTo(DType.I64);
            assertThat(t.info().shape()).isEqualTo(Shape.of(1, 2, 828));
            var data = t.read();
            for (int i = 0; i < 828; i++) {
                assertThat(data.at(0, 1, i)).as("a code of EnCodec").isBetween(0.0, 1023.0);
            }
        });
        var layers = Formats.open(real.resolve("multi_layer.safetensors"), Progress.NONE);
        assertThat(layers.warnings()).isEmpty();
        assertThat(layers.tensors()).hasSize(9).allMatch(t -> t.info().broken() == null);
    }

    private Path write(String name, List<TensorSource> tensors) throws CheckpointException {
        var target = folder.resolve(name + ".safetensors");
        new SafetensorsWriter().write(target, tensors, Map.of(), true, Progress.NONE);
        return target;
    }

    private static TensorSource constant(String name, DType dtype) {
        var data = TensorData.of(java.lang.foreign.Arena.ofAuto().allocate(3L * dtype.bytes()), dtype, Shape.of(3));
        return source(new TensorInfo(name, dtype, data.shape(), data.byteSize()), data);
    }

    private static TensorSource source(TensorInfo info, TensorData data) {
        return new TensorSource() {
            @Override
            public TensorInfo info() {
                return info;
            }

            @Override
            public TensorData read() {
                return data;
            }
        };
    }

    private static byte[] file(String header, int data) {
        var json = utf8(header);
        return joined(withLength(new byte[8], json.length), json, new byte[data]);
    }

    private static byte[] withLength(byte[] file, long length) {
        ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).putLong(0, length);
        return file;
    }
}
